"""The keywords that the estimators on nearest neighbours share."""

from collections.abc import Callable
from dataclasses import KW_ONLY
from typing import Annotated, Any

from sklearn.metrics import DistanceMetric

from skdeep.neighbors.search.metric import KNOWN_METRICS
from skdeep.utils.parameters import parameters
from skdeep.utils.params import integer, jobs, none, one_of, random_state, real, rule

__all__ = [
    "Algorithm",
    "Jobs",
    "LeafSize",
    "MetricParams",
    "Power",
    "SearchParams",
    "SupervisedParams",
    "VoteParams",
    "a_metric",
    "some_weights",
]

_seed = random_state()  # a field of that name hides the rule
a_metric = rule(
    "a metric that sklearn.metrics.pairwise_distances knows, 'gower', 'precomputed', a callable or "
    "a sklearn.metrics.DistanceMetric",
    lambda value: (
        callable(value)
        or isinstance(value, DistanceMetric)
        or (isinstance(value, str) and value in KNOWN_METRICS)
    ),
    "str",
    "callable",
    "DistanceMetric",
)
some_weights = one_of("uniform", "distance") | rule("a callable", callable, "callable") | none()
_dicts = rule(
    "a list of dicts, one for each output",
    lambda value: isinstance(value, list) and all(isinstance(v, dict) for v in value),
    "list of dict",
)


# In two orders of keywords: of the plain estimators and of those that search over k.
Algorithm = Annotated[
    str,
    one_of("auto", "ball_tree", "kd_tree", "brute"),
    """How neighbours are found. All are exact and find the same; 'auto' takes SciPy's k-d tree for
    few features and many points, and the search by products elsewhere.
    """,
]
LeafSize = Annotated[int, integer(1), "Points in a leaf of a tree."]
Power = Annotated[
    float | None, real(0, closed="right") | none(), 'The power of the "minkowski" metric.'
]
MetricParams = Annotated[
    dict[str, Any] | None,
    rule(
        "a dict with names for keys",
        lambda value: isinstance(value, dict) and all(isinstance(name, str) for name in value),
        "dict",
    )
    | none(),
    "What the metric takes besides.",
]
Jobs = Annotated[
    int | None,
    jobs(),
    "How many threads search. None: as many as matrix products use.",
]


@parameters
class SearchParams:
    """How neighbours are searched."""

    _: KW_ONLY
    algorithm: Algorithm = "auto"
    leaf_size: LeafSize = 30
    p: Power = 2
    metric: Annotated[
        Any,
        a_metric,
        """Any metric of :func:`sklearn.metrics.pairwise_distances`; "gower" for tables of numbers
        and categories; or "precomputed". Missing values are allowed with "nan_euclidean" and
        "gower". Rows without direction (zeros under "cosine",
        constant ones under "correlation") are at distance 1 of all others; under "seuclidean" and
        "mahalanobis" features that are constant in the training rows count nothing.
        """,
    ] = "minkowski"
    metric_params: MetricParams = None
    n_jobs: Jobs = None


@parameters
class SupervisedParams(SearchParams):
    """What each neighbour counts, and how neighbours are searched."""

    _: KW_ONLY
    weights: Annotated[
        str | Callable[..., Any] | None,
        some_weights,
        """What each neighbour counts: all the same; one over the distance (neighbours at distance
        zero alone, if there are any); or what a function makes of the array of distances, of the
        same shape.
        """,
    ] = "uniform"


@parameters
class VoteParams:
    """How the classes of neighbours are counted."""

    _: KW_ONLY
    tie_breaking: Annotated[
        str,
        one_of("first", "nearest", "random"),
        """Which of the classes with the most votes wins: the first in order, as in scikit-learn;
        the one with the nearest neighbour; or any of them with the same probability.
        """,
    ] = "first"
    class_weight: Annotated[
        Any,
        one_of("balanced")
        | rule("a dict", lambda value: isinstance(value, dict), "dict")
        | _dicts
        | none(),
        """What a vote for each class counts. 'balanced' is the inverse of a class's frequency in
        the training rows. A list has one entry for each output.
        """,
    ] = None
    random_state: Annotated[
        Any,
        _seed,
        'The coin of ``tie_breaking="random"``; an integer gives the same result at every call.',
    ] = None
