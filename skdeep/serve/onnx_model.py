"""A file of ONNX as what answers requests."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.serve.errors import RequestError
from skdeep.serve.fitted_model import FittedModel
from skdeep.serve.tensors import datatype_of
from skdeep.utils.docstrings import documented_like
from skdeep.utils.interface import InputColumn, Signature

__all__ = ["OnnxModel"]

#: Types of ONNX's tensors, as onnxruntime calls them.
_DTYPES: dict[str, Any] = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
    "tensor(string)": object,
}
_METHODS = {
    "label": "predict",
    "output_label": "predict",
    "probabilities": "predict_proba",
    "output_probability": "predict_proba",
    "scores": "decision_function",
}


class OnnxModel:
    """A model in ONNX's operators, run by onnxruntime.

    Parameters
    ----------
    model : bytes
        What a file holds. :func:`skdeep.export.to_onnx` also writes into it what the model reads
        and says; of others it is told from the graph, whose inputs must be one table of numbers,
        one tensor of sequences, or a column each.

    Attributes
    ----------
    platform : str
        As the protocol's metadata have it.
    signature : Signature
        What it reads and says.
    outputs : dict of str to dict
        What can be asked for, by the names of scikit-learn's methods where skdeep wrote the model,
        with datatype and shape.

    Raises
    ------
    ImportError
        If onnxruntime is not installed.
    ValueError
        If the bytes are no model that can be run here.
    """

    platform = "onnx_onnxv1"

    def __init__(self, model: bytes) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise ImportError(
                "Models in ONNX are run by onnxruntime, which is not installed; pip install "
                '"skdeep[onnx]" brings it.'
            ) from error
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # what is wrong is said once, by the error
        try:
            self._session = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # of types that onnxruntime does not publish
            raise ValueError(f"no model that onnxruntime can run: {_line(error)}") from error
        self._inputs = self._session.get_inputs()
        for given in self._inputs:
            if given.type not in _DTYPES:
                raise ValueError(f"the input {given.name!r} of type {given.type} is not served")
        described = self._session.get_modelmeta().custom_metadata_map.get("skdeep")
        if described is None:
            self.signature = _told(self._inputs)
        else:
            self.signature = Signature.from_json(described)
        self._names = {
            self._method(output.name): output
            for output in self._session.get_outputs()
            if output.type in _DTYPES
        }
        if not self._names:
            raise ValueError("no output is a tensor")
        self.outputs = {name: self._said(name) for name in self._names}

    def _method(self, output: str) -> str:
        """Return what an output is called outside."""
        if output == "variable" and self.signature.task != "unknown":
            return "predict" if self.signature.task == "regressor" else "transform"
        if output.startswith("probabilities_"):
            return output.replace("probabilities", "predict_proba")
        return _METHODS.get(output, output)

    def _said(self, name: str) -> dict[str, Any]:
        output, classes = self._names[name], self.signature.classes
        shape = [size if isinstance(size, int) else -1 for size in output.shape]
        if self._is_column(name, shape):
            shape = shape[:1]
        dtype = np.dtype(_DTYPES[output.type])
        if name == "predict" and classes:
            dtype = self._labels(np.zeros(0, dtype)).dtype
        said: dict[str, Any] = {"datatype": datatype_of(np.zeros(0, dtype)), "shape": shape}
        if name in ("predict_proba", "decision_function") and classes:
            said["parameters"] = {"classes": classes}
        return said

    def _is_column(self, name: str, shape: list[int]) -> bool:
        """Tell whether an output of one column is one number a sample, as the method returns it."""
        return name in ("predict", "decision_function") and len(shape) == 2 and shape[1] == 1

    def _labels(self, found: NDArray[Any]) -> NDArray[Any]:
        """Return labels as fit had them: graphs have no booleans among them, and whole floats."""
        classes = self.signature.classes
        dtype = np.array(classes[0] if self.signature.several_targets else classes).dtype
        return found.astype(dtype) if dtype.kind in "bf" and found.dtype != object else found

    @documented_like(FittedModel.ask)
    def ask(self, names: list[str], X: Any) -> list[tuple[str, NDArray[Any]]]:
        """Return some outputs."""
        fed = self._feed(X)
        wanted = [self._names[name].name for name in names]
        try:
            found = self._session.run(wanted, fed)
        except Exception as error:  # of types that onnxruntime does not publish
            raise RequestError(f"The model does not take this input: {_line(error)}") from error
        answers = []
        for name, array in zip(names, map(np.asarray, found), strict=True):
            part = array.reshape(-1) if self._is_column(name, list(array.shape)) else array
            labels = name == "predict" and self.signature.classes
            answers.append((name, self._labels(part) if labels else part))
        return answers

    def _feed(self, X: Any) -> dict[str, NDArray[Any]]:
        """Return the tensor of each input of the graph."""
        if len(self._inputs) == 1:
            (given,) = self._inputs
            if isinstance(X, dict):
                columns = zip(X.values(), self.signature.columns, strict=True)
                X = np.stack([self._numbers(*column) for column in columns], axis=1)
            return {given.name: self._tensor(np.asarray(X), given, "X")}
        if not isinstance(X, dict):
            names = [given.name for given in self._inputs]
            if np.ndim(X) != 2 or np.shape(X)[1] != len(names):
                raise RequestError(
                    f"X has shape {list(np.shape(X))}; the model takes [n, {len(names)}], or a "
                    "column each."
                )
            X = dict(zip(names, np.asarray(X).T, strict=True))
        return {
            given.name: self._tensor(
                X[given.name].reshape(-1, *[1] * (len(given.shape) - 1)), given, given.name
            )
            for given in self._inputs
        }

    def _numbers(self, values: NDArray[Any], column: InputColumn) -> NDArray[Any]:
        """Return a column of a table of numbers, in which categories are codes."""
        if self.signature.coded and column.choices:
            codes = {choice: code for code, choice in enumerate(column.choices, 1)}
            missing = len(codes) + 1 if column.missing else 0
            return np.array(
                [
                    missing if value is None or value != value else codes.get(value, 0)
                    for value in values.tolist()
                ]
            )
        if values.dtype == object:
            raise RequestError(f"{column.name} must be numbers, not text.")
        return values

    def _tensor(self, array: NDArray[Any], given: Any, name: str) -> NDArray[Any]:
        """Return an array in the type and shape of an input."""
        shape = [size if isinstance(size, int) else None for size in given.shape]
        if len(shape) == 2 and shape[1] and array.ndim > 2:  # pictures as they are
            flat = (len(array), math.prod(array.shape[1:]))
            array = array.reshape(flat) if flat[1] == shape[1] else array
        fits = array.ndim == len(shape) and all(
            size in (None, found) for size, found in zip(shape[1:], array.shape[1:], strict=True)
        )
        if not fits:
            wanted = ", ".join(["n", *("any" if s is None else str(s) for s in shape[1:])])
            raise RequestError(f"{name} has shape {list(array.shape)}; the model takes [{wanted}].")
        if not len(array):  # some operators of onnxruntime end the process
            raise RequestError(f"{name} has 0 samples; at least one is needed.")
        return _cast(array, _DTYPES[given.type], name, self.signature.takes_missing)


def _cast(array: NDArray[Any], dtype: Any, name: str, takes_missing: bool) -> NDArray[Any]:
    if dtype is object:
        if array.dtype != object or not all(isinstance(value, str) for value in array.flat):
            raise RequestError(f"{name} must be text, of datatype BYTES, without null.")
        return array
    if array.dtype == object:
        raise RequestError(f"{name} must be numbers, not text.")
    with np.errstate(over="ignore", invalid="ignore"):
        cast = array.astype(dtype)
    if cast.dtype.kind == "f":
        if np.isinf(cast).any():
            raise RequestError(f"{name} has a number too large for {cast.dtype}.")
        if not takes_missing and np.isnan(cast).any():
            raise RequestError(f"{name} contains NaN, which the model does not take.")
    elif not np.array_equal(cast, array):
        raise RequestError(f"{name} has a number that is none of type {cast.dtype}.")
    return cast


def _told(inputs: list[Any]) -> Signature:
    """Return what the graph alone tells."""
    shapes = [given.shape for given in inputs]
    signature = Signature("model", "unknown", "table", 1)
    texts = [given.type == "tensor(string)" for given in inputs]
    if len(inputs) == 1 and len(shapes[0]) in (2, 3) and isinstance(shapes[0][-1], int):
        signature.n_features = shapes[0][-1]
        if len(shapes[0]) == 3:
            signature.kind = "sequence"
            return signature
        names = [f"x{i}" for i in range(signature.n_features)]
        texts *= len(names)
    elif all(len(shape) == 1 or (len(shape) == 2 and shape[1] == 1) for shape in shapes):
        names = [given.name for given in inputs]
        signature.n_features, signature.named = len(names), True
    else:
        raise ValueError(f"inputs of shapes {shapes} are not served")
    signature.columns = [
        InputColumn(name, [], "" if text else None) for name, text in zip(names, texts, strict=True)
    ]
    return signature


def _line(error: Exception) -> str:
    """Return the first line of what an error says."""
    return next(iter(str(error).splitlines()), type(error).__name__)
