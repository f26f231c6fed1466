"""One export, opened for one visit: the `Source` that every importer is.

An importer says which files it reads, how each is cut, and what an element of it shows. The rest
is alike for all: what cannot be read is a gap that names the file and the place in it, files are
brought out of the export into the spool, and nothing can be asked again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TypeAlias

from archiver.ports import Downloaded
from archiver.records.captures import (
    Cursor,
    Gap,
    GapReason,
    Known,
    Listed,
    Observation,
    Seen,
    Sighting,
    Window,
)
from archiver.records.errors import (
    AnswerUnreadable,
    AttachmentGone,
    ConnectorError,
    DepositRefused,
)
from archiver.records.items import Attachment
from archiver.records.pages import FetchSettings, PageSettings
from connectors.deposits.opening import Deposit, open_deposit
from connectors.deposits.unread import Unread, listing

Element: TypeAlias = tuple[object, bytes]
"""One element of a file: what was read, and the bytes it was read from."""

Shown: TypeAlias = Observation | Sighting | Gap
"""What an element of an export may show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One file of an export, as it is to be read.

    *elements* cuts it, and *shows* says what one element is. Either may raise: then a gap names
    the place: what *where* says of the element, or else its count in *unit*s from 1. *told* is
    how many the export itself says there are; *counted* says that these are items, and belong to
    its own count of items.
    """

    name: str
    elements: Callable[[], Iterator[Element]]
    shows: Callable[[object, bytes], Iterator[Shown]]
    unit: str = "element"
    told: int | None = None
    counted: bool = True
    where: Callable[[object], str] | None = None


Readings: TypeAlias = Callable[[], Iterable[Reading]]
"""Gives the files to be read, in order; asked anew for each visit."""


class DepositSource:
    """One export, opened for one visit. Used by one thread, closed by who opened it.

    Every file of the export is read, is a file of an item, or is told of in one gap. Of those that
    are not read, *unread* are known to hold more, and are named first; *consulted* were read for
    what they say of the rest, or *lacking* names them; *itemless* matches the whole path of what is
    known to hold no item. *lacking* is what else is not to be had, asked for at the end of a visit.
    *places* says under which names the file at an address may lie in the export, the likeliest
    first; as a rule it is the address.
    """

    def __init__(
        self,
        deposit: Deposit,
        fetching: FetchSettings,
        readings: Readings,
        *,
        unread: Sequence[str] = (),
        consulted: Collection[str] = (),
        itemless: re.Pattern[str] | None = None,
        lacking: Sequence[Gap] = (),
        places: Callable[[str], Iterable[str]] | None = None,
    ) -> None:
        self.deposit = deposit
        self._fetching = fetching
        self._readings = readings
        self._unread = unread
        self._consulted = consulted
        self._itemless = itemless
        self._left = Unread(())
        self._lacking = lacking
        self._places = places
        self._spooled: list[Path] = []
        self._newest = 0
        self.fetched = 0

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield every item of the export, whatever *window* asks: an import is taken whole."""
        del window
        told: list[int] = []
        names, consulted = self.deposit.names(), self._consulted
        self._left = Unread(names, consulted=consulted, itemless=self._itemless)
        for reading in self._readings():
            self._left.take(reading.name)
            yield from self._read(reading)
            self.fetched += 1
            if reading.told is not None and reading.counted:
                told.append(reading.told)
        yield from self._left.gaps(first=frozenset(self._unread))
        yield from self._lacking
        yield Cursor(str(self._newest))
        yield Listed(whole=False, platform_count=sum(told) if told else None)

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Yield a gap for each of *known*: an export cannot be asked again."""
        for item in known:
            yield Gap(
                what="an item of an import",
                why=GapReason.OUT_OF_REACH,
                detail="an export shows the page as it was when the export was made",
                native_id=item.native_id,
            )

    def download(self, attachment: Attachment) -> Downloaded:
        """Bring the file of *attachment* out of the export into the spool.

        Raises:
            AttachmentGone: the export names it, and does not hold it.
            TooLarge: it is larger than [fetching] max_bytes.
            AnswerUnreadable: parts of the export hold different files under this name.
            DepositRefused: it is damaged.
        """
        entry = self._entry(attachment.url)
        if entry in self.deposit.clashing:
            raise AnswerUnreadable("parts of the export hold different files under this name")
        limit = self._fetching.max_bytes
        file = self.deposit.spool(entry, self._fetching.spool, max_bytes=limit)
        return self._taken(file, attachment)

    def _taken(self, file: Downloaded, attachment: Attachment) -> Downloaded:
        """Give *file* as that of *attachment*; it goes with the source if nobody takes it over."""
        self._spooled.append(Path(file.path))
        return replace(file, media_type=attachment.media_type)

    def close(self) -> None:
        """Close the export, and remove what is left in the spool of what was brought."""
        self.deposit.close()
        for path in self._spooled:
            path.unlink(missing_ok=True)
        self._spooled.clear()

    def _read(self, reading: Reading) -> Iterator[Seen]:
        """Yield every item of one file; an element not understood, or the rest, is a gap."""
        place, at = 0, f"{reading.unit} 0"
        try:
            for value, raw in reading.elements():
                place += 1
                at = reading.where(value) if reading.where else f"{reading.unit} {place}"
                try:
                    for what in reading.shows(value, raw):
                        self._look_at(what)
                        yield what
                except (ValueError, AnswerUnreadable) as fault:
                    yield _unreadable(f"{reading.name}, {at}", str(fault))
        except ConnectorError as error:
            empty = reading.name in self.deposit and not self.deposit.size(reading.name)
            why = "the file is empty" if empty else str(error)
            yield _unreadable(f"{reading.name}, after {at}", why)
        if reading.told is not None and reading.told != place:
            told = f"the export says that this file holds {reading.told}, and {place} were found"
            yield Gap(what=reading.name, why=GapReason.MISCOUNTED, detail=told)

    def _look_at(self, what: Shown) -> None:
        if isinstance(what, Observation):
            at = int(what.content.published_at.timestamp())
            self._newest = max(self._newest, at)
            for file in what.content.attachments:
                with suppress(AttachmentGone):  # told of where the file is asked for
                    self._left.take(self._entry(file.url))

    def _entry(self, address: str) -> str:
        """Give the entry that *address* means, wherever the export was packed; or *address*."""
        places = [address] if self._places is None else self._places(address)
        return next((name for name in places if name in self.deposit), address)


def opened(
    path: PurePath | None,
    page: PageSettings,
    make: Callable[[Deposit], DepositSource],
    *,
    loose: Collection[str] = (),
) -> DepositSource:
    """Open the export at *path* for *page*, as the source that *make* makes of it.

    A file that ends as *loose* says may be handed in by itself.

    Raises:
        DepositRefused: there is none, *make* refuses it, or it is not safe to open.
    """
    if path is None:
        raise DepositRefused(
            f"{page.name} is filled from an export file, and none was given",
            remedy="Use `archiver import PATH --page NAME`.",
        )
    deposit = open_deposit(path, loose=loose)
    try:
        return make(deposit)
    except DepositRefused as refused:
        deposit.close()
        if packed := [name for name in deposit.names() if name.lower().endswith(".zip")]:
            raise DepositRefused(
                f"{refused}; it holds {listing(packed, 'packed once more')}",
                remedy="Take the zip files of one export out of it, put them into a folder of "
                "their own, and import that folder.",
            ) from None
        raise
    except BaseException:
        deposit.close()
        raise


def refuse_several(deposit: Deposit, names: Sequence[str], *, alike: bool = False) -> None:
    """Refuse what is more than one export: its items would be counted twice, under other ids.

    *names* are the files that are read; those that lie in several folders under one name, or
    that parts of a split export hold differently, are of several exports. *alike* says that files
    in several folders have one name in a single export too.

    Raises:
        DepositRefused: it is.
    """
    counted = Counter(name.rpartition("/")[2] for name in names)
    twice = [] if alike else sorted(name for name, times in counted.items() if times > 1)
    clashing = sorted(name for name in names if name in deposit.clashing)
    if twice or clashing:
        raise DepositRefused(
            f"{deposit.name} holds more than once: {', '.join([*twice, *clashing])}",
            remedy="Import one export at a time, all parts of it together.",
        )


def _unreadable(what: str, detail: str) -> Gap:
    return Gap(what=what, why=GapReason.UNREADABLE, detail=detail)
