"""What makes a GPU give the same bits each time; a part of the key of each training that runs on one."""

import os


def settle() -> None:
    """Let torch take deterministic algorithms, where it has them."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS is deterministic with this one
    import torch  # here, after a card is chosen

    torch.use_deterministic_algorithms(True, warn_only=True)  # AlexNet's adaptive pooling has none
    torch.backends.cudnn.benchmark = False
