"""What a small config.yaml holds, for the tests of what it expands to: one problem on one view of one data set."""

from typing import Any


def configuration(hyperparameters: dict[str, Any] | None = None, **variants: Any) -> dict[str, Any]:
    """Return the table, with one variant of two trials and three seeds where none is given."""
    blocks = {"main": {"grid": {"rate": [0.1, 0.2]}, "seeds": [[1, 2], [3, 3]]}}
    return {
        "compute": {"threads": 1, "device": "cpu"},
        "datasets": {"line": {"sample": {"seed": 1}}},
        "views": {"all": {"dataset": "line", "split": "halves", "values": {}, "test": True}},
        "problems": {
            "toy": {
                "select": {"metric": "error", "better": "lower"},
                "hyperparameters": {"rate": 0.5, "width": 4, **(hyperparameters or {})},
                "variants": variants or {"plain": {"view": "all", "blocks": blocks}},
            }
        },
    }
