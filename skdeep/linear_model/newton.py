"""Newton's method for linear classifiers, preconditioned, truncated, with L1 penalties.

Near a solution the Newton step ``-H^{-1} g`` also tells how far there is to go:
``g^T H^{-1} g / 2`` is the decrease that is left, whatever the scale of the features. So the
stopping rule is about the objective itself.

References
----------
J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd edition, chapter 7. G. Andrew, J. Gao,
"Scalable training of L1-regularized log-linear models", ICML 2007, for the orthants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from skdeep.linear_model.losses import LossPoint
from skdeep.linear_model.objective import LinearObjective
from skdeep.utils.threads import limit_blas_threads

__all__ = ["MAX_SHARED_SIZE", "Minimum", "has_small_hessian", "minimize"]

Array = NDArray[np.float64]

# A Hessian is formed where that takes no more than this many multiplications.
MAX_HESSIAN_WORK = 4.0e9
MAX_HESSIAN_SIZE = 1500
MAX_SHARED_SIZE = 3000
MAX_INNER_ITERATIONS = 250
# The part of the decrease that the gradient promises and a step must keep.
SUFFICIENT_DECREASE = 1e-4
MAX_FINAL_DAMPING = 1e-5


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
    after_step: Callable[[Array, float], bool],
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
    loss = objective.loss
    solve = _solver(objective)
    logits = objective.logits(theta)
    point = loss.at(logits)
    value = first_value = point.value + objective.penalty(theta)
    # With an L1 penalty the Hessian may be flat where the penalty bends: steps are damped.
    damping = 1e-3 if objective.has_l1 else 0.0
    for iteration in range(1, max_iter + 1):
        gradient = objective.gradient(theta, point)
        orthant = _orthant(objective, theta, gradient)
        if orthant is None:
            slope, free = gradient, None
        else:
            slope, free = _steepest(objective, theta, gradient, orthant)
        floor = max(tol**2, 1e-15) * max(value, 1e-8 * first_value)
        direction = solve(point, slope, free, floor, damping)
        if free is not None:
            # A weight at zero may only leave it downhill.
            direction[(theta == 0) & (direction * slope > 0)] = 0.0
        decrement = -float(np.vdot(slope, direction))
        # A damped step promises less than there is to gain.
        last = decrement <= 2.0 * floor and damping <= MAX_FINAL_DAMPING
        step = 1.0
        change = objective.logits(direction) if orthant is None else 0.0
        improved = False
        for _ in range(40):
            trial = theta + step * direction
            if orthant is None:
                trial_logits = logits + step * change
            else:
                trial[trial * orthant < 0] = 0.0
                trial_logits = objective.logits(trial)
            trial_value = loss.value(trial_logits) + objective.penalty(trial)
            promised = (
                step * decrement if orthant is None else -float(np.vdot(slope, trial - theta))
            )
            if trial_value <= value - SUFFICIENT_DECREASE * promised:
                improved = True
                break
            if last:
                break
            step *= 0.5
        if orthant is not None:
            damping = min(1e3, damping * 8.0) if step < 0.5 else max(1e-12, damping / 8.0)
        if not improved and not last:
            if orthant is not None and damping < 1e3:
                continue
            # Rounding hides any further decrease.
            return Minimum(theta, value, iteration, True)
        if improved or trial_value <= value * (1.0 + 1e-14):
            theta, logits, value = trial, trial_logits, trial_value
        if after_step(theta, value) or last:
            return Minimum(theta, value, iteration, True)
        point = loss.at(logits)
    return Minimum(theta, value, max_iter, False)


def _orthant(objective: LinearObjective, theta: Array, gradient: Array) -> Array | None:
    """Return the signs that the weights keep during a step; None without an L1 penalty."""
    if not objective.has_l1:
        return None
    p = objective.n_features
    signs = np.sign(theta)
    W, g = theta[:, :p], gradient[:, :p]
    leaving = np.where(g > objective.l1, -1.0, np.where(g < -objective.l1, 1.0, 0.0))
    signs[:, :p] = np.where(W == 0, leaving, signs[:, :p])
    signs[:, p:] = 0.0
    return signs


def _steepest(
    objective: LinearObjective, theta: Array, gradient: Array, orthant: Array
) -> tuple[Array, NDArray[np.bool_]]:
    """Return the gradient within the orthant, and which weights may move."""
    p = objective.n_features
    free = np.ones(theta.shape, dtype=bool)
    free[:, :p] = orthant[:, :p] != 0
    slope = gradient.copy()
    slope[:, :p] += objective.l1 * orthant[:, :p]
    slope[~free] = 0.0
    return slope, free


Solver = Callable[[LossPoint, Array, "NDArray[np.bool_] | None", float, float], Array]


def _solver(objective: LinearObjective) -> Solver:
    """Return how to find Newton steps: with the Hessian if it is small, or by iteration."""
    if has_small_hessian(objective):
        return _DirectSolver(objective)
    return _IterativeSolver(objective)


def has_small_hessian(objective: LinearObjective) -> bool:
    """Say whether forming and factorising the Hessian is cheap."""
    n_outputs, width = objective.shape
    work = objective.X.shape[0] * width**2 * n_outputs * (n_outputs + 1) / 2
    return n_outputs * width <= MAX_HESSIAN_SIZE and work <= MAX_HESSIAN_WORK


class _DirectSolver:
    """Newton steps from the factorised Hessian."""

    def __init__(self, objective: LinearObjective) -> None:
        self.objective = objective

    def __call__(
        self,
        point: LossPoint,
        slope: Array,
        free: NDArray[np.bool_] | None,
        floor: float,
        damping: float,
    ) -> Array:
        width = slope.shape[1]
        # Its products are small: a second thread costs more than it saves.
        small = slope.size <= 1000 and self.objective.X.shape[0] * width**2 < 5e7
        with limit_blas_threads(1 if small else None):
            return self._solve(point, slope, free, damping)

    def _solve(
        self, point: LossPoint, slope: Array, free: NDArray[np.bool_] | None, damping: float
    ) -> Array:
        n_outputs, width = slope.shape
        hessian = self.objective.hessian(point)
        scale = float(np.diagonal(hessian).mean()) or 1.0
        if self.objective.loss.shift_invariant:
            # The same change for all outputs alters nothing: hold that direction still.
            blocks = hessian.reshape(n_outputs, width, n_outputs, width)
            held = slice(0 if free is None else self.objective.n_features, width)
            for j in range(width)[held]:
                blocks[:, j, :, j] += scale / n_outputs
        direction = np.zeros(slope.size)
        chosen = np.arange(slope.size) if free is None else np.flatnonzero(free)
        right = -slope.ravel()[chosen]
        if free is not None:
            hessian = hessian[np.ix_(chosen, chosen)]
        if not len(hessian):
            return direction.reshape(slope.shape)
        # Unit diagonal, so that a ridge against rounding treats all scales alike.
        unit = 1.0 / np.sqrt(np.maximum(np.diagonal(hessian), 1e-300))
        hessian *= unit[:, None]
        hessian *= unit
        ridge = damping
        while True:
            try:
                factor = cho_factor(
                    hessian + ridge * np.eye(len(hessian)), lower=True, check_finite=False
                )
            except LinAlgError:
                ridge = max(10.0 * ridge, 1e-13)
                continue
            break
        direction[chosen] = unit * cho_solve(factor, unit * right, check_finite=False)
        return direction.reshape(slope.shape)


class _IterativeSolver:
    """Newton steps by conjugate gradients, preconditioned with a part of the Hessian."""

    def __init__(self, objective: LinearObjective) -> None:
        self.objective = objective
        self.dense = objective._transposed is None and objective.shape[1] <= MAX_SHARED_SIZE
        self.factor: tuple[Array, bool] | None = None
        self.age = 0

    def __call__(
        self,
        point: LossPoint,
        slope: Array,
        free: NDArray[np.bool_] | None,
        floor: float,
        damping: float,
    ) -> Array:
        precondition = self._preconditioner(point, free)
        direction = np.zeros_like(slope)
        residual = -slope
        scaled = precondition(residual)
        along = scaled.copy()
        size = first = float(np.vdot(residual, scaled))
        # Loose far from the solution, tight near it.
        forcing = min(0.1, np.sqrt(first / max(first, 1e6 * floor)))
        self.inner = 0
        for _ in range(MAX_INNER_ITERATIONS):
            if size <= max(forcing**2 * first, 0.1 * floor):
                break
            product = self.objective.hessian_product(point, along)
            self.inner += 1
            if free is not None:
                product[~free] = 0.0
            curvature = float(np.vdot(along, product))
            if curvature <= 0:
                break
            step = size / curvature
            direction += step * along
            residual -= step * product
            scaled = precondition(residual)
            new_size = float(np.vdot(residual, scaled))
            along *= new_size / size
            along += scaled
            size = new_size
        self.age += self.inner
        return direction

    def _preconditioner(
        self, point: LossPoint, free: NDArray[np.bool_] | None
    ) -> Callable[[Array], Array]:
        if self.dense and free is None:
            if self.factor is None or self.age > 50:
                matrix = self.objective.shared_hessian(point)
                matrix[np.diag_indices_from(matrix)] += 1e-10 * np.diagonal(matrix).mean()
                self.factor = cho_factor(matrix, lower=True, check_finite=False)
                self.age = 0
            factor = self.factor
            return lambda r: cho_solve(factor, r.T, check_finite=False).T
        diagonal = np.maximum(self.objective.hessian_diagonal(point), 1e-12)
        if free is None:
            return lambda r: r / diagonal
        return lambda r: np.where(free, r / diagonal, 0.0)
