"""What training on one part of the rows after another goes on with."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

__all__ = ["Stream"]


class Stream:
    """What training on one part of the rows after another goes on with.

    Parameters
    ----------
    random_state : RandomState

    Attributes
    ----------
    runs : dict from int to dict
        For each view by number: optimizer, schedule, average, record and epochs of its run.
    """

    def __init__(self, random_state: np.random.RandomState) -> None:
        self.random_state = random_state
        self.runs: dict[int, dict[str, Any]] = {}

    def copy(self) -> Stream:
        """Return one that goes its own way, so that a step that fails leaves this as it was."""
        return copy.deepcopy(self)
