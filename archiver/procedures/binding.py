"""Binding: the digest of a plan's lines, so that nobody approves or samples another set."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from archiver.catalogue.plans import PlanLine


class Bound:
    """The digest of a plan's lines as they come: the exact set that an approval binds."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def take(self, lines: Sequence[PlanLine]) -> None:
        """Take the next lines, in order."""
        for line in lines:
            self._digest.update(f"{line.thread_n} {line.item_n} {line.seal}\n".encode())

    def digest(self) -> str:
        """Give the digest of all there were."""
        return self._digest.hexdigest()
