"""Looking into networks: what they are, what they do, what ails them."""

from skdeep.inspection.attribution import Attribution, attribute
from skdeep.inspection.diagnosis import Diagnosis, Finding, diagnose
from skdeep.inspection.displays import (
    ActivationDisplay,
    AttributionDisplay,
    LossLandscapeDisplay,
    TrainingCurveDisplay,
    WeightsDisplay,
)
from skdeep.inspection.gradient_check import GradientReport, gradient_check
from skdeep.inspection.optimization import (
    LearningRateRangeDisplay,
    OptimizerPathDisplay,
    learning_rate_range_test,
)
from skdeep.inspection.statistics import (
    ActivationMonitor,
    LayerStatistics,
    activation_statistics,
)
from skdeep.inspection.summary import summarize

__all__ = [
    "ActivationDisplay",
    "ActivationMonitor",
    "Attribution",
    "AttributionDisplay",
    "Diagnosis",
    "Finding",
    "GradientReport",
    "LayerStatistics",
    "LearningRateRangeDisplay",
    "LossLandscapeDisplay",
    "OptimizerPathDisplay",
    "TrainingCurveDisplay",
    "WeightsDisplay",
    "activation_statistics",
    "attribute",
    "diagnose",
    "gradient_check",
    "learning_rate_range_test",
    "summarize",
]
