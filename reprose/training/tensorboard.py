"""TensorBoard event files, so that training can be watched; they carry times and are no output of any job."""

import re
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from reprose.base.canonical import text_digest

MOST = 200  # files open at a time; each has a thread
WATCHABLE = 5.0  # seconds: a job that ends sooner ends before anybody could watch it, and writes nothing
LONGEST = 200  # bytes of the name of a folder; file systems bear 255
PAUSE = 0.5  # seconds between two points of a curve: an epoch may take a thousandth of that


class EventWriter:
    """Writes the metrics of each run into a folder of its own under `folder`, once the job takes long enough."""

    def __init__(self, folder: Path, watchable: float = WATCHABLE, pause: float = PAUSE) -> None:
        self.folder = folder
        self.begins = time.monotonic() + watchable  # when the first event is written
        self.pause = pause
        self.last: dict[str, float] = {}  # run -> when its last point was noted
        self.waiting: list[tuple[float, str, int, Mapping[str, float]]] = []  # (time, run, epoch, metrics)
        self.writers: dict[str, Any] = {}

    def record(self, run: str, epoch: int, metrics: Mapping[str, float]) -> None:
        """Add the metrics of one epoch; names with a dot, such as "training.loss", are grouped by TensorBoard."""
        if epoch <= 1:  # a new training, not one that goes on from a checkpoint
            shutil.rmtree(self._place(run), ignore_errors=True)
        elif time.monotonic() - self.last.get(run, 0.0) < self.pause:
            return
        self.last[run] = time.monotonic()
        self.waiting.append((time.time(), run, epoch, metrics))
        if time.monotonic() >= self.begins:
            for event in self.waiting:
                self._write(*event)
            self.waiting.clear()

    def _write(self, now: float, run: str, epoch: int, metrics: Mapping[str, float]) -> None:
        from tensorboard.compat.proto.event_pb2 import Event  # slow to import, and only training needs it
        from tensorboard.compat.proto.summary_pb2 import Summary

        values = [Summary.Value(tag=name.replace(".", "/"), simple_value=value) for name, value in metrics.items()]
        writer = self.writers.get(run) or self._open(run)
        writer.add_event(Event(wall_time=now, step=epoch, summary=Summary(value=values)))

    def _open(self, run: str) -> Any:
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        if len(self.writers) == MOST:  # the oldest has most likely ended
            self.writers.pop(next(iter(self.writers))).close()
        self.writers[run] = EventFileWriter(str(self._place(run)), flush_secs=30)
        return self.writers[run]

    def _place(self, run: str) -> Path:
        label, _, seed = run.rpartition("/")
        name = re.sub("[,/\0]", "_", label)  # a value may be a path
        if len(name.encode(errors="replace")) > LONGEST:
            name = f"{name[: LONGEST // 8]}~{text_digest(label)[:12]}"
        return self.folder / name / seed

    def __enter__(self) -> "EventWriter":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for writer in self.writers.values():
            writer.close()
