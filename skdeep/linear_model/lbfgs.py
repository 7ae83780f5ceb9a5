"""L-BFGS in coordinates in which the objective is nearly round, for large dense tables."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import minimize as scipy_minimize

from skdeep.linear_model.newton import Minimum
from skdeep.linear_model.objective import LinearObjective

__all__ = ["minimize_whitened"]

Array = NDArray[np.float64]


def minimize_whitened(
    objective: LinearObjective,
    theta: Array,
    *,
    tol: float,
    max_iter: int,
    after_step: Callable[[Array, float], bool],
) -> Minimum:
    r"""Minimise a smooth objective by L-BFGS in whitened coordinates.

    With :math:`P = L L^T` the mean diagonal block of the Hessian at zero, the variables are
    :math:`u_k = L^T \theta_k`. There the Hessian is at most about the identity, so that the first
    steps are right in length whatever the scales and correlations of the features, and
    :math:`\|\nabla_u F\|^2 / 2` estimates the decrease that is left.

    Parameters
    ----------
    objective : LinearObjective
        Without L1 penalty.
    theta : ndarray of shape ``objective.shape``
        Where to start.
    tol : float
        It is over when the estimate is at most ``tol**2 / 10`` of the objective.
    max_iter : int
        The largest number of steps.
    after_step : callable
        ``after_step(theta, value) -> stop``.

    Returns
    -------
    Minimum
    """
    loss = objective.loss
    origin = loss.at(np.zeros((objective.X.shape[0], loss.n_outputs)))
    P = objective.shared_hessian(origin)
    # Constant features without a penalty have no curvature of their own.
    P[np.diag_indices_from(P)] += 1e-10 * np.diagonal(P).mean()
    L = cholesky(P, lower=True, overwrite_a=True, check_finite=False)

    def weights(u: Array) -> Array:
        columns = u.reshape(objective.shape).T
        return solve_triangular(L, columns, lower=True, trans="T", check_finite=False).T

    last: dict[str, Array] = {}

    def function(u: Array) -> tuple[float, Array]:
        theta = weights(u)
        point = loss.at(objective.logits(theta))
        gradient = solve_triangular(
            L, objective.gradient(theta, point).T, lower=True, check_finite=False
        ).T.ravel()
        last["u"], last["gradient"] = u.copy(), gradient
        return point.value + objective.penalty(theta), gradient

    n_iter, converged = 0, False

    def callback(intermediate_result: object) -> None:
        nonlocal n_iter, converged
        u, value = intermediate_result.x, intermediate_result.fun  # type: ignore[attr-defined]
        n_iter += 1
        if np.array_equal(u, last["u"]):
            left = 0.5 * float(last["gradient"] @ last["gradient"])
            converged = left <= 0.1 * max(tol**2, 1e-15) * value
        if after_step(weights(u), value) or converged:
            converged = True
            raise StopIteration

    if max_iter == 0:
        return Minimum(theta, function((theta @ L).ravel())[0], 0, False)
    result = scipy_minimize(
        function,
        (theta @ L).ravel(),
        method="L-BFGS-B",
        jac=True,
        callback=callback,
        options={"maxiter": max_iter, "maxfun": 20 * max_iter, "maxls": 50, "gtol": 0, "ftol": 0},
    )
    if not converged and n_iter < max_iter:
        # The line search found no lower point: rounding hides any further decrease.
        converged = True
    return Minimum(weights(result.x), float(result.fun), n_iter, converged)
