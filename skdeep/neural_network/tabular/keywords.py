"""The keywords of the networks for tables, each with its rule and its text."""

from dataclasses import KW_ONLY
from typing import Annotated, Any

from skdeep.neural_network.training_params import STOCHASTIC_SOLVERS
from skdeep.nn.training import keywords
from skdeep.preprocessing import Noise, SwapNoise
from skdeep.preprocessing.table_encoder import Categories
from skdeep.utils.parameters import parameters
from skdeep.utils.params import boolean, integer, none, one_of, real, rule, sequence_of
from skdeep.utils.params import random_state as seed

__all__ = ["TabularParams"]

_step = one_of("noise", "swap") | rule(
    "a Noise or SwapNoise of skdeep.preprocessing",
    lambda value: isinstance(value, (Noise, SwapNoise)),
    "Noise",
    "SwapNoise",
)


@parameters
class MemberParams:
    """What all networks take, by which each member moves, off by default."""

    _: KW_ONLY
    solver: Annotated[
        str,
        one_of(*STOCHASTIC_SOLVERS),
        """What moves the weights of each member, by mini-batches:

        - 'sgd': down the gradient, with `momentum` and `nesterovs_momentum`;
        """,
        keywords.KINDS_OF_STEPS,
    ] = "adam"
    learning_rate: keywords.LearningRate = "cosine_of_log"
    momentum: keywords.Momentum = 0.9
    nesterovs_momentum: keywords.NesterovsMomentum = True
    beta_1: keywords.Beta1 = 0.9
    beta_2: keywords.Beta2 = 0.95
    epsilon: keywords.Epsilon = 1e-8
    decay: keywords.Decay = 0.99
    clip_norm: keywords.ClipNorm = None
    clip_value: keywords.ClipValue = None
    power_t: keywords.Power = 0.5
    learning_rate_decay: keywords.LearningRateDecay = 0.1
    learning_rate_step: keywords.LearningRateStep = 10
    learning_rate_min: keywords.LearningRateMin = 0.0
    learning_rate_patience: keywords.LearningRatePatience = 5
    learning_rate_growth: keywords.LearningRateGrowth = 1
    warmup_epochs: keywords.WarmupEpochs = 0
    alpha: keywords.Alpha = 0.0
    l1_ratio: keywords.L1Ratio = 0.0
    anchor: Annotated[
        Any,
        keywords.has_weights,
        """The weights that the L2 penalty pulls towards in place of zero: those of a fitted network
        for tables of the same shape (in a search as a :class:`sklearn.frozen.FrozenEstimator`), or
        a list of vectors, one for each view, such as the ``params`` of its `networks_`.
        """,
    ] = None
    orthogonality: keywords.Orthogonality = 0.0
    max_norm: keywords.MaxNorm = None
    activity_l1: keywords.ActivityL1 = 0.0
    average: keywords.Average = None
    average_decay: keywords.AverageDecay = 0.999
    average_start: keywords.AverageStart = 0.75


@parameters
class TabularParams(MemberParams):
    """What classifier and regressor share."""

    preset: Annotated[
        str,
        one_of("fast", "default", "best"),
        """How much work is done: "fast" is one view and small networks, "best" has eight members,
        which "default" has on few rows only, and longer training.""",
    ] = "default"
    _: KW_ONLY
    categorical_features: Categories = "from_dtype"
    n_members: Annotated[
        int | None,
        integer(2) | none(),
        """Networks on each view of the table. Each is trained without a fold of its own, by which
        its best epoch is found: one of eight, on less than 512 rows of fewer, but of as many as
        there are members. None: 4; 8 for "best", and for "default" in `fit` on less than 512.""",
    ] = None
    hidden_layer_sizes: Annotated[
        tuple[int, ...] | None,
        sequence_of(integer(1)) | none(),
        'Units of each hidden layer. None: (128, 128), or (64, 64) for "fast".',
    ] = None
    max_iter: Annotated[
        int | None,
        integer(1) | none(),
        """Epochs on each view, at most: a training ends where a fall of the rate to zero has
        brought less than a tenth of the loss, and halfway where a view is far behind another.
        None: 40, and up to 64 on few rows; from 30 to 48 for "fast", from 64 to 96 for "best";
        fewer on long tables.""",
    ] = None
    batch_size: Annotated[
        int | None,
        integer(1) | none(),
        """Rows of a step. None: about a 24th of the rows, from 32 to 256, and up to 1024 where
        there are many.""",
    ] = None
    learning_rate_init: Annotated[
        float | None,
        real(0, closed="neither") | none(),
        """The highest rate of the schedule. None: 0.03; of 'sgd' 0.3, 'adagrad' 0.1, 'rmsprop' and
        'lion' 0.01, 'rmsprop_momentum' 0.003.
        """,
    ] = None
    dropout: Annotated[
        float | None,
        real(0, 1, closed="left") | none(),
        "Share of hidden units that is dropped, in the beginning. None: 0.1 for classes, else 0.",
    ] = None
    weight_decay: Annotated[
        float | None,
        real(0) | none(),
        "Decoupled decay of the weights, in the beginning. None: 0.01 for classes, else 0.",
    ] = None
    random_state: Annotated[Any, seed(), "Seed of weights, folds, orders of rows and dropout."] = (
        None
    )
    warm_start: Annotated[
        bool,
        boolean(),
        """Whether `fit` goes on from the members of the last one, whose features and targets stay
        as they were.""",
    ] = False

    augment: Annotated[
        Any,
        none() | _step | sequence_of(_step),
        """What happens to rows at random in training, drawn anew for each batch: 'noise' on
        numbers, 'swap' for cells of other rows, a :class:`skdeep.preprocessing.Noise` (in units of
        the deviation of the scaled numbers) or :class:`~skdeep.preprocessing.SwapNoise`; or
        several of them.
        """,
    ] = None
    test_time_augmentation: Annotated[
        int,
        integer(1),
        """Predictions are averaged over so many copies of each row: itself, and others with the
        noise of `augment`, the same ones each time.
        """,
    ] = 1
