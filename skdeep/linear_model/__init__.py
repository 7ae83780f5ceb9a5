"""Least squares with polynomial features, softmax regression, linear support vector machines."""

from skdeep.linear_model.least_squares import LeastSquaresRegressor
from skdeep.linear_model.least_squares_cv import LeastSquaresRegressorCV
from skdeep.linear_model.softmax import SoftmaxClassifier
from skdeep.linear_model.softmax_cv import SoftmaxClassifierCV
from skdeep.linear_model.svm import SVMClassifier

__all__ = [
    "LeastSquaresRegressor",
    "LeastSquaresRegressorCV",
    "SVMClassifier",
    "SoftmaxClassifier",
    "SoftmaxClassifierCV",
]
