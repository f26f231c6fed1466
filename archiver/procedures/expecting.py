"""What a visit's listings should have shown: what is missing, what is suspect, what differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from archiver.catalogue import captures, items
from archiver.catalogue.items import LIVE, ItemRow
from archiver.procedures.account import Account
from archiver.procedures.batch import CaptureContext
from archiver.procedures.numbers import Numbers
from archiver.records.captures import Coverage, Difference, Listed, PlatformState, ThreadListed
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

    def __init__(
        self, account: Account, context: CaptureContext, seen: Numbers, *, light: bool
    ) -> None:
        self._account = account
        self._page_n = context.page.n
        self._origin = context.origin
        self._seen = seen
        self._light = light
        self._listed: list[Listed] = []
        self._differing: list[Difference] = []

    def add(self, listed: Listed | ThreadListed) -> None:
        """Take in that a listing was walked to its end."""
        if isinstance(listed, ThreadListed):
            if listed.counted != listed.shown:
                self._differing.append(self._difference(listed))
            return
        beyond = self._light and listed.since is None
        self._listed.append(replace(listed, whole=False) if beyond else listed)

    def tell(self, coverage: Coverage) -> None:
        """Write the platform's own counts into *coverage*: of its items, and below its posts.

        A post that is not held here, or not any more, is not named.
        """
        counts = [ls.platform_count for ls in self._listed if ls.platform_count is not None]
        coverage.platform_count = sum(counts) if counts else None
        with self._account.catalogue.reading() as connection:
            rows = items.by_ids(connection, [each.item for each in self._differing])
        held = {item for item, row in rows.items() if row.life == LIVE}
        coverage.differences = [each for each in self._differing if each.item in held]

    def _difference(self, listed: ThreadListed) -> Difference:
        platform, page = self._origin.platform, self._origin.page
        item = self._account.key.item(platform, page, listed.native_id)
        return Difference(item=item, counted=listed.counted, shown=listed.shown)

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

    def visible(self) -> Iterator[ItemRow]:
        """Give every item of the page that was last seen present, or could not be told of."""
        return self._expected(Listed(whole=True))

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
