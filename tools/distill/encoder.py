"""The sensitive gate's encoder, six-layer MiniLM, as a function of its weights in JAX.

One text of numbers for training, calibration and the reference that the C core is compared with.
`quantised` rounds activations and matrices as the core does (int8, a scale a token and a scale an
output), with gradients passed straight through, so that the last steps of training see what will be
served.
"""
import jax
import jax.numpy as jnp
import numpy as np
from safetensors.numpy import load_file

LAYERS, HEADS, HEAD_WIDTH, WIDTH, INNER = 6, 12, 32, 384, 1536
POSITIONS = 128
LABELS = ["none", "religion", "sexuality", "politics", "health", "ethnicity", "philosophy", "union"]
TOPIC_DIMENSION = 128
CLS, SEP, PAD = 101, 102, 0


def load(path):
    """The weights of a sentence-transformers MiniLM as nested dictionaries of arrays."""
    raw = load_file(path)

    def linear(*names):
        return {"weight": np.concatenate([raw[name + ".weight"] for name in names]).T.copy(),
                "bias": np.concatenate([raw[name + ".bias"] for name in names])}

    def norm(name):
        return {"weight": raw[name + ".weight"], "bias": raw[name + ".bias"]}

    layers = []
    for number in range(LAYERS):
        name = f"encoder.layer.{number}."
        attention = name + "attention.self."
        layers.append({
            "qkv": linear(attention + "query", attention + "key", attention + "value"),
            "out": linear(name + "attention.output.dense"),
            "attention_norm": norm(name + "attention.output.LayerNorm"),
            "up": linear(name + "intermediate.dense"),
            "down": linear(name + "output.dense"),
            "output_norm": norm(name + "output.LayerNorm"),
        })
    positions = raw["embeddings.position_embeddings.weight"][:POSITIONS]
    segment = raw["embeddings.token_type_embeddings.weight"][0]
    return {
        "words": raw["embeddings.word_embeddings.weight"],
        "positions": positions + segment,
        "embedding_norm": norm("embeddings.LayerNorm"),
        "layers": layers,
    }


def states(weights, ids, mask, quantised=False, dropout=0.0, key=None):
    """ids and mask [texts, tokens] -> the last layer's states [texts, tokens, WIDTH]."""
    keys = iter(jax.random.split(key, 2 * LAYERS + 1)) if dropout else None

    def drop(x):
        if not dropout:
            return x
        kept = jax.random.bernoulli(next(keys), 1 - dropout, x.shape)
        return jnp.where(kept, x / (1 - dropout), 0)

    words = weights["words"]
    words = round_rows(words)[ids] if quantised else words[ids]
    x = words + weights["positions"][:ids.shape[1]]
    x = drop(_norm(x, weights["embedding_norm"]))
    far = (1 - mask[:, None, None, :]) * -1e9
    for layer in weights["layers"]:
        x = _norm(drop(_attention(x, far, layer, quantised)) + x, layer["attention_norm"])
        wide = jax.nn.gelu(_linear(x, layer["up"], quantised), approximate=False)
        x = _norm(drop(_linear(wide, layer["down"], quantised)) + x, layer["output_norm"])
    return x


def pooled(weights, ids, mask, **options):
    """The mean state over a text's tokens, CLS and SEP among them: [texts, WIDTH]."""
    x = states(weights, ids, mask, **options)
    return (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)


def _attention(x, far, layer, quantised):
    texts, tokens, _ = x.shape
    qkv = _linear(x, layer["qkv"], quantised).reshape(texts, tokens, 3, HEADS, HEAD_WIDTH)
    query, key, value = jnp.moveaxis(qkv, 2, 0)
    scores = jnp.einsum("bqhd,bkhd->bhqk", query, key) / np.sqrt(HEAD_WIDTH) + far
    mixed = jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(scores), value)
    return _linear(mixed.reshape(texts, tokens, WIDTH), layer["out"], quantised)


def _linear(x, layer, quantised):
    weight = layer["weight"]
    if quantised:
        x, weight = round_rows(x), round_rows(weight.T).T
    return x @ weight + layer["bias"]


def _norm(x, layer):
    mean = x.mean(-1, keepdims=True)
    variance = jnp.square(x - mean).mean(-1, keepdims=True)
    return (x - mean) / jnp.sqrt(variance + 1e-12) * layer["weight"] + layer["bias"]


def round_rows(x):
    """Each row to 255 levels around zero, its largest magnitude 127; the gradient passes."""
    largest = jnp.abs(x).max(-1, keepdims=True)
    scale = jnp.where(largest > 0, largest / 127, 1)
    return x + jax.lax.stop_gradient(jnp.round(x / scale) * scale - x)
