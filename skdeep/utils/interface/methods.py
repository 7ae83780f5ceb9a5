"""Methods that an estimator has where its parameters allow them."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from sklearn.utils import metaestimators

__all__ = ["available_if"]


class _Available:
    """A method as scikit-learn's `available_if` gives it, and an end of memory as what it is."""

    def __init__(self, method: Callable[..., Any], check: Callable[[Any], bool]) -> None:
        self.theirs = metaestimators.available_if(check)(method)
        update_wrapper(self, method)  # type: ignore[arg-type]

    def __get__(self, estimator: Any, owner: type | None = None) -> Any:
        try:
            return self.theirs.__get__(estimator, owner)
        except AttributeError as error:
            if isinstance(error.__cause__, MemoryError):
                raise error.__cause__ from None
            raise


def available_if(check: Callable[[Any], bool]) -> Callable[[Callable[..., Any]], Any]:
    """Decorate a method that is there only where `check` says so of the estimator.

    scikit-learn's function of this name says "has no attribute" of whatever is raised in `check`,
    of a `MemoryError`, too.

    Parameters
    ----------
    check : callable
        Returns whether the method is there, or raises an AttributeError that says why not.

    Examples
    --------
    >>> from skdeep.utils.interface.methods import available_if
    >>> class Speaker:
    ...     words = 0
    ...
    ...     @available_if(lambda self: self.words > 0)
    ...     def speak(self):
    ...         return self.words
    >>> hasattr(Speaker(), "speak")
    False
    """
    return lambda method: _Available(method, check)
