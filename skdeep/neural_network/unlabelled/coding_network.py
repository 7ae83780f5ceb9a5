"""What networks that learn a code for their input share: encoder, decoder and their fit."""

from __future__ import annotations

from dataclasses import KW_ONLY
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.callback import with_callbacks
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_array, check_is_fitted

from skdeep.neural_network.base import BaseNetwork, is_stochastic
from skdeep.neural_network.targets import NumberTargets
from skdeep.neural_network.training_params import layer_or_function
from skdeep.nn import ACTIVATIONS, Dense, Layer, make_activation
from skdeep.nn.run import product_threads
from skdeep.utils.parameters import parameters
from skdeep.utils.params import integer, one_of, sequence_of
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.threads import limit_blas_threads

__all__ = ["CodingNetwork", "activation_rule"]

activation_rule = one_of(*ACTIVATIONS) | layer_or_function


@parameters
class CodingNetwork(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseNetwork):
    """An encoder that makes a code of each sample, and a decoder that makes the sample of it.

    A subclass tells what lies between them and the loss. Its network is a sequence of two parts,
    encoder and decoder.

    Attributes
    ----------
    out_activation_ : str
        What makes samples of the decoder's outputs: 'identity', 'logistic' or 'gaussian'.
    """

    n_components: Annotated[int, integer(1), "Numbers in the code."] = 2
    hidden_layer_sizes: Annotated[
        Any,
        integer(1) | sequence_of(integer(1)),
        """Units of the encoder's hidden layers, from the input to the code; the decoder has the
        same in reverse. With ``()`` there are none.""",
    ] = (100,)
    activation: Annotated[
        Any,
        activation_rule,
        f"Of the hidden units: {', '.join(map(repr, ACTIVATIONS))}, or as in `MLPClassifier`.",
    ] = "relu"
    _: KW_ONLY

    _accepts_sparse = False
    _y_is_numeric = True

    @all_or_nothing
    @with_callbacks
    def fit(
        self,
        X: ArrayLike,
        y: Any = None,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> Self:
        """Train encoder and decoder.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples; float32 stays float32.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.
        X_val : array-like of shape (n_val_samples, n_features), default=None
            Validation samples of your own, evaluated after every epoch; early stopping takes them
            instead of a part of `X`.
        sample_weight_val : array-like of shape (n_val_samples,), default=None
            Their weights.

        Returns
        -------
        self
            The fitted estimator itself.

        Raises
        ------
        ValueError
            If a parameter or an array is wrong, or the loss is not finite any more; the estimator
            is then as it was before.
        """
        return self._fit(X, X, sample_weight, validation=(X_val, X_val, sample_weight_val))

    @available_if(is_stochastic)
    @all_or_nothing
    def partial_fit(
        self, X: ArrayLike, y: Any = None, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train for one epoch on the given samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.

        Returns
        -------
        self
            The fitted estimator itself.

        Raises
        ------
        ValueError
            As for `fit`.
        """
        return self._fit(X, X, sample_weight, incremental=True)

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Return the codes of samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        ndarray of shape (n_samples, n_components)
            Codes.

        Raises
        ------
        ValueError
            If a code is not finite, as of samples far from those of `fit`.
        """
        check_is_fitted(self)
        return self._encode(self._check_X(X, reset=False))

    def inverse_transform(self, X: ArrayLike) -> NDArray[Any]:
        """Return the samples that the decoder makes of codes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_components)
            Codes.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Samples.

        Raises
        ------
        ValueError
            If the codes have another number of components, or a sample is not finite.
        """
        check_is_fitted(self)
        code = check_array(X, dtype=(np.float64, np.float32))
        if code.shape[1] != self._n_features_out:
            raise ValueError(
                f"X has {code.shape[1]} features, but {type(self).__name__} has codes of "
                f"{self._n_features_out} features."
            )
        return self._decode(code)

    def _encode(self, x: NDArray[Any]) -> NDArray[Any]:
        return self._through("encoder", x)

    def _decode(self, code: NDArray[Any]) -> NDArray[Any]:
        loss = self._loss.replica()
        loss.settle(np, self.network_.dtype)
        return loss.predict(self._through("decoder", code))[:, : self.n_features_in_]

    def _through(self, part: str, x: NDArray[Any]) -> NDArray[Any]:
        """Return what encoder or decoder makes of any number of rows, block by block."""
        network = self.network_
        replica, size = network.replica(), network.block_size
        root: Any = replica.root
        layer = root.layers[("encoder", "decoder").index(part)]
        found = []
        with (
            limit_blas_threads(product_threads(network, size)),
            np.errstate(over="ignore", invalid="ignore"),
        ):
            for start in range(0, len(x), size):
                rows = x[start : start + size].astype(network.dtype)  # layers may write over it
                found.append(layer.forward(rows).copy())
        out = np.concatenate(found)
        if not np.isfinite(out).all():
            raise ValueError(
                f"The {part} of this {type(self).__name__} has no finite output for some of the "
                f"{len(x)} samples: they are too far from those of fit. Scale them alike."
            )
        return out

    @property
    def _n_features_out(self) -> int:
        root: Any = self.network_.root
        encoder = root.layers[0]
        return encoder.output_shape(self.network_.input_shape)[-1]

    # The layers

    def _hidden(self, sizes: list[int]) -> list[Layer]:
        """Return dense layers of these sizes, each with its activation."""
        layers: list[Layer] = []
        for size in sizes:
            activation = make_activation(self.activation)
            layers += [Dense(size, weight_init=activation.weights_before), activation]
        return layers

    def _check_architecture(self) -> None:
        super()._check_architecture()
        make_activation(self.activation)

    def _outline(self, shape: Any, n_outputs: int) -> tuple[Layer, Any]:
        return super()._outline(shape, shape[-1])

    # Samples are their own targets

    def _check_data(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any]:
        X = self._check_X(X, reset=reset)
        return X, X

    def _learn_targets(self, y: Any, weight: Any, classes: Any) -> NumberTargets:
        return NumberTargets(y, weight, standardize=False)

    def _class_weights(self, y: Any, weight: Any, incremental: bool) -> Any:
        return weight

    def _check_in_unit_interval(self, y: NDArray[Any], keyword: str, what: str) -> None:
        """Raise ValueError unless all numbers are probabilities."""
        low, high = y.min(), y.max()
        if low < 0 or high > 1:
            what = "X_val" if what == "y_val" else "X"
            raise ValueError(
                f"{type(self).__name__} with {keyword} takes numbers from 0 to 1, but {what} has "
                f"some from {low:g} to {high:g}; scale them, or take another."
            )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        tags.transformer_tags.preserves_dtype = (
            ["float64", "float32"] if self.dtype is None else [np.dtype(self.dtype).name]
        )
        return tags
