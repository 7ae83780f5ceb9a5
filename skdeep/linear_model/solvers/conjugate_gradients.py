"""Newton steps by conjugate gradients, preconditioned with blocks of the Hessian.

References
----------
J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd edition, chapter 7. S. G. Nash, A. Sofer,
"Assessing a search direction within a truncated-Newton method", Operations Research Letters 9,
1990, for when a step is good enough. D. Boehning, "Multinomial logistic regression algorithm",
Annals of the Institute of Statistical Mathematics 44, 1992, for one block for all outputs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.losses.base import Curvature
from skdeep.linear_model.solvers.cholesky import PositiveFactor
from skdeep.linear_model.solvers.l1_steps import DAMPING, SLIGHT_DAMPING
from skdeep.linear_model.solvers.objective import LinearObjective

__all__ = ["ConjugateGradientSteps"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Map = Callable[[Array], Array]

MAX_PRODUCTS = 250
# Conjugate gradients end when a product gains less than this part of the mean of all so far;
# closer to the solution than this many times what matters, the less the closer.
SMALL_GAIN = 0.5
CLOSE = 1e6
# They also end when the residual stands for this part of what matters. The longest step tells how
# much more it may stand for than the preconditioner says.
NEGLIGIBLE = 0.02
# The largest blocks that are factorised.
MAX_BLOCK_SIZE = 3000
# From this cost on, in products with the Hessian, Newton steps are too expensive but near the end.
EXPENSIVE_BLOCK = 4.0
# Each output gets a block of its own when a step takes this part of the products that would pay
# for them: later steps take more.
UPGRADE = 0.5
# Rows that weigh less than this part of the mean row are left out of the block of an output.
LIGHT_ROW = 0.1


class ConjugateGradientSteps:
    """Newton steps by conjugate gradients.

    On dense tables they are preconditioned with blocks of the Hessian, on others and where not
    all weights may move with its diagonal.

    Parameters
    ----------
    objective : LinearObjective
        What is minimised.
    """

    exact = False

    def __init__(self, objective: LinearObjective) -> None:
        self.objective = objective
        self.decrement_ratio = 1.0
        self.blocks: Blocks | None = None
        if not objective.is_sparse and objective.shape[1] <= MAX_BLOCK_SIZE:
            self.blocks = Blocks(objective)

    def __call__(self, point: Curvature, gradient: Array, min_decrease: float) -> Array:
        """Return the step; see `NewtonSteps`."""
        precondition = self._preconditioner(point, gradient, min_decrease)
        direction, n_products, longest = _conjugate_gradients(
            lambda v: self.objective.hessian_product(point, v), precondition, gradient, min_decrease
        )
        if self.blocks is not None:
            self.blocks.record(n_products)
        self.decrement_ratio = 1.0 / longest
        return direction

    @property
    def is_expensive(self) -> bool:
        """Whether it pays to come near the solution by a quasi-Newton method first."""
        return self.blocks is not None and self.blocks.cost >= EXPENSIVE_BLOCK

    def simplified_step(self, gradient: Array) -> Array | None:
        """Return the step with the preconditioner of the last one in place of the Hessian."""
        if self.blocks is None or not self.blocks.fresh:
            return None
        return -self.blocks.solve(gradient)

    def model(self, point: Curvature) -> ImplicitModel:
        """Return the quadratic model of the smooth part at a point."""
        return ImplicitModel(self.objective, point)

    def _preconditioner(self, point: Curvature, gradient: Array, min_decrease: float) -> Map:
        if self.blocks is not None:
            # Old blocks are never trusted that this is the end.
            if self.blocks.outdated or self.blocks.decrease(gradient) <= min_decrease:
                self.blocks.renew(point)
            return self.blocks.solve
        diagonal = np.maximum(self.objective.hessian_diagonal(point), 1e-12)
        return lambda r: r / diagonal


class ImplicitModel:
    """A quadratic model whose Hessian is never formed; see `QuadraticModel`."""

    exact = False
    decrement_ratio = 1.0

    def __init__(self, objective: LinearObjective, point: Curvature) -> None:
        self.objective, self.point = objective, point
        self.diagonal = objective.hessian_diagonal(point)

    def product(self, direction: Array) -> Array:
        """Return the Hessian times a direction."""
        return self.objective.hessian_product(self.point, direction)

    def solve(
        self, gradient: Array, free: Mask, damping: Array, min_decrease: float
    ) -> tuple[Array, Array | None]:
        """Return the Newton step in some weights, as far as it pays."""
        singular = self._is_singular(free)
        damping = (DAMPING if singular else SLIGHT_DAMPING) * damping
        diagonal = self.diagonal + damping
        free = free & (diagonal > 0)
        inverse = np.where(free, 1.0 / np.where(free, diagonal, 1.0), 0.0)
        direction, _, longest = _conjugate_gradients(
            lambda v: np.where(free, self.product(v) + damping * v, 0.0),
            lambda right: inverse * right,
            gradient,
            min_decrease,
        )
        self.decrement_ratio = 1.0 / longest
        return direction, direction.copy() if singular else None

    def _is_singular(self, free: Mask) -> bool:
        """Return whether more weights may move than the rows can tell apart."""
        if self.objective.l2.any():
            return False
        shifts = self.objective.loss.shift_invariant
        n_determined = self.objective.X.shape[0] * (len(free) - shifts)
        whole = free[:, : self.objective.n_features].all(axis=0)
        return bool(free.sum() > n_determined or (shifts and whole.any()))


def _conjugate_gradients(
    product: Map, precondition: Map, gradient: Array, min_decrease: float
) -> tuple[Array, int, float]:
    """Return the step as far as it pays, how many products it took, and the longest of its parts.

    Relative to what the preconditioner says of them.
    """
    direction = np.zeros_like(gradient)
    residual = -gradient
    scaled = precondition(residual)
    search = scaled.copy()
    size = float(np.vdot(residual, scaled))
    small_gain = SMALL_GAIN * min(1.0, size / (CLOSE * min_decrease))
    gain = total = 0.0
    n_products, longest = 0, 1.0
    while size > NEGLIGIBLE * min_decrease / longest and n_products < MAX_PRODUCTS:
        # That this is the end is not said before the residual says so, too.
        if n_products * gain < small_gain * total and total > 2.0 * min_decrease:
            break
        hessian_search = product(search)
        n_products += 1
        curvature = float(np.vdot(search, hessian_search))
        if curvature <= 0:
            break
        step = size / curvature
        longest = max(longest, step)
        gain = step * size
        total += gain
        direction += step * search
        residual -= step * hessian_search
        scaled = precondition(residual)
        new_size = float(np.vdot(residual, scaled))
        search *= new_size / size
        search += scaled
        size = new_size
    return direction, n_products, longest


class Blocks:
    """The inverses of the diagonal blocks of the Hessian, as good as pays.

    At first the mean of the blocks of all outputs serves for all. It is made anew, and in time each
    output gets its own, when the products with the Hessian that were needed since cost more.

    Parameters
    ----------
    objective : LinearObjective
        What is minimised.

    Attributes
    ----------
    fresh : bool
        Whether the blocks were made for the last step.
    """

    def __init__(self, objective: LinearObjective) -> None:
        self.objective = objective
        n_outputs, width = objective.shape
        # What a block costs, in products with the Hessian. These have few columns and run at half
        # the speed of its factorisation.
        self.cost = width / (8.0 * n_outputs) * (1.0 + width / (3.0 * objective.X.shape[0]))
        self.shared: PositiveFactor | None = None
        # Small right sides for many blocks are quicker by their inverses, all in one call.
        self.inverses = np.empty((0, width, width))
        self.separate = self.fresh = False
        self.n_products = 0

    def record(self, n_products: int) -> None:
        """Record how many products the last step took."""
        self.fresh = self.n_products == 0
        self.n_products += n_products
        n_outputs = self.objective.loss.n_outputs
        if n_outputs > 1 and n_products > UPGRADE * self.cost * n_outputs:
            self.separate = True

    @property
    def outdated(self) -> bool:
        """Whether it is time to renew the blocks."""
        n_new = self.objective.loss.n_outputs if self.separate else 1
        missing = self.shared is None and not len(self.inverses)
        return missing or self.n_products > self.cost * n_new

    def renew(self, point: Curvature) -> None:
        """Make the blocks anew at a point."""
        weights = [point.curvature_of(k, k) for k in range(self.objective.loss.n_outputs)]
        self.n_products = 0
        if not self.separate:
            self.shared = PositiveFactor(self.objective.block(np.mean(weights, axis=0)))
            return
        self.shared = None
        heavy = [np.where(w < LIGHT_ROW * w.mean(), 0.0, w) for w in weights]
        self.inverses = np.stack([PositiveFactor(self.objective.block(w)).inverse() for w in heavy])

    def solve(self, right: Array) -> Array:
        """Return the solution for a right side of the shape of theta."""
        if self.shared is not None:
            return self.shared.solve(right.T).T
        return np.matmul(self.inverses, right[:, :, None])[:, :, 0]

    def decrease(self, gradient: Array) -> float:
        """Return by how much the objective would fall if the blocks were its Hessian."""
        return 0.5 * float(np.vdot(gradient, self.solve(gradient)))
