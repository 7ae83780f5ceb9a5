"""What networks that learn a code for their input share: encoder, decoder and their fit."""

from __future__ import annotations

from dataclasses import KW_ONLY
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from skdeep.neural_network.unlabelled.unlabelled_network import UnlabelledNetwork, activation_rule
from skdeep.nn import ACTIVATIONS
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.clean import check_array
from skdeep.utils.parameters import parameters
from skdeep.utils.params import integer, sequence_of

__all__ = ["CodingNetwork"]


@parameters
class CodingNetwork(ClassNamePrefixFeaturesOutMixin, TransformerMixin, UnlabelledNetwork):
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

    @in_kind
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

    @in_kind
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
        place = ("encoder", "decoder").index(part)
        out = self._mapped(self.network_, lambda root, rows: root.layers[place].forward(rows), x)
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

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = (
            ["float64", "float32"] if self.dtype is None else [np.dtype(self.dtype).name]
        )
        return tags
