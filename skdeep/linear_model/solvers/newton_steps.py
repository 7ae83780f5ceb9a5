"""How to find Newton steps: from the factorised Hessian, or by conjugate gradients.

A step ``-H^{-1} g`` costs what forming ``H`` costs, or as many products with it as conjugate
gradients need. Which is less is counted beforehand.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.losses.base import Curvature
from skdeep.linear_model.solvers.cholesky import PositiveFactor
from skdeep.linear_model.solvers.conjugate_gradients import ConjugateGradientSteps
from skdeep.linear_model.solvers.l1_steps import DAMPING, SLIGHT_DAMPING, QuadraticModel
from skdeep.linear_model.solvers.objective import LinearObjective
from skdeep.linear_model.solvers.row_space_steps import RowSpaceSteps
from skdeep.utils.threads import limit_blas_threads

__all__ = ["DirectSteps", "NewtonSteps", "newton_steps"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

# A Hessian is formed where that takes no more than this many multiplications; more where an L1
# penalty leaves conjugate gradients without a good preconditioner, or where the curvature of a few
# rows jumps so often that only steps to the end tell how.
MAX_WORK, MAX_LONG_WORK = 1.0e7, 4.0e9
MAX_HESSIAN_SIZE = 4000
# Relative to the diagonal of the Hessian: along directions of less the gradient is rounding.
LEAST_CURVATURE = 1e-22
# Where the least pivot is so many times as large as rounding, a factor shows all curvatures.
EPS, CLEAR = np.finfo(np.float64).eps, 100.0
# Steps are not unique where a pivot of the Hessian is below this part of its diagonal.
SINGULAR = 1e-9


class NewtonSteps(Protocol):
    """How to find Newton steps of an objective.

    Attributes
    ----------
    is_expensive : bool
        Whether it pays to come near the solution by a quasi-Newton method first.
    exact : bool
        Whether steps solve Newton's equation, or only as far as it pays.
    decrement_ratio : float
        A lower bound of the Newton decrement of the last step, relative to the exact one.
    """

    exact: bool
    decrement_ratio: float

    @property
    def is_expensive(self) -> bool: ...

    def __call__(self, point: Curvature, gradient: Array, min_decrease: float) -> Array:
        """Return the step.

        Parameters
        ----------
        point : Curvature
            The Hessian of the loss where the step starts.
        gradient : ndarray of shape ``objective.shape``
            The gradient there.
        min_decrease : float
            A decrease of the objective that does not matter any more.
        """
        ...

    def simplified_step(self, gradient: Array) -> Array | None:
        """Return the step with the last Hessian (simplified Newton), or None if not at hand."""
        ...

    def model(self, point: Curvature) -> QuadraticModel:
        """Return the quadratic model of the smooth part at a point, for steps with a penalty."""
        ...


def newton_steps(objective: LinearObjective, max_work: float | None = None) -> NewtonSteps:
    """Return the cheaper way to find Newton steps.

    Parameters
    ----------
    objective : LinearObjective
        What is minimised.
    max_work : float, default=None
        How many multiplications the Hessian may take. None is few, since conjugate gradients are
        good, more with an L1 penalty.

    Returns
    -------
    NewtonSteps
    """
    n_samples, (n_outputs, width) = objective.X.shape[0], objective.shape
    if max_work is None:
        jumps = objective.loss.curvature_jumps and n_samples <= width
        max_work = MAX_LONG_WORK if objective.has_l1 or jumps else MAX_WORK
    size = n_outputs * width
    work = n_samples * size**2 / 2 + size**3 / 3
    if size <= MAX_HESSIAN_SIZE and work <= max_work:
        return DirectSteps(objective)
    if RowSpaceSteps.suited(objective):
        return RowSpaceSteps(objective)
    return ConjugateGradientSteps(objective)


class DirectSteps:
    """Newton steps from the factorised Hessian."""

    is_expensive = False
    exact = True

    def __init__(self, objective: LinearObjective) -> None:
        self.objective = objective
        self.factor: PositiveFactor | None = None
        self.decrement_ratio = 1.0
        # Small products: a second thread costs more than it saves.
        size, width = math.prod(objective.shape), objective.shape[1]
        small = size <= 1000 and objective.X.shape[0] * width**2 < 5e7
        self.n_threads = 1 if small else None

    def __call__(self, point: Curvature, gradient: Array, min_decrease: float) -> Array:
        """Return the step."""
        with limit_blas_threads(self.n_threads):
            hessian = self.objective.hessian(point)
            if self.objective.loss.shift_invariant:
                self._regularize_shifts(hessian, slice(None))
            self.factor = PositiveFactor(hessian)
            self.decrement_ratio = self._decrement_ratio(self.factor)
            return self.simplified_step(gradient)

    def _regularize_shifts(self, hessian: Array, columns: slice) -> None:
        """Add to the Hessian where the same change for all outputs alters nothing.

        That changes no step, but it rounds off what it is added to: each feature gets as much as
        it has already, for the curvatures of a large and a tiny one may be 1e16 apart and more.
        """
        n_outputs, width = self.objective.shape
        blocks = hessian.reshape(n_outputs, width, n_outputs, width)
        scale = np.einsum("ajaj->j", blocks) / n_outputs
        np.einsum("ajbj->jab", blocks)[columns] += (scale / n_outputs)[columns, None, None]

    def _decrement_ratio(self, factor: PositiveFactor) -> float:
        """Return a lower bound of the decrement that the factor shows, relative to the exact one.

        Rounding and a ridge, together :math:`r`, beside a curvature of :math:`c` leave
        :math:`c / (c + r)` of it, and the penalty is the least curvature that there is.
        """
        rounding = factor.ridge + EPS * len(factor.unit)
        if factor.least_pivot > CLEAR * rounding:
            return 1.0
        unit = factor.unit.reshape(self.objective.shape)[:, : self.objective.n_features]
        curvature = float((self.objective.l2 * unit**2).min(initial=1.0, where=unit > 0))
        curvature = max(curvature, LEAST_CURVATURE)
        return curvature / (curvature + rounding)

    def simplified_step(self, gradient: Array) -> Array:
        """Return the step with the Hessian of the last one."""
        assert self.factor is not None
        return -self.factor.solve(gradient.ravel()).reshape(gradient.shape)

    def model(self, point: Curvature) -> FormedModel:
        """Return the quadratic model of the smooth part at a point."""
        with limit_blas_threads(self.n_threads):
            hessian = self.objective.hessian(point)
        if self.objective.loss.shift_invariant and self.objective.fit_intercept:
            # Penalties hold the others.
            self._regularize_shifts(hessian, slice(-1, None))
        return FormedModel(hessian, self.objective.shape, self.n_threads)


class FormedModel:
    """A quadratic model whose Hessian is a matrix; see `QuadraticModel`."""

    exact, decrement_ratio = True, 1.0

    def __init__(self, hessian: Array, shape: tuple[int, int], n_threads: int | None) -> None:
        self.hessian, self.n_threads = hessian, n_threads
        self.diagonal = hessian.diagonal().reshape(shape)

    def product(self, direction: Array) -> Array:
        """Return the Hessian times a direction."""
        return (self.hessian @ direction.ravel()).reshape(direction.shape)

    def solve(
        self, gradient: Array, free: Mask, damping: Array, min_decrease: float
    ) -> tuple[Array, Array | None]:
        """Return the Newton step in some weights, and a damped one where it is not unique."""
        direction, pivot = self._solve(gradient, free, SLIGHT_DAMPING * damping)
        if pivot > SINGULAR:
            return direction, None
        return direction, self._solve(gradient, free, DAMPING * damping)[0]

    def _solve(self, gradient: Array, free: Mask, added: Array) -> tuple[Array, float]:
        """Return the step with something added to the diagonal, and the least pivot."""
        direction, chosen = np.zeros(gradient.size), np.flatnonzero(free)
        part = self.hessian[np.ix_(chosen, chosen)]
        np.einsum("jj->j", part)[:] += added.ravel()[chosen]
        with limit_blas_threads(self.n_threads):
            factor = PositiveFactor(part)
            direction[chosen] = -factor.solve(gradient.ravel()[chosen])
        return direction.reshape(gradient.shape), factor.least_pivot
