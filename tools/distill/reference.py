"""Writes what the gate's network says of some messages in JAX, for the test that holds the C core to
it: Tests/TextTests/gate-reference.tsv, a text and its eight logits a line.

    python reference.py FOLDER TSV
"""
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

import encoder
import finetune
import messages
import teacher

EVERY, TOKENS_MAX = 25, 40


def main(folder, path):
    trained = finetune.restore(folder / "gate.npz")
    weights = jax.tree.map(jnp.asarray, trained["encoder"])
    table = np.asarray(encoder.round_rows(jnp.asarray(trained["words"])))
    tokenizer = teacher.tokenizer()
    lines = []
    for message in messages.load(messages.FOLDER / "test")[::EVERY]:
        ids = tokenizer.encode(message.text).ids
        if len(ids) > TOKENS_MAX:
            continue
        mean = finetune.pooled(weights, table[np.array([ids])], np.ones((1, len(ids))),
                               quantised=True)
        logits, _ = finetune.outputs(trained, mean)
        lines.append("\t".join([message.text, *(f"{x:.5f}" for x in np.asarray(logits[0]))]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} messages")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
