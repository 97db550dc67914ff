"""Points near a line, the same as those of `fetch.py`."""

from pathlib import Path

import numpy as np

from reprose import Source

SOURCE = Source(
    title="Line",
    homepage="http://localhost/",
    licence="none",
    citation="",
    files={"line.csv": "0" * 64},
    urls={"line.csv": "http://127.0.0.1:9/line.csv"},
)


def make_sample(folder: Path, seed: int) -> None:
    """Write line.csv with noisy points."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=60)
    y = 2 * x + 1 + 0.1 * generator.normal(size=60)
    np.savetxt(folder / "line.csv", np.stack([x, y], axis=1), delimiter=",")


def read(folder: Path) -> dict[str, np.ndarray]:
    """Return the columns x and y."""
    table = np.loadtxt(folder / "line.csv", delimiter=",")
    return {"x": table[:, 0], "y": table[:, 1]}


def thirds(table: dict[str, np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    """Split the rows into three parts, in order."""
    size = len(table["x"]) // 3
    starts = {"train": 0, "validation": size, "test": 2 * size}
    return {part: {name: array[at : at + size] for name, array in table.items()} for part, at in starts.items()}
