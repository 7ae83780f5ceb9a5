"""Exact nearest neighbours, and the estimators on them."""

from skdeep.neighbors.classification import KNNClassifier
from skdeep.neighbors.cv.classification import KNNClassifierCV
from skdeep.neighbors.cv.regression import KNNRegressorCV
from skdeep.neighbors.nearest import NearestNeighbors
from skdeep.neighbors.radius.classification import RadiusNeighborsClassifier
from skdeep.neighbors.radius.regression import RadiusNeighborsRegressor
from skdeep.neighbors.regression import KNNRegressor

__all__ = [
    "KNNClassifier",
    "KNNClassifierCV",
    "KNNRegressor",
    "KNNRegressorCV",
    "NearestNeighbors",
    "RadiusNeighborsClassifier",
    "RadiusNeighborsRegressor",
]
