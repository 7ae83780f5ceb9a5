"""Looking into networks: what they are, what they do, what ails them."""

from skdeep.inspection.attribution import Attribution, attribute
from skdeep.inspection.card import ModelCard, model_card
from skdeep.inspection.diagnosis import Diagnosis, Finding, diagnose
from skdeep.inspection.displays import (
    ActivationDisplay,
    AttributionDisplay,
    LossLandscapeDisplay,
    TrainingCurveDisplay,
    WeightsDisplay,
)
from skdeep.inspection.displays.pictures import (
    ConfusionGalleryDisplay,
    EvidenceDisplay,
    FeatureMapDisplay,
    PreferredInputDisplay,
)
from skdeep.inspection.displays.sequences import AttentionDisplay, GateDisplay
from skdeep.inspection.gradient_check import GradientReport, gradient_check
from skdeep.inspection.optimization import (
    LearningRateRangeDisplay,
    OptimizerPathDisplay,
    learning_rate_range_test,
)
from skdeep.inspection.pictures import (
    class_activation_map,
    feature_maps,
    occlusion_map,
    preferred_inputs,
)
from skdeep.inspection.statistics import (
    ActivationMonitor,
    LayerStatistics,
    activation_statistics,
)
from skdeep.inspection.steps import attention_weights, gate_activations
from skdeep.inspection.summary import summarize
from skdeep.inspection.text_monitor import TextMonitor

__all__ = [
    "ActivationDisplay",
    "ActivationMonitor",
    "AttentionDisplay",
    "Attribution",
    "AttributionDisplay",
    "ConfusionGalleryDisplay",
    "Diagnosis",
    "EvidenceDisplay",
    "FeatureMapDisplay",
    "Finding",
    "GateDisplay",
    "GradientReport",
    "LayerStatistics",
    "LearningRateRangeDisplay",
    "LossLandscapeDisplay",
    "ModelCard",
    "OptimizerPathDisplay",
    "PreferredInputDisplay",
    "TextMonitor",
    "TrainingCurveDisplay",
    "WeightsDisplay",
    "activation_statistics",
    "attention_weights",
    "attribute",
    "class_activation_map",
    "diagnose",
    "feature_maps",
    "gate_activations",
    "gradient_check",
    "learning_rate_range_test",
    "model_card",
    "occlusion_map",
    "preferred_inputs",
    "summarize",
]
