"""Every layer, loss, penalty and optimizer that the tests go through, and what they are given.

A new one joins by one line here. A layer is tried on rows of several widths; one that takes
something else stands in `on(layer, shape, ...)` with the shapes of one sample, or of each of
several inputs.
"""

import numpy as np
import pytest

from skdeep.nn import (
    ELU,
    GELU,
    GRU,
    L1,
    L2,
    LSTM,
    PREDICT,
    SELU,
    SGD,
    AbsoluteError,
    ActivityL1,
    AdaGrad,
    Adam,
    AdamW,
    AdditiveAttention,
    AlphaDropout,
    AMSGrad,
    BatchNorm,
    Bidirectional,
    Branches,
    Columns,
    CommonSpread,
    Contractive,
    Dense,
    Dropout,
    ElasticNet,
    Elementwise,
    Embedding,
    EncoderDecoder,
    Frozen,
    Gamma,
    Gaussian,
    GaussianCode,
    HardTanh,
    Hinge,
    Huber,
    Identity,
    L2Toward,
    Layer,
    LayerNorm,
    LeakyReLU,
    LearnedPositions,
    Lion,
    Logistic,
    LogisticCrossEntropy,
    LogisticFocal,
    Maxout,
    MeanOverSteps,
    MemberDense,
    Mish,
    Momentum,
    MulticlassHinge,
    MultiHeadAttention,
    Muon,
    NAdam,
    Nesterov,
    OneHot,
    Orthogonality,
    Parameter,
    PenaltySum,
    PeriodicEmbedding,
    PiecewiseLinear,
    Poisson,
    PReLU,
    Quantile,
    Quantiles,
    ReLU,
    Residual,
    RMSProp,
    Scale,
    Sequence,
    ShiftedReLU,
    SiLU,
    SimpleRNN,
    SinusoidalPositions,
    SoftmaxCrossEntropy,
    SoftmaxFocal,
    Softplus,
    SquaredError,
    Tanh,
    TransformerBlock,
    TransposedDense,
    Tweedie,
)
from skdeep.nn.initializers import zeros
from skdeep.nn.shapes.inputs import convert
from tests.data import normal
from tests.nn.pictures import PICTURES


def on(layer, *shapes):
    """Return a layer with the shapes of one sample that it is tried on."""
    return layer, shapes


def cube(x):
    return x * x * x / 3


def slope_of_cube(x):
    return x * x


class Doubled(Layer):
    """A layer inside a layer with a parameter of its own: y = factor f(x)."""

    def __init__(self, body):
        self.body = body

    def children(self, input_shape):
        return [("body", self.body, input_shape)]

    def output_shape(self, input_shape):
        return self.body.output_shape(input_shape)

    def parameters(self, input_shape):
        return {"factor": Parameter((1,), zeros)}

    def forward(self, x, mode=PREDICT):
        self.inside = self.body.forward(x, mode) * 1
        return self.factor * self.inside

    def backward(self, grad_y, wants_input=True):
        self.grad_factor[...] = (grad_y * self.inside).sum()
        return self.body.backward(self.factor * grad_y, wants_input)

    def config(self):
        return {"body": self.body}


PIXELS, STEPS, MEMBERS = (3, 2, 4), (5, 4), (3, 4)
EDGES = [[-1, 0, 1], [0.0], [-0.5, 0.3, 0.7], [-2, 2]]

