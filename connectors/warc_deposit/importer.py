"""The importer: one walk notes where every record lies, then each page is read in its order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import groupby

from archiver.ports import Downloaded
from archiver.records.captures import Gap, GapReason, Observation
from archiver.records.errors import (
    AnswerUnreadable,
    AttachmentGone,
    ConnectorError,
    DepositRefused,
    TooLarge,
)
from archiver.records.items import Attachment, Content
from archiver.records.pages import FetchSettings
from connectors.cutting import LARGEST_ELEMENT
from connectors.deposits import Deposit, DepositSource, Element, Reading, Shown, spooled
from connectors.fetching import spoken
from connectors.warc_deposit.framing import COMPRESSED, Place, read_at, records
from connectors.warc_deposit.noting import Noted, Notes
from connectors.warc_deposit.package import INDEXES, package_in, pages_in, proven
from connectors.warc_deposit.snapshots import Taken, file_content, file_in, page_content

_WEB = ("http://", "https://")
_HEADERS = 64 * 1024


class WarcSource(DepositSource):
    """The snapshots of a deposit, opened for one visit."""

    def __init__(self, fetching: FetchSettings, deposit: Deposit, *, under: Sequence[str]) -> None:
        """Note where every snapshot in *deposit* lies; *under* says how their addresses begin.

        Raises:
            DepositRefused: it holds no WARC file, or one that unpacks beyond bounds.
        """
        package = package_in(deposit)
        self._notes = Notes(under)
        self._compressed: dict[str, bool] = {}
        lacking = list(package.lacking)
        for name in package.warcs:
            start = deposit.cut(name, 0, min(len(COMPRESSED), deposit.size(name)))
            self._compressed[name] = start == COMPRESSED
            lacking += self._noted(deposit, name, package.proofs.get(name, ""))
        for name in package.pages:
            lacking += self._listed(deposit, name, package.proofs.get(name, ""))
        lacking += self._notes.lacking()
        super().__init__(
            deposit,
            fetching,
            self._reading,
            unread=package.unread,
            consulted=(*package.warcs, *package.pages, *package.lists),
            itemless=INDEXES,
            lacking=lacking,
        )

    def download(self, attachment: Attachment) -> Downloaded:
        """Bring the file at an address out of its snapshot into the spool.

        Raises:
            AttachmentGone: the deposit holds no snapshot of it.
            TooLarge: it is larger than [fetching] max_bytes.
            AnswerUnreadable: its snapshot is damaged.
            DepositRefused: the deposit is.
        """
        if not attachment.url.startswith(_WEB):
            return super().download(attachment)
        found = self._notes.file_at(attachment.url)
        if found is None:
            raise AttachmentGone("the deposit holds no snapshot of this file")
        limit = self._fetching.max_bytes
        if found[1].length > limit + _HEADERS:
            raise TooLarge(f"the file has more than the {limit} bytes that are allowed")
        pieces, kind = file_in(self._at(*found), limit)
        file = spooled(pieces, self._fetching.spool)
        return self._taken(file, replace(attachment, media_type=kind))

    def _noted(self, deposit: Deposit, name: str, proof: str) -> Iterator[Gap]:
        """Note what the file called *name* holds; give a gap where it cannot be read on."""
        number = 0
        with closing(deposit.open(name)) as opened:
            try:
                for number, record in enumerate(records(proven(opened, proof)), start=1):
                    self._notes.take(name, number, record)
            except AnswerUnreadable as fault:
                place = f"{name}, after record {number}"
                yield Gap(what=place, why=GapReason.UNREADABLE, detail=str(fault))

    def _listed(self, deposit: Deposit, name: str, proof: str) -> Iterator[Gap]:
        number = 0
        try:
            for number, url in enumerate(pages_in(deposit, name, proof), start=1):
                if self._notes.misses(url):
                    detail = "no WARC file of the deposit holds a snapshot of this page"
                    yield Gap(what=f"{name}, page {number}", why=GapReason.GONE, detail=detail)
        except ConnectorError as fault:
            place = f"{name}, after page {number}"
            yield Gap(what=place, why=GapReason.UNREADABLE, detail=str(fault))

    def _reading(self) -> Iterator[Reading]:
        for name, noted in groupby(self._notes.in_order(), key=lambda one: one.file):
            yield Reading(
                name=name,
                elements=partial(_elements, list(noted)),
                shows=self._shows,
                where=lambda one: f"record {one.number}" if isinstance(one, Noted) else "",
            )

    def _shows(self, value: object, _raw: bytes) -> Iterator[Shown]:
        if not isinstance(value, Noted):
            raise AnswerUnreadable("it is no snapshot")
        what = f"{value.file}, record {value.number}"
        taken = Taken(spoken(value.url), value.when)
        try:
            content = self._content(value, taken)
        except TooLarge as fault:
            yield Gap(what=what, why=GapReason.TOO_LARGE, detail=str(fault))
            return
        except DepositRefused as fault:
            raise AnswerUnreadable(str(fault)) from None
        yield Observation(content=content, current=self._notes.is_newest(value))

    def _content(self, one: Noted, taken: Taken) -> Content:
        pieces = self._at(one.file, one.place)
        if not one.is_page:
            return file_content(_beginning(pieces), taken)
        if one.place.length > LARGEST_ELEMENT:
            raise TooLarge(f"the page has more than the {LARGEST_ELEMENT} bytes that can be read")
        return page_content(b"".join(pieces), taken)

    def _at(self, name: str, place: Place) -> Iterator[bytes]:
        cut = partial(self.deposit.cut, name)
        compressed = self._compressed[name]
        return read_at(place, self.deposit.size(name), cut, compressed=compressed)


def _beginning(pieces: Iterator[bytes]) -> bytes:
    """Give as much of a record as its headers can take."""
    found = b""
    while len(found) < _HEADERS and (piece := next(pieces, b"")):
        found += piece
    return found


def _elements(noted: Sequence[Noted]) -> Iterator[Element]:
    for one in noted:
        yield one, b""
