"""The network of one view: columns made of the table, then members side by side."""

from __future__ import annotations

import copy
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from skdeep.neural_network.tabular.members.recipe import Recipe, View
from skdeep.neural_network.tabular.rows.features import Features
from skdeep.nn import (
    ActivityL1,
    Branches,
    Columns,
    Dropout,
    Embedding,
    Identity,
    Layer,
    MemberDense,
    Network,
    OneHot,
    PeriodicEmbedding,
    PiecewiseLinear,
    PReLU,
    Sequence,
)

__all__ = ["Architecture", "first_layers"]

# A category of more codes than that has learned vectors of this length instead of columns.
_MANY, _UNITS = 128, 16


class Architecture:
    """Builds the network of one view, as often as it is wanted.

    Parameters
    ----------
    view : View
    recipe : Recipe
    edges : list of ndarray or None
        Of the bins of each number, where the view has bins.
    n_numbers, n_others : int
    sizes : tuple of int
        How many codes each category has.
    n_outputs : int
    """

    def __init__(
        self,
        view: View,
        recipe: Recipe,
        edges: list[NDArray[Any]] | None,
        n_numbers: int,
        n_others: int,
        sizes: tuple[int, ...],
        n_outputs: int,
    ) -> None:
        self.view, self.recipe, self.edges = view, recipe, edges
        self.n_numbers, self.n_others, self.sizes = n_numbers, n_others, sizes
        self.n_outputs = n_outputs
        self.few = tuple(i for i, size in enumerate(sizes) if size <= _MANY)
        self.many = tuple(i for i, size in enumerate(sizes) if size > _MANY)

    def with_recipe(self, recipe: Recipe) -> Architecture:
        """Return the same with another recipe, of as many members and units."""
        twin = copy.copy(self)
        twin.recipe = recipe
        return twin

    def input_shape(self) -> tuple[tuple[int, int], ...]:
        """Return the shapes of a sample's inputs, with a row for each member."""
        k = self.recipe.n_members
        return tuple((k, width) for width in self._widths() if width)

    def _widths(self) -> tuple[int, int, int, int]:
        return self.n_numbers, self.n_others, len(self.few), len(self.many)

    def inputs(self, features: Features) -> tuple[NDArray[Any], ...]:
        """Return the inputs, each of shape (n_samples, width)."""
        numbers, others, codes = features
        first = np.cumsum([0, *(self.sizes[i] for i in self.many)])[:-1]
        parts = (numbers, others, codes[:, self.few], codes[:, self.many] + first.astype(np.intp))
        return tuple(part for part, width in zip(parts, self._widths(), strict=True) if width)

    def inputs_of_members(self, features: Features) -> tuple[NDArray[Any], ...]:
        """Return the inputs with a row for each member: views, of shape (n_samples, k, width)."""
        k = self.recipe.n_members
        return tuple(
            np.broadcast_to(part[:, None], (len(part), k, part.shape[1]))
            for part in self.inputs(features)
        )

    def build(self) -> Layer:
        """Return new layers."""
        recipe = self.recipe
        of_numbers: list[Layer] = [Identity()]
        if self.edges is not None:
            of_numbers.append(PiecewiseLinear(self.edges))
        if self.view.n_waves:
            of_numbers.append(
                PeriodicEmbedding(self.view.n_waves, n_frequencies=8, n_axes=2, rate=0.1)
            )
        vectors = Embedding(
            sum(self.sizes[i] for i in self.many) or 1,
            _UNITS,
            weight_init=_standard_normal,
            members=True,
            joined=True,
        )
        columns: list[Layer] = [
            Branches(*of_numbers) if len(of_numbers) > 1 else of_numbers[0],
            Identity(),
            OneHot([self.sizes[i] for i in self.few]) if self.few else Identity(),
            vectors,
        ]
        layers: list[Layer] = [
            Columns(*(c for c, width in zip(columns, self._widths(), strict=True) if width))
        ]
        sizes = () if self.view.is_linear else recipe.hidden_layer_sizes
        for i, size in enumerate(sizes):
            layers += [
                MemberDense(
                    size,
                    weight_init=_standard_normal,
                    bias_init=_standard_normal,
                    ntk=True,
                    bias_rate=0.1,
                    scales=i == 0,
                    scale_rate=6.0,
                ),
                PReLU(n_axes=2),
            ]
            if recipe.activity_l1:
                layers.append(ActivityL1(recipe.activity_l1, members=True))
            if recipe.dropout:
                layers.append(Dropout(recipe.dropout))
        layers.append(
            MemberDense(
                self.n_outputs,
                weight_init="zeros",
                ntk=True,
                bias_rate=0.1,
                scales=not sizes,
                scale_rate=6.0,
            )
        )
        return Sequence(*layers)

    def input_sources(self, sources: Any) -> list[NDArray[np.intp]]:
        """Return, for each column of each of the `inputs`, the feature it comes from."""
        numbers, others, codes = sources
        parts = (numbers, others, codes[list(self.few)], codes[list(self.many)])
        return [part for part, width in zip(parts, self._widths(), strict=True) if width]

    def column_sources(self, sources: Any) -> NDArray[np.intp]:
        """Return, for each column that the first dense layer sees, the feature it comes from."""
        numbers, others, codes = sources
        found = [numbers]
        if self.edges is not None:
            found.append(numbers[PiecewiseLinear(self.edges).sources()])
        if self.view.n_waves:
            found.append(np.repeat(numbers, self.view.n_waves))
        found.append(others)
        found += [np.repeat(codes[i], self.sizes[i] - 1) for i in self.few]
        found += [np.repeat(codes[i], _UNITS) for i in self.many]
        return np.concatenate(found)


def first_layers(network: Network) -> tuple[Layer, MemberDense]:
    """Return the layer that makes columns of the table, and the dense layer that takes them."""
    columns, dense = tuple(network.root.inside())[:2]
    return columns, cast(MemberDense, dense)


def _standard_normal(shape: Any, fans: Any, random_state: np.random.RandomState) -> Any:
    return random_state.normal(size=shape)
