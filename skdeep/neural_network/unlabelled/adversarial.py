"""The generative adversarial network: samples that another network cannot tell from real ones."""

from __future__ import annotations

from dataclasses import KW_ONLY
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skdeep.neural_network.targets import NumberTargets
from skdeep.neural_network.training.samples import Samples
from skdeep.neural_network.training_params import layer_sizes
from skdeep.neural_network.unlabelled.energy_distance import energy_distance
from skdeep.neural_network.unlabelled.unlabelled_network import (
    UnlabelledNetwork,
    activation_rule,
    drawn,
)
from skdeep.nn import ACTIVATIONS, Dense, Layer, Logistic, Loss, Network, Sequence
from skdeep.nn.adversarial import AdversarialGame, AdversarialLoss
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.docstrings import documented_like
from skdeep.utils.parameters import parameters
from skdeep.utils.params import boolean, integer, real, sequence_of

__all__ = ["GenerativeAdversarialNetwork"]

# So many samples are drawn for a score, and so many rows compared with them at most.
_N_COMPARED = 1000


@parameters
class GenerativeAdversarialNetwork(UnlabelledNetwork):
    """A generator of samples, trained against a discriminator that tells them from real ones.

    The generator G makes a sample of noise z from N(0, 1); the discriminator D tells the odds that
    a sample is real. With p the logistic function of D, each of them goes down its own loss, both
    at the same time::

        D:  E_x[-log p(x)] + E_z[-log(1 - p(G(z)))] + gradient_penalty / 2 E_x|dD(x) / dx|^2
        G:  E_z[-log p(G(z))]

    Where neither can improve, samples are distributed as the data and p is one half everywhere:
    the losses are then 2 log 2 and log 2. They tell whether the two are balanced, and not whether
    samples are good; for that there is `score`.

    Attributes
    ----------
    history_ : dict of lists
        As for all networks, with the columns 'discriminator_loss' (without the penalty) and
        'generator_loss'; 'loss' is their sum with the penalty. With a validation part,
        'validation_loss' is the energy distance to it.
    out_activation_ : str
        'logistic': what makes p of the discriminator's output.

    See Also
    --------
    VariationalAutoencoder : Blurred samples, steady training, and a bound on the likelihood.
    sklearn.neighbors.KernelDensity : The data with noise added, good for few dimensions.

    Notes
    -----
    A GAN has no likelihood: nothing says how probable a sample is, and a mode of the data that it
    leaves out is not seen in its losses.

    Features should have one scale: :class:`sklearn.preprocessing.StandardScaler` for tables, grey
    values divided by the largest for pictures.

    There are no sample weights: with noise of its own for each, a sample of weight two would not
    be two samples.

    References
    ----------
    I. Goodfellow et al., "Generative adversarial nets", NIPS 2014.

    L. Mescheder, A. Geiger, S. Nowozin, "Which training methods for GANs do actually converge?",
    ICML 2018.

    G. J. Székely, M. L. Rizzo, "Energy statistics: a class of statistics based on distances",
    Journal of Statistical Planning and Inference 143, 2013.

    Examples
    --------
    Points on a circle:

    >>> import numpy as np
    >>> from skdeep import GenerativeAdversarialNetwork
    >>> angle = np.random.default_rng(0).uniform(0, 2 * np.pi, 1000)
    >>> X = np.c_[np.cos(angle), np.sin(angle)]
    >>> model = GenerativeAdversarialNetwork(2, (32, 32), max_iter=60, random_state=0).fit(X)
    >>> radius = np.linalg.norm(model.sample(1000, random_state=0), axis=1)
    >>> bool(abs(radius.mean() - 1) < 0.1)
    True
    """

    n_components: Annotated[
        int,
        integer(1),
        "Numbers of noise that a sample is made of, at least as many as the data varies in.",
    ] = 8
    hidden_layer_sizes: Annotated[
        Any,
        integer(1) | sequence_of(integer(1)),
        """Units of the generator's hidden layers; the discriminator has the same in reverse. With
        one, samples lie between modes more often than with two.""",
    ] = (64, 64)
    activation: Annotated[
        Any,
        activation_rule,
        f"Of the hidden units: {', '.join(map(repr, ACTIVATIONS))}, or as in `MLPClassifier`.",
    ] = "relu"
    _: KW_ONLY
    gradient_penalty: Annotated[
        float,
        real(0),
        """What holds the discriminator: the strength of a penalty on the squares of its slopes at
        the data, called R1. More is steadier and less sharp; with 0 modes get lost.""",
    ] = 0.3
    unit_interval: Annotated[
        bool,
        boolean(),
        "Whether samples are of numbers from 0 to 1, such as grey values, and made so.",
    ] = False
    alpha: float = 0.0
    batch_size: Any = "auto"
    learning_rate: Any = "cosine"
    learning_rate_init: float = 0.01
    max_iter: int = 200
    beta_1: float = 0.5
    beta_2: float = 0.99
    n_iter_no_change: Annotated[
        Any,
        """Epochs without progress that are forgiven. Losses of a game need not fall, so that it is
        of use with `early_stopping` alone, which goes by `score`.""",
    ] = np.inf

    def sample(self, n_samples: int = 1, *, random_state: Any = None) -> NDArray[Any]:
        """Draw samples.

        Parameters
        ----------
        n_samples : int, default=1
            How many.
        random_state : int, RandomState or None, default=None
            Draws the noise that they are made of.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Samples.

        Raises
        ------
        ValueError
            If `n_samples` is less than one, or training has diverged.
        """
        check_is_fitted(self)
        return self._made(self.network_, drawn(n_samples), check_random_state(random_state))

    @in_kind
    @documented_like(UnlabelledNetwork.fit)
    def score(self, X: ArrayLike, y: Any = None) -> float:
        """Return minus the energy distance between the data and samples.

        A thousand samples are drawn, the same at every call, and compared with as many rows of `X`
        at most. Two halves of the data are not at distance zero either: compare
        with theirs. It is no likelihood, and sees little of what is finer than the distances of
        samples.

        Returns
        -------
        float
            At most 0, in units of the features.
        """
        check_is_fitted(self)
        return -self._distance(self.network_, self._check_X(X, reset=False))

    def _made(self, network: Network, n: int, random: np.random.RandomState) -> NDArray[Any]:
        """Return n samples that the generator of a network makes."""
        root: Any = network.root
        z = random.standard_normal((n, root.n_noise))
        made = self._mapped(network, lambda root, rows: root.generator.forward(rows), z)
        if not np.isfinite(made).all():
            raise ValueError(
                f"The generator of this {type(self).__name__} makes samples that are not finite: "
                "training has diverged. Lower learning_rate_init."
            )
        return made

    def _distance(self, network: Network, x: NDArray[Any]) -> float:
        """Return the energy distance of rows to samples that the network makes."""
        random = np.random.RandomState(0)
        rows = random.permutation(len(x))[:_N_COMPARED]
        return energy_distance(x[rows], self._made(network, _N_COMPARED, random))

    def _validator(self, held_out: Samples) -> Any:
        def validate(network: Network) -> tuple[float, float]:
            distance = self._distance(network, held_out.x)
            if self.scoring in (None, "loss"):
                return distance, -distance
            return distance, held_out.score(self, network)

        return validate

    def _own_score(self, predictions: NDArray[Any], y: Any, weight: Any) -> float:
        raise NotImplementedError("The distance is that of samples, not of the discriminator.")

    # The network

    def _architecture(self, n_outputs: int) -> Layer:
        sizes = layer_sizes(self.hidden_layer_sizes)
        generator = [*self._hidden(sizes), Dense(n_outputs)]
        if self.unit_interval:
            generator.append(Logistic())
        discriminator = [*self._hidden(sizes[::-1]), Dense(1)]
        return AdversarialGame(
            Sequence(*generator),
            Sequence(*discriminator),
            self.n_components,
            float(self.gradient_penalty),
        )

    def _make_loss(self) -> Loss:
        return AdversarialLoss()

    def _learn_targets(self, y: Any, weight: Any, classes: Any) -> NumberTargets:
        return _Answers(y, weight, standardize=False)

    def _check_targets(self, y: Any, what: str) -> None:
        if self.unit_interval:
            self._check_in_unit_interval(y, "unit_interval=True", what)

    def _check_architecture(self) -> None:
        super()._check_architecture()
        self._need_batches("draws samples in training")


class _Answers(NumberTargets):
    """What each side is to get the discriminator to say: real, made up, and real again."""

    def encode(self, y: NDArray[Any], dtype: Any) -> NDArray[Any]:
        """Return the same three answers for each sample."""
        super().encode(y, dtype)
        return np.tile(np.array([1, 0, 1], dtype), (len(y), 1))
