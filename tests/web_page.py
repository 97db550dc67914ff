"""What a reader's browser sees of a web page: its targets, links, text and headings."""

import re
from html.parser import HTMLParser
from itertools import pairwise

LATEX = re.compile(r"\\[A-Za-z]+|\$|~|``|\bpvmark|\?\?")


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
    found += [f"LaTeX: {word}" for word in LATEX.findall(page.text)]
    found += ["an image without text"] * page.alts.count(None)
    found += [f"heading h{low} above h{high}" for low, high in pairwise(page.levels) if high > low + 1]
    return found
