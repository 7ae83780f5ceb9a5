"""What the estimators of sequences share: the forms of `X`, targets for every step, buckets."""

from collections.abc import Callable
from dataclasses import KW_ONLY
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from skdeep.neural_network.augmented import AugmentedNetwork, AugmentParams
from skdeep.neural_network.sequences.padded_network import PaddedNetwork
from skdeep.neural_network.sequences.reader import SequenceReader, Sequences, is_flat
from skdeep.neural_network.sequences.step_targets import StepsAsSamples, StepTargets, StepValues
from skdeep.neural_network.sequences.token_vectors import token_vectors
from skdeep.neural_network.training.samples import Samples
from skdeep.neural_network.training_params import ActivityParams
from skdeep.neural_network.transfer.begin import TransferNetwork
from skdeep.neural_network.transfer.features import hidden_outputs
from skdeep.nn import Layer
from skdeep.preprocessing import Noise
from skdeep.preprocessing.augmentation import Augmentation, Augmenter
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.parameters import parameters
from skdeep.utils.params import boolean, none, one_of, rule, sequence_of
from skdeep.utils.weights import check_sample_weight

__all__ = ["SequenceNetwork"]


def _is_shape(value: Any) -> bool:
    return (
        isinstance(value, (tuple, list))
        and len(value) == 2
        and all(isinstance(size, (int, np.integer)) and size >= 1 for size in value)
    )


_step = one_of("noise") | rule(
    "a Noise of skdeep.preprocessing, or a callable",
    lambda value: (
        isinstance(value, Noise)
        or (callable(value) and not isinstance(value, (type, Augmentation)))
    ),
    "Noise",
    "callable",
)


