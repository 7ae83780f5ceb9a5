"""Least squares with polynomial features, softmax regression, linear support vector machines."""

from skdeep.linear_model.classifiers.softmax import SoftmaxClassifier
from skdeep.linear_model.classifiers.softmax_cv import SoftmaxClassifierCV
from skdeep.linear_model.classifiers.svm import SVMClassifier
from skdeep.linear_model.least_squares.regressor import LeastSquaresRegressor
from skdeep.linear_model.least_squares.regressor_cv import LeastSquaresRegressorCV

__all__ = [
    "LeastSquaresRegressor",
    "LeastSquaresRegressorCV",
    "SVMClassifier",
    "SoftmaxClassifier",
    "SoftmaxClassifierCV",
]
