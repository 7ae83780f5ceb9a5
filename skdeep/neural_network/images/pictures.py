"""How rows of a table become pictures, and pixels numbers that a network likes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn import PREDICT, Layer, Mode
from skdeep.utils.user_warnings import warn_user

__all__ = [
    "Pixels",
    "flat_rows",
    "guess_shape",
    "moments_of_channels",
    "seems_channels_first",
    "shape_in_rows",
]

_ROWS_AT_ONCE = 512


def guess_shape(n_features: int) -> tuple[int, int, int]:
    """Return the shape that ``image_shape="auto"`` takes flat rows for.

    A square of one channel where that fits, else a square of three, else one row of pixels.

    Examples
    --------
    >>> from skdeep.neural_network.images.pictures import guess_shape
    >>> guess_shape(64), guess_shape(3072), guess_shape(30)
    ((8, 8, 1), (32, 32, 3), (1, 30, 1))
    """
    for channels in (1, 3):
        side = math.isqrt(n_features // channels)
        if side and channels * side * side == n_features:
            return side, side, channels
    return 1, n_features, 1


def seems_channels_first(shape: tuple[int, int, int]) -> bool:
    """Tell whether (height, width, channels) look like channels, height and width.

    Examples
    --------
    >>> from skdeep.neural_network.images.pictures import seems_channels_first
    >>> seems_channels_first((1, 8, 8)), seems_channels_first((1, 8, 1))
    (True, False)
    """
    one, two, three = shape
    return one in (1, 3) and two == three > 4


def shape_in_rows(owner: str, image_shape: Any, n_features: int) -> tuple[int, int, int]:
    """Return height, width and channels of the pictures that rows of a table hold.

    A shape that seems to have its channels first is warned of.

    Parameters
    ----------
    owner : str
        The name of the estimator, for the error.
    image_shape : "auto" or tuple of int
        The parameter.
    n_features : int

    Raises
    ------
    ValueError
        If the shape is one of another number of pixels.
    """
    if isinstance(image_shape, str):
        return guess_shape(n_features)
    height, width, channels = map(int, (*image_shape, 1)[:3])
    if height * width * channels != n_features:
        raise ValueError(
            f"{owner} has image_shape={image_shape!r}, {height} * {width} * {channels} = "
            f"{height * width * channels} numbers a picture, but X has {n_features} features."
        )
    if seems_channels_first((height, width, channels)):
        warn_user(
            f"{owner} reads image_shape={image_shape!r} as height, width and channels: {height} x "
            f"{width} pixels with {channels} channels. If channels come first, as in PyTorch, say "
            f"image_shape={(width, channels, height)!r} with channels_first=True; if not, pictures "
            "of three axes in X make sure."
        )
    return height, width, channels


def flat_rows(X: Any) -> tuple[Any, tuple[int, ...] | None]:
    """Return pictures as rows of a table, and the shape of one; a table as it is, and None.

    The memory stays the same where it can.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.neural_network.images.pictures import flat_rows
    >>> rows, shape = flat_rows(np.zeros((5, 8, 8)))
    >>> rows.shape, shape
    ((5, 64), (8, 8))
    """
    if isinstance(X, (list, tuple)) and len(X) and np.ndim(X[0]) >= 2:
        try:
            X = np.asarray(X)
        except ValueError as error:
            raise ValueError(f"The pictures of X must be of one shape: {error}") from error
    shape = getattr(X, "shape", ())
    if len(shape) not in (3, 4) or not hasattr(X, "reshape"):
        return X, None
    return X.reshape(len(X), math.prod(shape[1:])), tuple(shape[1:])


def moments_of_channels(
    x: NDArray[Any], weight: NDArray[Any] | None, axis: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the mean of each channel over all pictures, and one over its standard deviation.

    Parameters
    ----------
    x : ndarray of shape (n_samples, ...)
        Of any type; looked at in blocks.
    weight : ndarray of shape (n_samples,) or None
    axis : int
        Of the channels, from behind.
    """
    n_channels = x.shape[axis]
    sums, total = np.zeros((2, n_channels)), 0.0
    pixels = math.prod(x.shape[1:]) // n_channels
    # About what they lie, so that large numbers close together keep their digits.
    about = np.moveaxis(x[:1], axis, -1).reshape(-1, n_channels)[0].astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(x), _ROWS_AT_ONCE):
            part = np.moveaxis(x[start : start + _ROWS_AT_ONCE].astype(np.float64), axis, -1)
            part = part.reshape(len(part), pixels, n_channels) - about
            mine = np.ones(len(part))
            if weight is not None:
                mine = weight[start : start + _ROWS_AT_ONCE].astype(np.float64)
            sums[0] += mine @ part.sum(axis=1)
            sums[1] += mine @ np.einsum("npc,npc->nc", part, part)
            total += mine.sum()
        means = sums / (total * pixels if total else 1.0)
        deviation = np.sqrt(np.maximum(means[1] - means[0] ** 2, 0))
    tiny = 1e-6 * np.maximum(np.abs(means[0] + about), np.finfo(float).tiny)
    varies = np.isfinite(deviation) & (deviation > tiny)
    factor = 1 / np.where(varies, deviation, 1.0)
    return tuple((means[0] + about).tolist()), tuple(factor.tolist())


def _few(values: tuple[float, ...]) -> str:
    """Return numbers as one reads them, of the first three channels."""
    shown = [f"{value:.3g}" for value in values[:3]] + ["..."] * (len(values) > 3)
    return f"({', '.join(shown)}{',' * (len(values) == 1)})"


class Pixels(Layer):
    """Bring pixels into order: channels last, each with mean 0 and variance 1.

    ::

        y = (x - mean) factor,    grad_x = grad_y factor

    with the moments of the pictures of `fit`.

    Parameters
    ----------
    mean, factor : tuple of float
        Of each channel.
    channels_first : bool, default=False
        Whether x is of shape (n, channels, height, width).
    """

    def __init__(
        self, mean: tuple[float, ...], factor: tuple[float, ...], *, channels_first: bool = False
    ) -> None:
        self.mean, self.factor, self.channels_first = mean, factor, channels_first

    def config(self) -> dict[str, Any]:
        """Return all that there is to set."""
        return {
            "mean": self.mean,
            "factor": self.factor,
            "channels_first": self.channels_first,
        }

    def __repr__(self) -> str:
        shown = f"mean={_few(self.mean)}, factor={_few(self.factor)}"
        return f"Pixels({shown}, channels_first={self.channels_first})"

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: it is a copy."""
        return True

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return (height, width, channels)."""
        return (*input_shape[1:], input_shape[0]) if self.channels_first else input_shape

    def forward(self, x: Any, mode: Mode = PREDICT) -> Any:
        """Standardize the pixels."""
        xp = self.xp
        if self.channels_first:
            x = xp.moveaxis(x, 1, 3)
        y = self.buffer("y", tuple(x.shape))
        # A row of pixels each, for NumPy's loops are as long as what is the same for all pictures.
        mean, factor = xp.empty((2, *x.shape[2:]), dtype=self.dtype)
        mean[...] = xp.asarray(self.mean, dtype=self.dtype)
        factor[...] = xp.asarray(self.factor, dtype=self.dtype)
        xp.subtract(x, mean, out=y)
        y *= factor
        return y

    def backward(self, grad_y: Any, wants_input: bool = True) -> Any:
        """Return the gradient by the pixels as they were given."""
        if not wants_input:
            return None
        grad_y *= self.xp.asarray(self.factor, dtype=self.dtype)
        return self.xp.moveaxis(grad_y, 3, 1) if self.channels_first else grad_y
