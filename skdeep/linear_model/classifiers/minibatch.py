"""Mini-batch training of linear classifiers: the optimizers of a first course.

The objective is that of the exact solvers, per row:
``(1/n) sum_i loss_i + penalty / n``; a batch estimates the mean by its own rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.solvers.objective import LinearObjective

__all__ = ["STEP_RULES", "Adam", "Momentum", "PlainDescent", "batch_order", "train_epoch"]

Array = NDArray[np.float64]


class PlainDescent:
    r"""Stochastic gradient descent: :math:`\theta \leftarrow \theta - \eta g`."""

    default_rate = 0.1
    proximal = True

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def step(self, theta: Array, gradient: Array) -> None:
        """Update `theta` in place."""
        theta -= self.rate * gradient


class Momentum:
    r"""Descent with momentum: :math:`v \leftarrow \mu v - \eta g`, :math:`\theta \leftarrow
    \theta + v`, with :math:`\mu = 0.9`.
    """

    default_rate = 0.01
    proximal = False
    momentum = 0.9

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.velocity: Array | float = 0.0

    def step(self, theta: Array, gradient: Array) -> None:
        """Update `theta` in place."""
        self.velocity = self.momentum * self.velocity - self.rate * gradient
        theta += self.velocity


class Adam:
    r"""Adam: steps divided by the root of a running mean of squared gradients.

    .. math:: m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad
              v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
              \theta \leftarrow \theta - \eta\,
              \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}

    References
    ----------
    D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    """

    default_rate = 0.001
    proximal = False
    beta_1, beta_2, epsilon = 0.9, 0.999, 1e-8

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.t = 0
        self.mean: Array | float = 0.0
        self.square: Array | float = 0.0

    def step(self, theta: Array, gradient: Array) -> None:
        """Update `theta` in place."""
        self.t += 1
        self.mean = self.beta_1 * self.mean + (1.0 - self.beta_1) * gradient
        self.square = self.beta_2 * self.square + (1.0 - self.beta_2) * gradient**2
        size = np.sqrt(self.square / (1.0 - self.beta_2**self.t)) + self.epsilon
        theta -= self.rate / (1.0 - self.beta_1**self.t) * self.mean / size


STEP_RULES: dict[str, Any] = {"sgd": PlainDescent, "momentum": Momentum, "adam": Adam}


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


def train_epoch(
    objective: LinearObjective,
    theta: Array,
    rule: Any,
    order: NDArray[np.intp],
    batch_size: int,
    total: float,
) -> float:
    """Visit the rows once and update `theta` in place.

    Parameters
    ----------
    objective : LinearObjective
        The sum that is minimised.
    theta : ndarray of shape ``objective.shape``
        The weights.
    rule : object
        Its ``step(theta, gradient)`` updates the weights.
    order : ndarray of int
        The rows to visit.
    batch_size : int
        Rows in a batch.
    total : float
        What the sum is divided by to give the mean.

    Returns
    -------
    float
        The mean of the objective over the batches, before each step.
    """
    p = objective.n_features
    X, n_samples = objective.X, objective.X.shape[0]
    share = n_samples / total
    losses = 0.0
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        block = X[rows]
        logits = np.asarray(block @ theta[:, :p].T, dtype=np.float64)
        if objective.fit_intercept:
            logits += theta[:, -1]
        point = objective.loss.part(rows).at(logits)
        z = point.gradient * (share / len(rows))
        gradient = np.empty_like(theta)
        gradient[:, :p] = (block.T @ z).T
        gradient[:, :p] += (objective.l2 / total) * theta[:, :p]
        if objective.fit_intercept:
            gradient[:, -1] = z.sum(axis=0)
        losses += point.value * share + objective.penalty(theta) / total * len(rows)
        W = theta[:, :p]
        if objective.has_l1 and not rule.proximal:
            gradient[:, :p] += np.sign(W) * (objective.l1 / total)
        rule.step(theta, gradient)
        if objective.has_l1 and rule.proximal:
            # The proximal step: towards zero by the penalty's part, and not past it.
            W[:] = np.sign(W) * np.maximum(np.abs(W) - rule.rate * objective.l1 / total, 0.0)
    return losses / len(order)
