"""A model from a file that runs nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any
from zipfile import BadZipFile

from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from skdeep import TRUSTED_TYPES
from skdeep.serve.onnx_model import OnnxModel

__all__ = ["load"]

# What imputers keep of a column: which kind of numbers it had. It runs nothing.
INERT_TYPES = ["numpy.dtype"]


def load(path: str | os.PathLike[str], trusted: Iterable[str] = ()) -> Any:
    """Read a fitted estimator from a file of skops, or a model of ONNX.

    Parameters
    ----------
    path : str or path-like
        What `skops.io.dump` wrote; of ONNX where the name ends in ".onnx".
    trusted : iterable of str, default=()
        Full names of further types to trust, besides those of scikit-learn that skops trusts,
        `skdeep.TRUSTED_TYPES`, and the types of numbers.

    Returns
    -------
    estimator or OnnxModel
        What :func:`application` takes.

    Raises
    ------
    ImportError
        If skops, or for ONNX onnxruntime, is not installed.
    ValueError
        If the file is none of its kind, needs a type that is not trusted, or holds nothing fitted.
    """
    path = os.fspath(path)
    if path.lower().endswith(".onnx"):
        with open(path, "rb") as file:
            content = file.read()
        try:
            return OnnxModel(content)
        except ValueError as error:
            raise ValueError(f"{path}: {error}.") from error
    try:
        import skops.io
        from skops.io.exceptions import UntrustedTypesFoundException
    except ImportError as error:
        raise ImportError(
            'A model is read by skops, which is not installed; pip install "skdeep[serve]" brings '
            "it."
        ) from error
    allowed = [*TRUSTED_TYPES, *INERT_TYPES, *trusted]
    try:
        estimator = skops.io.load(path, trusted=allowed)
    except UntrustedTypesFoundException as error:
        unknown = sorted(set(skops.io.get_untrusted_types(file=path)) - set(allowed))
        raise ValueError(
            f"{path} needs types that are not trusted: {', '.join(unknown)}. Trust them by name "
            "(trusted=..., or --trust on the command line) only if you know what they do."
        ) from error
    except (BadZipFile, KeyError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no file of skops: {error}.") from error
    try:
        check_is_fitted(estimator)
    except NotFittedError as error:
        raise ValueError(
            f"{path} holds a {type(estimator).__name__} that is not fitted."
        ) from error
    except TypeError as error:
        raise ValueError(f"{path} holds a {type(estimator).__name__}, no estimator.") from error
    return estimator
