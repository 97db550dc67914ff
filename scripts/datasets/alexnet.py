"""AlexNet's weights, trained on ImageNet: the file that torchvision loads (Krizhevsky, 2014; PyTorch, 2016).

A PyTorch file of named tensors, 32-bit floats, in the layout of `models.alexnet`. Views of this data set are derived:
they give another view's images to the network, or hand its weights on beside them.
"""

import io
import pickle
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from reprose import ReproseError, Source
from reprose.training import timing
from scripts.models.alexnet import HEAD, PUBLISHED_WIDTH, SMALLEST, AlexNet, enlarge, shapes

FILE = "alexnet-owt-7be5be79.pth"
SOURCE = Source(
    title="AlexNet's weights of torchvision (IMAGENET1K_V1)",
    homepage="https://pytorch.org/vision/stable/models/alexnet.html",
    licence="BSD-3-Clause, as torchvision; trained on ImageNet, whose images are for non-commercial research.",
    citation="krizhevsky2014one",
    files={FILE: "7be5be79"},  # PyTorch names its files of weights by the first digits and publishes no more of them
    urls={FILE: f"https://download.pytorch.org/models/{FILE}"},
    manual=f"fetch https://download.pytorch.org/models/{FILE} (244 MB), the file that torchvision loads",
)
REMEDY = "Delete the file and fetch it again."
# What torch.load raises on bytes that are no file of weights, as fuzzing shows.
DAMAGE = (EOFError, LookupError, ValueError, TypeError, AttributeError, AssertionError)
UNREADABLE = (pickle.UnpicklingError, RuntimeError, *DAMAGE)
WARM_UP = 3  # batches, of which the first is not timed
DENSE = 0.5  # share of a signal that a dense layer of made-up weights passes on
PREFIX = "alexnet."  # of the weights' names among other arrays

Arrays = Mapping[str, np.ndarray]
Parts = dict[str, dict[str, np.ndarray]]


def read(folder: Path) -> dict[str, np.ndarray]:
    """Return every weight by torchvision's name, float32; a tensor that is missing, unknown or odd is an error.

    The file is read as data: a pickle that would call anything is refused.
    """
    path = folder / FILE
    found = _load(path)
    width = _width(path, found)
    wanted = shapes(width)
    if odd := sorted(wanted.keys() ^ found.keys(), key=str):
        raise ReproseError(
            f"{path}: '{odd[0]}' is {'missing' if odd[0] in wanted else 'no weight of AlexNet'}; expected the"
            f" {len(wanted)} tensors {', '.join(wanted)}. {REMEDY}"
        )
    for name, shape in wanted.items():
        _check(path, name, found[name], shape)
    return {name: found[name].detach().numpy() for name in wanted}


def features(table: Arrays, parts: Mapping[str, Arrays], *, image_size: int, batch_size: int) -> Parts:
    """Return for each image of `parts` the features that the last layer reads, (images, 4096) float16.

    The network is in evaluation mode: nothing is dropped out. Frozen weights give an image the same features in every
    epoch, so they are computed once.
    """
    _check_size(image_size)
    if batch_size < 1:
        raise ReproseError(f"config.yaml: views: batch_size is {batch_size}, expected at least 1 image.")
    network = network_of(table)
    total = sum(len(arrays["labels"]) for arrays in parts.values())
    first = torch.from_numpy(parts["train"]["images"][:batch_size])
    if len(first) and total > WARM_UP * batch_size:
        seconds = timing.measure(lambda: _penultimate(network, first, image_size), WARM_UP - 1) / len(first)
        timing.announce("AlexNet's features", total, "images", seconds)
    return {
        part: {
            "features": _features(network, arrays["images"], image_size, batch_size),
            **{name: array for name, array in arrays.items() if name != "images"},
        }
        for part, arrays in parts.items()
    }


def initial_weights(table: Arrays, parts: Mapping[str, Arrays], *, image_size: int) -> Parts:
    """Return `parts` as they are, and in the training part the weights to begin with: all but those of the last layer.

    `image_size` is passed on with every part: images are enlarged to it batch by batch, never stored so.
    """
    _check_size(image_size)
    size = np.array(image_size, dtype=np.int64)
    made: Parts = {part: {**arrays, "image_size": size} for part, arrays in parts.items()}
    made["train"] |= {PREFIX + name: array for name, array in table.items() if not name.startswith(HEAD)}
    return made


def network_of(table: Arrays) -> AlexNet:
    """Return the network with the weights of `table`, in evaluation mode."""
    with torch.device("meta"):
        network = AlexNet(len(table["features.0.bias"]))
    network.load_state_dict({name: torch.from_numpy(array) for name, array in table.items()}, assign=True)
    return network.eval().to(memory_format=torch.channels_last)


def make_sample(folder: Path, seed: int, width: int) -> None:
    """Write made-up weights of a narrow network: waves and colours in the first layer, random mixtures after it.

    Random weights of the right scale keep images apart, so that a linear layer on top has something to learn from.
    """
    if not 1 <= width <= PUBLISHED_WIDTH:
        raise ReproseError(f"config.yaml: datasets.alexnet.sample: width is {width}, expected 1 to {PUBLISHED_WIDTH}.")
    generator = np.random.default_rng(seed)
    weights = {name: _drawn(generator, name, shape) for name, shape in shapes(width).items()}
    buffer = io.BytesIO()  # PyTorch would write the name of a file into it
    torch.save({name: torch.from_numpy(array) for name, array in weights.items()}, buffer)
    (folder / FILE).write_bytes(buffer.getvalue())


