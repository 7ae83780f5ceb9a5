"""A penalty on how steep the output of a layer is, with its exact gradient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from skdeep.nn.layers.base import Layer
from skdeep.nn.memory import Array
from skdeep.nn.second_order.dual import Dual
from skdeep.nn.second_order.duals import Duals

__all__ = ["SlopePenalty"]


class SlopePenalty:
    """A penalty on the slopes of a layer's one output y by its input x, and its gradient.

    ::

        v_i = dy_i / dx_i,    penalty = alpha / 2 * mean over samples of |v_i|^2

    Its gradient by the parameters w needs derivatives of derivatives. Where x moves along v, y
    moves by v' v; so, with v held as it is, the gradient of half its square is the derivative,
    along v, of the gradient of y::

        d/dw |v|^2 / 2 = d/dt dy(x + t v) / dw  at t = 0

    which is exact, and what going forward and back with dual numbers gives: double
    backpropagation [1]_ by way of [2]_, whatever the layer is made of.

    Parameters
    ----------
    layer : Layer
        Bound to a network, with an output of shape (n_samples, 1) in which samples do not mix.
    alpha : float >= 0

    References
    ----------
    .. [1] H. Drucker, Y. LeCun, "Improving generalization performance using double
       backpropagation", IEEE Transactions on Neural Networks 3, 1992.
    .. [2] B. A. Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6,
       1994.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Dense, Network
    >>> from skdeep.nn.adversarial import SlopePenalty
    >>> network = Network(Dense(1), input_shape=(2,))
    >>> network.params[:2] = 3.0, 4.0
    >>> slopes = np.array([[3.0, 4.0]])
    >>> penalty = SlopePenalty(network.root, 2.0)
    >>> penalty.value(slopes)
    25.0
    >>> network.grad[...] = 0
    >>> penalty.add_gradient(np.ones((1, 2)), slopes)
    >>> network.grad
    array([6., 8., 0.])
    """

    def __init__(self, layer: Layer, alpha: float) -> None:
        self.layer, self.alpha = layer, alpha
        self._twin = layer.replica()  # whose parameters are the layer's, and constants
        self._pairs = list(zip(_tree(layer), _tree(self._twin), strict=True))
        xp: Any = Duals(1)
        for original, twin in self._pairs:
            twin.settle(xp, original.dtype)
            for name in getattr(original, "starts", ()):
                parameter = getattr(original, name)
                setattr(twin, name, parameter)
                setattr(twin, "grad_" + name, xp.zeros(parameter.shape, original.dtype))
            twin.learns = True
        self._twin.connect(may_overwrite=False)

    def value(self, slopes: Array) -> float:
        """Return the penalty, of slopes of shape (n_samples, n_features)."""
        return 0.5 * self.alpha * float((slopes * slopes).sum()) / slopes.shape[0]

    def add_gradient(self, x: Array, slopes: Array) -> None:
        """Add the penalty's gradient by the parameters to that of the layer.

        Parameters
        ----------
        x : array of shape (n_samples, n_features)
            In NumPy's namespace, as it is for the rest.
        slopes : array of shape (n_samples, n_features)
            Those of the layer at `x`.
        """
        y = self._twin.forward(Dual(x, slopes[None]))
        seed = y * 0.0 + self.alpha / x.shape[0]
        seed.tangents[...] = 0.0
        self._twin.backward(seed, wants_input=False)
        for original, twin in self._pairs:
            for name in getattr(original, "starts", ()):
                gradient = getattr(original, "grad_" + name)
                gradient += getattr(twin, "grad_" + name).tangents[0]


def _tree(layer: Layer) -> Iterator[Layer]:
    """Yield a layer and all that are inside it."""
    yield layer
    for child in layer.inside():
        yield from _tree(child)
