"""Is a gradient right? Compare it with central differences."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.utils import check_random_state

from skdeep.nn import L2, Layer, Loss, Mode, Network, Objective

__all__ = ["GradientReport", "gradient_check"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class GradientReport:
    """What `gradient_check` found.

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
    what: Layer | Network | Loss | L2 | Objective,
    x: ArrayLike | None = None,
    target: ArrayLike | None = None,
    *,
    weight: ArrayLike | None = None,
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
    what : Layer, Network, Loss, L2 or Objective
        A layer gets parameters and running statistics of random values, a network keeps its own.
    x : array-like, default=None
        For a layer or a network a batch of shape (n_samples, *input_shape), a random one if not
        given for a network; dense layers also take a sparse matrix. For a loss the raw outputs
        `z` of shape (n_samples, n_outputs). For a penalty the weights. An objective has its own.
    target : array-like, default=None
        For a loss, what it compares `x` with.
    weight : array-like of shape (n_samples,), default=None
        For a layer, a network or a loss: what each sample counts, scaled to sum 1 here.
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
    if not isinstance(what, (Layer, Network, Loss, L2, Objective)):
        given = f"the class {what.__name__}" if isinstance(what, type) else repr(what)
        hint = " Its network_ is what can be checked." if hasattr(what, "network_") else ""
        raise TypeError(
            "gradient_check takes an instance of Layer, Network, Loss, L2 or Objective, "
            f"got {given}.{hint}"
        )
    if may_overwrite and not isinstance(what, Layer):
        raise ValueError(f"may_overwrite is for a layer alone, not for {_name(what)}.")
    if target is not None and not isinstance(what, Loss):
        raise ValueError(f"target is for a loss, not for {_name(what)}.")
    if isinstance(what, Layer):
        problem = _of_layer(what, x, weight, training, may_overwrite, rng)
    elif isinstance(what, Network):
        problem = _of_network(what, x, weight, training, rng)
    elif isinstance(what, Loss):
        problem = _of_loss(what, x, target, weight)
    elif isinstance(what, L2):
        problem = _of_penalty(what, x, weight)
    else:
        problem = _of_objective(what, x, weight, rng)
    return _compare(problem, max_entries, step, tolerance, rng)


@dataclass
class _Problem:
    """Something to differentiate.

    `arrays` are varied in place, `evaluate` returns f entry by entry with the sum f (all factors
    included), `analytic` holds the gradients of the sum.
    """

    arrays: dict[str, Floats]
    analytic: dict[str, Floats]
    evaluate: Callable[[], Floats]


