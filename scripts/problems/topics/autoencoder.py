"""Training of one autoencoder: Adam on the annealed loss, stopped by the NPMI on validation."""

import math
from typing import Any

import torch
from torch import Generator

from problems.topics.annealing import start
from problems.topics.coherence import diversity, top_words
from problems.topics.corpus import Corpus
from problems.topics.hyperparameters import Hyperparameters
from problems.topics.measure import Parts, measure
from problems.topics.model import Decoder, Encoder, TopicModel, annealed_loss
from reprose.errors import ReproseError
from reprose.experiment import Session

HISTORY = ("loss", "eval_loss", "eval_bound", "eval_divergence", "npmi", "train_npmi", "diversity", "alpha")

Made = dict[str, Any]  # weights, history and metrics of one run, as a checkpoint can hold them


class Training:
    """The training of one run, and all that changes in it."""

    def __init__(self, name: str, wanted: Hyperparameters, seed: int, parts: Parts, session: Session) -> None:
        self.name, self.wanted, self.parts, self.session = name, wanted, parts, session
        self.model = new_model(wanted, parts.training.vocabulary, seed).to(session.device)
        self.optimizer = torch.optim.Adam(
            [
                {"params": self.model.encoder.parameters(), "lr": wanted.learning_rate},
                {"params": self.model.decoder.parameters(), "lr": wanted.decoder_rate},
            ],
            betas=(wanted.momentum, 0.999),
        )
        self.annealing = start(wanted.schedule, wanted.linear_scaling, wanted.w1, wanted.w2)
        self.generator = Generator().manual_seed(seed)
        self.history: dict[str, list[float]] = {metric: [] for metric in HISTORY}
        self.best: dict[str, Any] = {"npmi": -math.inf, "epoch": 0, "weights": {}}

    def finish(self, state: dict[str, Any]) -> Made:
        """Train until the NPMI stops rising; `state["running"]` is where a job that was cut off goes on."""
        if state["running"]:
            self._restore(state["running"])
        while not self._stops():
            loss = self._train_epoch()
            self._note(loss)
            if self.session.checkpoint.due():
                state["running"] = self._saved()
                self.session.checkpoint.save(state)
        return self._made()

    def _train_epoch(self) -> float:
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

    def _stops(self) -> bool:
        done, patience = len(self.history["npmi"]), self.wanted.patience
        return done >= self.wanted.epochs or bool(patience and done - self.best["epoch"] >= patience and done)

    def _note(self, loss: float) -> None:
        """Measure and record an epoch, and keep its weights if its NPMI is the highest so far."""
        reconstruction, divergence = validation_terms(self.model, self.parts.validation, self.wanted.batch_size)
        scores = self.model.decoder.word_scores.detach().T.cpu().numpy()  # (topics, words)
        top, alpha = top_words(scores), self.annealing.alpha
        metrics = {
            "loss": loss,
            "eval_loss": reconstruction + alpha * divergence,
            "eval_bound": reconstruction + divergence,
            "eval_divergence": divergence,
            "npmi": float(self.parts.held_out.npmi(top, self.wanted.unseen).mean()),
            "train_npmi": float(self.parts.trained_on.npmi(top, self.wanted.unseen).mean()),
            "diversity": diversity(top),
            "alpha": alpha,
        }
        for metric, value in metrics.items():
            self.history[metric].append(value)
        epoch = len(self.history["npmi"])
        self._require_finite(metrics, epoch)
        self.session.record(self.name, epoch, metrics)
        if metrics["npmi"] > self.best["npmi"]:
            weights = {name: weight.detach().cpu().clone() for name, weight in self.model.state_dict().items()}
            self.best = {"npmi": metrics["npmi"], "epoch": epoch, "weights": weights}

    def _made(self) -> Made:
        epoch = self.best["epoch"]
        scores = self.best["weights"]["decoder.word_scores"].T.numpy()
        chosen = {name: values[epoch - 1] for name, values in self.history.items() if name != "npmi"}
        return {
            "weights": self.best["weights"],
            "history": {name: torch.tensor(values, dtype=torch.float64) for name, values in self.history.items()},
            "metrics": {
                **chosen,
                **measure(scores, self.parts.held_out, self.wanted.unseen),
                "epoch": epoch,
                "epochs_trained": len(self.history["npmi"]),
                "increment": self.annealing.increment,
            },
        }

    def _require_finite(self, metrics: dict[str, float], epoch: int) -> None:
        for name, value in metrics.items():
            if not math.isfinite(value):
                raise ReproseError(
                    f"topics: run {self.name}: {name} is {value} in epoch {epoch}, expected a finite number. Lower"
                    f" learning_rate (now {self.wanted.learning_rate}) or decoder_rate (now"
                    f" {self.wanted.decoder_rate}) in config.yaml."
                )

    def _saved(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),
            "alpha": self.annealing.alpha,
            "history": self.history,
            "best": self.best,
        }

    def _restore(self, saved: dict[str, Any]) -> None:
        self.model.load_state_dict(saved["model"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.generator.set_state(saved["generator"])
        self.annealing.alpha = saved["alpha"]
        self.history, self.best = saved["history"], saved["best"]


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
