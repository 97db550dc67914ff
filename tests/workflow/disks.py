"""Disks that are full and folders that cannot be written, made by mounting, which needs root."""

import errno
import shutil
import subprocess
from pathlib import Path

import pytest

SIZE = 8 << 20  # bytes; the toy project with all its results takes three megabytes


class Disk:
    """A small disk of its own under a folder, with what lay there before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.filler = folder / "filler"
        aside = folder.with_name(f"{folder.name}.aside")
        if folder.exists():
            shutil.copytree(folder, aside, symlinks=True)
        folder.mkdir(exist_ok=True)
        mount("-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder))
        if aside.exists():
            shutil.copytree(aside, folder, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(aside)

    def fill(self, free: int = 0) -> None:
        """Leave at most `free` bytes."""
        with open(self.filler, "wb", buffering=0) as file:
            try:
                while (left := shutil.disk_usage(self.folder).free - free) > 0:
                    file.write(bytes(min(left, 1 << 16)))
            except OSError as error:
                assert error.errno == errno.ENOSPC

    def free(self) -> None:
        """Make space again; what lies there stays."""
        self.filler.unlink()


class Locked:
    """A folder on which nothing can be written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        mount("--bind", str(folder), str(folder))
        mount("-o", "remount,bind,ro", str(folder))

    def free(self) -> None:
        """Allow writing again."""
        mount("-o", "remount,bind,rw", str(self.folder))


def mount(*arguments: str) -> None:
    """Mount, or skip the test where that is not allowed."""
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"cannot mount, which needs root: {done.stderr.strip()}")


def unmount(folder: Path) -> None:
    """Take away what is mounted on `folder`, even if a process still uses it."""
    subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=False)
