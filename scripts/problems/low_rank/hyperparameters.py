"""The hyperparameters of one run; their values and the reasons for them stand in config.yaml."""

from dataclasses import dataclass

from reprose.errors import ReproseError

METHODS = ("svd", "alternating", "random")


@dataclass(frozen=True)
class Hyperparameters:
    """What decides a run besides its matrix, which the seed names."""

    method: str  # how the subspace is found: "svd", "alternating" (least squares) or "random"
    sweeps: int  # of alternating least squares

    def __post_init__(self) -> None:
        """Refuse values with which no approximation is possible."""
        if self.method not in METHODS:
            raise ReproseError(
                f"config.yaml: problems.low_rank: method is {self.method}, expected one of {', '.join(METHODS)}."
            )
        if self.sweeps < 1:
            raise ReproseError(f"config.yaml: problems.low_rank: sweeps is {self.sweeps}, expected at least 1.")
