"""A penalty on what units say, not on their weights."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from skdeep.nn.layers.base import PREDICT, Layer, Mode
from skdeep.nn.memory import Array
from skdeep.nn.shapes.positions import valid_steps

__all__ = ["ActivityL1"]


class ActivityL1(Layer):
    """The identity, with a penalty on what goes through it in training.

    ::

        y = x,    penalty = alpha * mean over samples of sum over units of |x|

    so that a sample is told by few units, the others being silent. The mean is weighted as the
    loss is; the gradient has alpha sign(x) times the weight of each sample besides. Each pixel and
    each step of a sample has units of its own; steps behind the end of a sequence do not count.

    Parameters
    ----------
    alpha : float >= 0
        Strength.
    members : bool, default=False
        Whether the first axis of a sample counts the members of a stack, over which the mean is
        taken, too.

    References
    ----------
    X. Glorot, A. Bordes, Y. Bengio, "Deep sparse rectifier neural networks", AISTATS 2011, section
    4.2.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import ActivityL1, Mode, Network
    >>> network = Network(ActivityL1(0.1), input_shape=(2,))
    >>> y = network.forward(np.array([[1.0, -2.0], [0.0, 3.0]]), Mode(training=True))
    >>> round(network.penalty(), 6)
    0.3
    """

    penalizes: ClassVar[bool] = True

    def __init__(self, alpha: float, *, members: bool = False) -> None:
        if not alpha >= 0:
            raise ValueError(f"ActivityL1 takes an alpha of 0 or more, got {alpha!r}.")
        self.alpha, self.members = alpha, members

    def config(self) -> dict[str, Any]:
        """Return the strength."""
        return {"alpha": self.alpha}

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: it is the input itself."""
        return self.may_overwrite

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return `x`; in training, with the penalty worked out."""
        self.sign = None
        self.penalty_value = 0.0
        if not mode.training:
            return x
        n, xp = x.shape[0], self.xp
        lead = tuple(x.shape[: 2 if self.members else 1])
        each = math.prod(lead)
        weight = self.average(each) if mode.weight is None else mode.weight.reshape(-1)
        shape = (*lead, *(1,) * (x.ndim - len(lead)))
        size = xp.abs(x, out=self.buffer("size", x.shape))
        valid = None
        if mode.lengths is not None and x.ndim > 2:
            valid = valid_steps(self, mode.lengths, x.shape[1]).reshape(
                n, x.shape[1], *(1,) * (x.ndim - 2)
            )
            size *= valid
        self.penalty_value = self.alpha * float(weight @ size.reshape(each, -1).sum(axis=1))
        self.sign = xp.sign(x, out=size)
        self.sign *= (self.alpha * weight).reshape(shape)
        if valid is not None:
            self.sign *= valid
        return x

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Add the gradient of the penalty."""
        if self.sign is not None:
            grad_y += self.sign
        return grad_y if wants_input else None
