"""Displays in scikit-learn's style: made by `from_estimator`, drawn by `plot`, with `ax_`."""

from skdeep.inspection.displays.activations import ActivationDisplay
from skdeep.inspection.displays.attribution import AttributionDisplay
from skdeep.inspection.displays.landscape import LossLandscapeDisplay
from skdeep.inspection.displays.training_curve import TrainingCurveDisplay
from skdeep.inspection.displays.weights import WeightsDisplay

__all__ = [
    "ActivationDisplay",
    "AttributionDisplay",
    "LossLandscapeDisplay",
    "TrainingCurveDisplay",
    "WeightsDisplay",
]
