"""The network estimators."""

from skdeep.neural_network.images.convnet_classifier import ConvNetClassifier
from skdeep.neural_network.images.convnet_regressor import ConvNetRegressor
from skdeep.neural_network.mlp_classifier import MLPClassifier
from skdeep.neural_network.mlp_regressor import MLPRegressor
from skdeep.neural_network.tabular import TabularNetClassifier, TabularNetRegressor

__all__ = [
    "ConvNetClassifier",
    "ConvNetRegressor",
    "MLPClassifier",
    "MLPRegressor",
    "TabularNetClassifier",
    "TabularNetRegressor",
]
