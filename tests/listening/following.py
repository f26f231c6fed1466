"""A stream that is followed beside a test, and what came of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Queue

from archiver.listening.following import Follower
from archiver.procedures.streams import StreamSign
from tests.listening.conftest import Desk

WAIT_SECONDS = 10.0


@dataclass
class Followed:
    """What a follower said, and how many frames it kept."""

    desk: Desk
    said: Queue[str] = field(default_factory=Queue)
    kept: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def await_kept(self, count: int = 1) -> None:
        """Wait until *count* frames more are kept."""
        for _ in range(count):
            assert self.kept.acquire(timeout=WAIT_SECONDS)

    def await_said(self, sign: str) -> str:
        """Wait for a line that has *sign* in it, and give it."""
        while True:
            line = self.said.get(timeout=WAIT_SECONDS)
            if sign in line:
                return line

    @property
    def sign(self) -> StreamSign:
        """Give how the stream stands."""
        (sign,) = self.desk.ear.streams.signs
        return sign


@contextmanager
def followed(desk: Desk) -> Iterator[Followed]:
    """Follow the one stream of *desk*, as `listen` does, until the test is done with it."""
    told = Followed(desk)
    (page,) = desk.ear.streams.pages
    follower = Follower(desk.ear.streams, page, told.kept.release, told.said.put)
    thread = threading.Thread(target=follower.run)
    thread.start()
    try:
        yield told
    finally:
        follower.stop()
        thread.join(WAIT_SECONDS)
        assert not thread.is_alive()
