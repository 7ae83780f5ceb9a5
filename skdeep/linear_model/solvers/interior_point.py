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
from typing import cast

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.losses.base import Curvature
from skdeep.linear_model.losses.hinge import HingeLoss
from skdeep.linear_model.solvers.cholesky import PositiveFactor
from skdeep.linear_model.solvers.newton import Minimum
from skdeep.linear_model.solvers.newton_steps import DirectSteps
from skdeep.linear_model.solvers.objective import LinearObjective
from skdeep.linear_model.solvers.quasi_newton import QuasiNewtonResult, lbfgs
from skdeep.utils.threads import limit_blas_threads

__all__ = ["minimize_maxima"]

Array = NDArray[np.float64]

# The fraction of the distance to the boundary that a step goes.
FRACTION_TO_BOUNDARY = 0.995
# The point counts as feasible, multipliers consistent with weights, when steps have met all but
# this part.
FEASIBLE = 1e-4
# A start is as far inside the constraints as so many times the mean loss.
WIDTH = 8.0
# Where a Hessian has so many rows, up to so many steps on the rounded loss come first, and a step
# is corrected up to so often: its factor is at hand.
LARGE, WARM_UP, CORRECTIONS = 250, 40, 2
TEMPERATURE = 0.1
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
        Where to start, with outputs that add up to zero if shifts of all change nothing.
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
    large, n_before = theta.size >= LARGE, 0
    if max_iter > 0 and not theta.any():
        with limit_blas_threads(find_step.n_threads):
            theta = _least_squares(objective)
            if large:
                start = _warm_up(objective, theta, min(max_iter, WARM_UP), after_step)
                theta, n_before = start.theta, start.n_iter
                if start.stopped:
                    return Minimum(theta, start.value, n_before, True)
    state = _State(objective, theta)
    infeasibility, least, iteration = 1.0, 1e-8 * state.value(), n_before
    for iteration in range(n_before + 1, max_iter + 1):
        affine = state.newton_step(0.0, find_step)
        # Mehrotra's predictor and corrector: the further the affine step leads, the lower the
        # next product of slack and multiplier; the second-order term is corrected for.
        target_product = (1.0 - min(1.0, affine.max_step)) ** 5 * state.gap / state.slack.size
        target = target_product / state.product - affine.slack * affine.multiplier
        step = state.newton_step(target, find_step, reuse_factor=True)
        for _ in range(CORRECTIONS if large else 0):
            better, target = _corrected(state, step, target, target_product, find_step)
            if better is None:
                break
            step = better
        length = min(1.0, FRACTION_TO_BOUNDARY * step.max_step)
        state.move(step, length)
        infeasibility *= 1.0 - length
        value = state.value()
        if after_step(state.theta, value):
            return Minimum(state.theta, value, iteration, True)
        if infeasibility <= FEASIBLE and state.gap <= tol * max(value, least):
            return Minimum(state.theta, value, iteration, True)
        if length < 1e-8:
            break
    return Minimum(state.theta, state.value(), iteration, False)


def _corrected(
    state: _State, step: _Step, target: Array, target_product: float, find_step: DirectSteps
) -> tuple[_Step | None, Array]:
    """Return a step that leads further and what it is to reach, or no step.

    Of the products of slack and multiplier that a longer step would leave, those far from the
    target are brought nearer to it: Gondzio's centrality correction.
    """
    if step.max_step >= FAR_ENOUGH:
        return None, target
    length = min(1.0, step.max_step + LONGER)
    product = state.product * (1.0 + length * step.slack) * (1.0 + length * step.multiplier)
    change = np.clip(product, 0.1 * target_product, 10.0 * target_product) - product
    target = target + np.maximum(change, -10.0 * target_product) / state.product
    other = state.newton_step(target, find_step, reuse_factor=True)
    return (other if other.max_step >= step.max_step + 0.1 * LONGER else None), target


class _Step:
    """A change of weights and margins, and of slacks and multipliers relative to themselves."""

    def __init__(self, theta: Array, margins: Array, slack: Array, multiplier: Array) -> None:
        self.theta, self.margins, self.slack, self.multiplier = theta, margins, slack, multiplier
        # How far one can go before a slack or a multiplier vanishes, at most 1 / 0.995.
        shrinking = min(float(slack.min()), float(multiplier.min()))
        self.max_step = min(1.0 / FRACTION_TO_BOUNDARY, -1.0 / min(shrinking, -1e-300))


