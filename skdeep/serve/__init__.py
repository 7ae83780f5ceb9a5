"""Fitted estimators as a small web application, with the Open Inference Protocol's JSON."""

from skdeep.serve.application import application
from skdeep.serve.loading import load
from skdeep.serve.onnx_model import OnnxModel
from skdeep.serve.server import serve

__all__ = ["OnnxModel", "application", "load", "serve"]