def _load(path: Path) -> dict[str, Tensor]:
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except UNREADABLE as error:
        raise ReproseError(
            f"{path}: not readable as a file of weights ({_reason(error)}); expected tensors by name and nothing"
            f" that calls code. {REMEDY}"
        ) from error
    if not isinstance(found, dict):
        raise ReproseError(f"{path}: holds a {type(found).__name__}, expected tensors by name. {REMEDY}")
    return found


def _reason(error: Exception) -> str:
    """Return what is wrong with a file, without PyTorch's advice to load it all the same and let it run its code."""
    text = str(error)
    if asked := re.search(r"GLOBAL (\S+)", text):
        return f"it asks for {asked[1]}"
    first = re.split(r"\n|\. ", text)[0] or type(error).__name__
    return "it is damaged, or holds more than tensors" if "weights" in first.lower() else first


def _width(path: Path, found: Mapping[str, Tensor]) -> int:
    bias = found.get("features.0.bias")
    if not (isinstance(bias, Tensor) and bias.dim() == 1 and 1 <= len(bias) <= PUBLISHED_WIDTH):
        shown = list(bias.shape) if isinstance(bias, Tensor) else "missing" if bias is None else type(bias).__name__
        raise ReproseError(
            f"{path}: 'features.0.bias' is {shown}, expected a tensor of shape [{PUBLISHED_WIDTH}], or a shorter one"
            f" in made-up weights. {REMEDY}"
        )
    return len(bias)


def _check(path: Path, name: str, weight: Tensor, shape: tuple[int, ...]) -> None:
    if not isinstance(weight, Tensor) or weight.layout != torch.strided or weight.dtype != torch.float32:
        kind = f"{weight.layout} {weight.dtype}" if isinstance(weight, Tensor) else type(weight).__name__
        raise ReproseError(f"{path}: '{name}' is {kind}, expected a dense tensor of torch.float32. {REMEDY}")
    if tuple(weight.shape) != shape:
        raise ReproseError(f"{path}: '{name}' has shape {list(weight.shape)}, expected {list(shape)}. {REMEDY}")
    if not bool(weight.isfinite().all()):
        place = (~weight.isfinite()).nonzero()[0].tolist()
        raise ReproseError(f"{path}: '{name}' holds {weight[tuple(place)]} at {place}, expected numbers. {REMEDY}")


def _check_size(image_size: int) -> None:
    if image_size < SMALLEST:
        raise ReproseError(
            f"config.yaml: views: image_size is {image_size}, expected at least {SMALLEST} pixels (224 in ImageNet)."
        )


def _features(network: AlexNet, images: np.ndarray, size: int, batch_size: int) -> np.ndarray:
    made = np.empty((len(images), network.classifier[-1].in_features), dtype=np.float16)
    for start in range(0, len(images), batch_size):
        batch = torch.from_numpy(images[start : start + batch_size])
        made[start : start + batch_size] = _penultimate(network, batch, size).half().numpy()
    if not np.isfinite(made).all():
        row = np.flatnonzero(~np.isfinite(made).all(axis=1))[0]
        raise ReproseError(f"alexnet: image {row}: a feature is no number that 16 bits can hold; expected up to 65504.")
    return made


@torch.inference_mode()
def _penultimate(network: AlexNet, images: Tensor, size: int) -> Tensor:
    return network.penultimate(enlarge(images, size))


def _drawn(generator: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return one made-up weight: zero biases, and variance 2 / inputs, which ReLU layers pass on unchanged.

    Dense layers pass on a part: the features should be as small as those of trained weights, or fine-tuning diverges.
    """
    if len(shape) == 1:
        return np.zeros(shape, dtype=np.float32)
    drawn = _waves(generator, shape) if name == "features.0.weight" else generator.normal(size=shape)
    drawn /= np.sqrt(np.square(drawn).mean(axis=tuple(range(1, len(shape))), keepdims=True))
    scale = DENSE if name.startswith("classifier") else 1.0
    return (drawn * scale * np.sqrt(2 / np.prod(shape[1:]))).astype(np.float32)


def _waves(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return Gabor filters of random direction, wavelength, phase and colour, (channels, 3, rows, columns)."""
    count, colours, rows, columns = shape
    y, x = np.mgrid[:rows, :columns] - np.array([rows - 1, columns - 1])[:, None, None] / 2
    angle, wavelength, phase = (
        generator.uniform(low, high, size=(count, 1, 1)) for low, high in ((0, np.pi), (4, 16), (0, 2 * np.pi))
    )
    wave = np.cos(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / wavelength + phase)
    envelope = np.exp(-(x**2 + y**2) / (2 * (rows / 4) ** 2))
    return (envelope * wave)[:, None] * generator.normal(size=(count, colours, 1, 1))
