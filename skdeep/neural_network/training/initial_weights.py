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
from skdeep.nn.shapes.links import links
from skdeep.utils.params import none, one_of, real

__all__ = [
    "WEIGHT_INITS",
    "begin_at",
    "begin_at_unit_variance",
    "drawn_weights",
    "make_initializer",
]

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


def begin_at(network: Network, outputs: NDArray[Any]) -> None:
    """Let the last layer's biases be the outputs that a fresh network begins about, if it has any.

    Parameters
    ----------
    network : Network
    outputs : ndarray of shape (n_outputs,)
        An entry that is not finite leaves the bias as it was drawn.
    """
    last = links(network.root, network.input_shape)[-1].layer
    bias = getattr(last, "bias", None) if last.linear else None
    if bias is not None and bias.shape == outputs.shape:
        known = np.isfinite(outputs)
        bias[known] = outputs[known]
