"""A fitted estimator behind the Open Inference Protocol."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from skdeep._version import __version__
from skdeep.serve.columns import Column, describe_columns
from skdeep.serve.errors import RequestError
from skdeep.serve.tensors import read_tensor, write_tensor

__all__ = ["ServedModel"]

_METHODS = ("predict", "predict_proba", "decision_function", "transform")
_NUMBERS = "FP64"


class ServedModel:
    """What a server says of an estimator, and what the estimator says of a request.

    Parameters
    ----------
    estimator : fitted estimator
        With `predict` or `transform`.
    name : str, default="model"
        The name in addresses.

    Attributes
    ----------
    kind : {"table", "sequence", "text"}
        What it reads.
    columns : list of Column
        Of a table, what is known of each.
    outputs : list of str
        The methods that can be asked for.

    Raises
    ------
    TypeError
        If `estimator` has none of the methods.
    """

    def __init__(self, estimator: Any, name: str = "model") -> None:
        self.estimator, self.name = estimator, name
        self.outputs = [method for method in _METHODS if hasattr(estimator, method)]
        if not self.outputs:
            raise TypeError(
                f"{type(estimator).__name__} has none of {', '.join(_METHODS)}; there is nothing "
                "to serve."
            )
        self.final = _final(estimator)
        self.n_features = int(getattr(estimator, "n_features_in_", 1))
        self.kind = _kind(self.final)
        self.has_names = hasattr(estimator, "feature_names_in_")
        self.columns: list[Column] = (
            describe_columns(estimator, self.n_features) if self.kind == "table" else []
        )

    @property
    def default_outputs(self) -> list[str]:
        """The outputs of a request that names none."""
        kept = ("predict", "predict_proba")
        return [name for name in self.outputs if name in kept] or self.outputs[:1]

    def metadata(self) -> dict[str, Any]:
        """Return the protocol's description of inputs and outputs."""
        return {
            "name": self.name,
            "versions": [],
            "platform": "skdeep",
            "inputs": self._inputs(),
            "outputs": [self._output(name) for name in self.outputs],
            "parameters": {"estimator": type(self.final).__name__, "skdeep": __version__},
        }

    def _inputs(self) -> list[dict[str, Any]]:
        if self.kind == "text":
            return [{"name": "X", "datatype": "BYTES", "shape": [-1]}]
        if self.kind == "sequence":
            return [{"name": "X", "datatype": _NUMBERS, "shape": [-1, -1, self.n_features]}]
        if self.has_names:
            return [
                {"name": column.name, "datatype": column.datatype, "shape": [-1]}
                for column in self.columns
            ]
        texts = any(column.datatype == "BYTES" for column in self.columns)
        datatype = "BYTES" if texts else _NUMBERS
        return [{"name": "X", "datatype": datatype, "shape": [-1, self.n_features]}]

    def _output(self, name: str) -> dict[str, Any]:
        classes = getattr(self.estimator, "classes_", None) if is_classifier(self.final) else None
        if name == "predict":
            datatype = _NUMBERS
            if isinstance(classes, np.ndarray) and len(classes):
                datatype = write_tensor(name, classes[:1])["datatype"]
            elif get_tags(self.final).estimator_type is None:  # a translator writes text
                datatype = "BYTES"
            return {"name": name, "datatype": datatype, "shape": [-1]}
        described: dict[str, Any] = {"name": name, "datatype": _NUMBERS, "shape": [-1, -1]}
        if isinstance(classes, np.ndarray) and name != "transform":
            described["parameters"] = {"classes": classes.tolist()}
        return described

    def infer(self, request: Any) -> dict[str, Any]:
        """Answer a request.

        Parameters
        ----------
        request : object
            What JSON had: ``{"inputs": [tensor, ...]}``, and maybe an ``id`` and ``outputs``, which
            names those that are wanted.

        Returns
        -------
        dict
            ``{"model_name": ..., "outputs": [tensor, ...]}``.

        Raises
        ------
        RequestError
            If the request cannot be answered.
        """
        if not isinstance(request, dict):
            raise RequestError("The body must be an object with inputs.")
        wanted = self._wanted(request.get("outputs"))
        X = self._read(request.get("inputs"))
        answer: dict[str, Any] = {"model_name": self.name}
        if "id" in request:
            if not isinstance(request["id"], str):
                raise RequestError("id must be text.")
            answer["id"] = request["id"]
        answer["outputs"] = [tensor for name in wanted for tensor in self._ask(name, X)]
        return answer

    def _wanted(self, outputs: Any) -> list[str]:
        if outputs is None or outputs == []:
            return self.default_outputs
        if not isinstance(outputs, list) or not all(
            isinstance(o, dict) and isinstance(o.get("name"), str) for o in outputs
        ):
            raise RequestError("outputs must be a list of objects with a name.")
        names = list(dict.fromkeys(output["name"] for output in outputs))
        for name in names:
            if name not in self.outputs:
                raise RequestError(
                    f"There is no output {name!r}; {self.name} has {', '.join(self.outputs)}."
                )
        return names

    def _read(self, inputs: Any) -> Any:
        """Return the input as the estimator reads it."""
        if not isinstance(inputs, list) or not inputs:
            raise RequestError("inputs must be a list of at least one tensor.")
        arrays: dict[str, NDArray[Any]] = {}
        for i, tensor in enumerate(inputs):
            name, array = read_tensor(tensor, f"inputs[{i}]")
            if name in arrays:
                raise RequestError(f"The input {name!r} is there twice.")
            arrays[name] = array
        names = [column.name for column in self.columns] if self.has_names else []
        if set(arrays) == {"X"} and names != ["X"]:
            array = arrays["X"]
            if self.kind == "text" and array.ndim == 1:
                return array.tolist()
            if names and array.ndim == 2 and array.shape[1] == len(names):
                return self._frame({name: array[:, i] for i, name in enumerate(names)})
            return array
        if not names:
            raise RequestError(f"There must be one input, 'X'; got {_listed(arrays)}.")
        return self._frame(self._by_column(arrays, names))

    def _by_column(
        self, arrays: dict[str, NDArray[Any]], names: list[str]
    ) -> dict[str, NDArray[Any]]:
        missing = [name for name in names if name not in arrays]
        unknown = [name for name in arrays if name not in names]
        if missing or unknown:
            said = [f"missing: {_listed(missing)}"] if missing else []
            said += [f"unknown: {_listed(unknown)}"] if unknown else []
            raise RequestError(f"The inputs must be the columns of the table; {'; '.join(said)}.")
        for name, array in arrays.items():
            if array.shape not in ((len(array),), (len(array), 1)):
                raise RequestError(
                    f"The column {name!r} has shape {list(array.shape)}, where [n] or [n, 1] is "
                    "needed."
                )
        lengths = {name: len(array) for name, array in arrays.items()}
        if len(set(lengths.values())) > 1:
            raise RequestError(f"The columns have different lengths: {lengths}.")
        return {name: arrays[name].ravel() for name in names}

    @staticmethod
    def _frame(columns: dict[str, NDArray[Any]]) -> Any:
        import pandas

        return pandas.DataFrame(columns)

    def _ask(self, name: str, X: Any) -> list[dict[str, Any]]:
        """Return the tensors of one output; several targets have one each."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = getattr(self.estimator, name)(X)
        except (ValueError, TypeError) as error:
            raise RequestError(" ".join(str(error).split())) from error
        if isinstance(result, list) and result and isinstance(result[0], np.ndarray):
            found = {f"{name}_{i}": np.asarray(part) for i, part in enumerate(result)}
        else:
            dense = result.toarray() if hasattr(result, "toarray") else result
            found = {name: np.asarray(dense)}
        for part in found.values():
            if part.dtype.kind == "f" and not np.isfinite(part).all():
                raise RequestError(f"{name} is not finite for this input.", 422)
        return [write_tensor(key, part) for key, part in found.items()]


def _final(estimator: Any) -> Any:
    """Return the estimator that predicts, inside pipelines and searches."""
    while True:
        if isinstance(estimator, Pipeline):
            estimator = estimator.steps[-1][1]
        elif hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        else:
            return estimator


def _kind(final: Any) -> str:
    """Return what an estimator reads: a table, sequences of vectors or text."""
    tags = get_tags(final).input_tags
    vocabulary = getattr(final, "vocabulary_", None)
    if (tags.string and not tags.two_d_array) or (
        vocabulary is not None and isinstance(vocabulary[0], str)
    ):
        return "text"
    # A table of numbers is read as sequences of single numbers, as many as it has columns.
    n_steps = getattr(final, "n_steps_", None)
    if n_steps is not None and getattr(final, "n_features_in_", n_steps) != n_steps:
        return "sequence"
    return "table"


def _listed(names: Any) -> str:
    shown = [repr(name) for name in names]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")
