"""What a visit's whole listings should have shown: what is missing, and whether that is suspect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from archiver.catalogue import captures
from archiver.catalogue.items import ItemRow
from archiver.procedures.account import Account
from archiver.procedures.numbers import Numbers
from archiver.records.captures import Listed, PlatformState
from archiver.records.moments import micros

MANY = 3
"""A listing that showed this many items and now shows none is a suspect run."""

_SLICE = 2_000
"""How many rows are read in one transaction; none is open while a platform is asked."""


class Expectation:
    """The listings of one visit to a page, held against what the archive knows of it.

    A *light* visit did not ask for everything, so that none of its listings is whole for ever:
    one that names no beginning concludes nothing.
    """

    def __init__(self, account: Account, page_n: int, seen: Numbers, *, light: bool) -> None:
        self._account = account
        self._page_n = page_n
        self._seen = seen
        self._light = light
        self._listed: list[Listed] = []

    def add(self, listed: Listed) -> None:
        """Take in that a listing was walked to its end."""
        beyond = self._light and listed.since is None
        self._listed.append(replace(listed, whole=False) if beyond else listed)

    @property
    def platform_count(self) -> int | None:
        """Give the platform's own count of its items, where it gives one."""
        counts = [ls.platform_count for ls in self._listed if ls.platform_count is not None]
        return sum(counts) if counts else None

    def suspect(self) -> bool:
        """Say whether a whole listing that must have shown many items showed none."""
        for listed in self._listed:
            if not listed.whole:
                continue
            expected = shown = 0
            for row in self._expected(listed):
                expected += row.state == PlatformState.PRESENT.value
                shown += row.n in self._seen
                if shown:
                    break
            if expected >= MANY and not shown:
                return True
        return False

    def missing(self) -> Iterator[ItemRow]:
        """Give every item that a whole listing should have shown and did not."""
        for listed in self._listed:
            if listed.whole:
                yield from (row for row in self._expected(listed) if row.n not in self._seen)

    def _expected(self, listed: Listed) -> Iterator[ItemRow]:
        """Give what *listed* should have shown, a slice at a time: whoever asks may be slow."""
        since = micros(listed.since) if listed.since else None
        after = 0
        while True:
            with self._account.catalogue.reading() as connection:
                rows = captures.expected(
                    connection,
                    self._page_n,
                    since=since,
                    kinds=listed.kinds,
                    by_thread=listed.by_thread,
                    after=after,
                    limit=_SLICE,
                )
            if not rows:
                return
            yield from rows
            after = rows[-1].n
