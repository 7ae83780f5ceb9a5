"""What hidden layers say, as features."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from skdeep.nn import Network
from skdeep.nn.shapes.links import links, with_weights
from skdeep.utils.arrays.array_api import in_kind

__all__ = ["HiddenFeatures", "hidden_outputs"]


class HiddenFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin):
    """A network that is a transformer as well."""

    network_: Network

    @in_kind
    def transform(self, X: ArrayLike, layer: int = -1) -> NDArray[Any]:
        """Return what a hidden layer says: the features that the network has learned.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `fit`.
        layer : int, default=-1
            Which of the hidden layers, 0 the first: a layer with weights with all that follows up
            to the next one. -1 is the last, and its features are what the output layer reads. The
            names of `get_feature_names_out`, and so the columns of `set_output`, are theirs.

        Returns
        -------
        ndarray of shape (n_samples, n_units)
            Of the maps of a convolution, all pixels one after the other.

        Raises
        ------
        ValueError
            If there is no such layer.
        """
        check_is_fitted(self)
        this: Any = self
        x, lengths = this._inputs(this._check_X(X, reset=False))
        with this._computing(self.network_, x):
            found = hidden_outputs(type(self).__name__, self.network_, x, lengths, layer)
        return this._finite(found)

    @property
    def _n_features_out(self) -> int:
        last = self.network_.leaves()[-1]
        return last.input_shape[-1] if last.layer.linear else self.network_.output_shape[-1]


def hidden_outputs(
    owner: str, network: Network, x: Any, lengths: NDArray[np.intp] | None, layer: int
) -> NDArray[Any]:
    """Return what the next layer with weights reads of a hidden layer.

    Parameters
    ----------
    owner : str
        For messages.
    network : Network
    x : array, CSR matrix or tuple of them
        As the network reads it.
    lengths : ndarray of int of shape (n_samples,) or None
    layer : int
        Without hidden layers -1 or 0 is what the output layer reads, the features as they are.

    Returns
    -------
    ndarray of shape (n_samples, n_units), or (n_samples, n_steps, n_units) of sequences
    """
    replica = network.replica()
    chain = links(replica.root, network.input_shape)
    places = with_weights(chain)
    n_hidden = max(1, len(places) - 1)
    if not -n_hidden <= layer < n_hidden:
        raise ValueError(
            f"{owner} has {n_hidden} hidden layers, so that layer is from {-n_hidden} to "
            f"{n_hidden - 1}; got {layer!r}."
        )
    is_last = layer in (-1, n_hidden - 1)
    last: Any = replica.layers()[-1]
    output = places[-1] if is_last else places[layer % n_hidden + 1]
    inside = is_last and chain[output].layer is not last  # the output layer is deep in a block
    stop = len(chain) if inside else output
    found = []
    for _, y, mode in network.blocks(x, lengths):
        for link in chain[:stop]:
            y = link.layer.forward(y, mode)
        if inside and last.linear:
            y = last.x
        found.append(y.toarray() if hasattr(y, "toarray") else np.array(y))
    features = np.concatenate(found)
    # Maps of pictures become rows; steps of sequences stay apart.
    return features.reshape(len(features), -1) if features.ndim > 3 else features
