"""Batches as training sees them: changed by a transform, several at a time where that is faster."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from skdeep.nn.batches import Batch, Batches

__all__ = ["changed_batches"]


def changed_batches(
    batches: Any, order: Any, transform: Callable[[Batch, Any], Batch] | None, rng: Any
) -> Iterator[Batch]:
    """Return the batches of an epoch after `transform`, each good until the next.

    A transform with an attribute `at_once`, the numbers that it changes best at a time, is given
    as many batches as have no more of them, one after the other in one: what it reads and
    writes then stays in a core's caches, and its draws are few.

    Parameters
    ----------
    batches : Batches or ChunkedBatches
    order : ndarray of int, ChunkOrder or None
    transform : callable or None
        ``transform(batch, rng) -> Batch``.
    rng : numpy.random.Generator or None
    """
    if transform is None:
        return batches.epoch(order)
    return _changed(batches, order, transform, rng)


def _changed(
    batches: Any, order: Any, transform: Callable[[Batch, Any], Batch], rng: Any
) -> Iterator[Batch]:
    size, at_once = batches.batch_size, getattr(transform, "at_once", 0)
    given: Iterable[Batch]
    if not at_once:
        given = batches.epoch(order)
    elif isinstance(batches, Batches):
        several = at_once // max(1, size * math.prod(batches.x.shape[1:]))
        given = batches.epoch(order, max(1, several))
    else:
        given = _joined(batches.epoch(order), at_once)
    for batch in given:
        changed = transform(batch, rng)
        if not isinstance(changed, Batch):
            raise TypeError(
                f"A transform of batches must return a skdeep.nn.Batch, such as "
                f"batch._replace(x=...); {transform!r} returned {changed!r}."
            )
        yield from changed.in_pieces(size)


def _joined(batches: Iterator[Batch], at_once: int) -> Iterator[Batch]:
    """Yield as many batches in one as have no more numbers than `at_once`, copied."""
    for first in batches:
        several = max(1, at_once // max(1, first.x.size))
        own = [_copied(first), *map(_copied, islice(batches, several - 1))]
        yield Batch(
            *(
                None if parts[0] is None else np.concatenate(parts)
                for parts in zip(*own, strict=True)
            )
        )


def _copied(batch: Batch) -> Batch:
    return Batch(*(None if part is None else part.copy() for part in batch))
