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

from skdeep.linear_model.losses import Curvature
from skdeep.linear_model.objective import LinearObjective
from skdeep.linear_model.positive_factor import PositiveFactor

__all__ = ["ConjugateGradientSteps"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

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
# From this price on, in products with the Hessian, Newton steps are too dear but near the end.
DEAR_BLOCK = 4.0
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
        self.sight = 1.0
        self.blocks: Blocks | None = None
        if not objective.is_sparse and objective.shape[1] <= MAX_BLOCK_SIZE:
            self.blocks = Blocks(objective)

    def __call__(
        self,
        point: Curvature,
        slope: Array,
        floor: float,
        *,
        free: Mask | None = None,
        damping: float = 0.0,
    ) -> Array:
        """Return the step; see `NewtonSteps`."""
        precondition = self._preconditioner(point, slope, floor, free)
        direction = np.zeros_like(slope)
        residual = -slope
        scaled = precondition(residual)
        along = scaled.copy()
        size = float(np.vdot(residual, scaled))
        small_gain = SMALL_GAIN * min(1.0, size / (CLOSE * floor))
        gain = total = 0.0
        n_products, longest = 0, 1.0
        while size > NEGLIGIBLE * floor / longest and n_products < MAX_PRODUCTS:
            # That this is the end is not said before the residual says so, too.
            if n_products * gain < small_gain * total and total > 2.0 * floor:
                break
            product = self.objective.hessian_product(point, along)
            n_products += 1
            if free is not None:
                product[~free] = 0.0
            curvature = float(np.vdot(along, product))
            if curvature <= 0:
                break
            step = size / curvature
            longest = max(longest, step)
            gain = step * size
            total += gain
            direction += step * along
            residual -= step * product
            scaled = precondition(residual)
            new_size = float(np.vdot(residual, scaled))
            along *= new_size / size
            along += scaled
            size = new_size
        if self.blocks is not None:
            self.blocks.count(n_products)
        self.sight = 1.0 / longest
        return direction

    @property
    def dear(self) -> bool:
        """Whether it is better to come near the solution by other means first."""
        return self.blocks is not None and self.blocks.price >= DEAR_BLOCK

    def again(self, slope: Array) -> Array | None:
        """Return the step with the preconditioner of the last one in place of the Hessian."""
        if self.blocks is None or not self.blocks.fresh:
            return None
        return -self.blocks.solve(slope)

    def _preconditioner(
        self, point: Curvature, slope: Array, floor: float, free: Mask | None
    ) -> Callable[[Array], Array]:
        if self.blocks is not None and free is None:
            # Old blocks are never trusted that this is the end.
            if self.blocks.outdated or self.blocks.decrease(slope) <= floor:
                self.blocks.renew(point)
            return self.blocks.solve
        diagonal = np.maximum(self.objective.hessian_diagonal(point), 1e-12)
        if free is None:
            return lambda r: r / diagonal
        return lambda r: np.where(free, r / diagonal, 0.0)


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
        self.price = width / (8.0 * n_outputs) * (1.0 + width / (3.0 * objective.X.shape[0]))
        self.shared: PositiveFactor | None = None
        # Small right sides for many blocks are quicker by their inverses, all in one call.
        self.inverses = np.empty((0, width, width))
        self.separate = self.fresh = False
        self.n_products = 0

    def count(self, n_products: int) -> None:
        """Take note of how many products the last step took."""
        self.fresh = self.n_products == 0
        self.n_products += n_products
        n_outputs = self.objective.loss.n_outputs
        if n_outputs > 1 and n_products > UPGRADE * self.price * n_outputs:
            self.separate = True

    @property
    def outdated(self) -> bool:
        """Whether it is time to renew the blocks."""
        n_new = self.objective.loss.n_outputs if self.separate else 1
        missing = self.shared is None and not len(self.inverses)
        return missing or self.n_products > self.price * n_new

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
