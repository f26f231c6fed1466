"""HTML, cut into the source of single elements, by the attribute that tells them apart."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from html import unescape

_ATTRIBUTE = re.compile(
    r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""", re.ASCII
)
_OPENING = re.compile(r"""<([A-Za-z][A-Za-z0-9:-]*)((?:[^>"']++|"[^"]*+"|'[^']*+')*+)>""")
_SKIPPED = r"""<!--.*?-->|<script\b.*?</script\s*>|<style\b.*?</style\s*>"""


def attributes(tag: str) -> dict[str, str]:
    """Give the attributes written in *tag*, by lower-case names, their entities resolved."""
    found: dict[str, str] = {}
    for each in _ATTRIBUTE.finditer(tag):
        found.setdefault(each[1].lower(), unescape(each[2] or each[3] or each[4] or ""))
    return found


def html_tags(html: str) -> Iterator[tuple[str, dict[str, str], int]]:
    """Give each opening tag outside comments and scripts: name, attributes, where it begins."""
    for found in re.finditer(f"{_SKIPPED}|{_OPENING.pattern}", html, re.DOTALL | re.IGNORECASE):
        if found[1] is not None:
            yield found[1].lower(), attributes(found[2]), found.start()


def html_element(html: str, name: str, value: str, *, start: int = 0) -> tuple[int, int] | None:
    """Say where the first element whose attribute *name* has the word *value* begins and ends.

    Elements of the same tag inside it are counted; None where there is none from *start* on, or
    it is never closed. The source is `html[begin:end]`, as the server wrote it.
    """
    for tag, named, at in html_tags(html):
        if at >= start and value in named.get(name, "").split():
            end = _end(html, tag, at)
            return None if end is None else (at, end)
    return None


def html_part(html: str, tag: str) -> tuple[int, int] | None:
    """Say where the first element *tag* begins and ends; None where there is none, or no end."""
    for name, _, at in html_tags(html):
        if name == tag:
            end = _end(html, tag, at)
            return None if end is None else (at, end)
    return None


def without_parts(html: str, tags: Collection[str]) -> str:
    """Give *html* without its elements of *tags*; one that is never closed stays."""
    left, at = [], 0
    for name, _, begin in html_tags(html):
        end = _end(html, name, begin) if name in tags and begin >= at else None
        if end is not None:
            left.append(html[at:begin])
            at = end
    return "".join((*left, html[at:]))


def _end(html: str, tag: str, begin: int) -> int | None:
    depth = 0
    one = re.compile(
        rf"{_SKIPPED}|<(/?){tag}\b(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+>", re.DOTALL | re.IGNORECASE
    )
    for found in one.finditer(html, begin):
        if found[1] is None:
            continue
        depth += -1 if found[1] else 1
        if depth == 0:
            return found.end()
    return None
