"""Predictions and scores for every number of neighbours, from a single search.

The k nearest are the first k of the K nearest, so votes and sums for one k are those of the k
before and what the k-th neighbour adds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier

from skdeep.neighbors.units import unit_of
from skdeep.neighbors.vote import Ballot, distance_weights, masses
from skdeep.utils.scores.r2 import r2
from skdeep.utils.user_warnings import warn_user

__all__ = [
    "Answer",
    "classifier_answers",
    "fold_scores",
    "regressor_answers",
    "report_failures",
    "row_scores",
]


class Answer:
    """What a model with one number of neighbours predicts for the rows of a fold.

    Attributes
    ----------
    predict, predict_proba : callables without arguments
        Valid until the next answer is asked for.
    """

    def __init__(
        self, predict: Callable[[], NDArray], predict_proba: Callable[[], Any] | None = None
    ) -> None:
        self.predict, self.predict_proba = predict, predict_proba


def classifier_answers(
    model: Any,
    distance: NDArray[np.float64],
    index: NDArray[np.intp],
    ks: Sequence[int],
) -> Iterator[Answer]:
    """Yield the answer for each k.

    Parameters
    ----------
    model : KNNClassifier
        Fitted; its `weights` count, its `n_neighbors` does not.
    distance, index : ndarrays of shape (n_queries, n_found)
    ks : sequence of int, ascending

    Yields
    ------
    Answer
    """
    if callable(model.weights) or model._sample_weight is not None:
        for k in ks:
            yield _elected(model, list(model._ballots(*_first(model, distance, index, k))))
        return
    ballots = list(model._ballots(distance, index, None, ks[0]))
    for k in ks:
        for ballot in ballots:
            ballot.count(k)
        yield _elected(model, ballots)


def _elected(model: Any, ballots: list[Ballot]) -> Answer:
    return Answer(lambda: model._elected(ballots), lambda: model._shares(ballots))


def regressor_answers(
    model: Any, distance: NDArray[np.float64], index: NDArray[np.intp], ks: Sequence[int]
) -> Iterator[Answer]:
    """Yield the answer for each k.

    Parameters
    ----------
    model : KNNRegressor
        Fitted; its `weights` count, its `n_neighbors` does not.
    distance, index : ndarrays of shape (n_queries, n_found)
    ks : sequence of int, ascending

    Yields
    ------
    Answer
    """
    if callable(model.weights) or model._sample_weight is not None:
        for k in ks:
            yield _mean(model._averages(*_first(model, distance, index, k)))
        return
    unit = model._y_unit
    targets = model._y[index] if unit == 1.0 else (model._y * unit)[index]
    weight = distance_weights(distance, model.weights)
    if weight is None:
        total: NDArray = np.arange(1.0, index.shape[1] + 1)[None]
        sums = np.cumsum(targets, axis=1, dtype=np.float64)
    else:
        total = np.cumsum(weight, axis=1)
        sums = np.cumsum(targets * weight.reshape(weight.shape + (1,) * (targets.ndim - 2)), axis=1)
    total = total.reshape(total.shape + (1,) * (targets.ndim - 2))
    for k in ks:
        yield _mean(sums[:, k - 1] / total[:, k - 1] / unit)


def _mean(mean: NDArray) -> Answer:
    return Answer(lambda: mean)


def _first(
    model: Any, distance: NDArray, index: NDArray, k: int
) -> tuple[NDArray, NDArray, NDArray | None]:
    """Return the neighbours that a model with k of them would have found, and their masses."""
    if model._sample_weight is None:
        return distance[:, :k], index[:, :k], None
    return distance, index, masses(model._sample_weight[index], k)


class _Frozen(BaseEstimator):
    """An estimator that has one answer, for scorers."""

    def predict(self, X: Any) -> NDArray:
        return self.answer_.predict()

    def __sklearn_is_fitted__(self) -> bool:
        return True


class _FrozenClassifier(ClassifierMixin, _Frozen):
    def predict_proba(self, X: Any) -> Any:
        return self.answer_.predict_proba()


class _FrozenRegressor(RegressorMixin, _Frozen):
    pass


def row_scores(scoring: Any, classifier: bool) -> Callable[[NDArray, NDArray], NDArray] | None:
    """Return the function whose mean over rows is a score, or None where no such is known.

    Parameters
    ----------
    scoring : str, callable or None
    classifier : bool

    Returns
    -------
    callable ``(y, predicted) -> ndarray of shape (n_rows,)``, or None
    """
    if classifier and scoring in (None, "accuracy"):
        return lambda y, predicted: _over_outputs(y == predicted, np.all).astype(np.float64)
    if scoring == "neg_mean_squared_error":
        return _negative_squares
    if scoring == "neg_mean_absolute_error":
        return lambda y, predicted: -_over_outputs(np.abs(y - predicted), np.mean)
    return None


@np.errstate(over="ignore", under="ignore")
def _negative_squares(y: NDArray, predicted: NDArray) -> NDArray:
    return -_over_outputs((y - predicted) ** 2, np.mean)


def _over_outputs(values: NDArray, reduce: Any) -> NDArray:
    return values if values.ndim == 1 else reduce(values, axis=1)


def fold_scores(
    model: Any,
    answers: Iterator[Answer],
    X: Any,
    y: NDArray,
    sample_weight: NDArray | None,
    scoring: Any,
    scorer: Callable[..., float],
    failures: list[Exception],
) -> list[float]:
    """Return the score of every answer on the rows of a fold.

    Parameters
    ----------
    model : KNNClassifier or KNNRegressor
        Fitted on the other rows.
    answers : iterator of Answer
    X, y : the rows of the fold
    sample_weight : ndarray of shape (n_rows,), or None
        What each row counts in the score.
    scoring : str, callable or None
        What the user asked for: scores that are means over rows, and r2, are computed here.
    scorer : callable
        The scorer of everything else.
    failures : list
        Gets the errors of the scorer; the score is then NaN.

    Returns
    -------
    list of float
    """
    classifier = is_classifier(model)
    by_row = row_scores(scoring, classifier)
    if by_row is not None:
        # Squares that leave float64 end as infinite scores, of which `results` warns.
        return [
            float(np.average(by_row(y, answer.predict()), weights=sample_weight))
            for answer in answers
        ]
    if not classifier and scoring in (None, "r2"):
        weight = np.ones(len(y)) if sample_weight is None else sample_weight
        unit = unit_of(y)
        y = y if unit == 1.0 else y * unit
        spread = weight @ (y - np.average(y, axis=0, weights=weight)) ** 2
        if len(y) > 1 and np.all(spread > 0):
            return [
                float(np.mean(1 - weight @ (y - answer.predict() * unit) ** 2 / spread))
                for answer in answers
            ]
        return [r2(y, answer.predict() * unit, sample_weight) for answer in answers]
    # Errors and warnings of a scorer then name the class that the user knows.
    kind = type(type(model).__name__, (_FrozenClassifier if classifier else _FrozenRegressor,), {})
    frozen: Any = kind()
    if classifier:
        frozen.classes_ = model.classes_
    keywords = {} if sample_weight is None else {"sample_weight": sample_weight}
    scores = []
    for answer in answers:
        frozen.answer_ = answer
        try:
            scores.append(float(scorer(frozen, X, y, **keywords)))
        except Exception as error:
            failures.append(error)
            scores.append(np.nan)
    return scores


def report_failures(failures: list[Exception], n_scores: int, scoring: Any, owner: str) -> None:
    """Say once what a scorer could not score.

    Parameters
    ----------
    failures : list of Exception
    n_scores : int
        How many scores were asked for.
    scoring : str, callable or None
    owner : str
        The name of the estimator.

    Raises
    ------
    ValueError
        If no score came out at all.

    Warns
    -----
    UserWarning
        If some did not; they are NaN, as in GridSearchCV.
    """
    if not failures:
        return
    first = f"{type(failures[0]).__name__}: {failures[0]}"
    if len(failures) == n_scores:
        raise ValueError(
            f"scoring={scoring!r} of {owner} cannot score any fold: {first}"
        ) from failures[0]
    warn_user(
        f"Scoring failed for {len(failures)} of {n_scores} candidates and folds, whose scores are "
        f"set to nan. The first error was {first}",
    )
