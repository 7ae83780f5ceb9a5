"""The loss around a solution, along directions whose length means the same for every filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.inspection.inputs import Reading
from skdeep.nn import Loss, Network
from skdeep.nn.shapes.inputs import n_rows

__all__ = ["filter_normalized_direction", "loss_along"]

Floats = NDArray[np.float64]


def filter_normalized_direction(network: Network, random_state: Any = None) -> Floats:
    """Draw a direction in the space of the parameters, filter by filter as long as the weights.

    ::

        d_f  <-  d_f / |d_f|  |w_f|     for the weights w_f of each unit or filter

    A network of ReLU units computes the same if a unit's weights are multiplied and the next
    layer's divided by the same number, so that a step of fixed length means little where weights
    are large. Measured in lengths of the filters, sharpness means something. Biases, and scales
    and shifts of normalizations, stay where they are.

    Parameters
    ----------
    network : Network
    random_state : int, RandomState or None, default=None

    Returns
    -------
    ndarray of shape (n_parameters,)

    References
    ----------
    H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein, "Visualizing the loss landscape of neural
    nets", NeurIPS 2018, section 4.
    """
    if not isinstance(random_state, np.random.RandomState):
        random_state = np.random.RandomState(random_state)
    direction = np.zeros(network.n_parameters)
    params = np.asarray(network.params, dtype=np.float64)
    for part, (n_matrices, n_inputs, n_units) in network.matrices():
        weight = params[part].reshape(n_matrices, n_inputs, n_units)
        drawn = random_state.normal(size=weight.shape)
        # A kernel is one matrix; stacked matrices, as of members, have units of their own.
        axes = (1,)
        length = np.sqrt((drawn**2).sum(axis=axes, keepdims=True))
        wanted = np.sqrt((weight**2).sum(axis=axes, keepdims=True))
        direction[part] = (drawn / np.where(length > 0, length, 1) * wanted).ravel()
    return direction


def loss_along(network: Network, loss: Loss, reading: Reading) -> Callable[[NDArray[Any]], float]:
    """Return the mean loss of some samples as a function of the parameters, of a copy.

    Parameters
    ----------
    network : Network
    loss : Loss
        Of its own buffers.
    reading : Reading
        With targets.
    """
    twin = network.copy()
    loss.settle(np, network.dtype)
    x, lengths, target = reading

    def at(params: NDArray[Any]) -> float:
        twin.params[...] = params
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            outputs = twin.outputs(x, lengths)
            return float(loss.value(outputs, target, None, lengths))

    assert n_rows(x)
    return at
