"""How to find Newton steps: from the factorised Hessian, or by conjugate gradients.

A step ``-H^{-1} g`` costs what forming ``H`` costs, or as many products with it as conjugate
gradients need. Which is less is counted beforehand.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.conjugate_gradients import ConjugateGradientSteps
from skdeep.linear_model.losses import Curvature
from skdeep.linear_model.objective import LinearObjective
from skdeep.linear_model.positive_factor import PositiveFactor
from skdeep.utils.threads import limit_blas_threads

__all__ = ["DirectSteps", "NewtonSteps", "newton_steps"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

# A Hessian is formed where that takes no more than this many multiplications; more where an L1
# penalty leaves conjugate gradients without a good preconditioner.
MAX_WORK, MAX_WORK_WITH_L1 = 1.0e7, 4.0e9
MAX_HESSIAN_SIZE = 4000
# Relative to the diagonal of the Hessian: along directions of less the gradient is rounding.
LEAST_CURVATURE = 1e-22
# Where the least pivot is so many times as large as rounding, a factor shows all curvatures.
EPS, CLEAR = np.finfo(np.float64).eps, 100.0


class NewtonSteps(Protocol):
    """How to find Newton steps of an objective.

    Attributes
    ----------
    dear : bool
        Whether it is better to come near the solution by other means first.
    exact : bool
        Whether steps solve Newton's equation, or only as far as it pays.
    sight : float
        The least part of the decrease that is left that the last step can have told.
    """

    exact: bool
    sight: float

    @property
    def dear(self) -> bool: ...

    def __call__(
        self,
        point: Curvature,
        slope: Array,
        floor: float,
        *,
        free: Mask | None = None,
        damping: float = 0.0,
    ) -> Array:
        """Return the step.

        Parameters
        ----------
        point : Curvature
            The Hessian of the loss where the step starts.
        slope : ndarray of shape ``objective.shape``
            The gradient there.
        floor : float
            A decrease of the objective that does not matter any more.
        free : ndarray of bool of that shape, default=None
            Which weights may move; None is all.
        damping : float, default=0.0
            What is added to the Hessian, relative to its diagonal.
        """
        ...

    def again(self, slope: Array) -> Array | None:
        """Return the step with the Hessian of the last one, or None where it is not at hand."""
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
    if max_work is None:
        max_work = MAX_WORK_WITH_L1 if objective.has_l1 else MAX_WORK
    n_samples, (n_outputs, width) = objective.X.shape[0], objective.shape
    size = n_outputs * width
    work = n_samples * size**2 / 2 + size**3 / 3
    if size <= MAX_HESSIAN_SIZE and work <= max_work:
        return DirectSteps(objective)
    return ConjugateGradientSteps(objective)


class DirectSteps:
    """Newton steps from the factorised Hessian."""

    dear = False
    exact = True

    def __init__(self, objective: LinearObjective) -> None:
        self.objective = objective
        self.factor: PositiveFactor | None = None
        self.sight = 1.0
        # Small products: a second thread costs more than it saves.
        size, width = math.prod(objective.shape), objective.shape[1]
        small = size <= 1000 and objective.X.shape[0] * width**2 < 5e7
        self.n_threads = 1 if small else None

    def __call__(
        self,
        point: Curvature,
        slope: Array,
        floor: float,
        *,
        free: Mask | None = None,
        damping: float = 0.0,
    ) -> Array:
        """Return the step."""
        with limit_blas_threads(self.n_threads):
            hessian = self.objective.hessian(point)
            if self.objective.loss.shift_invariant:
                # An L1 penalty holds the weights, but never the intercepts.
                first = 0 if free is None else self.objective.n_features
                self._hold_shifts(hessian, slice(first, None))
            if free is None:
                self.factor = PositiveFactor(hessian, damping)
                self.sight = self._sight(self.factor)
                return -self.factor.solve(slope.ravel()).reshape(slope.shape)
            direction, chosen = np.zeros(slope.size), np.flatnonzero(free)
            if len(chosen):
                factor = PositiveFactor(hessian[np.ix_(chosen, chosen)], damping)
                direction[chosen] = -factor.solve(slope.ravel()[chosen])
        return direction.reshape(slope.shape)

    def _hold_shifts(self, hessian: Array, columns: slice) -> None:
        """Add to the Hessian where the same change for all outputs alters nothing.

        That changes no step, but it rounds off what it is added to: each feature gets as much as
        it has already, for the curvatures of a large and a tiny one may be 1e16 apart and more.
        """
        n_outputs, width = self.objective.shape
        blocks = hessian.reshape(n_outputs, width, n_outputs, width)
        scale = np.einsum("ajaj->j", blocks) / n_outputs
        np.einsum("ajbj->jab", blocks)[columns] += (scale / n_outputs)[columns, None, None]

    def _sight(self, factor: PositiveFactor) -> float:
        """Return the least part of the decrease that is left that a factor shows.

        Rounding and a ridge, together :math:`r`, beside a curvature of :math:`c` leave
        :math:`c / (c + r)` of it to be seen, and the penalty is the least curvature that there is.
        """
        blur = factor.ridge + EPS * len(factor.unit)
        if np.diagonal(factor.factor).min(initial=1.0) ** 2 > CLEAR * blur:
            return 1.0
        unit = factor.unit.reshape(self.objective.shape)[:, : self.objective.n_features]
        curvature = float((self.objective.l2 * unit**2).min(initial=1.0, where=unit > 0))
        curvature = max(curvature, LEAST_CURVATURE)
        return curvature / (curvature + blur)

    def again(self, slope: Array) -> Array | None:
        """Return the step with the Hessian of the last one."""
        if self.factor is None:
            return None
        return -self.factor.solve(slope.ravel()).reshape(slope.shape)
