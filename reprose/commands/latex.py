"""LaTeX and pandoc, which no Python package holds: installed when run as root on Debian, else said what to install."""

import argparse
import subprocess

from reprose.base.package import engine_file


def run(arguments: argparse.Namespace) -> int:
    """Return 0 if LaTeX and pandoc are there, or could be installed."""
    return subprocess.run(["sh", engine_file("workflow/envs/latex.sh")], check=False).returncode
