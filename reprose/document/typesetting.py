"""From sections to a PDF and its HTML twin, whose bytes depend on their inputs alone."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from reprose.base.canonical import file_digest, text_digest, to_json, to_pretty_json
from reprose.base.errors import ReproseError
from reprose.config.handouts import SECTIONS, SUFFIX
from reprose.document.appendix import SHOWN, appendix
from reprose.document.archive import archive
from reprose.document.attachments import attach
from reprose.document.claim_notes import introduction
from reprose.document.index import index
from reprose.document.latex import render
from reprose.document.latex_log import (
    INSTALL,
    bibtex_error,
    label_faults,
    latex_error,
    origin,
    place_of,
    reference_faults,
    sticking_out,
    structure_faults,
)
from reprose.document.layout import laid_out
from reprose.document.places import Places
from reprose.document.substitutes import Substituted, announcement
from reprose.document.verbatim import commands, set_apart
from reprose.document.web.aux_file import Labels, read_labels
from reprose.document.web.page import Source, Webpage, webpage
from reprose.jobs.record import Record
from reprose.jobs.rules import brings_sample
from reprose.numbers.printing import anchor

PASS = "-interaction=nonstopmode -halt-on-error -file-line-error -no-shell-escape"
LATEXMK = f"latexmk -norc -pdf {PASS} -silent"
ENVIRONMENT = {
    "SOURCE_DATE_EPOCH": "0",  # the PDF carries no time
    "FORCE_SOURCE_DATE": "1",
    "LC_ALL": "C",
    "TZ": "UTC",
    "TEXMFHOME": "/nonexistent",  # packages of this person alone would be in no key
    "max_print_line": "10000",  # a message of the log stays on one line
    "openin_any": "p",  # nothing is read that lies elsewhere than in TeX's own folders and beside the handout
}
PASSES = 2  # of LaTeX; after so many, all numbers and citations are known, but not on which page each is
ROUNDS = 3  # of a pass, and what latexmk makes of what it has changed
UNFINISHED = "needed too many passes"  # as latexmk says where passes are left
ENDS = (".log", ".pdf", ".fls", ".fdb_latexmk")  # of files that no pass reads of the one before
TIMEOUT = 600  # seconds; LaTeX that waits for ever is a fault of the document
READING = ("input", "include", "subfile", "includegraphics", "lstinputlisting", "verbatiminput", "VerbatimInput")
SAMPLE = re.compile(r"\\sampledata(?![A-Za-z@])")
DRAFT = "draft.tex"  # the file beside a handout that makes every page a draft's


@dataclass(frozen=True)
class Handout:
    """A finished handout, and what there is to tell of it."""

    pdf: bytes
    pages: int
    html: str
    sources: bytes  # a .tar.gz of its LaTeX
    log: str  # of LaTeX
    places: Places
    told: tuple[str, ...]  # of the web page

    @property
    def overfull(self) -> tuple[str, ...]:
        """Return where a line or a box sticks out, by the templates, which are read for that; and what else is told."""
        return (*sticking_out(self.log, self.places), *self.told)


def typeset(
    template: Path,
    sections: Mapping[str, str],
    figures: Mapping[str, Path],
    provenance: Sequence[Record],
    style: Path,
    tier: str,
    substitutes: Sequence[Substituted] = (),
    front: Mapping[str, Any] | None = None,
    draft: bool = False,
    comparisons: int = 0,
    parts: Mapping[str, Path] | None = None,
    static: Mapping[str, Path] | None = None,
) -> Handout:
    """Return the PDF and the HTML page that `template` makes of `sections` (problem -> LaTeX, in order).

    `figures` maps "problem/name" to the PDF file of each figure, an SVG beside it; `provenance` holds one record per
    job, listed in an index, printed on the web page and attached as provenance.json; `style` is the folder of the style
    files; `front` is what the template may say of all sections, `comparisons` how many of them are tested. Where there
    are `substitutes`, a template that does not print them is an error. Every page of a draft says so, and references to
    its missing sections may lead nowhere. `parts` are files that the template includes, `static` those that LaTeX reads
    as they are, by name.
    """
    _check_marks(sections, provenance)
    drawn = {f"figures/{name}.pdf": Path(path) for name, path in figures.items()}
    own = dict(static or {})
    files = drawn | own | {path.name: path for path in sorted(Path(style).iterdir())}
    texts = {f"sections/{name}.tex": laid_out(text) for name, text in sections.items()}
    texts |= {name: path.read_text(encoding="utf-8") for name, path in own.items() if path.suffix == ".tex"}
    tests = introduction(comparisons)
    texts["provenance.tex"] = f"{tests}\n\\begin{{pvindex}}\n{index(provenance)}\\end{{pvindex}}\n"
    twins = {"provenance.tex": f"{tests}\n{appendix(provenance)}"}
    if draft:
        texts[DRAFT] = "% read by reprose.sty\n"
    source = Path(template).read_text(encoding="utf-8")
    digest = text_digest(
        to_json([source, texts, twins, dict(front or {}), {name: file_digest(path) for name, path in files.items()}])
    )
    is_sample = tier == "sample" and any(brings_sample(record.key) for record in provenance)
    context = {"sections": list(sections), "tier": tier, "sample": is_sample, "digest": digest[: 2 * SHOWN]}
    context |= front or {}
    note = announcement(substitutes)
    texts["handout.tex"] = render(source, str(template), {**context, "substitutes": note}, parts)
    if note not in texts["handout.tex"]:
        raise ReproseError(
            rf"{template}: some data are substitutes for official files, and these pages must say so. Print"
            r" \VAR{substitutes} on the first page."
        )
    texts["handout.tex"] = completed(texts["handout.tex"], bool(provenance), is_sample)
    _check_parts(texts["handout.tex"], str(template), sections, bool(provenance), is_sample)
    places = Places(texts, _templates(sections, template))
    _check_files(places, drawn, own)
    with tempfile.TemporaryDirectory(prefix="reprose-") as folder:
        records = to_pretty_json([asdict(record) | {"key_digest": record.key_digest} for record in provenance]).encode()
        source = partial(Source, texts | twins, figures=drawn, records=records, static=own)
        run, twin = _both(Path(folder), places, files, source, Path(style), marks(is_sample, draft))
    sources = archive(texts, files, run.known.bibliography, records)
    pdf, pages = attach(run.pdf, records)
    return Handout(pdf, pages, twin.html, sources, run.log, places, twin.told)


def marks(is_sample: bool, draft: bool) -> str:
    """Return what every view of the web page says, as every page of the PDF does."""
    said = {"DRAFT: some results may be missing": draft, "sample data: made up for testing": is_sample}
    return " · ".join(text for text, true in said.items() if true)


def completed(text: str, has_records: bool, is_sample: bool) -> str:
    """Return a handout that says that its data are sample data, and where its marks lead, if its template does not."""
    added = {}
    if is_sample and not SAMPLE.search(set_apart(text, [])):
        added["begin"] = r"\sampledata "
    if has_records and "provenance" not in _inputs(text):
        added["end"] = r"\begin{provenanceappendix}\input{provenance}\end{provenanceappendix}"
    ends = [found for found in commands(text, added) if found.argument == "document"]
    for found in reversed(ends):
        text = f"{text[: found.at]}{added[found.name]}{text[found.at :]}"
    return text


def _inputs(text: str) -> set[str]:
    """Return the files that a handout reads, without their end; a template escapes what it prints."""
    read = [command.argument.strip().removesuffix(".tex") for command in commands(text, {"input"})]
    return {name.replace(r"\_", "_") for name in read}


def _check_marks(sections: Mapping[str, str], provenance: Sequence[Record]) -> None:
    known = {anchor(record.name) for record in provenance}
    for name, text in sections.items():
        for found in re.findall(r"\\pv(?:m|n|q|qn|mark)?\{([^}]*)\}", text):
            if found not in known:
                raise ReproseError(
                    f"section '{name}' links to the record '{found}', but no record given has that name. Run the build"
                    " again; if it persists, the job's provenance.json is missing."
                )


def _check_parts(text: str, template: str, sections: Iterable[str], has_records: bool, is_sample: bool) -> None:
    """Raise where a handout leaves out one of its sections, where its marks lead, or that its data are made up."""
    printed = _inputs(text)
    if missing := [name for name in sections if f"sections/{name}" not in printed]:
        raise ReproseError(
            rf"{template}: the section '{missing[0]}' is listed in the header and not printed. Write"
            rf" \input{{sections/{missing[0]}}}, or \input{{sections/\VAR{{section}}}} in a loop over `sections`."
        )
    if has_records and "provenance" not in printed:
        raise ReproseError(
            rf"{template}: marks of numbers would lead nowhere. Write \begin{{provenanceappendix}} \input{{provenance}}"
            r" \end{provenanceappendix} before the end of the document."
        )
    if is_sample and not SAMPLE.search(set_apart(text, [])):
        raise ReproseError(
            rf"{template}: the data of this tier are made up, and every page must say so. Write \BLOCK{{if sample}}"
            r" \sampledata \BLOCK{endif} before \begin{document}."
        )


def _check_files(places: Places, figures: Collection[str], static: Collection[str]) -> None:
    """Raise where a text asks for a file that is no input of the job, so that a change of it would go unseen."""
    sections = [name.removesuffix(".tex") for name in places.texts if "/" in name or name == "provenance.tex"]
    for name, text in places.texts.items():
        for found in commands(text, READING):
            made = figures if found.name == "includegraphics" else sections if name == "handout.tex" else []
            known = [*made, *static]
            wanted = found.argument.replace(r"\_", "_")
            if not {wanted, wanted.removesuffix(".tex")} & {*known, *(own.rpartition(".")[0] for own in static)}:
                allowed = ", ".join(known) or "no file; put it under report/, and name it from there"
                raise ReproseError(
                    f"{place_of(places, name, found.line)}: \\{found.name}{{{found.argument}}}: a change of that file"
                    f" would go unseen. Allowed there: {allowed}. {origin(name)}"
                )


@dataclass(frozen=True)
class Known:
    """What LaTeX has found out for the web page; where pages end is not a part of it, so one pass less is enough."""

    labels: Labels
    bibliography: str

    @classmethod
    def of(cls, folder: Path) -> "Known":
        """Return what the passes until now have left."""
        return cls(read_labels(_read(folder / "handout.aux")), _read(folder / "handout.bbl"))


@dataclass(frozen=True)
class Run:
    """What LaTeX leaves behind."""

    pdf: bytes
    log: str
    known: Known


def _templates(sections: Iterable[str], template: Path) -> dict[str, Path]:
    """Return the templates of the texts that LaTeX reads."""
    return {f"sections/{name}.tex": SECTIONS / f"{name}{SUFFIX}" for name in sections} | {"handout.tex": template}


def _both(
    folder: Path, places: Places, files: Mapping[str, Path], source: Callable[..., Source], style: Path, mark: str
) -> tuple[Run, Webpage]:
    """Return what LaTeX leaves, and the web page, made beside the last passes if these change nothing that it needs."""

    def page_of(known: Known, wait: Callable[[], object] = lambda: None) -> Webpage:
        return webpage(source(known.labels, known.bibliography), style, mark, partial(_draw, folder, wait))

    _fill(folder, places, files)
    output = _run([*LATEXMK.split(), "-e", f"$max_repeat = {PASSES}", "handout.tex"], folder)
    if output and (UNFINISHED not in output or bibtex_error(_read(folder / "handout.blg"))):
        raise _fault(folder, places, output)
    with ThreadPoolExecutor(1) as beside:
        early, passing = Known.of(folder), beside.submit(_pass_on, folder)
        try:
            page = page_of(early, passing.result)
        finally:  # what LaTeX finds wrong comes before what is wrong with the page
            run = _finished(folder, places, passing.result())
    return run, page if run.known == early else page_of(run.known)


def _pass_on(folder: Path) -> str:
    """Let LaTeX pass until nothing changes that a pass reads of the one before; return the words of a failure.

    That latexmk is done does not say so: it takes a file for unchanged that a second pass has written in the same
    second, and with the same size.
    """
    for _ in range(ROUNDS):
        before = _read_again(folder)
        if output := _run(["pdflatex", *PASS.split(), "handout.tex"], folder):
            return output
        if _read_again(folder) == before:
            return ""
        output = _run([*LATEXMK.split(), "-g", "handout.tex"], folder)  # an index or a bibliography may change as well
        if output and UNFINISHED not in output:
            return output
    return f"its files still change after {ROUNDS} rounds of passes, so what it prints would be left to chance"


def _read_again(folder: Path) -> dict[str, str]:
    """Return the digests of the files that a pass may read of the one before."""
    written = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in ENDS]
    return {str(path): file_digest(path) for path in written}


def _fill(folder: Path, places: Places, files: Mapping[str, Path]) -> None:
    """Write all that LaTeX reads."""
    for program in ("latexmk", "pdflatex", "bibtex", "pandoc"):
        if not shutil.which(program):
            raise ReproseError(f"LaTeX: the program '{program}' is missing. {INSTALL}")
    for name, text in places.texts.items():
        _place(folder / name).write_text(text, encoding="utf-8")
    for name, path in files.items():
        shutil.copyfile(path, _place(folder / name))


def _finished(folder: Path, places: Places, output: str) -> Run:
    """Return what LaTeX has made; raise where it failed, by what it wrote at the end as `output`, or left faults."""
    pdf, log = folder / "handout.pdf", _read(folder / "handout.log")
    if output or not pdf.exists():
        raise _fault(folder, places, output)
    if "occurred inside a group" in log and (faults := structure_faults(places)):
        raise ReproseError(f"LaTeX: {' '.join(faults)}")
    if faults := label_faults(log, places):
        raise ReproseError(f"LaTeX: {'; '.join(faults)}. Rename one of them.")
    if DRAFT not in places.texts and (faults := reference_faults(log, places)):
        raise ReproseError("\n".join(f"LaTeX: {fault}" for fault in faults))
    return Run(pdf.read_bytes(), log, Known.of(folder))


def _fault(folder: Path, places: Places, output: str) -> ReproseError:
    """Return the error that LaTeX or BibTeX ended with, in the words of its log, or else of its `output`."""
    told = latex_error(_read(folder / "handout.log"), places) or bibtex_error(_read(folder / "handout.blg"))
    end = "\n".join(output.splitlines()[-12:])
    return ReproseError(told or f"LaTeX failed:\n{end}")


def _draw(folder: Path, wait: Callable[[], object], document: str) -> Path | None:
    """Return the PDF of another document in the folder of a handout, whose labels it knows; None where LaTeX fails.

    `wait` returns when LaTeX is done with the handout.
    """
    wait()
    (folder / "pictures.tex").write_text(document, encoding="utf-8")
    shutil.copyfile(folder / "handout.aux", folder / "pictures.aux")
    options = ["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"]
    return None if _run(["pdflatex", *options, "pictures.tex"], folder) else folder / "pictures.pdf"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def _run(command: list[str], folder: Path) -> str:
    """Run `command` in `folder`; return what it wrote if it failed, else an empty text."""
    environment = {**os.environ, **ENVIRONMENT}
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired as error:
        raise ReproseError(f"LaTeX: still running after {TIMEOUT} s, so it waits for ever; look for a loop.") from error
    lines = (done.stdout + done.stderr).decode(errors="replace").splitlines()
    return "\n".join(lines or ["no message"]) if done.returncode else ""


def _place(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
