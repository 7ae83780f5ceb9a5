"""Which function writes which estimator, and what all of them share."""

from __future__ import annotations

from functools import singledispatch
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skdeep.export.graph import Graph, Name

__all__ = ["Input", "Output", "choose", "estimator_nodes", "has_nodes", "input_of", "label_output"]


class Input(NamedTuple):
    """What a graph is fed with.

    Attributes
    ----------
    kind : {"FLOAT", "INT64"}
    shape : tuple of int
        Of one sample.
    """

    kind: str
    shape: tuple[int, ...]


class Output(NamedTuple):
    """What a graph says.

    Attributes
    ----------
    name : str
        For the user: "label", "probabilities", "scores" or "variable".
    value : str
        In the graph.
    kind : {"FLOAT", "INT64", "STRING"}
    shape : tuple of int
        Of one sample.
    """

    name: str
    value: Name
    kind: str
    shape: tuple[int, ...]


@singledispatch
def estimator_nodes(estimator: Any, graph: Graph, X: Name) -> list[Output]:
    """Add what a fitted estimator predicts, and return its outputs.

    A classifier has "label" and "probabilities", or "scores" where it has no probabilities; all
    others have "variable".

    Parameters
    ----------
    estimator : estimator
    graph : Graph
    X : str
        The samples, as `input_of` says.

    Raises
    ------
    NotImplementedError
        For an estimator that has no function here, or a parameter that has no form in ONNX.
    """
    name = type(estimator).__name__
    raise NotImplementedError(
        f"{name} has no form in ONNX here. Save it by skops or joblib, and predict with skdeep."
    )


def has_nodes(estimator: Any) -> bool:
    """Tell whether there is a function for estimators of that kind."""
    return estimator_nodes.dispatch(type(estimator)) is not estimator_nodes.dispatch(object)


@singledispatch
def input_of(estimator: Any) -> Input:
    """Return what the graph of an estimator is fed with: rows of numbers, unless it says more."""
    return Input("FLOAT", (int(estimator.n_features_in_),))


def choose(graph: Graph, index: Name, classes: NDArray[Any]) -> tuple[Name, str]:
    """Return the labels at places among the classes, and of which kind they are."""
    if classes.dtype.kind == "f" and not (classes == classes.astype(np.int64)).all():
        return graph.add("Gather", graph.floats(classes), index), "FLOAT"
    if classes.dtype.kind in "iubf":
        return graph.add("Gather", graph.constant(classes.astype(np.int64)), index), "INT64"
    return graph.add("Gather", graph.constant(classes), index), "STRING"


def label_output(
    graph: Graph, index: Name, classes: NDArray[Any], shape: tuple[int, ...] = ()
) -> Output:
    """Return the output of labels at places among the classes."""
    label, kind = choose(graph, index, classes)
    return Output("label", label, kind, shape)
