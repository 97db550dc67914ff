"""Snakemake as the front door calls it: one invocation, with the build lock handed on, and its words passed on."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from reprose.base.messages import MARK
from reprose.commands import slurm
from reprose.commands.diagnosis import diagnosis
from reprose.jobs import locks


class Snakemake:
    """Runs Snakemake with the options of one build."""

    def __init__(self, tier: str, descriptor: int, options: list[str]) -> None:
        self.tier = tier
        self.descriptor = descriptor
        self.options = options

    def run(self, targets: Iterable[str]) -> int:
        """Bring the files `targets` up to date and return Snakemake's exit status; what failed is told."""
        command = [sys.executable, "-m", "snakemake", *self.options, "--keep-going", "--", *targets]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "pass_fds": [self.descriptor]}
        pipes["preexec_fn"] = locks.end_with_parent
        with subprocess.Popen(command, env=self.environment(), **pipes) as running, slurm.told():
            try:
                said = list(self._shown(running.stdout))
            except KeyboardInterrupt:  # Snakemake has it, too, and needs a moment and a reader to cancel its jobs
                print("interrupted; ending the jobs", flush=True)
                running.communicate()
                raise
        for line in diagnosis(running.returncode, said) if running.returncode else ():
            print(line, flush=True)
        return running.returncode

    def environment(self) -> dict[str, str]:
        """Return the environment of Snakemake, in which steps find this Python."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        return {**os.environ, "PATH": path, locks.BUILD_VARIABLE: str(self.descriptor)}

    def _shown(self, lines: Iterable[str]) -> Iterator[str]:
        """Pass on Snakemake's lines into its log, and those that a step says to the person also to the screen."""
        log = Path("logs", self.tier, "snakemake.log")
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "ab", buffering=0) as file:
            for written in lines:
                with suppress(OSError):  # a full disk must not end the reading; the steps tell of it
                    file.write(written.encode())
                for line in slurm.explained(written).splitlines(keepends=True):
                    if line.startswith(MARK):
                        print(line.removeprefix(MARK), end="", flush=True)
                    yield line
