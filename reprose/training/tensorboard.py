"""TensorBoard event files, so that training can be watched; they carry times and are no output of any job."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

MOST = 200  # files open at a time; each has a thread


class EventWriter:
    """Writes the metrics of each run into a folder of its own under `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.writers: dict[str, object] = {}

    def record(self, run: str, epoch: int, metrics: Mapping[str, float]) -> None:
        """Add the metrics of one epoch; names with a dot, such as "training.loss", are grouped by TensorBoard."""
        from torch.utils.tensorboard import SummaryWriter  # slow to import, and only training needs it

        if run not in self.writers:
            folder = self.folder / run.replace(",", "_")
            if epoch <= 1:  # a new training, not one that goes on from a checkpoint
                shutil.rmtree(folder, ignore_errors=True)
            if len(self.writers) == MOST:  # the oldest has most likely ended
                self.writers.pop(next(iter(self.writers))).close()
            self.writers[run] = SummaryWriter(folder, flush_secs=30)
        for name, value in metrics.items():
            self.writers[run].add_scalar(name.replace(".", "/"), value, epoch)

    def __enter__(self) -> "EventWriter":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for writer in self.writers.values():
            writer.close()
