"""How members are trained: one by one, on several cores, or side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed

from skdeep.neural_network.ensembles.together import fit_together
from skdeep.neural_network.training.messages import INTERRUPTED
from skdeep.utils.threads import jobs_inside
from skdeep.utils.user_warnings import Warned, collected_warnings, warn_user

__all__ = ["draw", "draw_of_a_stream", "fit_members", "go_on_with_members"]


def fit_members(
    members: Sequence[Any],
    each: Sequence[dict[str, Any]],
    X: Any,
    y: Any,
    *,
    n_jobs: int | None,
    side_by_side: str | bool,
) -> list[Any]:
    """Fit estimators, which are equal but for their seeds.

    Parameters
    ----------
    members : sequence of estimators
    each : sequence of dict
        What each is given besides, as keywords of `fit`.
    X, y
        As for `fit`.
    n_jobs : int or None
    side_by_side : {'auto', True, False}
        As `NetworkEnsemble` takes it.
    """
    alone = len(members) == 1 or effective_n_jobs(jobs_inside(n_jobs)) > 1
    if side_by_side is True or (side_by_side == "auto" and not alone):
        twins = [clone(member) for member in members]
        with collected_warnings() as warned:
            fitted = fit_together(twins, each, X, y, must=side_by_side is True)
        if fitted is not None:
            _tell_once(warned, len(members))
            return fitted
    return _each(_fit, members, each, X, y, n_jobs=n_jobs)


def go_on_with_members(
    members: Sequence[Any], each: Sequence[dict[str, Any]], X: Any, y: Any, *, n_jobs: int | None
) -> list[Any]:
    """Train fitted estimators for an epoch; the parameters are those of `fit_members`."""
    return _each(_go_on, members, each, X, y, n_jobs=n_jobs)


def _each(
    train: Callable[..., Any],
    members: Sequence[Any],
    each: Sequence[dict[str, Any]],
    X: Any,
    y: Any,
    *,
    n_jobs: int | None,
) -> list[Any]:
    """Return what ``train(member, X, y, **more)`` makes of each member, with warnings told once.

    After Ctrl-C these are fewer: one press ends all.
    """
    if effective_n_jobs(jobs_inside(n_jobs)) == 1:
        found = _until_interrupted(train, members, each, X, y)
    else:
        found = Parallel(n_jobs=jobs_inside(n_jobs))(
            delayed(_told)(train, member, X, y, more)
            for member, more in zip(members, each, strict=True)
        )
    _tell_once([warning for _, warned in found for warning in warned], len(members))
    return [member for member, _ in found]


def _until_interrupted(
    train: Callable[..., Any],
    members: Sequence[Any],
    each: Sequence[dict[str, Any]],
    X: Any,
    y: Any,
) -> list[tuple[Any, list[Warned]]]:
    """Train one by one; where one says that the user has interrupted it, go without the rest.

    It counts itself only if it is the first: hardly trained, it would spoil the others' mean.
    """
    found: list[tuple[Any, list[Warned]]] = []
    for member, more in zip(members, each, strict=True):
        trained, warned = _told(train, member, X, y, more)
        if (INTERRUPTED, UserWarning) not in warned or len(members) == 1:
            found.append((trained, warned))
            continue
        if train is _go_on:  # the others could not catch up
            raise KeyboardInterrupt
        found = found or [(trained, [])]
        warn_user(f"{INTERRUPTED} The ensemble has {len(found)} of {len(members)} members.")
        break
    return found


def _told(
    train: Callable[..., Any], member: Any, X: Any, y: Any, more: dict[str, Any]
) -> tuple[Any, list[Warned]]:
    """Return a member that is trained, and what it warns of."""
    with collected_warnings() as warned:
        member = train(member, X, y, **more)
    return member, list(dict.fromkeys(warned))


def _tell_once(warned: Iterable[Warned], n_members: int) -> None:
    """Warn of each thing once, and say how many members do."""
    for (text, category), count in Counter(warned).items():
        which = f" (So {count} of {n_members} members.)" if n_members > 1 else ""
        warn_user(text + which, category)


def _fit(member: Any, X: Any, y: Any, **more: Any) -> Any:
    return member.fit(X, y, **more)


def _go_on(member: Any, X: Any, y: Any, **more: Any) -> Any:
    return member.partial_fit(X, y, **more)


def draw(weight: NDArray[np.float64], random_state: np.random.RandomState) -> NDArray[Any]:
    """Return how often each sample is drawn: as many draws as samples, by their weights."""
    return random_state.multinomial(len(weight), weight / weight.sum())


def draw_of_a_stream(
    weight: NDArray[np.float64], random_state: np.random.RandomState
) -> NDArray[Any]:
    """Return how often each sample is drawn where nobody knows how many there will be.

    What a binomial count of n draws of n samples comes to for many: Poisson's of mean one (N. C.
    Oza, S. Russell, "Online bagging and boosting", AISTATS 2001).
    """
    counts = random_state.poisson(size=len(weight))
    if not (counts * weight).any():
        counts[weight.argmax()] = 1
    return counts
