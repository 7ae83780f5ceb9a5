"""The softplus, by which outputs become numbers above 0."""

from __future__ import annotations

from types import ModuleType

from skdeep.nn.memory import Array

__all__ = ["softplus_and_slope"]


def softplus_and_slope(xp: ModuleType, z: Array) -> tuple[Array, Array]:
    """Return log(1 + exp(z)), without overflow, and its derivative, the logistic function.

    Parameters
    ----------
    xp : module
        The namespace of `z`.
    z : array
    """
    value = xp.log1p(xp.exp(xp.negative(xp.abs(z))))
    value += (z + xp.abs(z)) * 0.5
    return value, xp.exp(z - value)
