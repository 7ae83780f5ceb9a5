"""Comparing estimators on the same folds, with tests that know that folds share their data."""

from skdeep.model_selection.compare import compare
from skdeep.model_selection.comparison import Comparison
from skdeep.model_selection.corrected_test import PairedTest, corrected_ttest, holm

__all__ = ["Comparison", "PairedTest", "compare", "corrected_ttest", "holm"]
