"""Samples that are mixed with others, and their targets with them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn import Batch
from skdeep.preprocessing.augmentation.base import Augmentation, Drawn, check_share
from skdeep.preprocessing.augmentation.boxes import rectangles

__all__ = ["CutMix", "MixUp", "partners"]


def partners(
    n: int, rng: np.random.Generator, weight: NDArray[Any] | None = None
) -> NDArray[np.intp]:
    """Return for each of `n` samples another to mix it with.

    Without weights each is taken once. With them each is as often taken as it counts, so that the
    labels of a class still count together what they did, and a sample of weight two is the same as
    two samples.
    """
    if weight is None:
        return rng.permutation(n)
    up_to = np.cumsum(weight, dtype=np.float64)
    if not up_to[-1] > 0:
        return np.arange(n)
    found = np.searchsorted(up_to, rng.random(n) * up_to[-1], side="right")
    return np.minimum(found, np.flatnonzero(weight)[-1])


class _Mixing(Augmentation):
    """The base of those that mix each sample with a partner.

    Attributes
    ----------
    n_classes : int or None
        How many classes a target that is their index has; set before training.
    """

    at_prediction = False

    def __init__(self, alpha: float, probability: float) -> None:
        if not (isinstance(alpha, (int, float, np.number)) and 0 < alpha < np.inf):
            raise ValueError(f"{type(self).__name__} takes an alpha above 0, got {alpha!r}.")
        check_share(self, "probability", probability)
        self.alpha, self.probability = alpha, probability
        self.n_classes: int | None = None

    def _draw_shares(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw what each sample keeps of itself: Beta(alpha, alpha), or all."""
        # Beta(1, 1) is uniform, which takes a twentieth of the time.
        share = rng.random(n) if self.alpha == 1 else rng.beta(self.alpha, self.alpha, n)
        if self.probability < 1:
            share[rng.random(n) >= self.probability] = 1.0
        return share

    def _share(self, drawn: Drawn, shape: tuple[int, ...]) -> NDArray[Any]:
        """Return what each sample keeps of itself."""
        return drawn[1]

    def of_batch(self, batch: Batch, drawn: Drawn) -> Batch:
        """Return the mixed samples with mixed targets, probabilities of all classes for indices."""
        x, target = self.apply(batch.x, drawn), batch.target
        share = self._share(drawn, batch.x.shape[1:])
        if target.ndim == 1 and target.dtype.kind in "iu":
            assert self.n_classes is not None
            target = np.eye(self.n_classes, dtype=x.dtype)[target]
        share = share.astype(target.dtype).reshape(-1, *(1,) * (target.ndim - 1))
        return batch._replace(x=x, target=share * target + (1 - share) * target[drawn[0]])


class MixUp(_Mixing):
    """Train on points of the line between two samples.

    ::

        x = s x_i + (1 - s) x_j,    y = s y_i + (1 - s) y_j,    s from Beta(alpha, alpha)

    for tables and pictures, classes (y being probabilities) and numbers. Each sample has a share of
    its own.

    Parameters
    ----------
    alpha : float > 0, default=0.2
        Small numbers give shares near 0 and 1, 1 gives all alike.
    probability : float in [0, 1], default=1.0
        Of a sample to be mixed at all.

    References
    ----------
    H. Zhang, M. Cisse, Y. N. Dauphin, D. Lopez-Paz, "mixup: beyond empirical risk minimization",
    ICLR 2018.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.preprocessing import MixUp
    >>> X = np.array([[0.0, 0.0], [1.0, 10.0]])
    >>> mixed = MixUp(alpha=1.0).sample(X, random_state=0)
    >>> bool(np.allclose(mixed[:, 1], 10 * mixed[:, 0]))  # on the line
    True
    """

    of_pictures = False

    def __init__(self, alpha: float = 0.2, probability: float = 1.0) -> None:
        super().__init__(alpha, probability)

    def draw(
        self, n: int, shape: tuple[int, ...], rng: np.random.Generator, weight: Any = None
    ) -> Drawn:
        """Draw each sample's partner, and what it keeps of itself."""
        return partners(n, rng, weight), self._draw_shares(n, rng)

    def apply(self, x: NDArray[Any], drawn: Drawn) -> NDArray[Any]:
        """Return the mixtures."""
        rows = x.reshape(len(x), -1)
        partner, share = drawn[0], drawn[1].astype(x.dtype)[:, None]
        out = self.buffer("mixed", rows.shape, x.dtype)
        other = self.buffer("other", rows.shape, x.dtype)
        rows.take(partner, axis=0, out=other, mode="clip")
        np.multiply(rows, share, out=out)
        other *= 1 - share
        out += other
        return out.reshape(x.shape)


class CutMix(_Mixing):
    """Put a rectangle of another picture into a picture.

    ::

        y = s y_i + (1 - s) y_j,    s the share of the picture that stays its own

    with a rectangle of the picture's proportions, whose area before it is cut at the border is the
    share 1 - s with s from Beta(alpha, alpha).

    Parameters
    ----------
    alpha : float > 0, default=1.0
        Small numbers give shares near 0 and 1, 1 gives all alike.
    probability : float in [0, 1], default=1.0
        Of a picture to be mixed at all.

    References
    ----------
    S. Yun, D. Han, S. J. Oh, S. Chun, J. Choe, Y. Yoo, "CutMix: regularization strategy to train
    strong classifiers with localizable features", ICCV 2019.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.preprocessing import CutMix
    >>> pictures = np.arange(3) * np.ones((6, 6, 1))
    >>> mixed = CutMix().sample(pictures.T, random_state=0)
    >>> [sorted(set(picture.ravel().tolist())) for picture in mixed]
    [[0.0, 2.0], [0.0, 1.0], [1.0, 2.0]]
    """

    def __init__(self, alpha: float = 1.0, probability: float = 1.0) -> None:
        super().__init__(alpha, probability)

    def draw(
        self, n: int, shape: tuple[int, ...], rng: np.random.Generator, weight: Any = None
    ) -> Drawn:
        """Draw each picture's partner, and the rows and columns that come from there."""
        partner = partners(n, rng, weight)
        side = np.sqrt(1 - self._draw_shares(n, rng))
        edges = []
        for size in shape[:2]:
            length = np.floor(side * size)
            half = length / 2
            centre = rng.integers(0, size, n) + 0.5 * (length % 2)
            edges += [np.maximum(centre - half, 0), np.minimum(centre + half, size)]
        return partner, *edges

    def _share(self, drawn: Drawn, shape: tuple[int, ...]) -> NDArray[Any]:
        _, top, bottom, left, right = drawn
        return 1 - (bottom - top) * (right - left) / (shape[0] * shape[1])

    def apply(self, x: NDArray[Any], drawn: Drawn) -> NDArray[Any]:
        """Return the pictures with their rectangles."""
        partner, *edges = drawn
        out = self.buffer("mixed", x.shape, x.dtype)
        out[...] = x
        lines, given = (pictures.reshape(*x.shape[:2], -1) for pictures in (out, x))
        others = partner.tolist()
        for i, top, bottom, left, right in rectangles(x.shape, *edges):
            lines[i, top:bottom, left:right] = given[others[i], top:bottom, left:right]
        return out
