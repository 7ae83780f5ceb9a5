"""Rules for constructor parameters, and the one sentence a broken rule raises.

A rule says what it allows three times: to the program (`allows`), to the reader of an error
(`text`), and to the reader of a docstring (`kind`). Rules are joined by ``|``.

>>> from skdeep.utils.params import check_params, one_of, real
>>> class Estimator:
...     def __init__(self, alpha=-1.0, solver="adam"):
...         self.alpha, self.solver = alpha, solver
>>> rules = {"alpha": [real(0)], "solver": [one_of("sgd", "adam")]}
>>> (one_of("auto") | real(0)).kind
"'auto' or float >= 0"
>>> check_params(Estimator(), rules)
Traceback (most recent call last):
    ...
ValueError: The 'alpha' parameter of Estimator must be a real number in [0, inf). Got -1.0 instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Number
from typing import Any

import numpy as np

__all__ = [
    "Rule",
    "boolean",
    "check_params",
    "check_value",
    "folds",
    "integer",
    "jobs",
    "none",
    "one_of",
    "random_state",
    "real",
    "rule",
    "sequence_of",
]


# Fractions and others are real numbers, too, but no array can compute with them; and NumPy's of 8
# and 16 bits overflow where they are multiplied.
_INTEGERS = (int, np.integer)
_REALS = (float, np.floating, *_INTEGERS)


@dataclass(frozen=True)
class Rule:
    """One kind of value that a parameter may take.

    Attributes
    ----------
    text : str
        What is allowed, as it reads after "must be".
    allows : callable
        ``allows(value) -> bool``.
    kinds : tuple of str
        The types in the words of numpydoc, such as "float >= 0".
    """

    text: str
    allows: Callable[[Any], bool]
    kinds: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """All kinds in one phrase, None last: "int, 'auto' or None"."""
        *most, last = sorted(self.kinds, key=lambda kind: kind == "None")
        return f"{', '.join(most)} or {last}" if most else last

    def __or__(self, other: Rule) -> Rule:
        """Return the rule that allows what either of two allows."""

        def allows(value: Any) -> bool:
            return self.allows(value) or other.allows(value)

        return Rule(f"{self.text}, or {other.text}", allows, self.kinds + other.kinds)


def rule(text: str, allows: Callable[[Any], bool], *kinds: str) -> Rule:
    """Return a rule of one's own: what is allowed in words, as a predicate, and as types."""
    return Rule(text, allows, kinds)


def _interval(
    kind: Any, low: float | None, high: float | None, closed: str
) -> Callable[[Any], bool]:
    with_low, with_high = closed in ("both", "left"), closed in ("both", "right")

    def allows(value: Any) -> bool:
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, kind) or _is_narrow(value):
            return False
        if value != value or not _is_float(value):  # NaN
            return False
        above = low is None or (value >= low if with_low else value > low)
        below = high is None or (value <= high if with_high else value < high)
        return bool(above and below)

    return allows


def _is_narrow(value: Any) -> bool:
    """Tell whether a number is NumPy's, of less than 32 bits."""
    return isinstance(value, np.number) and value.dtype.itemsize < 4


def _is_float(value: Any) -> bool:
    """Tell whether a number is within the range of floats; infinity is."""
    try:
        float(value)
    except OverflowError:
        return False
    return True


def _interval_text(low: float | None, high: float | None, closed: str) -> str:
    left = "(-inf" if low is None else ("[" if closed in ("both", "left") else "(") + f"{low:g}"
    right = "inf)" if high is None else f"{high:g}" + ("]" if closed in ("both", "right") else ")")
    return f"{left}, {right}"


def _interval_kind(
    name: str, low: float | None, high: float | None, closed: str
) -> tuple[str, ...]:
    if low is None and high is None:
        return (name,)
    if high is None:
        return (f"{name} {'>=' if closed in ('both', 'left') else '>'} {low:g}",)
    if low is None:
        return (f"{name} {'<=' if closed in ('both', 'right') else '<'} {high:g}",)
    return (f"{name} in {_interval_text(low, high, closed)}",)


def real(low: float | None = None, high: float | None = None, closed: str = "both") -> Rule:
    """Return the rule "a real number between `low` and `high`".

    `closed`, one of "both", "left", "right" and "neither", says which ends belong to it.
    """
    text = "a real number in " + _interval_text(low, high, closed)
    kinds = _interval_kind("float", low, high, closed)
    return Rule(text, _interval(_REALS, low, high, closed), kinds)


