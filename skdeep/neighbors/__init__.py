"""Exact nearest neighbours, and the estimators on them."""

from skdeep.neighbors.classification import KNNClassifier, KNNClassifierCV
from skdeep.neighbors.regression import KNNRegressor, KNNRegressorCV

__all__ = ["KNNClassifier", "KNNClassifierCV", "KNNRegressor", "KNNRegressorCV"]
