"""Hearing: what platforms delivered by themselves, worked off into the archive.

A delivery is a hint and a witness. What it announces is asked for, so that one item has one form
whichever way it came; where the platform does not show it any more, the delivery's own words are
kept. What cannot be understood is a gap, and nothing is ever destroyed by it. Deliveries that were
lost are made good by the nightly walk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Protocol, Self, runtime_checkable

from archiver.catalogue import items
from archiver.ports import Connector, Downloaded, Source
from archiver.procedures.capture import Opener, Visitor, capture_page
from archiver.records.captures import (
    Coverage,
    Gap,
    GapReason,
    Known,
    Observation,
    Seen,
    Sighting,
    Window,
)
from archiver.records.deliveries import Announcement, Challenge, Delivery
from archiver.records.errors import ConnectorError
from archiver.records.items import Attachment
from archiver.records.pages import FetchSettings, PageSettings

Announced = Announcement | Gap
"""What a delivery comes to once it is read."""

MARK = "as_delivered"
"""The mark of a version of which the platform's delivery alone tells."""


@runtime_checkable
class Announcer(Protocol):
    """A connector that reads what its platform says by itself. Pure: it asks nobody."""

    def announced(self, page: PageSettings, delivery: Delivery) -> Iterator[Announced]:
        """Give what a *delivery* that was proven says of *page*, and a gap for what it cannot tell.

        What it says of another page is passed over.

        Raises:
            ConnectorError: it is not as documented.
        """


@runtime_checkable
class Hearer(Announcer, Protocol):
    """A connector whose platform delivers what happens on a page. Pure: it asks nobody."""

    def challenged(self, page: PageSettings, asked: Mapping[str, str]) -> Challenge | None:
        """Answer a platform that asks whether the address is ours; None where it does not ask so.

        *asked* is the query of its request.
        """

    def proves(self, page: PageSettings, delivery: Delivery) -> bool:
        """Say whether *delivery* was signed with the page's secret. Takes the same time always."""

    def handshake_word(self, page: PageSettings) -> str:
        """Give what a person enters on the platform beside the address; empty where nothing is.

        Raises:
            ConfigInvalid: the page's settings do not tell how deliveries name it.
        """


@runtime_checkable
class Subscriber(Protocol):
    """A connector whose platform delivers only to who asked for it, and only for some days."""

    def subscribe(self, page: PageSettings, fetching: FetchSettings, callback: str) -> None:
        """Ask that what happens on *page* be delivered to *callback*; asked again, it goes on.

        Raises:
            ConnectorError: it could not be asked, or is refused.
        """


def hear(
    visitor: Visitor,
    connector: Connector,
    settings: PageSettings,
    deliveries: Sequence[Delivery],
    opener: Opener,
) -> Coverage:
    """Enter what *deliveries* say of a page, in the order in which they came.

    Gives the coverage record; a failed one says that they are to be kept, and heard again.
    Hearing them twice changes nothing.

    Raises:
        ArchiveBusy: another process visits the same page.
        TypeError: the platform of *connector* delivers nothing.
    """
    if not isinstance(connector, Announcer):
        raise TypeError(f"{connector.name} hears nothing")
    heard = _read(connector, settings, deliveries)
    key, page = visitor.account.key, (settings.platform, settings.identity)
    names = {one.known.native_id for one in heard.items.values()}
    above = ((one.known.thread, one.known.parent) for one in heard.items.values())
    names |= {name for pair in above for name in pair if name}
    ids = {name: key.item(*page, name) for name in names}
    with visitor.account.catalogue.reading() as connection:
        rows = items.by_ids(connection, list(ids.values()))
    had = frozenset(name for name, item in ids.items() if item in rows)

    def opened() -> _HeardSource:
        return _HeardSource(heard, had, opener)

    return capture_page(visitor, connector, settings, opened, heard=True)


@dataclass(slots=True)
class _Item:
    """What all deliveries together say of one item; the last word counts."""

    known: Known
    wordings: list[Observation] = field(default_factory=list)
    sighting: Sighting | None = None
    fresh: bool = True
    final: bool = False
    placed: bool = True
    whole: bool = True
    ours: bool = False

    def add(self, told: Announcement) -> None:
        """Take in what the next delivery says."""
        if told.wording is not None:
            self.wordings.append(told.wording)
            self.fresh = self.fresh and told.fresh
        self.sighting, self.final = told.sighting, told.final
        self.placed, self.whole = self.placed and told.placed, self.whole and told.whole
        self.ours = self.ours or told.ours

    def worded(self, *, current: bool) -> Iterator[Observation]:
        """Give every wording once; the last one shows now where *current* says so."""
        texts: set[str] = set()
        for place, wording in enumerate(self.wordings, start=1):
            last = place == len(self.wordings)
            if wording.content.text not in texts or (last and current):
                texts.add(wording.content.text)
                content = replace(wording.content, marks=(*wording.content.marks, MARK))
                yield replace(wording, content=content, current=current and last)


