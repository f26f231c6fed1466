"""Streams: connections that stay open, over which platforms say what happens on a page.

A frame of a stream is kept and worked off as a delivery is. What a stream missed the platform may
replay, from a cursor on; what it does not replay the nightly walk sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from archiver.procedures.hearing import Announcer
from archiver.records.deliveries import Frame
from archiver.records.pages import FetchSettings, PageSettings


class Stream(Protocol):
    """A stream that is open."""

    def frames(self, patience: float) -> Iterator[Frame | None]:
        """Yield each frame that may concern the page, and None where none came for so many seconds.

        Frames that cannot be read are yielded, too: that something was said is not lost.

        Raises:
            ConnectorError: the stream broke off, as it sooner or later does, or refuses us.
        """

    def close(self) -> None:
        """Let go of the connection."""


@runtime_checkable
class Streamer(Announcer, Protocol):
    """A connector whose platform is connected to, and then says what happens on a page."""

    def follows(self, page: PageSettings) -> bool:
        """Say whether the settings of *page* ask that its stream be followed. Asks nobody.

        Raises:
            ConfigInvalid: they do, and it cannot be.
        """

    def stream(self, page: PageSettings, fetching: FetchSettings, cursor: str) -> Stream:
        """Open the stream of *page*, from *cursor* on where the platform replays; empty is now.

        Raises:
            ConnectorError: it could not be opened, or is refused.
            ConfigInvalid: the page's settings do not fit what the platform says.
        """


STEADY = 60_000_000
"""How long a stream must hold (µs) for its next breaking off to be a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSign:
    """How the stream of a page stands. Moments in µs UTC.

    It is followed *since* then, None while it is not; *broken_since* is when it last broke off, or
    could not be opened, after it had held for a while, and *why* it did last. *followed_first* is
    when anybody began to follow it, *last_at* when the last of its *frames* was kept, None before
    the first.
    """

    page: str
    name: str
    followed_first: int
    since: int | None = None
    broken_since: int | None = None
    why: str = ""
    frames: int = 0
    last_at: int | None = None
    cursor: str = ""

    def opened(self, at: int) -> StreamSign:
        """Give the sign of a stream that was opened just now."""
        return replace(self, since=at)

    def broke(self, at: int, why: str) -> StreamSign:
        """Give the sign of a stream that broke off, or could not be opened, just now."""
        held = self.since is not None and at - self.since >= STEADY
        first = at if held or self.broken_since is None else self.broken_since
        return replace(self, since=None, broken_since=first, why=why)

    def took(self, at: int, cursor: str) -> StreamSign:
        """Give the sign after one more frame is kept."""
        more = cursor or self.cursor
        return replace(self, frames=self.frames + 1, last_at=at, cursor=more)
