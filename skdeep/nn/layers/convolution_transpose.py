"""The transpose of a convolution, which makes small pictures large."""

from __future__ import annotations

import math
from typing import Any

from skdeep.nn.convolution.geometry import Geometry, fit, pair
from skdeep.nn.initializers import Initializer
from skdeep.nn.layers.base import PREDICT, Mode, Parameter
from skdeep.nn.layers.convolution import Conv2D
from skdeep.nn.memory import Array

__all__ = ["ConvTranspose2D"]


class ConvTranspose2D(Conv2D):
    """The transpose of a convolution: every pixel puts a window of weights onto the output.

    It is the way back of a `Conv2D` from m channels to c, used forward, so that a stride of s makes
    pictures s times larger. With weights W of shape (rows, columns, m, c)::

        y = what that convolution sends back for x as its grad_y, plus b
        grad_x = that convolution of grad_y

    Parameters
    ----------
    filters : int
        Output channels, m.
    kernel_size : int or (int, int)
    stride : int or (int, int), default=1
    padding : {"valid", "same"}, int, (int, int) or ((int, int), (int, int)), default="valid"
        The convolution's, hence cut from the output: s (pixels - 1) + rows - (padding on both
        sides) rows are left, with "same" s times the pixels.
    dilation : int or (int, int), default=1
    groups : int, default=1
    use_bias : bool, default=True
    weight_init : str or initializer, default="glorot_uniform"
    bias_init : str or initializer, default="zeros"
    exact : bool, default=False
        As of `Conv2D`.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import ConvTranspose2D, Network
    >>> layer = ConvTranspose2D(3, 4, stride=2, padding=1)
    >>> network = Network(layer, input_shape=(7, 7, 8), random_state=0)
    >>> network.forward(np.ones((2, 7, 7, 8))).shape
    (2, 14, 14, 3)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        *,
        stride: Any = 1,
        padding: Any = "valid",
        dilation: Any = 1,
        groups: int = 1,
        use_bias: bool = True,
        weight_init: str | Initializer = "glorot_uniform",
        bias_init: str | Initializer = "zeros",
        exact: bool = False,
    ) -> None:
        super().__init__(
            filters,
            kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
            use_bias=use_bias,
            weight_init=weight_init,
            bias_init=bias_init,
            exact=exact,
        )

    def geometry(self, input_shape: tuple[int, ...]) -> Geometry:
        """Return the geometry of the convolution of which this is the transpose."""
        name = type(self).__name__
        if len(input_shape) != 3 or isinstance(input_shape[0], tuple):
            raise ValueError(
                f"{name} takes pictures, samples of shape (height, width, channels); got samples "
                f"of shape {input_shape}."
            )
        self._check_groups(input_shape)
        kernel, stride, dilation = (
            pair(name, what, getattr(self, what)) for what in ("kernel_size", "stride", "dilation")
        )
        sizes = []
        for axis in (0, 1):
            window = dilation[axis] * (kernel[axis] - 1) + 1
            if self.padding == "same":
                sizes.append(stride[axis] * input_shape[axis])
                continue
            border = 0
            if self.padding != "valid":
                sides = self.padding
                side = sides[axis] if isinstance(sides, (tuple, list)) else sides
                border = sum(side) if isinstance(side, (tuple, list)) else 2 * side
            size = stride[axis] * (input_shape[axis] - 1) + window - border
            if size < 1:
                raise ValueError(
                    f"{name}: S (W - 1) + F - 2P = {stride[axis]} * ({input_shape[axis]} - 1) + "
                    f"{window} - {border} = {size} leaves nothing of an output."
                )
            sizes.append(size)
        return fit(
            name,
            (*sizes, self.filters),
            kernel,
            stride=stride,
            padding=self.padding,
            dilation=dilation,
            filters=input_shape[2],
            groups=self.groups,
        )

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return (rows, columns, filters) of the input of the convolution."""
        return self.geometry(input_shape).input_shape

    def parameters(self, input_shape: tuple[int, ...]) -> dict[str, Parameter]:
        """Declare weight (rows, columns, filters / groups, channels) and bias (filters,)."""
        shape = self.geometry(input_shape).weight_shape
        entries = math.prod(shape[:2])
        return self._declare(shape, (entries * shape[3] // self.groups, entries * shape[2]))

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return what the convolution sends back for x."""
        self.x = x
        y = self.buffer("y", (len(x), *self.output_shape(x.shape[1:])))
        self._path(x.shape[1:])

        def forward(part: slice) -> None:
            self.path.backward(None, self.weight, x[part], y[part])
            if self.use_bias:
                y[part] += self.bias

        self._each_part(x, forward)
        return y

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Fill grad_weight and grad_bias, return the convolution of the gradient."""
        x = self.x
        grad_x = self.buffer("grad_x", x.shape) if wants_input else None

        def backward(part: slice) -> None:
            grad_weight, grad_bias = self._gradients(part)
            if grad_x is not None:
                self.path.forward(grad_y[part], self.weight, grad_x[part])
            self.path.backward(grad_y[part], self.weight, x[part], None, grad_weight)
            if grad_bias is not None:
                grad_bias[...] = grad_y[part].reshape(-1, self.filters).sum(0)

        self._each_part(x, backward)
        return grad_x
