"""The tables of a handout as they are printed, read from its web page."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = ("br", "img", "col", "hr", "meta", "link", "input", "wbr")  # tags that nothing closes
SIGNS = {"msup": "^", "msub": "_", "msubsup": "_^", "mfrac": "/", "sup": "^", "sub": "_"}  # before the parts of each
MINUS = "\u2212"


@dataclass
class PrintedTable:
    """One table: its caption, and its rows of texts, those of the head first."""

    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)

    def csv(self) -> str:
        """Return the rows as CSV; what spans several columns or rows stands in the first, the others are empty."""
        file = io.StringIO()
        width = max((len(row) for row in self.rows), default=0)
        csv.writer(file, lineterminator="\n").writerows([*row, *[""] * (width - len(row))] for row in self.rows)
        return file.getvalue()


def printed_tables(page: str) -> tuple[list[PrintedTable], list[str]]:
    """Return the tables of a page in their order, and the LaTeX of what it shows as pictures, which may be tables."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.tables, reader.pictures


class _Reader(HTMLParser):
    """Collects the texts of tables; formulas with the signs that tell an exponent from a digit."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[PrintedTable] = []
        self.pictures: list[str] = []
        self.open: list[tuple[str, str]] = []  # tags, each with what is written at its end
        self.children = [0]  # of each open tag, and of the page
        self.parts: list[str] | None = None  # of the cell or caption that is read
        self.caption = ""
        self.unseen = 0  # open tags within one that nobody sees
        self.spans: dict[int, int] = {}  # column -> rows that a cell above still covers

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "br":
            self.handle_data(" ")
        if tag == "img" and (told.get("alt") or "").startswith("In LaTeX: "):
            self.pictures.append(str(told["alt"]).removeprefix("In LaTeX: "))
        if tag in VOID:
            return
        end = self._sign(tag)
        self.children[-1] += 1
        self.open.append((tag, end))
        self.children.append(0)
        self.unseen += bool(self.unseen) or tag == "annotation" or "unseen" in (told.get("class") or "").split()
        if tag == "table":
            self.tables.append(PrintedTable(self.caption))
            self.caption, self.spans = "", {}
        elif tag == "tr" and self.tables:
            self.tables[-1].rows.append([])
        elif tag in ("td", "th", "figcaption", "caption"):
            self.parts, self.wide, self.high = [], int(told.get("colspan") or 1), int(told.get("rowspan") or 1)

    def _sign(self, tag: str) -> str:
        """Write what stands before a part of a formula; return what stands behind it."""
        parent, place = self.open[-1][0] if self.open else "", self.children[-1]
        if tag in ("sup", "sub"):
            self.handle_data(SIGNS[tag])
        signs = SIGNS.get(parent, "") if parent.startswith("m") else ""
        self.handle_data(signs[place - 1 : place] if place else "")
        grouped = (signs and tag == "mrow") or tag == "msqrt"
        self.handle_data(("√(" if tag == "msqrt" else "(") if grouped else "")
        return ")" if grouped else ""

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag not in [name for name, _ in self.open]:
            return
        while True:
            name, end = self.open.pop()
            self.children.pop()
            self.handle_data(end)
            self.unseen -= bool(self.unseen)
            if name == tag:
                break
        if tag in ("td", "th") and self.tables and self.parts is not None:
            self._place(self._text())
        elif tag in ("figcaption", "caption") and self.parts is not None:
            self.caption = self._text()
            if tag == "caption" and self.tables:
                self.tables[-1].caption, self.caption = self.caption, ""

    def _text(self) -> str:
        text = " ".join("".join(self.parts or []).split()).replace(MINUS, "-")
        self.parts = None
        return text

    def _place(self, text: str) -> None:
        row = self.tables[-1].rows[-1]
        while self.spans.get(len(row), 0) > 0:  # covered from above
            self.spans[len(row)] -= 1
            row.append("")
        for column in range(len(row), len(row) + self.wide):
            self.spans[column] = self.high - 1
        row += [text, *[""] * (self.wide - 1)]

    def handle_data(self, data: str) -> None:
        if self.parts is not None and not self.unseen:
            self.parts.append(data)
