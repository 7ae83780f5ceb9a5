"""Displays for networks that read sequences."""

from skdeep.inspection.displays.sequences.attention import AttentionDisplay
from skdeep.inspection.displays.sequences.gates import GateDisplay

__all__ = ["AttentionDisplay", "GateDisplay"]
