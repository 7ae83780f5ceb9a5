"""What ensembles of classifiers and of regressors share: members, weights, reports."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import KW_ONLY
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone, is_classifier, is_regressor
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skdeep.neural_network.described import Described
from skdeep.neural_network.ensembles.members import (
    draw,
    draw_of_a_stream,
    fit_members,
    go_on_with_members,
)
from skdeep.neural_network.ensembles.report import EnsembleReport, mean_products
from skdeep.neural_network.ensembles.snapshots import check_snapshots, fit_snapshots
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.parameters import check_parameters, parameters
from skdeep.utils.params import boolean, integer, jobs, none, one_of, rule
from skdeep.utils.params import random_state as seed
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.saving.plain_state import PlainState
from skdeep.utils.weights import check_sample_weight

__all__ = ["NetworkEnsemble", "as_columns", "members_go_on"]

_SEEDS = np.iinfo(np.int32).max


def members_go_on(ensemble: Any) -> bool:
    """Tell whether `partial_fit` makes sense, for `available_if`."""
    if ensemble.strategy == "snapshot":
        raise AttributeError(
            "partial_fit is not available with strategy='snapshot': its members are what one fit "
            "passes through."
        )
    return hasattr(ensemble._member(), "partial_fit")  # or its own error says why not


class _Fitted:
    """What a fit leaves, which is no parameter."""

    estimators_: list[Any]
    _held_out: dict[str, Any] | None
    _stream: np.random.RandomState | None


@parameters
class NetworkEnsemble(_Fitted, MetaEstimatorMixin, PlainState, BaseEstimator, ABC):
    """Several networks, trained apart or one after another, whose mean predicts.

    Attributes
    ----------
    estimators_ : list of estimators
        The fitted members.
    report_ : EnsembleReport or None
        Scores and errors on what members have not seen: on `X_val` where `fit` was given some, on
        each member's out-of-bag samples with 'bagging'. None otherwise: there was nothing held
        out, and training samples would tell nothing; see `report`.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if `X` has them all as strings.
    """

    estimator: Annotated[
        Any,
        none()
        | rule(
            "a network estimator of skdeep", lambda value: isinstance(value, Described), "estimator"
        ),
        "The network to train several of, not fitted; None is a multilayer perceptron.",
    ] = None
    n_estimators: Annotated[int, integer(1), "How many members there are."] = 5
    _: KW_ONLY
    strategy: Annotated[
        str,
        one_of("restart", "bagging", "snapshot"),
        """How members come to differ:

        - 'restart': each begins with weights of its own and sees samples in an order of its own;
        - 'bagging': besides, each sees a sample as often as it is drawn of all with replacement, a
          third of them never. Those tell how good it is;
        - 'snapshot': all come of one training, at the price of one. The rate falls to nothing along
          a cosine and springs back, `n_estimators` times over the `max_iter` epochs of the
          estimator, and what the network is at the end of each is a member.
        """,
    ] = "restart"
    n_jobs: Annotated[
        int | None,
        jobs(),
        """How many members to train at the same time, through :mod:`joblib`, each by itself; the
        result is the same for any number, to rounding. 'snapshot' has one training only.
        """,
    ] = None
    random_state: Annotated[
        Any,
        seed(),
        "Draws each member's seed, in place of the estimator's own, and samples for 'bagging'.",
    ] = None
    side_by_side: Annotated[
        Any,
        one_of("auto") | boolean(),
        """Whether members are trained side by side, in one product a layer, with the same result to
        rounding. 'auto' is so where that is faster: with `n_jobs` 1, for multilayer perceptrons of
        small layers that nothing but their own gradients move. True wants it, and says what is in
        the way; False has every member be bit for bit the network that its seed gives.
        """,
    ] = "auto"

    _metric = ""

    @abstractmethod
    def _default(self) -> Any:
        """Return the estimator that None stands for."""

    @abstractmethod
    def _say(self, member: Any, X: Any) -> Any:
        """Return what is averaged of a member: probabilities or numbers."""

    @abstractmethod
    def _errors(self, said: NDArray[Any], y: Any) -> NDArray[Any]:
        """Return what members said less the targets, (n_estimators, n_samples, n_outputs)."""

    @abstractmethod
    def _score_of(self, said: Any, y: Any, weight: Any) -> float:
        """Return accuracy or R2 of what a member, or the mean, said."""

    # Fitting

    @in_kind
    @all_or_nothing
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> Self:
        """Train the members.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, in this form or another that the estimator takes.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets, as the estimator takes them.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.
        X_val, y_val : array-like, default=None
            Validation samples of your own: for the early stopping of members, and for `report_`,
            which is a little too good then.
        sample_weight_val : array-like of shape (n_val_samples,), default=None
            Their weights.

        Returns
        -------
        self
            The fitted ensemble itself.

        Raises
        ------
        ValueError
            If a parameter or the data are wrong, for a member too; the ensemble is then as it was
            before.
        """
        self._check_params()
        random_state = check_random_state(self.random_state)
        metadata: dict[str, Any] = {} if sample_weight is None else {"sample_weight": sample_weight}
        validation = {"X_val": X_val, "y_val": y_val, "sample_weight_val": sample_weight_val}
        metadata |= {name: given for name, given in validation.items() if given is not None}
        counts = None
        if self.strategy == "snapshot":
            member = self._members(random_state, 1)[0]
            self.estimators_ = fit_snapshots(member, self.n_estimators, X, y, metadata)
        else:
            members = self._members(random_state, self.n_estimators)
            each = [metadata] * len(members)
            if self.strategy == "bagging":
                weight = self._weights(sample_weight, y)
                counts = [draw(weight, random_state) for _ in members]
                scale = weight.sum() / len(weight)
                each = [metadata | {"sample_weight": scale * count} for count in counts]
            how: dict[str, Any] = {"n_jobs": self.n_jobs, "side_by_side": self.side_by_side}
            self.estimators_ = fit_members(members, each, X, y, **how)
        self._stream = None
        self._held_out = None
        if X_val is not None:
            self._held_out = self._judge(X_val, y_val, sample_weight_val)
        elif counts is not None:
            unseen = np.array(counts[: len(self.estimators_)]) == 0  # fewer after Ctrl-C
            self._held_out = self._judge(X, y, sample_weight, unseen)
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, **more: Any) -> Self:
        """Train each member for one epoch, on samples of its own with 'bagging'."""
        self._check_params()
        if self.__sklearn_is_fitted__():
            stream = self._stream or check_random_state(self.random_state)
            stream = copy.deepcopy(stream)
            members = [copy.copy(member) for member in self.estimators_]
        else:
            stream = copy.deepcopy(check_random_state(self.random_state))
            members = self._members(stream, self.n_estimators)
        metadata = {} if sample_weight is None else {"sample_weight": sample_weight}
        each = [metadata | more] * len(members)
        if self.strategy == "bagging":
            weight = self._weights(sample_weight, y)
            each = [
                metadata | more | {"sample_weight": weight * draw_of_a_stream(weight, stream)}
                for _ in members
            ]
        self.estimators_ = go_on_with_members(members, each, X, y, n_jobs=self.n_jobs)
        self._stream, self._held_out = stream, None
        return self

    def _check_params(self) -> None:
        check_parameters(self)
        owner, member = type(self).__name__, self._member()
        kind, wanted = (
            ("classifier", is_classifier)
            if is_classifier(self)
            else (
                "regressor",
                is_regressor,
            )
        )
        if not wanted(member):
            raise ValueError(f"{owner} is made of {kind}s, and {type(member).__name__} is none.")
        if getattr(member, "per_step", False):
            raise ValueError(
                f"{owner} averages one prediction for each sample. Got a {type(member).__name__} "
                "with per_step=True, whose samples have one for each step."
            )
        if self.strategy == "snapshot":
            check_snapshots(member, self.n_estimators)

    def _member(self) -> Any:
        return self._default() if self.estimator is None else self.estimator

    def _members(self, random_state: np.random.RandomState, n: int) -> list[Any]:
        """Return estimators to fit, each with a seed of its own."""
        seeds = random_state.randint(_SEEDS, size=n)
        return [clone(self._member()).set_params(random_state=int(seed)) for seed in seeds]

    def _weights(self, sample_weight: Any, y: Any) -> NDArray[np.float64]:
        """Return the weight of each sample, checked."""
        self._check_target(y)
        rows = np.empty(y.shape[0] if hasattr(y, "shape") else len(y))
        if not len(rows):
            raise ValueError(f"{type(self).__name__} needs at least one sample, y has none.")
        weight = check_sample_weight(sample_weight, rows)
        return np.ones(len(rows)) if weight is None else weight

    def _check_target(self, y: Any) -> None:
        """Raise ValueError if `y` is not one target a sample."""
        if y is None:
            raise ValueError(
                f"This {type(self).__name__} estimator requires y to be passed, but the target y "
                "is None."
            )
        if getattr(y, "shape", None if hasattr(y, "__len__") else ()) == ():
            raise ValueError(
                f"{type(self).__name__} needs a target for each sample, y is one value: {y!r}."
            )

    # Predicting

    def _mean(self, X: Any) -> Any:
        """Return the mean of what members say."""
        check_is_fitted(self)
        said = [self._say(member, X) for member in self.estimators_]
        if isinstance(said[0], list):  # several targets
            return [_mean_of(of_target) for of_target in zip(*said, strict=True)]
        return _mean_of(said)

    # What held-out samples tell

    @in_kind
    def report(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> EnsembleReport:
        """Return each member's score, the ensemble's, and how far the members err alike.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples that `fit` has not seen: of those that it has, errors are small and say little.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Their true targets.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.

        Returns
        -------
        EnsembleReport
            Prints as a table.
        """
        check_is_fitted(self)
        return EnsembleReport(**self._judge(X, y, sample_weight))

    @property
    def report_(self) -> EnsembleReport | None:
        """Scores and errors on what members have not seen, None if `fit` held nothing out."""
        check_is_fitted(self)
        return None if self._held_out is None else EnsembleReport(**self._held_out)

    def _judge(
        self, X: Any, y: Any, sample_weight: Any, unseen: NDArray[np.bool_] | None = None
    ) -> dict[str, Any]:
        """Return the fields of a report.

        Parameters
        ----------
        X, y, sample_weight
        unseen : ndarray of bool of shape (n_estimators, n_samples) or None
            The samples that tell of each member, None for all.
        """
        self._check_target(y)
        said = np.array([as_columns(self._say(member, X)) for member in self.estimators_])
        y = y.toarray() if hasattr(y, "toarray") else np.asarray(y)
        check_consistent_length(said[0], y)
        weight = None if sample_weight is None else self._weights(sample_weight, y)
        every = np.ones(said.shape[:2], dtype=bool)
        counted = every if unseen is None else unseen
        if weight is not None:
            counted = counted & (weight > 0)

        def score(said: Any, rows: Any) -> float:
            if not rows.any():
                return float("nan")
            return self._score_of(said[rows], y[rows], None if weight is None else weight[rows])

        shape = (*counted.shape, *(1,) * (said.ndim - 2))
        total = np.sum(said, axis=0, where=counted.reshape(shape))
        mean = total / np.maximum(counted.sum(axis=0), 1).reshape(shape[1:])
        return {
            "metric": self._metric,
            "scores": np.array([score(*one) for one in zip(said, counted, strict=True)]),
            "ensemble_score": score(mean, np.any(counted, axis=0)),
            "products": mean_products(self._errors(said, y), weight, counted),
        }

    # What scikit-learn asks

    def __sklearn_is_fitted__(self) -> bool:
        return "estimators_" in vars(self)

    @property
    def n_features_in_(self) -> int:
        """Number of features seen during `fit`."""
        return self._of_first("n_features_in_")

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        """Names of features seen during `fit`."""
        return self._of_first("feature_names_in_")

    def _of_first(self, name: str) -> Any:
        if not self.__sklearn_is_fitted__():
            raise AttributeError(f"This {type(self).__name__} instance is not fitted yet.")
        return getattr(self.estimators_[0], name)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        member = self._member()
        if isinstance(member, Described):
            of_member = get_tags(member)
            tags.input_tags, tags.target_tags = of_member.input_tags, of_member.target_tags
            if tags.classifier_tags is not None and of_member.classifier_tags is not None:
                tags.classifier_tags = of_member.classifier_tags
        return tags


def as_columns(said: Any) -> NDArray[Any]:
    """Return probabilities of several targets, a list, as one array."""
    return np.hstack(said) if isinstance(said, list) else said


def _mean_of(said: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return the mean of what members say, also where their sum is beyond all floats."""
    with np.errstate(over="ignore"):
        mean = np.mean(said, axis=0)
    return mean if np.isfinite(mean).all() else np.divide(said, len(said)).sum(axis=0)
