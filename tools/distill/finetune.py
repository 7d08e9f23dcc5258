"""Fine-tunes the encoder on the project's messages: the long step (about forty minutes on two cores).

    python finetune.py FOLDER [--epochs 4] [--held-out WRITER]

Two tasks share the encoder. What is it about: none or one of seven sensitive categories (softmax).
Which everyday topic does it name: the cosine of a projection of 128 dimensions with each topic's
row, against a constant for "no topic"; sensitive messages learn "no topic", so that the bottleneck
is a second wall and not only a name. Word vectors stay as they are. FOLDER/gate.npz keeps the
weights of the last step.
"""
import argparse
import re
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax

import encoder
import messages
import teacher
import topics

BATCH = 32
TOKENS_MAX = 64
LENGTHS = (8, 12, 16, 24, 40, TOKENS_MAX)  # batches are padded to one of these; each compiles once
LAYER_RATE, HEAD_RATE = 1e-4, 1e-3
WARM_UP = 0.06
DROPOUT = 0.1
SMOOTHING = 0.05
TOPIC_SCALE, TOPIC_COSINE_NONE = 20.0, 0.45
TOPIC_SHARE = 1.0
PHRASE_WEIGHT, TORN_WEIGHT = 0.5, 0.3
SENTENCE_END = re.compile(r"(?<=[.!?;])\s+")
SENTENCE_WORDS_MIN = 3
QUANTISED_FROM = 0.8  # of the steps


def examples(found):
    """(token lists, label numbers, topic numbers with topics_count for none, weights of both tasks).

    Beside the messages: the topics' phrases, and each sentence torn out of a harmless message, since
    the gate judges sentences alone. What topic such a sentence has is not asked.
    """
    tokenizer = teacher.tokenizer()
    listed = topics.load()
    places = {name: place for place, (name, _) in enumerate(listed)}
    rows = [(m.text, encoder.LABELS.index(m.label), places.get(m.topic, len(listed)), 1.0, 1.0)
            for m in found]
    for name, phrases in listed:
        rows += [(phrase, 0, places[name], PHRASE_WEIGHT, PHRASE_WEIGHT) for phrase in phrases]
    rows += [(sentence, 0, len(listed), TORN_WEIGHT, 0.0)
             for m in found if m.label == "none" for sentence in sentences(m.text)]
    encoded = [cut(e.ids) for e in tokenizer.encode_batch([row[0] for row in rows])]
    return encoded, *(np.array(column) for column in list(zip(*rows))[1:])


def sentences(text):
    """The sentences of a text that has several."""
    parts = SENTENCE_END.split(text)
    return [p for p in parts if len(p.split()) >= SENTENCE_WORDS_MIN] if len(parts) > 1 else []


def cut(ids):
    return ids if len(ids) <= TOKENS_MAX else ids[:TOKENS_MAX - 1] + [encoder.SEP]


def padded(encoded, length):
    ids = np.zeros((len(encoded), length), np.int32)
    mask = np.zeros((len(encoded), length), np.float32)
    for row, tokens in enumerate(encoded):
        ids[row, :len(tokens)] = tokens
        mask[row, :len(tokens)] = 1
    return ids, mask


def batches(encoded, random):
    """Places of one epoch's batches; texts of like length share a batch, to save padding."""
    sizes = np.array([len(e) for e in encoded]) + random.uniform(0, 3, len(encoded))
    order = np.argsort(sizes)
    whole = len(order) - len(order) % BATCH
    spare = random.permutation(len(order))[:BATCH]
    found = [*order[:whole].reshape(-1, BATCH), *([spare] if whole < len(order) else [])]
    return [found[place] for place in random.permutation(len(found))]


def heads(random, weights, table):
    """Labels begin at random, topics where the encoder already sees their phrases."""
    projection, rows = topic_space(weights, table)
    labels = random.normal(0, encoder.WIDTH ** -0.5, (len(encoder.LABELS), encoder.WIDTH))
    return {"labels": labels.astype(np.float32),
            "bias": np.zeros(len(encoder.LABELS), np.float32),
            "projection": projection, "topics": rows}


def topic_space(weights, table):
    """The main axes of the topics' phrases, and each topic's mean direction along them."""
    tokenizer = teacher.tokenizer()
    means = []
    for _, phrases in topics.load():
        ids, mask = padded([cut(e.ids) for e in tokenizer.encode_batch(phrases)], TOKENS_MAX)
        mean = pooled(weights, table[ids], mask)
        means.append((mean / np.linalg.norm(mean, axis=1, keepdims=True)).mean(0))
    means = np.array(means)
    axes = np.linalg.svd(means - means.mean(0), full_matrices=False)[2]
    projection = axes[:encoder.TOPIC_DIMENSION]
    return projection.astype(np.float32), (means @ projection.T).astype(np.float32)


def unit(x):
    return x / jnp.sqrt(jnp.square(x).sum(-1, keepdims=True) + 1e-9)


def outputs(trained, mean):
    """Label logits [texts, 8] and cosines with each topic [texts, topics]."""
    head = trained["heads"]
    cosines = unit(mean @ head["projection"].T) @ unit(head["topics"]).T
    return mean @ head["labels"].T + head["bias"], cosines


def pooled(weights, words, mask, **options):
    """As encoder.pooled, of words that are gathered already: as a constant of the program their
    table would be folded at length."""
    ids = jnp.arange(words.shape[0] * words.shape[1]).reshape(words.shape[:2])
    weights = {**weights, "words": words.reshape(-1, encoder.WIDTH)}
    return encoder.pooled(weights, ids, mask, **options)


