"""The container of an RSMF file: a mail whose one attachment, rsmf.zip, holds everything.

It may be gigabytes, so it is never parsed as mail is: its lines pass by, and the zip file's are
decoded as they come.
"""

from __future__ import annotations

import binascii
import email
from collections.abc import Iterable, Iterator
from email.errors import MessageError
from email.message import Message

from archiver.records.errors import AnswerUnreadable
from connectors.cutting import byte_lines

_LARGEST_HEAD = 1024**2
_ENOUGH = 64 * 1024
_EMPTY = frozenset({b"\n", b"\r\n"})


def headers_of(pieces: Iterable[bytes]) -> Message:
    """Give the headers with which the RSMF file begins that arrives in *pieces*.

    Raises:
        AnswerUnreadable: it does not begin with headers.
    """
    return _headers(byte_lines(pieces))


def zip_within(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give the bytes of the zip file in the RSMF file that arrives in *pieces*.

    Raises:
        AnswerUnreadable: there is none, it breaks off, or is not written as the format asks.
    """
    lines = byte_lines(pieces)
    boundary = _parameter(_headers(lines), "boundary")
    if not boundary:
        raise AnswerUnreadable("it is not made of parts, one of which is rsmf.zip")
    mark = b"--" + boundary.encode("ascii", "replace")
    ends = {mark, mark + b"--"}
    while _passed(lines, ends):
        part = _headers(lines)
        if (_parameter(part, "filename") or "").lower() == "rsmf.zip":
            if str(part.get("content-transfer-encoding", "")).strip().lower() != "base64":
                raise AnswerUnreadable("its rsmf.zip is not written in base64")
            yield from _decoded(lines, ends)
            return
    raise AnswerUnreadable("it has no part called rsmf.zip")


def _headers(lines: Iterator[bytes]) -> Message:
    head: list[bytes] = []
    size = 0
    for line in lines:
        if line in _EMPTY:
            return email.message_from_bytes(b"".join(head))
        head.append(line)
        size += len(line)
        if size > _LARGEST_HEAD:
            break
    raise AnswerUnreadable("its headers do not end")


def _parameter(part: Message, name: str) -> str | None:
    try:
        return part.get_boundary() if name == "boundary" else part.get_filename()
    except (ValueError, LookupError, TypeError, AttributeError, MessageError):
        return None


def _passed(lines: Iterator[bytes], ends: set[bytes]) -> bool:
    """Pass the lines of a part; say whether another part follows."""
    found = next((line.rstrip() for line in lines if line.rstrip() in ends), b"")
    return bool(found) and found == min(ends, key=len)


def _decoded(lines: Iterator[bytes], ends: set[bytes]) -> Iterator[bytes]:
    waiting = b""
    for line in lines:
        bare = line.strip()
        if bare in ends and (line.endswith(b"\n") or bare == max(ends, key=len)):
            yield _base64(waiting)
            return
        waiting += bare
        if len(waiting) >= _ENOUGH:
            whole = len(waiting) - len(waiting) % 4
            yield _base64(waiting[:whole])
            waiting = waiting[whole:]
    raise AnswerUnreadable("it breaks off within its rsmf.zip")


def _base64(text: bytes) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True) if text else b""
    except binascii.Error:
        raise AnswerUnreadable("its rsmf.zip is not written in base64") from None
