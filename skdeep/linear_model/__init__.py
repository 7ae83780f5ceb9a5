"""Least squares with polynomial features, softmax regression, linear support vector machines."""

from skdeep.linear_model.least_squares import LeastSquaresRegressor

__all__ = ["LeastSquaresRegressor"]
