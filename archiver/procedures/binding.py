"""Binding: the digest of a plan's lines, so that nobody approves or samples another set."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import islice

from archiver.catalogue import Reading, plans
from archiver.catalogue.plans import PlanLine

_SLICE = 500


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


def bound_of(connection: Reading, plan_n: int) -> str:
    """Give the digest of the lines of the plan of number *plan_n* as they stand now."""
    bound = Bound()
    lines = plans.lines_of(connection, plan_n)
    while some := list(islice(lines, _SLICE)):
        bound.take(some)
    return bound.digest()
