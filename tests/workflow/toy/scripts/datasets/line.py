"""Points near a line."""

from pathlib import Path

import numpy as np

from reprose.base.errors import ReproseError
from reprose.data.obtain import Source

SOURCE = Source(
    title="Line",
    homepage="http://localhost/",
    licence="none",
    citation="",
    files={"line.csv": "0" * 64},
    urls={"line.csv": "http://127.0.0.1:9/line.csv"},
)


def make_sample(folder: Path, seed: int, rows: int) -> None:
    """Write line.csv with `rows` noisy points."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=rows)
    y = 2 * x + 1 + 0.1 * generator.normal(size=rows)
    lines = [f"{a:.6f},{b:.6f}" for a, b in zip(x, y, strict=True)]
    (folder / "line.csv").write_text("\n".join(lines) + "\n")


def read(folder: Path) -> dict[str, np.ndarray]:
    """Return the columns x and y."""
    path = folder / "line.csv"
    table = np.loadtxt(path, delimiter=",", ndmin=2)
    if table.shape[1] != 2:
        raise ReproseError(f"{path}: {table.shape[1]} columns, expected 2.")
    return {"x": table[:, 0], "y": table[:, 1]}


def thirds(table: dict[str, np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    """Split the rows into three parts, in order."""
    size = len(table["x"]) // 3
    starts = {"train": 0, "validation": size, "test": 2 * size}
    return {part: {name: array[at : at + size] for name, array in table.items()} for part, at in starts.items()}


def shifted(
    table: dict[str, np.ndarray], parts: dict[str, dict[str, np.ndarray]], by: float
) -> dict[str, dict[str, np.ndarray]]:
    """Move the parts of another view to the right, by so much times the sign of the mean of x."""
    step = by * np.sign(table["x"].mean())
    return {part: {**arrays, "x": arrays["x"] + step} for part, arrays in parts.items()}
