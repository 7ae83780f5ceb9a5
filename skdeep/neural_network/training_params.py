"""The keywords that all network estimators share: how a network is trained."""

from dataclasses import KW_ONLY
from typing import Annotated, Any

import numpy as np
from sklearn.metrics import get_scorer_names

from skdeep.nn import OPTIMIZER_NAMES, Layer
from skdeep.nn.training import keywords
from skdeep.utils.parameters import parameters
from skdeep.utils.params import boolean, integer, none, one_of, random_state, real, rule

__all__ = [
    "STOCHASTIC_SOLVERS",
    "WHOLE_SOLVERS",
    "ActivityParams",
    "SolverParams",
    "TrainingParams",
    "layer_or_function",
    "layer_sizes",
]

# The momentum of 'sgd' is a keyword of its own.
STOCHASTIC_SOLVERS = tuple(name for name in OPTIMIZER_NAMES if name not in ("momentum", "nesterov"))
# With all data at every step.
WHOLE_SOLVERS = ("lbfgs", "bfgs", "cg", "newton")

_seed = random_state()  # a field of that name hides the rule
_infinity = rule("inf", lambda value: isinstance(value, float) and value == np.inf, "inf")
_float_type = one_of("float32", "float64") | rule(
    "numpy.float32 or numpy.float64",
    lambda value: isinstance(value, (type, np.dtype)) and value in (np.float32, np.float64),
)


def layer_sizes(hidden_layer_sizes: Any) -> list[int]:
    """Return the units of each hidden layer, of a number for one or a sequence for several."""
    several = np.iterable(hidden_layer_sizes)
    return [int(size) for size in (hidden_layer_sizes if several else [hidden_layer_sizes])]


def _names_a_scorer(value: Any) -> bool:
    return value in ("loss", *get_scorer_names()) if isinstance(value, str) else callable(value)


#: What an activation may be besides a name.
layer_or_function = rule(
    "a function of an array, a layer or what makes one",
    lambda value: callable(value) or isinstance(value, Layer),
    "callable",
    "Layer",
)


@parameters
class SolverParams:
    """What scikit-learn's networks take, with its meaning and default."""

    _: KW_ONLY
    solver: Annotated[
        str,
        one_of(*WHOLE_SOLVERS, *STOCHASTIC_SOLVERS),
        """What moves the weights:

        - 'sgd': down the gradient, with `momentum` and `nesterovs_momentum`;
        """,
        keywords.KINDS_OF_STEPS,
        """
        - 'lbfgs', 'bfgs', 'cg', 'newton': with all data at every step; the others see mini-batches.
          The first three are SciPy's quasi-Newton methods with little memory and with a matrix,
          and its nonlinear conjugate gradients. The last has the exact Hessian, damped where it is
          not positive definite, for networks of up to some thousand parameters.
        """,
    ] = "adam"
    alpha: keywords.Alpha = 0.0001
    batch_size: Annotated[
        Any,
        integer(1) | one_of("auto"),
        "Samples in a mini-batch; 'auto' is min(200, n_samples).",
    ] = "auto"
    learning_rate: keywords.LearningRate = "constant"
    learning_rate_init: Annotated[
        float,
        real(0, closed="neither"),
        "The learning rate that the schedule starts from.",
    ] = 0.001
    power_t: keywords.Power = 0.5
    max_iter: Annotated[
        int, integer(1), "Epochs at most, or iterations where a step takes all data."
    ] = 200
    shuffle: Annotated[bool, boolean(), "Whether each epoch sees the samples in a new order."] = (
        True
    )
    random_state: Annotated[
        Any,
        _seed,
        "Draws weights, the validation split, orders and dropout's masks.",
    ] = None
    tol: Annotated[
        float,
        real(0),
        """Progress smaller than this, for more than `n_iter_no_change` epochs, ends training. Where
        a step takes all data, the largest component of the gradient at which it ends.
        """,
    ] = 1e-4
    verbose: Annotated[Any, boolean() | integer(0), "Whether to print the loss of each epoch."] = (
        False
    )
    warm_start: Annotated[
        bool, boolean(), "Whether `fit` goes on from where the last one ended."
    ] = False
    momentum: keywords.Momentum = 0.9
    nesterovs_momentum: keywords.NesterovsMomentum = True
    early_stopping: Annotated[
        bool,
        boolean(),
        """Whether progress is measured on a validation part, and the best epoch's network restored
        whole (weights and running statistics). Not where a step takes all data.
        """,
    ] = False
    validation_fraction: Annotated[
        float,
        real(0, 1, closed="left"),
        "The part of the training data that early stopping sets aside if no `X_val` is given.",
    ] = 0.1
    beta_1: keywords.Beta1 = 0.9
    beta_2: keywords.Beta2 = 0.999
    epsilon: keywords.Epsilon = 1e-8
    n_iter_no_change: Annotated[
        Any, integer(1) | _infinity, "Epochs without progress that are forgiven."
    ] = 10
    max_fun: Annotated[
        int, integer(1), "Evaluations of the loss at most, where a step takes all data."
    ] = 15000


@parameters
class TrainingParams(SolverParams):
    """What skdeep's networks take besides, off by default."""

    _: KW_ONLY
    dtype: Annotated[
        Any,
        none() | _float_type,
        "Type of the network's numbers; None keeps that of the input.",
    ] = None
    clip_norm: keywords.ClipNorm = None
    decoupled_weight_decay: keywords.DecoupledWeightDecay = 0.0
    scoring: Annotated[
        Any,
        none()
        | rule(
            "'loss', a name among sklearn.metrics.get_scorer_names() or a callable",
            _names_a_scorer,
            "str",
            "callable",
        ),
        "What early stopping goes by: 'loss' for the validation loss, or any scorer.",
    ] = None
    learning_rate_decay: keywords.LearningRateDecay = 0.1
    learning_rate_step: keywords.LearningRateStep = 10
    learning_rate_min: keywords.LearningRateMin = 0.0
    warmup_epochs: keywords.WarmupEpochs = 0
    clip_value: keywords.ClipValue = None
    decay: keywords.Decay = 0.99
    learning_rate_patience: keywords.LearningRatePatience = 5
    learning_rate_growth: keywords.LearningRateGrowth = 1
    l1_ratio: keywords.L1Ratio = 0.0
    anchor: keywords.Anchor = None
    orthogonality: keywords.Orthogonality = 0.0
    max_norm: keywords.MaxNorm = None
    average: keywords.Average = None
    average_decay: keywords.AverageDecay = 0.999
    average_start: keywords.AverageStart = 0.75


@parameters
class ActivityParams:
    """What networks with hidden units of their own take besides."""

    _: KW_ONLY
    activity_l1: keywords.ActivityL1 = 0.0
