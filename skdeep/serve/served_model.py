"""A model behind the Open Inference Protocol."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep._version import __version__
from skdeep.serve.errors import RequestError
from skdeep.serve.fitted_model import FittedModel
from skdeep.serve.onnx_model import OnnxModel
from skdeep.serve.tensors import read_tensor, write_tensor

__all__ = ["ServedModel"]


class ServedModel:
    """What a server says of a model, and what the model says of a request.

    Parameters
    ----------
    model : fitted estimator, or OnnxModel
        With `predict` or `transform`.
    name : str, default="model"
        The name in addresses.

    Attributes
    ----------
    signature : Signature
        What the model reads and says.
    outputs : list of str
        What can be asked for.

    Raises
    ------
    TypeError
        If an estimator predicts and transforms nothing.
    ValueError
        If the name cannot be a part of an address.
    """

    def __init__(self, model: Any, name: str = "model") -> None:
        if not name or "/" in name or name in (".", ".."):
            raise ValueError(
                f"A model's name is a part of addresses: not empty, without a slash, and neither "
                f"'.' nor '..'. Got {name!r}."
            )
        self.model = model if isinstance(model, OnnxModel) else FittedModel(model)
        self.name, self.signature = name, self.model.signature
        self.outputs = list(self.model.outputs)

    @property
    def default_outputs(self) -> list[str]:
        """The outputs of a request that names none."""
        return [name for name in self.outputs if name.startswith("predict")] or self.outputs[:1]

    def metadata(self) -> dict[str, Any]:
        """Return the protocol's description of inputs and outputs."""
        return {
            "name": self.name,
            "versions": [],
            "platform": self.model.platform,
            "inputs": self._inputs(),
            "outputs": [{"name": name, **said} for name, said in self.model.outputs.items()],
            "parameters": {"estimator": self.signature.estimator, "skdeep": __version__},
        }

    def _inputs(self) -> list[dict[str, Any]]:
        signature = self.signature
        if signature.named:
            return [
                {"name": column.name, "datatype": column.datatype, "shape": [-1]}
                for column in signature.columns
            ]
        texts = signature.kind == "text" or any(c.datatype == "BYTES" for c in signature.columns)
        datatype = "BYTES" if texts else "INT64" if signature.kind == "tokens" else "FP64"
        shape = {"text": [], "tokens": [-1], "sequence": [-1, signature.n_features]}
        more = shape.get(signature.kind, [signature.n_features])
        return [{"name": "X", "datatype": datatype, "shape": [-1, *more]}]

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
        answer["outputs"] = [write_tensor(*output) for output in self._ask(wanted, X)]
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
        """Return the input: an array, a list of text, or an array for each column."""
        if not isinstance(inputs, list) or not inputs:
            raise RequestError("inputs must be a list of at least one tensor.")
        arrays: dict[str, NDArray[Any]] = {}
        for i, tensor in enumerate(inputs):
            name, array = read_tensor(tensor, f"inputs[{i}]")
            if name in arrays:
                raise RequestError(f"The input {name!r} is there twice.")
            arrays[name] = array
        signature = self.signature
        names = [column.name for column in signature.columns] if signature.named else []
        if set(arrays) == {"X"} and names != ["X"]:
            array = arrays["X"]
            if signature.kind == "text" and array.ndim == 1:
                return array.tolist()
            if names and array.ndim == 2 and array.shape[1] == len(names):
                return {name: array[:, i] for i, name in enumerate(names)}
            return array
        if not names:
            raise RequestError(f"There must be one input, 'X'; got {_listed(arrays)}.")
        return self._by_column(arrays, names)

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

    def _ask(self, names: list[str], X: Any) -> list[tuple[str, NDArray[Any]]]:
        """Return the outputs by name; several targets have one each."""
        found = []
        for name, result in self.model.ask(names, X):
            if isinstance(result, list) and result and isinstance(result[0], np.ndarray):
                found += [(f"{name}_{i}", np.asarray(part)) for i, part in enumerate(result)]
            else:
                dense = result.toarray() if hasattr(result, "toarray") else result
                found.append((name, _one_tensor(name, dense)))
        for name, part in found:
            if part.dtype.kind == "f" and not np.isfinite(part).all():
                raise RequestError(f"{name} is not finite for this input.", 422)
        return found


def _one_tensor(name: str, result: Any) -> NDArray[Any]:
    """Return a result as an array; lists of tokens may differ in length."""
    try:
        return np.asarray(result)
    except ValueError as error:
        raise RequestError(
            f"{name} gives lists of different lengths for this input, which no tensor holds.", 422
        ) from error


def _listed(names: Any) -> str:
    shown = [repr(name) for name in names]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")
