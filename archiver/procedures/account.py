"""The account of deeds: when it is, who is who, papers, and the ledger's signed copy.

Every procedure is handed one. It can read and write the catalogue and put papers on the shelf;
it can neither read nor destroy an object.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from archiver.catalogue import Catalogue, Desk, ledger
from archiver.ledger.tiles import LedgerCopy
from archiver.ports import Shelf
from archiver.records.canonical import Json, canonical
from archiver.records.events import EventKind, Leaf
from archiver.records.identity import ArchiveKey, sha256
from archiver.records.moments import local_day, local_day_at, micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where deeds are accounted for, in the agency's own *zone*.

    *via* is the opaque id of the roster's account from which somebody else signed in; it stands
    in every entry of theirs.
    """

    catalogue: Catalogue
    shelf: Shelf
    copy: LedgerCopy
    key: ArchiveKey
    clock: Callable[[], datetime]
    zone: ZoneInfo
    via: str = ""

    def now(self) -> datetime:
        """Give the moment it is, in UTC."""
        return self.clock()

    def today(self) -> date:
        """Give the day it is in the agency's zone."""
        return local_day(self.clock(), self.zone)

    def day(self, micros_since: int) -> date:
        """Give the agency's day of a moment in µs UTC."""
        return local_day_at(micros_since, self.zone)

    def now_micros(self) -> int:
        """Give the moment it is, in µs UTC."""
        return micros(self.clock())

    def paper(self, kind: str, particulars: dict[str, Json]) -> str:
        """Put a paper of *kind* on the shelf, durable, and give its digest for the ledger.

        A paper carries a salt, so that its digest says nothing about what it tells.
        """
        data = canonical({"kind": kind, "salt": secrets.token_hex(16), **particulars})
        digest = sha256(data)
        self.shelf.place({f"papers/{kind}/{digest}.json": data})
        return digest

    def enter(
        self,
        desk: Desk,
        kind: EventKind,
        *,
        by: str,
        subject: str = "",
        told: Mapping[str, Json] | None = None,
        paper: str = "",
        at: datetime | None = None,
    ) -> None:
        """Owe the ledger one entry in *desk*'s transaction: a deed of *by*, done now or *at*.

        *subject* and what is *told* are opaque ids, codes, counts and salted digests.
        """
        particulars = dict(told) if told is not None else {}
        if self.via:
            particulars["via"] = self.via
        desk.enter(
            Leaf(
                kind=kind,
                at=at if at is not None else self.now(),
                by=by,
                subject=subject,
                particulars=particulars,
                paper=paper,
            )
        )

    def acknowledge(self) -> None:
        """Bring the ledger's copy up to date and sign it; only then may a deed be acknowledged.

        Raises:
            LedgerDamaged: the copy and the ledger tell different histories.
        """
        with self.catalogue.exclusive("ledger-copy"):
            with self.catalogue.reading() as connection:
                head = ledger.head(connection)
            self.copy.bring_up_to(head.size, head.frontier.root(), self._entries)

    def _entries(self, start: int, stop: int) -> Iterable[bytes]:
        with self.catalogue.reading() as connection:
            yield from ledger.raw_entries(connection, start, stop)
