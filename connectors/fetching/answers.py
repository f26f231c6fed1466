"""What a server said: the answer as connectors see it, its secrets stripped, its bytes as sent."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_plus, urljoin, urlsplit, urlunsplit

from archiver.records.errors import AnswerUnreadable, TooLarge

_SECRET_PARAMETERS = re.compile(
    r"(?:.*(?:token|secret|passw|signature|credential|api_?key|hub\.verify|jwt).*"
    r"|key|auth|authorization|code|sig|sid|session|session_?id|pwd|pass|hmac|x-amz-.*|x-goog-.*)",
    re.IGNORECASE,
)
_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s;,]*))?)*)")
_LINK_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", re.IGNORECASE)
_PIECE = 64 * 1024
_DEFLATE = 8


class BrokenOff(Exception):
    """An exchange did not come to its end; asking again may help. Never leaves this package."""


def is_secret(name: str) -> bool:
    """Say whether what is called *name* holds a secret."""
    return bool(_SECRET_PARAMETERS.fullmatch(name.strip()))


def spoken(url: str) -> str:
    """Give *url* as it may be shown or kept: without user, fragment and secret parameters."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that cannot be read"
    shown = [
        piece
        for piece in parts.query.split("&")
        if piece and not is_secret(unquote_plus(piece.partition("=")[0]))
    ]
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "&".join(shown), ""))


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, whole. *url* is the final one, secrets stripped; header names are lower-case.

    *body* is what was sent; a content-encoding the server applied unasked has been undone. Where
    it was fetched it knows its exchange, and what is cut from it does, too.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> object:
        """Read the body as JSON.

        Raises:
            AnswerUnreadable: it is something else, such as a login page sent with 200.
        """
        try:
            value: object = json.loads(self.body)
        except (ValueError, RecursionError):
            raise AnswerUnreadable(
                f"{self.url} answered {self.status} with {self.described()} where JSON was due"
            ) from None
        return value

    def link(self, rel: str) -> str | None:
        """Give the target of the RFC 8288 link with relation *rel*, made absolute, or None."""
        for found in _LINK.finditer(self.headers.get("link", "")):
            relation = _LINK_REL.search(found[2])
            words = (relation[1] or relation[2] or "").lower().split() if relation else []
            if rel.lower() in words:
                return str(urljoin(self.url, found[1].strip()))
        return None

    def described(self) -> str:
        """Say what the body seems to be, without quoting any of it."""
        if not self.body.strip():
            return "nothing"
        if self.looks_like_html():
            return "an HTML page"
        return self.headers.get("content-type", "") or "something without a content type"

    def looks_like_html(self) -> bool:
        """Say whether the body begins as an HTML page does, whatever its content type."""
        start = self.body[:2048].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
        while start.startswith((b"<!--", b"<?")):
            end = b"-->" if start.startswith(b"<!--") else b"?>"
            start = start.partition(end)[2].lstrip()
        return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))


def unpacked(pieces: Iterable[bytes], encoding: str, *, cap: int) -> Iterator[bytes]:
    """Undo the content-encoding of *pieces*, giving at most *cap* bytes.

    Raises:
        TooLarge: more than *cap* came out, however little went in.
        AnswerUnreadable: the encoding is not one we know, or the bytes are not in it.
        BrokenOff: the compressed stream ends before its end.
    """
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        plain: Iterable[bytes] = pieces
    elif name in {"gzip", "x-gzip", "deflate"}:
        plain = _inflated(pieces, gzip=name != "deflate")
    else:
        raise AnswerUnreadable(f"the server compressed with {name!r} though asked not to")
    size = 0
    for piece in plain:
        size += len(piece)
        if size > cap:
            raise TooLarge(f"more than {cap} bytes came, and no more are taken")
        yield piece


def _inflated(pieces: Iterable[bytes], *, gzip: bool) -> Iterator[bytes]:
    inflate = None
    for piece in pieces:
        data = piece
        while data:
            if inflate is None:
                inflate = zlib.decompressobj(_window(data, gzip=gzip))
            try:
                yield inflate.decompress(data, _PIECE)
            except zlib.error:
                raise AnswerUnreadable("the compressed answer cannot be unpacked") from None
            data = inflate.unconsumed_tail
            if inflate.eof:
                data, inflate = (inflate.unused_data, None) if gzip else (b"", inflate)
    if inflate is not None and not inflate.eof:
        raise BrokenOff("the compressed answer ends before its end")


def _window(start: bytes, *, gzip: bool) -> int:
    if gzip:
        return 16 + zlib.MAX_WBITS
    wrapped = len(start) > 1 and start[0] & 15 == _DEFLATE and (start[0] << 8 | start[1]) % 31 == 0
    return zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS
