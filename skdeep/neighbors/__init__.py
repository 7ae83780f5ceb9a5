"""Exact nearest neighbours, and the estimators on them."""

from skdeep.neighbors.classification import KNNClassifier
from skdeep.neighbors.classification_cv import KNNClassifierCV
from skdeep.neighbors.regression import KNNRegressor
from skdeep.neighbors.regression_cv import KNNRegressorCV

__all__ = ["KNNClassifier", "KNNClassifierCV", "KNNRegressor", "KNNRegressorCV"]
