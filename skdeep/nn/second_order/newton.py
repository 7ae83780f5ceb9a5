"""Newton's method with the exact Hessian, damped where it has to be."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult

__all__ = ["newton"]

Floats = NDArray[np.float64]

# A step is taken if it lowers the objective by this part of what the quadratic model promises. The
# model is good enough for less damping above the second number, and asks for more below the third.
_TAKEN, _GOOD, _POOR = 1e-4, 0.75, 0.25
# Damping begins at this part of the mean curvature, grows tenfold, and is given up at the second.
_FIRST_DAMPING, _LAST_DAMPING = 1e-8, 1e12
# A pivot below this part of the largest is rounding: the Hessian is singular there.
_SINGULAR = 1e-13


def newton(
    evaluate: Callable[[Floats], tuple[float, Floats]],
    hessian: Callable[[Floats], Floats],
    start: Floats,
    *,
    max_iter: int,
    tol: float,
    after_iteration: Callable[[Floats, float], bool],
    eps: float = 2.0**-52,
) -> OptimizeResult:
    """Minimize a function by steps to the minimum of its quadratic model.

    With the gradient g and the Hessian H at w, the model and its minimum are::

        f(w + s) ~ f(w) + g's + s'H s / 2            s = -(H + d I)^-1 g

    where d = 0 as long as H is positive definite and the model is good: then a quadratic is
    minimized in one step, and near a minimum the number of right digits doubles with each. Where H
    is not positive definite, or the step does not lower f, d is raised until it is and does
    [1]_ [2]_; along negative curvature, the step then leads away from a saddle. At a saddle itself,
    where g = 0, Newton's method stays.

    Parameters
    ----------
    evaluate : callable
        Of a vector of shape (n,), the value and the gradient, an array that nobody changes.
    hessian : callable
        Of the vector that was evaluated last, the second derivatives, of shape (n, n).
    start : ndarray of shape (n,)
    max_iter : int
    tol : float
        Ends once no component of the gradient is larger.
    after_iteration : callable
        ``after_iteration(vector, value) -> stop``.
    eps : float, default=2**-52
        Relative error of the values.

    Returns
    -------
    scipy.optimize.OptimizeResult
        Its `status` is 0 at a minimum (or saddle), 1 after `max_iter`, 3 where no step helps.

    References
    ----------
    .. [1] D. W. Marquardt, "An algorithm for least-squares estimation of nonlinear parameters",
       SIAM Journal 11, 1963.
    .. [2] J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd edition, 2006, sections 3.4 and
       4.1.

    Examples
    --------
    A quadratic takes one step:

    >>> import numpy as np
    >>> from skdeep.nn.second_order import newton
    >>> matrix = np.array([[2.0, 1.0], [1.0, 3.0]])
    >>> result = newton(
    ...     lambda w: (w @ matrix @ w / 2, matrix @ w),
    ...     lambda w: matrix,
    ...     np.array([5.0, -7.0]),
    ...     max_iter=10,
    ...     tol=1e-10,
    ...     after_iteration=lambda w, value: False,
    ... )
    >>> result.nit, bool(abs(result.x).max() < 1e-12)
    (1, True)
    """
    params = np.array(start, dtype=np.float64)
    value, gradient = evaluate(params)
    damping = 0.0

    def end(status: int, message: str) -> OptimizeResult:
        found = {"x": params, "fun": value, "jac": gradient, "nit": n_iter}
        return OptimizeResult(found, status=status, success=status == 0, message=message)

    for n_iter in range(max_iter + 1):
        if not abs(gradient).max(initial=0.0) > tol:
            return end(0, "The gradient is as small as was asked for")
        if n_iter == max_iter:
            break
        curvature = hessian(params)
        if not abs(curvature).max(initial=0.0) * len(curvature) < _LARGEST:  # nor is NaN
            return end(3, "The second derivatives leave the range of floats")
        scale = float(abs(curvature.diagonal()).mean()) or 1.0
        while True:
            step, damping = _step(curvature, gradient, damping, scale)
            promised = -float(gradient @ step + step @ curvature @ step / 2)
            trial_value, trial_gradient = evaluate(params + step)
            if promised <= 10 * eps * abs(value):  # and so rounding hides what becomes of it
                gain = 1.0 if abs(trial_gradient).max() < abs(gradient).max() else 0.0
            else:
                gain = (value - trial_value) / promised
            if gain > _TAKEN:
                break
            damping = max(10 * damping, _FIRST_DAMPING * scale)
            if damping > _LAST_DAMPING * scale:
                return end(3, "No step lowers the loss by more than rounding")
        params = params + step
        value, gradient = trial_value, trial_gradient
        if gain > _GOOD:
            damping = damping / 10 if damping > _FIRST_DAMPING * scale else 0.0
        elif gain < _POOR:
            damping = max(10 * damping, _FIRST_DAMPING * scale)
        if after_iteration(params, value):
            n_iter += 1
            return end(_STOPPED, "Stopped by a callback")
    return end(1, "The number of iterations is reached")


_STOPPED = 99  # as SciPy says it
_LARGEST = 1e300  # beyond it no damping makes a matrix positive definite


def _step(
    curvature: Floats, gradient: Floats, damping: float, scale: float
) -> tuple[Floats, float]:
    """Return the step, and the damping with which the Hessian is positive definite."""
    while True:
        damped = curvature.copy()
        damped.flat[:: len(damped) + 1] += damping
        try:
            factor = scipy.linalg.cho_factor(damped, overwrite_a=True, check_finite=False)
            pivots = factor[0].diagonal()
            if pivots.min() ** 2 > _SINGULAR * pivots.max() ** 2:
                return -scipy.linalg.cho_solve(factor, gradient, check_finite=False), damping
        except scipy.linalg.LinAlgError:
            pass
        damping = max(10 * damping, _FIRST_DAMPING * scale)
