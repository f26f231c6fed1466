"""HTML, cut into the source of single elements; takes time in proportion to the length."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from html import unescape
from typing import NamedTuple

from connectors.cutting.html_text import MARKUP, Markup

_ATTRIBUTE = re.compile(
    r"""([^\s"'<>/=]+)(?:\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""", re.ASCII
)


class _Tag(NamedTuple):
    """One tag of a source: its name, what is written in it, where it begins and is over."""

    name: str
    inside: str
    begin: int
    end: int
    closing: bool


def attributes(inside: str) -> dict[str, str]:
    """Give the attributes written *inside* a tag, by lower-case names, their entities resolved."""
    found: dict[str, str] = {}
    for each in _ATTRIBUTE.finditer(inside):
        found.setdefault(each[1].lower(), unescape(each[2] or each[3] or each[4] or ""))
    return found


def html_tags(html: str) -> Iterator[tuple[str, dict[str, str], int]]:
    """Give each opening tag outside comments and scripts: name, attributes, where it begins."""
    for tag in _tags(html):
        if not tag.closing:
            yield tag.name, attributes(tag.inside), tag.begin


def html_element(html: str, name: str, value: str) -> tuple[int, int] | None:
    """Say where the first element whose attribute *name* has the word *value* begins and ends.

    Elements of the same tag inside it are counted; None where there is none, or it is never
    closed. The source is `html[begin:end]`, as the server wrote it.
    """
    for tag in _tags(html):
        if not tag.closing and value in attributes(tag.inside).get(name, "").split():
            return _span(html, tag)
    return None


def html_part(html: str, name: str) -> tuple[int, int] | None:
    """Say where the first element *name* begins and ends; None where there is none, or no end."""
    for tag in _tags(html):
        if tag.name == name and not tag.closing:
            return _span(html, tag)
    return None


def without_parts(html: str, names: Collection[str]) -> str:
    """Give *html* without its elements of *names*; one that is never closed stays."""
    left: list[str] = []
    wanted, at = set(names), 0
    while begun := next((t for t in _tags(html, at) if t.name in wanted and not t.closing), None):
        span = _span(html, begun)
        if span is None:
            wanted.discard(begun.name)
            continue
        left.append(html[at : span[0]])
        at = span[1]
    return "".join((*left, html[at:]))


def _span(html: str, opened: _Tag) -> tuple[int, int] | None:
    depth = 0
    for tag in _tags(html, opened.begin):
        if tag.name == opened.name:
            depth += -1 if tag.closing else 1
            if depth == 0:
                return opened.begin, tag.end
    return None


def _tags(html: str, start: int = 0) -> Iterator[_Tag]:
    reading, at = Markup(html), start
    while found := MARKUP.search(html, at):
        end = reading.end(found)
        at = found.end() if end < 0 else end
        if end >= 0 and found["tag"]:
            over = reading.tag_end(found.end())
            closing = found[0].startswith("</")
            yield _Tag(found["tag"].lower(), html[found.end() : over], found.start(), over, closing)
