"""How fast training reads reviews in batches of one length, beside the course's batches in random order.

Run as `PYTHONPATH=. python tests/bench/sentiment.py [steps]`: so many steps (60 by default) of 128 reviews for
each network, drawn evenly from an epoch. The plain loop pads every batch to its longest review. Data: the published
reviews where REPROSE_MIRROR names a folder that holds them, else made-up ones of the same number and lengths. One
thread; seconds are those of the process. Both read the true last word, so a review must get the same prediction in a
padded batch and alone, or the exit status is 1.
"""

import os
import platform
import sys
import time
from pathlib import Path

import numpy as np
import torch

from scripts.datasets import sst2
from scripts.problems.sentiment.hyperparameters import Hyperparameters
from scripts.problems.sentiment.model import build, loss
from scripts.problems.sentiment.reviews import Reviews, collate, shuffled_batches, to_reviews

BATCH, WORDS, REVIEWS = 128, 14_818, 67_349
TOLERANCE = 1e-5
VALUES = {"hidden": 64, "readout": "last", "bucketed": True, "learning_rate": 0.003}
VALUES |= {"batch_size": BATCH, "epochs": 1, "patience": 1}


def load() -> tuple[str, Reviews]:
    """Return what the data are, and the training part."""
    mirror = Path(os.environ.get("REPROSE_MIRROR", ""), "sst2")
    if "REPROSE_MIRROR" in os.environ and mirror.is_dir():
        return "SST-2", to_reviews(sst2.course_split(sst2.read(mirror))["train"])
    generator = np.random.default_rng(1)
    lengths = np.clip(np.rint(generator.lognormal(1.85, 0.9, REVIEWS)), 1, 52).astype(np.int64)
    tokens = generator.integers(2, WORDS, lengths.sum(), dtype=np.int32)
    return "made-up reviews", to_reviews({"tokens": tokens, "lengths": lengths, "labels": lengths % 2})


def seconds(network: str, reviews: Reviews, bucketed: bool, steps: int) -> tuple[float, float]:
    """Return the seconds per 1,000 reviews and the share of padding, over `steps` steps spread over an epoch."""
    torch.manual_seed(1)
    model = build(torch.randn(WORDS, 50), Hyperparameters(**VALUES, network=network))
    optimizer = torch.optim.Adam(model.parameters(), lr=VALUES["learning_rate"])
    batches = shuffled_batches(reviews.lengths, BATCH, bucketed, torch.Generator().manual_seed(1))
    batches = sorted(batches, key=lambda rows: reviews.lengths[rows].sum().item())  # so that the steps stand for all
    cells = words = read = 0
    start = time.process_time()
    for rows in batches[:: max(1, len(batches) // steps)]:
        tokens, lengths = collate([reviews.tokens[row] for row in rows.tolist()])
        optimizer.zero_grad()
        loss(model(tokens, lengths), reviews.labels[rows]).backward()
        optimizer.step()
        cells, words, read = cells + tokens.numel(), words + lengths.sum().item(), read + len(rows)
    return 1000 * (time.process_time() - start) / read, 1 - words / cells


def largest_difference(reviews: Reviews) -> float:
    """Return by how much the log odds of a batch in random order differ from those of its reviews one by one."""
    torch.manual_seed(1)
    model = build(torch.randn(WORDS, 50), Hyperparameters(**VALUES, network="gru"))
    chosen = reviews.tokens[:BATCH]
    with torch.no_grad():
        alone = torch.cat([model(*collate([tokens])) for tokens in chosen])
        return (model(*collate(chosen)) - alone).abs().max().item()


def main() -> None:
    """Time both, compare, print."""
    torch.set_num_threads(1)
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    name, reviews = load()
    print(f"sentiment, {name}, batches of {BATCH}, one thread, {platform.machine()}")
    for network in ("rnn", "lstm", "gru"):
        (plain, padding), (ours, left) = (seconds(network, reviews, kind, steps) for kind in (False, True))
        print(f"  {network:4s} random order {1000 / plain:6.0f} reviews/s ({padding:.0%} padding), ", end="")
        print(f"by length {1000 / ours:6.0f} reviews/s ({left:.1%}); ratio {plain / ours:.1f}")
    found = largest_difference(reviews)
    print(f"  largest difference of the log odds, padded or alone: {found:.1e}")
    if not found < TOLERANCE:
        sys.exit(f"the two disagree; allowed: {TOLERANCE:.0e}")


if __name__ == "__main__":
    main()
