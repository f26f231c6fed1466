"""Second looks: at what a listing did not show, and at what climbs the re-check ladder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TypeAlias

from archiver.catalogue import captures
from archiver.catalogue.items import ItemRow
from archiver.ports import Source
from archiver.procedures.account import Account
from archiver.procedures.doubting import Doubt
from archiver.procedures.expecting import Expectation
from archiver.procedures.ladder import known_as, next_look
from archiver.procedures.numbers import Numbers
from archiver.records.captures import Seen

RECHECKS = 200
"""How many items of a page climb the re-check ladder in one visit, at most."""

WITNESSES = 20
"""How many more items are asked for, at most, where a page shows none and says some are gone."""

_BATCH = 1_000

Walk: TypeAlias = "Callable[[Callable[[], Iterator[Seen]]], None]"
"""Enters what is seen."""


class Rechecks:
    """The second looks of one visit to the page numbered *page_n*; *seen* is what it has seen."""

    def __init__(
        self,
        account: Account,
        page_n: int,
        source: Source,
        seen: Numbers,
        doubt: Doubt,
        walk: Walk,
    ) -> None:
        self._account, self._page_n, self._source = account, page_n, source
        self._seen, self._doubt, self._walk = seen, doubt, walk
        self._asked = Numbers()

    def look(self, expectation: Expectation, *, climbs: bool) -> None:
        """Ask again for what must be asked for; enter that something is gone where it is believed.

        *climbs* says that the ladder is climbed too. Where a person vouches for a suspect run, the
        whole page is asked for, one item after the other.
        """
        settles = self._doubt.standing and self._doubt.vouched and not self._doubt.shown
        missing = expectation.visible() if settles and climbs else expectation.missing()
        self._ask(missing)
        due = self._due() if climbs else []
        self._ask(due)
        if self._doubt.asks_on:
            unasked = (row for row in expectation.visible() if row.n not in self._asked)
            self._ask(islice(unasked, WITNESSES))
        if believed := list(self._doubt.believed()):
            self._walk(lambda: iter(believed))
        steps = [(r.n, next_look(self._account, r, looked=r.n in self._seen)) for r in due]
        if steps:
            with self._account.catalogue.writing() as desk:
                captures.climb(desk.connection, steps)

    def waiting(self) -> int:
        """Give how many items of the page have had their day, and were not asked for yet."""
        on = self._account.today().toordinal()
        with self._account.catalogue.reading() as connection:
            return captures.waiting_to_climb(connection, self._page_n, on)

    def _due(self) -> Sequence[ItemRow]:
        on = self._account.today().toordinal()
        with self._account.catalogue.reading() as connection:
            return captures.rung(connection, self._page_n, on=on, limit=RECHECKS)

    def _ask(self, rows: Iterable[ItemRow]) -> None:
        left = iter(rows)
        while some := list(islice(left, _BATCH)):
            unseen = [r for r in some if r.n not in self._seen and r.n not in self._asked]
            if unseen:
                self._asked.add(row.n for row in unseen)
                known = known_as(self._account, unseen)
                self._walk(partial(self._doubt.weigh, known, self._source.recheck))
