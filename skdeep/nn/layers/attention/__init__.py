"""Attention: each position looks at others, and takes a mean of what it finds there."""

from skdeep.nn.layers.attention.additive import AdditiveAttention
from skdeep.nn.layers.attention.multi_head import MultiHeadAttention
from skdeep.nn.layers.attention.pooling import MeanOverSteps
from skdeep.nn.layers.attention.positions import LearnedPositions, SinusoidalPositions
from skdeep.nn.layers.attention.transformer import TransformerBlock

__all__ = [
    "AdditiveAttention",
    "LearnedPositions",
    "MeanOverSteps",
    "MultiHeadAttention",
    "SinusoidalPositions",
    "TransformerBlock",
]
