"""Samples that do not fit in memory: checked and encoded a chunk at a time, in every epoch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.data import Chunks
from skdeep.neural_network.training.samples import Samples
from skdeep.neural_network.training.survey import Survey, checked_chunks
from skdeep.neural_network.training_params import STOCHASTIC_SOLVERS
from skdeep.nn import Batch, ChunkedBatches, Network
from skdeep.nn.shapes.inputs import sample_shape
from skdeep.utils.class_weights import weigh_classes

__all__ = ["ChunkedSamples", "check_chunks", "joined_samples"]


def check_chunks(estimator: Any, y: Any, sample_weight: Any, X_val: Any) -> None:
    """Raise ValueError or TypeError if the estimator cannot be fitted on chunks as it is."""
    owner = type(estimator).__name__
    if not estimator._takes_chunks:
        raise TypeError(
            f"{owner}.fit takes no Chunks, for its data must be seen at once; multilayer "
            "perceptrons, networks of pictures and of sequences, and autoencoders take them."
        )
    for name, value in (("y", y), ("sample_weight", sample_weight)):
        if value is not None:
            raise ValueError(f"Chunks bring their own {name}; leave {name} at None.")
    if estimator.solver not in STOCHASTIC_SOLVERS:
        raise ValueError(
            f"{owner} with solver={estimator.solver!r} takes all data at each step. For chunks, "
            "use solver='adam' or 'sgd'."
        )
    if estimator.early_stopping and X_val is None:
        raise ValueError(
            "early_stopping=True with chunks needs validation samples: pass X_val, such as the "
            "second part of chunks.split(0.1)."
        )


def joined_samples(estimator: Any, chunks: Chunks) -> Samples:
    """Return all chunks of validation samples as one.

    Raises
    ------
    ValueError
        If there are none, some have weights and others not, or none has any weight.
    """
    dtype, parts = estimator.network_.dtype, []
    for X, y, weight in checked_chunks(estimator, chunks):
        if X is None:
            continue
        estimator._check_targets(y, "y_val")
        weight = None if weight is None else weight.astype(dtype)
        target = estimator._targets.encode(y, dtype)
        x, lengths = estimator._inputs(X)
        estimator._check_chunk(lengths)
        parts.append(Samples(X, y, x, lengths, target, weight))
    if not parts:
        raise ValueError("X_val has no samples: all of its chunks are empty.")
    if len(shapes := {sample_shape(part.x) for part in parts}) > 1:
        raise ValueError(f"The chunks of X_val have samples of shapes {sorted(shapes)}.")
    if len({part.weight is None for part in parts}) > 1:
        raise ValueError("Some chunks of X_val have a sample_weight and others none.")
    if parts[0].weight is not None and not any(np.any(part.weight) for part in parts):
        raise ValueError("sample_weight of X_val: those of all chunks are zero.")
    return Samples.joined(parts)


class ChunkedSamples:
    """Samples in chunks, in place of `Samples` where these are trained on.

    Parameters
    ----------
    estimator : BaseNetwork
        With the targets that it learned.
    chunks : Chunks
    survey : Survey
    """

    def __init__(self, estimator: Any, chunks: Chunks, survey: Survey) -> None:
        self._estimator, self._chunks, self._survey = estimator, chunks, survey
        self._by_class = self._weigh_classes()

    def __len__(self) -> int:
        return sum(self._survey.sizes)

    @property
    def some(self) -> Samples:
        """Those of the first chunk, read anew."""
        return next(self.parts())

    def _weigh_classes(self) -> NDArray[np.float64] | None:
        """Return what each class counts by `class_weight`."""
        given, survey = getattr(self._estimator, "class_weight", None), self._survey
        if given is None:
            return None
        if len(survey.classes) != 1 or isinstance(given, list):
            raise ValueError(
                f"class_weight={given!r} with chunks is for one class a sample; for others, give "
                "the chunks a sample_weight."
            )
        (classes,), (counts,) = survey.classes, survey.class_counts
        return weigh_classes(given, classes, np.arange(len(classes)), counts)

    def parts(self, order: NDArray[np.intp] | None = None) -> Iterator[Samples]:
        """Yield the samples of one chunk after the other.

        Raises
        ------
        ValueError
            If there are not the chunks that there were.
        """
        estimator, sizes = self._estimator, self._survey.sizes
        dtype = estimator.network_.dtype
        expected = iter(range(len(sizes)) if order is None else order)
        for X, y, weight in checked_chunks(estimator, self._chunks, order):
            n = next(expected, None)
            if n is None or y.shape[0] != sizes[n]:
                raise ValueError(_changed(n, y.shape[0]))
            if X is None:
                continue
            estimator._check_targets(y, "y of a chunk")
            if self._by_class is not None:
                by_class = self._by_class[np.searchsorted(self._survey.classes[0], y)]
                weight = by_class if weight is None else weight * by_class
            weight = None if weight is None else weight.astype(dtype)
            target = estimator._targets.encode(y, dtype)
            x, lengths = estimator._inputs(X)
            yield Samples(X, y, x, lengths, target, weight)
        if (n := next(expected, None)) is not None:
            raise ValueError(_changed(n, 0))

    def batches(self, network: Network, batch_size: int) -> ChunkedBatches:
        """Return them in batches of the network's types."""

        def read(order: NDArray[np.intp] | None) -> Iterator[Batch]:
            for part in self.parts(order):
                yield Batch(part.x, part.target, part.weight, part.lengths)

        return ChunkedBatches(
            read,
            len(self),
            batch_size,
            network.dtype,
            n_chunks=self._chunks.n_chunks,
            mix=self._chunks.mix,
            input_dtype=network.root.input_dtype,
        )

    def target_mean(self) -> NDArray[Any]:
        """Return the mean of each output's targets."""
        return self._survey.mean

    def target_moments(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return mean and standard deviation of numbers, in the user's units."""
        return self._survey.mean, self._survey.deviation


def _changed(n: Any, n_rows: int) -> str:
    what = "There are more chunks" if n is None else f"Chunk {n} has {n_rows} rows"
    return (
        f"The chunks differ from those that were read first: {what}. An epoch must read the same."
    )
