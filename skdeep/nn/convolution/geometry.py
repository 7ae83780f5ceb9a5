"""Where a window lies over a picture: its places, the border around, and whether it fits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

__all__ = ["Geometry", "Pair", "Pairs", "check_padding", "fit", "pair", "span"]

Pair = tuple[int, int]
Pairs = tuple[Pair, Pair]


@dataclass(frozen=True)
class Geometry:
    """A window that slides over pictures of one shape.

    Along each of both axes, with W pixels, a window of F pixels (gaps included), a border of P
    zeros on either side and a step of S pixels, there are (W - F + 2P) / S + 1 places.

    Attributes
    ----------
    input_shape : (int, int, int)
        Height, width and channels.
    kernel : (int, int)
        Rows and columns of the window.
    stride, dilation : (int, int)
        Pixels from place to place, and from one entry of the window to the next.
    padding : ((int, int), (int, int))
        Rows of zeros above and below, columns of zeros left and right.
    places : (int, int)
        How many rows and columns of places there are: height and width of the output.
    filters, groups : int
        Of a convolution: output channels, and the groups into which both kinds of channels fall.
    """

    input_shape: tuple[int, int, int]
    kernel: Pair
    stride: Pair
    dilation: Pair
    padding: Pairs
    places: Pair
    filters: int = 0
    groups: int = 1

    @property
    def output_shape(self) -> tuple[int, int, int]:
        """Height, width and filters of the output of a convolution."""
        return (*self.places, self.filters)

    @property
    def weight_shape(self) -> tuple[int, int, int, int]:
        """Rows, columns, input channels of a group, filters."""
        return (*self.kernel, self.input_shape[2] // self.groups, self.filters)

    def taps(self) -> list[tuple[int, int, slice, slice]]:
        """List each entry (i, j) of the window with the padded rows and columns that it meets."""
        (sh, sw), (dh, dw), (rows, columns) = self.stride, self.dilation, self.places
        return [
            (
                i,
                j,
                slice(i * dh, i * dh + sh * (rows - 1) + 1, sh),
                slice(j * dw, j * dw + sw * (columns - 1) + 1, sw),
            )
            for i in range(self.kernel[0])
            for j in range(self.kernel[1])
        ]


def span(places: Pair, kernel: Pair, stride: Pair, dilation: Pair) -> Pair:
    """Return how many rows and columns of pixels all places of a window cover."""
    rows, columns = (
        stride[axis] * (places[axis] - 1) + dilation[axis] * (kernel[axis] - 1) + 1
        for axis in (0, 1)
    )
    return rows, columns


def pair(owner: str, name: str, value: Any, least: int = 1) -> Pair:
    """Return a whole number, or two, as (rows, columns)."""
    both = value if isinstance(value, (tuple, list)) else (value, value)
    if len(both) != 2 or not all(_is_whole(v) and v >= least for v in both):
        raise ValueError(
            f"{owner} takes as {name} a whole number of {least} or more, or a pair of them for "
            f"rows and columns; got {value!r}."
        )
    return int(both[0]), int(both[1])


def _is_whole(value: Any) -> bool:
    return hasattr(value, "__index__") and not isinstance(value, bool)


def check_padding(owner: str, padding: Any) -> None:
    """Raise unless `padding` has one of the forms that `fit` takes."""
    if isinstance(padding, str):
        good = padding in ("valid", "same")
    elif isinstance(padding, (tuple, list)):
        sides = [side if isinstance(side, (tuple, list)) else (side, side) for side in padding]
        good = len(sides) == 2 and all(len(side) == 2 for side in sides)
        good = good and all(_is_border(border) for side in sides for border in side)
    else:
        good = _is_border(padding)
    if not good:
        raise ValueError(
            f"{owner} takes as padding 'valid' (none), 'same' (as many places as pixels, divided "
            f"by the stride), a number of zeros, a pair of them for rows and columns, or "
            f"((above, below), (left, right)); got {padding!r}."
        )


def _is_border(value: Any) -> bool:
    return _is_whole(value) and value >= 0


def fit(
    owner: str,
    input_shape: tuple[int, ...],
    kernel: Pair,
    *,
    stride: Pair = (1, 1),
    padding: Any = "valid",
    dilation: Pair = (1, 1),
    filters: int = 0,
    groups: int = 1,
    strict: bool = True,
) -> Geometry:
    """Lay a window over pictures.

    Parameters
    ----------
    owner : str
        Who asks, for the messages.
    input_shape : (height, width, channels)
    kernel, stride, dilation : (int, int)
    padding : "valid", "same", int, (int, int) or ((int, int), (int, int)), default="valid"
        None; what makes ceil(W / S) places, the odd zero on the far side; or so many zeros.
    filters, groups : int
        See `Geometry`.
    strict : bool, default=True
        Whether pixels at the far end that no window meets are an error; "same" always allows them.

    Returns
    -------
    Geometry

    Raises
    ------
    ValueError
        If samples are no pictures, or the window does not fit a whole number of times.

    Examples
    --------
    >>> from skdeep.nn.convolution.geometry import fit
    >>> fit("Conv2D", (227, 227, 3), (11, 11), stride=(4, 4)).places
    (55, 55)
    >>> fit("Conv2D", (224, 224, 3), (11, 11), stride=(4, 4))
    Traceback (most recent call last):
    ...
    ValueError: Conv2D: a window of 11 with stride 4 and padding 0 does not fit a height of 224: (W
    - F + 2P) / S + 1 = (224 - 11 + 0) / 4 + 1 = 54.25 is not a whole number. padding='same' makes
    56 of it.
    """
    if len(input_shape) != 3 or isinstance(input_shape[0], tuple):
        raise ValueError(
            f"{owner} takes pictures, samples of shape (height, width, channels); got samples of "
            f"shape {input_shape}."
        )
    borders, places = [], []
    for axis, name in enumerate(("height", "width")):
        size, step = input_shape[axis], stride[axis]
        window = dilation[axis] * (kernel[axis] - 1) + 1
        if padding == "same":
            border = max(0, step * (-(-size // step) - 1) + window - size)
            before, after = border // 2, border - border // 2
        elif padding == "valid":
            before = after = 0
        else:
            sides = padding if isinstance(padding, (tuple, list)) else (padding, padding)
            side = sides[axis]
            before, after = side if isinstance(side, (tuple, list)) else (side, side)
        room = size - window + before + after
        loose = padding == "same" or not strict
        if not loose and (room < 0 or room % step):
            found = room / step + 1
            why = "is not a whole number" if room >= 0 else "leaves it no place"
            said = before if before == after else f"{before} and {after}"
            raise ValueError(
                f"{owner}: a window of {window} with stride {step} and padding {said} does not fit "
                f"a {name} of {size}: (W - F + 2P) / S + 1 = ({size} - {window} + "
                f"{before + after}) / {step} + 1 = {found:.6g} {why}. padding='same' makes "
                f"{math.ceil(size / step)} of it."
            )
        borders.append((int(before), int(after)))
        places.append(-(-size // step) if padding == "same" else room // step + 1)
    return Geometry(
        input_shape=(int(input_shape[0]), int(input_shape[1]), int(input_shape[2])),
        kernel=kernel,
        stride=stride,
        dilation=dilation,
        padding=(borders[0], borders[1]),
        places=(places[0], places[1]),
        filters=filters,
        groups=groups,
    )
