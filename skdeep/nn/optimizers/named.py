"""Optimizers by the names that estimators give them."""

from __future__ import annotations

from typing import Any

from skdeep.nn.optimizers.adam import Adam, AMSGrad, NAdam
from skdeep.nn.optimizers.base import Optimizer
from skdeep.nn.optimizers.descent import SGD, Momentum, Nesterov
from skdeep.nn.optimizers.lion import Lion
from skdeep.nn.optimizers.muon import Muon
from skdeep.nn.optimizers.scaled import AdaGrad, RMSProp

__all__ = ["OPTIMIZER_NAMES", "named_optimizer"]

OPTIMIZER_NAMES = (
    "sgd",
    "momentum",
    "nesterov",
    "adam",
    "adagrad",
    "rmsprop",
    "rmsprop_momentum",
    "amsgrad",
    "nadam",
    "lion",
    "muon",
)


def named_optimizer(
    name: str,
    *,
    momentum: float = 0.9,
    nesterov: bool = True,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-8,
    decay: float = 0.99,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    weight_decay: float = 0.0,
) -> Optimizer:
    """Return an optimizer that takes what concerns it of these numbers.

    Parameters
    ----------
    name : str
        One of `OPTIMIZER_NAMES`.
    momentum : float, default=0.9
        Of 'momentum', 'nesterov', 'rmsprop_momentum' and 'muon'.
    nesterov : bool, default=True
        Whether the momentum of 'muon' looks ahead.
    beta_1, beta_2, epsilon : float
        Of 'adam' and its kin; `epsilon` also of those that divide by a root, `beta_1` of 'lion'.
    decay : float, default=0.99
        What 'rmsprop' keeps of squared gradients, and 'lion' of gradients.
    clip_norm, clip_value : float or None, default=None
        Of all.
    weight_decay : float, default=0.0
        Of all.

    Raises
    ------
    ValueError
        If no optimizer has that name.

    Examples
    --------
    >>> from skdeep.nn import named_optimizer
    >>> type(named_optimizer("rmsprop", decay=0.9)).__name__
    'RMSProp'
    """
    common: dict[str, Any] = {
        "clip_norm": clip_norm,
        "clip_value": clip_value,
        "weight_decay": weight_decay,
    }
    moments = {"beta_1": beta_1, "beta_2": beta_2, "epsilon": epsilon}
    match name:
        case "sgd":
            return SGD(**common)
        case "momentum":
            return Momentum(momentum, **common)
        case "nesterov":
            return Nesterov(momentum, **common)
        case "adam":
            return Adam(**moments, **common)
        case "adagrad":
            return AdaGrad(epsilon, **common)
        case "rmsprop":
            return RMSProp(decay, 0.0, epsilon, **common)
        case "rmsprop_momentum":
            return RMSProp(decay, momentum, epsilon, **common)
        case "amsgrad":
            return AMSGrad(**moments, **common)
        case "nadam":
            return NAdam(**moments, **common)
        case "lion":
            return Lion(beta_1, decay, **common)
        case "muon":
            return Muon(momentum, nesterov, **moments, **common)
    raise ValueError(f"name must be one of {', '.join(OPTIMIZER_NAMES)}; got {name!r}.")
