"""What a reader's browser sees of a web page: its targets, links, text and headings."""

import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pikepdf

BROKEN = re.compile(r"(?<=arXiv\.)\n")  # an address that goes on in the next line of a PDF
ADDRESS = re.compile(r"https?://\S+")  # may hold a ~
LATEX = re.compile(r"\\[A-Za-z]+|\$|~|``|\bpvmark|\?\?")

# A number with decimals or of three digits; shorter ones are also those of pages. 10 to the power of 12 reads as 1012.
NUMBER = re.compile(
    r"(?<![\w.,])(?:\d{1,3}(?:,\d{3})*\.\d+|\d+\.\d+|\d{1,3}(?:,\d{3})+|(?!10\d\d?\b)\d{3,})(?!\w|[.,]\d)"
)
UNPRINTED = re.compile(r'<(style|title)\b.*?</\1>|<span class="unseen">.*?</span>', flags=re.DOTALL)


class Page(HTMLParser):
    """One parsed page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loads, self.levels, self.alts, self.open = [], [], [], [], [], []
        self.words = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [attributes["href"]] if "href" in attributes else []
        self.loads += [attributes[name] for name in ("src", "srcset", "poster", "data") if name in attributes]
        self.levels += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        self.alts += [attributes.get("alt")] if tag == "img" else []
        self.open += [tag] if tag in ("style", "script", "pre", "code") else []

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data):
        if not self.open:
            self.words.append(data)

    @property
    def text(self):
        """Return the prose, with single spaces."""
        return " ".join("".join(self.words).split())


def faults(text):
    """Return what is wrong with the page of this HTML, in words; nothing if all is well."""
    page = Page(text)
    found = [f"twice: {name}" for name in sorted({name for name in page.ids if page.ids.count(name) > 1})]
    wanted = {link[1:] for link in page.links if link.startswith("#")}
    found += [f"leads nowhere: {name}" for name in sorted(wanted - set(page.ids))]
    found += [f"fetches: {link}" for link in page.loads if not link.startswith("data:")]
    found += re.findall(r"@import[^;]*|url\([^)]*\)|<(?:link|script|iframe|embed|object)\b[^>]*>", text)
    found += [f"LaTeX: {word}" for word in LATEX.findall(ADDRESS.sub("", page.text))]
    found += ["an image without text"] * page.alts.count(None)
    found += [f"heading h{low} above h{high}" for low, high in pairwise(page.levels) if high > low + 1]
    return found


def printed_numbers(pdf, last):
    """Return how often each number stands in a PDF before the page `last`, without those drawn in figures."""
    with pikepdf.open(BytesIO(pdf)) as document:
        for page in document.pages:
            if "/XObject" in page.Resources:
                page.Resources.XObject = pikepdf.Dictionary()
        buffer = BytesIO()
        document.save(buffer)
    command = ["pdftotext", "-l", str(last - 1), "-", "-"]
    text = subprocess.run(command, input=buffer.getvalue(), capture_output=True, check=True).stdout.decode()
    return Counter(NUMBER.findall(BROKEN.sub("", text)))


def shown_numbers(html, end):
    """Return how often each number stands in the text of a web page before the text `end`."""
    text = UNPRINTED.sub("", html.partition(end)[0])
    words = re.sub("<[^>]*>", "", re.sub(r"</(?:p|td|th|li|h\d|mtd|mn|mi|mo|div)>", r"\g<0> ", text))
    return Counter(NUMBER.findall(words))


def different_numbers(pdf, html):
    """Return the numbers that a handout and its web page do not print equally often: before the index of records."""
    with pikepdf.open(BytesIO(pdf)) as document:
        last = len(document.pages)
    printed, shown = printed_numbers(pdf, last), shown_numbers(html, 'id="app:provenance"')
    return {"PDF alone": dict(printed - shown), "page alone": dict(shown - printed)} if printed != shown else {}


def main(handouts):
    """Print what the PDFs and pages of these handouts, paths without suffix, do not have in common; 1 if anything."""
    found = {}
    for path in map(Path, handouts):
        pdf, html = path.with_suffix(".pdf").read_bytes(), path.with_suffix(".html").read_text(encoding="utf-8")
        html = re.sub("data:[a-z+/]+;base64,[A-Za-z0-9+/=]+", "", html)
        found |= {f"{path}: {name}": numbers for name, numbers in different_numbers(pdf, html).items()}
    print(*(f"{where}: {numbers}" for where, numbers in found.items()), sep="\n", end="\n" if found else "")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
