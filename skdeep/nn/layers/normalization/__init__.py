"""Normalization: mean 0 and variance 1, over a batch or over the features of a row."""

from skdeep.nn.layers.normalization.batch import BatchNorm
from skdeep.nn.layers.normalization.layer import LayerNorm

__all__ = ["BatchNorm", "LayerNorm"]
