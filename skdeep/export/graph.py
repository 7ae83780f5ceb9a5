"""A graph of ONNX operators that grows node by node, from the input to the outputs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["OPSET", "Graph", "Name", "require_onnx"]

#: The version of the standard operators that all graphs are made of.
OPSET = 18

#: What the output of a node is called.
Name = str


def require_onnx() -> Any:
    """Return the package onnx.

    Raises
    ------
    ImportError
        If it is not installed.
    """
    try:
        import onnx
    except ImportError as error:
        raise ImportError(
            'skdeep.export needs onnx, which is not installed; pip install "skdeep[export]" '
            "brings it."
        ) from error
    return onnx


class Graph:
    """Nodes and constants, each under a name of its own.

    Parameters
    ----------
    prefix : str, default=""
        What all names begin with, where the graph becomes part of another one.

    Attributes
    ----------
    nodes, constants : list
        As `onnx.GraphProto` holds them.
    """

    def __init__(self, prefix: str = "") -> None:
        self._onnx = require_onnx()
        self._prefix, self._n = prefix, 0
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(self, operator: str, *inputs: Name | NDArray[Any], **attributes: Any) -> Name:
        """Add a node of one output, and return its name.

        Parameters
        ----------
        operator : str
            Of the standard operators.
        *inputs : str or ndarray
            Names; an array becomes a constant, and an empty name leaves an input out.
        **attributes
            Of the operator.
        """
        return self.add_several(operator, *inputs, n_outputs=1, **attributes)[0]

    def add_several(
        self, operator: str, *inputs: Name | NDArray[Any], n_outputs: int, **attributes: Any
    ) -> list[Name]:
        """Add a node, and return the names of its outputs."""
        names = [given if isinstance(given, str) else self.constant(given) for given in inputs]
        outputs = [self._new(operator) for _ in range(n_outputs)]
        node = self._onnx.helper.make_node(
            operator, names, outputs, name=self._new(operator), **attributes
        )
        self.nodes.append(node)
        return outputs

    def call(self, value: Name, name: Name) -> None:
        """Give an output the name that it has outside of the graph."""
        self.nodes.append(self._onnx.helper.make_node("Identity", [value], [name]))

    def constant(self, array: Any) -> Name:
        """Add an array: numbers in float32, whole ones in int64, double ones and text as it is."""
        array = np.asarray(array)
        if array.dtype.kind in "USO":
            array = np.array([str(entry).encode() for entry in array.ravel()], dtype=object)
            name = self._new("labels")
            strings = self._onnx.TensorProto.STRING
            self.constants.append(
                self._onnx.helper.make_tensor(name, strings, array.shape, list(array))
            )
            return name
        if array.dtype.kind in "iub":
            array = array.astype(np.int64)
        name = self._new("constant")
        self.constants.append(
            self._onnx.numpy_helper.from_array(np.asarray(array, order="C"), name)
        )
        return name

    def floats(self, array: Any) -> Name:
        """Add an array as float32."""
        return self.constant(np.asarray(array).astype(np.float32))

    def transpose(self, x: Name, *order: int) -> Name:
        """Return `x` with its axes in that order."""
        return self.add("Transpose", x, perm=list(order))

    def reshape(self, x: Name, *shape: int) -> Name:
        """Return `x` in that shape, where 0 keeps an axis and -1 takes what is left."""
        return self.add("Reshape", x, np.array(shape))

    def slice(self, x: Name, start: int, stop: int, *, axis: int, step: int = 1) -> Name:
        """Return entries `start` to `stop` along an axis."""
        return self.add("Slice", x, *(np.array([number]) for number in (start, stop, axis, step)))

    def cast(self, x: Name, kind: str) -> Name:
        """Return `x` as "FLOAT", "DOUBLE" or "INT64"."""
        return self.add("Cast", x, to=int(getattr(self._onnx.TensorProto, kind)))

    def _new(self, word: str) -> Name:
        self._n += 1
        return f"{self._prefix}{word}_{self._n}"
