"""The mix of the views' members: how much each counts, and what all of them predict."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.neural_network.tabular.members.architecture import Architecture, first_layers
from skdeep.neural_network.tabular.members.mixing import greedy_mix
from skdeep.neural_network.tabular.members.stream import Stream
from skdeep.neural_network.tabular.members.training import MemberTraining
from skdeep.neural_network.tabular.rows.augmenting import TableAugmenter
from skdeep.neural_network.tabular.rows.features import Features
from skdeep.neural_network.tabular.rows.reading import TableReader
from skdeep.neural_network.tabular.rows.samples import Samples
from skdeep.nn import Network
from skdeep.utils.threads import limit_blas_threads

__all__ = ["Mixture"]


class Mixture(TableReader):
    """Predicts by the weighted mean of views, of the mean of their members.

    Attributes
    ----------
    networks_ : list of Network
        The network of each view, all members in one.
    views_ : list of str
        What each view is called.
    view_weights_ : ndarray of shape (n_views,)
        How much each view counts; they sum to one.
    history_ : dict of dicts of lists
        For each view, loss, validation loss, learning rate and seconds of every epoch.
    n_iter_ : int
        Epochs of the longest training.
    feature_importances_ : ndarray of shape (n_features_in_,)
        How much of what the first layers see comes from each feature; they sum to one.
    """

    networks_: list[Network]
    views_: list[str]
    view_weights_: NDArray[np.float64]
    validation_loss_: float
    history_: dict[str, dict[str, list[float]]]
    n_iter_: int
    feature_importances_: NDArray[np.float64]
    _architectures: list[Architecture]
    _augmenter: TableAugmenter | None
    _stream: Stream | None

    def _mix(self, trainings: list[MemberTraining], samples: Samples) -> dict[str, Any]:
        """Return the fitted attributes that the trainings so far come to."""
        predicted, seen = [], np.zeros(samples.n_samples, bool)
        for training in trainings:
            count = np.zeros(samples.n_samples)
            total = np.zeros((samples.n_samples, self._n_outputs))
            for rows, outputs in zip(training.held_out, training.kept.outputs, strict=True):
                total[rows] += self._activate(outputs.copy())
                count[rows] += 1
            seen = count > 0
            predicted.append(total[seen] / count[seen, None])
        target = samples.target[seen]
        weight = None if samples.weight is None else samples.weight[seen]
        loss = partial(self._mixing_loss, target=target, weight=weight)
        weights = greedy_mix(predicted, loss, from_all=not self._classifies)
        mixed = sum(w * p for w, p in zip(weights, predicted, strict=True))
        records = [training.record for training in trainings]
        return {
            "networks_": [training.as_network(np.float64) for training in trainings],
            "views_": [training.architecture.view.name for training in trainings],
            "view_weights_": weights,
            "validation_loss_": loss(mixed),
            "history_": {
                training.architecture.view.name: training.record.history for training in trainings
            },
            "n_iter_": max(record.n_iter for record in records),
        }

    def _importances(self, features: Features) -> NDArray[np.float64]:
        """Return the share of each feature in the variance that the first layers pass on."""
        found = np.zeros(self.n_features_in_)
        n = features.n_samples
        some = features.rows(np.linspace(0, n - 1, min(n, 500)).astype(np.intp))
        for weight, network, architecture in self._groups():
            columns, dense = first_layers(network)
            seen = columns.forward(architecture.inputs_of_members(some))
            passed = (seen.std(axis=0) ** 2 * dense.strengths()).mean(axis=0)
            own = np.bincount(
                architecture.column_sources(self._table.sources), passed, self.n_features_in_
            )
            found += weight * own / (own.sum() or 1.0)
            network.forget_batch()
        return found / (found.sum() or 1.0)

    def _groups(self) -> Iterator[tuple[float, Network, Architecture]]:
        """Yield weight, network and architecture of each view that counts."""
        for group in zip(self.view_weights_, self.networks_, self._architectures, strict=False):
            if group[0] > 0:
                yield group

    def _mixed(self, X: Any) -> NDArray[np.float64]:
        """Return predictions of shape (n_samples, n_outputs), the mean of all members."""
        features = self._features(X)
        n = self.test_time_augmentation
        if n == 1:
            return self._of_average(self._mixed_of(features))
        if self._augmenter is None:
            raise ValueError(
                f"{type(self).__name__} averages predictions over test_time_augmentation={n} "
                "copies that `augment` makes, which was None in fit; set test_time_augmentation=1, "
                "or fit with `augment`."
            )
        copies = self._augmenter.copies(features, n)
        return self._of_average(sum(map(self._mixed_of, copies), np.zeros(())) / n)

    def _mixed_of(self, features: Features) -> NDArray[np.float64]:
        mixed = np.zeros((features.n_samples, self._n_outputs))
        with limit_blas_threads(1):
            for weight, network, architecture in self._groups():
                outputs = network.outputs(architecture.inputs_of_members(features))
                mixed += weight * self._activate(outputs).mean(axis=1)
        return mixed
