"""Linear models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from skdeep.export.estimators.dispatch import Output, estimator_nodes, label_output
from skdeep.export.graph import Graph, Name
from skdeep.export.layers.elements import add_affine
from skdeep.linear_model import (
    LeastSquaresRegressor,
    LeastSquaresRegressorCV,
    SoftmaxClassifier,
    SoftmaxClassifierCV,
    SVMClassifier,
)


@estimator_nodes.register(SoftmaxClassifier)
@estimator_nodes.register(SoftmaxClassifierCV)
@estimator_nodes.register(SVMClassifier)
def _(estimator: Any, graph: Graph, X: Name) -> list[Output]:
    coef = estimator.coef_.toarray() if sparse.issparse(estimator.coef_) else estimator.coef_
    scores = add_affine(graph, X, coef.T, estimator.intercept_)
    width, classes = len(coef), estimator.classes_
    if width == 1:  # of the second class; the first one's is its negative
        column = graph.add("Squeeze", scores, np.array([1]))
        index = graph.cast(graph.add("Greater", column, graph.floats(0.0)), "INT64")
    else:
        index = graph.add("ArgMax", scores, axis=1, keepdims=0)
    label = label_output(graph, index, classes)
    if not hasattr(estimator, "predict_proba"):
        return [label, Output("scores", scores, "FLOAT", (width,))]
    if width == 1:
        both = graph.add("Concat", graph.add("Neg", scores), scores, axis=1)
        probabilities = graph.add("Sigmoid", both)
    else:
        probabilities = graph.add("Softmax", scores, axis=1)
    return [label, Output("probabilities", probabilities, "FLOAT", (len(classes),))]


@estimator_nodes.register(LeastSquaresRegressor)
@estimator_nodes.register(LeastSquaresRegressorCV)
def _(estimator: Any, graph: Graph, X: Name) -> list[Output]:
    # Powers cancel each other, so that they are taken in double precision.
    factors = estimator._fitted_monomials().factors
    coef = np.atleast_2d(estimator.coef_).astype(np.float64)
    known = graph.add("Pad", graph.cast(X, "DOUBLE"), np.array([0, 0, 0, 1]), np.array(1.0))
    terms = None
    for places in _places(factors, estimator.n_features_in_):
        factor = graph.add("Gather", known, places, axis=1)
        terms = factor if terms is None else graph.add("Mul", terms, factor)
    assert terms is not None
    y = graph.add("MatMul", terms, coef.T)
    intercept = np.atleast_1d(np.asarray(estimator.intercept_, dtype=np.float64))
    y = graph.cast(graph.add("Add", y, intercept), "FLOAT")
    return [Output("variable", y, "FLOAT", (len(coef),))]


def _places(factors: list[tuple[int, ...]], n_features: int) -> Iterator[NDArray[np.intp]]:
    """Yield the features that are first factors of the terms, then the second ones, and so on.

    Where a term has no more factors, the place is `n_features`, that of the factor one.
    """
    for i in range(max(map(len, factors))):
        yield np.array([term[i] if i < len(term) else n_features for term in factors])
