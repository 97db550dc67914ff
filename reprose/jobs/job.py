"""The one description of a job, from which the rules' inputs and outputs, the key, the audit and the plan derive."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from reprose.base.canonical import text_digest, to_json
from reprose.code.fingerprint import Fingerprint
from reprose.code.names import Program
from reprose.code.programs import program_versions
from reprose.code.versions import versions
from reprose.jobs.fingerprints import Text, fingerprints
from reprose.jobs.rules import RULES, SEAL, job_name

Paths = tuple[str, ...]  # relative to the project


@dataclass(frozen=True)
class Job:
    """One job: what names it, what it reads and writes, its settings, and the code that it starts from."""

    rule: str
    wildcards: Mapping[str, str]  # with the tier
    inputs: Mapping[str, Paths]  # role -> paths
    outputs: Mapping[str, str]  # role -> path
    settings: Mapping[str, Any]  # all else that decides the result: values, seeds, threads, texts
    entries: tuple[str, ...]  # "module:name" of the definitions that the step starts from
    program: Program = field(repr=False, compare=False)  # our modules, in the state in which the job was described
    programs: tuple[str, ...] = ()  # other programs that the step calls, whose versions count
    expected: Mapping[str, Any] = field(default_factory=dict)  # what later jobs want of the result; no part of the key

    @property
    def name(self) -> str:
        """Return the name of the job in handouts and messages, without the tier."""
        return job_name({"rule": self.rule, **self.wildcards})

    @property
    def record(self) -> str:
        """Return the path of the job's record."""
        return self.outputs["provenance"]

    @property
    def run_record(self) -> str:
        """Return the path of what the job's last run took: seconds, memory, host."""
        return self.record.replace("provenance.json", "run.json")

    @property
    def log(self) -> str:
        """Return the path of the job's log."""
        return RULES[self.rule].log.format(**self.wildcards)

    @cached_property
    def paths(self) -> list[str]:
        """Return all input paths, each once."""
        return list(dict.fromkeys(path for paths in self.inputs.values() for path in paths))

    def is_sealed(self, role: str) -> bool:
        """Return whether the inputs of a role have digest files among the inputs, which stand for them."""
        return f"{role}{SEAL}" in self.inputs

    def is_moved(self, path: str) -> bool:
        """Return whether an output is set aside with the others; raw files stay where they are, verified."""
        return path in self.outputs.values() or self.rule != "fetch"

    @property
    def code(self) -> Fingerprint:
        """Return the fingerprint of the code that the job can reach."""
        return fingerprints(self.program).of(self.entries).fingerprint

    @property
    def sources(self) -> dict[str, Text]:
        """Return the modules that the job can import, each with the text that the fingerprint was taken of."""
        return fingerprints(self.program).of(self.entries).sources

    @cached_property
    def key(self) -> dict[str, Any]:
        """Return all that the result depends on, but the contents of the inputs."""
        made = {"rule": self.rule, **self.wildcards, **self.settings}
        packages = versions(self.code.packages, self.code.optional, self._importing) | program_versions(self.programs)
        inputs = {role: list(paths) for role, paths in self.inputs.items()}
        return {**made, "inputs": inputs, "outputs": dict(self.outputs), "versions": packages, "code": self.code.digest}

    def _importing(self, package: str) -> str:
        """Return the first place in the sources of the job where a package is imported, for a message."""
        pattern = re.compile(rf"^[ \t]*(?:from|import)\b[^\n#]*\b{re.escape(package)}\b", flags=re.MULTILINE)
        for text in self.sources.values():
            content = text.content.decode(errors="replace")
            if found := pattern.search(content):
                return f"{text.file}:{content.count(chr(10), 0, found.start()) + 1}"
        return ""

    @cached_property
    def canonical_key(self) -> str:
        """Return the key as canonical JSON."""
        return to_json(self.key)

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the key, the job's only parameter in Snakemake's eyes."""
        return text_digest(self.canonical_key)
