"""The keywords that describe how weights move, each with its rule and its text.

Those of optimizer, schedule, average and regularizers.

An estimator declares those that it takes, with its defaults: ``momentum: Momentum = 0.9``.
"""

from typing import Annotated, Any

import numpy as np

from skdeep.nn.schedules import SCHEDULE_NAMES
from skdeep.utils.params import boolean, integer, none, one_of, real, rule

__all__ = [
    "KINDS_OF_STEPS",
    "ActivityL1",
    "Alpha",
    "Anchor",
    "Average",
    "AverageDecay",
    "AverageStart",
    "Beta1",
    "Beta2",
    "ClipNorm",
    "ClipValue",
    "Decay",
    "DecoupledWeightDecay",
    "Epsilon",
    "L1Ratio",
    "LearningRate",
    "LearningRateDecay",
    "LearningRateGrowth",
    "LearningRateMin",
    "LearningRatePatience",
    "LearningRateStep",
    "MaxNorm",
    "Momentum",
    "NesterovsMomentum",
    "Orthogonality",
    "Power",
    "WarmupEpochs",
    "has_weights",
]

#: Of the text of `solver`: what all that is trained by mini-batches may be moved by.
KINDS_OF_STEPS = """
    - 'adam': steps by the first two moments, with `beta_1`, `beta_2`, `epsilon`; its kin
      'amsgrad' and 'nadam' take the same;
    - 'adagrad', 'rmsprop', 'rmsprop_momentum': over the root of the sum, or of a mean with
      `decay`, of squared gradients, with `epsilon`, the last with `momentum`;
    - 'lion': by signs, with `beta_1` and `decay`, at a rate some five times smaller;
    - 'muon': matrices by orthogonal steps with `momentum` and `nesterovs_momentum`, all else as
      'adam' does;
    """


def _may_have_weights(value: Any) -> bool:
    return hasattr(value, "fit") or isinstance(value, (np.ndarray, list, tuple))


#: What an anchor may be.
has_weights = none() | rule(
    "a fitted network or its weights", _may_have_weights, "estimator", "array"
)

Momentum = Annotated[float, real(0, 1), "What a step keeps of the velocity."]
NesterovsMomentum = Annotated[bool, boolean(), "Whether momentum looks ahead."]
Beta1 = Annotated[
    float,
    real(0, 1, closed="left"),
    "What Adam's mean of gradients keeps from step to step.",
]
Beta2 = Annotated[
    float,
    real(0, 1, closed="left"),
    "What Adam's mean of squared gradients keeps from step to step.",
]
Epsilon = Annotated[float, real(0, closed="neither"), "Added to Adam's root."]
Decay = Annotated[
    float,
    real(0, 1, closed="left"),
    """What the mean of squared gradients of 'rmsprop', and that of gradients of 'lion', keep
    from step to step.
    """,
]
ClipNorm = Annotated[
    float | None,
    none() | real(0, closed="neither"),
    "Gradients longer than this are scaled down to it.",
]
ClipValue = Annotated[
    float | None,
    none() | real(0, closed="neither"),
    """Entries of a gradient that are larger become this large, before `clip_norm` (T. Mikolov,
    "Statistical language models based on neural networks", thesis, Brno, 2012).
    """,
]
DecoupledWeightDecay = Annotated[
    float,
    real(0),
    """Each step multiplies the weights by one minus this times the learning rate; with 'adam'
    this is AdamW.
    """,
]
LearningRate = Annotated[
    Any,
    one_of(*SCHEDULE_NAMES) | rule("a callable", callable, "callable"),
    """The schedule, where steps have a rate:

    - 'constant': `learning_rate_init` throughout;
    - 'invscaling': ``learning_rate_init / (t + 1)**power_t`` after t samples;
    - 'adaptive': divided by 5 whenever there is no progress;
    - 'step': multiplied by `learning_rate_decay` after every `learning_rate_step` epochs;
    - 'exponential': as 'step' without stairs;
    - 'cosine': half a cosine down to `learning_rate_min` over `max_iter` epochs, whose end
      is meant and gives no warning;
    - 'cosine_restarts': the same over `learning_rate_step` epochs, and again, each time
      `learning_rate_growth` times as long;
    - 'cosine_of_log': at every step, over `max_iter` epochs four times up to
      `learning_rate_init` and down to zero, each time twice as long;
    - 'one_cycle': at every step, up to `learning_rate_init` in 30% of `max_iter` epochs and
      down to almost nothing;
    - 'plateau': multiplied by `learning_rate_decay` after more than `learning_rate_patience`
      epochs without progress, down to `learning_rate_min`;
    - a callable: ``learning_rate(epoch)`` times `learning_rate_init`.

    Each `partial_fit` is an epoch. Where the schedule has ended at zero or next to it, the
    following ones take a third of `learning_rate_init`.
    """,
]
Power = Annotated[float, real(0), "Exponent of 'invscaling'."]
LearningRateDecay = Annotated[
    float, real(0, 1, closed="right"), "The factor of 'step', 'exponential' and 'plateau'."
]
LearningRateStep = Annotated[int, integer(1), "Of a stair, or of the first restart."]
LearningRateMin = Annotated[float, real(0), "Where cosines and 'plateau' end."]
LearningRatePatience = Annotated[
    int, integer(0), "Epochs without progress that 'plateau' forgives."
]
LearningRateGrowth = Annotated[
    int, integer(1), "How many times longer each period of 'cosine_restarts' is."
]
WarmupEpochs = Annotated[
    int,
    integer(0),
    "Epochs over which the rate climbs to `learning_rate_init` before the schedule starts.",
]
Average = Annotated[
    str | None,
    none() | one_of("ema", "swa"),
    """Validate and predict with an average of the weights: 'ema' an exponential moving one over
    steps, 'swa' (stochastic weight averaging) the mean over the last epochs. Running statistics
    are computed anew for it.
    """,
]
AverageDecay = Annotated[float, real(0, 1, closed="left"), "What 'ema' keeps from step to step."]
AverageStart = Annotated[
    float,
    real(0, 1, closed="left"),
    "The part of `max_iter` whose epochs 'swa' leaves out.",
]
Alpha = Annotated[
    float,
    real(0),
    "Strength of the L2 penalty on weights, not on biases or normalization's scales.",
]
L1Ratio = Annotated[
    float,
    real(0, 1),
    """The part of `alpha` that is a penalty on absolute values, L1, in place of squares. By it
    weights become exact zeros with 'sgd', 'adam', 'amsgrad' and 'nadam'.
    """,
]
Anchor = Annotated[
    Any,
    has_weights,
    """The weights that the L2 penalty pulls towards in place of zero: those of a fitted network
    of the same shape (in a search as a :class:`sklearn.frozen.FrozenEstimator`), or a vector
    such as its ``network_.params``.
    """,
]
Orthogonality = Annotated[
    float,
    real(0),
    """Strength of a penalty on hidden units that say the same, the squares of W'W - 1 summed,
    over the number of samples as `alpha` is.
    """,
]
MaxNorm = Annotated[
    float | None,
    none() | real(0, closed="neither"),
    """The largest length of the weights that feed a hidden unit, which become that long after
    each step.
    """,
]
ActivityL1 = Annotated[
    float,
    real(0),
    """Strength of a penalty on what hidden units say, the sum of absolute values in the mean
    over samples, so that few of them speak at a time.
    """,
]
