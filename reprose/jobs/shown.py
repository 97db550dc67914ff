"""What figures, numbers and sections are made from: the results of a problem, its views, those of others."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from reprose.config import handouts, loading
from reprose.config.experiments import Experiments
from reprose.jobs.rules import PARTS, SEAL, other_role, paths_of

Inputs = Mapping[str, Iterable[str | Path]]  # role -> paths


class Shown:
    """The results of the problems of one tier, as inputs of other jobs."""

    def __init__(self, experiments: Experiments) -> None:
        self.experiments = experiments

    def has(self, rule: str, problem: str) -> bool:
        """Return whether a problem has the job of a rule: what it does not draw or sum up itself, the engine does."""
        stage = {"plot": "figures", "summarize": "summary"}.get(rule)
        asked = self.experiments.problems.get(problem)
        return stage is None or bool(asked and (asked.variants or asked.views or loading.has(problem, stage)))

    def outputs(self, rule: str, **names: str) -> dict[str, str]:
        """Return the outputs of a job by role."""
        return paths_of(rule, {"tier": self.experiments.tier, **names})

    def made(self, rule: str, role: str, problems: Iterable[str]) -> list[str]:
        """Return the outputs of one role of the jobs of a rule, of those problems that have one."""
        return [self.outputs(rule, problem=name)[role] for name in problems if self.has(rule, name)]

    def listed(self, problem: str, deep: bool = True) -> dict[str, Any]:
        """Return the variants of a problem, in its order, each with whether it is tested, and the views only looked at.

        What a problem uses of others is listed likewise, by their names; not what those use.
        """
        asked = self.experiments.problems.get(problem)
        variants, views = (asked.variants, asked.views) if asked else ({}, ())
        listed: dict[str, Any] = {"variants": [[name, variants[name].view.test] for name in variants]}
        if views:
            listed["views"] = list(views)
        if asked and asked.others and deep:
            listed["others"] = {other: self.listed(other, deep=False) for other in asked.others}
        return listed

    def inputs(self, problem: str) -> dict[str, Iterable[str | Path]]:
        """Return all that figures and numbers may be made from, by role; roles of others begin with their names."""
        found: dict[str, Iterable[str | Path]] = {**self.results(problem), **self._views(problem)}
        for other in self.experiments.problems[problem].others:
            of_other = {**self.results(other), **self._views(other)}
            found |= {other_role(other, role): paths for role, paths in of_other.items()}
        return found

    def others(self, problem: str) -> tuple[str, ...]:
        """Return the problems whose results a problem may use."""
        asked = self.experiments.problems.get(problem)
        return asked.others if asked else ()

    def drawn(self, root: Path, problem: str) -> list[str]:
        """Return those of them whose figures its section prints."""
        others = self.others(problem)
        return [other for other in handouts.figures_of_others(root, problem) if other in others] if others else []

    def of_others(self, root: Path, problem: str) -> Inputs:
        """Return what a section may print of other problems: numbers, what their tests are made over, figures."""
        others, drawn = self.others(problem), self.drawn(root, problem)
        roles = {"numbers": self.made("summarize", "numbers", others), "artifacts": []}
        for other in others:
            roles["artifacts"] += self.results(other)["artifacts"]
        if drawn:
            roles["figures"] = self.made("plot", "manifest", drawn)
        return {other_role("others", role): paths for role, paths in roles.items()} if others else {}

    def results(self, problem: str) -> dict[str, list[str]]:
        """Return the files that hold what was measured, by role, variant after variant."""
        chosen: dict[str, list[str]] = {"trials": [], "histories": [], "metrics": [], "artifacts": []}
        for name, tested in self.listed(problem)["variants"]:
            names = {"problem": problem, "variant": name}
            for rule, roles in (("choose", ("trials", "histories")), ("evaluate", ("metrics", "artifacts"))):
                if rule == "choose" or tested:
                    for role in roles:
                        chosen[role].append(self.outputs(rule, **names)[role])
        return chosen

    def _views(self, problem: str) -> Inputs:
        """Return the parts of the views of a problem but for the test parts, view after view."""
        made = [self.outputs("prepare", view=name) for name in self.experiments.problems[problem].views]
        roles = {"views": "", f"views{SEAL}": SEAL}
        found = {role: [view[part + end] for view in made for part in PARTS[:2]] for role, end in roles.items()}
        return found if made else {}
