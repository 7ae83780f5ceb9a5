"""Constructors stay as they were published: code that names their parameters goes on working."""

import inspect
from pathlib import Path

import pytest

import skdeep

# Each estimator with a line a parameter, in order; what follows * is passed by keyword.
# A new keyword is appended to its estimator's lines; no line may change or move.
RECORD = Path(__file__).with_name("signatures.txt")


def recorded():
    """Return the lines of each estimator in the record."""
    lines = {}
    for line in RECORD.read_text().splitlines():
        if line and not line.startswith(" "):
            current = lines[line] = []
        elif line:
            current.append(line.strip())
    return lines


def published(name):
    """Return the lines of an estimator as it is."""
    parameters = inspect.signature(getattr(skdeep, name)).parameters.values()
    positional = [f"{p.name}={p.default!r}" for p in parameters if p.kind is not p.KEYWORD_ONLY]
    by_keyword = [f"{p.name}={p.default!r}" for p in parameters if p.kind is p.KEYWORD_ONLY]
    return [*positional, "*", *by_keyword]


@pytest.mark.parametrize("name", recorded())
def test_no_parameter_has_moved_or_changed(name):
    now, then = published(name), recorded()[name]
    assert [line for line in now if line in then] == then
    assert now.index("*") == then.index("*"), "a new parameter is passed by keyword"


@pytest.mark.parametrize("name", recorded())
def test_arguments_are_kept_under_their_names(name):
    kind = getattr(skdeep, name)
    assert list(vars(kind())) == list(inspect.signature(kind).parameters)
