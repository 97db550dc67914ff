"""What a draft prints where a section is missing."""

from dataclasses import dataclass

from reprose.base.messages import harmless
from reprose.numbers.printing import Latex, breakable

FIRST, LAST = 5, 20  # lines of a long reason
MOST = 4000  # characters of a reason, about, so that its box stays within a page


@dataclass(frozen=True)
class Missing:
    """A section that could not be made: its heading, the first job that is lacking, and why."""

    heading: str  # LaTeX: the section's own heading with its label
    job: str
    log: str
    reason: str

    def latex(self) -> str:
        """Return the section's heading and a box that says what is missing and what to do."""
        lines = [line for line in harmless(self.reason).splitlines() if line.strip()]
        if len(lines) > FIRST + LAST:
            lines[FIRST:-LAST] = [f"({len(lines) - FIRST - LAST} lines more: see the log)"]
        width = MOST // max(len(lines), 1)
        text = Latex(r"\par ").join(line if len(line) <= width else f"{line[:width]} ..." for line in lines)
        return f"{self.heading}\n\\missingresult{{{breakable(self.job)}}}{{{breakable(self.log)}}}{{{text}}}\n"
