"""The streams that listening follows: opened with the page's token as it stands, kept by frames.

How each stands is part of the listener's sign of life, so that the next process goes on where the
last one left off. Of what was kept in the last minute before a crash the platform may be asked
again: hearing it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock

from archiver.office import Office
from archiver.office.deliveries import Deliveries
from archiver.office.token_files import as_it_stands
from archiver.procedures.asking import demand_token
from archiver.procedures.streams import Stream, Streamer, StreamSign
from archiver.records.deliveries import Frame
from archiver.records.errors import ConfigInvalid
from archiver.records.moments import micros
from archiver.records.pages import PageSettings


class Streams:
    """The streams of those pages of *office* whose settings ask that they be followed."""

    def __init__(
        self, office: Office, deliveries: Deliveries, before: Mapping[str, StreamSign]
    ) -> None:
        """Find them; *before* are the signs that the last process left, by the page's opaque id.

        Raises:
            ConfigInvalid: a page asks for its stream, and cannot have it; each such page is named.
        """
        self._office = office
        self._deliveries = deliveries
        self._lock = Lock()
        self._streamers: dict[str, tuple[PageSettings, Streamer]] = {}
        faults: list[str] = []
        for page in office.config.pages:
            connector = office.connectors[page.connector]
            try:
                if isinstance(connector, Streamer) and connector.follows(page):
                    self._streamers[office.id_of(page)] = (page, connector)
            except ConfigInvalid as error:
                faults.extend(error.faults)
        if faults:
            raise ConfigInvalid(faults)
        self._signs = {
            name: before.get(name)
            or StreamSign(page=name, name=page.name, followed_first=self._now)
            for name, (page, _) in self._streamers.items()
        }

    @property
    def pages(self) -> list[str]:
        """Give the opaque id of each page whose stream is to be followed."""
        return list(self._streamers)

    @property
    def signs(self) -> tuple[StreamSign, ...]:
        """Give how each stream stands."""
        with self._lock:
            return tuple(self._signs.values())

    def name_of(self, page: str) -> str:
        """Give what the configuration calls *page*."""
        return self._streamers[page][0].name

    def open(self, page: str) -> Stream:
        """Open the stream of *page* where it was left off.

        Raises:
            ConnectorError, ConfigInvalid: as `Streamer.stream`.
        """
        settings, streamer = self._streamers[page]
        settings = as_it_stands(settings)
        demand_token(settings)
        stream = streamer.stream(settings, self._office.config.fetching, self._signs[page].cursor)
        with self._lock:
            self._signs[page] = self._signs[page].opened(self._now)
        return stream

    def take(self, page: str, frame: Frame) -> bool:
        """Keep *frame*, durable when this returns; False where more would wait than may.

        Only then does the cursor move.

        Raises:
            OSError: it could not be written.
        """
        delivery = frame.as_delivery(self._office.account.now())
        if not self._deliveries.keep([page], delivery):
            return False
        with self._lock:
            self._signs[page] = self._signs[page].took(self._now, frame.cursor)
        return True

    def broke(self, page: str, why: str) -> None:
        """Remember that the stream of *page* broke off, or could not be opened."""
        with self._lock:
            self._signs[page] = self._signs[page].broke(self._now, why)

    @property
    def _now(self) -> int:
        return micros(self._office.account.now())
