"""What a piece of HTML leads to: its links, and the files it shows or offers."""

from __future__ import annotations

import html as markup
import re
from collections.abc import Iterator
from urllib.parse import unquote, urljoin, urlsplit

from connectors.cutting.html_source import html_tags
from connectors.cutting.html_text import visible_text

_DOCUMENT = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|odp|rtf|csv|zip|jpe?g|png|gif|webp|mp3|mp4|mov|wav)$",
    re.IGNORECASE,
)
_ANCHOR = re.compile(r"<a\s[^>]*>", re.IGNORECASE)
_HREF = re.compile(r"""\shref\s*=\s*["']([^"']*)["']""", re.IGNORECASE)
_MENTION = re.compile(r"""\sclass\s*=\s*["'][^"']*\b(?:mention|hashtag)\b""", re.IGNORECASE)
_LONGEST = 4096
"""A link whose words end no sooner has none that describe it."""

_WEB = ("http://", "https://")


def is_document(url: str) -> bool:
    """Say whether *url* names a file that is no web page, by its ending."""
    try:
        return bool(_DOCUMENT.search(urlsplit(url).path))
    except ValueError:
        return False


def file_name(url: str) -> str:
    """Give the name of the file at *url*: what its path ends in."""
    return unquote(urlsplit(url).path.rpartition("/")[2])


def html_links(html: str, base: str) -> Iterator[str]:
    """Give every address that *html* links to, once, made absolute; scripts' are left out."""
    found = (named.get("href", "") for tag, named, _ in html_tags(html) if tag == "a")
    made = (_joined(base, link) for link in found if link.strip())
    yield from dict.fromkeys(link for link in made if link.startswith((*_WEB, "mailto:", "tel:")))


def fediverse_links(html: str) -> Iterator[str]:
    """Give every address that a post as Mastodon writes it links to; no mention, no hashtag."""
    anchors = (a for a in _ANCHOR.findall(html) if not _MENTION.search(a))
    yield from (_unescaped(found[1]) for a in anchors if (found := _HREF.search(a)))


def html_files(html: str, base: str) -> Iterator[tuple[str, str]]:
    """Give every picture in *html*, and every document it links to: address and description.

    A picture is described by its alternative text, a document by the words of its link.
    """
    for tag, named, at in html_tags(html):
        url = _joined(base, named.get("src" if tag in {"img", "source"} else "href", ""))
        if not url.startswith(_WEB):
            continue
        if tag in {"img", "source"} and named.get("src"):
            yield url, " ".join(named.get("alt", "").split())
        elif tag == "a" and is_document(url):
            end = html.find("</a", at, at + _LONGEST)
            yield url, visible_text(html[at : end if end > 0 else at]).replace("\n", " ")


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return ""


def _unescaped(text: str) -> str:
    try:
        return markup.unescape(text)
    except ValueError:  # a numeric reference of thousands of digits
        return text
