"""Newton's method for linear classifiers, preconditioned, truncated, with L1 penalties.

Near a solution the Newton step ``-H^{-1} g`` also tells how far there is to go:
``g^T H^{-1} g / 2`` is the decrease that is left, whatever the scale of the features. So the
stopping rule is about the objective itself.

References
----------
J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd edition, chapter 7. J. D. Lee,
Y. Sun, M. A. Saunders, "Proximal Newton-type methods for minimizing composite functions", SIAM J.
Optim. 24, 2014, for the L1 penalty.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.losses.base import Curvature
from skdeep.linear_model.solvers.l1_steps import step_with_l1
from skdeep.linear_model.solvers.newton_steps import newton_steps
from skdeep.linear_model.solvers.objective import LinearObjective
from skdeep.linear_model.solvers.quasi_newton import lbfgs

__all__ = ["Minimum", "minimize"]

Array = NDArray[np.float64]

AfterStep = Callable[[Array, float], bool]

# The part of the decrease that the gradient promises and a step must keep (Armijo).
SUFFICIENT_DECREASE = 1e-4
MAX_HALVINGS = 40
# An estimate of the decrease that is left, without a step, has to be lower by this factor.
CERTAINTY = 0.1
# Rounding may hide a decrease by this part of the objective.
MAX_HIDDEN = 1e-7
# An exact full step that leaves more than this part of the slope is lengthened (the curvature
# condition of Wolfe), up to so many times.
WOLFE_CURVATURE, MAX_STEP = 0.2, 4.0


@dataclass
class Minimum:
    """Where the minimisation ended.

    Attributes
    ----------
    theta : ndarray
        The weights.
    value : float
        The objective there.
    n_iter : int
        The number of steps.
    converged : bool
        Whether the decrease that is left is below the tolerance.
    """

    theta: Array
    value: float
    n_iter: int
    converged: bool


def minimize(
    objective: LinearObjective,
    theta: Array,
    *,
    tol: float,
    max_iter: int,
    after_step: AfterStep,
) -> Minimum:
    """Minimise the objective.

    Parameters
    ----------
    objective : LinearObjective
        What is minimised.
    theta : ndarray of shape ``objective.shape``
        Where to start.
    tol : float
        It is over when the decrease that is left is at most ``tol**2`` of the objective.
    max_iter : int
        The largest number of steps.
    after_step : callable
        ``after_step(theta, value) -> stop``.

    Returns
    -------
    Minimum
    """
    search = _minimize_l1 if objective.has_l1 else _minimize_smooth
    return search(objective, theta, tol, max_iter, after_step)


def _min_decrease(
    objective: LinearObjective, tol: float, value: float, first_value: float
) -> float:
    """Return the decrease that does not matter any more.

    Without a penalty the objective may fall towards zero for ever. With one it stays above.
    """
    least = 1e-280 if objective.has_l2 or objective.has_l1 else 1e-8 * first_value
    return max(min(tol, 1e100) ** 2, 1e-15) * max(value, least)


def _minimize_smooth(
    objective: LinearObjective, theta: Array, tol: float, max_iter: int, after_step: AfterStep
) -> Minimum:
    loss, find_step = objective.loss, newton_steps(objective)
    n_before = 0
    if find_step.is_expensive:
        start = lbfgs(objective, theta, max_iter, after_step)
        theta, n_before = start.theta, start.n_iter
        if start.stopped:
            return Minimum(theta, start.value, n_before, True)
    logits = objective.logits(theta)
    point = loss.at(logits)
    value = first_value = point.value + objective.penalty(theta)
    gradient = objective.gradient(theta, point)
    simplified: Array | None = None
    for iteration in range(n_before + 1, max_iter + 1):
        min_decrease = _min_decrease(objective, tol, value, first_value)
        direction, last = simplified, simplified is not None
        if direction is None:
            direction = find_step(point, gradient, min_decrease)
        decrement = -float(np.vdot(gradient, direction))
        last = last or decrement <= 2.0 * min_decrease * find_step.decrement_ratio
        change = objective.logits(direction)
        step = 1.0
        for _ in range(1 if last else MAX_HALVINGS):
            trial, trial_logits = theta + step * direction, logits + step * change
            trial_point = loss.at(trial_logits)
            trial_value = trial_point.value + objective.penalty(trial)
            if trial_value <= value - SUFFICIENT_DECREASE * step * decrement:
                break
            step *= 0.5
        else:
            # Rounding hides any further decrease, unless so large a one was promised.
            if last and trial_value <= value * (1.0 + 1e-14):
                theta, value = trial, trial_value
            after_step(theta, value)
            hidden = decrement <= MAX_HIDDEN * value * find_step.decrement_ratio
            return Minimum(theta, value, iteration, last or hidden)
        if not last:
            gradient = objective.gradient(trial, trial_point)
            slope = float(np.vdot(gradient, direction))
            if find_step.exact and step == 1.0 and slope < -WOLFE_CURVATURE * decrement:
                # The curvature falls along the way: on to where the slope would vanish.
                longer = min(decrement / (decrement + slope), MAX_STEP)
                far, far_logits = theta + longer * direction, logits + longer * change
                far_point = loss.at(far_logits)
                far_value = far_point.value + objective.penalty(far)
                if far_value < trial_value:
                    step, trial, trial_logits = longer, far, far_logits
                    trial_point, trial_value = far_point, far_value
                    gradient = objective.gradient(trial, trial_point)
        before, theta, logits, point, value = point, trial, trial_logits, trial_point, trial_value
        if after_step(theta, value) or last:
            return Minimum(theta, value, iteration, True)
        # After a full step the last Hessian is nearly that of here, unless it has jumped. If it
        # says that this is the end, it is good enough for the last step.
        holds = step == 1.0 and not (
            loss.curvature_jumps and _differ(before, point, loss.n_outputs)
        )
        simplified = find_step.simplified_step(gradient) if holds else None
        enough = CERTAINTY * 2.0 * min_decrease * find_step.decrement_ratio
        if simplified is not None and -float(np.vdot(gradient, simplified)) > enough:
            simplified = None
    return Minimum(theta, value, max_iter, simplified is not None)


def _differ(before: Curvature, after: Curvature, n_outputs: int) -> bool:
    """Say whether two Hessians of a loss are not the same."""
    return any(
        not np.array_equal(before.curvature_of(k, k), after.curvature_of(k, k))
        for k in range(n_outputs)
    )


def _minimize_l1(
    objective: LinearObjective, theta: Array, tol: float, max_iter: int, after_step: AfterStep
) -> Minimum:
    """Step to the minimum of the quadratic model with the penalty, as far as that is lower."""
    loss, find_step = objective.loss, newton_steps(objective)
    l1 = np.append(objective.l1, 0.0) if objective.fit_intercept else objective.l1
    logits = objective.logits(theta)
    point = loss.at(logits)
    value = first_value = point.value + objective.penalty(theta)
    for iteration in range(1, max_iter + 1):
        min_decrease = _min_decrease(objective, tol, value, first_value)
        gradient = objective.gradient(theta, point)
        target, gained, left = step_with_l1(
            find_step.model(point), theta, gradient, l1, min_decrease
        )
        last = gained + left <= min_decrease
        direction = target - theta
        # What the slope promises, with the penalty's change over the whole step.
        l1_change = float((np.abs(target) - np.abs(theta)).sum(axis=0) @ l1)
        promised = -float(np.vdot(gradient, direction)) - l1_change
        change = objective.logits(direction)
        step, trial, improved = 1.0, target, False
        for _ in range(1 if last else MAX_HALVINGS):
            trial_logits = logits + step * change
            trial_value = loss.value(trial_logits) + objective.penalty(trial)
            improved = trial_value <= value - SUFFICIENT_DECREASE * step * promised
            if improved:
                break
            step *= 0.5
            trial = theta + step * direction
        if improved:
            theta, logits, value = trial, trial_logits, trial_value
        stop = after_step(theta, value)
        if stop or last or not improved:
            # Rounding may hide a decrease, but only a small one.
            hidden = gained + left <= MAX_HIDDEN * value
            return Minimum(theta, value, iteration, stop or last or hidden)
        point = loss.at(logits)
    return Minimum(theta, value, max_iter, False)
