"""From a raw table to what networks are trained on: features, rows, architectures."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skdeep.neural_network.tabular.keywords import TabularParams
from skdeep.neural_network.tabular.members.architecture import Architecture
from skdeep.neural_network.tabular.members.recipe import Recipe, views_for
from skdeep.neural_network.tabular.rows.augmenting import TableAugmenter
from skdeep.neural_network.tabular.rows.features import Features, TableFeatures, bin_edges
from skdeep.neural_network.tabular.rows.folds import deal_folds, distinct_rows, train_and_held_out
from skdeep.neural_network.tabular.rows.samples import Samples
from skdeep.neural_network.tabular.targets import TableTargets
from skdeep.preprocessing.table_encoder import TableEncoder
from skdeep.utils.clean import validate_data
from skdeep.utils.weights import check_sample_weight

__all__ = ["TableReader"]


class TableReader(TableTargets, TabularParams):
    """Learns how a table looks, and reads its rows."""

    n_features_in_: int
    _encoder: TableEncoder
    _table: TableFeatures

    def _take(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        *,
        reset: bool,
        classes: Any = None,
        is_validation: bool = False,
    ) -> Samples:
        """Return features, targets and weights of rows, learning what is to be learned first."""
        if y is None:
            validate_data(self, X, y, skip_check_array=True)  # complains in scikit-learn's words
        encoder = TableEncoder(self.categorical_features) if reset else self._encoder
        y = self._check_y(y, "y_val" if is_validation else "y")
        if reset:
            self._learn_targets(y, classes)
        name = "sample_weight_val" if is_validation else "sample_weight"
        weight = check_sample_weight(sample_weight, y, name=name)
        weight = weight if is_validation else self._weigh(y, weight)
        total = float(len(y) if weight is None else weight.sum())
        if reset:
            with self._own_words():
                encoder.fit(X, sample_weight=weight)
        with self._own_words():
            table = encoder.transform(X)
        check_consistent_length(table, y)
        validate_data(self, X, skip_check_array=True, reset=reset)
        if reset:
            self._encoder, self._table = encoder, TableFeatures(encoder, table, weight)
        features = self._table.transform(table, np.float32)
        rows, weight = distinct_rows(features, self._as_numbers(y), weight)
        if reset:
            self._scale_targets(y[rows], weight)
        elif not is_validation:
            self._widen_targets(y[rows], weight)
        samples = Samples(features.rows(rows), self._encode(y[rows]), weight, total)
        if reset:
            self._learn_shares(samples)
        return samples

    def _split(
        self,
        samples: Samples,
        validation: tuple[Any, Any, Any],
        recipe: Recipe,
        random: np.random.RandomState,
    ) -> tuple[Samples, list[NDArray[np.intp]], list[NDArray[np.intp]]]:
        """Return all samples, and which of them each member is trained on and validated by."""
        n, n_members = samples.n_samples, recipe.n_members
        every = np.arange(n)
        X_val, y_val, weight_val = validation
        if X_val is None and y_val is None:
            if weight_val is not None:
                raise ValueError("sample_weight_val is provided, but X_val and y_val were not.")
            if n < 2 * n_members:  # too few to leave any out
                return samples, [every] * n_members, [every] * n_members
            folds = deal_folds(samples.target.reshape(-1), recipe.n_folds(n), random)
            return (samples, *train_and_held_out(folds, n_members))
        for given, name, other in ((X_val, "X_val", "y_val"), (y_val, "y_val", "X_val")):
            if given is None:
                raise ValueError(f"{other} is provided, but {name} was not provided.")
        own = self._take(X_val, y_val, weight_val, reset=False, is_validation=True)
        joined = samples.followed_by(own)
        return joined, [every] * n_members, [np.arange(n, joined.n_samples)] * n_members

    def _plan(self, samples: Samples, recipe: Recipe) -> list[Architecture]:
        """Return the architecture of each view."""
        numbers, others, _ = samples.features
        architectures = []
        for view in views_for(recipe, numbers.shape[1]):
            edges = bin_edges(numbers, samples.weight, view.n_bins) if view.n_bins else None
            architectures.append(
                Architecture(
                    view,
                    recipe,
                    edges,
                    numbers.shape[1],
                    others.shape[1],
                    self._table.sizes,
                    self._n_outputs,
                )
            )
        return architectures

    def _new_augmenter(
        self, samples: Samples, random: np.random.RandomState
    ) -> TableAugmenter | None:
        """Return what `augment` does to rows like these."""
        given = self.augment
        if given is None:
            if self.test_time_augmentation > 1:
                raise ValueError(
                    f"{type(self).__name__} averages predictions over test_time_augmentation="
                    f"{self.test_time_augmentation} copies that `augment` makes, which is None; "
                    "set augment='noise', or test_time_augmentation=1."
                )
            return None
        return TableAugmenter(
            list(given) if isinstance(given, (list, tuple, np.ndarray)) else [given],
            samples.features,
            samples.weight,
            self._table.sources,
            self.n_features_in_,
            random.randint(2**31),
        )

    def _features(self, X: Any) -> Features:
        """Return what the networks read of `X`."""
        check_is_fitted(self)
        with self._own_words():
            table = self._encoder.transform(X)
        validate_data(self, X, skip_check_array=True, reset=False)
        return self._table.transform(table, np.float64)

    @contextmanager
    def _own_words(self) -> Iterator[None]:
        """Let what an encoder says of a table name this estimator, which warns of names itself."""
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "X (has|does not have valid) feature names")
                yield
        except (TypeError, ValueError) as error:
            text = str(error)
            if "TableEncoder" not in text:
                raise
            raise type(error)(text.replace("TableEncoder", type(self).__name__)) from error