@parameters
class SequenceNetwork(
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    PaddedNetwork,
    AugmentParams,
    AugmentedNetwork,
    TransferNetwork,
    ActivityParams,
):
    """A network that reads sequences.

    Attributes
    ----------
    vocabulary_ : ndarray of shape (n_tokens,) or None
        The tokens that `fit` has seen, sorted; None where sequences are of numbers.
    n_steps_ : int
        Length of the longest sequence that `fit` has seen.
    """

    _: KW_ONLY
    sequence_shape: Annotated[
        Any,
        one_of("auto") | rule("a tuple (n_steps, n_features)", _is_shape, "(int, int)"),
        """How a row of a table is a sequence, (n_steps, n_features), step by step; 'auto' takes
        every column as a step with one feature. Only for `X` in rows.
        """,
    ] = "auto"
    tokens: Annotated[
        bool,
        boolean(),
        """Whether the numbers in `X` are labels of a vocabulary, in rows or in lists of any
        lengths. Strings always are.
        """,
    ] = False
    handle_unknown: Annotated[
        str,
        one_of("error", "ignore"),
        """What becomes of tokens that `fit` has not seen: an error, or a vector of zeros in place
        of a learned one ('ignore', as :class:`sklearn.preprocessing.OneHotEncoder` has it), which
        `partial_fit` moves if it sees any.
        """,
    ] = "error"
    per_step: Annotated[
        bool,
        boolean(),
        """Whether `y` has a target for every step of a sequence, as when words are tagged: a list
        of sequences as long as those of `X`, or an array of shape (n_samples, n_steps).
        """,
    ] = False

    augment: Annotated[
        Any,
        none() | _step | sequence_of(_step),
        """What happens to sequences of numbers at random in training, drawn anew for each batch:
        'noise', a :class:`skdeep.preprocessing.Noise`, or a callable ``function(batch, rng)`` of a
        :class:`skdeep.nn.Batch`, which may change tokens, too; or several in their order.
        """,
    ] = None

    @in_kind
    def transform(self, X: ArrayLike, layer: int = -1) -> NDArray[Any]:
        """Return the encoding of each sequence: what the output layer sees, or another layer.

        Parameters
        ----------
        X : array-like
            Sequences, as for `fit`.
        layer : int, default=-1
            Which of the hidden layers, 0 the first: a layer with weights, with all that follows up
            to the next one; the vectors of tokens go with the first. -1 is the last, and the names
            of `get_feature_names_out` are those of its features.

        Returns
        -------
        ndarray of shape (n_samples, n_units), or (n_samples, n_steps, n_units)
            The latter with `per_step`, and of a layer that another one reads step by step; zero
            behind the end of a sequence.
        """
        check_is_fitted(self)
        x, lengths = self._inputs(self._check_X(X, reset=False))
        with self._computing(self.network_, x):
            encoded = hidden_outputs(type(self).__name__, self.network_, x, lengths, layer)
        if lengths is not None and encoded.ndim == 3:
            encoded[np.arange(encoded.shape[1]) >= lengths[:, None]] = 0.0
        return self._finite(encoded)

    @property
    def _n_features_out(self) -> int:
        self._require_fit()
        root: Any = self.network_.root
        return root.layers[-1].weight.shape[0]

    @property
    def vocabulary_(self) -> NDArray[Any] | None:
        """The tokens that `fit` has seen."""
        self._require_fit()
        return None if self._reader is None else self._reader.vocabulary

    @property
    def n_steps_(self) -> int:
        """Length of the longest sequence that `fit` has seen."""
        self._require_fit()
        return int(self.network_.input_shape[0])

    def score(self, X: ArrayLike, y: Any, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy, or R2, on given sequences; with `per_step`, over all their steps.

        Parameters
        ----------
        X : array-like
            Sequences, as for `fit`.
        y : array-like
            Targets, as for `fit`.
        sample_weight : array-like of shape (n_samples,), default=None
            What each sequence counts.

        Returns
        -------
        float
            At most 1.
        """
        if not self.per_step:
            return super().score(X, y, sample_weight)
        check_is_fitted(self)
        sequences, values = self._check_data(X, y, reset=False)
        weight = check_sample_weight(sample_weight, values)
        return self._own_score(self._predictions(sequences), values, weight)

    def _input_layers(self, size: int) -> list[Layer]:
        """Return what turns tokens into vectors, where `X` holds tokens."""
        if self._reader is None or self._reader.vocabulary is None:
            return []
        reads_unknown = bool(self._reader.reads_unknown)
        return [token_vectors(self._reader.n_tokens, size, reads_unknown=reads_unknown)]

    def _start(self, *data: Any) -> None:
        super()._start(*data)
        known = getattr(self._donor(), "_reader", None)
        reads_unknown = getattr(self._reader, "reads_unknown", False)
        if reads_unknown and known is not None and not known.reads_unknown:
            table: Any = self.network_.layers()[0]
            table.weight[0] = 0.0  # where the other's means nothing

    def _known_shape(self) -> tuple[int, ...] | None:
        return None if self.sequence_shape == "auto" else tuple(self.sequence_shape)

    def _outline(self, shape: Any, n_outputs: int) -> tuple[Layer, Any]:
        if not self.__sklearn_is_fitted__():
            self.__dict__["_reader"] = None
        return super()._outline(shape, n_outputs)

    # How sequences are changed

    def _new_augmenter(self, steps: list[Any], n_features: int, seed: int) -> Augmenter:
        changes = [step for step in steps if isinstance(step, Augmentation)]
        if changes and self.network_.root.input_dtype is not None:
            raise ValueError(
                f"{type(self).__name__} reads tokens, to which nothing can be added. Got "
                f"augment={self.augment!r}; set augment=None, or give a function of batches that "
                "puts other tokens in."
            )
        return super()._new_augmenter(steps, n_features, seed)

    def _examples(
        self, samples: Samples, weight: NDArray[Any] | None
    ) -> tuple[NDArray[Any], NDArray[Any] | None]:
        """Return the valid steps of all sequences, one below the other."""
        x = samples.x
        if self.network_.root.input_dtype is not None:
            return x, weight
        n, n_steps = x.shape[:2]
        if samples.lengths is None:
            return x.reshape(n * n_steps, -1), None if weight is None else weight.repeat(n_steps)
        valid = np.arange(n_steps) < samples.lengths[:, None]
        return x[valid], None if weight is None else weight.repeat(samples.lengths)

    # How the base sees sequences

    _takes_chunks = True

    @property
    def _tells_steps(self) -> bool:  # type: ignore[override]
        return self.per_step

    def _check_chunk(self, lengths: NDArray[np.intp] | None) -> None:
        owner = f"{type(self).__name__}.fit takes Chunks of"
        if self.per_step:
            raise ValueError(f"{owner} sequences with one target each, not per_step=True.")
        if self._reader is not None and self._reader.vocabulary is not None:
            raise ValueError(
                f"{owner} numbers. Text and tokens must be seen at once, for their vocabulary is "
                "learned of all."
            )
        if lengths is not None:
            raise ValueError(
                f"{owner} sequences of one length; cut them to windows, or sort them by length "
                "and give those of each length to partial_fit."
            )

    def _answers(self, X: Any, *decode: Callable[[NDArray[Any]], Any]) -> list[Any]:
        if not self.per_step:
            return super()._answers(X, *decode)
        check_is_fitted(self)
        sequences = self._check_X(X, reset=False)
        answers, lengths = super()._answers(sequences, *decode), sequences.lengths
        if lengths is None:
            return answers
        return [
            [row[:length] for row, length in zip(decoded, lengths, strict=True)]
            for decoded in answers
        ]

    def _check_X(self, X: Any, *, reset: bool) -> Sequences:
        if isinstance(X, Sequences):  # checked before, as a scorer's
            return X
        if reset:
            self._reader = None
            if not is_flat(X, tokens=self.tokens):
                self._reader = self._new_reader(X)
        if self._reader is None:
            if not (reset or is_flat(X, tokens=self.tokens)):
                raise ValueError(
                    "X must be a table of numbers with a sequence in each row, all of "
                    f"{self.n_steps_} steps, as `fit` has read them. To read sequences of other "
                    "lengths, too, fit arrays of shape (n_steps, n_features)."
                )
            return self._as_steps(super()._check_X(X, reset=reset))
        if reset:
            self.n_features_in_ = self._reader.n_features or 1
            self.__dict__.pop("feature_names_in_", None)
        return self._reader.read(X)

    def _new_reader(self, X: Any) -> SequenceReader:
        """Return what reads sequences like these: tokens by the numbers that `init_from` has."""
        reads_unknown = self.handle_unknown == "ignore"
        reader = SequenceReader(X, tokens=self.tokens, reads_unknown=reads_unknown)
        known = getattr(getattr(self._donor(), "_reader", None), "vocabulary", None)
        if reader.vocabulary is not None and known is not None:
            reader.vocabulary = known
        return reader

    def _check_data(self, X: Any, y: Any, *, reset: bool) -> tuple[Sequences, Any]:
        if not self.per_step or y is None:
            return super()._check_data(X, y, reset=reset)
        sequences = self._check_X(X, reset=reset)
        if not isinstance(y, StepValues):
            y = StepValues(y, sequences, numeric=self._y_is_numeric)
        return sequences, y

    def _as_steps(self, rows: NDArray[Any]) -> Sequences:
        """Return rows of a table as sequences."""
        if self.sequence_shape == "auto":
            return Sequences(rows[:, :, None])
        n_steps, d = self.sequence_shape
        if rows.shape[1] != n_steps * d:
            raise ValueError(
                f"sequence_shape={self.sequence_shape!r} needs {n_steps} * {d} = {n_steps * d} "
                f"features a row, but X has {rows.shape[1]} features."
            )
        return Sequences(rows.reshape(len(rows), n_steps, d))

    def _above(self) -> Any:
        """Return the classifier or regressor behind this class."""
        return super()

    def _learn_targets(self, y: Any, weight: Any, classes: Any) -> Any:
        if not self.per_step:
            return self._above()._learn_targets(y, weight, classes)
        return StepTargets(self._above()._learn_targets(y.valid, y.of_steps(weight), classes))

    def _check_targets(self, y: Any, what: str) -> None:
        self._above()._check_targets(y.valid if self.per_step else y, what)

    def _own_score(self, predictions: NDArray[Any], y: Any, weight: Any) -> float:
        if not self.per_step:
            return self._above()._own_score(predictions, y, weight)
        return self._above()._own_score(predictions[y.mask], y.valid, y.of_steps(weight))

    def _as_scored(self, y: Any, weight: Any) -> tuple[Any, Any, Any]:
        scored, y, weight = super()._as_scored(y, weight)
        if not self.per_step:
            return scored, y, weight
        return StepsAsSamples(scored), y.valid, y.of_steps(weight)

    def _class_weights(self, y: Any, weight: Any, incremental: bool) -> Any:
        if self.per_step and getattr(self, "class_weight", None) is not None:
            raise ValueError(
                f"{type(self).__name__} takes class_weight or per_step=True, not both: a sequence "
                "with a class for every step has no class of its own."
            )
        return self._above()._class_weights(y, weight, incremental)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.string = True
        return tags
