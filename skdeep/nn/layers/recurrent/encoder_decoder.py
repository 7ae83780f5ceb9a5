"""From one sequence to another of a different length: an encoder, and a decoder that goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from skdeep.nn.layers.attention.additive import AdditiveAttention
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Shape
from skdeep.nn.layers.composite import Sequence
from skdeep.nn.layers.recurrent.base import Recurrent
from skdeep.nn.memory import Array

__all__ = ["EncoderDecoder"]


class EncoderDecoder(Layer):
    """An encoder that reads a sequence, and a decoder that writes another.

    The input is a tuple (source, written) of token indices, zero behind the end of a sequence. The
    recurrent layers of the decoder start from the states in which those of the encoder end::

        memory = encoder(source)
        h_t = decoder(written_1 ... written_t), from the encoder's states
        y_t = head([h_t, attention(h_t, memory)])

    without the second part where there is no attention. In training, what is written is the right
    answer up to step t (teacher forcing); to write freely, `begin` and `step`.

    Parameters
    ----------
    encoder, decoder : Sequence
        With as many recurrent layers each, of the same sizes in the same order. The last layer of
        the encoder returns every state where there is attention, that of the decoder always.
    head : Layer
        From a step of the decoder to the outputs.
    attention : AdditiveAttention or None, default=None

    References
    ----------
    I. Sutskever, O. Vinyals, Q. V. Le, "Sequence to sequence learning with neural networks",
    NeurIPS 2014. M.-T. Luong, H. Pham, C. D. Manning, "Effective approaches to attention-based
    neural machine translation", EMNLP 2015 (attention behind the decoder's states).

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Dense, Embedding, EncoderDecoder, LSTM, Network, Sequence
    >>> layer = EncoderDecoder(
    ...     Sequence(Embedding(5, 8), LSTM(16)),
    ...     Sequence(Embedding(7, 8), LSTM(16, return_sequences=True)),
    ...     Dense(7),
    ... )
    >>> network = Network(layer, input_shape=((4,), (3,)), random_state=0)
    >>> network.forward((np.ones((2, 4), int), np.ones((2, 3), int))).shape
    (2, 3, 7)
    """

    input_dtype = ("intp", "intp")

    def __init__(
        self,
        encoder: Sequence,
        decoder: Sequence,
        head: Layer,
        attention: AdditiveAttention | None = None,
    ) -> None:
        self.encoder, self.decoder, self.head = encoder, decoder, head
        self.attention = attention
        sizes = [[layer.state_size for layer in recurrent(part)] for part in (encoder, decoder)]
        if sizes[0] != sizes[1]:
            raise ValueError(
                "EncoderDecoder hands the states of the encoder to the decoder, whose recurrent "
                f"layers must have the same sizes; got {sizes[0]} and {sizes[1]}."
            )

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten, as the head says."""
        return self.head.frees_output

    def children(self, input_shape: Shape) -> Iterator[tuple[str, Layer, Shape]]:
        """Yield encoder, decoder, attention and head."""
        source, written = input_shape
        states = self.decoder.output_shape(written)
        yield "encoder", self.encoder, source
        yield "decoder", self.decoder, written
        if self.attention is not None:
            memory = self.encoder.output_shape(source)
            yield "attention", self.attention, (states, memory)
            states = (states[0], states[1] + memory[1])
        yield "head", self.head, states

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the steps that are written, and the head's outputs."""
        *_, (_, head, states) = self.children(input_shape)
        return head.output_shape(states)

    def forward(self, x: Any, mode: Mode = PREDICT) -> Array:
        """Read the source, and answer each step of what is written."""
        source, written = x
        self.begin(source, mode)
        return self._write(written, mode)

    def begin(self, source: Array, mode: Mode = PREDICT) -> None:
        """Read the source, and hand its states to the decoder."""
        lengths = (source != 0).sum(1)
        lengths = lengths + (lengths == 0)  # an empty source is one step of padding
        self.memory = self.encoder.forward(source, replace(mode, lengths=lengths))
        if self.attention is not None:
            self.attention.memory_lengths = lengths
        self.set_states([layer.final_state() for layer in recurrent(self.encoder)])

    def step(self, tokens: Array) -> Array:
        """Write one token more; return the outputs of shape (n_samples, n_outputs).

        Parameters
        ----------
        tokens : array of int of shape (n_samples,)
            What was written last.
        """
        outputs = self._write(tokens[:, None], PREDICT)[:, 0]
        self.set_states(self.states())
        return outputs

    def states(self) -> list[Array]:
        """Return the states of the decoder after what was written last."""
        return [layer.final_state() for layer in recurrent(self.decoder)]

    def set_states(self, states: list[Array]) -> None:
        """Let the decoder go on from these states."""
        for layer, state in zip(recurrent(self.decoder), states, strict=True):
            layer.initial_state = state * 1

    def choose(self, rows: Array) -> None:
        """Go on with these samples, in this order, some perhaps several times."""
        states: list[Any] = [layer.initial_state for layer in recurrent(self.decoder)]
        self.set_states([state[rows] for state in states])
        if self.attention is not None:
            self.memory = self.memory[rows]
            lengths: Any = self.attention.memory_lengths
            self.attention.memory_lengths = lengths[rows]

    def _write(self, written: Array, mode: Mode) -> Array:
        states = self.decoder.forward(written, mode)
        if self.attention is None:
            return self.head.forward(states, mode)
        found = self.attention.forward((states, self.memory), mode)
        self.edge = states.shape[-1]
        joined = self.buffer("joined", (*states.shape[:-1], self.edge + found.shape[-1]))
        joined[..., : self.edge] = states
        joined[..., self.edge :] = found
        return self.head.forward(joined, mode)

    def backward(self, grad_y: Array, wants_input: bool = True) -> Any:
        """Go back through the decoder to the encoder, by states and by attention."""
        grad: Any = self.head.backward(grad_y)
        grad_memory = self.buffer("grad memory", self.memory.shape)
        grad_memory[...] = 0.0
        if self.attention is not None:
            grad_found = self.buffer("grad found", (*grad.shape[:-1], grad.shape[-1] - self.edge))
            grad_found[...] = grad[..., self.edge :]
            grad_looks, grad_memory = self.attention.backward(grad_found)
            grad = self.xp.add(
                grad[..., : self.edge], grad_looks, out=self.buffer("grad", grad_looks.shape)
            )
        grad_written = self.decoder.backward(grad, wants_input)
        for one, other in zip(recurrent(self.encoder), recurrent(self.decoder), strict=True):
            one.grad_final_state = other.grad_initial_state
        grad_source = self.encoder.backward(grad_memory, wants_input)
        return (grad_source, grad_written) if wants_input else None

    def __repr__(self) -> str:
        attention = "" if self.attention is None else f", {self.attention!r}"
        return f"EncoderDecoder({self.encoder!r}, {self.decoder!r}, {self.head!r}{attention})"


def recurrent(part: Sequence) -> list[Recurrent]:
    """Return the recurrent layers of a sequence of layers."""
    return [layer for layer in part.layers if isinstance(layer, Recurrent)]
