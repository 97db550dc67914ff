"""What LaTeX and BibTeX said in their logs: faults in words that name the template, and what sticks out of the page."""

import re
from collections.abc import Collection
from pathlib import Path

from reprose.document.places import Places, unclosed
from reprose.document.verbatim import commands

PACKAGES = (
    "latexmk texlive-latex-recommended texlive-latex-extra texlive-fonts-recommended lmodern tex-gyre fonts-texgyre"
    " poppler-utils pandoc"
)
INSTALL = f"On Debian and Ubuntu: sudo apt-get install --no-install-recommends {PACKAGES}"
MISSING = (
    "It is in none of the packages that are installed. Where it is one of TeX's own, install the package that has it"
    " (on Debian and Ubuntu: apt-file search -x '/{0}$'); a file of your own is read from report/style/."
)
STRUCTURAL = re.compile(r"ended by|Too many }|[eE]xtra |Missing|File ended|Paragraph ended|Runaway|Not closed")
REFERRING = ("cref", "Cref", "ref", "eqref", "nameref", "pageref", "autoref", "hyperref")
CITING = ("citep", "citet", "cite", "citealp", "citealt", "citeauthor", "citeyear", "nocite")
REFERENCES = (
    r"the handout prints no references: write \bibliographystyle{plainnat} \bibliography{references} before its end,"
    " and the entries into report/style/references.bib."
)
UNCLOSED = r"a brace is missing, or hidden by a %: within braces, an address takes \%"
FOOTNOTE = r"A caption bears no \footnote: write the note into the caption, or into the text."
SIGNS = {  # what LaTeX says of a sign that has a meaning of its own -> how it is printed
    "Missing $ inserted": r"Here or before: _ is written \_, and $ is \$; formulas stand between $ and $.",
    "Misplaced alignment tab character &": r"The sign & is written \&.",
    "macro parameter character #": r"The sign # is written \#.",
}
OVERFULL = 1.0  # points; less is invisible
FILES = re.compile(r"\((?:\./(?P<file>[\w./-]+\.(?:tex|bbl))\b)?|\)")  # opened, or a parenthesis of a message; closed
BOX = re.compile(r"^(?:Over|Under)full .*\n.*\n", flags=re.MULTILINE)  # with the text of the box
STICKS_OUT = re.compile(
    r"^Overfull \\(?P<box>[hv])box \((?P<size>[\d.]+)pt too (?:wide|high)\)(?P<where>[^\n]*)"
    r"|^LaTeX Warning: Float too large for page by (?P<float>[\d.]+)pt on input line (?P<line>\d+)",
    flags=re.MULTILINE,
)


def latex_error(log: str, places: Places) -> str:
    """Return place and message of the first error in `log`, with the line as LaTeX saw it; "" if there is none."""
    missing = re.search(r"File `([^']+\.(?:sty|cls|fd|tfm))' not found", log)
    if missing:
        return f"LaTeX: the file '{missing[1]}' is missing. {MISSING.format(missing[1])}"
    more = r"((?:\n(?:\([\w.-]+\)| ) +\S[^\n]*)*)"  # the rest of a message of LaTeX or of a package
    found = re.search(rf"^(?:\./)?([^\s:]+):(\d+): ([^\n]*){more}", log, flags=re.MULTILINE)
    if not found:
        general = re.search(r"^! (.*)$", log, flags=re.MULTILINE)
        return f"LaTeX: {general[1]}" if general else ""
    name, line = found[1], int(found[2])
    message = " ".join([found[3], *(re.sub(r"^\([\w.-]+\)", "", part).strip() for part in found[4].splitlines())])
    if runaway := re.search(r"^Runaway \w+\?\n([^\n]*)\n(?=(?:\./)?\S+:\d+: )", log, flags=re.MULTILINE):
        message += f" Not closed: {runaway[1][:200]} ({UNCLOSED})"
    if "\\caption@" in message and "extra }" in message:
        message += f" {FOOTNOTE}"
    elif STRUCTURAL.search(message) and (told := structure_faults(places)):
        return f"LaTeX: {told[0]}"
    elif written := next((words for words in SIGNS if words in message), None):
        message += f" {SIGNS[written]}"
    text = "".join(places.texts.get(name, "").split("\n")[line - 1 : line]).strip()
    shown = f"\n  {text}" if text else ""
    if place := places.told(name, line):
        return f"LaTeX: {place}: {' '.join(message.split())}{shown}"
    return f"LaTeX: {name}:{line}: {' '.join(message.split())}{shown}\n{origin(name)}"


def structure_faults(places: Places) -> list[str]:
    """Return what the sections open and do not close, each with its place."""
    sections = {name: text for name, text in places.texts.items() if name.startswith("sections/")}
    return [f"{place_of(places, name, line)}: {words}" for name in sections for line, words in unclosed(sections[name])]


