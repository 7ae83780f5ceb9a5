"""Displays for convolutional networks."""

from skdeep.inspection.displays.pictures.evidence import EvidenceDisplay
from skdeep.inspection.displays.pictures.feature_maps import FeatureMapDisplay
from skdeep.inspection.displays.pictures.gallery import ConfusionGalleryDisplay
from skdeep.inspection.displays.pictures.preferred import PreferredInputDisplay

__all__ = [
    "ConfusionGalleryDisplay",
    "EvidenceDisplay",
    "FeatureMapDisplay",
    "PreferredInputDisplay",
]
