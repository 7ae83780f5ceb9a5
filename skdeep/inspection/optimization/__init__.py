"""Looking at how training moves: which learning rate, and along which path."""

from skdeep.inspection.optimization.paths import OptimizerPathDisplay
from skdeep.inspection.optimization.range_test import (
    LearningRateRangeDisplay,
    learning_rate_range_test,
)

__all__ = ["LearningRateRangeDisplay", "OptimizerPathDisplay", "learning_rate_range_test"]
