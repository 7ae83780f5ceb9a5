"""Samples that might as well have been there: what training may see in place of what is there."""

from skdeep.preprocessing.augmentation.augmenter import AUGMENTATIONS, Augmenter
from skdeep.preprocessing.augmentation.base import Augmentation
from skdeep.preprocessing.augmentation.boxes import Erasing
from skdeep.preprocessing.augmentation.colours import Brightness, Contrast
from skdeep.preprocessing.augmentation.crops import Crop
from skdeep.preprocessing.augmentation.features import Noise, SwapNoise
from skdeep.preprocessing.augmentation.mixing import CutMix, MixUp
from skdeep.preprocessing.augmentation.moves import Flip, Shift
from skdeep.preprocessing.augmentation.resampling import Rotation

__all__ = [
    "AUGMENTATIONS",
    "Augmentation",
    "Augmenter",
    "Brightness",
    "Contrast",
    "Crop",
    "CutMix",
    "Erasing",
    "Flip",
    "MixUp",
    "Noise",
    "Rotation",
    "Shift",
    "SwapNoise",
]
