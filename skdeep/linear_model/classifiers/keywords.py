"""The keywords that the linear classifiers share, each with its rule and its text."""

import dataclasses
from dataclasses import KW_ONLY
from typing import Annotated, Any

from skdeep.nn.training import keywords as steps
from skdeep.utils.parameters import parameters
from skdeep.utils.params import boolean, integer, none, one_of, random_state, real, rule

__all__ = [
    "MINIBATCH_TEXTS",
    "ONLY_MINIBATCH",
    "BalancedBatches",
    "BatchSize",
    "ClassWeight",
    "InverseStrength",
    "LearningRateInit",
    "MaxIter",
    "MiniBatchParams",
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
    """The rate that the schedule of a mini-batch solver starts from. None takes 0.1 for 'sgd' and
    'adagrad', 0.01 for 'momentum', 'nesterov' and 'muon', 0.0003 for 'lion', and 0.001 for the
    others.
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


@parameters
class MiniBatchParams:
    """What mini-batches take besides, with the names, meanings and defaults of networks."""

    _: KW_ONLY
    decoupled_weight_decay: steps.DecoupledWeightDecay = 0.0
    momentum: steps.Momentum = 0.9
    nesterovs_momentum: steps.NesterovsMomentum = True
    beta_1: steps.Beta1 = 0.9
    beta_2: steps.Beta2 = 0.999
    epsilon: steps.Epsilon = 1e-8
    decay: steps.Decay = 0.99
    power_t: steps.Power = 0.5
    learning_rate_decay: steps.LearningRateDecay = 0.1
    learning_rate_step: steps.LearningRateStep = 10
    learning_rate_min: steps.LearningRateMin = 0.0
    learning_rate_patience: steps.LearningRatePatience = 5
    learning_rate_growth: steps.LearningRateGrowth = 1
    warmup_epochs: steps.WarmupEpochs = 0
    average: steps.Average = None
    average_decay: steps.AverageDecay = 0.999
    average_start: steps.AverageStart = 0.75


#: What an exact solver refuses, for it would not use it; it warns of `n_iter_no_change`, which
#: scikit-learn's checks set for every solver.
ONLY_MINIBATCH = (
    "batch_size",
    "learning_rate_init",
    "balanced_batches",
    "learning_rate",
    "clip_norm",
    "clip_value",
    *(field.name for field in dataclasses.fields(MiniBatchParams)),
)

#: Of the text of `solver`; what an exact solver does is the last item of the list.
MINIBATCH_TEXTS = (
    """What moves the weights, all but the last by mini-batches, as in networks of one layer, on the
    features as they come: scale them.

    - 'sgd', 'momentum', 'nesterov': down the gradient, the last two with `momentum`;
    """,
    steps.KINDS_OF_STEPS,
)
