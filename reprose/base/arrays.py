"""Named arrays on disk: .npz without pickles, equal bytes for equal arrays."""

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from reprose.base.errors import ReproseError

Groups = dict[str, dict[str, np.ndarray]]


def save(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write `arrays` to the file `path`, sorted by name; an array of objects is an error."""
    with open(path, "wb") as file:
        write(file, arrays)


def write(file: BinaryIO, arrays: Mapping[str, np.ndarray]) -> None:
    """Write the bytes of np.savez, which itself takes no array of the name `file`."""
    with zipfile.ZipFile(file, "w") as archive:
        for name in sorted(arrays, key=str):
            if not isinstance(name, str):
                raise ReproseError(f"an array has the name {name!r}, a {type(name).__name__}; names are strings.")
            if "\0" in name or not is_unicode(name):
                raise ReproseError(f"an array has the name {name!r}; names are text without NUL.")
            array = plain(f"'{name}'", arrays[name])
            if array.dtype.hasobject:
                raise ReproseError(f"'{name}' is an array of objects; only numbers and text can be stored.")
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def read(file: BinaryIO) -> dict[str, np.ndarray]:
    """Return what `write` wrote; np.load itself gives the array `a` for `a.npy` where it has both."""
    with zipfile.ZipFile(file) as archive:
        return {item.filename.removesuffix(".npy"): _member(archive, item) for item in archive.infolist()}


def plain(what: str, value: Any) -> np.ndarray:
    """Return `value` as an array of NumPy, which has no mask: masked values would count as good ones."""
    if np.ma.is_masked(value):
        raise ReproseError(f"{what} is a masked array; fill the masked values, or keep the mask in one of its own.")
    return np.asarray(value)


def is_unicode(text: str) -> bool:
    """Return whether UTF-8 can hold `text`; it cannot hold what stands for odd bytes in the names of files."""
    return not re.search("[\ud800-\udfff]", text)


def _member(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> np.ndarray:
    with archive.open(item) as member:
        return np.lib.format.read_array(member, allow_pickle=False)


def load(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays in `path`; a damaged file is an error that names it."""
    try:
        with open(path, "rb") as file:
            return read(file)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ReproseError(f"{path}: not readable as arrays ({error}). Delete the file and run again.") from error


def save_groups(path: Path, groups: Mapping[str, Mapping[str, np.ndarray]]) -> None:
    """Write groups of arrays to one file; the name of an array is "group|name", with %7C for a | of either."""
    named = {
        f"{_quoted(group)}|{_quoted(name)}": array for group, arrays in groups.items() for name, array in arrays.items()
    }
    save(path, named)


def load_groups(path: Path) -> Groups:
    """Return the groups of arrays that `save_groups` wrote."""
    groups: Groups = {}
    for full, array in load(path).items():
        group, _, name = full.partition("|")
        groups.setdefault(_unquoted(group), {})[_unquoted(name)] = array
    return groups


def _quoted(name: str) -> str:
    return name.replace("%", "%25").replace("|", "%7C")


def _unquoted(name: str) -> str:
    return name.replace("%7C", "|").replace("%25", "%")
