"""Layers of networks that learn a code for their input."""

from skdeep.nn.layers.codes.contractive import Contractive
from skdeep.nn.layers.codes.gaussian_code import CommonSpread, GaussianCode
from skdeep.nn.layers.codes.transposed_dense import TransposedDense

__all__ = ["CommonSpread", "Contractive", "GaussianCode", "TransposedDense"]
