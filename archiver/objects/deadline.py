"""How long a store may go on asking a server, retries and all."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of this process's own clock after which nothing is asked again."""

    until: float

    @classmethod
    def for_work(cls, requests: int = 1, size: int = 0) -> Deadline:
        """Allow two minutes, and what *requests* and *size* bytes may take on a poor line."""
        return cls(time.monotonic() + 120 + requests / 4 + size / (256 << 10))

    def passed(self) -> bool:
        """Say whether it is over."""
        return time.monotonic() > self.until
