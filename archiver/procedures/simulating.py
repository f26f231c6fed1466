"""Simulating another version of the schedule over what is archived; nothing is touched.

Of every live item is asked what is next for it, and from which day on, under the schedule in force
and under the other one: by the function that disposition asks. Items keep the series they have:
of the other's rules nothing is asked but what they restrict. A version that nobody has adopted is
taken to be adopted by the record of the one in force, which says whose word on an item counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from archiver.catalogue import bags, disposals, pages
from archiver.catalogue.items import LIVE
from archiver.procedures.account import Account
from archiver.procedures.bagged import transferred
from archiver.procedures.deciding import as_thread, lagging_behind
from archiver.records.disposition import Member, filed_under, next_for
from archiver.records.schedules import Adoption, Obstacle, Schedule

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
    """How many items of each series are affected, and how; *unknown* series the other lacks.

    *stopped* are series of which nothing would be destroyed, whatever day is foreseen: a review or
    a transfer that was promised of them is gone, and nobody has accepted that.
    *restricted* counts, by series, what the other would restrict and is not restricted by any.
    """

    counts: dict[str, Counter[Effect]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    restricted: Counter[str] = field(default_factory=Counter)


def changes(
    account: Account, current: Schedule, other: Schedule, found: Simulated, *, on: date
) -> Iterator[Effected]:
    """Give every item whose first day *other* would change, and count all of them in *found*."""
    record = current.adoption or other.adoption or _by_people_alone(on)
    current, other = _adopted(current, record), _adopted(other, record)
    for member in _members(account):
        one = _effected(member, current, other, on=on)
        found.counts.setdefault(one.series, Counter())[one.effect] += 1
        placed = filed_under(member, other)
        if one.series and placed not in other.series:
            found.unknown.add(one.series)
        elif Obstacle.PROMISED_MORE in other.obstacles(placed, on=on):
            found.stopped.add(placed)
        if one.effect is not Effect.STAYS:
            yield one


def _adopted(schedule: Schedule, record: Adoption) -> Schedule:
    """Give *schedule* with its own adoption, or as adopted by *record* where it has none."""
    return schedule if schedule.adoption is not None else replace(schedule, adoption=record)


def _by_people_alone(on: date) -> Adoption:
    """Give what stands for an adoption where there is none: no tag counts without a person."""
    return Adoption(instrument="", number="", date=on, signed_by=())


def _effected(member: Member, current: Schedule, other: Schedule, *, on: date) -> Effected:
    before, after = _first_day(member, current), _first_day(member, other)
    effect = _effect(before, after, on=on)
    return Effected(
        item=member.item, series=member.series, effect=effect, before=before, after=after
    )


def _first_day(member: Member, schedule: Schedule) -> date | None:
    """Give the first day of what is next for *member*; None where nothing is by any day.

    So it is of what was edited behind us: it is kept under any schedule.
    """
    step = next_for(member, schedule) if member.live else None
    return step.first_day if step is not None and step.then is not None else None


def _members(account: Account) -> Iterator[Member]:
    """Give every live item as disposition sees it."""
    after = 0
    while True:
        with account.catalogue.reading() as connection:
            rows = disposals.threads_after(connection, after=after, limit=SLICE)
            members = disposals.members(connection, [row.n for row in rows])
            every = [item for some in members.values() for item in some]
            lying = bags.last_written(connection, [item.n for item in every])
            _, lagging = lagging_behind(connection, rows, every)
            on_pages = pages.by_numbers(connection, [row.page_n for row in rows])
        if not rows:
            return
        for row in (row for row in rows if row.page_n in on_pages):
            live = [item for item in members[row.n] if item.life == LIVE]
            page = on_pages[row.page_n]
            sound, bagged = page.whole(account.key), transferred(account, lying, live)
            thread = as_thread(
                account, row, live, page, sound=sound, ordered={}, bagged=bagged, behind=lagging
            )
            yield from thread.members
        after = rows[-1].n


def _effect(before: date | None, after: date | None, *, on: date) -> Effect:
    if before == after:
        return Effect.STAYS
    if after is None:
        return Effect.NO_DAY
    if after <= on and (before is None or before > on):
        return Effect.BECOMES_DUE
    return Effect.EARLIER if before is None or after < before else Effect.LATER
