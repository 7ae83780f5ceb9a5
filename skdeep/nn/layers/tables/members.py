"""Dense layers side by side, one for each member of an ensemble."""

from __future__ import annotations

import math
from typing import Any

from skdeep.nn.initializers import Initializer, find_initializer, ones
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter, Shape
from skdeep.nn.memory import Array

__all__ = ["MemberDense"]


class MemberDense(Layer):
    """An affine map of its own for each member of an ensemble, all in one product.

    A sample has a row for each of k members, so that inputs x are of shape (n, k, d). With weights
    W of shape (k, d, m) and biases b of shape (k, m), member i maps its rows by::

        y_i = x_i W_i + b_i

    Nothing is shared: the members are k networks that are trained at the price of one loop.

    Two further forms, together those of RealMLP: with ``ntk=True``::

        y_i = x_i W_i / sqrt(d) + b_i

    so that weights of standard deviation one keep the size of what passes through, and a step of
    Adam is in proportion to the weights in every layer. With ``scales=True`` each member learns
    what each of its inputs counts, s of shape (k, d), one in the beginning::

        y_i = (s_i x_i) W_i + b_i,    grad_s_i = row sums of W_i times x_i' grad_y_i

    It is multiplied into the weights, not the inputs, and so its gradient costs no product.

    Parameters
    ----------
    units : int
        Number of outputs of each member, m.
    weight_init : str or initializer, default="glorot_uniform"
        A name of `skdeep.nn.initializers.INITIALIZERS`, or a function like its values.
    bias_init : str or initializer, default="zeros"
        The same for the biases.
    ntk : bool, default=False
        Whether the product is divided by sqrt(d).
    scales : bool, default=False
        Whether each input has a learned scale.
    bias_rate, scale_rate : float > 0, default=1.0
        How many times as fast as the weights they learn. They are kept divided by it, since a
        step of Adam has the same size for each parameter.

    References
    ----------
    Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and boosted
    trees on tabular data", NeurIPS 2024. A. Jacot, F. Gabriel, C. Hongler, "Neural tangent kernel:
    convergence and generalization in neural networks", NeurIPS 2018.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import MemberDense, Network, ReLU, Sequence
    >>> root = Sequence(MemberDense(8), ReLU(), MemberDense(1))
    >>> network = Network(root, input_shape=(4, 3), random_state=0)  # 4 members, 3 features
    >>> network.forward(np.ones((5, 4, 3))).shape
    (5, 4, 1)
    """

    weight: Array
    bias: Array
    scale: Array
    grad_weight: Array
    grad_bias: Array
    grad_scale: Array

    def __init__(
        self,
        units: int,
        *,
        weight_init: str | Initializer = "glorot_uniform",
        bias_init: str | Initializer = "zeros",
        ntk: bool = False,
        scales: bool = False,
        bias_rate: float = 1.0,
        scale_rate: float = 1.0,
    ) -> None:
        if units < 1:
            raise ValueError(f"MemberDense takes units of 1 or more, got {units!r}.")
        for name, rate in (("bias_rate", bias_rate), ("scale_rate", scale_rate)):
            if not rate > 0:
                raise ValueError(f"MemberDense takes a {name} above 0, got {rate!r}.")
        self.units = units
        self.weight_init, self.bias_init = weight_init, bias_init
        self.ntk, self.scales = ntk, scales
        self.bias_rate, self.scale_rate = bias_rate, scale_rate

    def config(self) -> dict[str, Any]:
        """Return the number of units, and what is not the default."""
        given = {"ntk": self.ntk, "scales": self.scales}
        return {"units": self.units} | {name: True for name, value in given.items() if value}

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: `backward` reads the input alone."""
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (k, units)."""
        if len(input_shape) != 2 or isinstance(input_shape[0], tuple):
            raise ValueError(
                "MemberDense takes samples of shape (n_members, n_features), got samples of shape "
                f"{input_shape}."
            )
        return (input_shape[0], self.units)

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        """Declare weight (k, d, units), bias (k, units) and scale (k, d)."""
        k, d = input_shape
        fans = (d, self.units)
        rate = self.bias_rate
        bias_init = find_initializer("MemberDense", "bias_init", self.bias_init)

        def slow_bias(shape: Any, fans: Any, random_state: Any) -> Any:
            return bias_init(shape, fans, random_state) / rate

        def slow_scale(shape: Any, fans: Any, random_state: Any) -> Any:
            return ones(shape, fans, random_state) / self.scale_rate

        weight_init = find_initializer("MemberDense", "weight_init", self.weight_init)
        declared = {
            "weight": Parameter(
                (k, d, self.units),
                weight_init,
                fans,
                penalized=True,
                gain=1 / math.sqrt(d) if self.ntk else 1.0,
            ),
            "bias": Parameter((k, self.units), slow_bias, fans),
        }
        if self.scales:
            declared["scale"] = Parameter((k, d), slow_scale, fans)
        return declared

    def cost(self, input_shape: Shape) -> int:
        """Return k times d times units."""
        return math.prod(input_shape) * self.units

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return x_i W_i + b_i for each member."""
        self.x = x
        xp = self.xp
        y = self.buffer("y", (*x.shape[:2], self.units))
        self.effective = self.effective_weight()
        xp.matmul(x.swapaxes(0, 1), self.effective, out=y.swapaxes(0, 1))
        y += xp.multiply(self.bias, self.bias_rate, out=self.buffer("b", self.bias.shape))
        return y

    def strengths(self) -> Array:
        """Return the sum of squares of the weights of each input, of shape (k, d)."""
        return (self.effective_weight() ** 2).sum(-1)

    def _gain(self) -> float:
        """Return the number that every weight is multiplied by."""
        gain = self.scale_rate if self.scales else 1.0
        return gain / math.sqrt(self.weight.shape[1]) if self.ntk else gain

    def effective_weight(self) -> Array:
        """Return the weights that the input itself is multiplied by."""
        if not (self.ntk or self.scales):
            return self.weight
        weight = self.buffer("effective", self.weight.shape)
        factor = self._factor()
        return self.xp.multiply(self.weight, factor, out=weight)

    def _factor(self) -> Any:
        """Return what the weights are multiplied by: a number, or one for each input."""
        if not self.scales:
            return self._gain()
        factor = self.buffer("factor", self.scale.shape)
        return self.xp.multiply(self.scale, self._gain(), out=factor)[:, :, None]

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Fill the gradients of the parameters, return grad_y_i W_i'."""
        self._fill(grad_y)
        return self._send_back(grad_y, slice(None)) if wants_input else None

    def backward_of(self, wanted: slice, grad_y: Array) -> Array:
        """Do the same, with the product for some inputs alone."""
        self._fill(grad_y)
        return self._send_back(grad_y, wanted)

    def _fill(self, grad_y: Array) -> None:
        xp = self.xp
        n, k, m = grad_y.shape
        g, x = grad_y.swapaxes(0, 1), self.x.swapaxes(0, 1)
        xp.matmul(x.swapaxes(1, 2), g, out=self.grad_weight)
        if self.scales:
            product = self.buffer("product", self.weight.shape)
            xp.multiply(self.weight, self.grad_weight, out=product)
            xp.matmul(product, self.constant(1.0, (m,)), out=self.grad_scale)
            self.grad_scale *= self._gain()
        if self.ntk or self.scales:
            self.grad_weight *= self._factor()
        ones_ = self.constant(1.0, (n,))
        xp.matmul(grad_y.reshape(n, k * m).T, ones_, out=self.grad_bias.reshape(-1))
        self.grad_bias *= self.bias_rate

    def _send_back(self, grad_y: Array, wanted: slice) -> Array:
        grad_x = self.buffer("grad_x", self.x.shape)
        weight, out = self.effective[:, wanted], grad_x[..., wanted]
        self.xp.matmul(grad_y.swapaxes(0, 1), weight.swapaxes(1, 2), out=out.swapaxes(0, 1))
        return grad_x
