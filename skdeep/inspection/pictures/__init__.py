"""What a convolutional network sees in pictures, and which pictures its units prefer."""

from skdeep.inspection.pictures.maps import class_activation_map, feature_maps, occlusion_map
from skdeep.inspection.pictures.preferred import preferred_inputs

__all__ = ["class_activation_map", "feature_maps", "occlusion_map", "preferred_inputs"]
