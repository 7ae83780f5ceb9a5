"""Convolution of sequences: pictures of one row."""

from __future__ import annotations

from skdeep.nn.convolution.geometry import Geometry, check_padding, fit, pair
from skdeep.nn.layers.base import Parameter
from skdeep.nn.layers.convolution import Conv2D
from skdeep.nn.memory import Array

__all__ = ["Conv1D"]


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
