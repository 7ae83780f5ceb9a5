"""Arrays of other libraries in, arrays of the same kind out, while NumPy computes.

Where ``sklearn.config_context(array_api_dispatch=True)`` holds, an array that lies in the memory of
the CPU is read where it is, by DLPack, and results are handed back as arrays of its library.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import numpy as np
from sklearn import get_config

__all__ = ["in_kind"]

Method = TypeVar("Method", bound=Callable[..., Any])

_CPU = 1  # DLPack's number of the device


def in_kind(method: Method) -> Method:
    """Decorate a method of an estimator so that its result is of the kind of `X`.

    Nothing changes for NumPy arrays, data frames and the rest, nor without `array_api_dispatch`.

    Parameters
    ----------
    method : callable
        ``method(self, X, ...)``, such as `predict`; other arguments may be arrays, too.

    Returns
    -------
    callable
        The method, with the same signature.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.utils.arrays.array_api import in_kind
    >>> class Estimator:
    ...     @in_kind
    ...     def predict(self, X):
    ...         return X[:, 0] > 0
    >>> Estimator().predict(np.array([[1.0], [-1.0]]))
    array([ True, False])
    """

    @wraps(method)
    def converted(self: Any, X: Any, *args: Any, **kwargs: Any) -> Any:
        if type(X) is np.ndarray or not get_config()["array_api_dispatch"]:
            return method(self, X, *args, **kwargs)
        namespace = _namespace(X)
        if namespace is None:
            return method(self, X, *args, **kwargs)
        args = tuple(map(_as_numpy, args))
        kwargs = {name: _as_numpy(value) for name, value in kwargs.items()}
        return _back(method(self, _as_numpy(X), *args, **kwargs), namespace, self)

    return converted  # type: ignore[return-value]


def _namespace(array: Any) -> Any:
    """Return the library of an array that goes through DLPack, None of anything else."""
    if isinstance(array, np.ndarray) or not hasattr(array, "__dlpack_device__"):
        return None
    named = getattr(array, "__array_namespace__", None)
    library = sys.modules[type(array).__module__.split(".")[0]] if named is None else named()
    return library if hasattr(library, "from_dlpack") else None


def _as_numpy(value: Any) -> Any:
    """Return an array of another library as NumPy's, in the same memory; others as they are."""
    if _namespace(value) is None:
        return value
    if int(value.__dlpack_device__()[0]) != _CPU:
        raise ValueError(
            f"skdeep computes on the CPU, and this array is on the device {value.device}. Move it "
            "to the CPU first."
        )
    detach = getattr(value, "detach", None)  # PyTorch's, from what it would take gradients of
    value = value if detach is None else detach()
    try:
        return np.from_dlpack(value)
    except BufferError:  # NumPy before 2.1 cannot lend what is read-only, as its own results are
        return np.asarray(value)


def _back(found: Any, namespace: Any, estimator: Any) -> Any:
    """Return arrays of numbers as arrays of that library."""
    if found is estimator:
        return found
    if isinstance(found, (list, tuple)):
        return type(found)(_back(part, namespace, estimator) for part in found)
    if isinstance(found, np.ndarray) and found.dtype.kind in "biuf":
        return namespace.from_dlpack(np.ascontiguousarray(found))
    return found
