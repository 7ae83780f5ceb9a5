"""Graphs as models, and models run by onnxruntime."""

import numpy as np
import onnx
import onnxruntime

from skdeep.export.graph import OPSET


def model_of(graph, inputs, outputs):
    """Return a checked model of a graph: inputs by name as arrays, shapes of outputs by name."""
    types = {"f": onnx.TensorProto.FLOAT, "i": onnx.TensorProto.INT64}
    declared = [
        onnx.helper.make_tensor_value_info(name, types[x.dtype.kind], [None, *x.shape[1:]])
        for name, x in inputs.items()
    ]
    found = [
        onnx.helper.make_tensor_value_info(
            graph.add("Identity", y), onnx.TensorProto.FLOAT, [None, *shape]
        )
        for y, shape in outputs.items()
    ]
    made = onnx.helper.make_graph(graph.nodes, "test", declared, found, graph.constants)
    model = onnx.helper.make_model(
        made, opset_imports=[onnx.helper.make_opsetid("", OPSET)], ir_version=9
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def run(model, *inputs):
    """Return the outputs for inputs in their order."""
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    fed = zip(session.get_inputs(), inputs, strict=True)
    return session.run(None, {given.name: np.ascontiguousarray(x) for given, x in fed})
