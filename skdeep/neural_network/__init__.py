"""The network estimators."""

from skdeep.neural_network.mlp_classifier import MLPClassifier
from skdeep.neural_network.mlp_regressor import MLPRegressor
from skdeep.neural_network.tabular import TabularNetClassifier, TabularNetRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "TabularNetClassifier", "TabularNetRegressor"]
