"""Which columns of a raw table a prediction comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import is_classifier

from skdeep.inspection.inputs import class_indices
from skdeep.neural_network.tabular.base import TabularNet
from skdeep.neural_network.tabular.rows.features import Features
from skdeep.nn import Network

__all__ = ["attribute_columns"]

Floats = NDArray[np.float64]

_AT_ONCE = 256


def attribute_columns(
    estimator: TabularNet, X: Any, method: str, target: Any, baseline: Any, n_steps: int
) -> tuple[Floats, Floats, Floats | None, NDArray[Any]]:
    """Attribute the mix of all members to the columns of the user's table.

    Each network begins with a layer that makes columns of its own of the table: scaled numbers,
    bins, waves, categories one-hot or as vectors. What is varied is those, as the vectors of tokens
    are in texts, and a column of the table gets the sum over those made of it. The mix is a sum
    over networks and members, and so is what is attributed.

    Parameters
    ----------
    estimator : TabularNet
    X, method, target, baseline, n_steps
        As for `attribute`.

    Returns
    -------
    values : ndarray of shape (n_samples, n_features_in_)
    outputs, baseline_outputs : ndarray of shape (n_samples,)
        The probability of the target class, or the number predicted.
    targets : ndarray of shape (n_samples,)
    """
    features = estimator._features(X)
    n = features.n_samples
    index, targets = _explained(estimator, X, target, n)
    start = _start(estimator, features, baseline)
    values, outputs, start_outputs = (
        np.zeros((n, estimator.n_features_in_)),
        _offset(estimator, index),
        None,
    )
    if method == "integrated_gradients":
        start_outputs = outputs.copy()
    for weight, network, architecture in estimator._groups():
        one = _Columns(estimator, network, index)
        before = one.columns(architecture.inputs_of_members(start))
        sources = architecture.column_sources(estimator._table.sources)
        belongs = np.eye(estimator.n_features_in_)[sources]
        for rows in _parts(n):
            made = one.columns(architecture.inputs_of_members(features.rows(rows)))
            found, gradient = one(made, rows)
            outputs[rows] += weight * found
            if method == "saliency":
                own = np.abs(gradient)
            elif method == "gradient_input":
                own = made * gradient
            else:
                assert start_outputs is not None
                origin = np.broadcast_to(before, made.shape).copy()
                start_outputs[rows] += weight * one(origin, rows)[0]
                own = (made - origin) * one.mean_gradient(origin, made, rows, n_steps)
            values[rows] += weight * own.sum(axis=1) @ belongs
    return values, outputs, start_outputs, targets


class _Columns:
    """One network of all members as a function of the columns that its first layer makes."""

    def __init__(self, estimator: TabularNet, network: Network, index: NDArray[np.intp]) -> None:
        self.root: Any = network.replica().root
        self.estimator, self.index = estimator, index

    def columns(self, inputs: Any) -> Floats:
        """Return them, of shape (n_samples, n_members, n_columns)."""
        return np.array(self.root.layers[0].forward(inputs))

    def __call__(self, made: Floats, rows: slice) -> tuple[Floats, Floats]:
        """Return the output that is explained, and its gradient by what was made."""
        y = made.copy()  # the next layer may write over it
        for layer in self.root.layers[1:]:
            y = layer.forward(y)
        outputs, gradient = _of_members(self.estimator, np.array(y), self.index[rows])
        for layer in reversed(self.root.layers[1:]):
            gradient = layer.backward(gradient, True)
        return outputs, np.array(gradient)

    def mean_gradient(self, start: Floats, end: Floats, rows: slice, n_steps: int) -> Floats:
        """Return the mean of the gradients on the straight way, by Gauss's rule."""
        mean = np.zeros_like(end)
        nodes, weights = np.polynomial.legendre.leggauss(n_steps)
        for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
            mean += weight * self(start + node * (end - start), rows)[1]
        return mean


def _of_members(estimator: Any, z: Floats, index: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Return the mean over members of what is explained, and the gradient by their outputs."""
    n, k = z.shape[:2]
    if not is_classifier(estimator):
        return _of_numbers(estimator, z, int(index[0]))
    p = estimator._activate(z)
    own = p[np.arange(n), :, index] * (1 - np.sum(estimator._prior))
    gradient = -own[:, :, None] * p
    gradient[np.arange(n), :, index] += own
    return own.mean(axis=1), gradient / k


def _of_numbers(estimator: Any, z: Floats, number: int) -> tuple[Floats, Floats]:
    """Return the same for a mean or a quantile, without the mean of the targets."""
    loss, targets, k = estimator._loss.replica(), estimator._targets, z.shape[1]
    scale = 0.0 if targets.constant[0] else targets.scale[0]
    loss.settle(np, z.dtype)
    predicted = loss.predict(z.copy())[:, :, number]
    gradient = np.zeros_like(z)
    gradient[:, :, 0] = predicted if loss.link == "exp" else 1.0
    if loss.link == "quantiles":  # each is the lowest and the softplus of what follows
        gradient[:, :, 1 : number + 1] = expit(z[:, :, 1 : number + 1])
    return scale * predicted.mean(axis=1), gradient * (scale / k)


def _offset(estimator: Any, index: NDArray[np.intp]) -> Floats:
    """Return what the prediction of each row has besides the mean of the networks."""
    if is_classifier(estimator):
        return np.broadcast_to(estimator._prior, len(estimator.classes_))[index].copy()
    return np.full(len(index), estimator._targets.offset[0])


def _explained(
    estimator: Any, X: Any, target: Any, n: int
) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Return which output of each row is explained, and what it is called."""
    if not is_classifier(estimator):
        number = 0 if target is None else target
        # A deviation is none: that of the mixture is no mean over members.
        several = 1 if estimator._loss.link == "gaussian" else estimator._n_outputs
        if not (isinstance(number, (int, np.integer)) and 0 <= number < several):
            raise ValueError(
                f"target must be the number of one of {several} outputs, got {target!r}."
            )
        return np.full(n, number, np.intp), np.full(n, number, np.intp)
    classes = estimator.classes_
    index = class_indices(estimator.predict(X) if target is None else target, classes, n)
    return index, classes[index]


def _start(estimator: TabularNet, features: Features, baseline: Any) -> Features:
    """Return the row where the way begins."""
    if baseline is None:
        return Features(*(np.zeros_like(part[:1]) for part in features))
    if isinstance(baseline, str):
        raise ValueError(
            f"baseline of a raw table must be None or a row of it, got {baseline!r}: categories "
            "have no mean."
        )
    row = baseline
    if not hasattr(row, "columns"):
        row = np.asarray(row, dtype=object if np.asarray(row).dtype.kind in "OUS" else None)
        row = row.reshape(1, -1)
    found = estimator._features(row)
    if found.n_samples != 1:
        raise ValueError(f"baseline must be one row of the table, got {found.n_samples}.")
    return found


def _parts(n: int) -> Iterator[slice]:
    return (slice(start, start + _AT_ONCE) for start in range(0, n, _AT_ONCE))
