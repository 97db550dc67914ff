"""Training state that survives a crash: written whole, verified when read, cleared after the build."""

import hashlib
import io
import time
from pathlib import Path
from typing import Any

from reprose.canonical import write_whole

INTERVAL = 30.0  # seconds between two checkpoints, unless an epoch takes longer


class Checkpoint:
    """The checkpoint of one job: one file in a folder that is named by the job's key."""

    def __init__(self, folder: Path, interval: float = INTERVAL) -> None:
        self.path = Path(folder) / "state"
        self.interval = interval
        self.last = time.monotonic()

    def load(self) -> Any | None:
        """Return the last saved state, or None where there is none or its bytes are damaged."""
        import torch  # here, so that steps which only move arrays start without it

        if not self.path.exists():
            return None
        digest, _, body = self.path.read_bytes().partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != digest:
            print(f"{self.path}: damaged; training starts from the beginning", flush=True)
            return None
        return torch.load(io.BytesIO(body), weights_only=True)

    def due(self) -> bool:
        """Return whether the interval has passed since the last save."""
        return time.monotonic() - self.last >= self.interval

    def save(self, state: Any) -> None:
        """Write `state` (tensors, numbers, strings and containers of them) with its digest, by one rename."""
        import torch

        buffer = io.BytesIO()
        torch.save(state, buffer)
        body = buffer.getvalue()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        self.last = time.monotonic()
