"""A file of plain data: numbers, text, arrays and containers of these; whole or not there at all.

It is a NumPy archive (``.npz``). The entry ``structure`` is JSON, in which each array is named by
the entry that holds it. Nothing in it can run code when it is read, and its checksums tell whether
it is whole.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["read_state", "remove_parts", "write_state"]

_STRUCTURE = "structure"
_PART = ".part"
# JSON has neither tuples, nor arrays, nor keys that are no text: each is a dict of one key.
_TUPLE, _ARRAY, _SCALAR, _DICT = "tuple", "array", "scalar", "dict"


def write_state(path: str | os.PathLike[str], state: Any) -> None:
    """Write plain data so that at any moment the file is the old one or the new one.

    It goes to another file of the same folder, which takes the name when it is on the disk.

    Parameters
    ----------
    path : str or path
        Whatever is there is replaced.
    state : object
        Numbers, text, None, NumPy arrays of numbers, and tuples, lists and dicts of these.

    Raises
    ------
    TypeError
        If something else is in it.
    OSError
        If it cannot be written; then nothing has changed.

    Examples
    --------
    >>> import numpy as np, os, tempfile
    >>> from skdeep.utils.saving.state_file import read_state, write_state
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "state.npz")
    ...     write_state(path, {"weights": np.arange(3.0), "epoch": 7, "sizes": (2, 3)})
    ...     read_state(path)
    {'weights': array([0., 1., 2.]), 'epoch': 7, 'sizes': (2, 3)}
    """
    path = Path(path)
    arrays: dict[str, NDArray[Any]] = {}
    structure = json.dumps(_to_json(state, arrays))
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=_PART, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **{_STRUCTURE: np.array(structure)}, **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def read_state(path: str | os.PathLike[str]) -> Any:
    """Read what `write_state` wrote.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    object

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    ValueError
        If it is no such file, or not whole.
    """
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        return _from_json(json.loads(str(arrays[_STRUCTURE])), arrays)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # what is wrong with an archive has many types
        raise ValueError(f"{os.fspath(path)!r} is no file of a state, or not whole") from error


def remove_parts(path: str | os.PathLike[str], more: str = "") -> None:
    """Remove what a process that was killed while it wrote has left beside a file.

    Parameters
    ----------
    path : str or path
        Of the file that it wrote.
    more : str, default=""
        A regular expression for what its name may have before the suffix.
    """
    path = Path(path)
    name = re.escape(path.stem) + f"({more})?" + re.escape(path.suffix)
    pattern = re.compile(rf"\.{name}\.\w+{re.escape(_PART)}")
    if path.parent.is_dir():
        for part in path.parent.iterdir():
            if pattern.fullmatch(part.name):
                part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk as well, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _to_json(value: Any, arrays: dict[str, NDArray[Any]]) -> Any:
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        if value.dtype.hasobject:
            raise TypeError(f"A state holds arrays of numbers, got one of dtype {value.dtype}.")
        name = f"array {len(arrays)}"
        arrays[name] = np.asarray(value)
        return {_ARRAY if isinstance(value, np.ndarray) else _SCALAR: name}
    if type(value) is list:
        return [_to_json(item, arrays) for item in value]
    if type(value) is tuple:
        return {_TUPLE: [_to_json(item, arrays) for item in value]}
    if type(value) is dict:
        pairs = [[_to_json(key, arrays), _to_json(item, arrays)] for key, item in value.items()]
        return {_DICT: pairs}
    raise TypeError(f"A state holds plain data, got {value!r} of type {type(value).__name__}.")


_PLAIN = (bool, int, float, str)


def _from_json(value: Any, arrays: dict[str, NDArray[Any]]) -> Any:
    if isinstance(value, list):
        return [_from_json(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    [(kind, held)] = value.items()
    if kind == _TUPLE:
        return tuple(_from_json(item, arrays) for item in held)
    if kind == _DICT:
        return {_from_json(key, arrays): _from_json(item, arrays) for key, item in held}
    return arrays[held] if kind == _ARRAY else arrays[held][()]
