"""Training of one autoencoder: Adam on the annealed loss, stopped by the NPMI on validation."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Generator, Tensor

from reprose import Outcome, Run, Trainee
from scripts.problems.topics.annealing import start
from scripts.problems.topics.coherence import diversity, top_words
from scripts.problems.topics.corpus import Corpus
from scripts.problems.topics.hyperparameters import Hyperparameters
from scripts.problems.topics.measure import Parts, measure
from scripts.problems.topics.model import Decoder, Encoder, TopicModel, annealed_loss


class Fit(Trainee):
    """The training of one run, which keeps the weights of the epoch with the highest NPMI."""

    keeps = ("model", "optimizer", "annealing", "generator", "best", "best_metrics", "best_weights")

    def __init__(self, run: Run, parts: Parts, facts: Mapping[str, float]) -> None:
        self.wanted, self.parts, self.facts = run.settings, parts, facts
        self.epochs = self.wanted.epochs
        self.model = new_model(self.wanted, parts.training.vocabulary, run.seed).to(parts.training.words.device)
        self.optimizer = torch.optim.Adam(
            [
                {"params": self.model.encoder.parameters(), "lr": self.wanted.learning_rate},
                {"params": self.model.decoder.parameters(), "lr": self.wanted.decoder_rate},
            ],
            betas=(self.wanted.momentum, 0.999),
        )
        steps = -(-len(parts.training) // self.wanted.batch_size)
        wanted = self.wanted
        self.annealing = start(wanted.schedule, wanted.linear_scaling, wanted.w1, wanted.w2, steps)
        self.generator = Generator().manual_seed(run.seed)
        self.best = 0  # the epoch with the highest NPMI
        self.best_metrics: dict[str, float] = {}
        self.best_weights: dict[str, Tensor] = {}

    @property
    def over(self) -> bool:
        """Return whether all epochs are done, or the NPMI has stopped rising."""
        patience = self.wanted.patience
        return self.done == self.epochs or (0 < patience <= self.done - self.best)

    def epoch(self) -> dict[str, float]:
        """Train for an epoch, and keep its weights if its NPMI is the highest so far."""
        metrics = {"loss": self._descend(), **self._measure()}
        if not self.best or metrics["npmi"] > self.best_metrics["npmi"]:
            self.best, self.best_metrics = self.done + 1, metrics
            self.best_weights = {name: weight.cpu().clone() for name, weight in self.model.state_dict().items()}
        return metrics

    def outcome(self) -> Outcome:
        """Return the weights and metrics of the best epoch, and what the handout says about the data."""
        weights = {name: weight.numpy().astype(np.float32) for name, weight in self.best_weights.items()}
        held_out = measure(weights["decoder.word_scores"].T, self.parts.held_out, self.wanted.unseen)
        counts = {"epoch": self.best, "epochs_trained": self.done, "increment": self.annealing.increment}
        return Outcome(weights, {**self.best_metrics, **held_out, **counts, **self.facts})

    def _descend(self) -> float:
        """Take a step for each batch, in random order; return the mean loss over the articles, before each step."""
        self.model.train()
        total = 0.0
        order = torch.randperm(len(self.parts.training), generator=self.generator)
        for batch in self.parts.training.batches(order, self.wanted.batch_size):
            reconstruction, divergence = self.model(batch, self.generator)
            loss = annealed_loss(reconstruction, divergence, self.annealing.alpha)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.annealing.step()
            total += loss.item() * len(batch)
        return total / len(self.parts.training)

    def _measure(self) -> dict[str, float]:
        reconstruction, divergence = validation_terms(self.model, self.parts.validation, self.wanted.batch_size)
        scores = self.model.decoder.word_scores.detach().T.cpu().numpy()  # (topics, words)
        top, alpha = top_words(scores), self.annealing.alpha
        return {
            "eval_loss": reconstruction + alpha * divergence,
            "eval_bound": reconstruction + divergence,
            "eval_divergence": divergence,
            "npmi": float(self.parts.held_out.npmi(top, self.wanted.unseen).mean()),
            "train_npmi": float(self.parts.trained_on.npmi(top, self.wanted.unseen).mean()),
            "diversity": diversity(top),
            "alpha": alpha,
        }


def new_model(wanted: Hyperparameters, vocabulary: int, seed: int) -> TopicModel:
    """Return an untrained model; the global random stream is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = Encoder(vocabulary, wanted.hidden, wanted.topics)
        return TopicModel(encoder, Decoder(vocabulary, wanted.topics, wanted.scale), wanted.dropout)


@torch.no_grad()
def validation_terms(model: TopicModel, corpus: Corpus, batch_size: int) -> tuple[float, float]:
    """Return the two terms of the loss as means over the articles of `corpus`, with the same noise at every call."""
    model.eval()
    generator = Generator().manual_seed(0)
    totals = torch.zeros(2, dtype=torch.float64)
    for batch in corpus.batches(torch.arange(len(corpus)), batch_size):
        terms = model(batch, generator)
        totals += len(batch) * torch.stack(terms).double().cpu()
    reconstruction, divergence = (totals / len(corpus)).tolist()
    return reconstruction, divergence
