"""A language model of characters: what comes next, and strings made of that."""

from collections.abc import Iterable
from dataclasses import KW_ONLY
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.callback import with_callbacks
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skdeep.neural_network.base import is_stochastic
from skdeep.neural_network.sequences.reader import Sequences, pad
from skdeep.neural_network.sequences.recurrent import CELLS, recurrent_layers
from skdeep.neural_network.sequences.token_network import TokenNetwork
from skdeep.neural_network.sequences.token_targets import TokenTargets
from skdeep.neural_network.sequences.token_vectors import token_vectors
from skdeep.neural_network.sequences.transformer import transformer_layers
from skdeep.neural_network.sequences.writing.characters import (
    FIRST_CHARACTER,
    START,
    as_texts,
    encoded,
    windows,
)
from skdeep.neural_network.sequences.writing.text_stream import TextStream
from skdeep.neural_network.training_params import layer_sizes
from skdeep.nn import Dense, Layer, Sequence
from skdeep.utils.docstrings import documented_like
from skdeep.utils.interface.methods import available_if
from skdeep.utils.parameters import parameters
from skdeep.utils.params import integer, one_of, real, sequence_of
from skdeep.utils.restore import all_or_nothing

__all__ = ["CharacterLanguageModel"]


@parameters
class CharacterLanguageModel(TokenNetwork):
    """Learns from texts which character comes next.

    Each text begins with a mark of its start and ends with a mark of its end, which the model
    learns to write, too. Long texts are cut into windows.

    Attributes
    ----------
    classes_ : ndarray of shape (n_characters + 1,)
        The characters that `fit` has seen, sorted, and the empty string for the end of a text.

    See Also
    --------
    RecurrentClassifier : Classes of sequences.
    Seq2SeqTranslator : From strings to other strings.

    Notes
    -----
    Gradients are clipped to length one unless `clip_norm` says otherwise.

    References
    ----------
    I. Sutskever, J. Martens, G. E. Hinton, "Generating text with recurrent neural networks", ICML
    2011.

    A. Karpathy, "The unreasonable effectiveness of recurrent neural networks", 2015.

    Examples
    --------
    After "hel" comes "l", after "hell" comes "o": the same last character, another answer, which no
    model without memory can give.

    >>> from skdeep import CharacterLanguageModel
    >>> model = CharacterLanguageModel((16,), max_iter=150, learning_rate_init=0.02, random_state=0)
    >>> model.fit(["hello"] * 8).sample("he", random_state=0)
    'hello'
    >>> model.classes_[model.predict_proba(["hel", "hell"]).argmax(axis=1)].tolist()
    ['l', 'o']
    >>> model.perplexity(["hello"]) < 1.1
    True
    """

    hidden_layer_sizes: Annotated[
        Any,
        integer(1) | sequence_of(integer(1)),
        """Units of each recurrent layer; of a transformer the features of a step, the same for each
        block.
        """,
    ] = (128,)
    _: KW_ONLY
    cell: Annotated[
        str,
        one_of(*CELLS, "transformer"),
        "Recurrent layers, or blocks of a transformer that sees no later step.",
    ] = "lstm"
    embedding_size: Annotated[
        int, integer(1), "Length of the vector of each character, for recurrent layers."
    ] = 32
    n_heads: Annotated[int, integer(1), "Heads of each attention of a transformer."] = 4
    dropout: Annotated[float, real(0, 1, closed="left"), "Rate behind each layer in training."] = (
        0.0
    )
    window: Annotated[
        int,
        integer(1),
        """Steps of the pieces that long texts are trained on; no gradient goes from one to another,
        and no transformer looks further back.
        """,
    ] = 100
    learning_rate_init: float = 0.005

    _layers_depend_on, _told_by = "characters", "X"

    @all_or_nothing
    @with_callbacks
    def fit(self, X: Iterable[str], y: Any = None) -> Self:
        """Learn from texts.

        Parameters
        ----------
        X : list of str, or str
            Texts; a single string is one text.
        y : None
            Ignored.

        Returns
        -------
        self
            The fitted estimator itself.

        Raises
        ------
        ValueError
            If a parameter is wrong, there is no text, or the loss is not finite any more.
        """
        return self._fit(X, None, None)

    @available_if(is_stochastic)
    @all_or_nothing
    @documented_like(fit)
    def partial_fit(self, X: Iterable[str], y: Any = None) -> Self:
        """Train for one epoch on the given texts, of characters that the first call has seen."""
        return self._fit(X, None, None, incremental=True)

    def predict_proba(self, X: Iterable[str]) -> NDArray[Any]:
        """Return the probability of each character to come next behind each text.

        Parameters
        ----------
        X : list of str, or str
            Texts, the empty one too.

        Returns
        -------
        ndarray of shape (n_texts, n_characters + 1)
            Columns in the order of `classes_`, the end of the text last.
        """
        check_is_fitted(self)
        rows = []
        for text in self._encode(as_texts(X)):
            stream = self._new_stream()
            rows.append(stream.feed_indices(text))
        return np.stack(rows)

    @documented_like(predict_proba)
    def predict(self, X: Iterable[str]) -> NDArray[Any]:
        """Return the character that most probably comes next behind each text.

        Returns
        -------
        ndarray of shape (n_texts,)
            Characters; the empty string is the end of the text.
        """
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    def stream(self) -> TextStream:
        """Return a reader that takes a text piece by piece, and keeps its state in between.

        Returns
        -------
        TextStream
            At the start of a text.

        Examples
        --------
        >>> from skdeep import CharacterLanguageModel
        >>> model = CharacterLanguageModel((8,), max_iter=2, tol=0).fit(["abab", "ab"])
        >>> stream = model.stream()
        >>> probabilities = stream.feed("ab")
        >>> probabilities = stream.feed("a")  # behind "aba"
        >>> bool((abs(probabilities - model.predict_proba(["aba"])[0]) < 1e-6).all())
        True
        """
        check_is_fitted(self)
        return self._new_stream()

    def sample(
        self,
        prefix: str = "",
        length: int = 100,
        *,
        temperature: float = 1.0,
        random_state: Any = None,
    ) -> str:
        """Write on, each character drawn by its probability.

        Parameters
        ----------
        prefix : str, default=""
            What the text begins with.
        length : int, default=100
            Characters to add at most; a text that ends by itself is shorter.
        temperature : float >= 0, default=1.0
            Log-probabilities are divided by it: below one, what is probable becomes more so; zero
            always takes the most probable character.
        random_state : int, RandomState or None, default=None
            Draws the characters.

        Returns
        -------
        str
            The prefix and what comes behind it.

        Raises
        ------
        TypeError, ValueError
            If the prefix is no text or has a character that `fit` has not seen, or `temperature`
            is negative.
        """
        check_is_fitted(self)
        if not isinstance(prefix, str):
            raise TypeError(f"prefix must be text, got {prefix!r}; how much to add is the length.")
        if not temperature >= 0:
            raise ValueError(f"temperature must not be negative, got {temperature!r}.")
        random = check_random_state(random_state)
        (read,) = self._encode([prefix])
        written = self._new_stream().write(read, length, temperature, random)
        return prefix + "".join(self.characters[k] for k in written)

    @documented_like(fit)
    def score(self, X: Iterable[str], y: Any = None) -> float:
        """Return the mean log-likelihood of a character, ends of texts included.

        A transformer reads texts that are longer than its `window` in overlapping pieces, and sees
        at least half a window before each character.

        Returns
        -------
        float
            In nats, at most zero.
        """
        check_is_fitted(self)
        total, count = 0.0, 0
        for text in self._encode(as_texts(X)):
            probabilities = self._new_stream().every(text)
            target = np.append(text, len(self.characters))
            chosen = probabilities[np.arange(len(target)), target].astype(np.float64)
            with np.errstate(divide="ignore"):
                total += float(np.log(chosen).sum())
            count += len(target)
        return total / count

    @documented_like(fit)
    def perplexity(self, X: Iterable[str]) -> float:
        """Return exp(-`score`): among how many equally likely characters the model hesitates.

        Returns
        -------
        float
            At least one; the number of classes for a model that knows nothing.
        """
        return float(np.exp(-self.score(X)))

    @property
    def classes_(self) -> NDArray[Any]:
        """The characters, and the empty string for the end of a text."""
        self._require_fit()
        return np.array([*self.characters, ""])

    # How the base sees texts

    def _check_data(self, X: Any, y: Any, *, reset: bool) -> tuple[Sequences, Sequences]:
        texts = as_texts(X)
        if reset:
            self.characters = sorted(set().union(*texts))
            self.n_features_in_ = 1  # a character at each step
        pieces, targets = windows(self._encode(texts), len(self.characters), self.window)
        return pad(pieces, np.intp), pad(targets, np.intp)

    def _encode(self, texts: list[str]) -> list[NDArray[np.intp]]:
        return encoded(texts, self.characters)

    def _new_stream(self) -> TextStream:
        last = None if self.cell in CELLS else self.window
        return TextStream(self.network_, self._encode, START, FIRST_CHARACTER, last)

    def _architecture(self, n_outputs: int) -> Layer:
        sizes = self.hidden_layer_sizes
        n_tokens = n_outputs - 1 + FIRST_CHARACTER
        if self.cell in CELLS:
            return Sequence(
                token_vectors(n_tokens, self.embedding_size),
                *recurrent_layers(
                    self.cell,
                    sizes,
                    every_step=True,
                    dropout=self.dropout,
                    activity_l1=self.activity_l1,
                ),
                Dense(n_outputs),
            )
        sizes = layer_sizes(sizes)
        blocks = transformer_layers(
            sizes[0],
            self.n_heads,
            len(sizes),
            None,
            positions="sinusoidal",
            activation="gelu",
            dropout=float(self.dropout),
            causal=True,
            activity_l1=self.activity_l1,
        )
        return Sequence(token_vectors(n_tokens, sizes[0]), *blocks, Dense(n_outputs))

    def _check_architecture(self) -> None:
        sizes = layer_sizes(self.hidden_layer_sizes)
        if self.cell == "transformer" and (len(set(sizes)) != 1 or sizes[0] % self.n_heads):
            raise ValueError(
                f"With cell='transformer', hidden_layer_sizes must be one size for all blocks, a "
                f"multiple of n_heads={self.n_heads}. Got {self.hidden_layer_sizes!r} instead."
            )
        super()._check_architecture()

    def _learn_targets(self, y: Any, weight: Any, classes: Any) -> TokenTargets:
        return TokenTargets(len(self.characters))

    def _own_score(self, predictions: NDArray[Any], y: Any, weight: Any) -> float:
        """Return the mean log-likelihood of a character."""
        chosen = np.take_along_axis(predictions, y.values[:, :, None], axis=2)[:, :, 0]
        if y.lengths is not None:
            chosen = chosen[np.arange(chosen.shape[1]) < y.lengths[:, None]]
        with np.errstate(divide="ignore"):
            return float(np.log(chosen).mean())

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        return tags
