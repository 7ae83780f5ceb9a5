"""The Hessian of a network's loss, exact to rounding."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.memory import Array
from skdeep.nn.network import Network
from skdeep.nn.objective import Objective
from skdeep.nn.second_order.dual import Dual
from skdeep.nn.second_order.duals import Duals
from skdeep.nn.shapes.inputs import convert, is_sparse, size_of

__all__ = ["hessian"]

# Numbers that the tangents of the widest array of a network may have.
_LARGEST_TANGENTS = 2**23


def hessian(objective: Objective) -> NDArray[np.float64]:
    """Return the second derivatives of an objective at the parameters of its network.

    The gradient of a network comes from going forward and backward once. Where the parameters move
    along a direction v, so does the gradient, and its derivative is H v; that is found by going the
    same way with dual numbers in the place of numbers [1]_. All unit vectors v together give the
    columns of H. Nothing is approximated: the errors are those of rounding.

    Where a function has a kink, as ReLU at zero, the second derivative is that of one side. Running
    statistics of normalizations stay as they are.

    Parameters
    ----------
    objective : Objective
        In NumPy's namespace, of any type; the Hessian is computed in float64.

    Returns
    -------
    ndarray of shape (n_parameters, n_parameters)
        Symmetric.

    Raises
    ------
    NotImplementedError
        If a layer or the loss does something that has no derivative here.

    References
    ----------
    .. [1] B. A. Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6,
       1994.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Dense, Network, Objective, SquaredError, hessian
    >>> network = Network(Dense(1), input_shape=(1,), random_state=0)
    >>> x = np.array([[1.0], [2.0]])
    >>> hessian(Objective(network, SquaredError(), x, np.zeros((2, 1))))  # of weight and bias
    array([[2.5, 1.5],
           [1.5, 1. ]])
    """
    network = objective.network
    size = network.n_parameters
    k = _directions_at_once(network, objective.target.shape[0])
    twin = _in_duals(objective, min(k, size))
    params = network.params.astype(np.float64)
    columns = np.empty((size, size))
    for start in range(0, size, k):
        n = min(k, size - start)
        directions = np.zeros((min(k, size), size))
        directions[np.arange(n), start + np.arange(n)] = 1.0
        try:
            _, grad = twin(Dual(params, directions))
        except (AttributeError, TypeError) as error:
            raise NotImplementedError(
                f"The second derivatives of {network.root!r} with {type(objective.loss).__name__} "
                f"are not known: {error}"
            ) from error
        columns[start : start + n] = grad.tangents[:n]
    return (columns + columns.T) / 2


def _directions_at_once(network: Network, n_samples: int) -> int:
    """Return how many directions at a time keep memory within bounds."""
    widest = max(
        max(size_of(shape), math.prod(layer.output_shape(shape)))
        for _, layer, shape in network.nodes()
    )
    return max(1, _LARGEST_TANGENTS // max(1, n_samples * widest, network.n_parameters))


def _in_duals(objective: Objective, n_directions: int) -> Any:
    """Return the same objective of a copy of the network whose parameters are duals."""
    x: Array = objective.x.toarray() if is_sparse(objective.x) else objective.x
    network, weight, target = objective.network, objective.weight, objective.target
    return Objective(
        network.copy(Duals(n_directions), np.float64),
        objective.loss.replica(),
        convert(x, np, np.float64, network.root.input_dtype),
        target.astype(np.float64) if target.dtype.kind == "f" else target,
        None if weight is None else weight.astype(np.float64),
        objective.penalty,
        objective.mode.count,
        objective.lengths,
    )
