"""What one walk over the WARC files of a deposit notes: which snapshots there are, and where."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from archiver.records.captures import Gap, GapReason
from archiver.records.errors import AnswerUnreadable, DepositRefused
from connectors.cutting import is_document, moment_of
from connectors.warc_deposit.framing import Place, Record
from connectors.website.listing import identity

MOST = 1_000_000
"""How many snapshots one deposit may hold: what is noted of them stays in memory."""

_WEB = ("http://", "https://")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? +(\d{3})\b")
_TYPE = re.compile(rb"(?:^|\n)content-type[ \t]*:[ \t]*([^\r\n;]*)", re.IGNORECASE)
_ASKED = re.compile(rb"([A-Z]+) ")
_END = re.compile(rb"\r?\n\r?\n")
_MARKUP = (b"text/html", b"application/xhtml")
_SHOWN_IN_PAGES = (b"image/", b"audio/", b"video/")
_FOUND, _UNTOLD = 200, 0


@dataclass(frozen=True, slots=True)
class Noted:
    """One snapshot of a page or document: where its record lies, and what it is of."""

    file: str
    number: int
    url: str
    when: datetime
    place: Place
    is_page: bool
    ids: tuple[str, str]


class Notes:
    """What was noted so far. *under* says how the addresses of pages begin; none takes all."""

    def __init__(self, under: Sequence[str]) -> None:
        self._under = tuple(identity(each) for each in under)
        self._noted: list[Noted] = []
        self._newest: dict[bytes, Noted] = {}
        self._files: dict[bytes, tuple[str, Place]] = {}
        self._answered: set[bytes] = set()
        self._posted: set[str] = set()
        self._again: dict[bytes, str] = {}
        self._cut_short: list[Gap] = []

    def take(self, file: str, number: int, record: Record) -> None:
        """Note what *record* is, the *number*th of *file*.

        Raises:
            DepositRefused: the deposit holds more than can be noted.
        """
        sort, url = record.fields.get("warc-type", ""), _address(record)
        if sort == "request":
            self._request(record)
        elif sort == "continuation":
            self._lacks(file, number, "the record goes on from another, and is not joined to it")
        elif sort == "revisit" and url.startswith(_WEB) and _is_page(record, untold=True):
            self._again.setdefault(_key(url), f"{file}, record {number}")
        elif sort in {"response", "resource"} and url.startswith(_WEB):
            self._answered.add(_key(url))
            if sort == "resource" or _status(record) == _FOUND:
                self._snapshot(file, number, url, record)
        if len(self._noted) + len(self._files) > MOST:
            raise DepositRefused(
                f"it holds more than {MOST} snapshots",
                remedy="Import the WARC files in several parts.",
            )

    def file_at(self, url: str) -> tuple[str, Place] | None:
        """Give the file and the place in it where the first snapshot of the file at *url* lies."""
        return self._files.get(_key(url))

    def misses(self, url: str) -> bool:
        """Say whether the page at *url* is wanted, and no answer of any kind was noted of it."""
        return self._wants(url) and _key(url) not in self._answered

    def in_order(self) -> list[Noted]:
        """Give every snapshot that was asked for by GET, the oldest first."""
        asked = [one for one in self._noted if self._posted.isdisjoint(one.ids)]
        self._newest = {_key(one.url): one for one in sorted(asked, key=lambda one: one.when)}
        return sorted(asked, key=lambda one: one.when)

    def is_newest(self, one: Noted) -> bool:
        """Say whether no later snapshot of the same address was noted."""
        return self._newest.get(_key(one.url)) is one

    def lacking(self) -> Iterator[Gap]:
        """Give a gap for every snapshot that is not whole, or refers to one that is not there."""
        yield from self._cut_short
        for key, what in self._again.items():
            if key not in self._answered:
                detail = "the record refers to an earlier snapshot, which the deposit does not hold"
                yield Gap(what=what, why=GapReason.OUT_OF_REACH, detail=detail)

    def _snapshot(self, file: str, number: int, url: str, record: Record) -> None:
        page = _is_page(record)
        if not page:
            self._files.setdefault(_key(url), (file, record.place))
        document = is_document(url) and not _kind(record).startswith(_SHOWN_IN_PAGES)
        if not (page or document) or not self._wants(url):
            return
        if record.fields.get("warc-truncated"):
            self._lacks(file, number, "whoever made the snapshot cut it short")
        try:
            when = moment_of(record.fields.get("warc-date"))
        except AnswerUnreadable:
            self._lacks(file, number, "the snapshot is not dated")
            return
        told = record.fields
        ids = told.get("warc-record-id", "?"), told.get("warc-concurrent-to", "?")
        self._noted.append(Noted(file, number, url, when, record.place, page, ids))

    def _request(self, record: Record) -> None:
        """Note what was asked for otherwise than by GET: its answer is no page."""
        asked = _ASKED.match(record.start)
        if asked and asked[1] != b"GET":
            for name in ("warc-record-id", "warc-concurrent-to"):
                self._posted.update(filter(None, [record.fields.get(name, "")]))

    def _lacks(self, file: str, number: int, detail: str) -> None:
        what = f"{file}, record {number}"
        self._cut_short.append(Gap(what=what, why=GapReason.UNREADABLE, detail=detail))

    def _wants(self, url: str) -> bool:
        return not self._under or identity(url).startswith(self._under)


def _address(record: Record) -> str:
    return record.fields.get("warc-target-uri", "").removeprefix("<").removesuffix(">")


def _key(url: str) -> bytes:
    return hashlib.blake2b(identity(url).encode("utf-8", "replace"), digest_size=12).digest()


def _status(record: Record) -> int:
    found = _STATUS.match(record.start)
    return int(found[1]) if found else _UNTOLD


def _is_page(record: Record, *, untold: bool = False) -> bool:
    """Say whether what was answered is a web page; *untold* is what counts where nothing says."""
    kind = _kind(record)
    return kind.startswith(_MARKUP) if kind else untold


def _kind(record: Record) -> bytes:
    """Give of what type the answer is said to be; of a resource, its block."""
    head = _END.split(record.start, 1)[0]
    if head.startswith(b"HTTP/"):
        found = _TYPE.search(head)
        return found[1].strip().lower() if found else b""
    told = record.fields.get("content-type", "")
    return b"" if told.startswith("application/http") else told.lower().encode("ascii", "replace")
