"""Simulating another version of the schedule over what is archived; nothing is touched.

Every live item is asked for its first day of disposition under the schedule in force and under
the other one. Items keep the series they have: what the other's rules would suggest for them is
not asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from archiver.catalogue import disposals, pages
from archiver.catalogue.items import LIVE
from archiver.procedures.account import Account
from archiver.procedures.deciding import as_thread
from archiver.records.schedules import Schedule

SLICE = 500
"""How many threads are read at once."""


class Effect(StrEnum):
    """What another schedule does to the first day of an item."""

    BECOMES_DUE = "becomes_due"
    EARLIER = "earlier"
    LATER = "later"
    NO_DAY = "no_day_any_more"
    STAYS = "stays"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effected:
    """One item whose first day would change: from *before* to *after*; None is no day."""

    item: str
    series: str
    effect: Effect
    before: date | None
    after: date | None


@dataclass(slots=True)
class Simulated:
    """How many items of each series are affected, and how; *unknown* series the other lacks."""

    counts: dict[str, Counter[Effect]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)


def changes(
    account: Account, current: Schedule, other: Schedule, found: Simulated, *, on: date
) -> Iterator[Effected]:
    """Give every item whose first day *other* would change, and count all of them in *found*."""
    for one in _effects(account, current, other, on=on):
        found.counts.setdefault(one.series, Counter())[one.effect] += 1
        if one.series and one.series not in other.series:
            found.unknown.add(one.series)
        if one.effect is not Effect.STAYS:
            yield one


def _effects(
    account: Account, current: Schedule, other: Schedule, *, on: date
) -> Iterator[Effected]:
    after = 0
    while True:
        with account.catalogue.reading() as connection:
            rows = disposals.threads_after(connection, after=after, limit=SLICE)
            members = disposals.members(connection, [row.n for row in rows])
            on_pages = pages.by_numbers(connection, [row.page_n for row in rows])
        if not rows:
            return
        for row in (row for row in rows if row.page_n in on_pages):
            live = [item for item in members[row.n] if item.life == LIVE]
            page = on_pages[row.page_n]
            sound = page.whole(account.key)
            thread = as_thread(account, row, live, page, sound=sound, ordered={})
            for member in thread.members:
                before = current.first_day(member.series, member.triggers)
                then = other.first_day(member.series, member.triggers)
                effect = _effect(before, then, on=on)
                yield Effected(
                    item=member.item,
                    series=member.series,
                    effect=effect,
                    before=before,
                    after=then,
                )
        after = rows[-1].n


def _effect(before: date | None, after: date | None, *, on: date) -> Effect:
    if before == after:
        return Effect.STAYS
    if after is None:
        return Effect.NO_DAY
    if after <= on and (before is None or before > on):
        return Effect.BECOMES_DUE
    return Effect.EARLIER if before is None or after < before else Effect.LATER