def integer(low: int | None = None, high: int | None = None) -> Rule:
    """Return the rule "an integer between `low` and `high`, both included"."""
    text = "an integer in " + _interval_text(low, high, "both")
    kinds = _interval_kind("int", low, high, "both")
    return Rule(text, _interval(_INTEGERS, low, high, "both"), kinds)


def one_of(*options: Any) -> Rule:
    """Return the rule "one of these values", compared by type and value.

    A text may be of NumPy's type for it, as the entries of an array of texts are. More options than
    fit into the first line of a docstring's entry are only "str" there; the entry's text has them.
    """
    text = (
        repr(options[0])
        if len(options) == 1
        else "one of " + ", ".join(repr(option) for option in options)
    )

    def allows(value: Any) -> bool:
        kind = str if isinstance(value, str) else type(value)
        return any(kind is type(option) and value == option for option in options)

    names = ", ".join(repr(option) for option in options)
    if len(options) > 1:
        names = f"{{{names}}}" if len(names) <= 40 else type(options[0]).__name__
    return Rule(text, allows, (names,))


def boolean() -> Rule:
    """Return the rule "True or False"."""
    return Rule("True or False", lambda value: isinstance(value, (bool, np.bool_)), ("bool",))


def jobs() -> Rule:
    """Return the rule for joblib's `n_jobs`."""
    return Rule(
        "None, or an integer other than 0",
        lambda value: value is None or (integer().allows(value) and value != 0),
        ("int", "None"),
    )


def none() -> Rule:
    """Return the rule "None"."""
    return Rule("None", lambda value: value is None, ("None",))


def random_state() -> Rule:
    """Return the rule for scikit-learn's `random_state`."""
    return Rule(
        "None, an integer in [0, 2**32 - 1] or a numpy.random.RandomState",
        lambda value: (
            value is None
            or isinstance(value, np.random.RandomState)
            or (
                isinstance(value, Integral)
                and not isinstance(value, bool)
                and 0 <= int(value) <= 2**32 - 1
            )
        ),
        ("int", "RandomState instance", "None"),
    )


def folds() -> Rule:
    """Return the rule for scikit-learn's `cv`; what an iterator gives shows where it is used."""

    def allows(value: Any) -> bool:
        if isinstance(value, (list, tuple)):
            return all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in value)
        makes_folds = hasattr(value, "split") and not isinstance(value, (str, bytes))
        return makes_folds or isinstance(value, Iterator) or integer(2).allows(value)

    kinds = ("int", "cross-validation generator", "iterable")
    return Rule("two folds or more, or what makes (train, test) pairs", allows, kinds) | none()


def sequence_of(item: Rule, *, min_length: int = 0) -> Rule:
    """Return the rule "a list, tuple or array whose every entry obeys `item`"."""

    def allows(value: Any) -> bool:
        if isinstance(value, np.ndarray):
            value = value.tolist() if value.ndim == 1 else None
        return (
            isinstance(value, (list, tuple, range))
            and len(value) >= min_length
            and all(item.allows(entry) for entry in value)
        )

    return Rule(f"a sequence, each entry {item.text}", allows, (f"sequence of {item.kind}",))


def check_value(owner: str, name: str, value: Any, rules: Sequence[Rule]) -> None:
    """Raise ValueError unless `value` obeys at least one of `rules`."""
    for rule in rules:
        if rule.allows(value):
            return
    allowed = ", or ".join(rule.text for rule in rules)
    other = isinstance(value, Number) and not isinstance(value, (complex, np.generic, *_REALS))
    other = other or _is_narrow(value)
    hint = f" Arrays compute with int and float, not with {type(value).__name__}." if other else ""
    raise ValueError(
        f"The {name!r} parameter of {owner} must be {allowed}. Got {value!r} instead.{hint}"
    )


def check_params(estimator: Any, rules: Mapping[str, Sequence[Rule]]) -> None:
    """Raise ValueError for the first parameter of `estimator` that breaks its rules.

    Parameters
    ----------
    estimator : object
        Its attributes are the parameters.
    rules : mapping from parameter name to a sequence of rules
        A parameter is right if at least one of its rules allows it.

    Raises
    ------
    ValueError
        Names the parameter, the estimator, what is allowed and what was given.
    """
    owner = type(estimator).__name__
    for name, allowed in rules.items():
        check_value(owner, name, getattr(estimator, name), allowed)
