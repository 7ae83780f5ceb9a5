"""What normalization does with many rows: few passes over memory, in all threads.

A step on whole arrays reads and writes them as often as there are operations in the formula. Here
a block of rows that stays in the core's cache goes through all of them that need no sums of other
blocks, so that memory is read once for the sums and once more for what follows from them.

Rows of few features lie side by side in memory, and are taken as long ones of several rows each:
NumPy's loops run along the last axis, and start anew for every row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.convolution.patches import rectified
from skdeep.nn.convolution.workspace import WORKSPACE, blocks
from skdeep.nn.sharing import WorkShare, each_part

__all__ = ["RowBlocks"]

Floats = NDArray[Any]

_BLOCK = 2**18  # bytes of a block
_LONG = 1024  # numbers of a long row

#: So many numbers are worth going through in blocks, and handing to other threads: fewer stay in
#: the cache as they are.
SMALLEST = 2**19


class RowBlocks:
    """The rows of a matrix (n, d), contiguous, a block at a time.

    Parameters
    ----------
    n, d : int
    dtype : dtype
    share : WorkShare or None
        Blocks and the order of sums are the same for any number of threads.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn.layers.normalization.row_blocks import RowBlocks
    >>> x = np.arange(12.0).reshape(6, 2)
    >>> RowBlocks(6, 2, x.dtype, None).moments(x)
    (array([5., 6.]), array([11.66666667, 11.66666667]))
    """

    def __init__(self, n: int, d: int, dtype: Any, share: WorkShare | None) -> None:
        self.n, self.d, self.dtype, self.share = n, d, np.dtype(dtype), share
        self.abreast = next(k for k in range(max(1, min(n, _LONG // d)), 0, -1) if n % k == 0)
        self.shape = (n // self.abreast, self.abreast * d)
        self.parts = blocks(self.shape[0], self.shape[1] * self.dtype.itemsize, _BLOCK)

    def moments(self, x: Floats) -> tuple[Floats, Floats]:
        """Return mean and variance of each feature.

        Each block has its own, and those of all follow from them (Chan, Golub, LeVeque 1983)::

            mean = sum_b n_b mean_b / n
            variance = sum_b n_b (variance_b + (mean_b - mean)**2) / n
        """
        means, squares = self._sums(), self._sums()

        def of_block(i: int, rows: Floats) -> None:
            np.matmul(self._ones(rows), rows, out=means[i])
            means[i] *= 1 / len(rows)
            centred = np.subtract(rows, means[i], out=self._work(rows))
            np.einsum("ij,ij->j", centred, centred, out=squares[i])

        self._each(of_block, x)
        sizes = [part.stop - part.start for part in self.parts]
        share = np.repeat(sizes, self.abreast) / self.n
        by_row = means.reshape(-1, self.d)
        mean = share @ by_row
        variance = share @ (by_row - mean) ** 2 + self._total(squares) / self.n
        return mean.astype(self.dtype), variance.astype(self.dtype)

    def scale(
        self, x: Floats, factor: Floats, shift: Floats, y: Floats, rectify: bool = False
    ) -> None:
        """Write factor x + shift to y, or the maximum of that and 0."""
        factor, shift = self._whole("factor", factor), self._whole("shift", shift)
        zero = self._whole("zero", np.zeros(self.d)) if rectify else None

        def of_block(_: int, rows: Floats, out: Floats) -> None:
            n = len(rows)
            np.multiply(rows, factor[:n], out=out)
            np.add(out, shift[:n], out=out)
            if zero is not None:
                np.maximum(out, zero[:n], out=out)

        self._each(of_block, x, y)

    def products(
        self, x: Floats, mean: Floats, grad: Floats, y: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """Return sum_i grad_i and sum_i grad_i (x_i - mean).

        Where outputs y were rectified, grad is made 0 first where they are.
        """
        plain, products, centre = self._sums(), self._sums(), self._whole("centre", mean)

        def of_block(i: int, rows: Floats, grads: Floats, outputs: Floats | None = None) -> None:
            rectified(grads, outputs)
            np.matmul(self._ones(grads), grads, out=plain[i])
            centred = np.subtract(rows, centre[: len(rows)], out=self._work(rows))
            np.einsum("ij,ij->j", centred, grads, out=products[i])

        self._each(of_block, *((x, grad) if y is None else (x, grad, y)))
        return self._total(plain).astype(self.dtype), self._total(products).astype(self.dtype)

    def remove(self, x: Floats, factor: Floats, shift: Floats, grad: Floats, outer: Floats) -> None:
        """Make grad to outer (grad - factor x - shift)."""
        factor, shift = self._whole("factor", factor), self._whole("shift", shift)
        outer = self._whole("outer", outer)

        def of_block(_: int, rows: Floats, grads: Floats) -> None:
            n = len(rows)
            work = np.multiply(rows, factor[:n], out=self._work(rows))
            np.add(work, shift[:n], out=work)
            np.subtract(grads, work, out=grads)
            np.multiply(grads, outer[:n], out=grads)

        self._each(of_block, x, grad)

    def _each(self, task: Callable[..., None], *arrays: Floats) -> None:
        """Call task(number, block of each array) for all blocks, in all threads."""
        long = [array.reshape(self.shape) for array in arrays]

        def some(numbers: slice) -> None:
            for i in range(numbers.start, numbers.stop):
                task(i, *(array[self.parts[i]] for array in long))

        each_part(self.share, len(self.parts), self.n * self.d, SMALLEST, some)

    def _sums(self) -> Floats:
        """Return memory for the sums of each block along its columns."""
        return np.empty((len(self.parts), self.shape[1]), self.dtype)

    def _total(self, sums: Floats) -> Floats:
        """Return what the sums of all blocks come to for each feature."""
        by_row = sums.reshape(-1, self.d)
        return np.ones(len(by_row)) @ by_row

    def _whole(self, name: str, vector: Floats) -> Floats:
        """Repeat what there is for each feature for all rows of a block.

        NumPy takes half as long for two blocks as for a block and a row, which it repeats.
        """
        rows = max((part.stop - part.start for part in self.parts), default=0)
        whole = WORKSPACE.array(f"all {name}", (rows * self.abreast, self.d), self.dtype)
        whole[...] = vector
        return whole.reshape(rows, -1)

    def _ones(self, rows: Floats) -> Floats:
        ones = WORKSPACE.array("ones", (len(rows),), self.dtype)
        ones[...] = 1
        return ones

    def _work(self, rows: Floats) -> Floats:
        return WORKSPACE.array("work", rows.shape, self.dtype)
