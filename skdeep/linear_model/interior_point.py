r"""An interior-point method for losses that are sums of maxima, which Newton's method cannot take.

With margins :math:`m_{ga}` that are linear in the weights, :math:`\sum_g c_g \max_a m_{ga}` is
least :math:`\sum_g c_g \xi_g` under :math:`s_{ga} = \xi_g - m_{ga} \ge 0`. Multipliers
:math:`\alpha \ge 0` of these constraints have :math:`\sum_a \alpha_{ga} = c_g`, and at the optimum
:math:`\alpha s = 0`. Newton steps follow the solutions of :math:`\alpha s = \mu` as :math:`\mu`
goes to zero; :math:`\sum \alpha s` is how far the objective can still fall.

References
----------
S. Mehrotra, "On the implementation of a primal-dual interior point method", SIAM J. Optimization 2,
1992. M. C. Ferris, T. S. Munson, "Interior-point methods for massive support vector machines", SIAM
J. Optimization 13, 2002.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.margin_losses import HingeLoss
from skdeep.linear_model.newton import Minimum
from skdeep.linear_model.newton_steps import NewtonSteps
from skdeep.linear_model.objective import LinearObjective

__all__ = ["minimize_maxima"]

Array = NDArray[np.float64]

# The part of the way to the boundary that a step goes.
INSIDE = 0.995
# Multipliers count as consistent with the weights when steps have met all but this part.
CONSISTENT = 1e-4


def minimize_maxima(
    objective: LinearObjective,
    theta: Array,
    find_step: NewtonSteps,
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
    find_step : NewtonSteps
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
    state = _State.at(objective, theta)
    unmet, least, iteration = 1.0, 1e-8 * state.value(), 0
    for iteration in range(1, max_iter + 1):
        mean = state.gap / state.slack.size
        affine = state.towards(0.0, find_step)
        reach = state.reach(affine)
        # The further the straight way leads, the lower the next aim; its bend is corrected for.
        aim = (1.0 - reach) ** 3 * mean
        step = state.towards(aim - affine.slack * affine.multiplier, find_step, again=True)
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

    @classmethod
    def at(cls, objective: LinearObjective, theta: Array) -> _State:
        """Return a point inside the constraints."""
        loss: HingeLoss = objective.loss  # type: ignore[assignment]
        margins = loss.margins(objective.logits(theta))
        bound = margins.max(axis=1, keepdims=True) + 1.0
        weight = loss.group_weight[:, None]
        weight = np.maximum(weight, 1e-10 * weight.max())
        multiplier = np.repeat(weight / margins.shape[1], margins.shape[1], axis=1)
        return cls(objective, loss, theta, bound, bound - margins, multiplier, weight)

    @property
    def gap(self) -> float:
        """The sum of slacks times multipliers."""
        return float(np.vdot(self.slack, self.multiplier))

    def value(self) -> float:
        """Return the objective at the weights."""
        return self.loss.value(self.objective.logits(self.theta)) + self.objective.penalty(
            self.theta
        )

    def towards(self, aim: float | Array, find_step: NewtonSteps, again: bool = False) -> _Step:
        """Return the Newton step to where slack times multiplier equals the aim."""
        ratio = self.multiplier / self.slack
        total = ratio.sum(axis=1, keepdims=True)
        wanted = aim / self.slack
        excess = wanted.sum(axis=1, keepdims=True) - self.weight
        point = self.loss.curved(ratio, wanted - ratio * (excess / total))
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
        shrinking = max(
            float(np.max(-step.slack / self.slack)),
            float(np.max(-step.multiplier / self.multiplier)),
        )
        return min(1.0 / INSIDE, 1.0 / max(shrinking, 1e-300))

    def move(self, step: _Step, length: float) -> None:
        """Go along a step."""
        self.theta = self.theta + length * step.theta
        self.bound = self.bound + length * step.bound
        self.slack = self.slack + length * step.slack
        self.multiplier = self.multiplier + length * step.multiplier
