"""Members of an ensemble that are trained side by side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skdeep.neural_network.base import BaseNetwork
from skdeep.neural_network.training.samples import Samples
from skdeep.neural_network.training.stochastic import StochasticFit
from skdeep.neural_network.training_params import STOCHASTIC_SOLVERS
from skdeep.nn import Batches, Network, SideBySide
from skdeep.nn.side_by_side import ApartError, Epoch, why_apart

__all__ = ["fit_together"]

# Up to so many multiplications of a layer in a step, times the bytes of a number, products take no
# longer than the calls around them (benchmarks/bench_ensembles.py).
_SMALL = 2**21


def fit_together(
    members: Sequence[Any], each: Sequence[dict[str, Any]], X: Any, y: Any, *, must: bool
) -> list[Any] | None:
    """Fit networks of equal parameters but for their seeds side by side, where that is faster.

    Parameters
    ----------
    members : sequence of estimators
        Not fitted; what becomes of them where None is returned is no fit.
    each : sequence of dict
        What each is given besides, as keywords of `fit`.
    X, y
        As for `fit`.
    must : bool
        Whether also where it may be slower.

    Returns
    -------
    list of estimators, or None
        None if they are to be fitted one by one.

    Raises
    ------
    ValueError
        If they `must`, and cannot.
    """
    reason = _why_alone(members[0])
    if reason is None:
        first = _prepare(members[0], each[0], X, y)
        reason = why_apart(first.fit.run, first.batches)
    if reason is not None:
        if must:
            raise ValueError(
                f"side_by_side=True is for dense networks alike. Got {type(members[0]).__name__} "
                f"with {reason}; use side_by_side='auto'."
            )
        return None
    if not must and not _is_small(members[0].network_, first.batches.batch_size):
        return None
    prepared = [first]
    for member, metadata in zip(members[1:], each[1:], strict=True):
        prepared.append(_prepare(member, metadata, X, y, first.batches.x))
    try:
        _train(prepared)
    except ApartError:  # by itself, each says what is wrong with it
        return None
    for one in prepared:
        one.member._end_training(one.samples, one.fit.tasks)
    return list(members)


class _Prepared(NamedTuple):
    """A member before its first epoch."""

    member: Any
    samples: Samples
    fit: StochasticFit
    batches: Batches
    rows: NDArray[np.intp] | None


def _prepare(member: Any, metadata: dict[str, Any], X: Any, y: Any, x: Any = None) -> _Prepared:
    """Return a member before its first epoch; `x` is what another has made of `X` already."""
    weight = metadata.get("sample_weight")
    validation = tuple(map(metadata.get, ("X_val", "y_val", "sample_weight_val")))
    samples, rows, held_out, given = member._prepare(X, y, weight, validation)
    if x is not None:
        samples.x = x
    fit = member._begin_epochs(samples, rows, held_out, given, quiet=True)
    return _Prepared(member, samples, fit, member._batches(samples, rows), rows)


def _is_small(network: Network, batch_size: int) -> bool:
    return batch_size * network.largest_cost * np.dtype(network.dtype).itemsize <= _SMALL


def _train(prepared: Sequence[_Prepared]) -> None:
    """Go through all epochs of all fits; each ends by itself."""
    fits, batches, rows = zip(*((one.fit, one.batches, one.rows) for one in prepared), strict=True)
    together = SideBySide([fit.run for fit in fits], batches, rows)
    with together.working():
        while going := [fit for fit in fits if not fit.ended]:
            epochs: Sequence[Epoch | KeyboardInterrupt]
            try:
                epochs = together.epoch([fit.run for fit in going])
            except KeyboardInterrupt as interrupt:
                epochs = [interrupt] * len(going)
            for fit, epoch in zip(going, epochs, strict=True):
                fit.epoch(partial(_write_down, fit, epoch))
        for fit in fits:
            fit.end()


def _write_down(fit: StochasticFit, epoch: Epoch | KeyboardInterrupt) -> None:
    if isinstance(epoch, KeyboardInterrupt):
        raise epoch
    fit.run.end_epoch(fit.validate, **vars(epoch))


def _why_alone(member: Any) -> str | None:
    """Return why a member must be trained by itself, by its parameters, None if it need not."""
    if not isinstance(member, BaseNetwork) or not member._side_by_side:
        return "another architecture"
    if getattr(member, "augment", None) is not None:
        return f"augment={member.augment!r}"
    if member.solver not in STOCHASTIC_SOLVERS:
        return f"solver={member.solver!r}"
    if hasattr(member, "_skl_callbacks"):
        return "callbacks"
    return "verbose=True" if member.verbose else None
