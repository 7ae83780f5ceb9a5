"""From a vector for each step to one for the sequence."""

from __future__ import annotations

from skdeep.nn.layers.base import PREDICT, Layer, Mode, Shape
from skdeep.nn.memory import Array
from skdeep.nn.shapes.positions import valid_steps

__all__ = ["MeanOverSteps"]


class MeanOverSteps(Layer):
    """The mean over the valid steps of a sequence.

    ::

        y = sum of x_t over the valid t / length,    grad_x_t = grad_y / length for these t

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import MeanOverSteps, Mode, Network
    >>> network = Network(MeanOverSteps(), input_shape=(3, 1), random_state=0)
    >>> x = np.array([[[1.0], [3.0], [8.0]]])
    >>> network.forward(x).tolist(), network.forward(x, Mode(lengths=np.array([2]))).tolist()
    ([[4.0]], [[2.0]])
    """

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: it is of its own."""
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (n_features,)."""
        if len(input_shape) != 2 or isinstance(input_shape[0], tuple):
            raise ValueError(
                "MeanOverSteps takes sequences, (n_steps, n_features); got samples of shape "
                f"{input_shape}."
            )
        return (input_shape[1],)

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return the mean over valid steps: a product with their shares."""
        n, n_steps, d = x.shape
        if mode.lengths is None:
            self.shares = self.constant(1.0 / n_steps, (n, 1, n_steps))
        else:
            valid = valid_steps(self, mode.lengths, n_steps)
            self.shares = (valid / valid.sum(1)[:, None])[:, None, :]
        y = self.buffer("y", (n, 1, d))
        return self.xp.matmul(self.shares, x, out=y).reshape(n, d)

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Give each valid step its share."""
        n, d = grad_y.shape
        shares = self.shares.swapaxes(1, 2)
        grad_x = self.buffer("grad_x", (n, shares.shape[1], d))
        return self.xp.multiply(shares, grad_y[:, None, :], out=grad_x)
