"""A fit that can stop and go on: the state of its run, and what tells it from other fits."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from skdeep._version import __version__
from skdeep.neural_network.training.chunked import ChunkedSamples
from skdeep.neural_network.training.samples import Samples
from skdeep.nn import Network

__all__ = ["ResumableFit"]

# What may differ between the fit that stopped and the one that goes on.
_FREE = frozenset({"verbose"})


class ResumableFit:
    """What a fit gives to a callback that writes checkpoints, and takes from it.

    Parameters
    ----------
    run : Run or several of them as one
        With `n_epochs`, `state` and `load`.
    parameters : dict
        Those of the estimator.
    data : dict from str to (Samples or array or None)
        What it learns from, by a name for messages.

    Attributes
    ----------
    has_warned : bool
        Whether the user knows already that it cannot be saved.
    """

    has_warned = False

    def __init__(self, run: Any, parameters: dict[str, Any], data: dict[str, Any]) -> None:
        self.run, self._parameters, self._data = run, parameters, data
        self._identity: dict[str, dict[str, str]] | None = None

    @property
    def n_epochs(self) -> int:
        """How many epochs of this fit are done."""
        return self.run.n_epochs

    def state(self) -> dict[str, Any]:
        """Return all that the rest of the fit depends on, as plain data."""
        return {"identity": self.identity(), "run": self.run.state()}

    def load(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned in another process.

        Raises
        ------
        ValueError
            If that was a fit of other data, with other parameters, or of another version of skdeep;
            the message names what differs.
        """
        there = state["identity"]
        here = self.identity()
        found = [
            text.format(name=name, there=there[part].get(name, "not there"), here=value)
            for part, text in _DIFFERENCES.items()
            for name, value in here[part].items()
            if there[part].get(name) != value
        ]
        found += [f"{name} was there" for name in there["data"] if name not in here["data"]]
        if found:
            raise ValueError("; ".join(found))
        self.run.load(state["run"])

    def identity(self) -> dict[str, dict[str, str]]:
        """Return what tells this fit from others, as text: version, parameters, data."""
        if self._identity is None:
            self._identity = {
                "version": {"skdeep": __version__},
                "parameters": {
                    name: _described(value)
                    for name, value in self._parameters.items()
                    if name not in self._free()
                },
                "data": {
                    name: text
                    for label, value in self._data.items()
                    for name, text in _prints(label, value)
                },
            }
        return self._identity

    def _free(self) -> frozenset[str]:
        """Return the parameters that may be others: `max_iter`, where no epoch depends on it."""
        schedule = getattr(self.run, "schedule", None)
        planned = schedule is None or hasattr(schedule, "n_epochs")
        if planned or self._parameters.get("average") == "swa":
            return _FREE
        return _FREE | {"max_iter"}


_DIFFERENCES = {
    "version": "it is of {name} {there}, this is {here}",
    "parameters": "it has {name}={there}, not {here}",
    "data": "its {name} is {there}, not {here}",
}


def _described(value: Any) -> str:
    """Return a text that is the same in every process, and another one for other numbers."""
    text, numbers = re.sub(r" at 0x[0-9a-f]+", "", repr(value)), list(_numbers(value))
    return f"{text} ({_digest(*numbers)})" if numbers else text


def _numbers(value: Any) -> Iterator[NDArray[Any]]:
    """Yield what the text of a parameter leaves out: middles of arrays, weights of networks."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _numbers(part)
    elif isinstance(value, Network):
        yield from map(np.asarray, (value.params, value.statistics, value.frozen))
    elif hasattr(value, "fit"):
        model = getattr(value, "estimator", value)  # of a FrozenEstimator
        for attribute in ("network_", "networks_"):
            yield from _numbers(getattr(model, attribute, None))


def _prints(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield names and fingerprints of what is in a value."""
    if isinstance(value, ChunkedSamples):
        prints = [list(_prints(name, part)) for part in value.parts()]
        yield name, f"{len(prints)} chunks ({_digest(np.frombuffer(repr(prints).encode(), 'u1'))})"
    elif isinstance(value, Samples):
        parts = {
            "": value.x,
            " targets": value.target,
            " weights": value.weight,
            " lengths": value.lengths,
        }
        for what, part in parts.items():
            yield from _prints(name + what, part)
    elif isinstance(value, tuple):
        for i, part in enumerate(value):
            yield from _prints(f"{name} part {i}", part)
    elif sparse.issparse(value):
        held = _digest(value.data, value.indices, value.indptr)
        yield name, f"{value.dtype} of shape {value.shape} ({held})"
    elif value is not None:
        yield name, f"{value.dtype} of shape {value.shape} ({_digest(value)})"


def _digest(*arrays: Any) -> str:
    held = hashlib.blake2b(digest_size=8)
    for array in arrays:
        held.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return held.hexdigest()
