"""How each layer is written in the standard operators of ONNX, as it predicts.

`layer_nodes` finds the way of a layer by its class; a layer of a user's own joins by
``layer_nodes.register``.
"""

from skdeep.export.layers import elements, pictures, sequences, tables
from skdeep.export.layers.dispatch import layer_nodes

__all__ = ["elements", "layer_nodes", "pictures", "sequences", "tables"]
