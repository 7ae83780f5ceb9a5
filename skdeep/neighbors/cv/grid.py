"""The candidates of a search over parameters, and the table of their scores."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from skdeep.utils.user_warnings import warn_user

__all__ = ["Grid", "options", "results"]


def options(value: Any) -> list[Any]:
    """Return what is searched: a list as it is, anything else as the only option."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


class Grid:
    """All candidates, in the order of scikit-learn's ParameterGrid.

    Parameters
    ----------
    ks : list of int
    weights, metrics : lists
    """

    def __init__(self, ks: list[int], weights: list[Any], metrics: list[Any]) -> None:
        self.ks, self.weights, self.metrics = ks, weights, metrics
        self.ascending = sorted(set(ks))

    def __len__(self) -> int:
        return len(self.ks) * len(self.weights) * len(self.metrics)

    @property
    def n_scored(self) -> int:
        """How many scores a fold takes: a number of neighbours that is named twice is one."""
        return len(self.ascending) * len(self.weights) * len(self.metrics)

    def candidates(self) -> list[dict[str, Any]]:
        """Return the parameters of each candidate."""
        return [
            {"metric": metric, "n_neighbors": k, "weights": weights}
            for metric in self.metrics
            for k in self.ks
            for weights in self.weights
        ]

    def rows(self, metric: int, weights: int | None = None) -> NDArray[np.intp]:
        """Return the places of a metric's candidates, or of those with some weights too."""
        shape = (len(self.metrics), len(self.ks), len(self.weights))
        places = np.arange(len(self)).reshape(shape)[metric]
        return places.reshape(-1) if weights is None else places[:, weights]

    def in_order(self, by_k: list[Any]) -> list[Any]:
        """Return what was found for ascending k in the order of the candidates."""
        return [by_k[self.ascending.index(k)] for k in self.ks]


def results(
    params: list[dict[str, Any]],
    scores: NDArray,
    fitting: NDArray,
    scoring: NDArray,
    counts: NDArray | None = None,
) -> dict[str, Any]:
    """Return `cv_results_` in the form of GridSearchCV.

    Parameters
    ----------
    params : list of dict
        The candidates.
    scores, fitting, scoring : ndarrays of shape (n_candidates, n_splits)
        Scores, and seconds.
    counts : ndarray of shape (n_splits,), or None
        What each split counts in the mean score; None is the same.

    Returns
    -------
    dict of str to array
    """
    table: dict[str, Any] = {}
    for name, seconds in (("fit_time", fitting), ("score_time", scoring)):
        table[f"mean_{name}"] = seconds.mean(axis=1)
        table[f"std_{name}"] = seconds.std(axis=1)
    for name in params[0]:
        values = [candidate[name] for candidate in params]
        column = np.empty(len(params), dtype=np.int64 if name == "n_neighbors" else object)
        column[:] = values
        table[f"param_{name}"] = np.ma.MaskedArray(column, mask=False)
    table["params"] = params
    for split in range(scores.shape[1]):
        table[f"split{split}_test_score"] = scores[:, split].copy()
    with np.errstate(over="ignore", invalid="ignore"):
        mean = np.average(scores, axis=1, weights=counts)
        squares = (scores - mean[:, None]) ** 2
        spread = np.sqrt(np.average(squares, axis=1, weights=counts))
    if not np.isfinite(mean).all():
        warn_user(f"One or more of the test scores are non-finite: {mean}")
    table["mean_test_score"] = mean
    table["std_test_score"] = spread
    lowest = np.nanmin(mean) if np.isfinite(mean).any() else 0.0
    ranked = np.where(np.isnan(mean), lowest - 1, mean)
    table["rank_test_score"] = rankdata(-ranked, method="min").astype(np.int32)
    return table
