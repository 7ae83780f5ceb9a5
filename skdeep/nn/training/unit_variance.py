"""Initial weights by data: every layer's outputs begin with variance one.

Schemes by the size of a layer know nothing of its inputs, and of activations only what was put into
them. Looking at a batch, layer after layer, needs no theory of either.
"""

from __future__ import annotations

from typing import Any

from skdeep.nn.layers import Mode
from skdeep.nn.layers.base import PREDICT
from skdeep.nn.memory import Array
from skdeep.nn.network import Network
from skdeep.nn.shapes.inputs import convert

__all__ = ["unit_variance"]


def unit_variance(
    network: Network,
    x: Any,
    *,
    lengths: Array | None = None,
    tol: float = 0.01,
    max_iter: int = 10,
) -> None:
    """Divide the weights of each layer so that what it says of a batch has variance one.

    One forward pass: each layer that sums its inputs times weights is scaled before the next one
    reads what it says. With weights drawn orthonormal it is the layer-sequential unit-variance
    initialization. Activations, normalizations, recurrent layers and those inside of
    :class:`~skdeep.nn.Frozen` stay as they are, and so does a layer that says the same of all
    samples.

    Parameters
    ----------
    network : Network
        Its weights are changed in place.
    x : array of shape (n_samples, *input_shape), or tuple of arrays
        A batch of the training data, of some hundred samples.
    lengths : array of int of shape (n_samples,) or None, default=None
        How many steps of each sequence are valid.
    tol : float > 0, default=0.01
        How far from one the variance may be.
    max_iter : int, default=10
        Divisions at most; one is enough for a layer with biases of zero.

    References
    ----------
    D. Mishkin, J. Matas, "All you need is a good init", ICLR 2016.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Dense, Network, ReLU, Sequence, unit_variance
    >>> layers = [layer for _ in range(20) for layer in (Dense(30, weight_init="normal"), ReLU())]
    >>> network = Network(Sequence(*layers, Dense(30)), input_shape=(10,), random_state=0)
    >>> x = np.random.default_rng(0).normal(size=(200, 10))
    >>> bool(network.forward(x).var() < 1e-20)
    True
    >>> unit_variance(network, x)
    >>> round(float(network.forward(x).var()), 2)
    1.0
    """
    layers = [layer for layer in network.layers() if layer.linear and layer.learns]
    done: set[int] = set()  # a tied weight is scaled where it comes first
    for layer in layers:
        vars(layer)["forward"] = _Scaling(layer, done, tol, max_iter)
    try:
        x = convert(x, network.xp, network.dtype, network.root.input_dtype)
        network.forward(x, PREDICT if lengths is None else Mode(lengths=lengths))
    finally:
        for layer in layers:
            del vars(layer)["forward"]


class _Scaling:
    """The forward pass of a layer that divides its weights before it returns."""

    def __init__(self, layer: Any, done: set[int], tol: float, max_iter: int) -> None:
        self.layer, self.forward = layer, layer.forward
        self.done, self.tol, self.max_iter = done, tol, max_iter

    def __call__(self, x: Array, mode: Mode = PREDICT) -> Array:
        layer, y = self.layer, self.forward(x, mode)
        if layer.starts["weight"] in self.done:
            return y
        self.done.add(layer.starts["weight"])
        for _ in range(self.max_iter):
            deviation = _deviation(y)
            if not 0 < deviation < float("inf") or abs(deviation - 1) <= self.tol / 20:
                break
            layer.weight /= deviation
            y = self.forward(x, mode)
        return y


def _deviation(y: Array) -> float:
    """Return the standard deviation of all numbers, whose squares neither overflow nor vanish."""
    largest = float(abs(y).max())
    if not 0 < largest < float("inf"):
        return 0.0
    scaled = y / largest
    scaled -= scaled.mean()
    scaled *= scaled
    return float(scaled.mean()) ** 0.5 * largest
