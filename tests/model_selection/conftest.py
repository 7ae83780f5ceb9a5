"""A comparison with an error in it, and a machine without an extra."""

import builtins

import pytest
from sklearn.exceptions import FitFailedWarning

from tests.model_selection.scored import fixed


@pytest.fixture
def without(monkeypatch):
    """Return a function that takes a module away."""
    imported = builtins.__import__

    def take(missing):
        def absent(name, *rest, **named):
            if name == missing:
                raise ImportError(name)
            return imported(name, *rest, **named)

        monkeypatch.setattr(builtins, "__import__", absent)

    return take


@pytest.fixture
def failing():
    """Return a comparison of which one row failed, with names that are HTML."""
    scores = {"<b>&amp;": [0.9, 0.8], "fails": ["<script>alert(1)</script>", 0.5], "x": [0.1, 0.3]}
    with pytest.warns(FitFailedWarning):
        return fixed(scores)
