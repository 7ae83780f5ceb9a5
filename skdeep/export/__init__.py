"""Estimators in the standard operators of ONNX, for programs that have no Python."""

from skdeep.export.layers import layer_nodes
from skdeep.export.onnx import to_onnx
from skdeep.export.pipelines import register

__all__ = ["layer_nodes", "register", "to_onnx"]
