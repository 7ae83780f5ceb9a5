"""How the products of a layer are computed: whole, in halves, side by side, or of sparse rows.

A layer writes y = x W; here is what makes that fast. Whatever axes come before the last one count
as rows, so that a sequence or an image is a batch of its positions.
"""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

import numpy as np
from scipy.linalg.blas import dger, sger

from skdeep.nn.memory import Array
from skdeep.nn.shapes.inputs import is_sparse
from skdeep.nn.sharing import SMALLEST_PART, SMALLEST_SHARED, WorkShare
from skdeep.utils.blas import unpacked

__all__ = ["add_to_rows", "gradient", "product", "rows_of", "sum_rows", "write_product"]

_SMALL = 10**5  # multiplications that are soon done, whatever libraries there are

# BLAS's updates of rank one, y + a u v', worth it for so many numbers in rows of so many bytes.
_UPDATES = {np.dtype(np.float32): sger, np.dtype(np.float64): dger}
_MANY, _LONG_ROW = 15000, 128
_BRIEF = 2**17  # numbers that they are soon through with


def rows_of(x: Array) -> Array:
    """Return `x` of shape (..., d) as a matrix of shape (n, d), the same memory where it can be."""
    return x if x.ndim == 2 else x.reshape(-1, x.shape[-1])


def write_product(layer: Any, a: Array, b: Array, out: Array) -> Array:
    """Write the product of two matrices, or of a matrix and a vector, into `out`, and return it.

    NumPy's `dot` goes straight to BLAS. Its `matmul`, as other namespaces have it, converts types
    and takes stacks of matrices, and needs half a microsecond to see that there is neither.
    """
    multiply = np.dot if layer.xp is np and a.dtype is b.dtype is out.dtype else layer.xp.matmul
    return multiply(a, b, out=out)


def product(layer: Any, a: Array, b: Array, out: Array) -> Array:
    """Write the matrix product of `a` and `b` into `out`, and return it.

    Parameters
    ----------
    layer : Layer
        Whose product it is: it knows the namespace, and the threads to share large ones with.
    a : array of shape (..., k), or SciPy sparse matrix of shape (n, k)
    b : array of shape (k, m)
    out : array of shape (..., m)
        Contiguous.
    """
    if is_sparse(a):
        out[...] = a @ b
        return out
    x, y = (a, out) if a.ndim == 2 else (rows_of(a), rows_of(out))
    n, k = x.shape
    multiplications = n * k * y.shape[1]
    if k == 1:
        # Each sum has a single term: for the product of a column and a row NumPy leaves BLAS
        # aside, and takes three times as long as for a multiplication that broadcasts.
        layer.xp.multiply(x, b, out=y)
    elif multiplications <= _SMALL:
        write_product(layer, x, b, y)
    elif multiplications >= SMALLEST_SHARED and layer.share is not None:
        _share_columns(layer.share, layer.xp, x, b, y)
    elif _worth_halving(multiplications):
        for rows in _halves(n):
            layer.xp.matmul(x[rows], b, out=y[rows])
    else:
        layer.xp.matmul(x, b, out=y)
    return out


def gradient(layer: Any, name: str, x: Array, grad_y: Array) -> None:
    """Set the gradient of the parameter `name`, W in y = x W, to x' grad_y, over all rows.

    Call it last: with threads to share with, the gradient may go straight to the optimizer, and
    the weights move as soon as it is there.

    Parameters
    ----------
    layer : Layer
        Its attribute ``grad_`` + `name`, of shape (k, m), is written.
    name : str
    x : array of shape (..., k), or SciPy sparse matrix of shape (n, k)
    grad_y : array of shape (..., m)
    """
    out = getattr(layer, "grad_" + name)
    g = grad_y if grad_y.ndim == 2 else rows_of(grad_y)
    if is_sparse(x):
        out[...] = x.T @ g
        return
    x = x if x.ndim == 2 else rows_of(x)
    n, k = x.shape
    multiplications = n * k * g.shape[1]
    if multiplications <= _SMALL:
        write_product(layer, x.T, g, out)
    elif multiplications >= SMALLEST_SHARED and layer.share is not None:
        _share_gradient(layer, name, x, g, out)
    elif _worth_halving(multiplications):
        for rows in _halves(k):
            layer.xp.matmul(x[:, rows].T, g, out=out[rows])
    else:
        layer.xp.matmul(x.T, g, out=out)


def sum_rows(layer: Any, grad_y: Array, out: Array) -> None:
    """Write the sum of `grad_y` of shape (..., m) over all rows into `out` of shape (m,)."""
    # A product with ones is the way of BLAS to sum columns, and its fastest.
    g = grad_y if grad_y.ndim == 2 else rows_of(grad_y)
    write_product(layer, g.T, layer.constant(1.0, (g.shape[0],)), out)


def add_to_rows(layer: Any, row: Array, y: Array, sign: int = 1) -> None:
    """Add `row` of shape (m,) to all rows of `y` of shape (..., m), in place; subtract it for -1.

    NumPy's loop begins anew at each row, and takes two to three times as long as BLAS. But SciPy's
    wrapper of that holds the interpreter's lock, which other threads may wait for.
    """
    if layer.xp is np and y.size >= _MANY and row.nbytes >= _LONG_ROW:
        is_free = layer.share is None or y.size <= _BRIEF
        if is_free and row.dtype is y.dtype and y.dtype in _UPDATES and y.flags.c_contiguous:
            columns = rows_of(y).T
            ones = layer.constant(1.0, (columns.shape[1],))
            _UPDATES[y.dtype](sign, row, ones, a=columns, overwrite_a=1)
            return
    if sign == 1:
        y += row
    else:
        y -= row


def _worth_halving(multiplications: int) -> bool:
    """Whether halves of a product, the size of a batch of a small network, spare BLAS its copies.

    That is a tenth of the time.
    """
    return unpacked() < multiplications <= 2 * unpacked()


def _halves(n: int) -> tuple[slice, slice]:
    return slice(0, n // 2), slice(n // 2, n)


def _share_columns(share: WorkShare, xp: ModuleType, x: Array, b: Array, y: Array) -> None:
    """Compute columns of the product side by side."""

    def columns(part: slice) -> None:
        xp.matmul(x, b[:, part], out=y[:, part])

    share.run(columns, y.shape[1])


def _share_gradient(layer: Any, name: str, x: Array, g: Array, out: Array) -> None:
    """Leave the gradient's rows to whoever has time, until `WorkShare.finish`.

    Where somebody waits for it, a part is computed in memory of the thread's own and handed over.
    """
    xp, share, when_ready = layer.xp, layer.share, layer.when_ready
    width = math.prod(out.shape[1:])

    def rows(part: slice) -> None:
        if when_ready is None:
            xp.matmul(x[:, part].T, g, out=out[part])
            return
        start = layer.starts[name] + part.start * width
        size = (part.stop - part.start) * width
        own = share.spare("gradient", size, layer.dtype)
        xp.matmul(x[:, part].T, g, out=own.reshape(-1, width))
        when_ready(slice(start, start + size), own)

    share.later(rows, x.shape[1], SMALLEST_PART)
