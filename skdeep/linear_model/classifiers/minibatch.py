"""Mini-batches: a linear classifier as a network of one layer, trained by `skdeep.nn`.

The objective is that of the exact solvers, per row:
``(1/n) sum_i loss_i + penalty / n``; a batch estimates the mean by its own rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.losses.base import LogitLoss
from skdeep.linear_model.losses.cross_entropy import SoftmaxLoss
from skdeep.nn import Batches, Dense, Loss, Network, Penalty, Run, SoftmaxCrossEntropy

__all__ = ["DEFAULT_RATES", "BatchCrossEntropy", "BatchLoss", "batch_order", "make_run"]

Array = NDArray[np.float64]

# Those of features near one; a step of 'lion' moves every weight by its rate.
DEFAULT_RATES = {
    "sgd": 0.1,
    "momentum": 0.01,
    "nesterov": 0.01,
    "adam": 0.001,
    "adagrad": 0.1,
    "rmsprop": 0.001,
    "rmsprop_momentum": 0.001,
    "amsgrad": 0.001,
    "nadam": 0.001,
    "lion": 0.0003,
    "muon": 0.01,
}


class BatchLoss(Loss):
    """A loss of the logits as the mean over the rows of a batch, whose numbers are the targets.

    Parameters
    ----------
    loss : LogitLoss
        The weighted sum over all rows.
    total : float
        The sum of all weights: a row counts by its weight beside the mean one.
    """

    def __init__(self, loss: LogitLoss, n_rows: int, total: float) -> None:
        self.loss, self.share = loss, n_rows / total

    def of_rows(self, z: Array, target: Any, weight: Array | None) -> tuple[float, Array]:
        """Return the mean and its gradient; the weights are those of `loss`."""
        point, scale = self.loss.part(target).at(z), self.share / len(z)
        gradient = point.gradient
        gradient *= scale
        return point.value * scale, gradient


class BatchCrossEntropy(SoftmaxCrossEntropy):
    """The same of a softmax, by the loss of networks, which finds no curvature: half the time.

    Parameters
    ----------
    loss : SoftmaxLoss
    total : float
        As `BatchLoss` takes it.
    """

    def __init__(self, loss: SoftmaxLoss, n_rows: int, total: float) -> None:
        super().__init__(loss.smoothing)
        self.y, self.weight = loss.y, loss.weight * (n_rows / total)

    def of_rows(self, z: Array, target: Any, weight: Array | None) -> tuple[float, Array]:
        """Return the mean and its gradient; the weights are those of `loss`."""
        return super().of_rows(z, self.y[target], self.weight[target] * (1 / len(z)))


def make_run(
    rows: Any,
    loss: LogitLoss,
    coef: Array,
    intercept: Array | None,
    *,
    total: float,
    penalty: Penalty,
    batch_size: int,
    **keywords: Any,
) -> tuple[Run, Batches]:
    """Return the training of a linear classifier, and its batches.

    Parameters
    ----------
    rows : {ndarray, CSR matrix} of shape (n_samples, n_features)
        Features.
    loss : LogitLoss
        The weighted sum over all rows.
    coef : ndarray of shape (n_outputs, n_features)
        Where the weights start.
    intercept : ndarray of shape (n_outputs,) or None
        Where the intercepts start, None without any.
    total : float
        The sum of the weights of the rows.
    penalty : Penalty
        Beside the sum over all rows.
    batch_size : int
        Rows in a batch.
    **keywords
        Of `Run`.
    """
    n_samples, n_features = rows.shape
    layer = Dense(len(coef), weight_init="zeros", use_bias=intercept is not None)
    network = Network(layer, (n_features,), random_state=keywords["random_state"])  # draws nothing
    layer.weight[...] = coef.T
    if intercept is not None:
        layer.bias[...] = intercept

    of_batches: Loss = (
        BatchCrossEntropy(loss, n_samples, total)
        if isinstance(loss, SoftmaxLoss)
        else BatchLoss(loss, n_samples, total)
    )
    run = Run(
        network,
        of_batches,
        penalty=penalty,
        penalty_divisor=total,  # a batch has the penalty of the mean row, whatever its size
        **keywords,
    )
    return run, Batches(rows, np.arange(n_samples), None, batch_size, np.float64)


def batch_order(
    y: NDArray[np.intp], balanced: str | None, random: np.random.RandomState
) -> NDArray[np.intp]:
    """Return the order in which an epoch visits the rows.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Index of the class of each row.
    balanced : {'proportional', 'equal'} or None
        None shuffles. 'proportional' spreads each class evenly over the epoch, so that every
        batch has the data's class proportions up to one row. 'equal' visits every class equally
        often, rows of rare classes several times.
    random : RandomState
        The source of randomness.

    Returns
    -------
    ndarray of shape (n_samples,)
        Row numbers; with 'equal' the length is rounded to a multiple of the number of classes.
    """
    if balanced is None:
        return random.permutation(len(y))
    members = [random.permutation(np.flatnonzero(y == k)) for k in np.unique(y)]
    if balanced == "equal":
        count = max(1, round(len(y) / len(members)))
        members = [np.resize(rows, count) for rows in members]
    places = [(np.arange(len(rows)) + random.uniform()) / len(rows) for rows in members]
    return np.concatenate(members)[np.argsort(np.concatenate(places), kind="stable")]
