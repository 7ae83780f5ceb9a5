"""What the network of a fitted estimator reads of an X, and is to answer."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skdeep.neural_network import CharacterLanguageModel, Seq2SeqTranslator
from skdeep.neural_network.base import BaseNetwork
from skdeep.nn import PREDICT, Mode
from skdeep.nn.shapes.inputs import n_rows, take_rows

__all__ = [
    "Reading",
    "class_indices",
    "network_inputs",
    "one_sample",
    "require_network",
    "some_rows",
]


class Reading(NamedTuple):
    """Samples as a network reads them.

    Attributes
    ----------
    x : array, CSR matrix, or tuple of them
        With a row for each sample.
    lengths : ndarray of int of shape (n_samples,) or None
        Valid steps of each sequence.
    target : ndarray or None
        As the loss takes it.
    """

    x: Any
    lengths: NDArray[np.intp] | None
    target: NDArray[Any] | None

    @property
    def mode(self) -> Mode:
        """How to predict them."""
        return PREDICT if self.lengths is None else Mode(lengths=self.lengths)

    def some(self, n: int) -> Reading:
        """Return at most so many of the samples, evenly spread."""
        rows = some_rows(n_rows(self.x), n)
        return Reading(
            take_rows(self.x, rows),
            None if self.lengths is None else self.lengths[rows],
            None if self.target is None else self.target[rows],
        )


def one_sample(sample: Any) -> Any:
    """Return the X that has this sample alone."""
    return sample[None] if isinstance(sample, np.ndarray) else [sample]


def some_rows(n: int, most: int) -> NDArray[np.intp]:
    """Return at most so many of n rows, evenly spread."""
    return np.linspace(0, n - 1, min(n, most)).astype(np.intp)


def require_network(estimator: Any, who: str) -> BaseNetwork:
    """Return the estimator, or raise TypeError if it has not the one network that `who` needs."""
    if not isinstance(estimator, BaseNetwork):
        raise TypeError(
            f"{who} takes an estimator with one network, such as MLPClassifier; got "
            f"{type(estimator).__name__}."
        )
    return estimator


def network_inputs(estimator: Any, X: Any, y: Any = None) -> Reading | None:
    """Return what the network reads, and its targets if there is `y`.

    Parameters
    ----------
    estimator : BaseNetwork
        Fitted.
    X : array-like
        As for `fit`.
    y : array-like or None, default=None
        As for `fit`; a translator cannot do without.

    Returns
    -------
    Reading or None
        None where a translator has no `y`.
    """
    if isinstance(estimator, Seq2SeqTranslator) and y is None:
        return None
    if y is None and not isinstance(estimator, CharacterLanguageModel):
        x, lengths = estimator._inputs(estimator._check_X(X, reset=False))
        return Reading(x, lengths, None)
    X, y = estimator._check_data(X, y, reset=False)
    estimator._check_targets(y, "y")
    x, lengths = estimator._inputs(X)
    return Reading(x, lengths, estimator._targets.encode(y, estimator.network_.dtype))


def class_indices(target: Any, classes: NDArray[Any], n: int) -> NDArray[np.intp]:
    """Return the number of the wanted class of each of n samples; one label stands for all."""
    wanted = np.asarray(target)
    known = wanted.shape in ((), (1,), (n,)) and (wanted.dtype.kind in "OUT") == (
        classes.dtype.kind in "OUT"
    )
    if not (known and np.isin(wanted, classes).all()):
        raise ValueError(
            f"target must be of the classes {classes}, got {target!r}; it is one for all samples "
            f"or one for each of {n}."
        )
    return np.searchsorted(classes, np.broadcast_to(wanted, (n,)))
