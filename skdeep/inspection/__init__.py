"""Looking into networks: what they are, what they do, and whether a gradient is right."""

from skdeep.inspection.gradient_check import GradientReport, gradient_check
from skdeep.inspection.summary import summarize

__all__ = ["GradientReport", "gradient_check", "summarize"]
