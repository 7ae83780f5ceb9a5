"""Looking into networks: is a gradient right?"""

from skdeep.inspection.gradient_check import GradientReport, gradient_check

__all__ = ["GradientReport", "gradient_check"]
