"""What a metric is called, and which search serves it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.metrics import DistanceMetric
from sklearn.neighbors import VALID_METRICS, VALID_METRICS_SPARSE

from skdeep.neighbors.search.direct import DirectIndex, PrecomputedIndex
from skdeep.neighbors.search.distinct import DistinctIndex, equal_rows
from skdeep.neighbors.search.euclidean import EuclideanIndex
from skdeep.neighbors.search.gower import GowerIndex
from skdeep.neighbors.search.products import MissingValuesIndex, SparseIndex
from skdeep.neighbors.search.trees import TreeIndex
from skdeep.neighbors.units import unit_of
from skdeep.utils.user_warnings import warn_user

__all__ = ["KNOWN_METRICS", "Metric", "choose_index", "make_index", "resolve_metric"]

KNOWN_METRICS = frozenset({"gower"}).union(*VALID_METRICS.values())
# Other names of the metrics with a search of their own.
SYNONYMS = {
    "l1": "manhattan",
    "cityblock": "manhattan",
    "l2": "euclidean",
    "infinity": "chebyshev",
    "p": "minkowski",
    "sokalmichener": "rogerstanimoto",  # SciPy has dropped the older name
}
TREE_METRICS = frozenset({"manhattan", "euclidean", "chebyshev", "minkowski"})
# Those that a ball tree prunes by, and no k-d tree.
BALL_METRICS = frozenset({"haversine", "seuclidean", "mahalanobis", "canberra"})
PRODUCT_METRICS = frozenset({"euclidean", "sqeuclidean", "cosine", "correlation"})
SPARSE_METRICS = frozenset({"euclidean", "sqeuclidean", "cosine"})
# What these take besides, and take from the points where it is not given.
SPREAD_OF = {"seuclidean": "V", "mahalanobis": "VI"}
# What a ball tree takes although they break the triangle inequality, which it prunes by, or
# although it has no distance, 0 / 0, of two rows without any truth.
NO_TREE_METRICS = frozenset({"braycurtis", "dice", "precomputed", "sokalsneath"})


@dataclass(frozen=True)
class Metric:
    """A metric under the name that the searches know, with what it takes besides.

    Attributes
    ----------
    name : str, callable or DistanceMetric
    params : dict
    effective, effective_params : as scikit-learn's `effective_metric_` and its parameters
    """

    name: Any
    params: dict[str, Any] = field(default_factory=dict)
    effective: Any = None
    effective_params: dict[str, Any] = field(default_factory=dict)

    @property
    def is_semimetric(self) -> bool:
        """Whether it is a Minkowski distance with p < 1, which breaks the triangle inequality."""
        return isinstance(self.name, str) and self.name == "minkowski" and self.params["p"] < 1

    @property
    def needs_data(self) -> bool:
        """Whether it is measured by the spread of the points, which a tree does not know."""
        needed = SPREAD_OF.get(self.name) if isinstance(self.name, str) else None
        return needed is not None and self.params.get(needed) is None


def resolve_metric(metric: Any, p: float | None, metric_params: dict[str, Any] | None) -> Metric:
    """Return the metric that the parameters of an estimator name.

    Parameters
    ----------
    metric : str, callable or DistanceMetric
    p : float or None
        The power of "minkowski".
    metric_params : dict or None
        A `p` in it has precedence.

    Returns
    -------
    Metric
    """
    params = dict(metric_params or {})
    if "p" in params and p is not None:
        warn_user(
            "Parameter p is found in metric_params. The corresponding parameter from __init__ is "
            "ignored.",
            SyntaxWarning,
        )
    effective, effective_params = metric, dict(params)
    if isinstance(metric, str) and metric in ("minkowski", "p"):
        power = params.pop("p", p)
        power = 2 if power is None else power
        weight = params.pop("w", None)
        names = {1: "manhattan", 2: "euclidean", np.inf: "chebyshev"}
        if weight is None and power in names:
            effective, effective_params = names[power], params
        else:
            effective, effective_params = "minkowski", {**params, "p": power, "w": weight}
    if not isinstance(effective, str):
        return Metric(effective, effective_params, effective, effective_params)
    name = SYNONYMS.get(effective, effective)
    if name == "mahalanobis" and params.get("V") is not None and params.get("VI") is None:
        return Metric(name, {"VI": _inverse(params["V"])}, effective, effective_params)
    return Metric(name, effective_params, effective, effective_params)


def _inverse(covariance: Any) -> NDArray[np.float64]:
    try:
        return np.linalg.inv(np.asarray(covariance, dtype=np.float64))
    except np.linalg.LinAlgError as error:
        raise ValueError(
            f"metric='mahalanobis' takes as V of metric_params a covariance that has an inverse; "
            f"got {covariance!r}: {error}. Pass the inverse, or a pseudo-inverse, as VI."
        ) from error


def check_metric(metric: Metric, given: Any, algorithm: str, sparse: bool) -> None:
    """Raise ValueError for a metric that an algorithm, or sparse data, cannot use."""
    if metric.is_semimetric and algorithm in ("kd_tree", "ball_tree"):
        raise ValueError(
            f'algorithm="{algorithm}" does not support 0 < p < 1 for the Minkowski metric. To '
            'resolve this problem either set p >= 1 or algorithm="brute".'
        )
    if sparse:
        if (
            isinstance(metric.name, str)
            and metric.effective not in VALID_METRICS_SPARSE["brute"]
            and metric.effective not in (*SPARSE_METRICS, "precomputed")
        ):
            raise ValueError(
                f"Metric '{metric.effective}' not valid for sparse input. Use "
                "sorted(sklearn.neighbors.VALID_METRICS_SPARSE['brute']) to get valid options. "
                "Metric can also be a callable function."
            )
        return
    if algorithm == "kd_tree" and callable(given) and not isinstance(given, DistanceMetric):
        raise ValueError(
            f"kd_tree does not support callable metric '{given}': use algorithm='ball_tree' or "
            "algorithm='brute'."
        )
    if algorithm in ("kd_tree", "ball_tree") and isinstance(given, str):
        if given not in VALID_METRICS[algorithm]:
            raise ValueError(
                f"Metric '{given}' not valid for algorithm='{algorithm}'. Use "
                f"sorted(sklearn.neighbors.VALID_METRICS['{algorithm}']) to get valid options, or "
                "algorithm='brute'."
            )
        if algorithm == "kd_tree" and metric.params.get("w") is not None:
            raise ValueError(
                "algorithm='kd_tree' is not valid for metric='minkowski' with a weight parameter "
                "'w': try algorithm='ball_tree' or algorithm='brute' instead."
            )


def choose_index(X: Any, metric: Metric, given: Any, algorithm: str) -> str:
    """Return the kind of index that points, a metric and the wish of the user ask for.

    Parameters
    ----------
    X : array or sparse matrix of shape (n_points, n_features)
    metric : Metric
    given : str, callable or DistanceMetric
        The metric as the user gave it.
    algorithm : {"auto", "brute", "kd_tree", "ball_tree"}

    Returns
    -------
    {"brute", "kd_tree", "ball_tree"}

    Raises
    ------
    ValueError
        If the algorithm, or sparse data, cannot use the metric.
    """
    sparse = issparse(X)
    check_metric(metric, given, algorithm, sparse)
    if sparse and algorithm in ("kd_tree", "ball_tree"):
        warn_user("cannot use tree with sparse input: using brute force")
    if metric.is_semimetric:
        warn_user(
            "Mind that for 0 < p < 1, Minkowski metrics are not distance metrics. Continuing the "
            "execution with `algorithm='brute'`.",
        )
    name = metric.name if isinstance(metric.name, str) else ""
    if sparse or name in NO_TREE_METRICS or metric.needs_data:
        return "brute"
    if name == "minkowski" and unit_of(X, metric.params["p"]) != 1.0:
        return "brute"  # a tree would lose the powers
    return choose_algorithm(X, metric) if algorithm == "auto" else algorithm


def make_index(
    X: Any,
    metric: Metric,
    method: str,
    leaf_size: int,
    sample_weight: NDArray[np.float64] | None = None,
) -> Any:
    """Return an index of points.

    Parameters
    ----------
    X : array or sparse matrix of shape (n_points, n_features)
    metric : Metric
    method : {"brute", "kd_tree", "ball_tree"}
        As :func:`choose_index` returns it.
    leaf_size : int
    sample_weight : ndarray of shape (n_points,), default=None
        How often each point counts where a metric asks for their spread.

    Returns
    -------
    object with ``query(Q, k, n_threads)`` and ``within(Q, radius, n_threads)``
    """
    if isinstance(metric.name, str) and metric.name == "precomputed":
        return PrecomputedIndex(X.shape[0])
    equal = None if metric.needs_data else equal_rows(X)
    if equal is None:
        return _index_of_all(X, metric, method, leaf_size, sample_weight)
    first, kind = equal
    weight: Any = None if sample_weight is None else np.bincount(kind, weights=sample_weight)
    return DistinctIndex(_index_of_all(X[first], metric, method, leaf_size, weight), kind)


def _index_of_all(
    X: Any, metric: Metric, method: str, leaf_size: int, sample_weight: NDArray[np.float64] | None
) -> Any:
    name = metric.name
    named = name if isinstance(name, str) else ""
    if issparse(X):
        if named in SPARSE_METRICS:
            return SparseIndex(X, named)
        return DirectIndex(X, metric.effective, metric.params)
    if method in ("kd_tree", "ball_tree"):
        kind = method if named in TREE_METRICS else "ball_tree"
        return TreeIndex(X, kind, name, metric.params, leaf_size)
    if named == "gower":
        return GowerIndex(X, metric.params, sample_weight)
    if named == "nan_euclidean":
        return MissingValuesIndex(X)
    if named in PRODUCT_METRICS:
        return EuclideanIndex(X, named)
    return DirectIndex(X, name, metric.params, sample_weight)


def choose_algorithm(X: Any, metric: Metric) -> str:
    """Return the tree that wins where there are few features and many points; else "brute".

    The borders are measured by ``benchmarks/bench_neighbors_auto.py``.
    """
    n_points, n_features = X.shape
    weighted = metric.params.get("w") is not None
    if not isinstance(metric.name, str) or metric.is_semimetric:
        return "brute"
    if metric.name in BALL_METRICS or (metric.name == "minkowski" and weighted):
        few = n_features <= 4 and n_points >= 500
        return "ball_tree" if few and unit_of(X, 2.0) == 1.0 else "brute"
    if metric.name not in TREE_METRICS or weighted:
        return "brute"
    least = TREE_FROM[metric.name].get(n_features)
    return "kd_tree" if least is not None and n_points >= least else "brute"


# By the metric and the number of features, the number of points from which a tree answers first.
TREE_FROM: dict[str, dict[int, int]] = {
    "euclidean": {1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 10_000},
    "manhattan": {1: 0, 2: 0, 3: 0, 4: 0, 5: 3_000, 6: 10_000, 7: 30_000, 8: 100_000},
    "chebyshev": {1: 0, 2: 0, 3: 0, 4: 0, 5: 3_000, 6: 10_000, 7: 30_000, 8: 100_000},
    "minkowski": {**dict.fromkeys(range(1, 13), 0), 13: 10_000, 14: 10_000, 15: 10_000},
}
