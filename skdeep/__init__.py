"""Deep learning for people who live in scikit-learn.

Every public name can be imported from here; ``skdeep.nn`` holds what networks are made of.
"""

from skdeep._version import __version__
from skdeep.linear_model import (
    LeastSquaresRegressor,
    LeastSquaresRegressorCV,
    SoftmaxClassifier,
    SoftmaxClassifierCV,
    SVMClassifier,
)

__all__ = [
    "__version__",
    "LeastSquaresRegressor",
    "LeastSquaresRegressorCV",
    "SoftmaxClassifier",
    "SoftmaxClassifierCV",
    "SVMClassifier",
]