LAYERS = [
    Dense(1),
    Dense(3),
    Dense(4, use_bias=False),
    Identity(),
    Logistic(),
    Tanh(),
    ReLU(),
    LeakyReLU(),
    LeakyReLU(0.3),
    ELU(),
    ELU(0.7),
    Softplus(),
    GELU(),
    SiLU(),
    Mish(),
    SELU(),
    HardTanh(),
    ShiftedReLU(),
    Elementwise(cube),
    Elementwise(cube, slope_of_cube),
    Sequence(Dense(3), Elementwise(cube), ReLU(), Mish(), SELU(), HardTanh(), ShiftedReLU()),
    AlphaDropout(0.4),
    Sequence(Dense(3), SELU(), AlphaDropout(0.2), Dense(2)),
    Sequence(Dense(4), Maxout(), Dense(6), Maxout(3), ReLU(), Dense(2)),
    on(Maxout(), (4,), PIXELS, STEPS),
    BatchNorm(),
    BatchNorm(eps=0.1),
    LayerNorm(),
    LayerNorm(eps=0.1),
    Dropout(0.0),
    Dropout(0.4),
    Sequence(),
    Sequence(Dense(3), ReLU(), Dense(2)),
    Sequence(Dense(3), ReLU(), Dropout(0.3), Dense(2)),
    Sequence(Dropout(0.2), Dense(3), Dropout(0.3), Tanh(), Dropout(0.4)),
    Sequence(Dense(3, use_bias=False), BatchNorm(), ReLU(), Dense(2)),
    Frozen(Dense(3)),
    Sequence(Dense(3), Frozen(Sequence(Dense(4), Tanh())), Dense(2)),
    Sequence(Dense(3), LayerNorm(), GELU(), LayerNorm(), SiLU(), Dense(1)),
    Sequence(BatchNorm(), Dense(3), BatchNorm(), ELU(), BatchNorm(), Dropout(0.5)),
    Sequence(Dense(3), Identity(), Softplus(), Identity(), LeakyReLU(), Identity(), Logistic()),
    Sequence(Dense(3), GELU(), ReLU(), SiLU(), Tanh(), ELU(0.5), LayerNorm()),
    Sequence(Sequence(Dense(4), Tanh()), Dense(2)),
    Sequence(Sequence(Dense(3), Sequence(Logistic())), Sequence(), Sequence(BatchNorm(), SiLU())),
    Residual(Sequence(Tanh(), Dropout(0.3))),
    Residual(Identity()),
    Residual(Residual(Residual(Softplus()))),
    Residual(Dense(3), Dense(3)),
    Residual(Sequence(Dense(2), BatchNorm(), Dense(4)), Sequence(Dense(4), LayerNorm())),
    Branches(Identity(), Dense(3), Sequence(Dropout(0.2), Dense(2), ReLU())),
    Branches(Branches(Dense(2), Identity()), Residual(GELU())),
    Sequence(Dense(4), Branches(Tanh(), ReLU()), Residual(Branches(Dense(5), Dense(3)))),
    Doubled(Sequence(Doubled(Dense(3)), Doubled(ReLU()))),
    Sequence(
        Dense(3),
        Tanh(),
        Dense(3),
        Dense(3, same_as="2.weight"),
        SiLU(),
        Dense(3, same_as="2.weight"),
    ),
    Sequence(
        Dense(3),
        Sequence(Dense(3), Dense(3, same_as="0.weight")),
        Residual(Dense(3, same_as="1.0.weight")),
    ),
    ActivityL1(0.3),
    Sequence(Dense(4), Tanh(), ActivityL1(0.1), Dense(3), ReLU(), ActivityL1(0.2), Dense(2)),
    on(Sequence(Dense(3), ActivityL1(0.1), Residual(ActivityL1(0.3))), PIXELS, STEPS),
    CommonSpread(),
    on(GaussianCode(), (2,), (6,), STEPS),
    Sequence(Dense(6), GaussianCode(0.3), Dense(2), CommonSpread()),
    Sequence(Dense(3), Tanh(), Dense(3), TransposedDense(3, "2.weight")),
    Contractive(Dense(3), Logistic(), 0.3),
    Contractive(Dense(2), Softplus(), 0.1),
    on(Sequence(Contractive(Dense(3), Tanh(), 0.2), Dense(2)), (4,), STEPS),
    Sequence(Contractive(Dense(3), ReLU(), 0.2), Contractive(Dense(2), Identity(), 0.1)),
    on(Sequence(Sequence(Dense(2)), Sequence(TransposedDense(4, "0.0.weight"))), (4,), STEPS),
    on(Dense(3), STEPS, PIXELS),
    on(
        Sequence(Dense(3), ReLU(), Dropout(0.3), Residual(Dense(3)), Branches(Tanh(), ELU())), STEPS
    ),
    on(BatchNorm(), STEPS, PIXELS),
    on(Sequence(Dense(2), BatchNorm(), ReLU(), Residual(BatchNorm())), STEPS, PIXELS),
    on(LayerNorm(), STEPS, PIXELS),
    on(Columns(Dense(3), Identity(), Sequence(Tanh(), Dense(1))), ((2,), (3,), (4,))),
    on(Sequence(Columns(Dense(2), Residual(Dense(2))), BatchNorm(), Dense(3)), ((4,), (2,))),
    on(Columns(Sequence(Dense(2), Dropout(0.5)), BatchNorm()), (STEPS, STEPS)),
    Scale(),
    Scale(rate=3.0),
    PReLU(),
    PReLU(0.7, rate=0.3),
    PeriodicEmbedding(2, n_frequencies=3),
    Sequence(Scale(), Dense(3), PReLU(), Scale(), Dense(2)),
    on(Scale(2, rate=0.5), MEMBERS),
    on(PReLU(n_axes=2), MEMBERS),
    on(PeriodicEmbedding(3, n_frequencies=5, n_axes=2, rate=0.1), MEMBERS, (1, 1)),
    on(PiecewiseLinear(EDGES), (4,), MEMBERS),
    on(MemberDense(3), MEMBERS, (1, 1), (1, 5)),
    on(MemberDense(3, ntk=True), MEMBERS),
    on(MemberDense(2, scales=True, bias_init="normal", bias_rate=0.1, scale_rate=6.0), MEMBERS),
    on(MemberDense(2, ntk=True, scales=True), MEMBERS),
    on(Sequence(MemberDense(3, scales=True), PReLU(n_axes=2), MemberDense(2, ntk=True)), MEMBERS),
    on(Embedding(5, 2), (3,), STEPS),
    on(Embedding(5, 2, joined=True), (3,), STEPS),
    on(Embedding(5, 2, members=True), MEMBERS, (2, 3, 4)),
    on(OneHot([4, 4, 5, 4]), (4,), MEMBERS),
    on(Sequence(OneHot([4, 4, 4, 5]), Dense(2)), (4,), MEMBERS),
    on(
        Sequence(
            Columns(
                Branches(Identity(), PiecewiseLinear(EDGES), PeriodicEmbedding(2, n_axes=2)),
                Embedding(5, 2, members=True, joined=True),
            ),
            MemberDense(2, scales=True),
        ),
        (MEMBERS, (3, 2)),
    ),
    on(SimpleRNN(3), STEPS, (1, 2)),
    on(SimpleRNN(3, activation="relu", return_sequences=True), STEPS),
    on(SimpleRNN(2, return_sequences=True, reverse=True), STEPS),
    on(LSTM(3), STEPS, (1, 2)),
    on(LSTM(3, return_sequences=True), STEPS),
    on(LSTM(2, reverse=True), STEPS),
    on(GRU(3), STEPS, (1, 2)),
    on(GRU(3, return_sequences=True), STEPS),
    on(GRU(2, reverse=True), STEPS),
    on(Bidirectional(LSTM(2, return_sequences=True)), STEPS),
    on(Sequence(Bidirectional(GRU(2, return_sequences=True)), Dropout(0.3), LSTM(3)), STEPS),
    on(
        EncoderDecoder(
            Sequence(Embedding(5, 3), GRU(2)),
            Sequence(Embedding(5, 2), GRU(2, return_sequences=True)),
            Dense(3),
        ),
        ((4,), (3,)),
    ),
    on(
        EncoderDecoder(
            Sequence(Embedding(5, 3), LSTM(3, return_sequences=True)),
            Sequence(Embedding(5, 2), LSTM(3, return_sequences=True)),
            Dense(3),
            AdditiveAttention(2),
        ),
        ((4,), (3,)),
    ),
    on(MultiHeadAttention(2), STEPS, (STEPS, (3, 2))),
    on(MultiHeadAttention(2, causal=True, rotary=True), STEPS),
    on(AdditiveAttention(3), (STEPS, (3, 2))),
    on(SinusoidalPositions(), STEPS),
    on(LearnedPositions(), STEPS),
    on(MeanOverSteps(), STEPS),
    on(TransformerBlock(4, 2, 6, dropout=0.2, causal=True, rotary=True), STEPS),
    on(TransformerBlock(4, 2, 6, activation="gelu", norm_first=False), STEPS),
    on(TransformerBlock(4, 1, 6, dropout=0.2, cross=True), (STEPS, (3, 4))),
    on(TransformerBlock(4, 1, 6, norm_first=False, cross=True), (STEPS, (3, 4))),
    on(Sequence(LearnedPositions(), TransformerBlock(4, 2, 6), MeanOverSteps(), Dense(2)), STEPS),
]

