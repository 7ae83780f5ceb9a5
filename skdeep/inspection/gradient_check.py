"""Is a gradient right? Compare it with central differences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state

from skdeep.inspection.gradient_problems import (
    Problem,
    of_layer,
    of_loss,
    of_network,
    of_objective,
    of_penalty,
)
from skdeep.nn import Layer, Loss, Network, Objective, Penalty

__all__ = ["GradientReport", "gradient_check"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class GradientReport:
    """What `gradient_check` found, true where it is `ok`.

    Attributes
    ----------
    errors : dict of str to float
        The largest relative error of each array.
    where : dict of str to tuple of int
        The index at which it is.
    analytic, numeric : dict of str to float
        The two derivatives there.
    tolerance : float
        What errors are allowed to be.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep import gradient_check
    >>> from skdeep.nn import L2
    >>> report = gradient_check(L2(0.5), np.array([3.0, -4.0]))
    >>> report.ok, report.analytic["weights"] in (1.5, -2.0)
    (True, True)
    """

    errors: dict[str, float] = field(default_factory=dict)
    where: dict[str, tuple[int, ...]] = field(default_factory=dict)
    analytic: dict[str, float] = field(default_factory=dict)
    numeric: dict[str, float] = field(default_factory=dict)
    tolerance: float = 1e-6

    @property
    def largest_error(self) -> float:
        """The largest error of all arrays."""
        return max(self.errors.values(), default=0.0)

    @property
    def ok(self) -> bool:
        """Whether no error exceeds the tolerance."""
        return self.largest_error <= self.tolerance

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        width = max([len("array"), *map(len, self.errors)])
        verdict = "ok" if self.ok else "WRONG"
        lines = [
            f"{verdict}: largest relative error {self.largest_error:.1e}, "
            f"tolerance {self.tolerance:.0e}",
            f"{'array':<{width}}  {'error':>8}  {'analytic':>13}  {'numeric':>13}  at",
        ]
        for name, error in self.errors.items():
            mark = "" if error <= self.tolerance else "  <- wrong"
            lines.append(
                f"{name:<{width}}  {error:>8.1e}  {self.analytic[name]:>13.6g}  "
                f"{self.numeric[name]:>13.6g}  {self.where[name]}{mark}"
            )
        return "\n".join(lines)


def gradient_check(
    what: Layer | Network | Loss | Penalty | Objective,
    x: ArrayLike | None = None,
    target: ArrayLike | None = None,
    *,
    weight: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    training: bool = True,
    may_overwrite: bool = False,
    max_entries: int | None = 100,
    step: float = 1e-5,
    tolerance: float = 1e-6,
    random_state: Any = 0,
) -> GradientReport:
    """Compare the gradients that something computes with central differences.

    The derivative by each entry t of each parameter and of the input is approximated by::

        n = (f(t + h) - f(t - h)) / (2 h)

    whose error falls with h**2, and compared with the analytic derivative a by the relative error::

        |a - n| / max(|a|, |n|, g / 1000, |f| / 100000, 1e-10)

    with g the largest derivative of all, so that derivatives which are zero but for rounding do
    not raise an alarm. For a layer or a network of outputs y, f is the sum of v y with random v,
    and differences are taken output by output before summing. Where the two disagree, h / 10 is
    tried as well, since a kink (as of ReLU) may lie between t - h and t + h. A derivative that is
    not finite either way, as next to the edge of a logarithm, counts as wrong.

    The check works on copies in float64 and leaves `what` as it was.

    Parameters
    ----------
    what : Layer, Network, Loss, Penalty or Objective
        A layer gets parameters and running statistics of random values, a network keeps its own.
    x : array-like or tuple of array-like, default=None
        For a layer or a network a batch of shape (n_samples, *input_shape), or a tuple of several
        inputs; a random one if not given for a network; dense layers also take a sparse matrix.
        For a loss the raw outputs `z` of shape (n_samples, ..., n_outputs). For a penalty the
        weights. An objective has its own.
    target : array-like, default=None
        For a loss, what it compares `x` with.
    weight : array-like of shape (n_samples,), default=None
        For a layer, a network or a loss: what each sample counts, scaled to sum 1 here.
    lengths : array-like of int of shape (n_samples,), default=None
        For a layer, a network or a loss: how many steps of each sequence are valid.
    training : bool, default=True
        For a layer or a network: the mode in which it runs. The masks of dropout are the same in
        each evaluation.
    may_overwrite : bool, default=False
        For a layer: whether it may write over its input, as it does behind many other layers.
    max_entries : int or None, default=100
        How many entries of an array to look at, drawn at random; None looks at all.
    step : float, default=1e-5
        The h above, for entries up to one; it grows with larger ones.
    tolerance : float, default=1e-6
        The largest relative error that passes.
    random_state : int, RandomState or None, default=0
        Draws parameters, inputs, masks, v, and the entries looked at.

    Returns
    -------
    GradientReport
        Its `ok` is the answer; printed, it is a table with a row for each array.

    Raises
    ------
    TypeError
        If `what` is none of those.
    ValueError
        If data are missing, superfluous, not finite or of the wrong shape; and if something
        breaks the contract of a layer: writes to an input that is not its own, returns a gradient
        of the wrong shape, leaves a gradient unfilled, or maps the same input differently.

    References
    ----------
    C. M. Bishop, "Pattern recognition and machine learning", 2006, section 5.3.3.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep import gradient_check
    >>> from skdeep.nn import BatchNorm, SoftmaxCrossEntropy, Tanh
    >>> x = np.random.RandomState(0).normal(size=(6, 3))
    >>> gradient_check(BatchNorm(), x).ok
    True
    >>> gradient_check(SoftmaxCrossEntropy(), x, target=[0, 2, 1, 1, 0, 2]).ok
    True

    A layer whose way back is wrong is found out:

    >>> class Slip(Tanh):
    ...     def chain(self, y, grad):
    ...         grad *= 1 - y  # should be 1 - y**2
    >>> report = gradient_check(Slip(), x)
    >>> report.ok, list(report.errors)
    (False, ['input'])
    """
    if not step > 0:
        raise ValueError(f"step must be positive, got {step!r}.")
    if max_entries is not None and max_entries < 1:
        raise ValueError(f"max_entries must be at least 1, or None for all, got {max_entries!r}.")
    rng = check_random_state(random_state)
    if not isinstance(what, (Layer, Network, Loss, Penalty, Objective)):
        given = f"the class {what.__name__}" if isinstance(what, type) else repr(what)
        hint = " Its network_ is what can be checked." if hasattr(what, "network_") else ""
        raise TypeError(
            "gradient_check takes an instance of Layer, Network, Loss, Penalty or Objective, "
            f"got {given}.{hint}"
        )
    if may_overwrite and not isinstance(what, Layer):
        raise ValueError(f"may_overwrite is for a layer alone, not for {type(what).__name__}.")
    if target is not None and not isinstance(what, Loss):
        raise ValueError(f"target is for a loss, not for {type(what).__name__}.")
    if isinstance(what, Layer):
        problem = of_layer(what, x, weight, lengths, training, may_overwrite, rng)
    elif isinstance(what, Network):
        problem = of_network(what, x, weight, lengths, training, rng)
    elif isinstance(what, Loss):
        problem = of_loss(what, x, target, weight, lengths)
    elif isinstance(what, Penalty):
        problem = of_penalty(what, x, weight)
    else:
        problem = of_objective(what, x, weight, rng)
    return _compare(problem, max_entries, step, tolerance, rng)


def _compare(
    problem: Problem, max_entries: int | None, step: float, tolerance: float, rng: Any
) -> GradientReport:
    value = problem.evaluate()
    if not np.isfinite(value).all():
        raise ValueError("The function to differentiate is not finite at this point.")
    if not np.array_equal(value, problem.evaluate()):
        raise ValueError("The function to differentiate is not the same at the same point.")

    def difference(array: Floats, index: tuple[int, ...], h: float) -> float:
        middle = array[index]
        h *= max(1.0, abs(middle))
        try:
            array[index] = high = middle + h
            above = problem.evaluate()
            array[index] = low = middle - h
            below = problem.evaluate()
        finally:
            array[index] = middle
        return float(np.sum(above - below) / (high - low))

    numeric: dict[str, list[tuple[tuple[int, ...], float]]] = {}
    for name, array in problem.arrays.items():
        entries = np.arange(array.size)
        if max_entries is not None and array.size > max_entries:
            entries = rng.choice(array.size, max_entries, replace=False)
        indices = [tuple(int(k) for k in np.unravel_index(i, array.shape)) for i in entries]
        numeric[name] = [(index, difference(array, index, step)) for index in indices]
    # A difference that is not finite says nothing about the size of the others.
    known = (abs(n) for rows in numeric.values() for _, n in rows if np.isfinite(n))
    largest = max(known, default=0.0)
    floor = max(largest / 1e3, float(np.abs(value).max(initial=0.0)) / 1e5, 1e-10)

    def error(a: float, n: float) -> float:
        if not (np.isfinite(a) and np.isfinite(n)):
            return np.inf
        return abs(a - n) / max(abs(a), abs(n), floor)

    report = GradientReport(tolerance=tolerance)
    for name, rows in numeric.items():
        worst = -1.0
        for index, n in rows:
            a = float(problem.analytic[name][index])
            found = error(a, n)
            if found > tolerance:
                closer = difference(problem.arrays[name], index, step / 10)
                if error(a, closer) < found:
                    n, found = closer, error(a, closer)
            if found > worst:
                worst = report.errors[name] = found
                report.where[name], report.analytic[name], report.numeric[name] = index, a, n
    return report
