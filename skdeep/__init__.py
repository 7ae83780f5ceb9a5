"""Deep learning for people who live in scikit-learn.

Every public name can be imported from here; ``skdeep.nn`` holds what networks are made of.
"""

from skdeep._version import __version__
from skdeep.inspection import gradient_check
from skdeep.linear_model import (
    LeastSquaresRegressor,
    LeastSquaresRegressorCV,
    SoftmaxClassifier,
    SoftmaxClassifierCV,
    SVMClassifier,
)
from skdeep.model_selection import compare
from skdeep.neighbors import (
    KNNClassifier,
    KNNClassifierCV,
    KNNRegressor,
    KNNRegressorCV,
    NearestNeighbors,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
)
from skdeep.neural_network import (
    Autoencoder,
    CharacterLanguageModel,
    ConvNetClassifier,
    ConvNetRegressor,
    GenerativeAdversarialNetwork,
    MLPClassifier,
    MLPRegressor,
    NetworkEnsembleClassifier,
    NetworkEnsembleRegressor,
    RecurrentClassifier,
    RecurrentRegressor,
    Seq2SeqTranslator,
    TabularNetClassifier,
    TabularNetRegressor,
    TransformerClassifier,
    TransformerRegressor,
    VariationalAutoencoder,
)
from skdeep.preprocessing import PiecewiseLinearEncoder, RobustSmoothScaler, TableEncoder, Whitener
from skdeep.utils.threads import all_cores

__all__ = [
    "Autoencoder",
    "RecurrentClassifier",
    "RecurrentRegressor",
    "TransformerClassifier",
    "TransformerRegressor",
    "CharacterLanguageModel",
    "Seq2SeqTranslator",
    "ConvNetClassifier",
    "ConvNetRegressor",
    "GenerativeAdversarialNetwork",
    "KNNClassifier",
    "KNNClassifierCV",
    "KNNRegressor",
    "KNNRegressorCV",
    "LeastSquaresRegressor",
    "LeastSquaresRegressorCV",
    "MLPClassifier",
    "MLPRegressor",
    "NetworkEnsembleClassifier",
    "NetworkEnsembleRegressor",
    "PiecewiseLinearEncoder",
    "RobustSmoothScaler",
    "NearestNeighbors",
    "RadiusNeighborsClassifier",
    "RadiusNeighborsRegressor",
    "SVMClassifier",
    "SoftmaxClassifier",
    "SoftmaxClassifierCV",
    "TableEncoder",
    "TabularNetClassifier",
    "TabularNetRegressor",
    "VariationalAutoencoder",
    "Whitener",
    "__version__",
    "all_cores",
    "compare",
    "gradient_check",
]

# What skops asks to trust in files of fitted estimators: each is its class, arrays, numbers, text.
TRUSTED_TYPES = sorted(
    f"{item.__module__}.{item.__qualname__}"
    for item in map(globals().__getitem__, __all__)
    if isinstance(item, type)
)
