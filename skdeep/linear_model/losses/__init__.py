"""Losses of linear classifiers, as functions of the logits, with their curvature."""
