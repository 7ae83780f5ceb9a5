"""Every layer in ONNX's operators gives what it gives here, by onnxruntime."""

import copy

import numpy as np
import pytest

from skdeep.nn import Elementwise, Network
from tests.nn.parts import LAYERS, Doubled
from tests.nn.pictures import PICTURES

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytestmark = pytest.mark.peers

from skdeep.export.graph import Graph  # noqa: E402
from skdeep.export.networks import network_nodes  # noqa: E402
from tests.export.runtime import model_of, run  # noqa: E402

#: Words of layers that are made of Python functions, or go step by step.
WITHOUT = ("Elementwise", "Doubled", "EncoderDecoder", "AdditiveAttention", "cross=True")


def cases():
    for case in LAYERS:
        layer, shapes = case if isinstance(case, tuple) else (case, [(4,)])
        yield from ((layer, shape) for shape in shapes)
    yield from PICTURES


def batch(network, n, random):
    """Return inputs of the network, indices where it takes them."""

    def one(shape, dtype):
        if dtype is not None:
            return random.integers(0, 4, (n, *shape))
        return random.normal(size=(n, *shape)).astype(np.float32)

    shape, dtype = network.input_shape, network.root.input_dtype
    if shape and isinstance(shape[0], tuple):
        dtypes = dtype if isinstance(dtype, tuple) else (dtype,) * len(shape)
        return tuple(map(one, shape, dtypes))
    return one(shape, dtype)


@pytest.mark.parametrize(("layer", "shape"), list(cases()), ids=str)
def test_every_layer_predicts_the_same(layer, shape):
    random = np.random.default_rng(0)
    network = Network(copy.deepcopy(layer), shape, dtype=np.float32, random_state=0)
    network.params[:] = random.normal(0.3, 0.5, network.n_parameters)
    network.frozen[:] = random.normal(0.3, 0.5, len(network.frozen))
    network.statistics[:] = random.uniform(0.5, 2, len(network.statistics))
    x = batch(network, 3, random)
    inputs = x if isinstance(x, tuple) else (x,)
    names = tuple(f"x{i}" for i in range(len(inputs)))
    graph = Graph()
    if any(word in repr(layer) for word in WITHOUT) or (
        isinstance(x, tuple) and "Attention" in repr(layer)
    ):
        with pytest.raises(NotImplementedError, match="no form in ONNX"):
            network_nodes(network, graph, names if isinstance(x, tuple) else names[0])
        return
    y = network_nodes(network, graph, names if isinstance(x, tuple) else names[0])
    model = model_of(graph, dict(zip(names, inputs, strict=True)), {y: network.output_shape})
    (found,) = run(model, *inputs)
    np.testing.assert_allclose(found, network.outputs(x), rtol=2e-5, atol=2e-5)


def test_a_layer_of_ones_own_is_registered():
    from skdeep.export import layer_nodes

    @layer_nodes.register(Doubled)
    def _(layer, graph, x, shape):
        return graph.add(
            "Mul", layer_nodes(layer.body, graph, x, shape), graph.floats(layer.factor)
        )

    network = Network(Doubled(Elementwise(np.tanh)), (4,), dtype=np.float32, random_state=0)
    with pytest.raises(NotImplementedError, match="Elementwise has no form"):
        network_nodes(network, Graph(), "x")
