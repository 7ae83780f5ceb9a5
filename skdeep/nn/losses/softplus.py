"""The softplus, by which outputs become numbers above 0."""

from __future__ import annotations

from types import ModuleType

from skdeep.nn.memory import Array

__all__ = ["inverse_softplus", "softplus_and_slope"]

# The smallest value that has an inverse, so that 0 has one that is finite.
_LEAST = 1e-30


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


def inverse_softplus(xp: ModuleType, value: Array) -> Array:
    """Return z with log(1 + exp(z)) = value, which is value + log(1 - exp(-value)).

    Parameters
    ----------
    xp : module
        The namespace of `value`.
    value : array
        Numbers of at least 0.
    """
    value = xp.where(value > _LEAST, value, xp.zeros_like(value) + _LEAST)
    return value + xp.log(-xp.expm1(-value))
