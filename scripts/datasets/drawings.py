"""Made-up images of ten classes: five shapes and five textures, at any place, in any size, in almost any colour."""

import numpy as np

KINDS = ("disc", "ring", "square", "triangle", "cross", "rows", "columns", "slopes", "checks", "dots")
SIZE = 32
NOISE = 12.0  # standard deviation of a pixel, of 255
TINT = 18.0  # how far the colour of a class lies from grey, so that a linear map finds something too


def draw(generator: np.random.Generator, labels: np.ndarray) -> np.ndarray:
    """Return an image for each label, (n, 3, 32, 32) uint8."""
    count = len(labels)
    mask = np.empty((count, SIZE, SIZE), dtype=np.float32)
    x, y = _places(generator, count)
    size = generator.uniform(6, 11, size=(count, 1, 1)).astype(np.float32)
    for label in range(len(KINDS)):
        rows = labels == label
        mask[rows] = _mask(KINDS[label], x[rows], y[rows], size[rows])
    front, back = _colours(generator, labels)
    images = back + (front - back) * mask[:, None]  # (n, 3, 32, 32)
    noisy = images + NOISE * generator.standard_normal(images.shape, dtype=np.float32)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def _places(generator: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return coordinates in pixels around a random centre, a little turned, (n, 32, 32) each."""
    centre = generator.uniform(11, SIZE - 11, size=(2, count, 1, 1)).astype(np.float32)
    angle = generator.uniform(-0.25, 0.25, size=(count, 1, 1)).astype(np.float32)
    grid = np.arange(SIZE, dtype=np.float32) + 0.5
    x, y = grid[None, None, :] - centre[0], grid[None, :, None] - centre[1]
    return x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)


def _mask(kind: str, x: np.ndarray, y: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return which pixels are painted, (n, 32, 32) bool."""
    radius, period = np.sqrt(x * x + y * y), size * 0.8
    across, down = np.sin(2 * np.pi * x / period), np.sin(2 * np.pi * y / period)
    match kind:
        case "disc":
            return radius < size
        case "ring":
            return (radius < size) & (radius > 0.6 * size)
        case "square":
            return np.maximum(abs(x), abs(y)) < 0.85 * size
        case "triangle":
            return (y < 0.7 * size) & (y > 2 * abs(x) - size)
        case "cross":
            return (np.minimum(abs(x), abs(y)) < 0.3 * size) & (np.maximum(abs(x), abs(y)) < size)
        case "slopes":
            return np.sin(2 * np.pi * (x + y) / (1.4 * period)) > 0
    across, down = np.sin(2 * np.pi * x / period), np.sin(2 * np.pi * y / period)
    textures = {"rows": down > 0, "columns": across > 0, "checks": across * down > 0}
    return textures[kind] if kind in textures else (across > 0.3) & (down > 0.3)


def _colours(generator: np.random.Generator, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what is painted and what is behind it, (n, 3, 1, 1) each: light on dark or the other way round."""
    angle = 2 * np.pi * labels / len(KINDS)
    tint = TINT * np.stack([np.cos(angle), np.cos(angle - 2.1), np.cos(angle + 2.1)], axis=1)  # (n, 3)
    middle = 127 + tint + generator.normal(scale=15, size=(len(labels), 3))
    contrast = generator.uniform(30, 75, size=(len(labels), 3)) * generator.choice([-1, 1], size=(len(labels), 1))
    front, back = ((middle + sign * contrast).astype(np.float32) for sign in (1, -1))
    return front[:, :, None, None], back[:, :, None, None]
