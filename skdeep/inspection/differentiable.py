"""A network as a function of its input, with its gradient, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.inspection.gradient_problems import in_float64
from skdeep.nn import PREDICT, Embedding, Frozen, Mode, Network, Sequence

__all__ = ["Differentiable"]

Floats = NDArray[np.float64]

_AT_ONCE = 256


class Differentiable:
    """Outputs of a copy of a network, and their gradients by what it reads.

    Where it begins with an embedding, the input that can be varied is the vectors of the tokens.

    Parameters
    ----------
    network : Network
    lengths : ndarray of int of shape (n_samples,) or None, default=None
        Of the samples that will be given.

    Attributes
    ----------
    embeds : bool
        Whether it begins with an embedding.
    """

    def __init__(self, network: Network, lengths: NDArray[np.intp] | None = None) -> None:
        self.network, self.lengths = in_float64(network), lengths
        root = self.network.root
        self.embeds = root.input_dtype is not None
        front = root.layers[0] if isinstance(root, Sequence) and root.layers else root
        if isinstance(front, Frozen):
            front = front.layer
        if self.embeds and not isinstance(front, Embedding):
            raise TypeError(
                f"A network that reads indices must begin with an embedding to be differentiated; "
                f"got {root!r}."
            )
        for node in self.network.nodes():
            if hasattr(node.layer, "truncate"):
                node.layer.truncate = None  # which is for training

    def start(self, x: Any) -> Floats:
        """Return what can be varied of an input, a copy in float64."""
        if not self.embeds:
            return np.array(x, dtype=np.float64)
        root: Any = self.network.root
        parts = [
            np.array(root.layers[0].forward(x[rows], mode)) for rows, mode in self._parts(len(x))
        ]
        return np.concatenate(parts).astype(np.float64)

    def outputs(self, x: Floats) -> Floats:
        """Return the raw outputs of shape (n_samples, n_outputs)."""
        return np.concatenate([self._forward(x[rows], mode) for rows, mode in self._parts(len(x))])

    def __call__(self, x: Floats, directions: Floats) -> tuple[Floats, Floats]:
        """Return the outputs along `directions`, and their gradients by `x`.

        Parameters
        ----------
        x : ndarray of shape (n_samples, ...)
        directions : ndarray of shape (n_samples, n_outputs)
            What is explained is the product of these and the outputs, summed over outputs.
        """
        values, gradients = [], []
        for rows, mode in self._parts(len(x)):
            outputs = self._forward(x[rows], mode)
            values.append((outputs * directions[rows]).sum(axis=1))
            gradients.append(np.array(self._backward(directions[rows].copy())))
        return np.concatenate(values), np.concatenate(gradients)

    def per_feature(self, values: Floats) -> Floats:
        """Return one number a token, where there are tokens."""
        return values.sum(axis=-1) if self.embeds else values

    def _parts(self, n: int) -> Any:
        for start in range(0, n, _AT_ONCE):
            rows = slice(start, start + _AT_ONCE)
            yield rows, PREDICT if self.lengths is None else Mode(lengths=self.lengths[rows])

    def _forward(self, x: Floats, mode: Mode) -> Floats:
        if not self.embeds:
            return np.array(self.network.forward(x, mode))
        root: Any = self.network.root
        y = x.copy()  # the next layer may write over it
        for layer in root.layers[1:]:
            y = layer.forward(y, mode)
        return np.array(y)

    def _backward(self, grad: Floats) -> Any:
        if not self.embeds:
            return self.network.backward(grad, wants_input=True)
        root: Any = self.network.root
        for layer in reversed(root.layers[1:]):
            grad = layer.backward(grad, True)
        return grad
