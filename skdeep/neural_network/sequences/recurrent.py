"""Recurrent networks for sequences, one target a sequence or one a step."""

from dataclasses import KW_ONLY
from typing import Annotated, Any

from skdeep.neural_network.classifier import NetworkClassifier
from skdeep.neural_network.regressor import NetworkRegressor
from skdeep.neural_network.sequences.sequence_network import SequenceNetwork
from skdeep.neural_network.training_params import WHOLE_SOLVERS, layer_sizes
from skdeep.nn import (
    GRU,
    LSTM,
    ActivityL1,
    Bidirectional,
    Dense,
    Dropout,
    Layer,
    Sequence,
    SimpleRNN,
)
from skdeep.utils.parameters import parameters
from skdeep.utils.params import boolean, integer, none, one_of, real, sequence_of

__all__ = ["CELLS", "RecurrentClassifier", "RecurrentRegressor", "recurrent_layers"]

CELLS: dict[str, type[Layer]] = {"lstm": LSTM, "gru": GRU, "rnn": SimpleRNN}


def recurrent_layers(
    cell: str,
    sizes: Any,
    *,
    every_step: bool,
    dropout: float = 0.0,
    activity_l1: float = 0.0,
    **more: Any,
) -> list[Layer]:
    """Return recurrent layers on top of each other, penalty and dropout behind each.

    Parameters
    ----------
    cell : str
        A name of `CELLS`.
    sizes : int or sequence of int
        Units of each layer.
    every_step : bool
        Whether the last layer returns every state.
    dropout : float
    activity_l1 : float
        Of the penalty on states.
    **more
        `bidirectional`, and what the cells take.
    """
    both_ways = more.pop("bidirectional", False)
    sizes = layer_sizes(sizes)
    layers: list[Layer] = []
    for i, size in enumerate(sizes):
        every = every_step or i < len(sizes) - 1
        layer: Any = CELLS[cell](size, return_sequences=every, **more)  # type: ignore[call-arg]
        layers.append(Bidirectional(layer) if both_ways else layer)
        if activity_l1:
            layers.append(ActivityL1(activity_l1))
        if dropout:
            layers.append(Dropout(float(dropout)))
    return layers


@parameters
class BaseRecurrent(SequenceNetwork):
    """Recurrent layers and a dense one."""

    hidden_layer_sizes: Annotated[
        Any,
        integer(1) | sequence_of(integer(1)),
        "The number of units of each recurrent layer, one on top of the other.",
    ] = (64,)
    _: KW_ONLY
    cell: Annotated[
        str,
        one_of(*CELLS),
        """'lstm', 'gru', or 'rnn' for the simple recurrent layer, which forgets what is more than
        some ten steps back.
        """,
    ] = "lstm"
    bidirectional: Annotated[
        bool, boolean(), "Whether each layer reads sequences from both ends."
    ] = False
    dropout: Annotated[
        float,
        real(0, 1, closed="left"),
        "Rate at which the outputs of recurrent layers are dropped in training.",
    ] = 0.0
    truncate: Annotated[
        int | None,
        integer(1) | none(),
        """Steps of the pieces within which gradients go back in time; None lets them go back to
        the first step.
        """,
    ] = None
    embedding_size: Annotated[
        int, integer(1), "Length of the vector that is learned for each token."
    ] = 32
    learning_rate_init: float = 0.005
    max_iter: int = 100
    clip_norm: float | None = 1.0

    def _check_params(self) -> None:
        super()._check_params()
        if self.truncate is not None and self.solver in WHOLE_SOLVERS:
            raise ValueError(
                f"{type(self).__name__} with solver={self.solver!r} needs the gradient of the loss "
                f"itself. Got truncate={self.truncate}; set it to None, or use solver='adam'."
            )

    def _architecture(self, n_outputs: int) -> Layer:
        return Sequence(
            *self._input_layers(self.embedding_size),
            *recurrent_layers(
                self.cell,
                self.hidden_layer_sizes,
                every_step=self.per_step,
                dropout=self.dropout,
                activity_l1=self.activity_l1,
                bidirectional=self.bidirectional,
                truncate=self.truncate,
            ),
            Dense(n_outputs),
        )


@parameters
class RecurrentClassifier(BaseRecurrent, NetworkClassifier):
    """Recurrent network that classifies sequences, or their steps.

    Sequences may differ in length: they are sorted into batches of similar lengths and padded, and
    what comes out for one does not depend on the others. `X` is one of:

    - an array of shape (n_samples, n_steps, n_features);
    - a list of arrays of shape (n_steps, n_features), or (n_steps,) for one feature;
    - strings, whose characters are tokens, or lists of strings; with ``tokens=True`` also lists of
      integers or other labels;
    - a table, with a sequence in each row, see `sequence_shape`.

    See Also
    --------
    RecurrentRegressor : The same for numbers.
    TransformerClassifier : Attention in place of recurrence.

    Notes
    -----
    Gradients are clipped to length one unless `clip_norm` says otherwise: they may explode over
    many steps.

    References
    ----------
    S. Hochreiter, J. Schmidhuber, "Long short-term memory", Neural Computation 9, 1997.

    R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks",
    ICML 2013.

    Examples
    --------
    The number of ones in a binary sequence:

    >>> import numpy as np
    >>> from skdeep import RecurrentClassifier
    >>> rng = np.random.default_rng(0)
    >>> X = [rng.integers(0, 2, size=rng.integers(1, 6)).astype(float) for _ in range(300)]
    >>> y = [int(x.sum()) for x in X]
    >>> clf = RecurrentClassifier((16,), max_iter=40, learning_rate_init=0.02, batch_size=32,
    ...                           random_state=0)
    >>> clf.fit(X, y).predict([[1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 0.0, 1.0]])
    array([2, 4])
    """


@parameters
class RecurrentRegressor(BaseRecurrent, NetworkRegressor):
    """Recurrent network that predicts numbers for sequences, or for their steps.

    Sequences come in the same forms as for :class:`RecurrentClassifier`.

    See Also
    --------
    RecurrentClassifier : The same for classes.
    TransformerRegressor : Attention in place of recurrence.

    Notes
    -----
    Gradients are clipped to length one unless `clip_norm` says otherwise: they may explode over
    many steps.

    References
    ----------
    S. Hochreiter, J. Schmidhuber, "Long short-term memory", Neural Computation 9, 1997.

    Examples
    --------
    The next value of a wave, from ten before it:

    >>> import numpy as np
    >>> from skdeep import RecurrentRegressor
    >>> wave = np.sin(np.arange(400) / 5)
    >>> X = np.lib.stride_tricks.sliding_window_view(wave, 10)[:-1]
    >>> y = wave[10:]
    >>> reg = RecurrentRegressor((16,), cell="gru", max_iter=40, random_state=0)
    >>> reg.fit(X[:300], y[:300]).score(X[300:], y[300:]) > 0.99
    True
    """

    _: KW_ONLY
    loss: str = "squared_error"
