"""The network estimators."""

from skdeep.neural_network.ensembles import (
    EnsembleReport,
    NetworkEnsembleClassifier,
    NetworkEnsembleRegressor,
)
from skdeep.neural_network.images.convnet_classifier import ConvNetClassifier
from skdeep.neural_network.images.convnet_regressor import ConvNetRegressor
from skdeep.neural_network.mlp_classifier import MLPClassifier
from skdeep.neural_network.mlp_regressor import MLPRegressor
from skdeep.neural_network.sequences.language_model import CharacterLanguageModel
from skdeep.neural_network.sequences.recurrent import RecurrentClassifier, RecurrentRegressor
from skdeep.neural_network.sequences.transformer import TransformerClassifier, TransformerRegressor
from skdeep.neural_network.sequences.translator import Seq2SeqTranslator
from skdeep.neural_network.tabular import TabularNetClassifier, TabularNetRegressor
from skdeep.neural_network.unlabelled import (
    Autoencoder,
    GenerativeAdversarialNetwork,
    VariationalAutoencoder,
)

__all__ = [
    "Autoencoder",
    "CharacterLanguageModel",
    "ConvNetClassifier",
    "ConvNetRegressor",
    "EnsembleReport",
    "GenerativeAdversarialNetwork",
    "MLPClassifier",
    "MLPRegressor",
    "NetworkEnsembleClassifier",
    "NetworkEnsembleRegressor",
    "RecurrentClassifier",
    "RecurrentRegressor",
    "Seq2SeqTranslator",
    "TabularNetClassifier",
    "TabularNetRegressor",
    "TransformerClassifier",
    "TransformerRegressor",
    "VariationalAutoencoder",
]
