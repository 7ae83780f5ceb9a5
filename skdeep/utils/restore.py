"""What every fit does: a method that fails leaves its object as it was, and BLAS its threads."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import numpy as np

from skdeep.utils.threads import limit_blas_threads

__all__ = ["all_or_nothing"]

Method = TypeVar("Method", bound=Callable[..., Any])


def all_or_nothing(method: Method) -> Method:
    """Decorate a method so that an exception gives the object its attributes back.

    Attributes that the method replaces are restored; what it changes inside of them is not. BLAS is
    held to the threads that `skdeep.utils.threads` allows, and NumPy does not warn of overflow.

    Parameters
    ----------
    method : callable
        Such as `fit`.

    Returns
    -------
    callable
        The method, with the same signature.

    Examples
    --------
    >>> from skdeep.utils.restore import all_or_nothing
    >>> class Estimator:
    ...     @all_or_nothing
    ...     def fit(self):
    ...         self.coef_ = 1.0
    ...         raise ValueError("no")
    >>> estimator = Estimator()
    >>> try:
    ...     estimator.fit()
    ... except ValueError:
    ...     print(vars(estimator))
    {}
    """

    @wraps(method)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        before, limit = dict(vars(self)), limit_blas_threads(None)
        try:
            # What leaves the range of floats is found by a look at what comes out.
            with limit, np.errstate(over="ignore", invalid="ignore"):
                return method(self, *args, **kwargs)
        except BaseException:
            self.__dict__ = before
            limit.__exit__()  # Ctrl-C may have come before the block's own
            raise

    return guarded  # type: ignore[return-value]