class _State:
    """A point inside the constraints: weights, margins, slacks under their bounds, multipliers.

    All but the weights have shape (n_alternatives, n_groups).
    """

    def __init__(self, objective: LinearObjective, theta: Array) -> None:
        self.objective, self.loss = objective, cast(HingeLoss, objective.loss)
        weight = self.loss.group_weight
        self.weight = np.maximum(weight, 1e-10 * weight.max())
        margins = self.loss.margins(objective.logits(theta))
        # The farther the weights are from the optimum, the wider the bounds have to be. All
        # products of slack and multiplier are about the same.
        mean = float(weight @ self.loss.largest(margins)) / len(weight)
        width = WIDTH * np.maximum(mean, 1e-3 * weight.mean()) / self.weight
        slack = margins.max(axis=0) + width - margins
        multiplier = 1.0 / slack
        multiplier *= self.weight / multiplier.sum(axis=0)
        self._set(theta, margins, slack, multiplier)

    def _set(self, theta: Array, margins: Array, slack: Array, multiplier: Array) -> None:
        self.theta, self.margins, self.slack, self.multiplier = theta, margins, slack, multiplier
        self.product, self.ratio = slack * multiplier, multiplier / slack
        self.total = self.ratio.sum(axis=0)
        self.gap = float(self.product.sum())

    def value(self) -> float:
        """Return the objective at the weights."""
        losses = self.loss.largest(self.margins)
        return float(self.weight @ losses) + self.objective.penalty(self.theta)

    def newton_step(
        self, target: float | Array, find_step: DirectSteps, reuse_factor: bool = False
    ) -> _Step:
        """Return the Newton step to where slack times multiplier is so many times what it is."""
        wanted = self.multiplier * target
        excess = wanted.sum(axis=0) - self.weight
        slopes = self.loss.slopes(wanted - self.ratio * (excess / self.total))
        gradient = self.objective.gradient_from(self.theta, slopes)
        direction = find_step.simplified_step(gradient) if reuse_factor else None
        if direction is None:
            direction = find_step(self._curvature(), gradient, 1e-9 * self.gap)
        change = self.loss.margins(self.objective.logits(direction), offset=0.0)
        bound = (excess + (self.ratio * change).sum(axis=0)) / self.total
        slack = (bound - change) / self.slack
        return _Step(direction, change, slack, target - 1.0 - slack)

    def _curvature(self) -> Curvature:
        if self.theta.size < LARGE:
            return self.loss.smoothed_hessian(self.ratio)
        # Ratios that add up to less than the penalty are left out of the Hessian, which costs
        # little where few alternatives compete. The largest of a group stays.
        negligible = float(self.objective.l2.min()) / self.ratio.size
        lowest = np.minimum(negligible, 0.5 * self.total / len(self.ratio))
        return self.loss.smoothed_hessian(np.where(self.ratio > lowest, self.ratio, 0.0))

    def move(self, step: _Step, length: float) -> None:
        """Go along a step."""
        self._set(
            self.theta + length * step.theta,
            self.margins + length * step.margins,
            self.slack * (1.0 + length * step.slack),
            self.multiplier * (1.0 + length * step.multiplier),
        )


def _least_squares(objective: LinearObjective) -> Array:
    """Return the weights of least squares with the classes as targets, of a good length."""
    loss: HingeLoss = objective.loss  # type: ignore[assignment]
    origin = np.zeros((objective.X.shape[0], loss.n_outputs), order="F")
    weight, start = loss.group_weight, loss.margins(origin)
    multiplier = np.ones_like(start) * (weight / loss.n_outputs)
    slope = objective.gradient_from(np.zeros(objective.shape), loss.slopes(multiplier))
    theta = -PositiveFactor(objective.block(loss.weight)).solve(slope.T).T
    change, penalty = loss.margins(objective.logits(theta), offset=0.0), objective.penalty(theta)

    def value(length: float) -> float:
        return float(weight @ loss.largest(start + length * change)) + length**2 * penalty

    return min((4.0, 2.0, 1.0, 0.0), key=value) * theta


def _warm_up(
    objective: LinearObjective,
    theta: Array,
    max_iter: int,
    after_step: Callable[[Array, float], bool],
) -> QuasiNewtonResult:
    """Go near the minimum by the loss with its kinks rounded off."""
    loss: HingeLoss = objective.loss  # type: ignore[assignment]
    loss.temperature = TEMPERATURE
    start = lbfgs(objective, theta, max_iter, after_step)
    loss.temperature = 0.0
    return start
