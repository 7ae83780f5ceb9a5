"""From sequences to sequences of other lengths: an encoder, a decoder, and what it writes."""

from collections.abc import Iterable
from dataclasses import KW_ONLY
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.callback import with_callbacks
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skdeep.neural_network.base import is_stochastic
from skdeep.neural_network.sequences.reader import SequenceReader, Sequences, listed
from skdeep.neural_network.sequences.recurrent import recurrent_layers
from skdeep.neural_network.sequences.token_network import TokenNetwork
from skdeep.neural_network.sequences.token_targets import TokenTargets
from skdeep.neural_network.sequences.token_vectors import token_vectors
from skdeep.neural_network.sequences.writing.decoding import beam_search, greedy_search
from skdeep.neural_network.sequences.writing.pairs import Pairs
from skdeep.nn import (
    AdditiveAttention,
    Batch,
    Dense,
    EncoderDecoder,
    Layer,
    Sequence,
)
from skdeep.utils.docstrings import documented_like
from skdeep.utils.interface.methods import available_if
from skdeep.utils.parameters import parameters
from skdeep.utils.params import boolean, integer, none, one_of, real, sequence_of
from skdeep.utils.restore import all_or_nothing

__all__ = ["Seq2SeqTranslator"]


def trim_pairs(batch: Batch, rng: Any = None) -> Batch:
    """Leave out the steps of a batch that are behind the end of all."""
    pairs = Pairs(batch.x[0], batch.x[1], batch.lengths).trimmed()
    target = batch.target[:, : pairs.written.shape[1]]
    return batch._replace(x=(pairs.source, pairs.written), target=target)


