"""Adam and its kin: steps by the first two moments of the gradient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import ModuleType
from typing import Any, ClassVar

from skdeep.nn.memory import Array
from skdeep.nn.optimizers.base import Matrices, Optimizer
from skdeep.nn.vectors import axpy, scratch

__all__ = ["AMSGrad", "Adam", "AdamW", "NAdam"]

# Below it, a moment's scale is multiplied into its vector; far from where float32 overflows.
_SMALLEST_SCALE = 1e-4


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
    clip_norm, clip_value, weight_decay
        As in `Optimizer`.

    References
    ----------
    D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    """

    slots: ClassVar[tuple[str, ...]] = ("m", "v")
    m: Array
    v: Array
    proximal = True

    def __init__(
        self, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-8, **common: Any
    ) -> None:
        super().__init__(**common)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def settle(
        self, xp: ModuleType, dtype: Any, size: int, matrices: Sequence[Matrices] = ()
    ) -> None:
        """Make the moments, zero and of scale one, and forget all steps."""
        super().settle(xp, dtype, size, matrices)
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
        self.unit = learning_rate * math.sqrt(1 - self.beta_2**self.t) / root

    def reach(self, g: Array, part: slice) -> Array:
        """Return rate sqrt(1 - beta_2**t) / (sqrt(v) + epsilon), the metric of Adam's steps [1]_.

        References
        ----------
        .. [1] J. Yun, A. C. Lozano, E. Yang, "Adaptive proximal gradient methods for structured
           neural networks", NeurIPS 2021, algorithm 1.
        """
        self.xp.sqrt(self.second(part), out=g)
        g += self.shift
        return self.xp.divide(self.unit, g, out=g)

    def second(self, part: slice) -> Array:
        """Return the second moments that steps of that slice are divided by the root of."""
        return self.v[part]

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
    beta_1, beta_2, epsilon, clip_norm, clip_value
        As in `Adam`.

    References
    ----------
    I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019.
    """

    def __init__(self, weight_decay: float = 0.01, **common: Any) -> None:
        super().__init__(weight_decay=weight_decay, **common)


class AMSGrad(Adam):
    """Adam by the largest second moment so far, so that steps cannot grow again.

    ::

        m <- beta_1 m + (1 - beta_1) g          v <- beta_2 v + (1 - beta_2) g**2
        u <- max(u, v)
        w <- w - rate sqrt(1 - beta_2**t) / (1 - beta_1**t) m / (sqrt(u) + epsilon)

    which is `Adam` but for u, with the bias corrected as there.

    Parameters
    ----------
    beta_1, beta_2, epsilon, clip_norm, clip_value, weight_decay
        As in `Adam`.

    References
    ----------
    S. J. Reddi, S. Kale, S. Kumar, "On the convergence of Adam and beyond", ICLR 2018,
    algorithm 2.
    """

    slots = ("m", "v", "largest")
    largest: Array

    def begin(self, learning_rate: float) -> None:
        """Shrink the scales; the largest moments have none."""
        super().begin(learning_rate)
        root = math.sqrt(self.scale_2)
        self.rate, self.shift, self.unit = self.rate * root, self.epsilon, self.unit * root

    def second(self, part: slice) -> Array:
        """Return the largest second moments so far."""
        return self.largest[part]

    def update(self, w: Array, g: Array, part: slice) -> None:
        """Add to the moments, and step by the first over the largest second."""
        xp = self.xp
        m, v, largest = self.m[part], self.v[part], self.largest[part]
        axpy((1 - self.beta_1) / self.scale_1, g, m)
        g *= g
        axpy((1 - self.beta_2) / self.scale_2, g, v)
        xp.multiply(v, self.scale_2, out=g)
        xp.maximum(largest, g, out=largest)
        xp.sqrt(largest, out=g)
        g += self.shift
        xp.divide(m, g, out=g)
        axpy(-self.rate, g, w)


class NAdam(Adam):
    """Adam with Nesterov's look ahead.

    ::

        mu_t = beta_1 (1 - 0.96**(t momentum_decay) / 2)
        m <- beta_1 m + (1 - beta_1) g          v <- beta_2 v + (1 - beta_2) g**2
        n = (1 - mu_t) / (1 - mu_1 ... mu_t) g + mu_(t+1) / (1 - mu_1 ... mu_(t+1)) m
        w <- w - rate sqrt(1 - beta_2**t) n / (sqrt(v) + epsilon)

    where the bias is corrected as in `Adam`.

    Parameters
    ----------
    beta_1, beta_2, epsilon, clip_norm, clip_value, weight_decay
        As in `Adam`.
    momentum_decay : float >= 0, default=4e-3
        How fast the momentum mu comes from half of `beta_1` to `beta_1`.

    References
    ----------
    T. Dozat, "Incorporating Nesterov momentum into Adam", ICLR 2016 workshop, algorithm 2, and
    the momentum of I. Sutskever et al. there; PyTorch's NAdam is the same rule.
    """

    def __init__(
        self,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        momentum_decay: float = 4e-3,
        **common: Any,
    ) -> None:
        super().__init__(beta_1, beta_2, epsilon, **common)
        self.momentum_decay = momentum_decay

    def settle(
        self, xp: ModuleType, dtype: Any, size: int, matrices: Sequence[Matrices] = ()
    ) -> None:
        """Make the moments, and forget all steps and their momenta."""
        super().settle(xp, dtype, size, matrices)
        self.product = 1.0

    def momentum(self, t: int) -> float:
        """Return mu of step t, the first of which is 1."""
        return self.beta_1 * (1 - 0.5 * 0.96 ** (t * self.momentum_decay))

    def begin(self, learning_rate: float) -> None:
        """Work out what the step takes of the gradient, and what of its mean."""
        super().begin(learning_rate)
        now, ahead = self.momentum(self.t), self.momentum(self.t + 1)
        self.product *= now
        rate = learning_rate * math.sqrt((1 - self.beta_2**self.t) / self.scale_2)
        self.of_gradient = rate * (1 - now) / (1 - self.product)
        self.of_mean = rate * self.scale_1 * ahead / (1 - self.product * ahead)

    def update(self, w: Array, g: Array, part: slice) -> None:
        """Add to the moments, and step by a mixture of the first with the gradient."""
        xp = self.xp
        m, v, root = self.m[part], self.v[part], scratch(xp, g)
        axpy((1 - self.beta_1) / self.scale_1, g, m)
        xp.multiply(g, g, out=root)
        axpy((1 - self.beta_2) / self.scale_2, root, v)
        xp.sqrt(v, out=root)
        root += self.shift
        g *= self.of_gradient
        axpy(self.of_mean, m, g)
        g /= root
        w -= g