def loss(trained, words, mask, labels, topic, weights, topic_weights, key, quantised):
    mean = pooled(trained["encoder"], words, mask, quantised=quantised, dropout=DROPOUT, key=key)
    logits, cosines = outputs(trained, mean)
    wanted = jax.nn.one_hot(labels, logits.shape[1])
    wanted = wanted * (1 - SMOOTHING) + SMOOTHING / logits.shape[1]
    of_labels = optax.softmax_cross_entropy(logits, wanted)
    none = jnp.full((len(cosines), 1), TOPIC_COSINE_NONE)
    of_topics = optax.softmax_cross_entropy_with_integer_labels(
        TOPIC_SCALE * jnp.concatenate([cosines, none], 1), topic)
    # Divided by the texts, not by their weights: batches of like length are often all of one kind.
    return (of_labels * weights + TOPIC_SHARE * of_topics * topic_weights).mean()


def beginning(random):
    """The teacher with fresh heads."""
    weights = jax.tree.map(jnp.asarray, encoder.load(teacher.model_folder() / "model.safetensors"))
    table = np.asarray(weights.pop("words"))
    return {"encoder": weights, "heads": heads(random, weights, table), "words": table}


def fit(found, epochs, rate_share=1.0, start=None, seed=0, checkpoint=None):
    random = np.random.default_rng(seed)
    # Every run begins at the same weights, whatever its seed, so that runs can be averaged.
    trained = jax.tree.map(jnp.asarray, start or beginning(np.random.default_rng(0)))
    table = np.asarray(trained.pop("words"))
    encoded, labels, topic, weights, topic_weights = examples(found)
    weights, topic_weights = weights.astype(np.float32), topic_weights.astype(np.float32)
    steps = epochs * -(-len(encoded) // BATCH)

    def schedule(rate):
        return optax.warmup_cosine_decay_schedule(0, rate, int(WARM_UP * steps), steps)

    optimizer = optax.chain(
        optax.clip_by_global_norm(1.0),
        optax.multi_transform(
            {"encoder": optax.adamw(schedule(rate_share * LAYER_RATE), weight_decay=0.01),
             "heads": optax.adamw(schedule(rate_share * HEAD_RATE), weight_decay=0.01)},
            {"encoder": jax.tree.map(lambda _: "encoder", trained["encoder"]),
             "heads": jax.tree.map(lambda _: "heads", trained["heads"])}))
    state = optimizer.init(trained)

    @jax.jit
    def rounded(trained, state, *batch):
        return advance(trained, state, True, *batch)

    @jax.jit
    def plain(trained, state, *batch):
        return advance(trained, state, False, *batch)

    def advance(trained, state, quantised, *batch):
        value, slope = jax.value_and_grad(loss)(trained, *batch, quantised=quantised)
        change, state = optimizer.update(slope, state, trained)
        return optax.apply_updates(trained, change), state, value

    key = jax.random.key(seed, impl="unsafe_rbg")
    began, taken, mean_loss = time.time(), 0, 0.0
    for epoch in range(epochs):
        for places in batches(encoded, random):
            chosen = [encoded[place] for place in places]
            longest = max(map(len, chosen))
            ids, mask = padded(chosen, next(n for n in LENGTHS if n >= longest))
            key, part = jax.random.split(key)
            step = rounded if taken >= QUANTISED_FROM * steps else plain
            trained, state, value = step(trained, state, table[ids], mask, labels[places],
                                         topic[places], weights[places], topic_weights[places],
                                         part)
            taken += 1
            mean_loss += 0.02 * (float(value) - mean_loss)
            if taken % 500 == 0 and checkpoint:
                save(checkpoint, {**jax.tree.map(np.asarray, trained), "words": table})
            if taken % 50 == 0:
                print(f"epoch {epoch + 1}, step {taken} of {steps}, loss {mean_loss:.3f}, "
                      f"{time.time() - began:.0f} s", flush=True)
    return {**jax.tree.map(np.asarray, trained), "words": table}


def save(path, trained):
    flat = {}
    for place, leaf in jax.tree_util.tree_leaves_with_path(trained):
        flat["/".join(str(getattr(p, "key", getattr(p, "idx", None))) for p in place)] = leaf
    np.savez(path, **flat)


def restore(path):
    """What `save` wrote, nested again; the encoder's layers as a list."""
    nested = {}
    for name, leaf in np.load(path).items():
        *place, last = name.split("/")
        inner = nested
        for part in place:
            inner = inner.setdefault(part, {})
        inner[last] = leaf
    layers = nested["encoder"]["layers"]
    nested["encoder"]["layers"] = [layers[str(place)] for place in range(encoder.LAYERS)]
    return nested


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--held-out", action="append", default=[], help="a writer not to learn from")
    parser.add_argument("--messages", type=Path, default=messages.FOLDER / "train")
    parser.add_argument("--output", default="gate.npz")
    parser.add_argument("--go-on", type=Path, help="weights of an earlier run, to go on from")
    parser.add_argument("--rate-share", type=float, default=1.0, help="of the usual learning rates")
    parser.add_argument("--seed", type=int, default=0, help="of the order and of dropout")
    given = parser.parse_args()
    found = [m for m in messages.load(given.messages) if m.writer not in given.held_out]
    output = given.folder / given.output
    start = restore(given.go_on) if given.go_on else None
    save(output, fit(found, given.epochs, given.rate_share, start, given.seed,
                     checkpoint=output))


if __name__ == "__main__":
    main()
