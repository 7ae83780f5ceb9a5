"""What a penalty is: a function of the weights, beside the loss.

A penalty is a function of the first `n_penalized` parameters, the weights proper. Where it is
smooth, its gradient joins the loss's. Where it has a kink at zero, as the absolute value, gradient
steps would never stay there; a proximal step after each step of the optimizer puts exact zeros.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from skdeep.nn.memory import Array

if TYPE_CHECKING:
    from skdeep.nn.network import Network

__all__ = ["Penalty"]


class Penalty:
    """The base of all penalties; a subclass writes `value` and `add_gradient`.

    Parameters
    ----------
    alpha : float >= 0
        Strength.

    Attributes
    ----------
    entrywise : bool
        Whether the gradient by a weight depends on that weight alone, and not on where it stands,
        so that any slice of the weights has its own.
    """

    entrywise: ClassVar[bool] = True

    def __init__(self, alpha: float) -> None:
        if not alpha >= 0:
            raise ValueError(f"{type(self).__name__} takes an alpha of 0 or more, got {alpha!r}.")
        self.alpha = alpha

    def settle(self, network: Network) -> None:
        """Learn where in the vector the weights of `network` stand."""

    def value(self, weights: Array) -> float:
        """Return the penalty of the vector `weights`."""
        raise NotImplementedError

    def add_gradient(self, weights: Array, grad: Array) -> None:
        """Add the gradient by `weights` to `grad`; of any slice of both, if `entrywise`."""
        raise NotImplementedError

    def split(self) -> tuple[Penalty | None, Penalty | None]:
        """Return the smooth part and the part with a kink at zero, for a proximal step."""
        return self, None

    def shrink(self, weights: Array, step: float | Array) -> None:
        """Take a proximal step of that length, or of one for each weight: a part with a kink."""
        raise NotImplementedError

    def scaled(self, factor: float) -> Penalty:
        """Return the same penalty `factor` times as strong."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.alpha = self.alpha * factor
        return twin

    def __repr__(self) -> str:
        return f"{type(self).__name__}(alpha={self.alpha!r})"
