"""How far a training has come, in a tiny file that the front door looks at while the step runs."""

import json
import time
from contextlib import suppress
from pathlib import Path

from reprose.jobs.locks import FOLDER

RUNNING = FOLDER / "running"
INTERVAL = 0.5  # seconds between two writes, so that short epochs cost the training nothing


class Epochs:
    """The file of one running job. What cannot be written is left out: no training fails for the sake of a bar."""

    def __init__(self, name: str) -> None:
        self.path = place(name)
        self.next = 0.0  # when the file may be written again

    def tell(self, run: str, epoch: int, epochs: int | None) -> None:
        """Note that `run` has done so many of its epochs, unless something was noted just now."""
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + INTERVAL
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(json.dumps([run, epoch, epochs]))

    def end(self) -> None:
        """Delete the file."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def place(name: str) -> Path:
    """Return the file of the job `name`."""
    return RUNNING / f"{name.replace('/', '.')}.json"


def reached(name: str) -> str:
    """Return how far the job `name` has come, in words: "epoch 3 of 20"; nothing where it does not say."""
    try:
        run, epoch, epochs = json.loads(place(name).read_text())
        return f"{run}: epoch {epoch} of {epochs}" if epochs else f"{run}: epoch {epoch}"
    except (OSError, ValueError, TypeError):  # also what is being written just now
        return ""


def sweep() -> None:
    """Delete what killed steps left. No step may be running."""
    for path in RUNNING.glob("*.json"):
        path.unlink(missing_ok=True)