@parameters
class Seq2SeqTranslator(TokenNetwork):
    """Learns to write a sequence for each that it reads, of another length and other tokens.

    An encoder reads the source token by token; a decoder starts from the encoder's last state, and
    writes until it writes the end. With attention it looks back, at each step, at all steps of the
    source. In training it is given the right answer so far (teacher forcing), in `predict` what it
    has written itself.

    Attributes
    ----------
    source_vocabulary_, target_vocabulary_ : ndarray
        The tokens of `X` and of `y` that `fit` has seen, sorted.

    See Also
    --------
    RecurrentClassifier : One class a sequence, or one a step.
    CharacterLanguageModel : What comes next in a text.

    Notes
    -----
    Gradients are clipped to length one unless `clip_norm` says otherwise.

    References
    ----------
    I. Sutskever, O. Vinyals, Q. V. Le, "Sequence to sequence learning with neural networks",
    NeurIPS 2014.

    D. Bahdanau, K. Cho, Y. Bengio, "Neural machine translation by jointly learning to align and
    translate", ICLR 2015.

    Examples
    --------
    Doubling letters, longer than what is read:

    >>> import numpy as np
    >>> from skdeep import Seq2SeqTranslator
    >>> rng = np.random.default_rng(0)
    >>> X = ["".join(rng.choice(list("abc"), size=rng.integers(1, 4))) for _ in range(200)]
    >>> y = ["".join(2 * letter for letter in x) for x in X]
    >>> model = Seq2SeqTranslator((32,), max_iter=30, learning_rate_init=0.01, random_state=0)
    >>> model.fit(X, y).predict(["cab", "b"])
    ['ccaabb', 'bb']
    """

    hidden_layer_sizes: Annotated[
        Any,
        integer(1) | sequence_of(integer(1)),
        "Units of each recurrent layer, of the encoder and of the decoder alike.",
    ] = (128,)
    _: KW_ONLY
    cell: Annotated[str, one_of("lstm", "gru", "rnn"), "Kind of the recurrent layers."] = "lstm"
    attention: Annotated[
        bool, boolean(), "Whether the decoder looks back at all steps of the source."
    ] = True
    attention_size: Annotated[
        int, integer(1), "Hidden units of the network that scores where to look."
    ] = 64
    embedding_size: Annotated[int, integer(1), "Length of the vector of each token."] = 32
    dropout: Annotated[
        float, real(0, 1, closed="left"), "Rate behind each recurrent layer in training."
    ] = 0.0
    beam_width: Annotated[
        int,
        integer(1),
        """How many ways to go on `predict` keeps at each step; 1 takes the most probable token
        each time.
        """,
    ] = 1
    max_length: Annotated[
        int | None,
        integer(1) | none(),
        "Tokens that `predict` writes at most; None is twice the longest target of `fit`.",
    ] = None
    learning_rate_init: float = 0.003

    _layers_depend_on, _told_by = "tokens", "X and y"

    @all_or_nothing
    @with_callbacks
    def fit(self, X: Iterable[Any], y: Iterable[Any]) -> Self:
        """Learn from pairs.

        Parameters
        ----------
        X : list of str, or list of lists of tokens
            Sources; the tokens of a string are its characters.
        y : list of str, or list of lists of tokens
            What to write for each.

        Returns
        -------
        self
            The fitted estimator itself.

        Raises
        ------
        ValueError
            If a parameter is wrong, a sequence is empty, there are not as many targets as sources,
            or the loss is not finite any more.
        """
        return self._fit(X, y, None)

    @available_if(is_stochastic)
    @all_or_nothing
    @documented_like(fit)
    def partial_fit(self, X: Iterable[Any], y: Iterable[Any]) -> Self:
        """Train for one epoch on the given pairs, of tokens that the first call has seen."""
        return self._fit(X, y, None, incremental=True)

    @documented_like(fit)
    def predict(self, X: Iterable[Any]) -> list[Any]:
        """Write a sequence for each source.

        Returns
        -------
        list of str, or list of lists of tokens
            Strings if the targets of `fit` were strings.
        """
        check_is_fitted(self)
        source = self._reader.read(X).values
        return [self._spell(classes) for classes in self._write(source)]

    @documented_like(fit)
    def score(self, X: Iterable[Any], y: Iterable[Any]) -> float:
        """Return the part of the sources for which every token that is written is right.

        Returns
        -------
        float
            Between zero and one.
        """
        right = [list(written) == list(wanted) for written, wanted in self._compared(X, y)]
        return float(np.mean(right))

    @documented_like(fit)
    def token_accuracy(self, X: Iterable[Any], y: Iterable[Any]) -> float:
        """Return the part of the tokens that are right, place by place.

        Returns
        -------
        float
            Of the places of whatever is longer, what is written or what is right.
        """
        right = total = 0
        for written, wanted in self._compared(X, y):
            right += sum(a == b for a, b in zip(written, wanted, strict=False))
            total += max(len(written), len(wanted))
        return right / total

    def _compared(self, X: Iterable[Any], y: Iterable[Any]) -> list[tuple[Any, Any]]:
        """Return what is written for each source, with what is right."""
        written, wanted = self.predict(X), _sequences(y)
        check_consistent_length(written, wanted)
        return list(zip(written, wanted, strict=True))

    def attention_weights(self, X: Iterable[Any]) -> list[NDArray[Any]]:
        """Return where the decoder looks while it writes.

        Parameters
        ----------
        X : list of str, or list of lists of tokens
            Sources.

        Returns
        -------
        list of ndarray of shape (n_written + 1, n_read)
            A row for each token that is written and for the end, of sum one.

        Raises
        ------
        ValueError
            If there is no attention.
        """
        check_is_fitted(self)
        network = self.network_.replica()
        root: Any = network.root
        if root.attention is None:
            raise ValueError("attention_weights needs attention=True.")
        source = self._reader.read(X).values
        found = []
        for row, classes in zip(source, self._write(source), strict=True):
            read = row[row != 0]
            written = np.concatenate([[self._start_token], np.array(classes, dtype=np.intp) + 1])
            network.forward((read[None], written[None]))
            found.append(root.attention.weights[0].copy())
        return found

    @property
    def source_vocabulary_(self) -> Any:
        """The tokens of sources."""
        self._require_fit()
        return self._reader.vocabulary

    @property
    def target_vocabulary_(self) -> Any:
        """The tokens of targets."""
        self._require_fit()
        return self._target_reader.vocabulary

    # Writing

    @property
    def _start_token(self) -> int:
        return self._target_reader.n_tokens

    def _write(self, source: NDArray[np.intp]) -> list[list[int]]:
        """Return the classes that are written for each source, without the end."""
        root: Any = self.network_.replica().root
        longest = self.max_length or 2 * self._target_reader.n_steps
        written = []
        for start in range(0, len(source), 256):
            block = source[start : start + 256]
            block = block[:, : int((block != 0).sum(axis=1).max())]
            options = {"start": self._start_token, "end": self._start_token - 1}
            if self.beam_width == 1:
                written += greedy_search(root, block, longest, **options)
            else:
                written += beam_search(root, block, longest, self.beam_width, **options)
        return written

    def _spell(self, classes: list[int]) -> Any:
        tokens = [self._target_reader.vocabulary[k] for k in classes]  # type: ignore[index]
        return "".join(tokens) if self._writes_strings else tokens

    # How the base sees pairs

    def _check_data(self, X: Any, y: Any, *, reset: bool) -> tuple[Pairs, Sequences]:
        X, y = listed(X, "X"), listed(y, "y")
        check_consistent_length(X, y)
        if reset:
            self._reader = SequenceReader(X, tokens=True)
            self._target_reader = SequenceReader(y, tokens=True, name="y")
            self._writes_strings = isinstance(y[0], str)
            self.n_features_in_ = 1  # a token at each step
        source, tokens = self._reader.read(X).values, self._target_reader.read(y, "y").values
        lengths = (tokens != 0).sum(axis=1)
        n, n_steps = tokens.shape
        written = np.zeros((n, n_steps + 1), np.intp)
        written[:, 0], written[:, 1:] = self._start_token, tokens
        target = np.zeros((n, n_steps + 1), np.intp)
        target[:, :-1] = np.maximum(tokens - 1, 0)
        target[np.arange(n), lengths] = self._start_token - 1
        return Pairs(source, written, lengths + 1), Sequences(target, lengths + 1)

    def _inputs(self, X: Pairs) -> tuple[Any, NDArray[np.intp]]:
        return (X.source, X.written), X.lengths

    def _run_options(self) -> dict[str, Any]:
        return super()._run_options() | {"transform": trim_pairs}

    def _architecture(self, n_outputs: int) -> Layer:
        def layers(n_tokens: int, every_step: bool) -> Sequence:
            return Sequence(
                token_vectors(n_tokens, self.embedding_size),
                *recurrent_layers(
                    self.cell,
                    self.hidden_layer_sizes,
                    every_step=every_step,
                    dropout=self.dropout,
                    activity_l1=self.activity_l1,
                ),
            )

        return EncoderDecoder(
            layers(self._reader.n_tokens, self.attention),
            layers(n_outputs + 1, True),
            Dense(n_outputs),
            AdditiveAttention(self.attention_size) if self.attention else None,
        )

    def _learn_targets(self, y: Any, weight: Any, classes: Any) -> TokenTargets:
        return TokenTargets(self._target_reader.n_tokens - 1)

    def _own_score(self, predictions: NDArray[Any], y: Any, weight: Any) -> float:
        """Return the part of the pairs whose every step is right, given the right answer so far."""
        right = predictions.argmax(axis=2) == y.values
        right |= np.arange(right.shape[1]) >= y.lengths[:, None]
        return float(right.all(axis=1).mean())


def _sequences(y: Any) -> list[Any]:
    """Return the sequences that are right as a list."""
    wanted = listed(y, "y")
    if not all(isinstance(one, Iterable) for one in wanted):
        raise ValueError("y must be a list of sequences, strings or lists of tokens.")
    return wanted
