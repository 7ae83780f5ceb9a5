"""Gradient descent on least squares, whole and in mini-batches, with its loss curve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Descent", "descend", "mean_squared_error", "mean_squared_gradient"]

Array = NDArray[np.float64]

# An epoch that lowers the loss by less than `tol` counts as none. After this many it is over, or
# the noise of mini-batches hides what is still to gain: half the step has half the noise, until
# the step is this part of the first.
N_EPOCHS_NO_CHANGE = 5
SMALLEST_STEP = 1e-3


@dataclass(frozen=True)
class Descent:
    """How the descent went.

    Attributes
    ----------
    coef : ndarray of shape (n_columns, n_targets)
        The coefficients of the columns.
    losses : list of float
        The loss after each epoch.
    converged : bool
        Whether it stopped of its own accord.
    """

    coef: Array
    losses: list[float]
    converged: bool


def mean_squared_error(
    coef: Array, design: Array, targets: Array, weight: Array, penalty: Array
) -> float:
    r"""Return half the weighted mean squared error, with the penalty.

    .. math:: L(c) = \frac{1}{2} \left( \frac{1}{n} \sum_i w_i \|y_i - c^T P_i\|^2
              + \langle c, M c \rangle \right), \qquad n = \sum_i w_i

    Parameters
    ----------
    coef : ndarray of shape (n_columns, n_targets)
        :math:`c`.
    design : ndarray of shape (n_columns, n_samples)
        :math:`P`, a row of the table in each column.
    targets : ndarray of shape (n_samples, n_targets)
        :math:`y`.
    weight : ndarray of shape (n_samples,)
        :math:`w`, not all zero.
    penalty : ndarray of shape (n_columns, n_columns)
        :math:`M`.

    Returns
    -------
    float
    """
    residual = targets - design.T @ coef
    squares = np.einsum("i,ij,ij->", weight, residual, residual) / weight.sum()
    return 0.5 * float(squares + np.sum(coef * (penalty @ coef)))


def mean_squared_gradient(
    coef: Array,
    design: Array,
    targets: Array,
    weight: Array,
    penalty: Array,
    n: float | None = None,
) -> Array:
    r"""Return the gradient of `mean_squared_error`, of the shape of `coef`.

    .. math:: \nabla L(c) = \frac{1}{n} \sum_i w_i P_i (c^T P_i - y_i)^T + M c

    `n` is the sum of the weights unless it is given.
    """
    wrong = design.T @ coef - targets
    return (design * weight) @ wrong / (n or weight.sum()) + penalty @ coef


def descend(
    design: Array,
    targets: Array,
    weight: Array,
    penalty: Array,
    *,
    learning_rate: float | None,
    batch_size: int | None,
    max_iter: int,
    tol: float,
    random: np.random.RandomState,
    after_epoch: Callable[[Array], bool],
) -> Descent:
    """Minimise half the mean squared error by steps against its gradient.

    A mini-batch estimates the mean over all rows from its own, whose weights count beside those of
    all rows: a batch that weighs twice the others moves twice as far.

    Parameters
    ----------
    design : ndarray of shape (n_columns, n_samples)
        :math:`P`.
    targets : ndarray of shape (n_samples, n_targets)
        :math:`y`.
    weight : ndarray of shape (n_samples,)
        :math:`w`.
    penalty : ndarray of shape (n_columns, n_columns)
        :math:`M`.
    learning_rate : float or None
        None takes the largest step that is safe: the inverse of the largest curvature, for
        mini-batches that of the noisiest.
    batch_size : int or None
        None takes all rows at once. Mini-batches halve their step where the loss falls no more.
    max_iter : int
        The largest number of epochs.
    tol : float
        The relative decrease of the loss that still counts.
    random : RandomState
        Shuffles the rows.
    after_epoch : callable
        ``after_epoch(coef) -> stop``.

    Returns
    -------
    Descent

    Raises
    ------
    ValueError
        If the loss grows beyond all bounds.
    """
    n_columns, n_samples = design.shape
    weight = weight / weight.mean()
    curvature = (design * weight) @ design.T / n_samples + penalty
    if not np.isfinite(curvature).all():
        raise ValueError(
            "The squares of the features, or the sample weights, leave the range of floats for "
            "solver='gd' and 'sgd'. Scale them, or use solver='qr'."
        )
    if learning_rate is None:
        loudness = weight**2 @ (design**2).sum(axis=0) / n_samples + np.trace(penalty)
        noise = loudness / batch_size if batch_size else 0.0
        learning_rate = 1.0 / max(np.linalg.eigvalsh(curvature)[-1] + noise, 1e-300)

    def loss(coef: Array) -> float:
        return mean_squared_error(coef, design, targets, weight, penalty)

    coef = np.zeros((n_columns, targets.shape[1]))
    start = best = loss(coef)
    losses: list[float] = []
    idle, step = 0, learning_rate
    lost = 1e-26 * start  # all that is left is rounding
    for epoch in range(1, max_iter + 1):
        order = random.permutation(n_samples) if batch_size else None
        size = batch_size or n_samples
        for begin in range(0, n_samples, size):
            rows = slice(None) if order is None else order[begin : begin + size]
            coef -= step * mean_squared_gradient(
                coef, design[:, rows], targets[rows], weight[rows], penalty, len(weight[rows])
            )
        losses.append(loss(coef))
        if not losses[-1] <= 1e6 * start + 1e-300:
            raise ValueError(
                f"The loss diverged at epoch {epoch}, from {start:.4g} to {losses[-1]:.4g}: "
                f"lower learning_rate_init, which is {learning_rate:.4g}."
            )
        # With all rows at once a rising loss has not settled: the step is too large.
        rising = batch_size is None and losses[-1] > best * (1.0 + 1e-9) + lost
        idle = idle + 1 if losses[-1] > best - tol * best - lost and not rising else 0
        best = min(best, losses[-1])
        if after_epoch(coef):
            return Descent(coef, losses, True)
        if idle >= N_EPOCHS_NO_CHANGE:
            idle, step = 0, step / 2
            if batch_size is None or step < SMALLEST_STEP * learning_rate or best <= lost:
                return Descent(coef, losses, True)
    return Descent(coef, losses, False)
