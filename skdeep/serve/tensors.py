"""Arrays as the Open Inference Protocol's tensors, and back.

A tensor is ``{"name": ..., "datatype": ..., "shape": [...], "data": [...]}``, its data nested or
flat in row-major order [1]_.

References
----------
.. [1] Open Inference Protocol, version 2, https://github.com/kserve/open-inference-protocol
"""

from __future__ import annotations

import math
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.serve.errors import RequestError

__all__ = ["datatype_of", "read_tensor", "write_tensor"]

_NUMBER = {int, float}
_DTYPES: dict[str, tuple[str, set[type]]] = {
    "BOOL": ("bool", {bool}),
    "BYTES": ("object", {str, type(None)}),
    **{f"INT{bits}": (f"int{bits}", {int}) for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": (f"uint{bits}", {int}) for bits in (8, 16, 32, 64)},
    # A missing number is null, since JSON has no NaN.
    **{f"FP{bits}": (f"float{bits}", {*_NUMBER, type(None)}) for bits in (16, 32, 64)},
}
_SHOWN = {bool: "booleans", str: "text", type(None): "null", dict: "objects", float: "numbers"}
_MAX_AXES = 8


def read_tensor(tensor: Any, place: str) -> tuple[str, NDArray[Any]]:
    """Return name and array of a tensor.

    Parameters
    ----------
    tensor : object
        What JSON had.
    place : str
        Where it stood, for the error.

    Raises
    ------
    RequestError
        If it is no tensor, or its data do not fit its shape or its datatype.
    """
    if not isinstance(tensor, dict):
        raise RequestError(f"{place} must be an object with name, datatype, shape and data.")
    missing = [key for key in ("name", "datatype", "shape", "data") if key not in tensor]
    if missing:
        raise RequestError(f"{place} has no {' and no '.join(map(repr, missing))}.")
    name, datatype, shape = tensor["name"], tensor["datatype"], tensor["shape"]
    if not isinstance(name, str):
        raise RequestError(f"The name of {place} must be text.")
    place = f"{place}, {name!r},"
    if not isinstance(datatype, str) or datatype not in _DTYPES:
        raise RequestError(f"{place} has datatype {datatype!r}; there are {', '.join(_DTYPES)}.")
    if (
        not isinstance(shape, list)
        or not 1 <= len(shape) <= _MAX_AXES
        or not all(type(size) is int and size >= 0 for size in shape)
    ):
        raise RequestError(
            f"{place} has shape {shape!r}, where 1 to {_MAX_AXES} whole numbers of at least 0 "
            "are needed."
        )
    return name, _array(tensor["data"], datatype, shape, place)


def _array(data: Any, datatype: str, shape: list[int], place: str) -> NDArray[Any]:
    values = data
    if not isinstance(values, list):
        raise RequestError(f"The data of {place} must be a list.")
    if math.prod(size or 1 for size in shape) >= 2**62:
        raise RequestError(f"{place} has shape {shape}, which is too large.")
    nested = [len(values)]
    for size in shape[1:]:
        if not values or not all(isinstance(item, list) for item in values):
            break
        if any(len(item) != size for item in values):
            raise RequestError(f"The lists of {place} do not nest as shape {shape} says.")
        nested.append(size)
        values = list(chain.from_iterable(values))
    if len(values) != math.prod(shape) or (len(nested) > 1 and nested != shape[: len(nested)]):
        raise RequestError(
            f"{place} has {len(values)} values, where shape {shape} asks for {math.prod(shape)}."
        )
    dtype, allowed = _DTYPES[datatype]
    wrong = set(map(type, values)) - allowed
    if wrong:
        shown = " and ".join(sorted(_SHOWN.get(kind, f"{kind.__name__}s") for kind in wrong))
        raise RequestError(f"{place} of datatype {datatype} has {shown} in its data.")
    try:
        with np.errstate(over="ignore"):
            array = np.array(values, dtype=dtype)
    except OverflowError:
        array = np.array(math.inf)
    if array.dtype.kind == "f" and np.isinf(array).any():
        raise RequestError(f"{place} has a number that {datatype} cannot hold.")
    return array.reshape(shape)


def write_tensor(name: str, array: NDArray[Any]) -> dict[str, Any]:
    """Return an array as a tensor.

    Raises
    ------
    TypeError
        If a value is neither a number nor text.
    """
    datatype = datatype_of(array)
    if datatype == "BYTES":
        array = array.astype(str)
    return {
        "name": name,
        "datatype": datatype,
        "shape": list(array.shape),
        "data": array.ravel().tolist(),
    }


def datatype_of(array: NDArray[Any]) -> str:
    """Return the protocol's name of an array's type.

    Raises
    ------
    TypeError
        If it has none.
    """
    kind, bits = array.dtype.kind, 8 * array.dtype.itemsize
    names = {"b": "BOOL", "i": f"INT{bits}", "u": f"UINT{bits}", "f": f"FP{bits}"}
    if kind in "UOT":
        return "BYTES"
    if kind not in names:
        raise TypeError(f"Arrays of type {array.dtype} have no datatype in the protocol.")
    return names[kind]
