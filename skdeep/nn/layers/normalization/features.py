"""What is normalized: the features of a sample, which are its last axis."""

from __future__ import annotations

from skdeep.nn.initializers import ones, zeros
from skdeep.nn.layers.base import Layer, Parameter, Shape
from skdeep.nn.memory import Array

__all__ = ["FeatureNorm"]


class FeatureNorm(Layer):
    """What normalizations have in common: a learned scale and shift of each feature."""

    scale: Array
    shift: Array
    grad_scale: Array
    grad_shift: Array

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: `backward` reads the normalized input."""
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input shape; raise ValueError if it has no axis of features."""
        if not input_shape or isinstance(input_shape[0], tuple):
            raise ValueError(
                f"{type(self).__name__} normalizes along the last axis of its input, "
                f"(..., n_features); got samples of shape {input_shape}."
            )
        return input_shape

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        """Declare scale and shift, (n_features,) each."""
        features = input_shape[-1:]
        return {"scale": Parameter(features, ones), "shift": Parameter(features, zeros)}
