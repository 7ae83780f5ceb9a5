"""Networks for raw tables."""

from skdeep.neural_network.tabular.classifier import TabularNetClassifier
from skdeep.neural_network.tabular.regressor import TabularNetRegressor

__all__ = ["TabularNetClassifier", "TabularNetRegressor"]
