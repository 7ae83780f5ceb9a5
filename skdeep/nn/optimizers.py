"""Optimizers, from the simplest to the most elaborate.

Each acts on the network's one parameter vector w and one gradient vector g, in place, and may
destroy the gradient. The base class owns what all of them share: clipping, decoupled weight decay,
the count of steps and the state vectors; a subclass writes only its update.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any, ClassVar

import numpy as np

from skdeep.nn.memory import Array
from skdeep.nn.penalties import Penalty
from skdeep.nn.vectors import axpy, length

__all__ = ["SGD", "Adam", "AdamW", "Momentum", "Nesterov", "Optimizer"]

# Below it, a moment's scale is multiplied into its vector; far from where float32 overflows.
_SMALLEST_SCALE = 1e-4

# So many parameters at a time, with their gradient and state, stay in a core's caches from one
# pass over them to the next, and are enough for calls to cost nothing beside the work.
BLOCK = 2**18


class Optimizer:
    """The base of all optimizers.

    Parameters
    ----------
    clip_norm : float or None, default=None
        Gradients longer than this are scaled down to this length.
    weight_decay : float >= 0, default=0.0
        Decoupled decay: each step first multiplies the penalized weights by
        1 - learning_rate * weight_decay, whatever the gradient is [1]_.

    References
    ----------
    .. [1] I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019.
    """

    #: Names of the state vectors, each as long as the parameters.
    slots: ClassVar[tuple[str, ...]] = ()
    #: Whether a step is one down the gradient, so that a proximal step may follow it.
    proximal: ClassVar[bool] = False
    xp: ModuleType = np

    def __init__(self, *, clip_norm: float | None = None, weight_decay: float = 0.0) -> None:
        self.clip_norm = clip_norm
        self.weight_decay = weight_decay
        self.t = 0

    def settle(self, xp: ModuleType, dtype: Any, size: int) -> None:
        """Make the state vectors, zero, and forget all steps."""
        self.xp = xp
        self.t = 0
        for slot in self.slots:
            setattr(self, slot, xp.zeros(size, dtype=dtype))

    def step(
        self,
        params: Array,
        grad: Array,
        learning_rate: float,
        *,
        n_penalized: int = 0,
        penalty: Penalty | None = None,
    ) -> None:
        """Move `params` against `grad`, once.

        Parameters
        ----------
        params, grad : array of shape (n_parameters,)
            `params` is changed, `grad` is destroyed.
        learning_rate : float
        n_penalized : int, default=0
            How many of the first parameters are penalized and decay.
        penalty : Penalty or None, default=None
            Adds its gradient to `grad` first, in the same walk over the parameters. What of it has
            a kink is a proximal step after the move instead, where the optimizer is `proximal`.
        """
        update = self.start_step(
            params, grad, learning_rate, n_penalized=n_penalized, penalty=penalty
        )
        update(slice(0, params.shape[0]), grad)

    def start_step(
        self,
        params: Array,
        grad: Array,
        learning_rate: float,
        *,
        n_penalized: int = 0,
        penalty: Penalty | None = None,
    ) -> Callable[[slice, Array], None]:
        """Begin a step, and return what does it for any slice of the parameters.

        That is ``update(part, gradient)`` with the gradient of that slice alone, which it destroys.
        The slices must not overlap and make up the vector; several threads may move them.

        The parameters are those of `step`; `grad` is looked at only if `clip_norm` is set.
        """
        self.t += 1
        self.begin(learning_rate)
        scale, shrinking = 1.0, None
        if penalty is not None and self.proximal:
            penalty, shrinking = penalty.split()
        if self.clip_norm is not None:  # the length of the whole gradient comes first
            if penalty is not None:
                penalty.add_gradient(params[:n_penalized], grad[:n_penalized])
                penalty = None
            scale = self.clip_scale(grad)
        keep = 1.0 - learning_rate * self.weight_decay

        def update_block(part: slice, g: Array) -> None:
            w = params[part]
            weights = w[: max(0, n_penalized - part.start)]
            if penalty is not None and len(weights):
                penalty.add_gradient(weights, g[: len(weights)])
            if scale != 1.0:
                g *= scale
            if keep != 1.0:
                weights *= keep
            self.update(w, g, part)
            if shrinking is not None:
                shrinking.shrink(weights, learning_rate)

        def update(part: slice, gradient: Array) -> None:
            for start in range(part.start, part.stop, BLOCK):
                stop = min(start + BLOCK, part.stop)
                update_block(slice(start, stop), gradient[start - part.start : stop - part.start])

        return update

    def clip_scale(self, grad: Array) -> float:
        """Return what the gradient is to be multiplied by to be no longer than `clip_norm`."""
        norm = length(self.xp, grad)
        return min(1.0, self.clip_norm / norm) if self.clip_norm is not None and norm > 0 else 1.0

    def begin(self, learning_rate: float) -> None:
        """Work out the numbers of this step."""
        self.rate = learning_rate

    def update(self, w: Array, g: Array, part: slice) -> None:
        """Move the slice `part` of the parameters; `w` and `g` are that slice already.

        The gradient may be written over.
        """
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Return copies of all that the next step depends on, by name."""
        state = self.__getstate__()
        return state | {slot: state[slot] * 1 for slot in self.slots if slot in state}

    def load(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self.__dict__.update(state)
        for slot in self.slots:
            if slot in state:
                setattr(self, slot, state[slot] * 1)

    def copy(self) -> Optimizer:
        """Return an optimizer in the same state that goes its own way from here."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        for slot in self.slots:
            setattr(twin, slot, getattr(self, slot) * 1)
        return twin

    def __getstate__(self) -> dict[str, Any]:
        """Leave the namespace, a module, out of pickles."""
        return {name: value for name, value in self.__dict__.items() if name != "xp"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Come back in NumPy's namespace."""
        self.__dict__.update(state)
        self.xp = np


class SGD(Optimizer):
    """Stochastic gradient descent: w <- w - rate g."""

    proximal = True

    def update(self, w: Array, g: Array, part: slice) -> None:
        """Step down the gradient."""
        axpy(-self.rate, g, w)


class Momentum(Optimizer):
    """Gradient descent with a velocity: v <- momentum v - rate g, w <- w + v.

    Parameters
    ----------
    momentum : float in [0, 1], default=0.9
        What a step keeps of the velocity.
    clip_norm, weight_decay
        As in `Optimizer`.

    References
    ----------
    B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
    """

    slots = ("velocity",)
    velocity: Array

    def __init__(self, momentum: float = 0.9, **common: Any) -> None:
        super().__init__(**common)
        self.momentum = momentum

    def update(self, w: Array, g: Array, part: slice) -> None:
        """Step along the velocity."""
        v = self.velocity[part]
        v *= self.momentum
        axpy(-self.rate, g, v)
        w += v


class Nesterov(Momentum):
    """Momentum that looks ahead: v <- momentum v - rate g, w <- w + momentum v - rate g.

    Parameters
    ----------
    momentum, clip_norm, weight_decay
        As in `Momentum`.

    References
    ----------
    I. Sutskever, J. Martens, G. Dahl, G. Hinton, "On the importance of initialization and momentum
    in deep learning", ICML 2013.
    """

    def update(self, w: Array, g: Array, part: slice) -> None:
        """Step along where the velocity will be."""
        v = self.velocity[part]
        v *= self.momentum
        axpy(-self.rate, g, v)
        axpy(-self.rate, g, w)
        axpy(self.momentum, v, w)


class Adam(Optimizer):
    """Steps of equal size in all directions, by the first two moments of the gradient.

    ::

        m <- beta_1 m + (1 - beta_1) g          v <- beta_2 v + (1 - beta_2) g**2
        w <- w - rate sqrt(1 - beta_2**t) / (1 - beta_1**t) m / (sqrt(v) + epsilon)

    which is the faster form at the end of section 2 of the paper, and scikit-learn's.

    Each step would scale m and v, two passes over memory. Instead the state holds them divided by
    scales that shrink by beta_1 and beta_2 at each step, so that a step only adds to them; once a
    scale has become small, it is multiplied into its vector.

    Parameters
    ----------
    beta_1, beta_2 : float in [0, 1), default=0.9 and 0.999
        What the moments keep from step to step.
    epsilon : float > 0, default=1e-8
        Added to the root.
    clip_norm, weight_decay
        As in `Optimizer`.

    References
    ----------
    D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    """

    slots = ("m", "v")
    m: Array
    v: Array

    def __init__(
        self, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-8, **common: Any
    ) -> None:
        super().__init__(**common)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def settle(self, xp: ModuleType, dtype: Any, size: int) -> None:
        """Make the moments, zero and of scale one, and forget all steps."""
        super().settle(xp, dtype, size)
        self.scale_1 = self.scale_2 = 1.0

    def begin(self, learning_rate: float) -> None:
        """Shrink the scales, and correct the bias of moments that started at zero."""
        self.scale_1 *= self.beta_1
        if self.scale_1 < _SMALLEST_SCALE:
            self.m *= self.scale_1
            self.scale_1 = 1.0
        self.scale_2 *= self.beta_2
        if self.scale_2 < _SMALLEST_SCALE:
            self.v *= self.scale_2
            self.scale_2 = 1.0
        root = math.sqrt(self.scale_2)
        correction = math.sqrt(1 - self.beta_2**self.t) / (1 - self.beta_1**self.t)
        self.rate = learning_rate * correction * self.scale_1 / root
        self.shift = self.epsilon / root

    def update(self, w: Array, g: Array, part: slice) -> None:
        """Add to the moments, and step by their ratio."""
        xp = self.xp
        m, v = self.m[part], self.v[part]
        axpy((1 - self.beta_1) / self.scale_1, g, m)
        g *= g
        axpy((1 - self.beta_2) / self.scale_2, g, v)
        xp.sqrt(v, out=g)
        g += self.shift
        xp.divide(m, g, out=g)
        axpy(-self.rate, g, w)


class AdamW(Adam):
    """Adam with decoupled weight decay.

    Parameters
    ----------
    weight_decay : float >= 0, default=0.01
    beta_1, beta_2, epsilon, clip_norm
        As in `Adam`.

    References
    ----------
    I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019.
    """

    def __init__(self, weight_decay: float = 0.01, **common: Any) -> None:
        super().__init__(weight_decay=weight_decay, **common)
