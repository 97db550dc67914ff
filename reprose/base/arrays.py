"""Named arrays on disk: .npz without pickles, equal bytes for equal arrays."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from reprose.base.errors import ReproseError

Groups = dict[str, dict[str, np.ndarray]]


def save(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write `arrays` to the file `path`, sorted by name; an array of objects is an error."""
    for name, array in arrays.items():
        if np.asarray(array).dtype.hasobject:
            raise ReproseError(f"{path}: '{name}' is an array of objects; only numbers and text can be stored.")
    with open(path, "wb") as file:
        np.savez(file, **{name: np.asarray(arrays[name]) for name in sorted(arrays)})


def load(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays in `path`; a damaged file is an error that names it."""
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ReproseError(f"{path}: not readable as arrays ({error}). Delete the file and run again.") from error


def save_groups(path: Path, groups: Mapping[str, Mapping[str, np.ndarray]]) -> None:
    """Write groups of arrays to one file; the name of an array is "group|name"."""
    save(path, {f"{group}|{name}": array for group, arrays in groups.items() for name, array in arrays.items()})


def load_groups(path: Path) -> Groups:
    """Return the groups of arrays that `save_groups` wrote."""
    groups: Groups = {}
    for full, array in load(path).items():
        group, _, name = full.partition("|")
        groups.setdefault(group, {})[name] = array
    return groups