def _compare(
    problem: _Problem, max_entries: int | None, step: float, tolerance: float, rng: Any
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


def _of_layer(
    layer: Layer, x: Any, weight: Any, training: bool, may_overwrite: bool, rng: Any
) -> _Problem:
    if x is None:
        raise ValueError(f"A layer needs a batch x of shape (n_samples, ...) to map; {layer!r}.")
    x = _batch(x, "x")
    network = Network(copy.deepcopy(layer), x.shape[1:], random_state=rng)
    # At a zero or a one, where parameters start, a wrong factor could hide.
    network.params += rng.normal(0.0, 0.5, network.n_parameters)
    network.statistics += rng.uniform(0.1, 1.0, network.statistics.size)
    network.root.connect(may_overwrite)
    return _differentiate(network, x, weight, training, rng, may_overwrite)


def _of_network(network: Network, x: Any, weight: Any, training: bool, rng: Any) -> _Problem:
    if x is None:
        x = rng.normal(size=(5, *network.input_shape))
    x = _batch(x, "x")
    if tuple(x.shape[1:]) != network.input_shape:
        raise ValueError(
            f"x has samples of shape {tuple(x.shape[1:])}, the network takes {network.input_shape}."
        )
    return _differentiate(_in_float64(network), x, weight, training, rng)


def _differentiate(
    network: Network, x: Any, weight: Any, training: bool, rng: Any, may_overwrite: bool = False
) -> _Problem:
    weight = _weights(weight, x.shape[0])
    statistics = network.statistics.copy()
    seed = int(rng.randint(2**31 - 1))
    given = x.copy()

    def forward() -> Floats:
        network.statistics[...] = statistics
        mode = Mode(training=training, rng=np.random.default_rng(seed), weight=weight)
        return network.forward(x.copy() if may_overwrite else x, mode)

    y = forward()
    factors = rng.normal(size=y.shape)
    network.grad[...] = np.nan
    grad_x = network.backward(factors.copy(), wants_input=not issparse(x))
    if not issparse(x):
        if not np.array_equal(x, given):
            raise ValueError(f"{network.root!r} wrote to its input, which is not its own.")
        shape = getattr(grad_x, "shape", None)
        if shape != x.shape:
            raise ValueError(
                f"{network.root!r} returned a gradient by its input of shape {shape}, "
                f"but the input is of shape {x.shape}."
            )
    arrays, analytic = _parameters(network)
    analytic = {name: gradient.copy() for name, gradient in analytic.items()}
    for name, gradient in analytic.items():
        if np.isnan(gradient).any():
            raise ValueError(
                f"{network.root!r} left the gradient by {name} unfilled, or it is not a number; "
                f"backward sets gradients and does not add to them."
            )
    if not issparse(x):
        arrays["input"], analytic["input"] = x, np.array(grad_x)
    return _Problem(arrays, analytic, lambda: factors * forward())


def _of_loss(loss: Loss, x: Any, target: Any, weight: Any) -> _Problem:
    if x is None or target is None:
        missing = "x" if x is None else "target"
        raise ValueError(
            f"A loss needs raw outputs x and a target; {_name(loss)} was given no {missing}."
        )
    z, target = _batch(x, "x"), np.array(target)
    if len(target) != len(z):
        raise ValueError(f"x has {len(z)} samples, target has {len(target)}.")
    if target.ndim > 1 and target.shape != z.shape:
        raise ValueError(f"x is of shape {z.shape}, target of shape {target.shape}.")
    weight = _weights(weight, len(z))
    twin = copy.deepcopy(loss)
    twin.settle(np, np.float64)

    def evaluate() -> Floats:
        return np.array(twin.value_and_gradient(z.copy(), target, weight)[0])

    gradient = np.array(twin.value_and_gradient(z.copy(), target, weight)[1])
    if gradient.shape != z.shape:
        raise ValueError(
            f"{_name(loss)} returned a gradient of shape {gradient.shape}, but z is of shape "
            f"{z.shape}."
        )
    return _Problem({"z": z}, {"z": gradient}, evaluate)


def _of_penalty(penalty: L2, x: Any, weight: Any) -> _Problem:
    if x is None:
        raise ValueError("A penalty needs the weights to penalize as x.")
    if weight is not None:
        raise ValueError("A penalty takes no weight of samples.")
    weights = _batch(x, "x").reshape(-1)
    twin = copy.deepcopy(penalty)
    gradient = np.zeros_like(weights)
    twin.add_gradient(weights, gradient)
    return _Problem(
        {"weights": weights}, {"weights": gradient}, lambda: np.array(twin.value(weights))
    )


def _of_objective(objective: Objective, x: Any, weight: Any, rng: Any) -> _Problem:
    if x is not None or weight is not None:
        raise ValueError("An objective has its own x, target and weight; give none.")
    network = _in_float64(objective.network)
    x, weight = _batch(objective.x, "x"), _weights(objective.weight, objective.x.shape[0])
    twin = Objective(
        network,
        copy.deepcopy(objective.loss),
        x,
        np.array(objective.target),
        weight,
        copy.deepcopy(objective.penalty),
    )
    seed = int(rng.randint(2**31 - 1))

    def at_the_parameters() -> tuple[float, Floats]:
        twin.mode = Mode(training=True, rng=np.random.default_rng(seed), weight=weight)
        return twin(network.params)

    at_the_parameters()
    arrays, analytic = _parameters(network)
    analytic = {name: gradient.copy() for name, gradient in analytic.items()}
    return _Problem(arrays, analytic, lambda: np.array(at_the_parameters()[0]))


def _in_float64(network: Network) -> Network:
    """Return a copy in NumPy's namespace with the same parameters and statistics."""
    twin = Network(copy.deepcopy(network.root), network.input_shape)
    twin.params[...] = np.asarray(network.params)
    twin.statistics[...] = np.asarray(network.statistics)
    return twin


def _parameters(network: Network) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Return the views of all parameters and of their gradients, by name."""
    arrays, gradients = {}, {}
    leaves = list(network.root.leaves(network.input_shape))
    for i, (leaf, shape) in enumerate(leaves):
        prefix = f"{i}.{type(leaf).__name__}." if len(leaves) > 1 else ""
        for name in leaf.parameters(shape):
            arrays[prefix + name] = getattr(leaf, name)
            gradients[prefix + name] = getattr(leaf, "grad_" + name)
    return arrays, gradients


def _batch(x: Any, name: str) -> Any:
    """Return a copy in float64."""
    if issparse(x):
        return x.astype(np.float64, copy=True)
    batch = np.array(x, dtype=np.float64)
    if batch.ndim == 0 or batch.size == 0:
        raise ValueError(f"{name} must hold at least one sample, got shape {batch.shape}.")
    if not np.isfinite(batch).all():
        raise ValueError(f"{name} contains NaN or infinity.")
    return batch


def _weights(weight: Any, n: int) -> Floats | None:
    """Return weights with sum 1."""
    if weight is None:
        return None
    weight = np.array(weight, dtype=np.float64)
    if weight.shape != (n,):
        raise ValueError(f"weight must be of shape ({n},), one for a sample, got {weight.shape}.")
    if not (weight >= 0).all() or not 0 < weight.sum() < np.inf:
        raise ValueError("weight must not be negative, NaN, infinite or zero for all samples.")
    return weight / weight.sum()


def _name(what: Any) -> str:
    return type(what).__name__
