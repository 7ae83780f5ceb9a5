"""L-BFGS, preconditioned: the way to the neighbourhood of the solution on wide tables.

Far from the solution the curvature at a point says little about where a step leads, and Newton's
method pays much for it. L-BFGS averages the curvature over the steps it has made, and on the
logits, which are linear in the weights, its line search needs no product with the table.

References
----------
J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd edition, algorithm 7.4.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.losses.base import LossPoint
from skdeep.linear_model.solvers.cholesky import PositiveFactor
from skdeep.linear_model.solvers.objective import LinearObjective

__all__ = ["QuasiNewtonResult", "lbfgs"]

Array = NDArray[np.float64]
# Of the last steps: the step, the change of the gradient, and one over their product.
Pairs = deque[tuple[Array, Array, float]]

MEMORY = 20
MAX_TRIALS = 30
# A step keeps this part of the decrease that its slope promises, and leaves less than that part
# of the slope.
SUFFICIENT_DECREASE, WOLFE_CURVATURE = 1e-4, 0.9
# The neighbourhood is reached when so many steps lower the objective by so little of itself.
PATIENCE, LITTLE = 10, 0.01


@dataclass
class QuasiNewtonResult:
    """Where the iteration ended.

    Attributes
    ----------
    theta : ndarray
        The weights.
    value : float
        The objective there.
    n_iter : int
        The number of steps.
    stopped : bool
        Whether `after_step` asked to stop.
    """

    theta: Array
    value: float
    n_iter: int
    stopped: bool


def lbfgs(
    objective: LinearObjective,
    theta: Array,
    max_iter: int,
    after_step: Callable[[Array, float], bool],
) -> QuasiNewtonResult:
    r"""Go near the minimum of a smooth objective of dense rows.

    The first approximation of the Hessian is the mean of its diagonal blocks at zero logits, which
    for the cross entropy and the squared hinge bounds it everywhere.

    Parameters
    ----------
    objective : LinearObjective
        Without L1 penalty.
    theta : ndarray of shape ``objective.shape``
        Where to start.
    max_iter : int
        The largest number of steps.
    after_step : callable
        ``after_step(theta, value) -> stop``.

    Returns
    -------
    QuasiNewtonResult
    """
    loss = objective.loss
    origin = loss.at(np.zeros((objective.X.shape[0], loss.n_outputs), order="F"))
    weight = np.mean([origin.curvature_of(k, k) for k in range(loss.n_outputs)], axis=0)
    factor = PositiveFactor(objective.block(weight))
    logits = objective.logits(theta)
    point = loss.at(logits)
    value = point.value + objective.penalty(theta)
    gradient = objective.gradient(theta, point)
    pairs: Pairs = deque(maxlen=MEMORY)
    values = deque([value], maxlen=PATIENCE + 1)
    iteration = 0
    for iteration in range(1, max_iter + 1):
        direction = -_product(pairs, factor, gradient)
        found = _line_search(objective, theta, logits, value, gradient, direction)
        if found is None:
            return QuasiNewtonResult(theta, value, iteration - 1, False)
        step, logits, point, value = found
        theta = theta + step * direction
        before, gradient = gradient, objective.gradient(theta, point)
        change = gradient - before
        along = step * float(np.vdot(direction, change))
        if along > 0:
            pairs.append((step * direction, change, 1.0 / along))
        if after_step(theta, value):
            return QuasiNewtonResult(theta, value, iteration, True)
        values.append(value)
        if len(values) > PATIENCE and values[0] - value <= LITTLE * value:
            break
    return QuasiNewtonResult(theta, value, iteration, False)


def _product(pairs: Pairs, factor: PositiveFactor, gradient: Array) -> Array:
    """Return the approximate inverse of the Hessian times the gradient."""
    result = gradient.copy()
    alphas = []
    for step, change, scale in reversed(pairs):
        alpha = scale * float(np.vdot(step, result))
        result -= alpha * change
        alphas.append(alpha)
    result = factor.solve(result.T).T
    if pairs:
        step, change, scale = pairs[-1]
        result /= scale * float(np.vdot(change, factor.solve(change.T).T))
    for (step, change, scale), alpha in zip(pairs, reversed(alphas), strict=True):
        result += (alpha - scale * float(np.vdot(change, result))) * step
    return result


def _line_search(
    objective: LinearObjective,
    theta: Array,
    logits: Array,
    value: float,
    gradient: Array,
    direction: Array,
) -> tuple[float, Array, LossPoint, float] | None:
    """Return a step with the logits, the loss and the value after it; None if none is lower."""
    slope = float(np.vdot(gradient, direction))
    change = objective.logits(direction)
    at_start = objective.penalty(theta)
    curvature = 2.0 * objective.penalty(direction)
    tilt = objective.penalty(theta + direction) - at_start - 0.5 * curvature
    step, low, high = 1.0, 0.0, np.inf
    for _ in range(MAX_TRIALS):
        there = logits + step * change
        point = objective.loss.at(there)
        trial = point.value + at_start + step * tilt + 0.5 * step**2 * curvature
        if trial > value + SUFFICIENT_DECREASE * step * slope:
            high = step
        else:
            left = float(np.vdot(point.gradient, change)) + tilt + step * curvature
            if left >= WOLFE_CURVATURE * slope:
                return step, there, point, trial
            low = step
        step = 2.0 * step if np.isinf(high) else 0.5 * (low + high)
    return None
