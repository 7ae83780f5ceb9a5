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

_BLOCK = 2**19  # bytes of a block
_LONG = 1024  # numbers of a long row

# A mean's square that is so many times the variance costs that a decimal digit. Less than that
# hardly shows, for rounding errors of many sums are averaged: at 9 times, 7e-8 in float32.
_FAR = 10

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
        self.far = True  # until `moments` knows better
        self.parts = blocks(self.shape[0], self.shape[1] * self.dtype.itemsize, _BLOCK)
        self.longest = max((part.stop - part.start for part in self.parts), default=0)

    def moments(self, x: Floats) -> tuple[Floats, Floats]:
        """Return mean and variance of each feature.

        From the sums of x and of its squares, in one pass without writing anything::

            mean = sum_i x_i / n        variance = sum_i x_i**2 / n - mean**2

        That loses as many digits as the mean's square is larger than the variance. Where a feature
        is `far` from zero, squares are summed up once more, around c, the mean as x's type has it::

            variance = sum_i (x_i - c)**2 / n - (mean - c)**2
        """
        sums, squares, ones = self._sums(), self._sums(), self._ones()

        def of_block(i: int, rows: Floats) -> None:
            np.matmul(ones[: len(rows)], rows, out=sums[i])
            np.einsum("ij,ij->j", rows, rows, out=squares[i])

        self._each(of_block, x)
        mean = self._total(sums) / self.n
        variance = self._total(squares) / self.n - mean**2
        self.far = bool((mean**2 > _FAR * variance).any())
        if self.far:
            centre = mean.astype(self.dtype)
            variance = self._around(centre, x) / self.n - (mean - centre) ** 2
        return mean.astype(self.dtype), np.maximum(variance, 0).astype(self.dtype)

    def _around(self, centre: Floats, x: Floats, other: Floats | None = None) -> Floats:
        """Return sum_i (x_i - c) other_i, or of the squares of x_i - c where there is no other."""
        products, whole = self._sums(), self._whole("centre", centre)

        def of_block(i: int, rows: Floats, others: Floats | None = None) -> None:
            centred = np.subtract(rows, whole[: len(rows)], out=self._work(rows))
            others = centred if others is None else others
            np.einsum("ij,ij->j", centred, others, out=products[i])

        self._each(of_block, *((x,) if other is None else (x, other)))
        return self._total(products)

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

        The latter as sum_i grad_i x_i - mean sum_i grad_i, unless x is `far` from zero. Where
        outputs y were rectified, grad is made 0 first where they are.
        """
        plain, products, ones = self._sums(), self._sums(), self._ones()

        def of_block(i: int, rows: Floats, grads: Floats, outputs: Floats | None = None) -> None:
            rectified(grads, outputs)
            np.matmul(ones[: len(grads)], grads, out=plain[i])
            if not self.far:
                np.einsum("ij,ij->j", rows, grads, out=products[i])

        self._each(of_block, *((x, grad) if y is None else (x, grad, y)))
        total = self._total(plain)
        product = self._around(mean, x, grad) if self.far else self._total(products) - mean * total
        return total.astype(self.dtype), product.astype(self.dtype)

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
        whole = WORKSPACE.array(f"all {name}", (self.longest * self.abreast, self.d), self.dtype)
        whole[...] = vector
        return whole.reshape(self.longest, -1)

    def _ones(self) -> Floats:
        return np.ones(self.longest, self.dtype)

    def _work(self, rows: Floats) -> Floats:
        return WORKSPACE.array("work", rows.shape, self.dtype)
