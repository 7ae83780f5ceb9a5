"""The keywords of the searches over the number of neighbours."""

from dataclasses import KW_ONLY
from typing import Annotated, Any

from skdeep.neighbors.search_params import Algorithm, Jobs, LeafSize, MetricParams, Power
from skdeep.utils.parameters import parameters
from skdeep.utils.params import integer, none, rule

__all__ = ["SearchedParams"]


@parameters
class SearchedParams:
    """What a search over k chooses from, and how it scores."""

    _: KW_ONLY
    weights: Annotated[Any, "A list is searched; its entries are as in :class:`KNNClassifier`."] = (
        "uniform"
    )
    metric: Annotated[Any, "A list is searched; its entries are as in :class:`KNNClassifier`."] = (
        "minkowski"
    )
    cv: Annotated[
        Any,
        integer(2)
        | rule(
            "a cross-validation splitter",
            lambda value: callable(getattr(value, "get_n_splits", None)),
            "splitter",
        )
        | rule(
            "a list of (train, test) indices",
            lambda value: isinstance(value, (list, tuple)),
            "list of (train, test)",
        )
        | none(),
        """As in GridSearchCV; None is five folds. ``LeaveOneOut()`` takes a single search on all
        rows, none of them its own neighbour.
        """,
    ] = None
    scoring: Annotated[
        Any,
        rule("the name of a scorer", lambda value: isinstance(value, str), "str")
        | rule("a scorer", callable, "callable")
        | none(),
        "A scorer; None is the score of the estimator.",
    ] = None
    algorithm: Algorithm = "auto"
    leaf_size: LeafSize = 30
    p: Power = 2
    metric_params: MetricParams = None
    n_jobs: Jobs = None
