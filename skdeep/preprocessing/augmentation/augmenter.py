"""Several augmentations one after the other, for the batches of training and for predictions."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn import Batch
from skdeep.nn.memory import Memory
from skdeep.preprocessing.augmentation.base import Augmentation, Drawn
from skdeep.preprocessing.augmentation.boxes import Erasing
from skdeep.preprocessing.augmentation.colours import Brightness, Contrast
from skdeep.preprocessing.augmentation.crops import Crop
from skdeep.preprocessing.augmentation.features import Noise, SwapNoise
from skdeep.preprocessing.augmentation.mixing import CutMix, MixUp
from skdeep.preprocessing.augmentation.moves import Flip, Shift
from skdeep.preprocessing.augmentation.resampling import Rotation

__all__ = ["AUGMENTATIONS", "Augmenter"]

# Numbers that are changed at a time: few enough for a core's second-level cache, and enough for the
# calls of a step, whose code is in no cache after a step of training, not to count.
_AT_ONCE = 2**19

#: What there is by name, each with its defaults.
AUGMENTATIONS: dict[str, Callable[[], Augmentation]] = {
    "flip": Flip,
    "shift": Shift,
    "crop": Crop,
    "rotation": Rotation,
    "brightness": Brightness,
    "contrast": Contrast,
    "erasing": Erasing,
    "cutmix": CutMix,
    "mixup": MixUp,
    "noise": Noise,
    "swap": SwapNoise,
}


class Augmenter(Memory):
    """Augmentations in their order, as a `Run` takes a transform of batches.

    Parameters
    ----------
    augmentations : sequence of str, Augmentation or callable
        Names, objects (of which copies are taken), or ``function(batch, rng) -> Batch``.
    picture_shape : (int, int, int) or None
        Height, width and channels, for those that work on pictures. Rows of a table are pictures
        inside, then.
    channels_first : bool, default=False
        Whether pictures are (channels, height, width) outside.
    n_classes : int or None, default=None
        Of targets that are class indices.
    seed : int, default=0
        Draws the copies for predictions.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Batch
    >>> from skdeep.preprocessing.augmentation import Augmenter, Flip
    >>> augmenter = Augmenter(["mixup", Flip(1.0)], (1, 3, 1), n_classes=2)
    >>> batch = Batch(np.array([[0.0, 1, 2], [0, 1, 2]]), np.array([0, 1]))
    >>> batch = augmenter(batch, np.random.default_rng(0))
    >>> batch.x
    array([[2., 1., 0.],
           [2., 1., 0.]])
    >>> batch.target.sum(axis=1)
    array([1., 1.])
    """

    def __init__(
        self,
        augmentations: Sequence[Any],
        picture_shape: tuple[int, ...] | None = None,
        *,
        channels_first: bool = False,
        n_classes: int | None = None,
        seed: int = 0,
    ) -> None:
        self.steps = [
            AUGMENTATIONS[step]() if isinstance(step, str) else copy.deepcopy(step)
            for step in augmentations
        ]
        self.picture_shape, self.channels_first = picture_shape, channels_first
        self.seed = seed
        for step in self.steps:
            if hasattr(step, "n_classes"):
                step.n_classes = n_classes
        self.settle(np, np.float64)

    def settle(self, xp: Any, dtype: Any) -> None:
        """Take the type of the network."""
        super().settle(xp, dtype)
        for step in self.steps:
            if isinstance(step, Augmentation):
                step.settle(xp, dtype)

    def learn(self, x: NDArray[Any], weight: NDArray[Any] | None) -> None:
        """Let those that depend on the units of the data learn them."""
        for step in self.steps:
            if isinstance(step, Augmentation):
                step.learn(self._inside(x), weight)

    @property
    def at_once(self) -> int:
        """How many numbers are best changed at a time; a function of the user's gets each batch."""
        ours = all(isinstance(step, Augmentation) for step in self.steps)
        return _AT_ONCE if ours else 0

    def __call__(self, batch: Batch, rng: np.random.Generator) -> Batch:
        """Return a batch as training sees it this time; the arrays given are not written to."""
        shape = batch.x.shape
        ours = False  # whether the samples are in the memory of a step
        for step in self.steps:
            if not isinstance(step, Augmentation):
                batch = step(batch._replace(x=batch.x.reshape(shape)), rng)
                ours = False
                continue
            x = self._inside(batch.x)
            step.may_overwrite, ours = ours, True
            drawn = step.draw(len(x), x.shape[1:], rng, batch.weight)
            batch = step.of_batch(batch._replace(x=x), drawn)
            batch = batch._replace(x=self._outside(batch.x, shape))
            if batch.lengths is not None:  # nothing stands behind the end of a sequence
                batch.x[np.arange(shape[1]) >= batch.lengths[:, None]] = 0
        return batch

    def copies(self, x: NDArray[Any], n: int) -> Iterator[NDArray[Any]]:
        """Yield `n` arrays like `x`: itself, and what augmentation may make of it.

        All samples of one are changed alike, so that a sample's predictions do not depend on the
        others. An array is good until the next.
        """
        steps = [s for s in self.steps if isinstance(s, Augmentation) and s.at_prediction]
        inside = self._inside(x)
        rng = np.random.Generator(np.random.SFC64(self.seed))
        drawn = [step.draw_copies(n, inside.shape[1:], rng) for step in steps]
        yield x
        for k in range(1, n):
            seen = inside
            for step, entries in zip(steps, drawn, strict=True):
                entry: Drawn = tuple(values[k : k + 1] for values in entries)
                step.may_overwrite = seen is not inside
                seen = step.apply(seen, entry)
            yield self._outside(seen, x.shape)

    def replica(self) -> Augmenter:
        """Return one with memory of its own, for another thread."""
        twin = super().replica()
        twin.steps = [s.replica() if isinstance(s, Augmentation) else s for s in self.steps]
        return twin

    def _inside(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return samples as augmentations take them: pictures with their channels last."""
        if self.picture_shape is None:
            return x
        height, width, channels = self.picture_shape
        if not self.channels_first:
            return x.reshape(-1, height, width, channels)
        return np.moveaxis(x.reshape(-1, channels, height, width), 1, 3)

    def _outside(self, x: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
        """Return samples as the network takes them."""
        if self.picture_shape is not None and self.channels_first:
            x = np.moveaxis(x, 3, 1)
        return np.ascontiguousarray(x).reshape(shape)
