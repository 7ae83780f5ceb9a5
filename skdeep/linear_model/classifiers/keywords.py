"""The keywords that the linear classifiers share, each with its rule and its text."""

from typing import Annotated, Any

from skdeep.nn import SCHEDULE_NAMES
from skdeep.utils.params import boolean, integer, none, one_of, random_state, real, rule

__all__ = [
    "BalancedBatches",
    "BatchSize",
    "ClassWeight",
    "ClipNorm",
    "ClipValue",
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
    """The step size of the mini-batch solvers. None takes 0.1 for 'sgd' and 'adagrad', 0.01 for
    'momentum', 'nesterov' and 'muon', 0.0003 for 'lion', and 0.001 for the others.
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
    Any,
    one_of(*SCHEDULE_NAMES) | rule("a callable", callable, "callable"),
    """The schedule of the mini-batch solvers, from `learning_rate_init` on: 'constant',
    'invscaling', 'adaptive', 'step', 'exponential', 'cosine', 'cosine_restarts', 'one_cycle' or
    'plateau', as in :class:`MLPClassifier`, with their defaults, or a callable,
    ``learning_rate(epoch)`` times `learning_rate_init`.
    """,
]
ClipNorm = Annotated[
    float | None,
    real(0, closed="neither") | none(),
    "Mini-batch gradients longer than this are scaled down to this length.",
]
ClipValue = Annotated[
    float | None,
    real(0, closed="neither") | none(),
    "Entries of mini-batch gradients that are larger become this large, before `clip_norm`.",
]
