"""Files of mail, cut into single messages: one to a file, or a mailbox of any size.

In a mailbox (mbox) each message begins after a line `From `, which follows an empty one. Writers
disagree on what they do to a line of a message that looks the same; so such a line divides only
where it has a time and a year, or is followed by a header that real mail begins with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise

from connectors.cutting import byte_lines
from connectors.mail import LARGEST_MESSAGE

_DATED = re.compile(rb"From .*\b\d{1,2}:\d\d\b.*\b\d{4}\b")
_HEADER = re.compile(
    rb"(?:Return-Path|Received|Delivered-To|Envelope-To|Message-ID|Date|From|To|Cc|Subject|Reply-To|"
    rb"Sender|MIME-Version|Content-Type|Status|DKIM-Signature|ARC-\w[\w-]*|X-[\w-]+):",
    re.IGNORECASE,
)
_EMPTY = frozenset({b"\n", b"\r\n"})
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mailed:
    """One message as it stands in a file, from byte *begin* on; *place* says that to a reader.

    *size* is its length; *raw* is empty where that is more than `LARGEST_MESSAGE`. *envelope* is
    the line before it in a mailbox. *cut_off* says that the file ends within a line.
    """

    place: str
    begin: int
    size: int
    raw: bytes
    envelope: bytes = b""
    cut_off: bool = False

    @property
    def body(self) -> bytes:
        """Give the message as it was sent: without the marks that its mailbox added."""
        return _QUOTED.sub(rb"\1", self.raw) if self.envelope else self.raw


def one_message(pieces: Iterable[bytes]) -> Iterator[Mailed]:
    """Give the message that the file is that arrives in *pieces*."""
    kept: list[bytes] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size <= LARGEST_MESSAGE:
            kept.append(piece)
    raw = b"".join(kept) if size <= LARGEST_MESSAGE else b""
    yield Mailed("message 1", 0, size, raw)


def messages(pieces: Iterable[bytes]) -> Iterator[Mailed]:
    """Give each message of the mailbox that arrives in *pieces*.

    Raises:
        DepositRefused: a line is larger than any real one; the messages before have been given.
    """
    building: _Building | None = None
    number, at, after_empty = 0, 0, True
    for line, following in pairwise(chain(byte_lines(pieces), [b""])):
        if after_empty and _divides(line, following):
            if building is not None:
                yield building.ended()
            number += 1
            building = _Building(number, at + len(line), line)
        elif building is None:
            number = 1
            building = _Building(number, at, b"From ")
            building.add(line)
        else:
            building.add(line)
        at += len(line)
        after_empty = line in _EMPTY
    if building is not None:
        yield building.ended()


def _divides(line: bytes, following: bytes) -> bool:
    if not line.startswith(b"From "):
        return False
    return bool(_DATED.match(line) or _HEADER.match(following))


class _Building:
    """A message whose lines are still coming."""

    def __init__(self, number: int, begin: int, envelope: bytes) -> None:
        self._number = number
        self._begin = begin
        self._envelope = envelope
        self._lines: list[bytes] = []
        self._size = 0
        self._last = b"\n"

    def add(self, line: bytes) -> None:
        """Add a line; those of what is too large are only counted."""
        self._size += len(line)
        self._last = line
        if self._size <= LARGEST_MESSAGE:
            self._lines.append(line)
        else:
            self._lines.clear()

    def ended(self) -> Mailed:
        """Give the message, without the empty line by which a mailbox ends it."""
        if self._lines and self._lines[-1] in _EMPTY:
            self._size -= len(self._lines.pop())
        whole = self._size <= LARGEST_MESSAGE
        return Mailed(
            place=f"message {self._number} at byte {self._begin}",
            begin=self._begin,
            size=self._size,
            raw=b"".join(self._lines) if whole else b"",
            envelope=self._envelope,
            cut_off=not self._last.endswith(b"\n"),
        )
