"""The base of the networks for tables: from a raw table to the mix of all members."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import KW_ONLY
from functools import partial
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length, check_is_fitted, validate_data

from skdeep.neural_network.described import Described
from skdeep.neural_network.tabular.architecture import Architecture, first_layers
from skdeep.neural_network.tabular.augmenting import TableAugmenter
from skdeep.neural_network.tabular.features import Features, TableFeatures, bin_edges
from skdeep.neural_network.tabular.folds import deal_folds, distinct_rows, train_and_held_out
from skdeep.neural_network.tabular.mixing import greedy_mix
from skdeep.neural_network.tabular.recipe import Recipe, recipe_for, views_for
from skdeep.neural_network.tabular.samples import Samples
from skdeep.neural_network.tabular.tasks import Tasks
from skdeep.neural_network.tabular.training import MemberTraining, Stream
from skdeep.nn import Layer, Loss, Network, Summary, join_summaries, summarize
from skdeep.preprocessing import Noise, SwapNoise
from skdeep.preprocessing.table_encoder import Categories, TableEncoder
from skdeep.utils.parameters import check_parameters, parameters
from skdeep.utils.params import boolean, integer, none, one_of, real, rule, sequence_of
from skdeep.utils.params import random_state as seed
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.saving.plain_state import PlainState
from skdeep.utils.threads import limit_blas_threads
from skdeep.utils.weights import check_sample_weight

__all__ = ["TabularNet"]


_step = one_of("noise", "swap") | rule(
    "a Noise or SwapNoise of skdeep.preprocessing",
    lambda value: isinstance(value, (Noise, SwapNoise)),
    "Noise",
    "SwapNoise",
)


class _Fitted:
    """What a fit leaves, which is no parameter."""

    networks_: list[Network]
    views_: list[str]
    view_weights_: NDArray[np.float64]
    validation_loss_: float
    history_: dict[str, dict[str, list[float]]]
    n_iter_: int
    n_features_in_: int
    _n_outputs: int
    _encoder: TableEncoder
    _table: TableFeatures
    _architectures: list[Architecture]
    _stream: Stream | None
    _augmenter: TableAugmenter | None


@parameters
class TabularNet(Described, CallbackSupportMixin, _Fitted, PlainState, BaseEstimator):
    """What classifier and regressor share.

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
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features, if all are strings.
    """

    preset: Annotated[
        str,
        one_of("fast", "default", "best"),
        """How much work is done: "fast" is one view and small networks, "best" has twice as many
        members as "default", and longer training.""",
    ] = "default"
    _: KW_ONLY
    categorical_features: Categories = "from_dtype"
    n_members: Annotated[
        int | None,
        integer(2) | none(),
        """Networks on each view of the table. Each is trained without a fold of its own, by which
        its best epoch is found. None: 4, or 8 for "best".""",
    ] = None
    hidden_layer_sizes: Annotated[
        tuple[int, ...] | None,
        sequence_of(integer(1)) | none(),
        'Units of each hidden layer. None: (128, 128), or (64, 64) for "fast".',
    ] = None
    max_iter: Annotated[
        int | None,
        integer(1) | none(),
        """Epochs on each view. None: 64, 48 for "fast", 96 for "best"; fewer on long tables.""",
    ] = None
    batch_size: Annotated[
        int | None,
        integer(1) | none(),
        """Rows of a step. None: about a twelfth of the rows, from 32 to 256, and up to 1024 where
        there are many.""",
    ] = None
    learning_rate_init: Annotated[
        float | None,
        real(0, closed="neither") | none(),
        "The highest rate of the schedule. None: 0.03.",
    ] = None
    dropout: Annotated[
        float | None,
        real(0, 1, closed="left") | none(),
        "Share of hidden units that is dropped, in the beginning. None: 0.1 for classes, else 0.",
    ] = None
    weight_decay: Annotated[
        float | None,
        real(0) | none(),
        "Decoupled decay of the weights, in the beginning. None: 0.01 for classes, else 0.",
    ] = None
    random_state: Annotated[Any, seed(), "Seed of weights, folds, orders of rows and dropout."] = (
        None
    )
    warm_start: Annotated[
        bool,
        boolean(),
        """Whether `fit` goes on from the members of the last one, whose features and targets stay
        as they were.""",
    ] = False

    augment: Annotated[
        Any,
        none() | _step | sequence_of(_step),
        """What happens to rows at random in training, drawn anew for each batch: 'noise' on
        numbers, 'swap' for cells of other rows, a :class:`skdeep.preprocessing.Noise` (in units of
        the deviation of the scaled numbers) or :class:`~skdeep.preprocessing.SwapNoise`; or
        several of them.
        """,
    ] = None
    test_time_augmentation: Annotated[
        int,
        integer(1),
        """Predictions are averaged over so many copies of each row: itself, and others with the
        noise of `augment`, the same ones each time.
        """,
    ] = 1

    _classifies = False

    @abstractmethod
    def _check_y(self, y: Any) -> NDArray[Any]:
        """Return `y` of shape (n_samples,), or raise."""

    def _learn_targets(self, y: NDArray[Any], classes: Any) -> None:
        """Learn the classes of targets that `_check_y` has passed."""

    def _scale_targets(self, y: NDArray[Any], weight: Any) -> None:
        """Learn the scale of the targets, one of each row that counts."""

    def _widen_targets(self, y: NDArray[Any]) -> None:
        """Learn how far further targets reach."""

    def _weigh(self, y: NDArray[Any], weight: Any) -> Any:
        """Return the weights of the rows, with those of their classes."""
        return weight

    @abstractmethod
    def _as_numbers(self, y: NDArray[Any]) -> NDArray[Any]:
        """Return targets as numbers, to tell equal rows by."""

    @abstractmethod
    def _encode(self, y: NDArray[Any]) -> NDArray[Any]:
        """Return targets as the loss takes them: (n_samples,), or (n_samples, 1) for numbers."""

    @abstractmethod
    def _make_loss(self) -> Loss:
        """Return the loss."""

    @abstractmethod
    def _activate(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """Return what raw outputs of shape (..., n_outputs) predict, of that shape."""

    @abstractmethod
    def _mixing_loss(self, predicted: NDArray[Any], target: NDArray[Any], weight: Any) -> float:
        """Return the mean loss of predictions of shape (n_samples, n_outputs)."""

    # Fitting

    @with_callbacks
    @all_or_nothing
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> Self:
        """Train on a table.

        Parameters
        ----------
        X : data frame or array-like of shape (n_samples, n_features)
            The table as it is, of pandas, polars or another library, or an array; NaN is missing.
        y : array-like of shape (n_samples,)
            Of the classifier class labels, of the regressor numbers to predict.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each row counts.
        X_val, y_val : array-like, default=None
            Validation rows of your own. All members are then trained on all rows of `X`, and
            validated by these.
        sample_weight_val : array-like of shape (n_val_samples,), default=None
            Their weights.

        Returns
        -------
        self
            The fitted estimator itself.

        Raises
        ------
        TypeError, ValueError
            If a parameter, the table or a target is wrong; the estimator is then as it was before.
        """
        return self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val))

    def _fit(self, X: Any, y: Any, sample_weight: Any, validation: tuple[Any, Any, Any]) -> Any:
        check_parameters(self)
        tasks = Tasks(self, X, y, sample_weight)
        goes_on = self.warm_start and self.__sklearn_is_fitted__()
        samples = self._take(X, y, sample_weight, reset=not goes_on)
        if samples.n_samples < 2:
            raise ValueError(
                f"{type(self).__name__} needs two rows that differ or more. Got n_samples=1."
            )
        recipe = recipe_for(self, classifies=self._classifies)
        random = check_random_state(self.random_state)
        self._augmenter = self._new_augmenter(samples, random)
        samples, train, held_out = self._split(samples, validation, recipe.n_members, random)
        if not goes_on:
            self._architectures = self._plan(samples, recipe)
        trainings = [
            MemberTraining(
                architecture,
                samples,
                train,
                held_out,
                self._make_loss(),
                random,
                self._augmenter and self._augmenter.of(architecture),
            )
            for architecture in self._architectures
        ]
        if goes_on:
            for training, network in zip(trainings, self.networks_, strict=True):
                training.start_from(network)
        done: list[MemberTraining] = []
        tasks.begin(sum(training.n_epochs for training in trainings))
        with limit_blas_threads(1):  # the products of a member are small
            for training in trainings:
                done.append(training)
                if any(tasks.epoch(partial(self._mix, done, samples)) for _ in training.epochs()):
                    break
        self.__dict__.update(self._mix(done, samples))
        self._architectures = self._architectures[: len(done)]
        self._stream = None
        self.feature_importances_ = self._importances(samples.features)
        tasks.end(dict)
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, classes: Any) -> Any:
        check_parameters(self)
        first = not self.__sklearn_is_fitted__()
        samples = self._take(X, y, sample_weight, reset=first, classes=classes)
        recipe = recipe_for(self, classifies=self._classifies)
        if first:
            self._architectures = self._plan(samples, recipe)
        if first or self._stream is None:
            self._stream = Stream(check_random_state(self.random_state))
            self._augmenter = self._new_augmenter(samples, self._stream.random_state)
        self._stream = self._stream.copy()
        every = np.arange(samples.n_samples)
        networks = []
        with limit_blas_threads(1):
            for i, architecture in enumerate(self._architectures):
                training = MemberTraining(
                    architecture,
                    samples,
                    [every] * architecture.recipe.n_members,
                    [],
                    self._make_loss(),
                    self._stream.random_state,
                    self._augmenter and self._augmenter.of(architecture),
                )
                if not first:
                    training.start_from(self.networks_[i])
                self._stream.optimizers[i] = training.one_epoch(self._stream.optimizers.get(i))
                networks.append(training.as_network(np.float64))
        self.networks_ = networks
        self.n_iter_ = 1 if first else self.n_iter_ + 1
        if first:
            self.views_ = [architecture.view.name for architecture in self._architectures]
            self.view_weights_ = np.full(len(networks), 1 / len(networks))
            self.validation_loss_ = np.nan
            self.history_ = {}
        self.feature_importances_ = self._importances(samples.features)
        return self

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
        y = self._check_y(y)
        if reset:
            self._learn_targets(y, classes)
        weight = self._weigh(y, check_sample_weight(sample_weight, y))
        total = float(len(y) if weight is None else weight.sum())
        if reset:
            encoder.fit(X, sample_weight=weight)
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
            self._widen_targets(y[rows])
        return Samples(features.rows(rows), self._encode(y[rows]), weight, total)

    def _split(
        self,
        samples: Samples,
        validation: tuple[Any, Any, Any],
        n_members: int,
        random: np.random.RandomState,
    ) -> tuple[Samples, list[NDArray[np.intp]], list[NDArray[np.intp]]]:
        """Return all samples, and which of them each member is trained on and validated by."""
        n = samples.n_samples
        every = np.arange(n)
        X_val, y_val, weight_val = validation
        if X_val is None and y_val is None:
            if weight_val is not None:
                raise ValueError("sample_weight_val is provided, but X_val and y_val were not.")
            if n < 2 * n_members:  # too few to leave any out
                return samples, [every] * n_members, [every] * n_members
            folds = deal_folds(samples.target.reshape(-1), n_members, random)
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

    def _mix(self, trainings: list[MemberTraining], samples: Samples) -> dict[str, Any]:
        """Return the fitted attributes that the trainings so far come to."""
        predicted, seen = [], np.zeros(samples.n_samples, bool)
        for training in trainings:
            count = np.zeros(samples.n_samples)
            total = np.zeros((samples.n_samples, self._n_outputs))
            for rows, outputs in zip(training.held_out, training.held_out_outputs, strict=True):
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

    # Predicting

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
            return self._mixed_of(features)
        if self._augmenter is None:
            raise ValueError(
                f"{type(self).__name__} averages predictions over test_time_augmentation={n} "
                "copies that `augment` makes, which was None in fit; set test_time_augmentation=1, "
                "or fit with `augment`."
            )
        return sum(map(self._mixed_of, self._augmenter.copies(features, n)), np.zeros(())) / n

    def _features(self, X: Any) -> Features:
        """Return what the networks read of `X`."""
        check_is_fitted(self)
        table = self._encoder.transform(X)
        validate_data(self, X, skip_check_array=True, reset=False)
        return self._table.transform(table, np.float64)

    def _mixed_of(self, features: Features) -> NDArray[np.float64]:
        mixed = np.zeros((features.n_samples, self._n_outputs))
        with limit_blas_threads(1):
            for weight, network, architecture in self._groups():
                outputs = network.outputs(architecture.inputs_of_members(features))
                mixed += weight * self._activate(outputs).mean(axis=1)
        return mixed

    # What the networks are

    def _outline(self, shape: Any, n_outputs: int) -> tuple[Layer, Any]:
        raise ValueError(
            f"The layers of {type(self).__name__} depend on the columns; pass X and y to summary."
        )

    def _summary_of_fit(self, batch_size: int) -> Summary:
        return join_summaries(
            {
                name: network.summary(batch_size=batch_size)
                for name, network in zip(self.views_, self.networks_, strict=True)
            }
        )

    def _summary_of_data(self, X: Any, y: Any, batch_size: int) -> Summary:
        check_parameters(self)
        samples = self._take(X, y, None, reset=True)
        planned = self._plan(samples, recipe_for(self, classifies=self._classifies))
        return join_summaries(
            {
                one.view.name: summarize(
                    one.build(), one.input_shape(), batch_size=batch_size, itemsize=8
                )
                for one in planned
            }
        )

    # What scikit-learn asks

    def __sklearn_is_fitted__(self) -> bool:
        return "networks_" in vars(self)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.categorical = True
        return tags