LOSSES = [
    SoftmaxCrossEntropy(),
    SoftmaxCrossEntropy(label_smoothing=0.1),
    LogisticCrossEntropy(),
    LogisticCrossEntropy(label_smoothing=0.2),
    SquaredError(),
    AbsoluteError(),
    Huber(),
    Huber(delta=0.3),
    Quantile(),
    Quantile(0.9),
    Poisson(),
    Gamma(),
    Tweedie(),
    Tweedie(power=0.0),
    Tweedie(power=1.0),
    Tweedie(power=2.0),
    Tweedie(power=-0.5),
    Tweedie(power=3.0),
    Quantiles(),
    Quantiles(quantiles=(0.3,)),
    Gaussian(),
    Gaussian(min_variance=0.5),
    Hinge(),
    Hinge(power=2),
    MulticlassHinge(),
    MulticlassHinge(power=2),
    SoftmaxFocal(),
    SoftmaxFocal(gamma=0.5, label_smoothing=0.1),
    SoftmaxFocal(gamma=0.0),
    LogisticFocal(),
    LogisticFocal(gamma=0.5, label_smoothing=0.2),
]

PENALTIES = [
    L2(0.0),
    L2(0.7),
    L1(0.7),
    ElasticNet(0.7, 0.3),
    ElasticNet(0.5, 1.0),
    L2Toward(0.7, 0.5),
    Orthogonality(0.3),
    PenaltySum(L1(0.3), L2Toward(0.7, -0.5), Orthogonality(0.2), alpha=0.5),
]

