"""Newton steps with an L1 penalty: the minimum of a quadratic model plus the penalty.

Within one orthant the penalty is linear, and a face of an orthant (some weights zero, the others
of given signs) has a minimum that takes one system of equations. So the step goes from one face to
a better one until no weight at zero gains by leaving it.

References
----------
J. D. Lee, Y. Sun, M. A. Saunders, "Proximal Newton-type methods for minimizing composite
functions", SIAM J. Optim. 24, 2014. H. Lee, A. Battle, R. Raina, A. Y. Ng, "Efficient sparse coding
algorithms", NIPS 2006, for the way from face to face.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["DAMPING", "SLIGHT_DAMPING", "L1Step", "QuadraticModel", "step_with_l1"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

# What part of the damping is added to the diagonal of a Hessian, so that none of it is zero, and to
# that of one that is singular.
SLIGHT_DAMPING, DAMPING = 1e-12, 0.1
# The search ends after so many faces, or when it has gained all but this part.
MAX_FACES, RELATIVE_GAP = 50, 0.05
# It also ends where what is left is this part of what matters. Where the Hessian is singular to
# rounding, what is left may look less by the second factor, and only so far from what matters as
# the third says may the relative gap end it.
ENOUGH, SINGULAR, FAR = 0.1, 1e-4, 1e4
# So many faces with little to gain are left for their neighbours, which may have more.
MAX_SMALL = 3
# How far beyond the minimum of a damped model a step goes.
MAX_STEP = 10.0
# Weights are stopped at zero on steps shorter and shorter by this factor, so many times.
SHORTER, MAX_SHORTER = 0.25, 8
# A slope beyond the penalty by less than this part of it is rounding.
ROUNDING = 1e-9


class QuadraticModel(Protocol):
    """The second-order model of a smooth function around a point.

    Attributes
    ----------
    diagonal : ndarray
        The diagonal of the Hessian.
    exact : bool
        Whether steps solve Newton's equation, or only as far as it pays.
    decrement_ratio : float
        A lower bound of the Newton decrement of the last step, relative to the exact one.
    """

    diagonal: Array
    exact: bool
    decrement_ratio: float

    def product(self, direction: Array) -> Array:
        """Return the Hessian times a direction."""
        ...

    def solve(
        self, gradient: Array, free: Mask, damping: Array, min_decrease: float
    ) -> tuple[Array, Array | None]:
        """Return the Newton step in some weights, and a damped one where it is not unique.

        Parameters
        ----------
        gradient : ndarray
            The gradient, zero where weights are held.
        free : ndarray of bool
            Which weights may move.
        damping : ndarray
            A curvature that would keep a weight from going far beyond zero, for the damped step.
        min_decrease : float
            A decrease that does not matter.
        """
        ...


class L1Step(NamedTuple):
    """A step of the model with the penalty.

    Attributes
    ----------
    target : ndarray
        Where it leads. Weights that end at zero are zero.
    gained : float
        How much lower the model with the penalty is there.
    left : float
        How much lower it may become yet.
    """

    target: Array
    gained: float
    left: float


class _Candidate(NamedTuple):
    """A point, how the gradient of the model changes towards it, what it gains, and whether it is
    where the direction leads, no weight vanishing before it.
    """

    target: Array
    change: Array
    gain: float
    in_face: bool


def step_with_l1(
    model: QuadraticModel, theta: Array, gradient: Array, l1: Array, min_decrease: float
) -> L1Step:
    """Minimise the model with the penalty, roughly.

    Parameters
    ----------
    model : QuadraticModel
        The model.
    theta : ndarray of shape (n_outputs, width)
        The point that it is of.
    gradient : ndarray of that shape
        The gradient of the smooth function there.
    l1 : ndarray of shape (width,)
        The strength of the penalty on each weight of an output.
    min_decrease : float
        A decrease that does not matter.

    Returns
    -------
    L1Step
    """
    target, gained, left, n_small = theta, 0.0, np.inf, 0
    entering = _entering(target, gradient, l1)
    for _ in range(MAX_FACES):
        signs = np.where(l1 > 0, np.sign(target) + entering, 0.0)
        free = (signs != 0) | (l1 == 0)
        if not free.any():
            return L1Step(target, gained, 0.0)
        slope = np.where(free, gradient + l1 * signs, 0.0)
        damping = _damping(model.diagonal, target, slope, l1)
        while True:
            direction, damped = model.solve(slope, free, damping, min_decrease)
            # A weight at zero may only leave it downhill.
            wrong = (target == 0) & (direction * signs < 0)
            if not wrong.any():
                break
            free &= ~wrong
            slope[wrong] = direction[wrong] = 0.0
            if not model.exact:
                break
        left = -0.5 * float(np.vdot(slope, direction)) / model.decrement_ratio
        likely, enough, least = left, ENOUGH * min_decrease, min_decrease
        if damped is not None:
            likely = -0.5 * float(np.vdot(slope, damped))
            enough, least = SINGULAR * enough, FAR * min_decrease
        n_small += left <= enough
        if n_small > MAX_SMALL or (likely <= RELATIVE_GAP * gained and gained > least):
            break
        candidate = _search_face(model, target, direction, slope, signs)
        if damped is not None:
            damped[(target == 0) & (damped * signs < 0)] = 0.0
            other = _search_face(model, target, damped, slope, signs)
            candidate = max(candidate, other, key=lambda found: found.gain)
        target, gradient, gained = (
            candidate.target,
            gradient + candidate.change,
            gained + candidate.gain,
        )
        entering = _entering(target, gradient, l1)
        if not entering.any():
            if model.exact and damped is None and candidate.in_face:
                return L1Step(target, gained, 0.0)
            if left <= enough:
                break
    return L1Step(target, gained, left)


def _entering(target: Array, gradient: Array, l1: Array) -> Array:
    """Return the signs that weights at zero get by a step downhill, 0 for those that stay."""
    gains = (target == 0) & (np.abs(gradient) > l1 * (1.0 + ROUNDING)) & (l1 > 0)
    return np.where(gains, -np.sign(gradient), 0.0)


def _damping(diagonal: Array, target: Array, slope: Array, l1: Array) -> Array:
    """Return the curvature of a parabola that bends like the penalty on the scale of a weight."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        reach = np.where(target != 0, np.abs(target), np.abs(slope) / diagonal)
        return l1 / np.fmax(reach, 1e-200)


