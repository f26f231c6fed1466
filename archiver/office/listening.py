"""The ear: what listening may use of an opened archive.

It proves what is delivered, keeps it, and has it worked off; it decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from threading import Lock

from archiver.office import Office
from archiver.office.deliveries import deliveries_of
from archiver.office.hearing import work_off
from archiver.office.streams import Streams
from archiver.procedures import timetable
from archiver.procedures.hearing import Hearer, Subscriber
from archiver.procedures.listening import LISTENER, SignOfLife
from archiver.procedures.streams import StreamSign
from archiver.records.captures import Coverage
from archiver.records.deliveries import Challenge, Delivery
from archiver.records.errors import ArchiverError, ConfigInvalid
from archiver.records.moments import micros
from archiver.records.pages import PageSettings

_PLACE = 16


class Taken(Enum):
    """What became of a delivery at the door."""

    KEPT = "kept"
    UNSIGNED = "unsigned"
    UNKNOWN = "unknown"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the platform of a page delivers to, and what is entered beside it."""

    page: str
    connector: str
    path: str
    of_one_page: str
    word: str = field(repr=False)


class Ear:
    """Takes in what platforms deliver for the pages of *office*, and works it off."""

    def __init__(self, office: Office) -> None:
        """Find the pages for which something may be delivered.

        Raises:
            ConfigInvalid: a page names a secret, and its connector hears nothing or cannot tell
                what concerns the page, or it asks for a stream that it cannot have; every such
                page is named.
        """
        self.office = office
        config = office.config
        self.deliveries = deliveries_of(config)
        self._lock = Lock()
        self._sign = SignOfLife(since=micros(office.account.now()))
        faults: list[str] = []
        self._hearers: list[tuple[PageSettings, Hearer]] = []
        for page in config.pages:
            connector = office.connectors[page.connector]
            if page.signing_missing:
                faults.append(f"page {page.name}: nothing is where signing_env or _file says")
            if page.signing_secret is None:
                continue
            if not isinstance(connector, Hearer):
                faults.append(f"page {page.name}: nothing is delivered for {page.connector}")
                continue
            try:
                connector.handshake_word(page)
            except ConfigInvalid as error:
                faults.extend(error.faults)
            self._hearers.append((page, connector))
        try:
            self.streams = Streams(office, self.deliveries, _left_off(office))
        except ConfigInvalid as error:
            faults.extend(error.faults)
        if faults:
            raise ConfigInvalid(faults)

    @property
    def addresses(self) -> list[Address]:
        """Give where each platform delivers to."""
        return [
            Address(
                page.name,
                page.connector,
                f"/{page.connector}",
                f"/{page.connector}/{self._place(page)}",
                hearer.handshake_word(page),
            )
            for page, hearer in self._hearers
        ]

    # --- at the door ----------------------------------------------------------------------------

    def challenge(
        self, connector: str, place: str | None, asked: Mapping[str, str]
    ) -> Challenge | None:
        """Answer a platform that asks whether an address is ours; None where it is not."""
        answers = (hearer.challenged(page, asked) for page, hearer in self._at(connector, place))
        return next((answer for answer in answers if answer is not None), None)

    def take(
        self,
        connector: str,
        place: str | None,
        headers: Iterable[tuple[str, str]],
        body: bytes,
    ) -> Taken:
        """Prove a delivery and keep it, for every page by whose secret it is signed.

        It is durable when `KEPT` is given, and may be answered for then.

        Raises:
            OSError: it could not be written.
        """
        delivery = Delivery.of(self.office.account.now(), headers, body)
        pages = self._at(connector, place)
        if not pages:
            return Taken.UNKNOWN
        proven = [page for page, hearer in pages if hearer.proves(page, delivery)]
        if not proven:
            return self._counted(Taken.UNSIGNED)
        kept = self.deliveries.keep([self.office.id_of(page) for page in proven], delivery)
        return self._counted(Taken.KEPT if kept else Taken.FULL)

    def _at(self, connector: str, place: str | None) -> list[tuple[PageSettings, Hearer]]:
        return [
            (page, hearer)
            for page, hearer in self._hearers
            if page.connector == connector and place in {None, self._place(page)}
        ]

    def _place(self, page: PageSettings) -> str:
        return self.office.id_of(page)[:_PLACE]

    def _counted(self, taken: Taken) -> Taken:
        with self._lock:
            self._sign = self._sign.counting(
                kept=taken is Taken.KEPT, refused=taken is Taken.UNSIGNED
            )
        return taken

    # --- working off ------------------------------------------------------------------------------

    def work_off(self) -> list[Coverage]:
        """Enter what waits, and index it; see `hearing.work_off`.

        Raises:
            ArchiveBusy: somebody else is at one of the pages; what waits for it waits on.
            ArchiverError: the archive itself cannot take it; it waits on.
        """
        return work_off(self.office, self.deliveries)

    # --- subscriptions ----------------------------------------------------------------------------

    def subscribe(self) -> list[str]:
        """Have platforms deliver that only do so when they are asked; say what they refused.

        Without a public_url there is nothing they could be told.
        """
        config = self.office.config
        refused = []
        for (page, hearer), address in zip(self._hearers, self.addresses, strict=True):
            if not isinstance(hearer, Subscriber) or not config.listening.public_url:
                continue
            try:
                callback = config.listening.public_url + address.of_one_page
                hearer.subscribe(page, config.fetching, callback)
            except ArchiverError as error:
                refused.append(f"{page.name}: {error}")
        with self._lock:
            self._sign = replace(self._sign, unsubscribed=len(refused))
        return refused

    # --- signs of life ----------------------------------------------------------------------------

    def beat(self, *, stopped: bool = False) -> None:
        """Leave a sign of life, which `status` reads."""
        with self._lock:
            sign = self._sign.ended() if stopped else self._sign
        sign = replace(sign, streams=self.streams.signs)
        timetable.beat(self.office.account, LISTENER, sign.written())


def _left_off(office: Office) -> dict[str, StreamSign]:
    """Give how the last listener left each stream, by the opaque id of its page."""
    beat = timetable.beats(office.account).get(LISTENER)
    sign = SignOfLife.read(beat.detail) if beat is not None else None
    return {} if sign is None else {one.page: one for one in sign.streams}
