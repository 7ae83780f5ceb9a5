"""Noise on the input of a denoising autoencoder."""

from __future__ import annotations

from typing import Any

import numpy as np

from skdeep.nn import Batch

__all__ = ["NOISES", "Corruption"]

NOISES = ("gaussian", "masking")


class Corruption:
    """What happens to a batch in training: its inputs are disturbed, its targets stay.

    Parameters
    ----------
    kind : {'gaussian', 'masking'}
        Normal noise is added, or numbers become zero.
    level : float
        Standard deviation of the noise, or the part of the numbers that become zero.
    """

    def __init__(self, kind: str, level: float) -> None:
        self.kind, self.level = kind, level

    def __call__(self, batch: Batch, rng: Any) -> Batch:
        """Return the batch with inputs of its own."""
        if self.kind == "gaussian":
            noise = rng.standard_normal(batch.x.shape, dtype=batch.x.dtype)
            x = batch.x + batch.x.dtype.type(self.level) * noise
        else:
            kept = rng.random(batch.x.shape, dtype=np.float32) >= self.level
            x = batch.x * kept
        return batch._replace(x=x)
