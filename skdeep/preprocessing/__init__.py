"""Transformers of raw tables and of features, and augmentations for training."""

from skdeep.preprocessing.augmentation import (
    Augmentation,
    Brightness,
    Contrast,
    Crop,
    CutMix,
    Erasing,
    Flip,
    MixUp,
    Noise,
    Rotation,
    Shift,
    SwapNoise,
)
from skdeep.preprocessing.piecewise_linear_encoder import PiecewiseLinearEncoder
from skdeep.preprocessing.robust_smooth_scaler import RobustSmoothScaler
from skdeep.preprocessing.table_encoder import TableEncoder
from skdeep.preprocessing.whitener import Whitener

__all__ = [
    "Augmentation",
    "Brightness",
    "Contrast",
    "Crop",
    "CutMix",
    "Erasing",
    "Flip",
    "MixUp",
    "Noise",
    "PiecewiseLinearEncoder",
    "RobustSmoothScaler",
    "Rotation",
    "Shift",
    "SwapNoise",
    "TableEncoder",
    "Whitener",
]
