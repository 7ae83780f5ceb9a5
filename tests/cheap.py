"""One cheap instance of every public estimator, for the tests that all of them must pass.

A new estimator joins by one line; a test fails if a public estimator is missing here.
"""

from sklearn.base import clone

from skdeep import (
    Autoencoder,
    CharacterLanguageModel,
    ConvNetClassifier,
    ConvNetRegressor,
    GenerativeAdversarialNetwork,
    KNNClassifier,
    KNNClassifierCV,
    KNNRegressor,
    KNNRegressorCV,
    LeastSquaresRegressor,
    LeastSquaresRegressorCV,
    MLPClassifier,
    MLPRegressor,
    NearestNeighbors,
    NetworkEnsembleClassifier,
    NetworkEnsembleRegressor,
    PiecewiseLinearEncoder,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
    RecurrentClassifier,
    RecurrentRegressor,
    RobustSmoothScaler,
    Seq2SeqTranslator,
    SoftmaxClassifier,
    SoftmaxClassifierCV,
    SVMClassifier,
    TableEncoder,
    TabularNetClassifier,
    TabularNetRegressor,
    TransformerClassifier,
    TransformerRegressor,
    VariationalAutoencoder,
    Whitener,
)

CHEAP = {
    "Autoencoder": Autoencoder(2, (8,), max_iter=20),
    "ConvNetClassifier": ConvNetClassifier("8 | 16", max_iter=60, learning_rate_init=0.01),
    "ConvNetRegressor": ConvNetRegressor(
        architecture="8 | 16", max_iter=60, learning_rate_init=0.01
    ),
    "CharacterLanguageModel": CharacterLanguageModel((4,), max_iter=2),
    "RecurrentClassifier": RecurrentClassifier((12,), cell="gru", max_iter=40),
    "RecurrentRegressor": RecurrentRegressor(hidden_layer_sizes=(16,), max_iter=60),
    "Seq2SeqTranslator": Seq2SeqTranslator((4,), max_iter=2),
    "TransformerClassifier": TransformerClassifier(
        16, n_heads=2, n_layers=1, max_iter=40, learning_rate_init=0.005
    ),
    "TransformerRegressor": TransformerRegressor(
        width=16, n_heads=2, n_layers=1, max_iter=40, learning_rate_init=0.005
    ),
    "GenerativeAdversarialNetwork": GenerativeAdversarialNetwork(2, (8,), max_iter=5),
    "KNNClassifier": KNNClassifier(),
    "KNNClassifierCV": KNNClassifierCV(),
    "KNNRegressor": KNNRegressor(),
    "KNNRegressorCV": KNNRegressorCV(cv=3),
    "LeastSquaresRegressor": LeastSquaresRegressor(),
    "LeastSquaresRegressorCV": LeastSquaresRegressorCV(degree=(1, 2)),
    "MLPClassifier": MLPClassifier(hidden_layer_sizes=(20,), max_iter=100),
    "MLPRegressor": MLPRegressor(hidden_layer_sizes=(20,), max_iter=200, learning_rate_init=0.01),
    "NetworkEnsembleClassifier": NetworkEnsembleClassifier(
        MLPClassifier(hidden_layer_sizes=(20,), max_iter=60, learning_rate_init=0.01), 2
    ),
    "NetworkEnsembleRegressor": NetworkEnsembleRegressor(
        MLPRegressor(hidden_layer_sizes=(20,), max_iter=100, learning_rate_init=0.02), 2
    ),
    "PiecewiseLinearEncoder": PiecewiseLinearEncoder(n_bins=4),
    "RobustSmoothScaler": RobustSmoothScaler(),
    "NearestNeighbors": NearestNeighbors(),
    "RadiusNeighborsClassifier": RadiusNeighborsClassifier(radius=30.0, weights="distance"),
    "RadiusNeighborsRegressor": RadiusNeighborsRegressor(radius=30.0, weights="distance"),
    "SVMClassifier": SVMClassifier(),
    "SoftmaxClassifier": SoftmaxClassifier(),
    "SoftmaxClassifierCV": SoftmaxClassifierCV(Cs=[0.1, 1.0], cv=3),
    "TableEncoder": TableEncoder(),
    "TabularNetClassifier": TabularNetClassifier("fast", hidden_layer_sizes=(16,), max_iter=20),
    "TabularNetRegressor": TabularNetRegressor("fast", hidden_layer_sizes=(32,), max_iter=30),
    "VariationalAutoencoder": VariationalAutoencoder(2, (8,), max_iter=20),
    "Whitener": Whitener(),
}


def cheap_estimators():
    """Return fresh clones of the cheap instances, sorted by name."""
    return [clone(CHEAP[name]) for name in sorted(CHEAP)]
