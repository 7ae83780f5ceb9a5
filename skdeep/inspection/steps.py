"""What the layers of a network of sequences do at every step of one sequence."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.inspection.inputs import Reading, network_inputs, one_sample, require_network
from skdeep.inspection.unwrap import unwrap_fitted
from skdeep.neural_network import CharacterLanguageModel, Seq2SeqTranslator
from skdeep.neural_network.sequences.padded_network import PaddedNetwork
from skdeep.nn import GRU, LSTM, MultiHeadAttention, Network, SimpleRNN
from skdeep.utils.params import check_value, integer

__all__ = ["attention_weights", "gate_activations", "step_names"]

Floats = NDArray[np.float64]

_START = "^"  # what a language model reads first


def gate_activations(estimator: Any, sequence: Any, layer: int = 0) -> dict[str, Floats]:
    """Return the gates and states of a recurrent layer at every step of one sequence.

    Parameters
    ----------
    estimator : estimator
        A fitted `RecurrentClassifier`, `RecurrentRegressor` or `CharacterLanguageModel`, also at
        the end of a `Pipeline` or inside a search.
    sequence : array-like or str
        One sample, as `X` has many.
    layer : int, default=0
        Which of the recurrent layers; a bidirectional one counts as two.

    Returns
    -------
    dict from str to ndarray of shape (n_steps, n_units)
        Of an LSTM 'input gate', 'forget gate', 'output gate', 'cell' and 'state'; of a GRU 'reset
        gate', 'update gate' (how much of the state stays) and 'state'; of a simple layer 'state'.
        In the order of the sequence, also where a layer reads from its end.

    Examples
    --------
    >>> from skdeep import RecurrentClassifier
    >>> from skdeep.inspection import gate_activations
    >>> words = ["aab", "bba", "ab"] * 5
    >>> net = RecurrentClassifier((4,), max_iter=2, random_state=0).fit(words, [0, 1, 1] * 5)
    >>> {name: values.shape for name, values in gate_activations(net, "aab").items()}
    {'input gate': (3, 4), 'forget gate': (3, 4), 'output gate': (3, 4), 'cell': (3, 4), \
'state': (3, 4)}
    """
    network, reading, _ = _run(estimator, sequence, "gate_activations")
    layers = [one for one in network.layers() if isinstance(one, (LSTM, GRU, SimpleRNN))]
    if not layers:
        raise TypeError(
            "gate_activations takes a network with recurrent layers, and there is none."
        )
    last = len(layers) - 1
    check_value("gate_activations", "layer", layer, [integer(-len(layers), last)])
    one: Any = layers[layer]
    found = one.activations(0)
    length = None if reading.lengths is None else int(reading.lengths[0])
    return {name: _in_order(one, np.array(values[:length])) for name, values in found.items()}


def _in_order(layer: Any, values: NDArray[Any]) -> Floats:
    return (values[::-1] if layer.reverse else values).astype(np.float64)


def attention_weights(estimator: Any, sequence: Any) -> list[Floats]:
    """Return where each step of one sequence looks, layer by layer and head by head.

    Parameters
    ----------
    estimator : estimator
        A fitted `TransformerClassifier`, `TransformerRegressor`, `CharacterLanguageModel` with
        ``cell="transformer"``, or `Seq2SeqTranslator`, also at the end of a `Pipeline` or inside a
        search.
    sequence : array-like or str
        One sample, as `X` has many.

    Returns
    -------
    list of ndarray of shape (n_heads, n_steps, n_steps)
        For each attention, a row for each step that looks, of sum one; of a translator one of
        shape (1, n_written + 1, n_read).

    Examples
    --------
    >>> from skdeep import TransformerClassifier
    >>> from skdeep.inspection import attention_weights
    >>> words = ["aab", "bba", "ab"] * 5
    >>> net = TransformerClassifier(8, n_heads=2, n_layers=1, max_iter=2, random_state=0)
    >>> (weights,) = attention_weights(net.fit(words, [0, 1, 1] * 5), "ab")
    >>> weights.shape, weights.sum(axis=2).round(6).min().item()
    ((2, 2, 2), 1.0)
    """
    inner, given = unwrap_fitted(estimator, one_sample(sequence))
    if isinstance(inner, Seq2SeqTranslator):
        return [np.asarray(inner.attention_weights(given)[0], dtype=np.float64)[None]]
    network, reading, _ = _run(estimator, sequence, "attention_weights")
    layers = [one for one in network.layers() if isinstance(one, MultiHeadAttention)]
    if not layers:
        raise TypeError("attention_weights takes a network with attention, and there is none.")
    n = None if reading.lengths is None else int(reading.lengths[0])
    return [np.array(one.weights[0, :, :n, :n], dtype=np.float64) for one in layers]


def _run(estimator: Any, sequence: Any, who: str) -> tuple[Network, Reading, Any]:
    """Return a copy of the network after one sequence, what it read, and the estimator."""
    inner, given = unwrap_fitted(estimator, one_sample(sequence))
    inner = require_network(inner, who)
    if not isinstance(inner, PaddedNetwork) or isinstance(inner, Seq2SeqTranslator):
        raise TypeError(f"{who} takes a network of sequences, got {type(inner).__name__}.")
    reading = network_inputs(inner, given)
    assert reading is not None
    network: Network = inner.network_.copy()
    x = reading.x
    if network.root.input_dtype is None:
        x = np.asarray(x, dtype=network.dtype)
    if len(x) > 1:
        raise ValueError(f"{who} takes one sequence, no longer than the network's window.")
    with np.errstate(over="ignore", invalid="ignore"):
        outputs = network.forward(x, reading.mode)
    if not np.isfinite(outputs).all():
        raise ValueError(
            f"{who}: the network's outputs leave the range of floats; the numbers of the sequence "
            "are too large."
        )
    return network, reading, inner


def step_names(estimator: Any, sequence: Any) -> list[str]:
    """Return what stands at each step: tokens, or numbers of the steps."""
    inner, _ = unwrap_fitted(estimator)
    if isinstance(inner, CharacterLanguageModel):
        return [_START, *sequence]
    if isinstance(inner, Seq2SeqTranslator) or getattr(inner, "vocabulary_", None) is not None:
        return [str(token) for token in sequence]
    return []
