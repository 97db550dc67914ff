"""What a draft prints where a section is missing."""

from dataclasses import dataclass

from reprose.base.messages import harmless
from reprose.numbers.printing import Latex, breakable, escape


@dataclass(frozen=True)
class Missing:
    """A section that could not be made: its heading, the first job that is lacking, and why."""

    heading: str  # LaTeX: the section's own heading with its label
    job: str
    log: str
    reason: str

    def latex(self) -> str:
        """Return the section's heading and a box that says what is missing and what to do."""
        lines = Latex(r"\par ").join(escape(line) for line in harmless(self.reason).splitlines() if line.strip())
        return f"{self.heading}\n\\missingresult{{{breakable(self.job)}}}{{{breakable(self.log)}}}{{{lines}}}\n"
