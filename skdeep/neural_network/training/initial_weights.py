"""The weights that networks begin with: by name, by their deviation, or by a look at the data."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.neural_network.training.samples import Samples
from skdeep.nn import INITIALIZERS, Network, unit_variance
from skdeep.nn.initializers import Initializer, normal
from skdeep.nn.shapes.inputs import take_rows
from skdeep.utils.params import none, one_of, real

__all__ = ["WEIGHT_INITS", "begin_at_unit_variance", "drawn_weights", "make_initializer"]

#: The names that `weight_init` may have.
WEIGHT_INITS = (*(name for name in INITIALIZERS if name != "ones"), "lsuv")

#: What it may be; a field of the name hides a rule of the same.
drawn_weights = none() | one_of(*WEIGHT_INITS) | real(0, closed="neither")

# Rows that a variance is taken of: it is known to some percent then, as layers are wide.
_N_ROWS = 512


def make_initializer(given: Any) -> Initializer | None:
    """Return what draws the weights, None for a scheme that the layers choose.

    Parameters
    ----------
    given : str, float or None
        As `weight_init` takes it.
    """
    if given is None:
        return None
    if isinstance(given, str):
        return INITIALIZERS["orthogonal" if given == "lsuv" else given]
    return partial(normal, std=float(given))


def begin_at_unit_variance(
    network: Network,
    samples: Samples,
    rows: NDArray[np.intp] | None,
    random_state: np.random.RandomState,
) -> None:
    """Scale fresh weights so that each layer's outputs have variance one.

    Parameters
    ----------
    network : Network
    samples : Samples
    rows : ndarray of int or None
        Those to train on, None for all; some of them are looked at, if they have a weight.
    random_state : RandomState
        Draws which.
    """
    rows = np.arange(len(samples)) if rows is None else rows
    if samples.weight is not None:
        rows = rows[samples.weight[rows] > 0]
    if len(rows) > _N_ROWS:
        rows = np.sort(random_state.choice(rows, _N_ROWS, replace=False))
    lengths = None if samples.lengths is None else samples.lengths[rows]
    with np.errstate(over="ignore", invalid="ignore"):  # training tells of what is not finite
        unit_variance(network, take_rows(samples.x, rows), lengths=lengths)
