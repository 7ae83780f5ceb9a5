"""What there is to differentiate about a layer, a network, a loss, a penalty and an objective."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from skdeep.nn import Batch, Layer, Loss, Mode, Network, Objective, Penalty
from skdeep.nn.shapes.inputs import n_rows

__all__ = [
    "Problem",
    "in_float64",
    "of_layer",
    "of_loss",
    "of_network",
    "of_objective",
    "of_penalty",
]

Floats = NDArray[np.float64]


@dataclass
class Problem:
    """Something to differentiate.

    `arrays` are varied in place, `evaluate` returns f entry by entry with the sum f (all factors
    included), `analytic` holds the gradients of the sum.
    """

    arrays: dict[str, Floats]
    analytic: dict[str, Floats]
    evaluate: Callable[[], Floats]


def of_layer(
    layer: Layer, x: Any, weight: Any, lengths: Any, training: bool, may_overwrite: bool, rng: Any
) -> Problem:
    """Return the problem of a layer with parameters and running statistics of random values."""
    if x is None:
        raise ValueError(f"A layer needs a batch x of shape (n_samples, ...) to map; {layer!r}.")
    x = _inputs(x, layer.input_dtype)
    network = Network(copy.deepcopy(layer), _shape_of(x), random_state=rng)
    # At a zero or a one, where parameters start, a wrong factor could hide.
    network.params += rng.normal(0.0, 0.5, network.n_parameters)
    network.statistics += rng.uniform(0.1, 1.0, network.statistics.size)
    network.root.connect(may_overwrite)
    return _differentiate(network, x, weight, lengths, training, rng, may_overwrite)


def of_network(
    network: Network, x: Any, weight: Any, lengths: Any, training: bool, rng: Any
) -> Problem:
    """Return the problem of a network with the parameters that it has."""
    if x is None:
        x = rng.normal(size=(5, *network.input_shape))
    x = _inputs(x, network.root.input_dtype)
    if _shape_of(x) != network.input_shape:
        raise ValueError(
            f"x has samples of shape {_shape_of(x)}, the network takes {network.input_shape}."
        )
    return _differentiate(in_float64(network), x, weight, lengths, training, rng)


def _differentiate(
    network: Network,
    x: Any,
    weight: Any,
    lengths: Any,
    training: bool,
    rng: Any,
    may_overwrite: bool = False,
) -> Problem:
    weight = _weights(weight, n_rows(x))
    lengths = None if lengths is None else np.asarray(lengths)
    statistics = network.statistics.copy()
    seed = int(rng.randint(2**31 - 1))
    several = isinstance(x, tuple)
    # Names, arrays and gradients of the inputs that have a derivative.
    names = [f"input {i}" for i in range(len(x))] if several else ["input"]
    inputs = dict(zip(names, x if several else (x,), strict=True))
    smooth = [
        name for name in names if not issparse(inputs[name]) and inputs[name].dtype.kind == "f"
    ]
    given = {name: inputs[name].copy() for name in smooth}

    def forward() -> Floats:
        network.statistics[...] = statistics
        mode = Mode(
            training=training, rng=np.random.default_rng(seed), weight=weight, lengths=lengths
        )
        own = (tuple(part.copy() for part in x) if several else x.copy()) if may_overwrite else x
        return network.forward(own, mode)

    y = forward()
    factors = rng.normal(size=y.shape)
    network.grad[...] = np.nan
    back: Any = network.backward(factors.copy(), wants_input=bool(smooth))
    gradients = dict(zip(names, back if several else (back,), strict=True)) if smooth else {}
    for name in smooth:
        if not np.array_equal(inputs[name], given[name]):
            raise ValueError(f"{network.root!r} wrote to its input, which is not its own.")
        shape = getattr(gradients[name], "shape", None)
        if shape != inputs[name].shape:
            raise ValueError(
                f"{network.root!r} returned a gradient by its {name} of shape {shape}, "
                f"but the input is of shape {inputs[name].shape}."
            )
    arrays, analytic = _parameters(network)
    for name, gradient in analytic.items():
        if np.isnan(gradient).any():
            raise ValueError(
                f"{network.root!r} left the gradient by {name} unfilled, or it is not a number; "
                f"backward sets gradients and does not add to them."
            )
    for name in smooth:
        arrays[name], analytic[name] = inputs[name], np.array(gradients[name])

    def evaluate() -> Floats:
        values = factors * forward()
        return np.append(values, network.penalty()) if network.penalizes else values

    return Problem(arrays, analytic, evaluate)


def of_loss(loss: Loss, x: Any, target: Any, weight: Any, lengths: Any) -> Problem:
    """Return the problem of a loss as a function of the raw outputs."""
    if x is None or target is None:
        missing = "x" if x is None else "target"
        raise ValueError(
            f"A loss needs raw outputs x and a target; {_name(loss)} was given no {missing}."
        )
    z, target = _batch(x, "x"), np.array(target)
    if len(target) != len(z):
        raise ValueError(f"x has {len(z)} samples, target has {len(target)}.")
    heads = (*target.shape[:-1], target.shape[-1] * loss.n_heads) if target.ndim else ()
    if target.ndim == z.ndim and heads != z.shape:
        raise ValueError(f"x is of shape {z.shape}, target of shape {target.shape}.")
    weight = _weights(weight, len(z))
    lengths = None if lengths is None else np.asarray(lengths)
    twin = copy.deepcopy(loss)
    twin.settle(np, np.float64)

    def evaluate() -> Floats:
        return np.array(twin.value_and_gradient(z.copy(), target, weight, lengths)[0])

    gradient = np.array(twin.value_and_gradient(z.copy(), target, weight, lengths)[1])
    if gradient.shape != z.shape:
        raise ValueError(
            f"{_name(loss)} returned a gradient of shape {gradient.shape}, but z is of shape "
            f"{z.shape}."
        )
    return Problem({"z": z}, {"z": gradient}, evaluate)


def of_penalty(penalty: Penalty, x: Any, weight: Any) -> Problem:
    """Return the problem of a penalty as a function of the weights."""
    if x is None:
        raise ValueError("A penalty needs the weights to penalize as x.")
    if weight is not None:
        raise ValueError("A penalty takes no weight of samples.")
    weights = _batch(x, "x").reshape(-1)
    twin = copy.deepcopy(penalty)
    gradient = np.zeros_like(weights)
    twin.add_gradient(weights, gradient)
    return Problem(
        {"weights": weights}, {"weights": gradient}, lambda: np.array(twin.value(weights))
    )


def of_objective(objective: Objective, x: Any, weight: Any, rng: Any) -> Problem:
    """Return the problem of an objective on its own data."""
    if x is not None or weight is not None:
        raise ValueError("An objective has its own x, target and weight; give none.")
    network = in_float64(objective.network)
    x = _inputs(objective.x, network.root.input_dtype)
    weight = _weights(objective.weight, n_rows(x))
    twin = Objective(
        network,
        copy.deepcopy(objective.loss),
        x,
        np.array(objective.target),
        weight,
        copy.deepcopy(objective.penalty),
        lengths=objective.lengths,
    )
    seed = int(rng.randint(2**31 - 1))
    batch = Batch(x, None, weight, objective.lengths)

    def at_the_parameters() -> tuple[float, Floats]:
        twin.mode, _ = batch.mode(training=True, rng=np.random.default_rng(seed))
        return twin(network.params)

    at_the_parameters()
    arrays, analytic = _parameters(network)
    return Problem(arrays, analytic, lambda: np.array(at_the_parameters()[0]))


def in_float64(network: Network) -> Network:
    """Return a copy in NumPy's namespace with the same parameters and statistics."""
    return network.copy(np, np.float64)


def _parameters(network: Network) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Return views of all parameters and copies of their gradients, by name."""
    arrays, gradients = {}, {}
    nodes = {path: layer for path, layer, _ in network.nodes()}
    for path, view, gradient in network.parameters():
        *place, name = path.split(".")
        if len(nodes) > 1:
            name = ".".join((*place, type(nodes[tuple(place)]).__name__, name))
        arrays[name], gradients[name] = view, gradient.copy()
    return arrays, gradients


def _shape_of(x: Any) -> Any:
    """Return the shape of one sample."""
    return tuple(map(_shape_of, x)) if isinstance(x, tuple) else tuple(x.shape[1:])


def _inputs(x: Any, input_dtype: Any) -> Any:
    """Return a copy of the inputs in the types that a layer wants."""
    if isinstance(x, tuple):
        kinds = input_dtype if isinstance(input_dtype, tuple) else (input_dtype,) * len(x)
        return tuple(_inputs(part, kind) for part, kind in zip(x, kinds, strict=True))
    return _batch(x, "x") if input_dtype is None else np.array(x, dtype=input_dtype)


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
