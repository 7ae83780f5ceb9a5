"""Winograd's convolution: where it comes from, the tiles it works on, and the path."""

from skdeep.nn.convolution.winograd.path import Winograd

__all__ = ["Winograd"]
