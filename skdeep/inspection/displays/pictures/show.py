"""How a picture of any number of channels is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.inspection.displays.figure import bare

__all__ = ["show_picture"]


def show_picture(ax: Any, picture: NDArray[Any], limits: tuple[float, float] | None = None) -> None:
    """Draw a picture with channels last: three as colours, others by their mean in grey.

    Parameters
    ----------
    ax : matplotlib Axes
    picture : ndarray of shape (height, width, channels)
    limits : (float, float) or None, default=None
        What is black and what is white; None the picture's own.
    """
    picture = np.asarray(picture, dtype=np.float64)
    low, high = (picture.min(), picture.max()) if limits is None else limits
    scaled = np.clip((picture - low) / ((high - low) or 1.0), 0, 1)
    if picture.shape[-1] == 3:
        ax.imshow(scaled)
    else:
        ax.imshow(scaled.mean(axis=-1), cmap="gray", vmin=0, vmax=1)
    bare(ax)
