"""The variational autoencoder: codes that are distributions, and samples drawn from them."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skdeep.neural_network.training.samples import Samples
from skdeep.neural_network.training_params import layer_sizes
from skdeep.neural_network.unlabelled.coding_network import CodingNetwork
from skdeep.neural_network.unlabelled.unlabelled_network import UnlabelledNetwork, drawn
from skdeep.nn import (
    CommonSpread,
    Dense,
    Gaussian,
    GaussianCode,
    Layer,
    LogisticCrossEntropy,
    Loss,
    Network,
    Sequence,
)
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.docstrings import documented_like
from skdeep.utils.parameters import parameters
from skdeep.utils.params import one_of, real

__all__ = ["VariationalAutoencoder"]

# Codes that stand for the distribution of a sample's code, where a bound is worked out.
_N_DRAWS = 64


@parameters
class VariationalAutoencoder(CodingNetwork):
    """An autoencoder whose codes are normal distributions, from which samples can be drawn.

    The model is: a code z is drawn from N(0, 1), and the decoder tells the distribution of x. The
    encoder tells, for each x, the normal distribution q of the codes that may stand behind it.
    Training raises the mean over samples of the evidence bound, which is never above log p(x)::

        bound = E_q log p(x | z) - beta KL(q || N(0, 1))

    by gradients that go through the draw of z. `transform` gives the means of q.

    Attributes
    ----------
    noise_std_ : float or None
        Standard deviation of a feature round what the decoder says, learned, for
        ``decoder="gaussian"``; None otherwise.

    See Also
    --------
    Autoencoder : Without distributions; the codes are sharper, and nothing can be drawn.

    Notes
    -----
    With ``hidden_layer_sizes=()`` and a Gaussian decoder the model is probabilistic principal
    component analysis, and the bound can reach its likelihood,
    :meth:`sklearn.decomposition.PCA.score`.

    There are no sample weights: with noise of its own for each, a sample of weight two would not
    be two samples.

    References
    ----------
    D. P. Kingma, M. Welling, "Auto-encoding variational Bayes", ICLR 2014.

    I. Higgins et al., "beta-VAE: learning basic visual concepts with a constrained variational
    framework", ICLR 2017.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdeep import VariationalAutoencoder
    >>> X = load_digits().data / 16
    >>> model = VariationalAutoencoder(2, (64,), decoder="bernoulli", max_iter=10, tol=0,
    ...                                random_state=0).fit(X)
    >>> model.sample(3, random_state=0).shape
    (3, 64)
    >>> model.score(X) > -30  # nats a picture; gray noise has -44
    True
    """

    _: KW_ONLY
    decoder: Annotated[
        str,
        one_of("gaussian", "bernoulli"),
        """What features are, given the code: 'gaussian' with one variance for all, which is
        learned; or 'bernoulli', of numbers from 0 to 1, each the probability of a yes.""",
    ] = "gaussian"
    beta: Annotated[
        float,
        real(0),
        """Weight of the divergence in training. Above 1 codes are simpler and samples blurred,
        below 1 the other way round. Scores have 1.""",
    ] = 1.0

    def sample(
        self, n_samples: int = 1, *, random_state: Any = None, noise: bool = False
    ) -> NDArray[Any]:
        """Draw samples.

        Parameters
        ----------
        n_samples : int, default=1
            How many.
        random_state : int, RandomState or None, default=None
            Draws codes and noise.
        noise : bool, default=False
            Whether features are drawn from the decoder's distributions, as the model has it, or
            are their means, which look better.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Samples.

        Raises
        ------
        ValueError
            If `n_samples` is less than one.
        """
        check_is_fitted(self)
        random = check_random_state(random_state)
        means = self._decode(random.standard_normal((drawn(n_samples), self._n_features_out)))
        if not noise:
            return means
        if self._loss.link == "logistic":
            return (random.uniform(size=means.shape) < means).astype(means.dtype)
        noisy = means + self.noise_std_ * random.standard_normal(means.shape)
        return noisy.astype(means.dtype)

    @in_kind
    def score_samples(self, X: ArrayLike) -> NDArray[Any]:
        """Return the evidence bound of each sample, at most the logarithm of its density.

        The mean over codes is that over 64 draws, the same for all samples and calls, whose own
        mean and covariance are those of N(0, 1) where there are less than 64 components: exact
        for a linear decoder.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        ndarray of shape (n_samples,)
            In nats.
        """
        check_is_fitted(self)
        x = self._check_X(X, reset=False)
        self._check_targets(x, "X")
        with np.errstate(over="ignore", invalid="ignore"):
            bounds = self._bounds(self.network_, x)
        if not np.isfinite(bounds).all():
            row = int(np.argmin(np.isfinite(bounds)))
            raise ValueError(
                f"The evidence bound of row {row} leaves the range of {bounds.dtype}: its features "
                "are too large. Scale X."
            )
        return bounds

    @in_kind
    @documented_like(UnlabelledNetwork.fit)
    def score(self, X: ArrayLike, y: Any = None) -> float:
        """Return the mean evidence bound of a sample.

        Returns
        -------
        float
            In nats.
        """
        return float(self.score_samples(X).mean(dtype=np.float64))

    @property
    def noise_std_(self) -> float | None:
        """Standard deviation of a feature round what the decoder says."""
        self._require_fit()
        root: Any = self.network_.root
        spread = getattr(root.layers[1].layers[-1], "spread", None)
        if spread is None:
            return None
        return math.sqrt(np.logaddexp(0, float(spread[0])) + Gaussian().min_variance)

    def _bounds(self, network: Network, x: NDArray[Any]) -> NDArray[Any]:
        """Return the evidence bound of each row."""
        root: Any = network.root
        draws = _standard_draws(root.layers[0].output_shape(network.input_shape)[-1])
        draws = draws.astype(network.dtype)

        def bound_of(root: Any, rows: NDArray[Any]) -> NDArray[Any]:
            encoder, decoder = root.layers
            told = rows.copy()
            for layer in encoder.layers[:-1]:
                told = layer.forward(told)
            mean, log_variance = (part.copy() for part in np.split(told, 2, axis=1))
            bound = 0.5 * (1 + log_variance - mean**2 - np.exp(log_variance)).sum(axis=1)
            for noise in draws:
                outputs = decoder.forward(mean + np.exp(log_variance / 2) * noise)
                bound += _log_likelihood(self._loss.link, outputs, rows) / len(draws)
            return bound

        return self._mapped(network, bound_of, x)

    def _validator(self, held_out: Samples) -> Any:
        if self.scoring not in (None, "loss"):
            return super()._validator(held_out)

        def validate(network: Network) -> tuple[float, float]:
            bound = float(self._bounds(network, held_out.x).mean(dtype=np.float64))
            return -bound, bound

        return validate

    def _own_score(self, predictions: NDArray[Any], y: Any, weight: Any) -> float:
        raise NotImplementedError("The bound is not a function of what the decoder says alone.")

    def _architecture(self, n_outputs: int) -> Layer:
        sizes, code = layer_sizes(self.hidden_layer_sizes), GaussianCode(self.beta)
        encoder = Sequence(*self._hidden(sizes), Dense(2 * self.n_components), code)
        decoder = [*self._hidden(sizes[::-1]), Dense(n_outputs)]
        if self.decoder == "gaussian":
            decoder.append(CommonSpread())
        return Sequence(encoder, Sequence(*decoder))

    def _make_loss(self) -> Loss:
        return Gaussian() if self.decoder == "gaussian" else LogisticCrossEntropy()

    def _check_targets(self, y: Any, what: str) -> None:
        if self.decoder == "bernoulli":
            self._check_in_unit_interval(y, "decoder='bernoulli'", what)

    def _check_architecture(self) -> None:
        super()._check_architecture()
        self._need_batches("draws codes in training")


def _standard_draws(n_components: int) -> NDArray[np.float64]:
    """Return draws of N(0, 1), of mean zero and, where they are enough, of covariance one."""
    half = np.random.RandomState(0).standard_normal((_N_DRAWS // 2, n_components))
    draws = np.concatenate([half, -half])
    if n_components <= _N_DRAWS // 2:
        root = np.linalg.cholesky(draws.T @ draws / len(draws))
        draws = np.linalg.solve(root, draws.T).T
    return draws


def _log_likelihood(link: str, outputs: NDArray[Any], x: NDArray[Any]) -> NDArray[Any]:
    """Return log p(x | z) of each row, of what the decoder says of z."""
    if link == "logistic":
        return (x * outputs - np.logaddexp(0, outputs)).sum(axis=1)
    mean, spread = np.split(outputs, 2, axis=1)
    variance = np.logaddexp(0, spread) + outputs.dtype.type(Gaussian().min_variance)
    squares = (x - mean) ** 2 / variance + np.log(2 * np.pi * variance)
    return -0.5 * squares.sum(axis=1)
