"""What is normalized: the features of a sample, which are its last axis."""

from __future__ import annotations

from skdeep.nn.layers.base import Layer, Shape

__all__ = ["with_features"]


def with_features(layer: Layer, input_shape: Shape) -> Shape:
    """Return the input shape; raise ValueError if it has no axis of features."""
    if not input_shape or isinstance(input_shape[0], tuple):
        raise ValueError(
            f"{type(layer).__name__} normalizes along the last axis of its input, "
            f"(..., n_features); got samples of shape {input_shape}."
        )
    return input_shape
