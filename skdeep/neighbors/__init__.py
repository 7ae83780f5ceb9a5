"""Exact nearest neighbours, and the estimators on them."""

from skdeep.neighbors.classification import KNNClassifier
from skdeep.neighbors.regression import KNNRegressor

__all__ = ["KNNClassifier", "KNNRegressor"]