def _search_face(
    model: QuadraticModel, target: Array, direction: Array, slope: Array, signs: Array
) -> _Candidate:
    """Return a better point of the face."""
    change = model.product(direction)
    curvature, descent = float(np.vdot(direction, change)), -float(np.vdot(slope, direction))
    shrinking = direction * signs < 0
    until_zero = np.full(target.shape, np.inf)
    until_zero[shrinking] = -target[shrinking] / direction[shrinking]
    first = float(until_zero.min())
    step = min(first, descent / curvature if curvature > descent / MAX_STEP else MAX_STEP)
    along = target + step * direction
    along[until_zero <= step] = 0.0
    gain = step * (descent - 0.5 * step * curvature)
    if first >= 1.0:
        return _Candidate(along, step * change, gain, True)
    best = _Candidate(along, step * change, gain, False)
    # Many weights at once may be zero in the end: on the way each stays there.
    step = 1.0
    for _ in range(MAX_SHORTER):
        if step <= first:
            break
        projected = target + step * direction
        projected[until_zero <= step] = 0.0
        move = projected - target
        change = model.product(move)
        gain = -float(np.vdot(slope, move)) - 0.5 * float(np.vdot(move, change))
        if gain > best.gain:
            best = _Candidate(projected, change, gain, False)
        elif best.target is not along:
            break
        step *= SHORTER
    return best
