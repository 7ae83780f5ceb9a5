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
    ConvNetClassifier,
    ConvNetRegressor,
    MLPClassifier,
    MLPRegressor,
    TabularNetClassifier,
    TabularNetRegressor,
)
from skdeep.preprocessing import PiecewiseLinearEncoder, RobustSmoothScaler, TableEncoder
from skdeep.utils.threads import all_cores

__all__ = [
    "ConvNetClassifier",
    "ConvNetRegressor",
    "KNNClassifier",
    "KNNClassifierCV",
    "KNNRegressor",
    "KNNRegressorCV",
    "LeastSquaresRegressor",
    "LeastSquaresRegressorCV",
    "MLPClassifier",
    "MLPRegressor",
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
    "__version__",
    "all_cores",
    "compare",
    "gradient_check",
]
