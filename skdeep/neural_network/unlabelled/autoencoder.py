"""The autoencoder: a network that has to tell its input through a narrow code."""

from __future__ import annotations

from dataclasses import KW_ONLY
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.callback import with_callbacks
from sklearn.utils.validation import check_is_fitted

from skdeep.data import Chunks
from skdeep.neural_network.base import is_stochastic
from skdeep.neural_network.training_params import layer_sizes
from skdeep.neural_network.unlabelled.coding_network import CodingNetwork
from skdeep.neural_network.unlabelled.corruption import NOISES, Corruption
from skdeep.neural_network.unlabelled.unlabelled_network import UnlabelledNetwork, activation_rule
from skdeep.nn import (
    ActivityL1,
    Contractive,
    Dense,
    Layer,
    LogisticCrossEntropy,
    Loss,
    Sequence,
    SquaredError,
    TransposedDense,
    make_activation,
)
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.docstrings import documented_like
from skdeep.utils.interface.methods import available_if
from skdeep.utils.parameters import parameters
from skdeep.utils.params import boolean, none, one_of, real
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.weights import check_sample_weight

__all__ = ["Autoencoder"]


@parameters
class Autoencoder(CodingNetwork):
    """An autoencoder: a network trained to give back its input through a code.

    Minimizes the mean over samples of the loss between x and decoder(encoder(x)), summed over
    features. `transform` gives the code, `inverse_transform` the sample that a code stands for.
    With two components, the codes are a map of the data.

    A code narrower than the input has to leave something out. One that is not can learn something
    only where more is asked of it: that it repair samples (`noise`), that few units speak at a time
    (`sparsity`), or that the code hardly follows small moves of the input (`contraction`).

    Without hidden layers, with identities and the squared error, its code spans the same subspace
    as the principal components.

    Attributes
    ----------
    coefs_, intercepts_ : list of ndarray
        Weights of shape (n_inputs, n_units) and biases of shape (n_units,) of each layer, encoder
        first, views into the network's parameters.

    See Also
    --------
    VariationalAutoencoder : With a distribution for each code, so that samples can be drawn.
    sklearn.decomposition.PCA : The best linear one.

    Notes
    -----
    Features should have one scale: :class:`sklearn.preprocessing.StandardScaler` for tables, grey
    values divided by the largest for pictures.

    References
    ----------
    G. E. Hinton, R. R. Salakhutdinov, "Reducing the dimensionality of data with neural networks",
    Science 313, 2006.

    P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol, "Extracting and composing robust features
    with denoising autoencoders", ICML 2008.

    S. Rifai, P. Vincent, X. Muller, X. Glorot, Y. Bengio, "Contractive auto-encoders: explicit
    invariance during feature extraction", ICML 2011.

    Examples
    --------
    Four switches, one of them on, through two numbers:

    >>> import numpy as np
    >>> from skdeep import Autoencoder
    >>> X = np.eye(4)
    >>> model = Autoencoder(2, (), code_activation="logistic", loss="cross_entropy", solver="lbfgs",
    ...                     alpha=0.001, max_iter=500, random_state=0)
    >>> codes = model.fit_transform(X)
    >>> codes.shape
    (4, 2)
    >>> model.inverse_transform(codes).round().astype(int)
    array([[1, 0, 0, 0],
           [0, 1, 0, 0],
           [0, 0, 1, 0],
           [0, 0, 0, 1]])
    """

    _: KW_ONLY
    code_activation: Annotated[
        Any, activation_rule, "Of the units of the code, as `activation`."
    ] = "identity"
    loss: Annotated[
        str,
        one_of("squared_error", "cross_entropy"),
        """'squared_error' (halved), or 'cross_entropy' for numbers from 0 to 1, each a yes or no of
        its own.""",
    ] = "squared_error"
    tied_weights: Annotated[
        bool,
        boolean(),
        "Whether the decoder goes back through the encoder's weights, transposed.",
    ] = False
    noise: Annotated[
        str | None,
        none() | one_of(*NOISES),
        """What disturbs the input in training, drawn anew for each batch, while the output is
        compared with the sample as it was: 'gaussian' adds normal noise, 'masking' makes numbers
        zero.""",
    ] = None
    noise_level: Annotated[
        float,
        real(0),
        "Standard deviation of the noise, or the part that becomes zero.",
    ] = 0.3
    sparsity: Annotated[
        float,
        real(0),
        """Strength of a penalty on the absolute values of the code, their sum in the mean over
        samples.""",
    ] = 0.0
    contraction: Annotated[
        float,
        real(0),
        """Strength of a penalty on the squared derivatives of the code by the input, their sum in
        the mean over samples. For encoders without hidden layers, and a `code_activation` of
        'logistic', 'tanh', 'softplus', 'relu' or 'identity'.""",
    ] = 0.0

    @in_kind
    @all_or_nothing
    @with_callbacks
    @documented_like(UnlabelledNetwork.fit)
    def fit(
        self,
        X: ArrayLike | Chunks,
        y: Any = None,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: ArrayLike | Chunks | None = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> Self:
        """Train encoder and decoder.

        Parameters
        ----------
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.
        sample_weight_val : array-like of shape (n_val_samples,), default=None
            The weights of `X_val`.
        """
        return self._fit(X, X, sample_weight, validation=(X_val, X_val, sample_weight_val))

    @available_if(is_stochastic)
    @in_kind
    @all_or_nothing
    @documented_like(fit)
    def partial_fit(
        self, X: ArrayLike, y: Any = None, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train for one epoch on the given samples."""
        return self._fit(X, X, sample_weight, incremental=True)

    @in_kind
    @documented_like(fit)
    def score(self, X: ArrayLike, y: Any = None, sample_weight: ArrayLike | None = None) -> float:
        """Return minus the reconstruction error.

        Returns
        -------
        float
            Minus the mean over samples and features of the squared error or, for
            ``loss="cross_entropy"``, of the cross-entropy in nats.
        """
        check_is_fitted(self)
        x = self._check_X(X, reset=False)
        self._check_targets(x, "X")
        weight = check_sample_weight(sample_weight, x)
        with np.errstate(over="ignore", invalid="ignore"):
            score = self._own_score(self._decode(self._encode(x)), x, weight)
        if not np.isfinite(score):
            raise ValueError("The error leaves the range of floats: X is too large. Scale it.")
        return score

    def _own_score(self, predictions: NDArray[Any], y: Any, weight: Any) -> float:
        if self._loss.link == "identity":
            errors = np.square(predictions - y)
        else:
            tiny = np.finfo(predictions.dtype).tiny
            errors = -y * np.log(np.maximum(predictions, tiny))
            errors -= (1 - y) * np.log(np.maximum(1 - predictions, tiny))
        return -float(np.average(errors.mean(axis=1, dtype=np.float64), weights=weight))

    @property
    def coefs_(self) -> list[NDArray[Any]]:
        """The weights of each layer, of shape (n_inputs, n_units), encoder first."""
        return [layer.weight if layer.linear else layer.weight.T for layer in self._dense_layers()]

    @property
    def intercepts_(self) -> list[NDArray[Any]]:
        """The biases of each layer, (n_units,), encoder first."""
        return [layer.bias for layer in self._dense_layers()]

    def _dense_layers(self) -> list[Any]:
        self._require_fit()
        return [layer for layer in self.network_.layers() if hasattr(layer, "bias")]

    # The network

    def _architecture(self, n_outputs: int) -> Layer:
        sizes = layer_sizes(self.hidden_layer_sizes)
        code = make_activation(self.code_activation)
        dense = Dense(self.n_components, weight_init=code.weights_before)
        encoder = self._hidden(sizes)
        encoder += (
            [Contractive(dense, code, self.contraction)] if self.contraction else [dense, code]
        )
        if self.sparsity:
            encoder.append(ActivityL1(self.sparsity))
        if not self.tied_weights:
            decoder = [*self._hidden(sizes[::-1]), Dense(n_outputs)]
            return Sequence(Sequence(*encoder), Sequence(*decoder))
        # Dense layers and activations take turns in the encoder, so that its weights have the
        # numbers 0, 2, 4 ...; the decoder goes through them from the last to the first.
        last = 2 * len(sizes)
        names = [f"0.{i}.weight" for i in range(last, -1, -2)]
        if self.contraction:
            names[0] = f"0.{last}.dense.weight"
        decoder = []
        for units, path in zip([*sizes[::-1], n_outputs], names, strict=True):
            decoder += [TransposedDense(units, path), make_activation(self.activation)]
        return Sequence(Sequence(*encoder), Sequence(*decoder[:-1]))

    def _make_loss(self) -> Loss:
        return SquaredError() if self.loss == "squared_error" else LogisticCrossEntropy()

    def _check_targets(self, y: Any, what: str) -> None:
        if self.loss == "cross_entropy":
            self._check_in_unit_interval(y, "loss='cross_entropy'", what)

    def _check_architecture(self) -> None:
        super()._check_architecture()
        owner, code = type(self).__name__, make_activation(self.code_activation)
        if self.contraction:
            if layer_sizes(self.hidden_layer_sizes):
                raise ValueError(
                    f"{owner} has contraction={self.contraction!r}, which is exact for an encoder "
                    f"of one layer only. Got hidden_layer_sizes={self.hidden_layer_sizes!r}; set "
                    "it to ()."
                )
            try:
                Contractive(Dense(1), code, self.contraction)
            except ValueError as error:
                raise ValueError(
                    f"{owner} has contraction={self.contraction!r}, which needs the second "
                    f"derivative of its code_activation, got {self.code_activation!r}: take "
                    "'logistic', 'tanh', 'softplus', 'relu' or 'identity'."
                ) from error
        if self.noise is not None:
            self._need_batches(f"draws noise={self.noise!r} in training")
        if self.noise == "masking" and not self.noise_level < 1:
            raise ValueError(
                f"{owner} with noise='masking' takes a noise_level below 1, the part of the "
                f"numbers that become zero. Got {self.noise_level!r}."
            )

    def _train(self, *data: Any) -> None:
        if self.noise is not None and self._rng is None:  # no layer draws any
            seed = self._random_state.randint(2**31)
            self._rng = np.random.Generator(np.random.SFC64(seed))
        super()._train(*data)

    def _run_options(self) -> dict[str, Any]:
        options = super()._run_options()
        if self.noise is not None:
            options["transform"] = Corruption(self.noise, float(self.noise_level))
        return options
