"""Warnings that point at the user's own line, and are not repeated by each fit of a search.

Python shows a warning once for each line that it comes from. A search over parameters makes many
fits in one line, and scikit-learn sets the filters of warnings anew for each of them, upon which
Python forgets what it has shown. So what many fits say alike is remembered here.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType

__all__ = ["Warned", "collected_warnings", "warn_user"]

# Text and category.
Warned = tuple[str, type[Warning]]

_PASSED = ("skdeep", "sklearn", "joblib")
# Text, category, file and line of what was shown from within searches.
_shown: set[tuple[str, type[Warning], str, int]] = set()
_collected: ContextVar[list[Warned] | None] = ContextVar("collected warnings", default=None)


@contextmanager
def collected_warnings() -> Iterator[list[Warned]]:
    """Collect what `warn_user` is told inside the block, in place of warning.

    Examples
    --------
    >>> from skdeep.utils.user_warnings import collected_warnings, warn_user
    >>> with collected_warnings() as warned:
    ...     for _ in range(3):
    ...         warn_user("max_iter is too small")
    >>> len(warned), warned[0]
    (3, ('max_iter is too small', <class 'UserWarning'>))
    """
    warned: list[Warned] = []
    token = _collected.set(warned)
    try:
        yield warned
    finally:
        _collected.reset(token)


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn, as if the line that called into skdeep or scikit-learn had.

    Where that line has scikit-learn fit many estimators, as a search over parameters does, each
    text is shown once, unless the user's filters say otherwise.

    Parameters
    ----------
    message : str
    category : type, default=UserWarning

    Examples
    --------
    >>> import warnings
    >>> from skdeep.utils.user_warnings import warn_user
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     warn_user("batch_size is too large")
    >>> str(caught[0].message)
    'batch_size is too large'
    """
    collected = _collected.get()
    if collected is not None:
        collected.append((message, category))
        return
    level, frame, in_search = 1, sys._getframe(), False
    while frame is not None and (module := _module(frame)).partition(".")[0] in _PASSED:
        in_search |= module.startswith("sklearn.model_selection.")
        level, frame = level + 1, frame.f_back  # type: ignore[assignment]
    if frame is not None and in_search and _is_shown_once(message, category, frame):
        key = message, category, frame.f_code.co_filename, frame.f_lineno
        if key in _shown:
            return
        _shown.add(key)
        message += " (Shown once for all fits of this line.)"
    warnings.warn(message, category, stacklevel=level)


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _is_shown_once(text: str, category: type[Warning], frame: FrameType) -> bool:
    """Tell whether Python's filters show a warning once for each line."""
    for action, message, kind, module, line in warnings.filters:
        if (
            (message is None or re.match(message, text))
            and issubclass(category, kind)
            and (module is None or re.match(module, _module(frame)))
            and line in (0, frame.f_lineno)
        ):
            return action == "default"
    return True
