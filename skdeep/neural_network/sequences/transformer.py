"""Transformers for sequences, one target a sequence or one a step."""

from dataclasses import KW_ONLY
from typing import Annotated, Any

from skdeep.neural_network.classifier import NetworkClassifier
from skdeep.neural_network.regressor import NetworkRegressor
from skdeep.neural_network.sequences.sequence_network import SequenceNetwork
from skdeep.nn import (
    ACTIVATIONS,
    ActivityL1,
    Dense,
    Dropout,
    Layer,
    LayerNorm,
    LearnedPositions,
    MeanOverSteps,
    Sequence,
    SinusoidalPositions,
    TransformerBlock,
    make_activation,
)
from skdeep.utils.parameters import parameters
from skdeep.utils.params import boolean, integer, none, one_of, real, rule

__all__ = ["POSITIONS", "TransformerClassifier", "TransformerRegressor", "transformer_layers"]

POSITIONS = ("sinusoidal", "learned", "rotary", "none")


def transformer_layers(
    width: int,
    n_heads: int,
    n_layers: int,
    hidden: int | None,
    *,
    positions: str,
    activation: Any,
    dropout: float,
    causal: bool,
    activity_l1: float = 0.0,
) -> list[Layer]:
    """Return positions, blocks, and the normalization behind the last of them."""
    layers: list[Layer] = []
    if positions in ("sinusoidal", "learned"):
        layers.append(SinusoidalPositions() if positions == "sinusoidal" else LearnedPositions())
    if dropout:
        layers.append(Dropout(dropout))
    layers.extend(
        TransformerBlock(
            width,
            n_heads,
            hidden,
            activation=_Penalized(activation, activity_l1) if activity_l1 else activation,
            dropout=dropout,
            causal=causal,
            rotary=positions == "rotary",
        )
        for _ in range(n_layers)
    )
    return [*layers, LayerNorm()]


class _Penalized:
    """Makes an activation, with a penalty on what comes out of it."""

    def __init__(self, activation: Any, alpha: float) -> None:
        self.activation, self.alpha = activation, alpha

    def __call__(self) -> Layer:
        return Sequence(make_activation(self.activation), ActivityL1(self.alpha))

    def __repr__(self) -> str:
        return f"{self.activation!r} with ActivityL1({self.alpha:g})"


@parameters
class BaseTransformer(SequenceNetwork):
    """Blocks of attention and dense layers, the mean over steps, and a dense layer."""

    width: Annotated[int, integer(1), "Features of a step inside the network."] = 64
    _: KW_ONLY
    n_heads: Annotated[int, integer(1), "Heads of each attention; must divide `width`."] = 4
    n_layers: Annotated[int, integer(1), "Blocks on top of each other."] = 2
    feedforward_size: Annotated[
        int | None,
        integer(1) | none(),
        "Hidden units of the dense network in each block; None takes four times `width`.",
    ] = None
    positions: Annotated[
        str,
        one_of(*POSITIONS),
        """How steps know their place: 'sinusoidal' or 'learned' vectors are added, 'rotary' turns
        queries and keys, so that distances count; 'none' makes a sequence a set. With 'learned', no
        sequence may be longer than those of `fit`.
        """,
    ] = "sinusoidal"
    activation: Annotated[
        Any,
        one_of(*ACTIVATIONS) | rule("a function of an array", callable, "callable"),
        """Of the dense network in each block: a name, or any function of an array, number by
        number, such as ``numpy.sin``.
        """,
    ] = "gelu"
    dropout: Annotated[
        float,
        real(0, 1, closed="left"),
        "Rate behind each part of a block, and behind the activation.",
    ] = 0.0
    causal: Annotated[bool, boolean(), "Whether a step sees no later one."] = False
    learning_rate_init: float = 0.001
    max_iter: int = 100
    clip_norm: float | None = 1.0

    def _check_architecture(self) -> None:
        parts = self.n_heads * (2 if self.positions == "rotary" else 1)
        if self.width % parts:
            even = " and an even part for each" if self.positions == "rotary" else ""
            raise ValueError(
                f"The 'width' parameter of {type(self).__name__} must be a multiple of "
                f"n_heads={self.n_heads}{even}. Got {self.width} instead."
            )
        super()._check_architecture()

    def _architecture(self, n_outputs: int) -> Layer:
        return Sequence(
            *(self._input_layers(self.width) or [Dense(self.width)]),
            *transformer_layers(
                self.width,
                self.n_heads,
                self.n_layers,
                self.feedforward_size,
                positions=self.positions,
                activation=self.activation,
                dropout=float(self.dropout),
                causal=self.causal,
                activity_l1=self.activity_l1,
            ),
            *([] if self.per_step else [MeanOverSteps()]),
            Dense(n_outputs),
        )


@parameters
class TransformerClassifier(BaseTransformer, NetworkClassifier):
    """Transformer that classifies sequences, or their steps.

    Every step looks at every other: nothing has to be carried along, however long the sequence, but
    the work grows with the square of its length. Sequences come in the same forms as for
    :class:`RecurrentClassifier`.

    See Also
    --------
    TransformerRegressor : The same for numbers.
    RecurrentClassifier : A state that goes from step to step.

    Notes
    -----
    Blocks normalize before their parts, which needs no warm-up of the learning rate, and one more
    normalization stands behind the last block.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", NeurIPS 2017.

    Examples
    --------
    Whether a word has both an a and a b:

    >>> import numpy as np
    >>> from skdeep import TransformerClassifier
    >>> rng = np.random.default_rng(0)
    >>> X = ["".join(rng.choice(list("abcd"), size=rng.integers(3, 7))) for _ in range(300)]
    >>> y = ["a" in x and "b" in x for x in X]
    >>> clf = TransformerClassifier(16, n_layers=1, max_iter=20, learning_rate_init=0.01,
    ...                             random_state=0)
    >>> clf.fit(X[:200], y[:200]).score(X[200:], y[200:]) > 0.95
    True
    """


@parameters
class TransformerRegressor(BaseTransformer, NetworkRegressor):
    """Transformer that predicts numbers for sequences, or for their steps.

    Sequences come in the same forms as for :class:`RecurrentClassifier`.

    See Also
    --------
    TransformerClassifier : The same for classes.
    RecurrentRegressor : A state that goes from step to step.

    Notes
    -----
    Blocks normalize before their parts, which needs no warm-up of the learning rate, and one more
    normalization stands behind the last block.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", NeurIPS 2017.

    Examples
    --------
    The largest of some numbers:

    >>> import numpy as np
    >>> from skdeep import TransformerRegressor
    >>> X = np.random.default_rng(0).uniform(size=(400, 6))
    >>> y = X.max(axis=1)
    >>> reg = TransformerRegressor(32, positions="none", max_iter=40, random_state=0)
    >>> reg.fit(X[:300], y[:300]).score(X[300:], y[300:]) > 0.9
    True
    """

    _: KW_ONLY
    loss: str = "squared_error"
