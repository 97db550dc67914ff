"""How long an epoch of the topic model takes with sparse counts, beside the same epoch with dense ones.

Run as `PYTHONPATH=. python tests/bench/topics.py [articles]`: the first layer and the reconstruction are computed
from the words that occur, or by products with whole rows of counts, as one would write them first. The articles are
made up, 20,000 by default, over a vocabulary of 10,000 words with 20 of them in an article. Both run on one thread,
each in a process of its own, timed in seconds of that thread; their losses must agree, or the exit status is 1.
"""

import platform
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from scripts.problems.topics.corpus import Corpus, to_corpus
from scripts.problems.topics.model import Decoder, Encoder, TopicModel, annealed_loss, kl_divergence

WORDS, PER_ARTICLE = 10_000, 20
HIDDEN, TOPICS, BATCH = 256, 50, 100
STEPS = 40  # of an epoch that are timed; all steps cost the same
TOLERANCE = 1e-4  # relative, of the losses
Report = tuple[list[float], float, float]  # losses of the steps; seconds; memory in MiB above that at the start


def corpus(articles: int) -> Corpus:
    """Return made-up counts: words by a power law, drawn with one seed."""
    generator = np.random.default_rng(1)
    weights = 1 / (np.arange(WORDS) + 20.0)
    drawn = generator.choice(WORDS, size=(articles, PER_ARTICLE), p=weights / weights.sum())
    rows = [np.unique(row, return_counts=True) for row in drawn]
    ends = np.cumsum([0, *(len(words) for words, _ in rows)])
    indices, counts = (np.concatenate([row[place] for row in rows]) for place in (0, 1))
    arrays = {"indptr": ends, "indices": indices, "counts": counts, "words": np.arange(WORDS)}
    return to_corpus(arrays)


def new_model() -> TopicModel:
    """Return the model of both."""
    torch.manual_seed(1)
    return TopicModel(Encoder(WORDS, HIDDEN, TOPICS), Decoder(WORDS, TOPICS, 1.0), dropout=0.0)


def dense_loss(model: TopicModel, x: Tensor, generator: torch.Generator) -> Tensor:
    """Return the loss as the formulas have it, from whole rows of counts."""
    encoder = model.encoder
    hidden = F.relu(encoder.second(F.relu(x @ encoder.first_weight + encoder.first_bias)))
    mean, log_deviation = encoder.mean(hidden), encoder.log_deviation(hidden)
    z = mean + log_deviation.exp() * torch.randn(mean.shape, generator=generator)
    log_eta = model.decoder(F.softmax(z, dim=1))
    return annealed_loss(-(x * log_eta).sum() / len(x), kl_divergence(mean, log_deviation).mean(), 0.5)


def run(articles: int, dense: bool) -> Report:
    """Time the gradient steps of an epoch."""
    torch.set_num_threads(1)
    training = corpus(articles)
    model, generator = new_model(), torch.Generator().manual_seed(1)
    optimizer = torch.optim.Adam(model.parameters())
    before = peak()
    table = torch.zeros(articles, WORDS) if dense else torch.empty(0)
    if dense:
        owners = torch.repeat_interleave(torch.arange(articles), training.starts.diff())
        table[owners, training.words] = training.counts
    losses = []
    order = torch.randperm(articles, generator=generator)
    start = time.process_time()
    for rows in order.split(BATCH)[:STEPS]:
        if dense:
            loss = dense_loss(model, table[rows], generator)
        else:
            loss = annealed_loss(*model(training.batch(rows), generator), 0.5)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, (time.process_time() - start) / len(losses) * articles / BATCH, peak() - before


def peak() -> float:
    """Return the largest memory that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def alone(function: Callable[..., Report], *arguments: object) -> Report:
    """Call `function` in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def main() -> None:
    """Run both, compare, print."""
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    reports = {name: alone(run, articles, name == "dense") for name in ("dense", "sparse")}
    print(f"topics, {articles} made-up articles, {WORDS} words, T = {TOPICS}, one thread, {platform.machine()}")
    for name, (_, seconds, memory) in reports.items():
        print(f"  {name:6s} {seconds:7.2f} s per epoch, {memory:.0f} MiB for data, model and steps")
    (dense, dense_seconds, dense_memory), (sparse, seconds, memory) = reports["dense"], reports["sparse"]
    apart = np.max(np.abs(np.subtract(dense, sparse)) / np.abs(dense))
    print(f"  ratio {dense_seconds / seconds:.2f} in time, {dense_memory / memory:.1f} in memory;", end=" ")
    print(f"largest difference of a loss {apart:.1e}, relative")
    if not apart < TOLERANCE:
        sys.exit(f"the two disagree; allowed: {TOLERANCE:.0e}")


if __name__ == "__main__":
    main()
