"""Layers that take indices: a learned vector for each, or a column for each."""

from __future__ import annotations

from collections.abc import Sequence as Several
from typing import Any

import numpy as np

from skdeep.nn.initializers import Initializer, find_initializer
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter, Shape
from skdeep.nn.memory import Array

__all__ = ["Embedding", "OneHot"]


class Embedding(Layer):
    """A learned vector for each index.

    With a table E of shape (n_indices, m), indices x of shape (n, ...)::

        y = E[x],    grad_E[i] = sum of grad_y over the places where x = i

    Parameters
    ----------
    n_indices : int
        Indices are 0 to n_indices - 1.
    units : int
        Length of the vectors, m.
    weight_init : str or initializer, default="normal"
        A name of `skdeep.nn.initializers.INITIALIZERS`, or a function like its values.
    members : bool, default=False
        Whether the first axis of a sample counts members of an ensemble, each of which has a table
        of its own.
    joined : bool, default=False
        Whether the vectors of the last axis of a sample are joined to one, as those of several
        categories of a row of a table are.

    Notes
    -----
    Indices have no gradient: where one by the input is asked for, it is zero.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Embedding, Network
    >>> network = Network(Embedding(10, 4), input_shape=(3,), random_state=0)
    >>> network.forward(np.array([[0, 9, 0]])).shape
    (1, 3, 4)
    """

    input_dtype = "intp"
    weight: Array
    grad_weight: Array

    def __init__(
        self,
        n_indices: int,
        units: int,
        *,
        weight_init: str | Initializer = "normal",
        members: bool = False,
        joined: bool = False,
    ) -> None:
        for name, number in (("n_indices", n_indices), ("units", units)):
            if number < 1:
                raise ValueError(f"Embedding takes {name} of 1 or more, got {number!r}.")
        self.n_indices, self.units, self.weight_init = n_indices, units, weight_init
        self.members, self.joined = members, joined

    def config(self) -> dict[str, Any]:
        """Return the shape of the table."""
        return {"n_indices": self.n_indices, "units": self.units}

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: it is a copy of rows of the table."""
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input shape with `units` as a further axis, or joined to the last."""
        if self.joined:
            return (*input_shape[:-1], input_shape[-1] * self.units)
        return (*input_shape, self.units)

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        """Declare weight (n_indices, units), or (n_members, n_indices, units)."""
        table = (self.n_indices, self.units)
        weight_init = find_initializer("Embedding", "weight_init", self.weight_init)
        shape = (input_shape[0], *table) if self.members else table
        return {"weight": Parameter(shape, weight_init, table)}

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return the vectors."""
        lead = tuple(x.shape)
        self.lead, self.index = lead, x.reshape(-1)
        if self.members:
            first = self.n_indices * self.xp.arange(lead[1])  # where each member's table begins
            self.index = (x + first.reshape(-1, *(1,) * (len(lead) - 2))).reshape(-1)
        y = self.buffer("y", (len(self.index), self.units))
        y[...] = self.weight.reshape(-1, self.units)[self.index]
        return y.reshape(*lead[:-1], -1) if self.joined else y.reshape(*lead, self.units)

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Add up the gradients of each vector."""
        self.grad_weight[...] = 0.0
        table = self.grad_weight.reshape(-1, self.units)
        rows = grad_y.reshape(-1, self.units)
        if hasattr(table, "index_add_"):  # PyTorch
            table.index_add_(0, self.index, rows)
        else:
            self.xp.add.at(table, self.index, rows)
        if not wants_input:
            return None
        grad_x = self.buffer("grad_x", self.lead)
        grad_x[...] = 0.0
        return grad_x


class OneHot(Layer):
    """A column for each index but 0, which is 1 where the index is there and 0 elsewhere.

    Index 0 is what has no column, such as a category never seen. Nothing is learned.

    Parameters
    ----------
    sizes : sequence of int
        How many indices each feature has, 0 included: features stand along the last axis.

    Notes
    -----
    Indices have no gradient: where one by the input is asked for, it is zero.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Network, OneHot
    >>> network = Network(OneHot([3, 2]), input_shape=(2,))
    >>> network.forward(np.array([[1, 0], [2, 1], [0, 1]]))
    array([[1., 0., 0.],
           [0., 1., 1.],
           [0., 0., 1.]])
    """

    input_dtype = "intp"

    def __init__(self, sizes: Several[int]) -> None:
        if not len(sizes) or min(sizes) < 2:
            raise ValueError(f"OneHot takes sizes of 2 or more, one a feature, got {sizes!r}.")
        self.sizes = tuple(int(size) for size in sizes)

    def config(self) -> dict[str, Any]:
        """Return the number of columns."""
        return {"n_columns": sum(self.sizes) - len(self.sizes)}

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: `backward` does not read it."""
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input shape with the number of columns as its last axis."""
        if input_shape[-1] != len(self.sizes):
            raise ValueError(
                f"OneHot has sizes for {len(self.sizes)} features, got samples of shape "
                f"{input_shape}."
            )
        return (*input_shape[:-1], self.config()["n_columns"])

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return the columns."""
        xp = self.xp
        self.lead = tuple(x.shape)
        width = self.config()["n_columns"]
        rows = x.reshape(-1, len(self.sizes))
        y = self.buffer("y", (rows.shape[0], width))
        y[...] = 0.0
        first = np.cumsum([0, *self.sizes[:-1]]) - np.arange(len(self.sizes))
        known = rows > 0
        place = rows - xp.asarray(known, dtype=rows.dtype) + xp.asarray(first)
        place += (xp.arange(rows.shape[0]) * width)[:, None]
        y.reshape(-1)[place.reshape(-1)] = xp.asarray(known, dtype=self.dtype).reshape(-1)
        return y.reshape(*self.lead[:-1], width)

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Return zeros, if anything."""
        if not wants_input:
            return None
        grad_x = self.buffer("grad_x", self.lead)
        grad_x[...] = 0.0
        return grad_x