def place_of(places: Places, name: str, line: int) -> str:
    """Return the line of the template that made a line of a text, or where it is not known, that line itself."""
    return places.told(name, line) or f"{name}:{line}"


def bibtex_error(log: str) -> str:
    """Return message, file and line of the first error that BibTeX found; "" if there is none."""
    found = re.search(r"^(.+?)-+line (\d+) of file (\S+)", log, flags=re.MULTILINE)
    return f"BibTeX: {found[3]}:{found[2]}: {found[1]}. Correct report/style/{found[3]}." if found else ""


def origin(name: str) -> str:
    """Return where the person must look: the generated file comes from a template."""
    if name.startswith("sections/"):
        return f"It was made from report/problems/{Path(name).stem}.tex.j2; correct the prose there."
    if name == "handout.bbl":
        return "It was made from report/style/references.bib; correct the entry there."
    return "It was made from the handout's template under report/handouts/ or stands in report/style/."


def reference_faults(log: str, places: Places) -> list[str]:
    """Return the references and citations that lead nowhere, each with its place and the remedy."""
    faults = []
    for kind, name in sorted(set(re.findall(r"Warning: (Reference|Citation) [`']([^\n]*?)'[^\n]*? undefined", log))):
        found = _uses(name, REFERRING if kind == "Reference" else CITING, places)
        where = f"{' and '.join(found)}: " if found else ""
        handout = places.texts.get("handout.tex", "")
        if kind == "Reference":
            remedy = rf"no \label{{{name}}} in this handout. Correct the one or the other."
        elif any(commands(handout, ("bibliography",))):
            remedy = "no such entry in report/style/references.bib. Correct the key, or add the entry."
        else:
            remedy = REFERENCES
        faults.append(f"{where}{kind.lower()} '{name}' leads nowhere: {remedy}")
    return faults


def _uses(name: str, by: Collection[str], places: Places) -> list[str]:
    """Return where commands of the names `by` have `name` among their arguments."""
    return [
        place_of(places, file, command.line)
        for file, text in sorted(places.texts.items())
        for command in commands(text, by)
        if name in [part.strip().replace(r"\_", "_") for part in command.argument.split(",")]
    ]


def label_faults(log: str, places: Places) -> list[str]:
    """Return the labels that are given twice, each with its places."""
    twice = set(re.findall(r"Warning: Label `([^'\n]*?)(?:@cref)?' multiply defined", log))
    return [f"the label '{label}' is given twice: {' and '.join(_places(label, places))}" for label in sorted(twice)]


def _places(label: str, places: Places) -> list[str]:
    """Return where a label is given, such as "report/problems/toy.tex.j2:3"."""
    found = []
    for name, text in sorted(places.texts.items()):
        for command in commands(text, ("label", "answers")):
            if label == ("answer:" if command.name == "answers" else "") + command.argument:
                found.append(place_of(places, name, command.line))
    return found or ["by commands of report/style/ or of a package"]


def sticking_out(log: str, places: Places) -> tuple[str, ...]:
    """Return what is wider or higher than its place by a visible amount, each with the lines of the template."""
    told = []
    for found in STICKS_OUT.finditer(log):
        size = float(found["size"] or found["float"])
        if size <= OVERFULL:
            continue
        lines = found["line"] or "".join(re.findall(r"at lines? ([\d-]+)", found["where"] or "")).replace("--", "-")
        place = _place_of_box(places, _file_at(log, found.start()), lines)
        way = "wide" if found["box"] == "h" else "high"
        told.append(f"{place}: {size:.0f} pt too {way} for its place on the page")
    return tuple(dict.fromkeys(told))


def _file_at(log: str, place: int) -> str:
    """Return the file that LaTeX was reading at a place of its log."""
    opened: list[str] = []
    for found in FILES.finditer(BOX.sub("", log[:place])):
        if found[0] != ")":
            opened.append(found["file"] or "")
        elif opened:
            opened.pop()
    return next(filter(None, reversed(opened)), "handout.tex")


def _place_of_box(places: Places, name: str, lines: str) -> str:
    """Return the lines of the template that made `lines` ("3-9", "3", "") of a text; where unknown, these."""
    template = places.templates.get(name)
    if not lines:
        return str(template or name)
    ends = [int(line) for line in lines.split("-")]
    if ends[0] > ends[-1]:  # a paragraph that began in the file before
        ends = ends[-1:]
    begin, end = (places.told(name, line) for line in (ends[0], ends[-1]))
    if not begin:
        rendered = f"{name}:{'-'.join(map(str, ends))}"
        return f"{template} (rendered, {rendered})" if template else rendered
    number = end.rpartition(":")[2]
    return f"{begin}-{number}" if int(number) > int(begin.rpartition(":")[2]) else begin
