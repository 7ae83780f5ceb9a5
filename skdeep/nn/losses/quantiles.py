"""Losses whose minimum is a quantile, or several."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from skdeep.nn.losses.base import Loss
from skdeep.nn.losses.residuals import ResidualLoss
from skdeep.nn.losses.softplus import inverse_softplus, softplus_and_slope
from skdeep.nn.memory import Array
from skdeep.nn.products import rows_of

__all__ = ["Quantile", "Quantiles"]


class Quantile(ResidualLoss):
    """The pinball loss, whose minimum is the `quantile` of the targets.

    Parameters
    ----------
    quantile : float in (0, 1), default=0.5

    References
    ----------
    R. Koenker, G. Bassett, "Regression quantiles", Econometrica 46, 1978.
    """

    def __init__(self, quantile: float = 0.5) -> None:
        if not 0 < quantile < 1:
            raise ValueError(f"Quantile takes a quantile in (0, 1), got {quantile!r}.")
        self.quantile = quantile

    def apply(self, residual: Array, loss: Array) -> None:
        """Write max((1 - q) r, -q r), and (sign(r) + 1 - 2 q) / 2 where r is not zero."""
        _apply_pinball(self, residual, self.quantile, loss)


class Quantiles(Loss):
    """The pinball losses of several quantiles at once, which cannot cross.

    Of outputs [z_1, z_2, ...] side by side, each as wide as the target, the quantiles are

    ::

        Q_1 = z_1,  Q_2 = Q_1 + log(1 + exp(z_2)),  Q_3 = Q_2 + log(1 + exp(z_3)), ...

    so that each is above the one before whatever the network says. The loss is the sum of theirs.

    Parameters
    ----------
    quantiles : sequence of float in (0, 1), default=(0.1, 0.5, 0.9)
        In increasing order.

    References
    ----------
    R. Koenker, G. Bassett, "Regression quantiles", Econometrica 46, 1978.

    J. Gasthaus et al., "Probabilistic forecasting with spline quantile function RNNs", AISTATS 2019
    (for increments above zero).

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Quantiles
    >>> loss = Quantiles((0.1, 0.5, 0.9))
    >>> loss.settle(np, np.float64)
    >>> loss.predict(np.array([[-1.0, 0.0, -3.0]])).round(3)
    array([[-1.   , -0.307, -0.258]])
    """

    link = "quantiles"

    def __init__(self, quantiles: Sequence[float] = (0.1, 0.5, 0.9)) -> None:
        self.quantiles = tuple(float(quantile) for quantile in quantiles)
        ends = (0.0, *self.quantiles, 1.0)
        if not self.quantiles or not all(low < high for low, high in pairwise(ends)):
            raise ValueError(
                f"Quantiles takes quantiles in (0, 1) in increasing order, got {quantiles!r}."
            )

    @property
    def n_heads(self) -> int:  # type: ignore[override]
        """As many as quantiles."""
        return len(self.quantiles)

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """Return the sum of the losses; a quantile moves all those above it."""
        heads, slopes = self._cumulate(z)
        one, total = (self.buffer(name, tuple(target.shape)) for name in ("one", "total"))
        total[...] = 0.0
        for head, quantile in zip(heads, self.quantiles, strict=True):
            head -= target
            _apply_pinball(self, head, quantile, one)
            total += one
        for lower, head, slope in reversed([*zip(heads, heads[1:], slopes, strict=False)]):
            lower += head
            head *= slope
        return self._mean(total, weight), self._weigh(z, weight)

    def predict(self, z: Array) -> Array:
        """Return the quantiles side by side, in place."""
        self._cumulate(rows_of(z))
        return z

    def outputs_of(self, predictions: Array) -> Array:
        """Return the outputs of quantiles side by side."""
        z = self.xp.array(predictions)
        heads = self._heads(rows_of(z))
        for lower, head in reversed([*pairwise(heads)]):
            head[...] = inverse_softplus(self.xp, head - lower)
        return z

    def _heads(self, z: Array) -> list[Array]:
        """Return the columns of each quantile, as views."""
        k = z.shape[1] // self.n_heads
        return [z[:, start : start + k] for start in range(0, z.shape[1], k)]

    def _cumulate(self, z: Array) -> tuple[list[Array], list[Array]]:
        """Write the quantiles over `z`; return each, and the slopes of all but the first."""
        heads, slopes = self._heads(z), []
        for lower, head in pairwise(heads):
            increment, slope = softplus_and_slope(self.xp, head)
            increment += lower
            head[...] = increment
            slopes.append(slope)
        return heads, slopes


def _apply_pinball(loss: Loss, residual: Array, quantile: float, out: Array) -> None:
    """Write the pinball losses of residuals into `out`, and the derivatives over the residuals."""
    xp = loss.xp
    xp.multiply(residual, 1 - quantile, out=out)
    below = xp.multiply(residual, -quantile, out=loss.buffer("below", tuple(residual.shape)))
    xp.maximum(out, below, out=out)
    sign = xp.sign(residual)
    xp.multiply(sign, 0.5, out=residual)
    residual += (0.5 - quantile) * xp.abs(sign)
