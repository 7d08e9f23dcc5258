"""Averages the weights of several runs of finetune.py, which began at the same weights.

    python average.py OUTPUT SHARE:RUN SHARE:RUN ...

The average reads messages that are unlike those of training better than any of the runs.
"""
import sys

import jax
import numpy as np

import finetune


def average(parts):
    """The weighted sum of runs: [(share, weights)]; shares add up to one."""
    shares = [share for share, _ in parts]
    if abs(sum(shares) - 1) > 1e-6:
        raise ValueError(f"the shares add up to {sum(shares)}, not to 1")
    return jax.tree.map(
        lambda *values: sum(share * value for share, value in zip(shares, values)).astype(np.float32),
        *(weights for _, weights in parts))


def main(output, *named):
    parts = [part.split(":", 1) for part in named]
    finetune.save(output, average([(float(share), finetune.restore(path)) for share, path in parts]))


if __name__ == "__main__":
    main(*sys.argv[1:])
