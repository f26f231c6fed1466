"""Deliveries: what a platform sends by itself when something happens on a page.

One HTTP request is one delivery, and so is one frame of a stream that we follow. It is kept, a
request proven before and answered after; what it announces is worked off later. A delivery
destroys nothing: that something was removed is a sighting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from archiver.records.captures import Known, Observation, Sighting

NOT_KEPT = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Headers that are never kept of a delivery: they are credentials, and say nothing of a page."""


STREAMED = "archiver-stream-of"
"""The header that we give a frame of a stream when it is kept: the account whose stream it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One message of a platform's stream, as it came, of the account whose stream it is.

    After it the platform can be asked to go on from *cursor*, where it replays what was missed.
    """

    account: str
    body: bytes = field(repr=False)
    cursor: str = ""

    def as_delivery(self, received_at: datetime) -> Delivery:
        """Give it as what is kept and worked off."""
        return Delivery(received_at=received_at, headers={STREAMED: self.account}, body=self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One request that a platform sent, as it came: headers (small letters) and raw body."""

    received_at: datetime
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @classmethod
    def of(cls, received_at: datetime, headers: Iterable[tuple[str, str]], body: bytes) -> Delivery:
        """Give the delivery that came with *headers* and *body*, without credentials."""
        named = ((name.lower(), value) for name, value in headers)
        kept = {name: value for name, value in named if name not in NOT_KEPT}
        return cls(received_at=received_at, headers=kept, body=body)


@dataclass(frozen=True, slots=True)
class Challenge:
    """The answer by which we show a platform that an address is ours."""

    text: str
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What a delivery says of one item of the page.

    The platform is asked for the item as it is now, unless *final*: then the *sighting* says all
    there is. Where it does not show the item, *wording* stands for it: what the delivery itself
    says, which may be less. Where *whole* is false that may be cut short, and counts for nothing
    beside what the platform shows. *fresh* says that the item was new, so that a wording of one we
    have is no edit. Where *placed* is false its thread may be called otherwise by the platform's
    lists: it is believed only of a thread we have. Where *ours* is false it may be of another
    page: it is passed over unless we have the item, or what it answers.
    """

    known: Known
    wording: Observation | None = None
    sighting: Sighting | None = None
    fresh: bool = False
    final: bool = False
    placed: bool = True
    whole: bool = True
    ours: bool = True


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits to be worked off: how many deliveries, their bytes, and since when (µs UTC)."""

    count: int = 0
    size: int = 0
    since: int | None = None


NOTHING_WAITS = Waiting()
