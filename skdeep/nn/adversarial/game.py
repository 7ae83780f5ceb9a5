"""A generator and a discriminator as one layer, whose gradient is that of a game."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from skdeep.nn.adversarial.slope import SlopePenalty
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Shape
from skdeep.nn.memory import Array

__all__ = ["AdversarialGame"]


class AdversarialGame(Layer):
    """A discriminator D that tells samples x from those that a generator G makes of noise z.

    ::

        y = D(x)                             in prediction
        y = [D(x), D(G(z)), D(G(z))]         in training, with a z of N(0, 1) for each x

    The first two columns are the discriminator's, the last one is the generator's: backward, the
    gradients by the first two go to the parameters of D alone, that by the last through D to those
    of G. So with :class:`AdversarialLoss` one step down the gradient is one of each side at the
    same time. It is the gradient of no function, so that a numerical check of it is for prediction
    alone, and what it finds is no minimum but, at best, an equilibrium.

    The discriminator is held by a penalty on its slopes at the samples, ``alpha / 2`` times the
    mean of their squares, without which the two may circle round the equilibrium for good [1]_.

    Parameters
    ----------
    generator : Layer
        Of `n_noise` numbers; makes samples of the shape of `x`.
    discriminator : Layer
        Makes one number of a sample. Samples do not mix in it.
    n_noise : int
        How many numbers z has.
    alpha : float >= 0, default=0.0
        Strength of the penalty.

    References
    ----------
    .. [1] L. Mescheder, A. Geiger, S. Nowozin, "Which training methods for GANs do actually
       converge?", ICML 2018.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Dense, Mode, Network
    >>> from skdeep.nn.adversarial import AdversarialGame
    >>> network = Network(AdversarialGame(Dense(2), Dense(1), 3, 0.1), (2,), random_state=0)
    >>> x = np.zeros((5, 2))
    >>> network.forward(x).shape
    (5, 1)
    >>> network.forward(x, Mode(training=True, rng=np.random.default_rng(0))).shape
    (5, 3)
    """

    draws = True
    penalizes: ClassVar[bool] = True
    _penalty: SlopePenalty | None = None

    def __init__(
        self, generator: Layer, discriminator: Layer, n_noise: int, alpha: float = 0.0
    ) -> None:
        if not alpha >= 0:
            raise ValueError(f"AdversarialGame takes an alpha of 0 or more, got {alpha!r}.")
        self.generator, self.discriminator = generator, discriminator
        self.n_noise, self.alpha = n_noise, alpha

    def config(self) -> dict[str, Any]:
        """Return both layers, the width of the noise and the strength of the penalty."""
        names = ("generator", "discriminator", "n_noise", "alpha")
        return {name: getattr(self, name) for name in names}

    def children(self, input_shape: Shape) -> Iterator[tuple[str, Layer, Shape]]:
        """Yield the generator, of noise, and the discriminator, of samples."""
        yield "generator", self.generator, (self.n_noise,)
        yield "discriminator", self.discriminator, input_shape

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return that of the discriminator."""
        made = self.generator.output_shape((self.n_noise,))
        if tuple(made) != tuple(input_shape):
            raise ValueError(
                f"The generator makes samples of shape {made}, and those to learn from are of "
                f"shape {input_shape}."
            )
        shape = self.discriminator.output_shape(input_shape)
        if tuple(shape) != (1,):
            raise ValueError(f"The discriminator makes one number, got an output of shape {shape}.")
        return shape

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return D(x); in training, D of samples and of as many that are made."""
        self.slopes, self.penalty_value = None, 0.0
        if not mode.training:
            return self.discriminator.forward(x, mode)
        if mode.rng is None:
            raise ValueError("AdversarialGame draws in training: give the mode a generator as rng.")
        n, mode = x.shape[0], Mode(training=True, rng=mode.rng)
        z = self.buffer("z", (n, self.n_noise))
        z[...] = self.xp.asarray(mode.rng.standard_normal((n, self.n_noise)))
        self.both = self.buffer("both", (2 * n, *x.shape[1:]))
        self.both[:n] = x
        self.both[n:] = self.generator.forward(z, mode)
        _work_alone(self.discriminator)
        y = self.buffer("y", (n, 3))
        told = self.discriminator.forward(self.both, mode)
        y[:, :1] = told[:n]
        y[:, 1:] = told[n:]
        # The gradients by parameters that this makes are of no use, and written over.
        slopes = self.discriminator.backward(self.constant(1.0, (2 * n, 1)) * 1)
        self.slopes = self.buffer("slopes", self.both.shape)
        self.slopes[...] = slopes
        if self.alpha:
            if self._penalty is None:
                self._penalty = SlopePenalty(self.discriminator, self.alpha)
            self.penalty_value = self._penalty.value(self.slopes[:n])
        return y

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Fill the gradients of each side; that by the input is the discriminator's."""
        if self.slopes is None:
            return self.discriminator.backward(grad_y, wants_input)
        n = grad_y.shape[0]
        self.generator.backward(grad_y[:, 2:] * self.slopes[n:], wants_input=False)
        _work_alone(self.discriminator)
        seed = self.buffer("seed", (2 * n, 1))
        seed[:n], seed[n:] = grad_y[:, :1], grad_y[:, 1:2]
        self.discriminator.forward(self.both, Mode(training=True))
        grad = self.discriminator.backward(seed, wants_input)
        grad_x = None if grad is None else grad[:n] * 1
        if self._penalty is not None:
            self._penalty.add_gradient(self.both[:n], self.slopes[:n])
        return grad_x


def _work_alone(layer: Layer) -> None:
    """Keep other threads from a layer whose gradient is not complete when it is first there."""
    if layer.share is None and layer.when_ready is None:  # which all layers of a network are alike
        return
    layer.share = layer.when_ready = None
    for child in layer.inside():
        _work_alone(child)
