"""Standard errors of penalised maximum-likelihood weights."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.classifiers.coordinates import Coordinates
from skdeep.linear_model.solvers.newton_steps import DirectSteps
from skdeep.linear_model.solvers.objective import LinearObjective

__all__ = ["weight_errors"]

Array = NDArray[np.float64]

MAX_WEIGHTS = 10_000


def weight_errors(objective: LinearObjective, theta: Array, coordinates: Coordinates) -> Array:
    r"""Return the roots of the diagonal of :math:`T H^{-1} F H^{-1} T^T`.

    :math:`H` is the Hessian of the objective, :math:`F` that of its loss, and :math:`T` the map
    from the coordinates to weights and intercepts on the features as they came.

    Parameters
    ----------
    objective : LinearObjective
        Without L1 penalty.
    theta : ndarray of shape ``objective.shape``
        The weights in the coordinates.
    coordinates : Coordinates
        The coordinates.

    Returns
    -------
    ndarray of shape ``objective.shape``

    Raises
    ------
    ValueError
        If there are too many weights.
    """
    if theta.size > MAX_WEIGHTS:
        raise ValueError(
            f"Standard errors need a matrix of all pairs of weights: at most {MAX_WEIGHTS} of "
            f"them, got {theta.size}."
        )
    point = objective.loss.at(objective.logits(theta))
    steps = DirectSteps(objective)
    steps(point, np.zeros(theta.shape), 0.0)
    assert steps.factor is not None
    (n_outputs, width), n_features = theta.shape, objective.n_features
    fisher = objective.hessian(point)
    fisher[np.diag_indices(math.prod(theta.shape))] -= np.tile(
        np.append(objective.l2, np.zeros(width - n_features)), n_outputs
    )
    T = np.diag(np.append(1.0 / coordinates.scale, np.ones(width - n_features)))
    T[n_features:, :n_features] = -coordinates.center / coordinates.scale
    back = np.kron(np.eye(n_outputs), T.T).astype(np.float64)
    solved = steps.factor.solve(back)
    variance = np.einsum("ij,ij->j", solved, fisher @ solved)
    errors = np.sqrt(np.maximum(variance, 0.0)).reshape(theta.shape)
    unknown = steps.factor.unit.reshape(theta.shape) == 0.0
    return np.where(unknown, np.nan, errors)
