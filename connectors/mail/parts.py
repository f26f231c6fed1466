"""A message's parts: the text a reader sees, and the files it carries.

The standard library's parser takes any bytes, and tells what is wrong with them as defects; what
it raises all the same on hostile mail is caught here, part by part, and leaves a mark.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.errors import (
    CloseBoundaryNotFoundDefect,
    MessageError,
    MissingHeaderBodySeparatorDefect,
    StartBoundaryNotFoundDefect,
)
from email.headerregistry import BaseHeader, HeaderRegistry
from email.message import EmailMessage, Message
from functools import lru_cache, partial
from typing import TypeVar

from connectors.cutting import html_links, visible_text

HOSTILE = (
    ArithmeticError, AssertionError, AttributeError, LookupError, MessageError, RecursionError,
    TypeError, ValueError,
)  # fmt: skip
"""What the standard library raises on mail that is made to hurt."""

LARGEST_MESSAGE = 48 * 1024**2
"""The most bytes a message may have; mail servers take a half of that, as a rule."""

ODD = "mail-odd"
"""Marks a message of which a part or a header could not be read as it is declared."""

_LONGEST_HEADER = 64 * 1024
_MOST_BOUNDARIES = 500
"""The parser takes time by the square of how many parts lie in one another."""

_BOUNDARY = re.compile(rb"boundary\s*=", re.IGNORECASE)
_FOLD = re.compile(r"[\r\n\0]+")
_SHORT = 1000
"""A header of at most so many characters is remembered: most parts of most mail say the same."""

_BROKEN = (CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect)
_T = TypeVar("_T")
_Other = TypeVar("_Other")


_read_header = HeaderRegistry()
_read_again = lru_cache(maxsize=256)(_read_header)


def read_header(name: str, value: str) -> BaseHeader:
    """Read the header *name*, as the standard library's default policy does, but each one once.

    Its parser asks for the same header again and again. What it raises is told in `HOSTILE`.
    """
    return _read_again(name, value) if len(value) <= _SHORT else _read_header(name, value)


_POLICY = email.policy.default.clone(header_factory=read_header)


@dataclass(frozen=True, slots=True)
class File:
    """A file that a message carries: its name and media type, and its bytes when asked."""

    name: str
    media_type: str
    read: Callable[[], bytes]


@dataclass(slots=True)
class Parts:
    """What a message holds. *broken* says that its last part was never closed."""

    texts: list[str] = field(default_factory=list)
    links: dict[str, None] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)
    boundaries: list[str] = field(default_factory=list)
    broken: bool = False


def parsed(raw: bytes) -> EmailMessage:
    """Parse the message *raw*.

    Raises:
        ValueError: it is made of more parts within parts than mail is.
    """
    if len(_BOUNDARY.findall(raw)) > _MOST_BOUNDARIES:
        raise ValueError("it is made in a way that no mail is")
    try:
        return email.message_from_bytes(raw, EmailMessage, policy=_POLICY)
    except HOSTILE:
        raise ValueError("it is made in a way that no mail is") from None


def parts_of(message: EmailMessage) -> Parts:
    """Give the text and the files of *message*."""
    found = Parts()
    try:
        _gather(message, found)
    except RecursionError:
        found.marks.add(ODD)
        found.broken = True
    if found.broken and found.texts:
        found.texts[-1] = _without_half_a_boundary(found.texts[-1], found.boundaries)
    return found


def _without_half_a_boundary(text: str, boundaries: list[str]) -> str:
    """Give *text* without its last line, where that is a boundary that was cut off."""
    before, _, last = text.rpartition("\n")
    halved = last and any(f"--{boundary}--".startswith(last) for boundary in boundaries)
    return before.rstrip("\n") if halved else text


def header(message: EmailMessage, name: str, marks: set[str]) -> str:
    """Give what stands under *name*, unfolded; bytes that are UTF-8 are read as that."""
    values = (value for key, value in message.raw_items() if key.lower() == name)
    value = _FOLD.sub(" ", str(next(values, "")))
    if len(value) > _LONGEST_HEADER:
        marks.add(ODD)
        value = value[:_LONGEST_HEADER]
    try:
        return value.encode("ascii", "surrogateescape").decode("utf-8").strip()
    except UnicodeError:
        return value.encode("utf-8", "replace").decode("utf-8").strip()


def safely(read: Callable[[], _T], otherwise: _Other, marks: set[str]) -> _T | _Other:
    """Give what *read* gives; where it fails on hostile mail, *otherwise*, and mark that."""
    try:
        return read()
    except HOSTILE:
        marks.add(ODD)
        return otherwise


def _gather(part: Message, into: Parts) -> None:
    """Sort *part* and what lies in it into text and files."""
    into.broken = into.broken or any(isinstance(d, _BROKEN) for d in part.defects)
    kind = safely(part.get_content_type, "application/octet-stream", into.marks)
    if boundary := safely(part.get_boundary, None, into.marks):
        into.boundaries.append(boundary)
    if kind == "multipart/alternative":
        _choose(_inner(part), into)
    elif kind.startswith("multipart/"):
        for inner in _inner(part):
            _gather(inner, into)
    elif kind in ("text/plain", "text/html") and not _is_file(part, into.marks):
        _say(part, kind, into)
    else:
        into.files.append(_file(part, kind, into.marks))


def _inner(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (each for each in payload if isinstance(each, Message))


def _choose(ways: Iterator[Message], into: Parts) -> None:
    """Take of several ways to say the same the plain one, or the web page; the rest are files."""
    said: dict[str, Parts] = {}
    for way in ways:
        kind = safely(way.get_content_type, "application/octet-stream", into.marks)
        alone = Parts(marks=into.marks, boundaries=into.boundaries, broken=into.broken)
        _gather(way, alone)
        into.broken = into.broken or alone.broken
        into.files.extend(alone.files)
        if any(text.strip() for text in alone.texts):
            said.setdefault(kind, alone)
    chosen = said.get("text/plain") or next(iter(said.values()), None)
    if chosen is not None:
        into.texts.extend(chosen.texts)
        into.links.update(chosen.links)


def _is_file(part: Message, marks: set[str]) -> bool:
    disposition: str | None = safely(part.get_content_disposition, "attachment", marks)
    return disposition == "attachment" or bool(safely(part.get_filename, None, marks))


def _say(part: Message, kind: str, into: Parts) -> None:
    if into.broken and any(isinstance(d, MissingHeaderBodySeparatorDefect) for d in part.defects):
        return  # a header that was cut off, which is no text
    data = _bytes(part, into.marks)
    charset = safely(part.get_content_charset, None, into.marks) or "utf-8"
    text = safely(lambda: data.decode(charset, "replace"), "", into.marks)
    if data and not text:
        text = data.decode("utf-8", "replace")
    text = text.replace("\r\n", "\n").replace("\0", "\ufffd")
    if kind == "text/html":
        into.links.update(dict.fromkeys(html_links(text, "")))
        text = visible_text(text)
    into.texts.append(text.strip("\n"))


def _file(part: Message, kind: str, marks: set[str]) -> File:
    name = safely(part.get_filename, None, marks) or ""
    if not name and kind == "message/rfc822":
        name = "message.eml"
    return File(name.replace("\0", ""), kind, lambda: _bytes(part, marks))


def _bytes(part: Message, marks: set[str]) -> bytes:
    """Give the bytes of *part*: decoded, or of a message within it as that message stands."""
    if part.is_multipart():
        return b"".join(safely(partial(_as_sent, inner), b"", marks) for inner in _inner(part))
    payload: object = safely(lambda: part.get_payload(decode=True), None, marks)
    return payload if isinstance(payload, bytes) else b""


def _as_sent(message: Message) -> bytes:
    """Give a message within another with its headers folded as they came."""
    return message.as_bytes(policy=_POLICY.clone(refold_source="none"))
