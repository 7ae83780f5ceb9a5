"""Inputs of a network: one array, or a tuple of several that share their rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np
from scipy.sparse import issparse, vstack

from skdeep.nn.layers.base import Shape

__all__ = [
    "cast",
    "convert",
    "is_sparse",
    "join_rows",
    "n_rows",
    "sample_shape",
    "size_of",
    "take_rows",
]


def is_sparse(x: Any) -> bool:
    """Tell whether `x` is a sparse matrix; quicker than SciPy where it is a plain array."""
    return type(x) is not np.ndarray and issparse(x)


def n_rows(x: Any) -> int:
    """Return how many samples `x` has."""
    return int((x[0] if isinstance(x, tuple) else x).shape[0])


def sample_shape(x: Any) -> Shape:
    """Return the shape of one sample of `x`, or of one of each of several inputs."""
    return tuple(map(sample_shape, x)) if isinstance(x, tuple) else tuple(x.shape[1:])


def take_rows(x: Any, rows: Any) -> Any:
    """Return some samples of `x`, a view where `rows` is a slice."""
    return tuple(part[rows] for part in x) if isinstance(x, tuple) else x[rows]


def join_rows(parts: Sequence[Any]) -> Any:
    """Return the samples of several inputs as one, copied; None if the parts are None."""
    if parts[0] is None:
        return None
    if isinstance(parts[0], tuple):
        return tuple(map(join_rows, zip(*parts, strict=True)))
    return vstack(parts, format="csr") if is_sparse(parts[0]) else np.concatenate(parts)


def convert(x: Any, xp: ModuleType, dtype: Any, input_dtype: Any = None) -> Any:
    """Return `x` in the types that a network wants, itself where it has them.

    Parameters
    ----------
    x : array, sparse matrix, or tuple of them
    xp : module
        Their namespace.
    dtype : dtype
        Of the network.
    input_dtype : str, tuple or None
        `Layer.input_dtype`.
    """
    if isinstance(x, tuple):
        kinds = input_dtype if isinstance(input_dtype, tuple) else (input_dtype,) * len(x)
        return tuple(convert(part, xp, dtype, kind) for part, kind in zip(x, kinds, strict=True))
    if input_dtype is not None:
        dtype = getattr(xp, input_dtype, None) or xp.int64  # PyTorch has no intp
    if x.dtype == dtype:
        return x
    return cast(x, dtype)


def cast(x: Any, dtype: Any) -> Any:
    """Return a copy of an array of any namespace in another type."""
    return x.astype(dtype) if hasattr(x, "astype") else x.to(dtype)


def size_of(shape: Shape) -> int:
    """Return how many numbers a sample of that shape has, of all inputs together."""
    if shape and isinstance(shape[0], tuple):
        return sum(map(size_of, shape))
    return math.prod(shape)
