r"""Newton steps on sparse tables with more features than rows, in the space of the rows.

With a Hessian :math:`H = \lambda I + X^T F F^T X` the step :math:`d = -H^{-1} g` is

.. math:: d = -\frac{1}{\lambda} (g + X^T F y), \qquad
          (\lambda I + F^T X X^T F)\, y = -F^T X g,

so conjugate gradients work with a vector of rows, not of features, and the blocks that the rows
have with themselves precondition them well, since different rows of a sparse table have little in
common.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.losses.base import Curvature
from skdeep.linear_model.losses.hinge import PairsCurvature, WestonWatkins
from skdeep.linear_model.solvers.conjugate_gradients import ConjugateGradientSteps
from skdeep.linear_model.solvers.objective import LinearObjective
from skdeep.utils.threads import limit_blas_threads

__all__ = ["RowSpaceSteps"]

Array = NDArray[np.float64]

# Conjugate gradients end when the residual, in the norm of the blocks, is this part of the first: a
# larger one would be no residual of the features. Where that takes more products, steps go by the
# features.
MAX_PRODUCTS, RESIDUAL = 1000, 1e-9
# The intercept counts as the weight of a feature so much larger than the others, in squares, that
# its penalty is next to nothing.
INTERCEPT_SCALE = 100.0


class RowSpaceSteps(ConjugateGradientSteps):
    r"""Newton steps for the squared hinge of Weston and Watkins on wide sparse tables.

    With the curvatures :math:`b_k` of a row's pairs of classes, :math:`F` has a column
    :math:`\sqrt{b_k} (e_k - e_y)` for each, so a row's own block is
    :math:`\lambda I + \|x\|^2 (\operatorname{diag}(b) + \sqrt b \sqrt b^T)`.

    Parameters
    ----------
    objective : LinearObjective
        One that is `suited`.
    """

    def __init__(self, objective: LinearObjective) -> None:
        super().__init__(objective)
        self.penalty, self.rows_differ = float(objective.l2[0]), True
        norms = np.asarray(objective.X.power(2, dtype=np.float64).sum(axis=1)).ravel()
        self.shift = INTERCEPT_SCALE * float(norms.mean()) if objective.fit_intercept else 0.0
        self.own = (norms + self.shift)[:, None]

    @staticmethod
    def suited(objective: LinearObjective) -> bool:
        """Say whether steps of this kind are for an objective."""
        n_samples, n_features = objective.X.shape
        loss: Any = objective.loss
        return bool(
            objective.is_sparse
            and 2 * n_samples < n_features
            and isinstance(loss, WestonWatkins)
            and loss.power == 2
            and not objective.has_l1
            and objective.l2[0] > 0
            and np.ptp(objective.l2) == 0
        )

    def __call__(self, point: Curvature, gradient: Array, min_decrease: float) -> Array:
        """Return the step; see `NewtonSteps`."""
        # These vectors are too short for a second thread.
        with limit_blas_threads(1):
            if self.rows_differ:
                step = self._step(cast(PairsCurvature, point), gradient)
                if step is not None:
                    return step
                self.rows_differ = False
            return super().__call__(point, gradient, min_decrease)

    def _step(self, point: PairsCurvature, gradient: Array) -> Array | None:
        """Return the step, or None where conjugate gradients do not come to an end."""
        objective, penalty, shift = self.objective, self.penalty, self.shift
        root, y, places = np.sqrt(point.curvatures), point.y, np.arange(len(point.y))

        def spread(v: Array) -> Array:
            """Return ``F v``."""
            result = root * v
            result[places, y] = -result.sum(axis=1)
            return result

        def gather(z: Array) -> Array:
            """Return ``F^T z``."""
            return root * (z - z[places, y][:, None])

        def product(v: Array) -> Array:
            z = spread(v)
            return penalty * v + gather(
                objective.X @ objective.of_features(z) + shift * z.sum(axis=0)
            )

        # Sherman and Morrison.
        diagonal = penalty + self.own * point.curvatures
        scaled = root / diagonal
        factor = self.own / (1.0 + self.own * (root * scaled).sum(axis=1)[:, None])

        def precondition(v: Array) -> Array:
            return v / diagonal - scaled * (factor * (scaled * v).sum(axis=1)[:, None])

        W = np.ascontiguousarray(gradient[:, : objective.n_features].T)
        right = objective.X @ W
        if objective.fit_intercept:
            right += shift * gradient[:, -1]
        residual = -gather(right)
        solution, preconditioned = np.zeros_like(residual), precondition(residual)
        search, size = preconditioned.copy(), float(np.vdot(residual, preconditioned))
        enough = RESIDUAL**2 * size
        for _ in range(MAX_PRODUCTS):
            if size <= enough:
                break
            change = product(search)
            step = size / float(np.vdot(search, change))
            solution += step * search
            residual -= step * change
            preconditioned = precondition(residual)
            before, size = size, float(np.vdot(residual, preconditioned))
            search *= size / before
            search += preconditioned
        else:
            return None
        z = spread(solution)
        direction = np.empty_like(gradient)
        direction[:, : objective.n_features] = -(W + objective.of_features(z)).T / penalty
        if objective.fit_intercept:
            direction[:, -1] = -(shift / penalty) * (gradient[:, -1] + z.sum(axis=0))
        return direction
