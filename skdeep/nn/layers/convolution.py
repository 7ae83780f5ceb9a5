"""Convolutions: the same small window of weights at every place of a picture or a sequence."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from skdeep.nn.convolution.choice import path_for
from skdeep.nn.convolution.geometry import Geometry, check_padding, fit, pair
from skdeep.nn.convolution.parts import each_part
from skdeep.nn.initializers import INITIALIZERS, Initializer
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter
from skdeep.nn.memory import Array
from skdeep.nn.sharing import SMALLEST_SHARED

__all__ = ["Conv1D", "Conv2D", "ConvTranspose2D"]


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
    relative error of about 2e-6 instead of 3e-7; other types, and `exact`, never do.

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
        work = len(x) * self.cost(x.shape[1:])
        each_part(self.share, len(x), work, SMALLEST_SHARED, task)
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


class Conv1D(Conv2D):
    """Convolution of sequences, channels last.

    A sequence of shape (n_steps, c) is a picture of one row: see `Conv2D`, with windows and
    weights of shape (steps, c, m).

    Parameters
    ----------
    filters : int
        Output channels, m.
    kernel_size : int
        Steps of the window.
    stride : int, default=1
    padding : {"valid", "same", "causal"}, int or (int, int), default="valid"
        No border; as many places as steps, divided by the stride; the same with zeros before the
        first step only, so that no output sees a later step; or so many zeros on either side, or
        before and after.
    dilation : int, default=1
    groups : int, default=1
    activation : {None, "relu"}, default=None
    use_bias : bool, default=True
    weight_init : str or initializer, default="glorot_uniform"
    bias_init : str or initializer, default="zeros"
    exact : bool, default=False
        As of `Conv2D`.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Conv1D, Network
    >>> network = Network(Conv1D(8, 3, padding="same"), input_shape=(10, 4), random_state=0)
    >>> network.forward(np.ones((2, 10, 4))).shape, network.n_parameters
    ((2, 10, 8), 104)
    """

    def _check_window(self) -> None:
        name = type(self).__name__
        for what in ("kernel_size", "stride", "dilation"):
            value = getattr(self, what)
            if isinstance(value, (tuple, list)):
                raise ValueError(f"{name} takes as {what} a whole number, got {value!r}.")
            pair(name, what, value)
        if self.padding != "causal":
            check_padding(name, self.padding)

    def geometry(self, input_shape: tuple[int, ...]) -> Geometry:
        """Return where the windows lie over pictures of one row of the sequence's steps."""
        name = type(self).__name__
        if len(input_shape) != 2 or isinstance(input_shape[0], tuple):
            raise ValueError(
                f"{name} takes sequences, samples of shape (n_steps, channels); got samples of "
                f"shape {input_shape}."
            )
        self._check_groups(input_shape)
        padding = self.padding
        if padding == "causal":
            padding = (self.dilation * (self.kernel_size - 1), 0)
        if not isinstance(padding, str):
            sides = padding if isinstance(padding, (tuple, list)) else (padding, padding)
            padding = ((0, 0), tuple(sides))
        return fit(
            name,
            (1, *input_shape),
            (1, self.kernel_size),
            stride=(1, self.stride),
            padding=padding,
            dilation=(1, self.dilation),
            filters=self.filters,
            groups=self.groups,
            strict=self.padding != "causal",
        )

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return (places, filters)."""
        return self.geometry(input_shape).output_shape[1:]

    def parameters(self, input_shape: tuple[int, ...]) -> dict[str, Parameter]:
        """Declare weight (steps, channels / groups, filters) and bias (filters,)."""
        _, steps, channels, filters = self.geometry(input_shape).weight_shape
        return self._declare(
            (steps, channels, filters), (steps * channels, steps * filters // self.groups)
        )

    def _pictures(self, array: Array) -> Array:
        return array[:, None]

    def _window(self, weight: Array) -> Array:
        return weight[None]


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
