"""The nine rules: what names a job of each, and what it leaves. The rules under workflow/rules/ take these paths."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

PARTS = ("train", "validation", "test")
SEAL = "_seal"  # ends the role of the digest file of an output; consumers depend on the digest, not on the large file


@dataclass(frozen=True)
class Rule:
    """One rule. Paths are relative to the project, with the names of wildcards in braces."""

    wildcards: tuple[str, ...]  # what names a job, beside the tier
    outputs: Mapping[str, str]  # role -> path; the record of the job is "provenance"
    log: str
    stage: int  # rules of an earlier stage are brought up to date before a later one is looked at
    shelf: tuple[str, ...] = ()  # what stands before the job's name in messages and handouts


def _files(folder: str, record: str = "provenance.json", **files: str) -> dict[str, str]:
    """Return the paths of `files` in a folder by role; each .npz is followed by its digest file."""
    found = {}
    for role, file in files.items():
        found[role] = f"{folder}/{file}"
        if role in SEALED:
            found[f"{role}{SEAL}"] = f"{folder}/{file}.sha256"
    return {**found, "provenance": f"{folder}/{record}"}


SEALED = {*PARTS, "weights"}  # roles of outputs that are too large to be compared by content at every start
VARIANT = "results/{tier}/{problem}/{variant}"
RULES: Mapping[str, Rule] = {
    "fetch": Rule(
        ("dataset",),
        _files("data/{tier}/{dataset}", manifest="manifest.json"),
        log="logs/{tier}/{dataset}/fetch.log",
        stage=0,
        shelf=("data",),
    ),
    "prepare": Rule(
        ("view",),
        _files("results/{tier}/views/{view}", **{part: f"{part}.npz" for part in PARTS}),
        log="logs/{tier}/views/{view}/prepare.log",
        stage=1,
        shelf=("views",),
    ),
    "train": Rule(
        ("problem", "variant", "batch"),
        _files(f"{VARIANT}/{{batch}}", weights="weights.npz", histories="histories.npz", metrics="metrics.json"),
        log="logs/{tier}/{problem}/{variant}/{batch}/train.log",
        stage=2,
    ),
    "choose": Rule(
        ("problem", "variant"),
        _files(VARIANT, trials="trials.json", winner="winner.json", weights="weights.npz", histories="histories.npz"),
        log="logs/{tier}/{problem}/{variant}/choose.log",
        stage=2,
    ),
    "evaluate": Rule(
        ("problem", "variant"),
        _files(f"{VARIANT}/test", metrics="metrics.json", artifacts="artifacts.npz"),
        log="logs/{tier}/{problem}/{variant}/evaluate.log",
        stage=2,
    ),
    "plot": Rule(
        ("problem",),
        _files("results/{tier}/{problem}/figures", manifest="manifest.json"),
        log="logs/{tier}/{problem}/plot.log",
        stage=3,
    ),
    "summarize": Rule(
        ("problem",),
        _files("results/{tier}/{problem}/numbers", numbers="numbers.json"),
        log="logs/{tier}/{problem}/summarize.log",
        stage=3,
    ),
    "write": Rule(
        ("problem",),
        _files(
            "results/{tier}/{problem}/section", section="section.tex", headline="headline.tex", claims="claims.json"
        ),
        log="logs/{tier}/{problem}/write.log",
        stage=4,
    ),
    "typeset": Rule(
        ("handout",),
        _files(
            "results/{tier}/handouts",
            "{handout}.provenance.json",
            pdf="{handout}.pdf",
            html="{handout}.html",
            sources="{handout}.tar.gz",
        ),
        log="logs/{tier}/handouts/{handout}/typeset.log",
        stage=4,
        shelf=("handouts",),
    ),
}


def other_role(problem: str, role: str) -> str:
    """Return the role that files of another problem have among the inputs of a job."""
    return f"of_{problem}_{role}"


def job_name(key: Mapping[str, object]) -> str:
    """Return the name of a job in handouts and messages, without the tier: "multitask/shared_ranking/choose"."""
    rule = RULES[str(key["rule"])]
    return "/".join((*rule.shelf, *(str(key[name]) for name in rule.wildcards), str(key["rule"])))


def brings_sample(key: Mapping[str, object]) -> bool:
    """Return whether a job of the sample tier brings in sample data: what is made, or the first rows of a table."""
    return (key["rule"] == "fetch" and "file" not in key) or (key["rule"] == "prepare" and bool(key.get("first")))


def jobs_at(path: str) -> list[tuple[str, dict[str, str]]]:
    """Return the rules with outputs at such paths, each with its wildcards; whether there is such a job is open."""
    found = []
    for name, rule in RULES.items():
        for output in rule.outputs.values():
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(output))
            if match := re.fullmatch(pattern, path):
                found.append((name, match.groupdict()))
    return found


def paths_of(rule: str, wildcards: Mapping[str, str]) -> dict[str, str]:
    """Return the outputs of one job by role."""
    return {role: path.format(**wildcards) for role, path in RULES[rule].outputs.items()}
