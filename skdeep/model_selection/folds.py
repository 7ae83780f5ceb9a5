"""One estimator on one fold: fit, predict, score, with times; an error is a result."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from numbers import Real
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.callback import CallbackContext
from sklearn.utils import get_tags

__all__ = ["FoldResult", "Params", "length", "run_fold", "take_rows"]


@dataclass(frozen=True)
class Params:
    """Metadata for one estimator.

    Attributes
    ----------
    fit, score : mapping of str to object
        Keywords of `fit` and of the scorer, for all rows.
    """

    fit: Mapping[str, Any] = field(default_factory=dict)
    score: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FoldResult:
    """What came of a fold.

    Attributes
    ----------
    scores : dict of str to float
        One for each metric; a single one is called "". Empty after an error.
    fit_time, predict_time : float
        Seconds to fit, and to predict the rows left out; NaN where there was none.
    error : str or None
        Type and text of the exception.
    warnings : list of (type, str)
        Category and text of every warning that was not filtered away.
    """

    scores: dict[str, float]
    fit_time: float
    predict_time: float
    error: str | None
    warnings: list[tuple[type[Warning], str]] = field(default_factory=list)


def run_fold(
    estimator: Any,
    X: Any,
    y: Any,
    train: NDArray[np.intp],
    test: NDArray[np.intp],
    *,
    scorer: Any,
    params: Params,
    reraise: bool = False,
    caller: Any = None,
    context: CallbackContext | None = None,
) -> FoldResult:
    """Fit a clone on the rows `train` and score it on the rows `test`.

    `caller` and `context` are those of callbacks, where there are any. An exception becomes the
    result's error unless `reraise`; warnings are kept, for whoever can count them.
    """
    estimator = clone(estimator)
    pairwise = get_tags(estimator).input_tags.pairwise
    known = _of_rows(X, y, train, train if pairwise else None)
    unseen = _of_rows(X, y, test, train if pairwise else None)
    fit_params = _params_of_rows(params.fit, X, train)
    given: dict[str, Any] = {
        "estimator": caller,
        "X": known[0],
        "y": known[1] if len(known) > 1 else None,
        "metadata": fit_params or None,
    }
    scores: dict[str, float] = {}
    fit_time = predict_time = np.nan
    error = None
    caught: list[warnings.WarningMessage] = []
    try:
        with _joined(context, estimator), warnings.catch_warnings(record=True) as caught:
            if context is not None:
                context.call_on_fit_task_begin(**given)
            try:
                start = perf_counter()
                estimator.fit(*known, **fit_params)
                fit_time = perf_counter() - start
                if hasattr(estimator, "predict"):
                    start = perf_counter()
                    estimator.predict(unseen[0])
                    predict_time = perf_counter() - start
                score_params = _params_of_rows(params.score, X, test)
                scores = _checked(scorer(estimator, *unseen, **score_params))
            except Exception as exception:
                if reraise:
                    raise
                error = f"{type(exception).__name__}: {exception}"
    finally:
        if context is not None:
            context.call_on_fit_task_end(**given)
    warned = [(warning.category, str(warning.message)) for warning in caught]
    return FoldResult(scores, fit_time, predict_time, error, warned)


def take_rows(data: Any, rows: NDArray[np.intp]) -> Any:
    """Return some rows of an array, a sparse matrix, a data frame or a list, in its own kind."""
    if hasattr(data, "iloc"):  # pandas
        return data.iloc[rows]
    if hasattr(data, "shape"):  # NumPy, SciPy, polars
        return data[rows]
    return [data[row] for row in rows]


def length(data: Any) -> int | None:
    """Return the number of rows, None for what has none."""
    if isinstance(data, (str, bytes, Mapping)):
        return None
    if hasattr(data, "shape"):
        return data.shape[0] if len(data.shape) else None
    return len(data) if hasattr(data, "__len__") else None


@contextmanager
def _joined(context: CallbackContext | None, estimator: Any) -> Iterator[None]:
    """Let the estimator's own tasks hang below `context`, if it has any."""
    if context is None or not hasattr(estimator, "set_callbacks"):
        yield
        return
    with context.propagate_callback_context(estimator):
        yield


def _of_rows(
    X: Any, y: Any, rows: NDArray[np.intp], columns: NDArray[np.intp] | None
) -> tuple[Any, ...]:
    """Return what `fit` and a scorer take of these rows; a kernel's columns are rows too."""
    part = take_rows(X, rows)
    if columns is not None:
        part = part.iloc[:, columns] if hasattr(part, "iloc") else part[:, columns]
    return (part,) if y is None else (part, take_rows(y, rows))


def _params_of_rows(params: Mapping[str, Any], X: Any, rows: NDArray[np.intp]) -> dict[str, Any]:
    """Return these rows of every parameter that has one entry for each row of `X`."""
    n_samples = length(X)
    return {
        name: take_rows(value, rows) if length(value) == n_samples else value
        for name, value in params.items()
    }


def _checked(result: Any) -> dict[str, float]:
    """Return what a scorer returned as a dict of numbers, a single one under ""."""
    scores = dict(result) if isinstance(result, Mapping) else {"": result}
    for name, score in scores.items():
        of = f" for {name!r}" if name else ""
        if hasattr(score, "item") and np.size(score) == 1:
            score = score.item()
        if not isinstance(score, Real):
            raise TypeError(f"scoring must return a number. Got {score!r}{of} instead.")
        scores[name] = float(score)
        if not np.isfinite(scores[name]):
            raise ValueError(f"the score{of} is {scores[name]}.")
    return scores