@dataclass(slots=True)
class _Heard:
    """What was read out of deliveries: the items they speak of, in order, and gaps."""

    items: dict[str, _Item] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)


def _read(announcer: Announcer, page: PageSettings, deliveries: Sequence[Delivery]) -> _Heard:
    heard = _Heard()
    for delivery in deliveries:
        try:
            for told in announcer.announced(page, delivery):
                if isinstance(told, Gap):
                    heard.gaps.append(told)
                    continue
                name = told.known.native_id
                heard.items.setdefault(name, _Item(told.known)).add(told)
        except ConnectorError as error:
            what = f"delivery of {delivery.received_at:%Y-%m-%d %H:%M:%S.%f} UTC"
            heard.gaps.append(Gap(what=what, why=GapReason(error.gap), detail=str(error)))
    return heard


class _HeardSource:
    """Deliveries as the source of one visit: what they announce, asked for where it is needed.

    The page itself is opened only when something is to be asked for. Of what it *had* before the
    archive knows that a wording of something new is none.
    """

    def __init__(self, heard: _Heard, had: frozenset[str], opener: Opener) -> None:
        self._heard = heard
        self._had = had
        self._opener = opener
        self._open = ExitStack()
        self._source: Source | None = None
        self._refused: ConnectorError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield what the deliveries announced; *window* asks for nothing else."""
        del window
        yield from self._heard.gaps
        asked, ours = [], set(self._had)
        for name, item in self._heard.items.items():
            if not item.ours and ours.isdisjoint((name, item.known.parent)):
                continue
            ours.add(name)
            if item.fresh and name in self._had:
                item.wordings.clear()
            thread = item.known.thread
            if not item.placed and thread not in self._had and name not in self._had:
                what = f"item {name}: its thread is not archived yet"
                yield Gap(what=what, why=GapReason.OUT_OF_REACH, native_id=name)
            elif item.final:
                yield from self._without(item)
            else:
                asked.append(item)
        yield from self._ask(asked)

    def _ask(self, asked: Sequence[_Item]) -> Iterator[Seen]:
        waiting = {item.known.native_id: item for item in asked}
        try:
            for seen in self._page().recheck([item.known for item in asked]) if asked else ():
                named = _named(seen)
                item = waiting.get(named) if named else None
                if item is None:
                    yield seen
                elif isinstance(seen, Observation):
                    yield from self._with(item, seen)
                    del waiting[item.known.native_id]
                elif isinstance(seen, Sighting):
                    item.sighting = item.sighting or seen
                else:
                    yield seen
        except ConnectorError as error:
            what = f"items that {len(waiting)} announcements speak of"
            yield Gap(what=what, why=GapReason(error.gap), detail=str(error))
        for item in waiting.values():
            yield from self._without(item)

    @staticmethod
    def _with(item: _Item, seen: Observation) -> Iterator[Seen]:
        """Yield an item that its page shows, after the other words it was delivered with."""
        for wording in item.worded(current=False):
            if item.whole and wording.content.text != seen.content.text:
                yield wording
        yield seen

    @staticmethod
    def _without(item: _Item) -> Iterator[Seen]:
        """Yield what the deliveries alone say of an item."""
        yield from item.worded(current=True)
        if item.sighting is not None:
            yield item.sighting

    def _page(self) -> Source:
        """Open the page; one that could not be opened is not tried again.

        Raises:
            ConnectorError: it cannot be asked.
        """
        if self._refused is not None:
            raise self._refused
        try:
            self._source = self._source or self._open.enter_context(self._opener())
        except ConnectorError as error:
            self._refused = error
            raise
        return self._source

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Look again at what is known, as the page itself does."""
        return self._page().recheck(known)

    def download(self, attachment: Attachment) -> Downloaded:
        """Bring the file of *attachment* into the spool, as the page itself does.

        Raises:
            ConnectorError: it could not be had.
        """
        return self._page().download(attachment)

    @property
    def fetched(self) -> int:
        """Give how many answers were read; a delivery is none."""
        return self._source.fetched if self._source is not None else 0

    def close(self) -> None:
        """Let go of the page, where it was opened."""
        self._open.close()


def _named(seen: Seen) -> str | None:
    if isinstance(seen, Observation):
        return seen.content.native_id
    return seen.native_id if isinstance(seen, Sighting | Gap) else None
