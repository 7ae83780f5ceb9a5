"""Activations: a function for every unit, and its derivative."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from skdeep.nn.layers.activations.by_input import GELU, Mish, SiLU
from skdeep.nn.layers.activations.by_output import (
    ELU,
    SELU,
    HardTanh,
    Identity,
    LeakyReLU,
    Logistic,
    ReLU,
    ShiftedReLU,
    Softplus,
    Tanh,
)
from skdeep.nn.layers.activations.elementwise import Elementwise
from skdeep.nn.layers.activations.maxout import Maxout
from skdeep.nn.layers.activations.prelu import PReLU
from skdeep.nn.layers.base import Layer

__all__ = [
    "ACTIVATIONS",
    "ELU",
    "GELU",
    "SELU",
    "Elementwise",
    "HardTanh",
    "Identity",
    "LeakyReLU",
    "Logistic",
    "Maxout",
    "Mish",
    "PReLU",
    "ReLU",
    "ShiftedReLU",
    "SiLU",
    "Softplus",
    "Tanh",
    "make_activation",
]

#: The activations by the name that an estimator takes, with as many outputs as inputs. Networks
#: that can make a layer wider take "maxout" besides.
ACTIVATIONS: dict[str, type[Layer]] = {
    "identity": Identity,
    "logistic": Logistic,
    "tanh": Tanh,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "elu": ELU,
    "softplus": Softplus,
    "gelu": GELU,
    "silu": SiLU,
    "selu": SELU,
    "mish": Mish,
    "hard_tanh": HardTanh,
    "shifted_relu": ShiftedReLU,
    "prelu": PReLU,
}


def make_activation(activation: str | Layer | Callable[..., Any]) -> Layer:
    """Return a new layer for what an estimator was given as its activation.

    Parameters
    ----------
    activation : str, Layer or callable
        A name in `ACTIVATIONS`, or "maxout"; a layer, such as ``Elementwise(f, derivative)``, of
        which a copy is taken; a callable without arguments that makes a layer, such as a class; or
        a function of an array, which `Elementwise` makes a layer of.

    Raises
    ------
    TypeError
        If a callable without arguments makes no layer.
    ValueError
        If a function of an array does not keep its shape.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import ELU, make_activation
    >>> make_activation("tanh"), make_activation(lambda: ELU(0.5)), make_activation(np.sin)
    (Tanh(), ELU(scale=0.5), Elementwise(sin))
    """
    if isinstance(activation, str):
        return Maxout() if activation == "maxout" else ACTIVATIONS[activation]()
    if isinstance(activation, Layer):
        return copy.deepcopy(activation)
    if not _makes_layers(activation):
        return Elementwise(activation)
    layer = activation()
    if not isinstance(layer, Layer):
        raise TypeError(
            f"activation={activation!r} must make a skdeep.nn.Layer when it is called without "
            f"arguments, or map an array to an array; it made {layer!r}."
        )
    return layer


def _makes_layers(activation: Callable[..., Any]) -> bool:
    """Tell whether a callable takes no argument, as a function of an array does."""
    if isinstance(activation, type):
        return True
    if isinstance(activation, np.ufunc):
        return False
    try:
        needed = inspect.signature(activation).parameters.values()
    except ValueError:  # built in, without a signature
        return False
    return not any(
        parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        for parameter in needed
    )
