"""Fitted estimators as plain data: what pickle and skops see of them.

A network holds layers, an optimizer, a schedule and more. A file that names the classes of all
these asks whoever opens it to trust each, and breaks when one of them moves. So an estimator's
state holds arrays, numbers, text and containers of these; each object of the package in it is
written as the name of its class and its own state, and made again from that.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from types import FunctionType
from typing import Any

__all__ = ["PlainState", "from_plain", "to_plain"]

OBJECT, CLASS, FUNCTION, PARTIAL, SAME = (
    f"skdeep.{name}" for name in ("object", "class", "function", "partial", "same")
)
# What a file may name. The command line and comparisons, which write files, are not there.
PACKAGES = tuple(
    f"skdeep.{name}."
    for name in ("linear_model", "neighbors", "neural_network", "nn", "preprocessing")
)


class PlainState:
    """A base of estimators whose state is plain data; it stands before ``BaseEstimator``.

    Objects of classes that are not of the package, such as layers of your own, stay what they are.
    Older states, which held objects, are read as well.
    """

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes as plain data."""
        state = super().__getstate__()
        return _Writer().contents(state)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the attributes from plain data."""
        super().__setstate__(_Reader().contents(state))  # type: ignore[misc]


def to_plain(value: Any) -> Any:
    """Return a value with the objects of the package in it written as plain data.

    Parameters
    ----------
    value : object
        Containers are searched; one object met twice is written once.

    Returns
    -------
    object

    Examples
    --------
    >>> from skdeep.nn.schedules import Constant
    >>> from skdeep.utils.saving.plain_state import from_plain, to_plain
    >>> plain = to_plain({"schedule": Constant(0.1)})
    >>> sorted(plain["schedule"])
    ['skdeep.object', 'skdeep.same', 'state']
    >>> type(from_plain(plain)["schedule"]).__name__
    'Constant'
    """
    return _Writer().contents(value)


def from_plain(value: Any) -> Any:
    """Return what `to_plain` was given.

    Parameters
    ----------
    value : object
        Plain data.

    Returns
    -------
    object

    Raises
    ------
    ValueError
        If it names something that is no class of the package, or no function of it.
    """
    return _Reader().contents(value)


class _Writer:
    def __init__(self) -> None:
        self.places: dict[int, int] = {}
        self.kept: list[Any] = []  # so that no other object gets the same id

    def contents(self, value: Any) -> Any:
        kind = type(value)
        if kind in (dict, list, tuple):
            return _each(value, self.contents)
        if isinstance(value, partial):
            function, *rest = (value.func, list(value.args), dict(value.keywords))
            if not _is_ours(function):
                return value
            return {PARTIAL: _name(function), "state": self.contents(rest)}
        if isinstance(value, type) and _is_ours(value):
            return {CLASS: _name(value)}
        if isinstance(value, FunctionType) and _is_ours(value):
            return {FUNCTION: _name(value)}
        if _is_ours(kind) and not isinstance(value, (tuple, list, dict)):
            return self._object(value)
        return value

    def _object(self, value: Any) -> Any:
        if id(value) in self.places:
            return {SAME: self.places[id(value)]}
        self.kept.append(value)
        place = self.places[id(value)] = len(self.places)
        state = value.__getstate__()
        if isinstance(state, tuple):  # with slots
            state = {**(state[0] or {}), **state[1]}
        if not isinstance(value, PlainState):  # that one is plain already, and counts for itself
            state = self.contents(state or {})
        return {OBJECT: _name(type(value)), SAME: place, "state": state}


class _Reader:
    def __init__(self) -> None:
        self.objects: dict[int, Any] = {}

    def contents(self, value: Any) -> Any:
        if type(value) is dict:
            if OBJECT in value:
                return self._object(value)
            if SAME in value:
                return self.objects[value[SAME]]
            if CLASS in value:
                return _found(value[CLASS], type)
            if FUNCTION in value:
                return _found(value[FUNCTION], FunctionType)
            if PARTIAL in value:
                args, keywords = self.contents(value["state"])
                return partial(_found(value[PARTIAL], (FunctionType, type)), *args, **keywords)
            return _each(value, self.contents)
        if type(value) in (list, tuple):
            return _each(value, self.contents)
        return value

    def _object(self, value: dict[str, Any]) -> Any:
        cls = _found(value[OBJECT], type)
        made = self.objects[value[SAME]] = cls.__new__(cls)
        state = value["state"]
        if not isinstance(made, PlainState):
            state = self.contents(state)
        if hasattr(made, "__setstate__"):
            made.__setstate__(state)
        else:
            for name, item in state.items():
                object.__setattr__(made, name, item)
        return made


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return a dict, list or tuple with each entry changed: itself where none is.

    So what is in two places, as the columns of a history are, stays one object, which a pickle
    holds once.
    """
    entries = value.values() if type(value) is dict else value
    changed = [change(entry) for entry in entries]
    if all(new is old for new, old in zip(changed, entries, strict=True)):
        return value
    if type(value) is dict:
        return dict(zip(value, changed, strict=True))
    return type(value)(changed)


def _is_ours(value: Any) -> bool:
    """Say whether a class or a function can be found by its name in the package."""
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", "<")
    return f"{module}.".startswith(PACKAGES) and "<" not in name and "." not in name


def _name(value: Any) -> str:
    return f"{value.__module__}:{value.__qualname__}"


def _found(name: str, kind: type | tuple[type, ...]) -> Any:
    module, _, own = str(name).partition(":")
    found = None
    if f"{module}.".startswith(PACKAGES):
        found = getattr(importlib.import_module(module), own, None)
    if not isinstance(found, kind) or not _is_ours(found) or _name(found) != name:
        raise ValueError(f"The state of an estimator names {name!r}, which is not of skdeep.")
    return found
