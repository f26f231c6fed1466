"""HTML, read as a person would: its text, without its markup."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator

_BREAKING = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote br caption center dd details dialog div dl dt fieldset "
        "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr legend li main nav ol optgroup "
        "option p pre section summary table tbody tfoot thead tr ul",
    )
)
_SPACING = frozenset({"td", "th"})
_CLOSING = {
    name: re.compile(rf"</{name}[^>]*>", re.IGNORECASE)
    for name in ("script", "style", "template", "title")
}
MARKUP = re.compile(r"<(?:(?P<comment>!--)|[!?]|/?(?P<tag>[A-Za-z][^\s/>]*))")
_TAG_END = re.compile(r"""(?:[^>"'=]++|=\s*+"[^"]*+"|=\s*+'[^']*+'|[="'])*+>""")
_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
_BREAK = "\u2028"


def visible_text(html: str) -> str:
    """Give the text a reader sees of *html*: one line to a block, white space folded.

    Scripts, style sheets, titles, comments and descriptions of pictures are left out; where one
    is never closed, what follows is given as text. Never raises, takes time in proportion to the
    length, and gives the same under every Python, so that no upgrade makes a new version.
    """
    seen = "".join(_seen(html))
    lines = (line.strip() for line in _BLANKS.sub(" ", seen).split(_BREAK))
    return "\n".join(line for line in lines if line)


def _seen(html: str) -> Iterator[str]:
    """Give the pieces of text between the tags, and a break or a space where a tag makes one."""
    reading = Markup(html)
    at = 0
    while found := MARKUP.search(html, at):
        yield _resolved(html[at : found.start()])
        end = reading.end(found)
        if end < 0:
            at = found.end()
            yield found[0]
            continue
        at = end
        tag = (found["tag"] or "").lower()
        if tag in _BREAKING:
            yield _BREAK
        elif tag in _SPACING:
            yield " "
    yield _resolved(html[at:])


def _resolved(text: str) -> str:
    try:
        return entities.unescape(text) if "&" in text else text
    except ValueError:  # a numeric reference of thousands of digits
        return text


class Markup:
    """Finds where a piece of markup ends; never looks twice for an end that is not there."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._absent: set[str] = set()

    def end(self, found: re.Match[str]) -> int:
        """Give where the markup that *found* begins is over, or -1 where it never is."""
        if found["comment"]:
            return self._after("-->", found.end() - 2)
        if not found["tag"]:
            return self._after(">", found.end())
        end = self.tag_end(found.end())
        closing = _CLOSING.get(found["tag"].lower())
        if end < 0 or closing is None or found[0].startswith("</"):
            return end
        if closing.pattern not in self._absent:
            if last := closing.search(self._html, end):
                return last.end()
            self._absent.add(closing.pattern)
        return end

    def tag_end(self, at: int) -> int:
        """Give where the tag is over whose name ends at *at*, or -1 where it never is."""
        if "quotes" not in self._absent:
            if whole := _TAG_END.match(self._html, at):
                return whole.end()
            self._absent.add("quotes")
        return self._after(">", at)

    def _after(self, mark: str, at: int) -> int:
        if mark in self._absent:
            return -1
        place = self._html.find(mark, at)
        if place < 0:
            self._absent.add(mark)
            return -1
        return place + len(mark)
