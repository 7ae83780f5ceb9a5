"""Several networks as one: their mean, and how far their errors are independent."""

from skdeep.neural_network.ensembles.classifier import NetworkEnsembleClassifier
from skdeep.neural_network.ensembles.regressor import NetworkEnsembleRegressor
from skdeep.neural_network.ensembles.report import EnsembleReport

__all__ = ["EnsembleReport", "NetworkEnsembleClassifier", "NetworkEnsembleRegressor"]
