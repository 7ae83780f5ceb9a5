"""The network estimators."""

from skdeep.neural_network.mlp_classifier import MLPClassifier
from skdeep.neural_network.mlp_regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
