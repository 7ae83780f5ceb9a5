"""Choosing the number of neighbours: every k is scored from one search per fold and metric."""

import inspect
import time
from collections.abc import Iterator
from numbers import Integral
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, MultiOutputMixin, is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import LeaveOneOut
from sklearn.utils.validation import check_is_fitted

from skdeep.neighbors.cv.curves import Answer, fold_scores, report_failures, row_scores
from skdeep.neighbors.cv.grid import Grid, options, results
from skdeep.neighbors.cv.searched_params import SearchedParams
from skdeep.neighbors.rows import check_precomputed, check_rows, checked_target
from skdeep.neighbors.search_params import a_metric, some_weights
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.clean import column_or_1d
from skdeep.utils.parameters import check_parameters, parameters
from skdeep.utils.params import check_value, integer, none, sequence_of
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.saving.plain_state import PlainState
from skdeep.utils.scores.grouped_folds import GroupedFoldsMixin, refuse_groups
from skdeep.utils.weights import check_sample_weight

__all__ = ["NeighborsCVBase"]

# Numbers of neighbours that are tried unless the user names some.
MOST_NEIGHBORS = 50


@parameters(first=SearchedParams)
class NeighborsCVBase(
    GroupedFoldsMixin, SearchedParams, MultiOutputMixin, PlainState, BaseEstimator
):
    """Score every candidate, refit the best, predict with it.

    Attributes
    ----------
    cv_results_ : dict of str to array
        In the form of GridSearchCV: "param_n_neighbors", "split0_test_score", ...,
        "mean_test_score", "std_test_score", "rank_test_score", "params", and seconds; the search
        that candidates share is shared evenly among their seconds.
    n_neighbors_ : int
        The best number of neighbours.
    best_params_ : dict
        The best candidate.
    best_score_ : float
        Its mean score.
    best_index_ : int
        Its place in `cv_results_`.
    n_splits_ : int
        The number of folds.
    effective_metric_ : str or callable
        The metric of the best candidate.
    effective_metric_params_ : dict
        What it takes besides.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features, if all are strings.
    n_samples_fit_ : int
        Number of training rows.
    """

    n_neighbors: Annotated[
        Any,
        integer(1) | sequence_of(integer(1), min_length=1) | none(),
        "The numbers of neighbours to try. None: 1, 2, ..., 50, as far as the folds have the rows.",
    ] = None

    _plain_kind: ClassVar[type]

    def _plain(self, **candidate: Any) -> Any:
        """Return the plain estimator with the parameters of a candidate."""
        mine = self.get_params(deep=False)
        shared = inspect.signature(self._plain_kind).parameters.keys() & mine.keys()
        shared -= {"n_neighbors", "weights", "metric"}
        values = {name: mine[name] for name in shared}
        if self._kind() == "gower":  # X has been read: categories are their numbers now
            params = mine["metric_params"] or {}
            values["metric_params"] = {**params, "categorical_features": self._is_categorical}
        return self._plain_kind(**values, **candidate)

    def _check_params(self) -> None:
        check_parameters(self)
        owner = type(self).__name__
        for name, allowed in (("weights", some_weights), ("metric", a_metric)):
            # Of an empty list, the list itself is what breaks the rules.
            for value in options(getattr(self, name)) or [getattr(self, name)]:
                check_value(owner, name, value, [allowed])

    @in_kind
    @all_or_nothing
    def fit(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Any:
        """Score all candidates by cross-validation, and fit the best on all rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or (n_samples, \
n_samples) if metric == "precomputed"
            Training rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            A row of weight w counts as w rows, among the neighbours and in the scores.
        groups : array-like of shape (n_samples,), default=None
            Which group each row is of, for a splitter as `cv` that keeps groups together, such as
            :class:`~sklearn.model_selection.GroupKFold`.

        Returns
        -------
        object
            Itself.

        Raises
        ------
        ValueError
            If a parameter, `X`, `y` or `sample_weight` is not as described, or if a number of
            neighbours exceeds the training rows of some fold; the estimator is then left as it
            was.
        """
        self._check_params()
        X, y = self._validate(X, y)
        weight = check_sample_weight(sample_weight, X)
        leave_one_out, folds = isinstance(self.cv, LeaveOneOut), []
        if leave_one_out:
            refuse_groups(type(self).__name__, groups, self.cv)
        else:
            folds = self._folds_by(X, y, groups, classifier=is_classifier(self))
        grid = Grid(
            self._numbers(len(y), folds, weight), options(self.weights), options(self.metric)
        )
        if leave_one_out:
            scores, seconds = self._leave_one_out(X, y, weight, grid)
        else:
            scores, seconds = self._folds(X, y, weight, folds, grid)
        searched = [
            name
            for name in ("metric", "n_neighbors", "weights")
            if name == "n_neighbors" or isinstance(getattr(self, name), (list, tuple))
        ]
        params = [{name: c[name] for name in searched} for c in grid.candidates()]
        self.n_splits_ = scores.shape[1]
        # Within a larger fold the weights have counted in its score.
        counts = weight if leave_one_out else None
        self.cv_results_ = results(params, scores, *seconds, counts)
        self.best_index_ = int(self.cv_results_["rank_test_score"].argmin())
        self.best_params_ = params[self.best_index_]
        self.best_score_ = float(self.cv_results_["mean_test_score"][self.best_index_])
        best = self._plain(**grid.candidates()[self.best_index_])
        self.best_estimator_ = best.fit(X, y, sample_weight=weight)
        self.n_neighbors_ = best.n_neighbors
        for name in ("effective_metric_", "effective_metric_params_", "n_samples_fit_"):
            setattr(self, name, getattr(best, name))
        return self

    def _validate(self, X: Any, y: Any) -> tuple[Any, NDArray]:
        if self._pairwise():
            X = check_precomputed(X, square=True)
        listed = (self.metric_params or {}).get("categorical_features", "from_dtype")
        X, y = check_rows(self, X, y, reset=True, metric=self._kind(), categorical_features=listed)
        y = checked_target(self, y)
        y = y.toarray() if issparse(y) else y
        if is_classifier(self) and y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return X, y

    def _kind(self) -> str | None:
        """Return the metric that decides which rows are valid, None for an ordinary one."""
        if self._pairwise():
            return "precomputed"
        for name in ("nan_euclidean", "gower"):
            if all(isinstance(metric, str) and metric == name for metric in options(self.metric)):
                return name
        return None

    def _pairwise(self) -> bool:
        return any(isinstance(m, str) and m == "precomputed" for m in options(self.metric))

    def _numbers(self, n_samples: int, folds: list[Any], weight: NDArray | None) -> list[int]:
        """Return the numbers of neighbours to try."""
        count = np.ones(n_samples) if weight is None else weight
        if folds:
            most = min(float(count[train].sum()) for train, _ in folds)
        else:
            most = float(count.sum() - count.max())
        if self.n_neighbors is None:
            if most < 1:
                raise ValueError(
                    f"Cross-validation leaves {most:g} rows to train on, at least 1 is needed: "
                    f"n_samples = {n_samples}."
                )
            return list(range(1, min(MOST_NEIGHBORS, int(most)) + 1))
        given = self.n_neighbors
        ks = [int(k) for k in ([given] if isinstance(given, Integral) else given)]
        if max(ks) > most * (1 + 1e-12):
            raise ValueError(
                f"Expected n_neighbors <= {most:g}, the rows that the smallest fold trains on, but "
                f"n_neighbors goes up to {max(ks)} (n_samples = {n_samples})."
            )
        return ks

    def _folds(
        self, X: Any, y: NDArray, weight: NDArray | None, folds: list[Any], grid: Grid
    ) -> tuple[NDArray, tuple[NDArray, NDArray]]:
        """Return the scores, and the seconds of fitting and scoring, candidates by folds."""
        shape = (len(grid), len(folds))
        scores, fitting, scoring = np.empty(shape), np.empty(shape), np.empty(shape)
        scorer = check_scoring(self._plain(), scoring=self.scoring)
        counts = self._score_weight(y, weight)
        failures: list[Exception] = []
        for fold, (train, test) in enumerate(folds):
            X_train, X_test = X[train], X[test]
            if self._pairwise():
                X_train, X_test = X_train[:, train], X_test[:, train]
            w_train = None if weight is None else weight[train]
            w_test = None if counts is None else counts[test]
            if w_test is not None and not w_test.any():
                raise ValueError(f"All rows of test fold {fold} have the weight zero.")
            for m, metric in enumerate(grid.metrics):
                begin = time.perf_counter()
                model = self._plain(n_neighbors=grid.ascending[-1], metric=metric)
                model.fit(X_train, y[train], sample_weight=w_train)
                fitted = time.perf_counter()
                distance, index, _ = model._neighborhoods(X_test)
                for w, model.weights in enumerate(grid.weights):
                    answers = self._answers(model, distance, index, grid.ascending, False)
                    part = fold_scores(
                        model, answers, X_test, y[test], w_test, self.scoring, scorer, failures
                    )
                    scores[grid.rows(m, w), fold] = grid.in_order(part)
                # What one search does for all is shared evenly among them.
                rows = grid.rows(m)
                fitting[rows, fold] = (fitted - begin) / len(rows)
                scoring[rows, fold] = (time.perf_counter() - fitted) / len(rows)
        report_failures(failures, len(folds) * grid.n_scored, self.scoring, type(self).__name__)
        return scores, (fitting, scoring)

    def _score_weight(self, y: NDArray, weight: NDArray | None) -> NDArray | None:
        """Return what each row counts in a score."""
        return weight

    def _leave_one_out(
        self, X: Any, y: NDArray, weight: NDArray | None, grid: Grid
    ) -> tuple[NDArray, tuple[NDArray, NDArray]]:
        """Return the same from a single search on all rows, none its own neighbour."""
        by_row = row_scores(self.scoring, is_classifier(self))
        if by_row is None:
            usable = (
                "'accuracy'"
                if is_classifier(self)
                else "'neg_mean_squared_error' or 'neg_mean_absolute_error'"
            )
            raise ValueError(
                f"The 'scoring' parameter of {type(self).__name__} must be {usable} with "
                f"cv=LeaveOneOut(), which scores single rows. Got {self.scoring!r} instead."
            )
        shape = (len(grid), len(y))
        scores, fitting, scoring = np.empty(shape), np.empty(shape), np.empty(shape)
        for m, metric in enumerate(grid.metrics):
            begin = time.perf_counter()
            model = self._plain(n_neighbors=grid.ascending[-1], metric=metric)
            model.fit(X, y, sample_weight=weight)
            fitted = time.perf_counter()
            distance, index, _ = model._neighborhoods(None)
            for w, model.weights in enumerate(grid.weights):
                answers = self._answers(model, distance, index, grid.ascending, True)
                part = [by_row(y, answer.predict()) for answer in answers]
                scores[grid.rows(m, w)] = grid.in_order(part)
            rows = grid.rows(m)
            fitting[rows] = (fitted - begin) / len(rows) / len(y)
            scoring[rows] = (time.perf_counter() - fitted) / len(rows) / len(y)
        return scores, (fitting, scoring)

    def _answers(
        self,
        model: Any,
        distance: NDArray,
        index: NDArray,
        ks: list[int],
        left_out: bool,
    ) -> Iterator[Answer]:
        """Return the answers for each k; `left_out` says that no row is among its neighbours."""
        raise NotImplementedError

    def _scored(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None) -> float:
        check_is_fitted(self, "best_estimator_")
        scorer = check_scoring(self, scoring=self.scoring)
        keywords = {} if sample_weight is None else {"sample_weight": sample_weight}
        return scorer(self, X, y, **keywords)

    def _validated_queries(self, X: Any) -> Any:
        check_is_fitted(self, "best_estimator_")
        return None if X is None else check_rows(self, X, reset=False, metric=self._kind())

    @in_kind
    def predict(self, X: Any) -> NDArray:
        """Return the predictions of the best candidate, fitted on all training rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), or None
            None stands for the training rows, each without itself among its neighbours.

        Returns
        -------
        ndarray of shape (n_queries,) or (n_queries, n_outputs)
        """
        X = self._validated_queries(X)
        return self.best_estimator_.predict(X)

    def kneighbors(
        self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True
    ) -> Any:
        """Find the nearest training rows of each query, as :meth:`KNNClassifier.kneighbors`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), default=None
        n_neighbors : int, default=None
            None stands for the best number.
        return_distance : bool, default=True

        Returns
        -------
        neigh_dist, neigh_ind : ndarrays of shape (n_queries, n_neighbors)
        """
        X = self._validated_queries(X)
        return self.best_estimator_.kneighbors(X, n_neighbors, return_distance)

    def kneighbors_graph(
        self, X: Any = None, n_neighbors: int | None = None, mode: str = "connectivity"
    ) -> Any:
        """Return neighbours as a sparse matrix, as :meth:`KNNClassifier.kneighbors_graph`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), default=None
        n_neighbors : int, default=None
            None stands for the best number.
        mode : {"connectivity", "distance"}, default="connectivity"

        Returns
        -------
        CSR matrix of shape (n_queries, n_samples_fit)
        """
        X = self._validated_queries(X)
        return self.best_estimator_.kneighbors_graph(X, n_neighbors, mode)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = self._kind() != "gower"
        tags.input_tags.pairwise = self._pairwise()
        tags.input_tags.positive_only = self._pairwise()
        tags.input_tags.allow_nan = self._kind() in ("nan_euclidean", "gower")
        tags.input_tags.categorical = tags.input_tags.string = self._kind() == "gower"
        return tags
