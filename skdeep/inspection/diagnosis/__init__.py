"""Diagnosis in words: what ails a fitted network, and what to try."""

from skdeep.inspection.diagnosis.diagnose import diagnose
from skdeep.inspection.diagnosis.findings import Diagnosis, Finding

__all__ = ["Diagnosis", "Finding", "diagnose"]
