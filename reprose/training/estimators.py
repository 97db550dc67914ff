"""Estimators of scikit-learn as arrays of bytes, in the format of skops: no pickle, and equal bytes for equal ones."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from reprose.base.errors import ReproseError

PREFIX = "skops:"  # of the name of an array that holds an estimator; nothing behind it: what is alone
TRUSTED = "sklearn."  # modules whose types skops may make; it does so of its own accord of most, but of no tree
SCHEMA = "schema.json"


def packed(weights: Any) -> Any:
    """Return weights with each estimator as an array of bytes; one alone becomes the only array."""
    if is_estimator(weights):
        return {PREFIX: _bytes(weights)}
    if not isinstance(weights, Mapping):
        return weights
    return {(PREFIX + name if is_estimator(item) else name): _packed(item) for name, item in weights.items()}


def revived(weights: Mapping[str, np.ndarray]) -> Any:
    """Return what `packed` was given."""
    found = {name.removeprefix(PREFIX): _read(item) for name, item in weights.items() if name.startswith(PREFIX)}
    others = {name: item for name, item in weights.items() if not name.startswith(PREFIX)}
    return found.get("", {**others, **found})


def revived_flat(weights: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the weights of several seeds, "seed|name" -> array, with estimators as such; one alone is "seed|"."""
    mark = f"|{PREFIX}"
    return {name.replace(mark, "|", 1): _read(item) if mark in name else item for name, item in weights.items()}


def is_estimator(value: Any) -> bool:
    """Return whether a value is one as scikit-learn defines them."""
    return hasattr(value, "fit") and hasattr(value, "get_params") and not isinstance(value, type)


def _packed(item: Any) -> Any:
    return _bytes(item) if is_estimator(item) else item


def _bytes(estimator: Any) -> np.ndarray:
    skops, kind = _skops(), type(estimator).__name__
    try:
        found = skops.dumps(estimator)
        odd = [name for name in skops.get_untrusted_types(data=found) if not name.startswith(TRUSTED)]
    except Exception as error:  # skops has no common one
        raise ReproseError(f"the estimator {kind} cannot be saved by skops: {error}") from error
    if odd:
        raise ReproseError(
            f"the estimator {kind} holds {', '.join(odd)}, of which skops does not know that it is harmless. Return"
            " what was learned as arrays."
        )
    return np.frombuffer(_stable(found), dtype=np.uint8)


def _read(array: np.ndarray) -> Any:
    skops, data = _skops(), array.tobytes()
    return skops.loads(data, [name for name in skops.get_untrusted_types(data=data) if name.startswith(TRUSTED)])


def _skops() -> Any:
    try:
        import skops.io
    except ImportError as error:
        raise ReproseError(
            "the weights are an estimator of scikit-learn, which is saved by the package skops, and that is not"
            " installed. Install it (pip install skops), or return what was learned as arrays."
        ) from error
    return skops.io


def _stable(data: bytes) -> bytes:
    """Return a file of skops without times, and with places in memory, which name its objects, as counts."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    counts: dict[str, int] = {}
    schema = _counted(json.loads(members.pop(SCHEMA)), counts)
    made = {f"{counts[name.split('.')[0]]}.{name.split('.', 1)[1]}": content for name, content in members.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(made):
            archive.writestr(zipfile.ZipInfo(name), made[name])
        archive.writestr(zipfile.ZipInfo(SCHEMA), json.dumps(schema, sort_keys=True))
    return buffer.getvalue()


def _counted(value: Any, counts: dict[str, int]) -> Any:
    """Return a part of the schema with each place in memory as the number of its first use."""
    if isinstance(value, list):
        return [_counted(item, counts) for item in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for key, item in value.items():
        if key == "__id__":
            found[key] = counts.setdefault(str(item), len(counts))
        elif key == "file" and isinstance(item, str):
            place, _, suffix = item.partition(".")
            found[key] = f"{counts.setdefault(place, len(counts))}.{suffix}"
        else:
            found[key] = _counted(item, counts)
    return found
