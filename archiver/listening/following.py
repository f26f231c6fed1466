"""Following: one thread for each stream, which opens it anew whenever it breaks off."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING

from archiver.records.errors import ArchiverError, ConfigInvalid, PermissionLost

if TYPE_CHECKING:
    from archiver.office.streams import Streams

LOOK_SECONDS = 1.0
"""How long a stream may bring nothing before it is looked whether to end."""

PAUSE_SECONDS = (1.0, 300.0)
"""How long is waited before a stream is opened anew: at first, and at most."""

STEADY_SECONDS = 60.0
"""A stream that held for so long is opened anew at once; the wait doubles for any other."""

FULL = "more waits to be worked off than [listen] max_waiting_bytes allows"

Say = Callable[[str], None]


class Pauses:
    """How long to wait before a stream is opened anew."""

    def __init__(self) -> None:
        self._next = PAUSE_SECONDS[0]

    def after(self, lasted: float, *, refused: bool) -> float:
        """Give the seconds to wait after a stream that *lasted* so many.

        Who *refused* us will do so in a second, too.
        """
        if lasted >= STEADY_SECONDS:
            self._next = PAUSE_SECONDS[0]
        wait = PAUSE_SECONDS[1] if refused else self._next
        self._next = min(2 * self._next, PAUSE_SECONDS[1])
        return wait


class Follower:
    """Follows the stream of one page, until it is told to stop."""

    def __init__(self, streams: Streams, page: str, kept: Callable[[], None], say: Say) -> None:
        """Follow the stream of *page*; *kept* is told of each frame that is kept."""
        self._streams = streams
        self._page = page
        self._kept = kept
        self._say = say
        self._stopping = Event()
        self._pauses = Pauses()
        self._said = ""

    def stop(self) -> None:
        """Have the follower end within `LOOK_SECONDS`, or after the frame it is at."""
        self._stopping.set()

    def run(self) -> None:
        """Follow the stream, and open it anew whenever it breaks off."""
        while not self._stopping.is_set():
            began, refused, why = monotonic(), False, ""
            try:
                why = self._follow()
            except (ConfigInvalid, PermissionLost) as error:
                refused, why = True, str(error)
            except (ArchiverError, OSError) as error:
                why = str(error)
            if why:
                self._streams.broke(self._page, why)
                self._tell(f"not followed: {why}")
                pause = self._pauses.after(monotonic() - began, refused=refused)
                self._stopping.wait(pause)

    def _follow(self) -> str:
        """Keep what the stream brings; give why no more can be kept, nothing where it is to end."""
        with closing(self._streams.open(self._page)) as stream:
            self._tell("its stream is followed")
            for frame in stream.frames(LOOK_SECONDS):
                if self._stopping.is_set():
                    break
                if frame is not None and not self._streams.take(self._page, frame):
                    return FULL
                if frame is not None:
                    self._kept()
        return ""

    def _tell(self, what: str) -> None:
        """Say what changed, once."""
        if what != self._said:
            self._said = what
            self._say(f"{self._streams.name_of(self._page)}: {what}")
