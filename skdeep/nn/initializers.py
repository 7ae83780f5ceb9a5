"""Initial weights: each scheme keeps the scale of something from layer to layer.

A unit sums `fan_in` products, and an input feeds `fan_out` units. With independent weights of
variance v, a linear layer multiplies the variance of the signal by fan_in * v on the way forward
and the variance of the gradient by fan_out * v on the way back.

====================  ===============================  ==========================================
scheme                variance of a weight             keeps
====================  ===============================  ==========================================
glorot (or xavier)    2 / (fan_in + fan_out)           a compromise of both, linear units [1]_
he                    2 / fan_in                       the signal behind ReLU, which halves it [2]_
lecun                 1 / fan_in                       the signal, linear units [3]_
orthogonal            1 / fan_in, square matrices      lengths of vectors, exactly [4]_
normal                0.01**2                          nothing: fine for one layer only
====================  ===============================  ==========================================

`skdeep.nn.unit_variance` looks at data instead, and scales the weights of each layer by what it
says of them.

References
----------
.. [1] X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural
   networks", AISTATS 2010.
.. [2] K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers", ICCV 2015.
.. [3] Y. LeCun, L. Bottou, G. Orr, K.-R. Müller, "Efficient BackProp", 1998.
.. [4] A. M. Saxe, J. L. McClelland, S. Ganguli, "Exact solutions to the nonlinear dynamics of
   learning in deep linear neural networks", ICLR 2014.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "INITIALIZERS",
    "Initializer",
    "by_columns",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "ones",
    "orthogonal",
    "uniform_by_fans",
    "zeros",
]

Shape = tuple[int, ...]
Fans = tuple[int, int]
Initializer = Callable[[Shape, Fans, np.random.RandomState], NDArray[np.float64]]


def zeros(shape: Shape, fans: Fans, random_state: np.random.RandomState) -> NDArray[np.float64]:
    """Return zeros; draws nothing."""
    return np.zeros(shape)


def ones(shape: Shape, fans: Fans, random_state: np.random.RandomState) -> NDArray[np.float64]:
    """Return ones; draws nothing."""
    return np.ones(shape)


def normal(
    shape: Shape, fans: Fans, random_state: np.random.RandomState, *, std: float = 0.01
) -> NDArray[np.float64]:
    """Draw from N(0, std**2), whatever the size of the layer."""
    return random_state.normal(0.0, std, shape)


def uniform_by_fans(factor: float) -> Initializer:
    """Return the scheme U(-b, b) with b = sqrt(factor / (fan_in + fan_out)).

    A factor of 6 is Glorot's; scikit-learn's networks take 2 for logistic units.
    """

    return partial(glorot_uniform, factor=factor)


def glorot_uniform(
    shape: Shape, fans: Fans, random_state: np.random.RandomState, *, factor: float = 6.0
) -> NDArray[np.float64]:
    """Draw from U(-b, b), b = sqrt(factor / (fan_in + fan_out)), where Glorot's factor is 6."""
    bound = np.sqrt(factor / (fans[0] + fans[1]))
    return random_state.uniform(-bound, bound, shape)


def glorot_normal(
    shape: Shape, fans: Fans, random_state: np.random.RandomState
) -> NDArray[np.float64]:
    """Draw from N(0, 2 / (fan_in + fan_out))."""
    return random_state.normal(0.0, np.sqrt(2.0 / (fans[0] + fans[1])), shape)


def he_uniform(
    shape: Shape, fans: Fans, random_state: np.random.RandomState
) -> NDArray[np.float64]:
    """Draw from U(-b, b), b = sqrt(6 / fan_in)."""
    bound = np.sqrt(6.0 / fans[0])
    return random_state.uniform(-bound, bound, shape)


def he_normal(shape: Shape, fans: Fans, random_state: np.random.RandomState) -> NDArray[np.float64]:
    """Draw from N(0, 2 / fan_in)."""
    return random_state.normal(0.0, np.sqrt(2.0 / fans[0]), shape)


def lecun_uniform(
    shape: Shape, fans: Fans, random_state: np.random.RandomState
) -> NDArray[np.float64]:
    """Draw from U(-b, b), b = sqrt(3 / fan_in)."""
    bound = np.sqrt(3.0 / fans[0])
    return random_state.uniform(-bound, bound, shape)


def lecun_normal(
    shape: Shape, fans: Fans, random_state: np.random.RandomState
) -> NDArray[np.float64]:
    """Draw from N(0, 1 / fan_in)."""
    return random_state.normal(0.0, np.sqrt(1.0 / fans[0]), shape)


def orthogonal(
    shape: Shape, fans: Fans, random_state: np.random.RandomState
) -> NDArray[np.float64]:
    """Draw a matrix with orthonormal rows or columns, whichever are fewer.

    Uniformly among all of them: the Q of a normal matrix, with the signs of R's diagonal. All axes
    but the last count as rows.
    """
    n_columns = shape[-1]
    n_rows = math.prod(shape[:-1])
    q, r = np.linalg.qr(random_state.normal(size=(max(n_rows, n_columns), min(n_rows, n_columns))))
    q *= np.where(np.diag(r) < 0, -1.0, 1.0)
    return (q if n_rows >= n_columns else q.T).reshape(shape)


def by_columns(*initializers: Initializer) -> Initializer:
    """Return the scheme that draws equal parts of the last axis one by one, such as gates'."""
    return partial(_by_columns, initializers=initializers)


def _by_columns(
    shape: Shape,
    fans: Fans,
    random_state: np.random.RandomState,
    *,
    initializers: tuple[Initializer, ...],
) -> NDArray[np.float64]:
    part = (*shape[:-1], shape[-1] // len(initializers))
    return np.concatenate([draw(part, fans, random_state) for draw in initializers], axis=-1)


#: The schemes by name; Glorot's carry his first name too, as other libraries call them.
INITIALIZERS: dict[str, Initializer] = {
    "normal": normal,
    "glorot_uniform": glorot_uniform,
    "glorot_normal": glorot_normal,
    "xavier_uniform": glorot_uniform,
    "xavier_normal": glorot_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
    "lecun_uniform": lecun_uniform,
    "lecun_normal": lecun_normal,
    "orthogonal": orthogonal,
    "zeros": zeros,
    "ones": ones,
}


def find_initializer(owner: str, name: str, given: str | Initializer) -> Initializer:
    """Return the initializer of that name, or the function that is given.

    Parameters
    ----------
    owner, name : str
        Layer and parameter, for the error.
    given : str or initializer

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    if isinstance(given, str) and given not in INITIALIZERS:
        names = ", ".join(map(repr, INITIALIZERS))
        raise ValueError(
            f"{owner} takes as {name} one of {names} or a function like them, got {given!r}."
        )
    return INITIALIZERS[given] if isinstance(given, str) else given
