"""Pictures that might as well have been there: shifted a little, or seen in a mirror."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn import Batch

__all__ = ["AUGMENTATIONS", "augmenter", "variants"]

#: What there is to choose from.
AUGMENTATIONS = ("flip", "shift")


def augmenter(kinds: tuple[str, ...], *, channels_first: bool) -> Callable[[Batch, Any], Batch]:
    """Return what changes the pictures of a batch at random, as `Run` takes it.

    Parameters
    ----------
    kinds : tuple of str
        "flip": left for right, every other picture. "shift": by up to an eighth of height and
        width each way, with zeros where nothing was.
    channels_first : bool
        Whether pictures are of shape (channels, height, width).
    """

    def augment(batch: Batch, rng: np.random.Generator) -> Batch:
        # The batch may be a view of the data, so that it is copied in any case.
        pictures = np.array(batch.x)
        seen = np.moveaxis(pictures, 1, 3) if channels_first else pictures
        if "flip" in kinds:
            flipped = rng.random(len(seen)) < 0.5
            seen[flipped] = seen[flipped][:, :, ::-1]
        if "shift" in kinds:
            down, right = (_reach(size) for size in seen.shape[1:3])
            steps = rng.integers([-down, -right], [down + 1, right + 1], (len(seen), 2))
            for i, (rows, columns) in enumerate(steps):
                seen[i] = shifted(seen[i], int(rows), int(columns))
        return batch._replace(x=pictures)

    return augment


def _reach(size: int) -> int:
    """Return how far pictures of that size are shifted."""
    return size // 8


def shifted(pictures: NDArray[Any], down: int, right: int) -> NDArray[Any]:
    """Return pictures of shape (..., height, width, channels) shifted, zeros where nothing was.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.neural_network.images.augmentation import shifted
    >>> shifted(np.array([[1, 2], [3, 4]])[:, :, None], 1, -1)[:, :, 0]
    array([[0, 0],
           [2, 0]])
    """
    out = np.zeros_like(pictures)
    height, width = pictures.shape[-3:-1]
    to = (slice(max(down, 0), height + min(down, 0)), slice(max(right, 0), width + min(right, 0)))
    of = (slice(max(-down, 0), height - max(down, 0)), slice(max(-right, 0), width - max(right, 0)))
    out[..., to[0], to[1], :] = pictures[..., of[0], of[1], :]
    return out


def variants(
    pictures: NDArray[Any], kinds: tuple[str, ...], *, channels_first: bool
) -> Iterator[NDArray[Any]]:
    """Yield the pictures, and what augmentation may make of them, for predictions to average."""
    seen = np.moveaxis(pictures, 1, 3) if channels_first else pictures
    steps = [(0, 0)]
    if "shift" in kinds:
        down, right = (min(1, _reach(size)) for size in seen.shape[1:3])
        steps += sorted({(down, 0), (-down, 0), (0, right), (0, -right)} - {(0, 0)})
    for rows, columns in steps:
        moved = seen if (rows, columns) == (0, 0) else shifted(seen, rows, columns)
        for one in (moved, moved[:, :, ::-1]) if "flip" in kinds else (moved,):
            yield np.ascontiguousarray(np.moveaxis(one, 3, 1) if channels_first else one)
