"""What is said of an array that does not fit a network."""

from __future__ import annotations

from typing import Any

from skdeep.nn.layers.base import Shape

__all__ = ["blame_shape"]

# How NumPy begins to say that shapes do not fit.
_MISFITS = ("matmul", "operands", "shapes", "output array", "could not broadcast", "cannot reshape")


def blame_shape(name: str, given: Any, shape: Shape, error: Exception) -> None:
    """Raise an error that says so, if what a layer was given does not fit its shape."""
    if any(isinstance(part, tuple) for part in shape):
        return  # several inputs
    found = getattr(given, "shape", None)
    if found is None:
        kind = type(given).__name__
        raise TypeError(f"{name} must be an array, got an instance of {kind}.") from error
    if not str(error).startswith(_MISFITS):
        return  # a layer's own words say more
    axes = zip(found[1:], shape, strict=False)
    if len(found) != 1 + len(shape) or any(a != b for a, b in axes if b is not None):
        expected = ", ".join(map(str, ("n_samples", *shape)))
        raise ValueError(f"{name} must be of shape ({expected}), got {tuple(found)}.") from error
