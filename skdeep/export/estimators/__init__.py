"""How each fitted estimator is written in the standard operators of ONNX."""

from skdeep.export.estimators import linear, neighbors, networks, preprocessing, tables
from skdeep.export.estimators.dispatch import Input, Output, estimator_nodes, has_nodes, input_of
from skdeep.export.estimators.networks import LearnedFeatures

__all__ = [
    "Input",
    "LearnedFeatures",
    "Output",
    "estimator_nodes",
    "has_nodes",
    "input_of",
    "linear",
    "neighbors",
    "networks",
    "preprocessing",
    "tables",
]
