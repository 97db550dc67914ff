"""The values behind the figures and tables of a handout, as files beside its LaTeX, and a note on what they hold."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from reprose.document.figure_values import untold
from reprose.document.web.page import NO_PAGE
from reprose.document.web.printed_tables import PrintedTable, printed_tables
from reprose.jobs.record import Record

FOLDER = "anc"  # where arXiv looks for what belongs to an article and is no part of it
ABOUT = f"""
The folder {FOLDER}/ holds the values behind figures and tables, as CSV in UTF-8:

  PROBLEM/NAME.csv     what the figure figures/PROBLEM/NAME.pdf shows, a row for each point, bar, cell or corner: x and
                       y in the units of the axes, with all digits; rows of labels, ticks, texts and legends
  PROBLEM/tables/      tables of results, their numbers with all digits
  PROBLEM/numbers.json every number that the text and its tables print, with all digits, seed by seed
  table_NN.csv         each table of the handout in its order, as it is printed
"""
WHOLE = "Nothing is left out.\n"


def data_files(
    page: str, records: Iterable[Record], pictures: Iterable[str], root: Path = Path()
) -> tuple[dict[str, bytes], str]:
    """Return files by their names in an archive, and the note about them.

    `page` is the web page of a handout, `records` those of the jobs that drew its figures and found its numbers,
    `pictures` the names of its files of other origin.
    """
    found: dict[str, bytes] = {}
    lacking: list[str] = []
    for record in records:
        for place, name in _names(record).items():
            found[name] = (root / place).read_bytes()
            if record.key["rule"] == "plot":
                lacking += [f"{name}: {what}" for what in untold(found[name].decode())]
    tables, drawn = printed_tables(page)
    listed = {f"{FOLDER}/table_{number:02}.csv": table for number, table in enumerate(tables, 1)}
    found |= {name: table.csv().encode() for name, table in listed.items()}
    lacking += [f"{name}: a picture that came as a file" for name in pictures]
    lacking += [f"what LaTeX draws, as it begins: {latex}" for latex in drawn]
    lacking += ["the tables: there is no web page to read them from"] if NO_PAGE in page else []
    return found, ABOUT + _captions(listed) + _told(lacking)


def _names(record: Record) -> Mapping[str, str]:
    """Return the files with values that a job left, each with its name in an archive."""
    problem = record.key["problem"]
    made = [Path(path) for path in record.outputs if path.endswith((".csv", "/numbers.json"))]
    shelf = f"{FOLDER}/{problem}"
    below = "/tables" if record.key["rule"] == "summarize" else ""
    return {str(path): f"{shelf}{below if path.suffix == '.csv' else ''}/{path.name}" for path in made}


def _captions(listed: Mapping[str, PrintedTable]) -> str:
    return "".join(f"\n{name}: {table.caption or 'a table without a caption'}" for name, table in listed.items())


def _told(lacking: Iterable[str]) -> str:
    lines = "".join(f"  {what}\n" for what in lacking)
    return f"\n\nNot told as values:\n\n{lines}" if lines else f"\n\n{WHOLE}"
