"""Callbacks of skdeep's own, on scikit-learn's protocol: ``estimator.set_callbacks(...)``."""

from skdeep.callbacks.checkpoint import Checkpoint

__all__ = ["Checkpoint"]
