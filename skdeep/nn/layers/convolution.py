"""Convolution of pictures: the same small window of weights at every place."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from skdeep.nn.convolution.choice import path_for
from skdeep.nn.convolution.geometry import Geometry, check_padding, fit, pair
from skdeep.nn.initializers import INITIALIZERS, Initializer
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter
from skdeep.nn.memory import Array
from skdeep.nn.sharing import SMALLEST_SHARED, each_part

__all__ = ["Conv2D"]

# That take as long as to read or write one: where windows or channels are few, moving takes longer.
_MULTIPLICATIONS_OF_A_NUMBER = 32


class Conv2D(Layer):
    """Convolution of pictures, channels last.

    With pictures x of shape (n, height, width, c), a window of weights W of shape (rows, columns,
    c, m) and biases b of shape (m,), at a stride s and with a border of zeros::

        y[p, q] = sum over i, j of x[s p + i, s q + j] W[i, j] + b

    The window is not flipped. On the way back, summed over samples and places (p, q)::

        grad_W[i, j] = sum of x[s p + i, s q + j]' grad_y[p, q],    grad_b = sum of grad_y
        grad_x[k, l] = sum over all places and entries with s p + i = k, s q + j = l
                       of grad_y[p, q] W[i, j]'

    `skdeep.nn.convolution` computes it, along the fastest of several paths; its `reference` is the
    one to read. In float32, windows of 3 x 3 and 5 x 5 take Winograd's minimal products, with a
    relative error of about 2e-6 instead of 3e-7 (with a stride of 2, 3e-7 as well); other types,
    and `exact`, never do.

    Parameters
    ----------
    filters : int
        Output channels, m.
    kernel_size : int or (int, int)
        Rows and columns of the window.
    stride : int or (int, int), default=1
    padding : {"valid", "same"}, int, (int, int) or ((int, int), (int, int)), default="valid"
        No border; the border that makes ceil(pixels / stride) places, the odd zero below and to
        the right; or so many zeros on either side: for rows and columns, or for ((above, below),
        (left, right)).
    dilation : int or (int, int), default=1
        Pixels from one entry of the window to the next.
    groups : int, default=1
        Channels and filters fall into so many equal groups, each filter seeing its own group of
        channels only. As many as there are channels: a depthwise convolution.
    activation : {None, "relu"}, default=None
        "relu" makes it y = max(..., 0), in the same pass over memory.
    use_bias : bool, default=True
        False where a batch normalization follows, whose shift does the bias's work.
    weight_init : str or initializer, default="glorot_uniform"
        A name of `skdeep.nn.initializers.INITIALIZERS`, or a function like its values.
    bias_init : str or initializer, default="zeros"
        The same for the biases.
    exact : bool, default=False
        Whether sums must be rounded as those of a matrix product are, also in float32.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Conv2D, Network
    >>> network = Network(Conv2D(6, 5), input_shape=(32, 32, 1), random_state=0)
    >>> network.forward(np.ones((2, 32, 32, 1))).shape, network.n_parameters
    ((2, 28, 28, 6), 156)
    """

    linear: ClassVar[bool] = True
    in_blocks = True
    by_sample = True
    weight: Array
    bias: Array
    grad_weight: Array
    grad_bias: Array

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        *,
        stride: Any = 1,
        padding: Any = "valid",
        dilation: Any = 1,
        groups: int = 1,
        activation: str | None = None,
        use_bias: bool = True,
        weight_init: str | Initializer = "glorot_uniform",
        bias_init: str | Initializer = "zeros",
        exact: bool = False,
    ) -> None:
        name = type(self).__name__
        for what, number in (("filters", filters), ("groups", groups)):
            if number < 1:
                raise ValueError(f"{name} takes {what} of 1 or more, got {number!r}.")
        if filters % groups:
            raise ValueError(f"{name} takes filters in {groups} equal groups, got {filters}.")
        if activation not in (None, "relu"):
            raise ValueError(
                f"{name} takes as activation None or 'relu', got {activation!r}; others are layers."
            )
        for what, given in (("weight_init", weight_init), ("bias_init", bias_init)):
            if isinstance(given, str) and given not in INITIALIZERS:
                names = ", ".join(map(repr, INITIALIZERS))
                raise ValueError(
                    f"{name} takes as {what} one of {names} or a function like them, got {given!r}."
                )
        self.filters, self.groups = filters, groups
        self.kernel_size, self.stride, self.dilation = kernel_size, stride, dilation
        self.padding = padding
        self.activation, self.use_bias = activation, use_bias
        self.weight_init, self.bias_init = weight_init, bias_init
        self.exact = exact
        self._check_window()

    def _check_window(self) -> None:
        name = type(self).__name__
        check_padding(name, self.padding)
        for what in ("kernel_size", "stride", "dilation"):
            pair(name, what, getattr(self, what))

    def config(self) -> dict[str, Any]:
        """Return filters, kernel size, and what differs from its default."""
        usual = {"stride": 1, "padding": "valid", "dilation": 1, "groups": 1}
        usual |= {"activation": None, "use_bias": True, "exact": False}
        given = {name: getattr(self, name) for name in usual}
        changed = {name: value for name, value in given.items() if value != usual[name]}
        return {"filters": self.filters, "kernel_size": self.kernel_size} | changed

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: not where a ReLU's slope is read off it."""
        return self.activation is None

    def geometry(self, input_shape: tuple[int, ...]) -> Geometry:
        """Return where the windows lie over pictures of that shape; raise where they do not fit."""
        name = type(self).__name__
        self._check_groups(input_shape)
        return fit(
            name,
            input_shape,
            pair(name, "kernel_size", self.kernel_size),
            stride=pair(name, "stride", self.stride),
            padding=self.padding,
            dilation=pair(name, "dilation", self.dilation),
            filters=self.filters,
            groups=self.groups,
        )

    def _check_groups(self, input_shape: tuple[int, ...]) -> None:
        channels = input_shape[-1] if input_shape else 0
        if isinstance(channels, int) and channels % self.groups:
            raise ValueError(
                f"{type(self).__name__} takes channels in {self.groups} equal groups, got samples "
                f"of shape {input_shape}."
            )

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return (places in a column, places in a row, filters)."""
        return self.geometry(input_shape).output_shape

    def parameters(self, input_shape: tuple[int, ...]) -> dict[str, Parameter]:
        """Declare weight (rows, columns, channels / groups, filters) and bias (filters,)."""
        shape = self.geometry(input_shape).weight_shape
        entries = math.prod(shape[:2])
        return self._declare(shape, (entries * shape[2], entries * self.filters // self.groups))

    def _declare(self, shape: tuple[int, ...], fans: tuple[int, int]) -> dict[str, Parameter]:
        weight_init, bias_init = (
            INITIALIZERS[given] if isinstance(given, str) else given
            for given in (self.weight_init, self.bias_init)
        )
        declared = {"weight": Parameter(shape, weight_init, fans, penalized=True)}
        if self.use_bias:
            declared["bias"] = Parameter((self.filters,), bias_init, fans)
        return declared

    def cost(self, input_shape: tuple[int, ...]) -> int:
        """Return the entries of the window times the places times the filters."""
        geometry = self.geometry(input_shape)
        return math.prod(geometry.places) * math.prod(geometry.weight_shape)

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return the convolution, rectified where that is the activation."""
        self.x = x
        shape = self.output_shape(x.shape[1:])
        self.y = self.buffer("y", (len(x), *shape))
        self._path(x.shape[1:])
        pictures, y = self._pictures(x), self._pictures(self.y)
        weight = self._window(self.weight)
        bias = self.bias if self.use_bias else None

        def forward(part: slice) -> None:
            self.path.forward(pictures[part], weight, y[part], bias, self.activation == "relu")

        self._each_part(x, forward)
        return self.y

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Fill grad_weight and grad_bias, return the gradient by the input."""
        x = self.x
        grad_x = self.buffer("grad_x", x.shape) if wants_input else None
        pictures, grad = self._pictures(x), self._pictures(grad_y)
        back = None if grad_x is None else self._pictures(grad_x)
        outputs = None if self.activation is None else self._pictures(self.y)
        weight = self._window(self.weight)

        def backward(part: slice) -> None:
            grad_weight, grad_bias = self._gradients(part)
            self.path.backward(
                pictures[part],
                weight,
                grad[part],
                None if back is None else back[part],
                grad_weight,
                grad_bias,
                None if outputs is None else outputs[part],
            )

        self._each_part(x, backward)
        return grad_x

    def _path(self, input_shape: tuple[int, ...]) -> None:
        """Choose the path for samples of that shape, unless it is chosen."""
        if self.__dict__.get("_shape") != input_shape:
            self._shape = input_shape
            geometry = self.geometry(input_shape)
            self.path = path_for(geometry, self.xp, self.dtype, exact=self.exact)

    def _pictures(self, array: Array) -> Array:
        """View an array of samples as pictures."""
        return array

    def _window(self, weight: Array) -> Array:
        """View weights as those of a window of rows and columns."""
        return weight

    def _each_part(self, x: Array, task: Any) -> None:
        """Let each thread do its part of the batch; add up what parts say of the parameters."""
        self._sums: list[tuple[Array, Array | None]] = []
        self._n = len(x)
        shape = x.shape[1:]
        numbers = math.prod(shape) + math.prod(self.output_shape(shape))
        work = self.cost(shape) + _MULTIPLICATIONS_OF_A_NUMBER * numbers
        each_part(self.share, len(x), len(x) * work, SMALLEST_SHARED, task)
        for grad_weight, grad_bias in self._sums:
            self._window(self.grad_weight)[...] += grad_weight
            if grad_bias is not None:
                self.grad_bias += grad_bias

    def _gradients(self, part: slice) -> tuple[Array, Array | None]:
        """Return where a part of the batch is to write the gradients of weight and bias."""
        weight, bias = self._window(self.grad_weight), self.grad_bias if self.use_bias else None
        if part.start == 0 or self.share is None:
            return weight, bias
        number = -(-part.start * self.share.n_threads // self._n)  # of the thread's part
        own = self.buffer(f"weight {number}", weight.shape)
        own_bias = None if bias is None else self.buffer(f"bias {number}", bias.shape)
        self._sums.append((own, own_bias))
        return own, own_bias
