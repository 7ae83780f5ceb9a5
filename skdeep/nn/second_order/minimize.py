"""Minimizing a network's loss on all data at once: quasi-Newton, conjugate gradients, Newton."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize
from numpy.typing import NDArray

from skdeep.nn.objective import Objective
from skdeep.nn.second_order.hessian import hessian
from skdeep.nn.second_order.newton import newton

__all__ = ["check_size", "minimize"]

Floats = NDArray[np.float64]

_SCIPY = {"lbfgs": "L-BFGS-B", "bfgs": "BFGS", "cg": "CG"}
# A matrix of a row and a column for each parameter may take so many bytes.
_LARGEST_MATRIX = 2**30


def minimize(
    objective: Objective,
    solver: str = "lbfgs",
    *,
    max_iter: int,
    max_fun: int,
    tol: float,
    after_iteration: Callable[[float], bool],
) -> Any:
    """Minimize from the network's parameters on, and leave it at the minimum.

    ==========  ====================================================================  ==============
    solver      a step                                                                memory
    ==========  ====================================================================  ==============
    'newton'    ``-(H + d I)^-1 g`` with the exact Hessian H, damped by d if needed   n_parameters²
    'bfgs'      ``-a B g``, B an inverse Hessian learned from gradients               n_parameters²
    'lbfgs'     the same from the last ten gradients alone                            n_parameters
    'cg'        ``a p`` with ``p <- b p - g``, b of Polak and Ribière                 n_parameters
    ==========  ====================================================================  ==============

    The lengths a come from a line search. All but Newton's are SciPy's [1]_.

    Parameters
    ----------
    objective : Objective
    solver : {'lbfgs', 'bfgs', 'cg', 'newton'}, default='lbfgs'
    max_iter, max_fun : int
        How many iterations and how many evaluations of the objective at most.
    tol : float
        Ends once no component of the gradient is larger.
    after_iteration : callable
        Called with the loss after each iteration; returns whether to stop.

    Returns
    -------
    scipy.optimize.OptimizeResult

    Raises
    ------
    ValueError
        If a matrix of the solver were too large, as `check_size` says.

    References
    ----------
    .. [1] J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd edition, 2006, chapters 3, 5, 6
       and 7.

    Examples
    --------
    A quadratic is minimized by a single step of Newton's method:

    >>> import numpy as np
    >>> from skdeep.nn import Dense, Network, Objective, SquaredError, minimize
    >>> x = np.random.default_rng(0).normal(size=(20, 2))
    >>> network = Network(Dense(1), input_shape=(2,), random_state=0)
    >>> objective = Objective(network, SquaredError(), x, x @ [[3.0], [-1.0]] + 2.0)
    >>> result = minimize(objective, "newton", max_iter=10, max_fun=100, tol=1e-12,
    ...                   after_iteration=lambda loss: False)
    >>> result.nit, network.params.round(10)
    (1, array([ 3., -1.,  2.]))
    """
    network = objective.network
    check_size(solver, network.n_parameters)
    last, n_iter, n_evaluations = (np.inf, network.params.astype(np.float64)), 0, 0

    def evaluate(vector: Floats) -> tuple[float, Floats]:
        nonlocal last, n_evaluations
        if n_evaluations >= max_fun and solver != "lbfgs":  # SciPy's looks after it
            raise _Enough
        n_evaluations += 1
        value, grad = objective(vector)
        if n_evaluations == 1:
            last = value, last[1]
        return value, grad.astype(np.float64)

    def count(value: float) -> bool:
        nonlocal last, n_iter
        last, n_iter = (value, network.params.astype(np.float64)), n_iter + 1
        return after_iteration(value)

    def callback(intermediate_result: Any) -> None:
        network.params[...] = intermediate_result.x
        if count(float(intermediate_result.fun)):
            raise StopIteration

    try:
        if solver == "newton":
            result = newton(
                evaluate,
                lambda vector: hessian(objective),  # whose network is there already
                last[1],
                max_iter=max_iter,
                tol=tol,
                after_iteration=lambda vector, value: count(value),
                eps=float(np.finfo(network.dtype).eps),
            )
        else:
            options = {"maxiter": max_iter, "gtol": tol}
            result = scipy.optimize.minimize(
                evaluate,
                last[1],
                method=_SCIPY[solver],
                jac=True,
                callback=callback,
                options=options | ({"maxfun": max_fun} if solver == "lbfgs" else {}),
            )
    except _Enough:
        message = "The number of evaluations is reached"
        found = {"fun": last[0], "x": last[1], "nit": n_iter}
        result = scipy.optimize.OptimizeResult(found, status=2, success=False, message=message)
    network.params[...] = result.x
    objective.settle_statistics()
    return result


class _Enough(Exception):
    """There have been as many evaluations as were allowed."""


def check_size(solver: str, n_parameters: int) -> None:
    """Raise ValueError if a solver needs a matrix that is too large for so many parameters."""
    n_bytes = 8 * n_parameters**2
    if solver in ("bfgs", "newton") and n_bytes > _LARGEST_MATRIX:
        raise ValueError(
            f"solver={solver!r} has a matrix with a row and a column for each parameter: "
            f"{n_parameters:,} x {n_parameters:,} numbers of 8 bytes are {n_bytes / 1e9:,.1f} GB. "
            f"It takes up to {int((_LARGEST_MATRIX / 8) ** 0.5):,} parameters; make the network "
            "smaller, or use solver='lbfgs' or 'cg', which keep a few vectors."
        )
