"""The keywords that the linear classifiers share, each with its rule and its text."""

from typing import Annotated, Any

from skdeep.linear_model.classifiers.minibatch import SCHEDULES
from skdeep.utils.params import boolean, integer, none, one_of, random_state, real, rule

__all__ = [
    "BalancedBatches",
    "BatchSize",
    "ClassWeight",
    "ClipNorm",
    "InverseStrength",
    "LearningRate",
    "LearningRateInit",
    "MaxIter",
    "Patience",
    "RandomState",
    "Verbose",
    "WarmStart",
    "WeightInit",
    "WithIntercept",
    "class_weights",
]

class_weights = (
    rule("a dict from class to weight", lambda value: isinstance(value, dict), "dict")
    | one_of("balanced")
    | none()
)

InverseStrength = Annotated[
    float, real(0, closed="right"), "Inverse strength of the penalty; ``np.inf`` is no penalty."
]
WithIntercept = Annotated[
    bool, boolean(), "Whether to fit an intercept :math:`b`, which is not penalised."
]
ClassWeight = Annotated[
    Any, class_weights, "Weights of the classes; 'balanced' makes the classes weigh the same."
]
RandomState = Annotated[Any, random_state(), "Shuffles the rows for mini-batches."]
MaxIter = Annotated[int, integer(0), "The largest number of iterations, or of epochs."]
Verbose = Annotated[
    Any,
    integer(0) | boolean(),
    "A positive number prints the objective after each iteration.",
]
WarmStart = Annotated[bool, boolean(), "Whether to start from the weights of the last fit."]
BatchSize = Annotated[int, integer(1), "Rows in a mini-batch."]
LearningRateInit = Annotated[
    float | None,
    real(0, closed="neither") | none(),
    """The step size of the mini-batch solvers. None takes 0.1 for 'sgd', 0.01 for 'momentum' and
    'nesterov', 0.001 for 'adam'.
    """,
]
BalancedBatches = Annotated[
    str | None,
    one_of("proportional", "equal") | none(),
    """How batches are drawn: shuffled; with the class proportions of the data in every batch; or
    with all classes equally often.
    """,
]
Patience = Annotated[
    int, integer(1), "Epochs without a better loss before a mini-batch solver stops."
]
WeightInit = Annotated[
    str,
    one_of("zeros", "class_means"),
    "Where the weights start: at zero, or at the classifier by the nearest class mean.",
]
LearningRate = Annotated[
    str,
    one_of(*SCHEDULES),
    """The schedule of the mini-batch solvers, from `learning_rate_init` on: 'constant',
    'invscaling', 'adaptive', 'step', 'exponential' or 'cosine', as in :class:`MLPClassifier`, with
    their defaults.
    """,
]
ClipNorm = Annotated[
    float | None,
    real(0, closed="neither") | none(),
    "Mini-batch gradients longer than this are scaled down to this length.",
]