SHAPES = [(1, 1), (1, 5), (3, 1), (2, 2), (7, 5), (13, 11)]


def name(what):
    config = ", ".join(f"{k}={v}" for k, v in vars(what).items() if not k.startswith("_"))
    return repr(what) if isinstance(what, Layer) else f"{type(what).__name__}({config})"


def weights(n):
    """Return weights as they come: of any sum, every third of them zero."""
    return np.random.RandomState(1).uniform(0.2, 3.0, n) * (np.arange(n) % 3 != 1)


def wide(loss, shape):
    """Return the shape of the outputs for targets of a shape."""
    return (*shape[:-1], shape[-1] * loss.n_heads)


def target_of(loss, shape):
    random = np.random.RandomState(2)
    if isinstance(loss, (SoftmaxCrossEntropy, MulticlassHinge)):
        return random.randint(shape[1], size=shape[0])
    if isinstance(loss, (LogisticCrossEntropy, Hinge)):
        return random.randint(2, size=shape).astype(float)
    if isinstance(loss, Gamma) or (isinstance(loss, Tweedie) and loss.power > 1):
        return random.gamma(2.0, size=shape)
    if isinstance(loss, (Poisson, Tweedie)):
        return random.poisson(1.0, size=shape).astype(float)
    return random.normal(size=shape)


def inputs(layer, shape, n):
    """Return a batch of n samples for a layer, a tuple of batches for a tuple of shapes."""
    if isinstance(shape[0], tuple):
        x = tuple(normal((n, *part), seed=i) for i, part in enumerate(shape))
    else:
        x = normal((n, *shape))
    x = convert(x, np, np.float64, layer.input_dtype)
    if isinstance(x, tuple):
        return tuple(abs(part) if part.dtype.kind == "i" else part for part in x)
    return abs(x) if x.dtype.kind == "i" else x


def ends(shape, n):
    """Return how many steps of each sequence are valid, all of the first."""
    n_steps = (shape[0] if isinstance(shape[0], tuple) else shape)[0]
    return np.maximum(1, n_steps - np.arange(n) % 4)


def trials():
    """Yield each layer with the samples that it is tried on, and ends of sequences if it may."""
    for entry in LAYERS:
        layer, shapes = entry if isinstance(entry, tuple) else (entry, None)
        if shapes is None:
            yield pytest.param(layer, [(n, (d,)) for n, d in SHAPES], False, id=repr(layer))
            continue
        samples = [(n, shape) for shape in shapes for n in (1, 2, 6)]
        text = f"{layer!r} on {shapes}"
        yield pytest.param(layer, samples, False, id=text)
        steps = [(n, s) for n, s in samples if len(s[0] if isinstance(s[0], tuple) else s) > 1]
        if steps:
            yield pytest.param(layer, steps, True, id=text + " with ends")
    for layer, shape in PICTURES:
        yield pytest.param(layer, [(1, shape), (4, shape)], False, id=f"{layer!r} on {shape}")


#: Every layer with one shape of a sample, for tests that need no more.
PLACES = [
    pytest.param(entry[0], entry[1][0], id=f"{entry[0]!r} on {entry[1][0]}")
    if isinstance(entry, tuple)
    else pytest.param(entry, (5,), id=repr(entry))
    for entry in [*LAYERS, *((layer, (shape,)) for layer, shape in PICTURES)]
]

OPTIMIZERS = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adam": Adam,
    "adamw": AdamW,
    "amsgrad": AMSGrad,
    "nadam": NAdam,
    "adagrad": AdaGrad,
    "rmsprop": RMSProp,
    "rmsprop with momentum": lambda **common: RMSProp(momentum=0.5, **common),
    "lion": Lion,
    "muon": Muon,
}
