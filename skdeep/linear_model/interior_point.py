r"""An interior-point method for losses that are sums of maxima, which Newton's method cannot take.

With margins :math:`m_{ga}` that are linear in the weights, :math:`\sum_g c_g \max_a m_{ga}` is
least :math:`\sum_g c_g \xi_g` under :math:`s_{ga} = \xi_g - m_{ga} \ge 0`. Multipliers
:math:`\alpha \ge 0` of these constraints have :math:`\sum_a \alpha_{ga} = c_g`, and at the optimum
:math:`\alpha s = 0`. Newton steps follow the solutions of :math:`\alpha s = \mu` as :math:`\mu`
goes to zero; :math:`\sum \alpha s` is how far the objective can still fall.

References
----------
S. Mehrotra, "On the implementation of a primal-dual interior point method", SIAM J. Optimization 2,
1992. J. Gondzio, "Multiple centrality corrections in a primal-dual method for linear programming",
Computational Optimization and Applications 6, 1996. M. C. Ferris, T. S. Munson, "Interior-point
methods for massive support vector machines", SIAM J. Optimization 13, 2002.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.margin_losses import HingeLoss
from skdeep.linear_model.newton import Minimum
from skdeep.linear_model.newton_steps import DirectSteps
from skdeep.linear_model.objective import LinearObjective
from skdeep.linear_model.positive_factor import PositiveFactor
from skdeep.linear_model.quasi_newton import Approach, approach
from skdeep.utils.threads import limit_blas_threads

__all__ = ["minimize_maxima"]

Array = NDArray[np.float64]

# The part of the way to the boundary that a step goes.
INSIDE = 0.995
# Multipliers count as consistent with the weights when steps have met all but this part.
CONSISTENT = 1e-4
# A start is as far inside the constraints as so many times the mean loss.
WIDTH = 8.0
# Where a Hessian has so many rows, up to so many steps on the rounded loss come first, and a step
# is corrected up to so often: its factor is at hand.
DEAR, APPROACH, CORRECTIONS = 250, 20, 2
ROUNDING = 0.2
# Corrections are for steps that reach less far than this, and ask for so much more.
FAR_ENOUGH, LONGER = 0.95, 0.3


def minimize_maxima(
    objective: LinearObjective,
    theta: Array,
    find_step: DirectSteps,
    *,
    tol: float,
    max_iter: int,
    after_step: Callable[[Array, float], bool],
) -> Minimum:
    """Minimise an objective whose loss is a hinge of power 1.

    Parameters
    ----------
    objective : LinearObjective
        Without L1 penalty, its loss a `HingeLoss`.
    theta : ndarray of shape ``objective.shape``
        Where to start.
    find_step : DirectSteps
        How to solve with the Hessian.
    tol : float
        It is over when the objective can fall by at most this part of itself.
    max_iter : int
        The largest number of steps.
    after_step : callable
        ``after_step(theta, value) -> stop``.

    Returns
    -------
    Minimum
    """
    dear, n_before = theta.size >= DEAR, 0
    if max_iter > 0 and not theta.any():
        with limit_blas_threads(find_step.n_threads):
            theta = _least_squares(objective)
            if dear:
                near = _approach(objective, theta, min(max_iter, APPROACH), after_step)
                theta, n_before = near.theta, near.n_iter
                if near.stopped:
                    return Minimum(theta, near.value, n_before, True)
    state = _State.at(objective, theta)
    unmet, least, iteration = 1.0, 1e-8 * state.value(), n_before
    for iteration in range(n_before + 1, max_iter + 1):
        affine = state.towards(0.0, find_step)
        # The further the straight way leads, the lower the next aim; its bend is corrected for.
        aim = (1.0 - min(1.0, state.reach(affine))) ** 3 * state.gap / state.slack.size
        goal = aim - affine.slack * affine.multiplier
        step = state.towards(goal, find_step, again=True)
        for _ in range(CORRECTIONS if dear else 0):
            better, goal = _lengthened(state, step, goal, aim, find_step)
            if better is None:
                break
            step = better
        length = min(1.0, INSIDE * state.reach(step))
        state.move(step, length)
        unmet *= 1.0 - length
        value = state.value()
        if after_step(state.theta, value):
            return Minimum(state.theta, value, iteration, True)
        if unmet <= CONSISTENT and state.gap <= tol * max(value, least):
            return Minimum(state.theta, value, iteration, True)
        if length < 1e-8:
            break
    return Minimum(state.theta, state.value(), iteration, False)


def _lengthened(
    state: _State, step: _Step, goal: Array, aim: float, find_step: DirectSteps
) -> tuple[_Step | None, Array]:
    """Return a step that leads further and what it aims at, or no step.

    Of the products of slack and multiplier that a longer step would leave, those far from the aim
    are brought nearer to it.
    """
    reach = state.reach(step)
    if reach >= FAR_ENOUGH:
        return None, goal
    length = min(1.0, reach + LONGER)
    product = (state.slack + length * step.slack) * (state.multiplier + length * step.multiplier)
    change = np.clip(product, 0.1 * aim, 10.0 * aim) - product
    goal = goal + np.maximum(change, -10.0 * aim)
    other = state.towards(goal, find_step, again=True)
    return (other if state.reach(other) >= reach + 0.1 * LONGER else None), goal


@dataclass
class _Step:
    theta: Array
    bound: Array
    slack: Array
    multiplier: Array


@dataclass
class _State:
    """Weights, bounds of the maxima, slacks under them, and multipliers.

    `bound` has shape (n_groups, 1), `slack` and `multiplier` (n_groups, n_alternatives).
    """

    objective: LinearObjective
    loss: HingeLoss
    theta: Array
    bound: Array
    slack: Array
    multiplier: Array
    weight: Array

    def __post_init__(self) -> None:
        self.negligible = float(self.objective.l2.min()) / self.slack.size

    @classmethod
    def at(cls, objective: LinearObjective, theta: Array) -> _State:
        """Return a point inside the constraints."""
        loss: HingeLoss = objective.loss  # type: ignore[assignment]
        weight = loss.group_weight[:, None]
        weight = np.maximum(weight, 1e-10 * weight.max())
        margins = loss.margins(objective.logits(theta))
        largest = margins.max(axis=1, keepdims=True)
        # The farther the weights are from the optimum, the wider the bounds have to be. All
        # products of slack and multiplier are about the same.
        mean = float(np.vdot(weight, np.maximum(largest, 0.0))) / len(weight)
        bound = largest + WIDTH * np.maximum(mean, 1e-3 * weight.mean()) / weight
        slack = bound - margins
        multiplier = 1.0 / slack
        multiplier *= weight / multiplier.sum(axis=1, keepdims=True)
        return cls(objective, loss, theta, bound, slack, multiplier, weight)

    @property
    def gap(self) -> float:
        """The sum of slacks times multipliers."""
        return float(np.vdot(self.slack, self.multiplier))

    def value(self) -> float:
        """Return the objective at the weights."""
        logits = self.objective.logits(self.theta)
        return self.loss.value(logits) + self.objective.penalty(self.theta)

    def towards(self, aim: float | Array, find_step: DirectSteps, again: bool = False) -> _Step:
        """Return the Newton step to where slack times multiplier equals the aim."""
        ratio = self.multiplier / self.slack
        total = ratio.sum(axis=1, keepdims=True)
        wanted = aim / self.slack
        excess = wanted.sum(axis=1, keepdims=True) - self.weight
        curving = ratio
        if not again:
            # Ratios that add up to less than the penalty are left out of the Hessian, which costs
            # little where few alternatives compete. The largest of a group stays.
            lowest = np.minimum(self.negligible, 0.5 * total / ratio.shape[1])
            curving = np.where(ratio > lowest, ratio, 0.0)
        point = self.loss.curved(curving, wanted - ratio * (excess / total))
        gradient = self.objective.gradient(self.theta, point)
        direction = find_step.again(gradient) if again else None
        if direction is None:
            direction = find_step(point, gradient, 1e-9 * self.gap)
        change = self.loss.margins(self.objective.logits(direction), offset=0.0)
        bound = (excess + (ratio * change).sum(axis=1, keepdims=True)) / total
        slack = bound - change
        return _Step(direction, bound, slack, wanted - ratio * slack - self.multiplier)

    def reach(self, step: _Step) -> float:
        """Return how far one can go before a slack or a multiplier vanishes, at most 1 / 0.995."""
        shrinking = min(
            float((step.slack / self.slack).min()),
            float((step.multiplier / self.multiplier).min()),
        )
        return min(1.0 / INSIDE, -1.0 / min(shrinking, -1e-300))

    def move(self, step: _Step, length: float) -> None:
        """Go along a step."""
        self.theta = self.theta + length * step.theta
        self.bound = self.bound + length * step.bound
        self.slack = self.slack + length * step.slack
        self.multiplier = self.multiplier + length * step.multiplier


def _least_squares(objective: LinearObjective) -> Array:
    """Return the weights of least squares with the classes as targets, of a good length."""
    loss: HingeLoss = objective.loss  # type: ignore[assignment]
    origin = np.zeros((objective.X.shape[0], loss.n_outputs))
    ratio = np.ones_like(loss.margins(origin))
    point = loss.curved(ratio, loss.group_weight[:, None] * ratio)
    slope = objective.gradient(np.zeros(objective.shape), point)
    theta = -PositiveFactor(objective.block(loss.weight)).solve(slope.T).T / loss.n_outputs
    logits, penalty = objective.logits(theta), objective.penalty(theta)
    return min((4.0, 2.0, 1.0, 0.0), key=lambda t: loss.value(t * logits) + t**2 * penalty) * theta


def _approach(
    objective: LinearObjective,
    theta: Array,
    max_iter: int,
    after_step: Callable[[Array, float], bool],
) -> Approach:
    """Go near the minimum by the loss with its kinks rounded off."""
    loss: HingeLoss = objective.loss  # type: ignore[assignment]
    loss.temperature = ROUNDING
    near = approach(objective, theta, max_iter, after_step)
    loss.temperature = 0.0
    return near
