"""Least squares with polynomial features, softmax regression, linear support vector machines."""

from skdeep.linear_model.least_squares import LeastSquaresRegressor
from skdeep.linear_model.softmax import SoftmaxClassifier
from skdeep.linear_model.svm import SVMClassifier

__all__ = ["LeastSquaresRegressor", "SVMClassifier", "SoftmaxClassifier"]
