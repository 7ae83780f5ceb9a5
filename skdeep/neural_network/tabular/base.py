"""The base of the networks for tables: fitting, and what scikit-learn asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils import check_random_state

from skdeep.neural_network.described import Described
from skdeep.neural_network.tabular.members.recipe import Recipe, recipe_for
from skdeep.neural_network.tabular.members.rules import MemberRules
from skdeep.neural_network.tabular.members.stream import Stream
from skdeep.neural_network.tabular.members.training import MemberTraining
from skdeep.neural_network.tabular.members.trainings import Trainings
from skdeep.neural_network.tabular.mixture import Mixture
from skdeep.neural_network.tabular.rows.samples import Samples
from skdeep.neural_network.tabular.tasks import Tasks
from skdeep.neural_network.training.resumable import ResumableFit
from skdeep.neural_network.training_params import WHOLE_SOLVERS
from skdeep.nn import Layer, Summary, join_summaries, summarize
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.parameters import check_parameters, parameters
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.saving.plain_state import PlainState
from skdeep.utils.threads import limit_blas_threads

__all__ = ["TabularNet"]


@parameters
class TabularNet(Mixture, Described, CallbackSupportMixin, PlainState, BaseEstimator):
    """What classifier and regressor share.

    Attributes
    ----------
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features, if all are strings.
    """

    # Fitting

    @in_kind
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
        self._check_params()
        tasks = Tasks(self, X, y, sample_weight)
        goes_on = self.warm_start and self.__sklearn_is_fitted__()
        self._settle_loss(goes_on=goes_on)
        samples = self._take(X, y, sample_weight, reset=not goes_on)
        if samples.n_samples < 2:
            raise ValueError(
                f"{type(self).__name__} needs two rows that differ or more. Got n_samples=1."
            )
        recipe = self._recipe(samples.n_samples, goes_on=goes_on)
        random = check_random_state(self.random_state)
        self._augmenter = self._new_augmenter(samples, random)
        samples, train, held_out = self._split(samples, validation, recipe, random)
        self._settle_architectures(samples, recipe, goes_on=goes_on)
        trainings = list(self._trainings(samples, train, held_out, random, goes_on=goes_on))
        done: list[MemberTraining] = []
        whole = Trainings(trainings, random)
        if hasattr(self, "_skl_callbacks"):  # one may load the state of an earlier fit
            data: dict[str, Any] = {"table": tuple(samples.features), "targets": samples.target}
            data |= {"weights": samples.weight, "held-out rows": tuple(held_out)}
            self._resumable_fit = ResumableFit(whole, self.get_params(deep=False), data)
        tasks.begin(sum(training.n_epochs for training in trainings), lambda: whole.is_over)
        with limit_blas_threads(1):  # the products of a member are small
            for training in trainings:
                epochs = training.epochs(min((one.best.loss for one in done), default=np.inf))
                done.append(training)
                if any(tasks.epoch(partial(self._mix, done, samples)) for _ in epochs):
                    break
        self.__dict__.update(self._mix(done, samples))
        self._architectures = self._architectures[: len(done)]
        self._stream = None
        self.feature_importances_ = self._importances(samples.features)
        tasks.end(dict)
        self.__dict__.pop("_resumable_fit", None)
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, classes: Any) -> Any:
        self._check_params()
        first = not self.__sklearn_is_fitted__()
        self._settle_loss(goes_on=not first)
        samples = self._take(X, y, sample_weight, reset=first, classes=classes)
        recipe = self._recipe(None, goes_on=not first)
        self._settle_architectures(samples, recipe, goes_on=not first)
        if first or self._stream is None:
            self._stream = Stream(check_random_state(self.random_state))
            self._augmenter = self._new_augmenter(samples, self._stream.random_state)
        stream = self._stream = self._stream.copy()
        every = [np.arange(samples.n_samples)] * recipe.n_members
        networks = []
        trainings = self._trainings(samples, every, [], stream.random_state, goes_on=not first)
        with limit_blas_threads(1):
            for training in trainings:
                going_on = stream.runs.get(training.index)
                stream.runs[training.index] = training.one_epoch(going_on)
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

    def _check_params(self) -> None:
        """Raise ValueError for a parameter that is not allowed."""
        if isinstance(self.solver, str) and self.solver in WHOLE_SOLVERS:
            raise ValueError(
                f"{type(self).__name__} cannot use solver={self.solver!r}, which sees all data at "
                "every step: each of its members leaves out rows of its own, and all are trained "
                "together by mini-batches. Use solver='adam' or another of those."
            )
        check_parameters(self)

    def _settle_loss(self, *, goes_on: bool) -> None:
        if goes_on:
            self._check_same_targets()
        self._loss = self._make_loss()

    def _recipe(self, n_samples: int | None, *, goes_on: bool) -> Recipe:
        """Return the recipe for so many rows; training that goes on has the members there are."""
        recipe = recipe_for(self, classifies=self._classifies, n_samples=n_samples)
        if goes_on and self.n_members is None:
            return replace(recipe, n_members=self._architectures[0].recipe.n_members)
        return recipe

    def _settle_architectures(self, samples: Samples, recipe: Recipe, *, goes_on: bool) -> None:
        """Have an architecture for each view: a new one, or the last one to be trained anew."""
        if not goes_on:
            self._architectures = self._plan(samples, recipe)
            return
        for name in ("n_members", "hidden_layer_sizes"):
            then, now = getattr(self._architectures[0].recipe, name), getattr(recipe, name)
            if now != then:
                raise ValueError(
                    f"{type(self).__name__} goes on from networks with {name}={then}, which cannot "
                    f"become {now}; set warm_start=False, or fit a new one."
                )
        self._architectures = [one.with_recipe(recipe) for one in self._architectures]

    def _trainings(
        self,
        samples: Samples,
        train: list[NDArray[np.intp]],
        held_out: list[NDArray[np.intp]],
        random: np.random.RandomState,
        *,
        goes_on: bool,
    ) -> Iterator[MemberTraining]:
        """Yield the training of each view, from new members or the fitted ones."""
        rules = MemberRules(self)
        for index, architecture in enumerate(self._architectures):
            training = MemberTraining(
                architecture,
                samples,
                train,
                held_out,
                self._make_loss(),
                random,
                rules,
                index,
                self._augmenter and self._augmenter.of(architecture),
            )
            if goes_on:
                training.start_from(self.networks_[index])
            yield training

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
        self._check_params()
        samples = self._take(X, y, None, reset=True)
        planned = self._plan(samples, self._recipe(samples.n_samples, goes_on=False))
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
