"""The HTML twin of a handout: one file that fetches nothing, made by pandoc from the LaTeX that made the PDF."""

import base64
import html
import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from reprose.base.errors import ReproseError
from reprose.base.messages import plural
from reprose.document.verbatim import put_back, set_apart
from reprose.document.web.aux_file import Labels, argument
from reprose.document.web.numbering import Numbering
from reprose.document.web.pictures import KINDS, NAME, Draw, Pictures, definitions, users, vector
from reprose.document.web.simplify import expand, labels_into_headings, mark_formulas, unmark
from reprose.document.web.tables import simplify
from reprose.numbers.printing import FORMULAS, anchor

LAYOUT = """
addvspace begingroup bfseries bgroup bigskip centering clearpage displaystyle egroup endgroup footnotesize hfill
hspace itshape linewidth medskip newline newpage noindent nopagebreak normalsize pagebreak par phantomsection
raggedright relax scriptsize setlength small smallskip tabcolsep textwidth tiny ttfamily upshape vskip vspace
"""  # commands that only move things about on paper
RECORDS = r"\section{\recordstitle}\label{app:provenance}"
HEADLINE = r"\item \textbf{{\nameref{{sec:{0}}}}} \class{{muted}}{{(\cref{{sec:{0}}})}}\\ {1}"
FORMS = (  # what reprose.sty makes of some commands and environments, in plain ones
    (r"\\maketitle\b", ""),
    (r"\\tableofcontents\b", r"\begin{contents}\end{contents}"),
    (r"\\bibliographystyle\{[^{}]*\}", ""),
    (r"\\begin\{provenanceappendix\}", RECORDS),
    (r"\\end\{provenanceappendix\}", ""),
)
MATHML = (  # pandoc's MathML, with the spaces and the letters that LaTeX prints
    (r"<annotation[^>]*>.*?</annotation>", ""),
    (r'<mo([^<>]*form="(?:prefix|postfix)")>', r'<mo\1 lspace="0em" rspace="0em">'),
    (r"<mo>([A-Za-z ]{2,})</mo>(?=(?:<mrow>)?<mo[^<>]*>[(\[{|])", r'<mo lspace="0em" rspace="0em">\1</mo>'),
    (r"<mo>([A-Za-z ]{2,})</mo>", r'<mo lspace="0em" rspace="0.167em">\1</mo>'),
    (r"<semantics><mo>([^<>]+)</mo></semantics>", r'<semantics><mo lspace="0em" rspace="0em">\1</mo></semantics>'),
    (r'<mstyle mathvariant="bold"><mn>', '<mstyle style="font-weight: bold"><mn>'),
    (r"<mi>([\u0391-\u03a9])</mi>", r'<mi mathvariant="normal">\1</mi>'),
)
KNOWN = ("tabular", "longtable", "itemize", "enumerate", "description", "verbatim", "lstlisting")  # to pandoc
QUOTES = {"textquotesingle": ("\ue027", "'"), "textasciigrave": ("\ue060", "`")}  # which pandoc would make curly
OPTIONS = (
    "--from=latex --to=html5 --mathml --standalone --toc --toc-depth=3 --wrap=none --shift-heading-level-by=1 --verbose"
    " --lua-filter=webpage.lua --template=webpage.html"  # by bare names: pandoc takes a path with "?" for an address
)
BACK = 20  # ways from a record to the numbers that it made
PRINT = 10  # points, the size of the print
TIMEOUT = 600  # seconds
TRIES = 4  # times that pandoc is called, each time with more of what it cannot read as pictures
NO_PAGE = "<h1>This web page could not be made</h1>"
UNMADE = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>No web page</title></head>
<body><main><p>{{mark}}</p>{NO_PAGE}
<p>The PDF beside it is whole.</p><pre>{{reason}}</pre></main></body></html>
"""
MEMORY = "-M800M"  # of pandoc's own run-time system; more is a fault of the document


@dataclass(frozen=True)
class Source:
    """What the run of LaTeX leaves for the twin."""

    texts: Mapping[str, str]  # handout.tex and the files that it reads, by name
    labels: Labels
    bibliography: str  # the .bbl file
    figures: Mapping[str, Path]  # path in the text, "figures/problem/name.pdf" -> the file, an .svg beside it
    records: bytes  # provenance.json
    static: Mapping[str, Path] = field(default_factory=dict)  # pictures and texts of the project, by name


@dataclass(frozen=True)
class Webpage:
    """The page, and what of it differs from the PDF, in words."""

    html: str
    told: tuple[str, ...] = ()


def webpage(source: Source, style: Path, mark: str, draw: Draw = lambda document: None) -> Webpage:
    """Return the page; `mark` is what every view of it says, such as "sample data".

    What pandoc cannot read is shown as a picture, which `draw` makes; a page that cannot be made at all says so.
    """
    pictures = Pictures()
    try:
        for _ in range(TRIES):
            page, said = _pandoc(plain(source, style, pictures), Path(style), mark)
            lost = unread(said) - pictures.names
            if not lost:
                break
            pictures.names |= lost | users(_definitions(source, style), lost)
    except ReproseError as error:
        return Webpage(UNMADE.format(mark=mark, reason=html.escape(str(error))), (f"{error} The PDF is whole.",))
    told = [f"web page: no MathML for the formula {formula}; it shows the LaTeX of it" for formula in unshown(said)]
    told += [rf"web page: \{name} is left out" for name in sorted(lost)]
    if pictures.taken:
        shown = ", ".join(dict.fromkeys(place[:40].split("\n")[0] for place in pictures.taken))
        told.append(f"web page: {plural(len(pictures.taken), 'place')} shown as in the PDF, as pictures: {shown}")
    drawn = (
        draw(pictures.document(source.texts["handout.tex"].partition(r"\begin{document}")[0]))
        if pictures.taken
        else None
    )
    images = {NAME.format(at): drawn and vector(drawn, at) for at in range(1, len(pictures.taken) + 1)}
    css = (Path(style) / "webpage.css").read_text(encoding="utf-8")
    return Webpage(_pictured(finish(page, css, source), images, pictures.taken), tuple(told))


def _pictured(page: str, images: Mapping[str, bytes | None], taken: Sequence[str]) -> str:
    """Return the page with the pictures of the PDF in it, each of which says that it is one."""

    def shown(found: re.Match[str]) -> str:
        text = html.escape(" ".join(taken[int(found[2]) - 1].split())[:200], quote=True)
        picture = images[f"{found[1]}{found[2]}.svg"]
        if picture is None:
            return f'<span class="pictured">[only in the PDF: <code>{text}</code>]</span>'
        return (
            f'<span class="pictured"><img src="{_data("image/svg+xml", picture)}" alt="In LaTeX: {text}">'
            "<small>as in the PDF</small></span>"
        )

    return re.sub(r'<img\s+src="(pictures/)(\d+)\.svg"[^>]*>', shown, page)


def _definitions(source: Source, style: Path) -> str:
    """Return the definitions of the handout's head and of the project's own style files."""
    known = {"reprose.sty", "phrases.sty"}
    own = {path.name: path.read_text(encoding="utf-8") for path in Path(style).glob("*.sty") if path.name not in known}
    return definitions(source.texts["handout.tex"].partition(r"\begin{document}")[0], own)


def _pandoc(text: str, style: Path, mark: str) -> tuple[str, str]:
    """Return the HTML that pandoc makes of `text`, and what it said meanwhile."""
    command = ["pandoc", *OPTIONS.split(), f"--variable=mark:{mark}", "+RTS", MEMORY, "-RTS"]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            command, input=text.encode(), capture_output=True, check=False, timeout=TIMEOUT, cwd=style, env=environment
        )
    except subprocess.TimeoutExpired as error:
        raise ReproseError(f"pandoc: still running after {TIMEOUT} s.") from error
    said = done.stderr.decode(errors="replace")
    if done.returncode:
        raise ReproseError(f"web page: pandoc failed: {_complaint(said, text)}")
    return done.stdout.decode(), said


def _complaint(said: str, text: str) -> str:
    """Return the error in what pandoc said, with the line of `text` that it names."""
    said = re.sub(r"^\[INFO\].*\n?(?:  .*\n)*", "", said, flags=re.MULTILINE)
    error = re.search(r"^(?!\[(?:INFO|WARNING)\]).*?\(line (\d+), column \d+\).*", said, flags=re.MULTILINE | re.DOTALL)
    if not error:
        return "\n".join(said.strip().splitlines()[-5:]) or "no message"
    line = text.split("\n")[int(error[1]) - 1 : int(error[1])]
    return "\n".join([*error[0].strip().splitlines()[:5], *(f"In the line: {found.strip()[:200]}" for found in line)])


def plain(source: Source, style: Path, pictures: Pictures) -> str:
    """Return one LaTeX text in plain commands: the definitions of webpage.tex, the title, then the body."""
    plainer = (Path(style) / "webpage.tex").read_text(encoding="utf-8")
    phrases = (Path(style) / "phrases.sty").read_text(encoding="utf-8")
    kept: list[str] = []
    files = {
        name.removesuffix(".tex"): set_apart(_with_listings(text, source.static), kept)
        for name, text in source.texts.items()
    }
    included = re.compile(r"\\(?:input|include)\{([^{}]*?)(?:\.tex)?\}")
    handout = files["handout"]
    while included.search(handout):
        handout = included.sub(lambda found: files[found[1].replace(r"\_", "_")], handout)
    head, _, rest = handout.partition(r"\begin{document}")
    titles = re.finditer(r"\\(?:title|subtitle|author|date)(?=\{)", head)
    shown_titles = [f"{found[0]}{{{argument(head, found.end())[0]}}}" for found in titles]
    body = rest.partition(r"\end{document}")[0]
    body = pictures.apart(body, kept)
    for pattern, text in (*FORMS, (r"\\bibliography\{[^{}]*\}", references(set_apart(source.bibliography, kept)))):
        body = re.sub(pattern, lambda found, text=text: text, body)
    plainer += _definitions(source, style) + phrases[phrases.index(r"\newcommand") :]
    for name, text in commands(phrases):
        body = re.sub(rf"\\{name}\b ?", lambda found, text=text: text, body)
    body = expand(body, "headline", 2, HEADLINE.format)
    numbered = Numbering(source.labels).apply(labels_into_headings(body))
    body = source.labels.resolve(simplify(mark_formulas(numbered)))
    signs = {name: character for character, name in FORMULAS.items()}
    body = re.sub(r"\\ensuremath\{\\(\w+)\}", lambda found: signs.get(found[1], found[0]), body)  # also in code
    body = re.sub(r"(\\includegraphics\*?(?:\[[^\]]*\])?\{[^{}]*)\.pdf\}", r"\1.svg}", body)
    plainer += "".join(rf"\newcommand\{name}{{{sign}}}" + "\n" for name, (sign, _) in QUOTES.items())
    return put_back("\n".join([plainer, *shown_titles, body]), [known_to_pandoc(piece) for piece in kept])


def _with_listings(text: str, static: Mapping[str, Path]) -> str:
    """Return LaTeX in which the files of the project that it lists stand in full."""

    def listed(found: re.Match[str]) -> str:
        if found[1] not in static:
            return found[0]
        return f"\\begin{{lstlisting}}\n{static[found[1]].read_text(encoding='utf-8')}\n\\end{{lstlisting}}"

    return re.sub(r"\\(?:lstinputlisting|verbatiminput|VerbatimInput)\*?(?:\[[^\]]*\])?\{([^{}]*)\}", listed, text)


def known_to_pandoc(piece: str) -> str:
    """Return a verbatim piece of LaTeX in a form that pandoc reads."""
    return re.sub(r"^\\path\b", r"\\nolinkurl", piece)


def commands(text: str) -> list[tuple[str, str]]:
    """Return the commands without arguments that a file defines, each with its text."""
    plain_text = re.sub(r"(?<!\\)%.*\n?", "", text)
    found = re.finditer(r"\\newcommand\\(\w+)(?=\{)", plain_text)
    return [(match[1], argument(plain_text, match.end())[0]) for match in found]


def references(bibliography: str) -> str:
    """Return the LaTeX of the list of references that BibTeX made, each entry a target of its citations."""
    entries = re.split(
        r"\\bibitem\[.*?\]\{([^{}]*)\}", bibliography.partition(r"\end{thebibliography}")[0], flags=re.DOTALL
    )
    pairs = zip(entries[1::2], entries[2::2], strict=True)
    clean = [(key, re.sub(r"\\newblock\b|\\penalty0 ?", "", text).strip()) for key, text in pairs]
    listed = "\n\n".join(rf"\hyperlink{{id:cite:{key}}}{{}}{text}" for key, text in clean)
    return rf"\section*{{References}}\begin{{references}}{listed}\end{{references}}" if clean else ""


def unread(said: str) -> set[str]:
    """Return the names of the commands that pandoc left out, and of the environments whose insides it cannot read."""
    skipped = set(re.findall(r"Skipped '\\([A-Za-z@]+)", said)) - set(LAYOUT.split()) - {"begin", "end"}
    return skipped | set(re.findall(rf"Skipped '\\begin\{{({'|'.join(KNOWN)})\*?\}}[^\n]*?'? at line", said))


def unshown(said: str) -> list[str]:
    """Return the formulas that pandoc cannot convert."""
    return re.findall(r"Could not convert TeX math (.*?), rendering as TeX", said, flags=re.DOTALL)


def finish(page: str, css: str, source: Source) -> str:
    """Return the page with style, figures and records inside, the marks in formulas as links, the contents in place.

    Every pattern begins with the < of a tag, which no text of the page holds: there, pandoc writes &lt;.
    """
    page = re.sub(r"<math[^>]*>.*?</math>", lambda found: marks_behind(found[0]), page, flags=re.DOTALL)
    page = linked(page, {anchor(record["name"]): record["name"] for record in json.loads(source.records)})
    page = re.sub(r'<a href="#cb\d+-\d+" aria-hidden="true" tabindex="-1"></a>', "", page)  # targets of lines of code
    page = re.sub(r"<th([^>]*)></th>", r"<td\1></td>", page)
    page = re.sub(r"<pre(?=[ >])", '<pre tabindex="0"', page)
    for pattern, text in MATHML:
        page = re.sub(pattern, text, page, flags=re.DOTALL)
    image = r'<img\s+src="(figures/[^"]*)\.svg"([^>]*)>'
    page = re.sub(image, lambda found: _image(_svg(source.figures[f"{found[1]}.pdf"]), ".svg", found[2]), page)
    page = re.sub(r'<img\s+src="([^"]*)"([^>]*)>', lambda found: _static(found, source.static), page)
    contents = re.search(r"<nav.*?</nav>\n", page, flags=re.DOTALL)
    if contents:
        page = page.replace(contents[0], "", 1)
        page = re.sub(r'<div class="contents">\s*</div>', lambda found: contents[0].strip(), page)
    page = page.replace(
        '<a href="#attached">', f'<a download="provenance.json" href="{_data("application/json", source.records)}">'
    )
    page = re.sub(r"(<style>\s*)/\* style \*/", lambda found: found[1] + css.strip(), page, count=1)
    for sign, shown in QUOTES.values():
        page = page.replace(sign, shown).replace(f"&#{ord(sign)};", shown)
    return page


def marks_behind(formula: str) -> str:
    """Return the MathML of a formula with the marks in it as links behind it, as inside nobody can reach them."""
    jobs = dict.fromkeys(re.findall(r"<mtext[^>]*>(pvmark[g-v]+)</mtext>", formula))
    link = '<a href="#pv:{}" class="pv"><span class="unseen">record</span></a>'
    plain_formula = re.sub(r"<mtext[^>]*>pvmark[g-v]+</mtext>", "", formula)
    return plain_formula + "".join(link.format(unmark(job)) for job in jobs)


def linked(page: str, jobs: Mapping[str, str]) -> str:
    """Return the page whose marks say what is known of their numbers, and whose records lead back to the marks."""
    counts: dict[str, int] = {}

    def known(found: re.Match[str]) -> str:
        job, about = found[1], re.search(r'data-about="(?:\||%7C)([^"]*)"', found[2])
        counts[job] = counts.get(job, 0) + 1
        told = f"{unquote(about[1])}; job {jobs[job]}" if about else f"job {jobs[job]}"
        rest = re.sub(r'\s*data-about="[^"]*"', "", found[2])
        return f'<a id="use:{job}:{counts[job]}" href="#pv:{job}"{rest} data-about="{told}">'

    def back(found: re.Match[str]) -> str:
        uses = range(1, min(counts.get(found[2], 0), BACK) + 1)
        links = " ".join(f'<a href="#use:{found[2]}:{use}">{use}</a>' for use in uses)
        return f'{found[1]}<p class="uses">back to the text: {links}</p>' if links else found[1]

    page = re.sub(r'<a\s+href="#pv:([^"]*)"([^>]*)>', known, page)
    return re.sub(r'(<div class="facts" id="pv:([^"]*)">.*?)<p class="uses"></p>', back, page, flags=re.DOTALL)


def _static(found: re.Match[str], static: Mapping[str, Path]) -> str:
    """Return the tag of a picture with the data of the project's file of that name, of a PDF as SVG."""
    names = [name for name in static if name == found[1] or name.rpartition(".")[0] == found[1].removesuffix(".svg")]
    if not names:
        return found[0]
    name, path = names[0], static[names[0]]
    is_pdf = path.suffix == ".pdf"
    content, kind = ((vector(path) or b""), ".svg") if is_pdf else (path.read_bytes(), path.suffix)
    alternative = "" if "alt=" in found[2] else f' alt="{html.escape(name, quote=True)}"'
    return _image(content, kind, alternative + found[2])


def _image(content: bytes, kind: str, attributes: str) -> str:
    """Return the tag of a picture; one that is drawn and told no width is as large beside the text as on paper."""
    size = re.search(rb'<svg\b[^>]*?\swidth="([\d.]+)(?:pt)?"', content) if kind == ".svg" else None
    style = f' style="width:{float(size[1]) / PRINT:g}em"' if size and "style=" not in attributes else ""
    return f'<img src="{_data(KINDS[kind], content)}"{attributes}{style}>'


def _svg(path: Path) -> bytes:
    file = Path(path).with_suffix(".svg")
    if not file.exists():
        raise ReproseError(f"{file}: missing. Rule 'plot' draws each figure as PDF and as SVG; delete its manifest.")
    return file.read_bytes()


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
