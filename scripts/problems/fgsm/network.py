"""The network under attack, put together again from its weights."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from reprose import Arrays, ReproseError
from scripts.models.tutorial import TutorialNetwork
from scripts.problems.fgsm.hyperparameters import Hyperparameters


def network_of(wanted: Hyperparameters, weights: Arrays) -> TutorialNetwork:
    """Return the network that has `weights`, ready to classify."""
    network = TutorialNetwork(
        (wanted.filters, wanted.filters_2), (wanted.kernel, wanted.kernel_2), (wanted.features_1, wanted.features_2)
    )
    network.load_state_dict({name: torch.from_numpy(np.array(weight)) for name, weight in weights.items()})
    return network.to(memory_format=torch.channels_last).requires_grad_(False).eval()


def weights_of_seed(weights: Mapping[str, np.ndarray], seed: int) -> dict[str, np.ndarray]:
    """Return the weights of one seed of a winner ("seed|name" -> array), by name."""
    found = {name.partition("|")[2]: weight for name, weight in weights.items() if name.startswith(f"{seed}|")}
    if not found:
        seeds = sorted({int(name.partition("|")[0]) for name in weights})
        raise ReproseError(
            f"config.yaml: problems.fgsm: seed {seed}: the network was not trained with it. Found: seeds"
            f" {', '.join(map(str, seeds))}. Give both the same."
        )
    return found


def to_pixels(images: np.ndarray) -> Tensor:
    """Return images (n, 3, 32, 32) as a tensor of bytes whose memory has the channels last, as in training."""
    return torch.from_numpy(images).contiguous(memory_format=torch.channels_last)
