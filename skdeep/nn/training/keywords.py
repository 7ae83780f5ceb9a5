"""The keywords that describe optimizer, schedule and average, each with its rule and its text.

An estimator declares those that it takes, with its defaults: ``momentum: Momentum = 0.9``.
"""

from typing import Annotated, Any

from skdeep.nn.schedules import SCHEDULE_NAMES
from skdeep.utils.params import boolean, integer, none, one_of, real, rule

__all__ = [
    "KINDS_OF_STEPS",
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
    "LearningRate",
    "LearningRateDecay",
    "LearningRateGrowth",
    "LearningRateMin",
    "LearningRatePatience",
    "LearningRateStep",
    "Momentum",
    "NesterovsMomentum",
    "Power",
    "WarmupEpochs",
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
    "Entries of a gradient that are larger become this large, before `clip_norm`.",
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
    - 'one_cycle': at every step, up to `learning_rate_init` in 30% of `max_iter` epochs and
      down to almost nothing;
    - 'plateau': multiplied by `learning_rate_decay` after more than `learning_rate_patience`
      epochs without progress, down to `learning_rate_min`;
    - a callable: ``learning_rate(epoch)`` times `learning_rate_init`.
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
