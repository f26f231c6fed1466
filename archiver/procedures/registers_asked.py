"""Registers asked: what holds, requests, orders and exclusions said of what goes.

It stands in the paper that lists a batch; in that of a bag, the registers alone. What the archiver
asked itself is told with what it found; what only a person can answer, with who said so; and what
nobody was asked, as just that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar

from archiver.catalogue import Reading, holds, orders, requests
from archiver.procedures.account import Account
from archiver.records.canonical import Json
from archiver.records.exclusions import AskedOf, Exclusion
from archiver.records.holds import HoldStatus
from archiver.records.moments import written
from archiver.records.orders import OrderStatus
from archiver.records.schedules import Schedule

NOBODY_ASKED = "not checked by the archiver; the approvers answer for it"
UNATTENDED = "not checked by the archiver; whoever adopted the schedule answers for it"
"""What is told of an exclusion that only a person can answer, where none has."""

LOOKED_FOR = "people looked, and found nothing under it"
"""What is told of one that people have answered."""

_Key = TypeVar("_Key", str, int)

_OVER = frozenset({OrderStatus.CARRIED_OUT, OrderStatus.LIFTED})


def registers_asked(
    account: Account, connection: Reading, *, holding: Collection[str], ordering: Collection[str]
) -> dict[str, Json]:
    """Say which holds bind, which requests are open, which orders stand, and what each covers.

    *holding* and *ordering* are the holds and orders, by name, that cover something that goes:
    where the registers were asked before it went, there are none. They become *covering*.
    """
    asked = requests.every(connection)
    frozen = [
        row.request.id
        for row in asked
        if row.request.closed_on is not None and row.status is not HoldStatus.LIFTED
    ]
    freezing = [row.request.id for row in asked if row.request.hold in holding]
    at = written(account.now())
    return {
        "holds_asked": {
            "at": at,
            "binding": [row.hold.id for row in holds.binding(connection)],
            "covering": list[Json](sorted(holding)),
        },
        "requests_asked": {
            "at": at,
            "open": [row.request.id for row in asked if row.request.closed_on is None],
            "closed_and_frozen": list[Json](frozen),
            "covering": list[Json](freezing),
        },
        "orders_asked": {
            "at": at,
            "in_force": [o.order for o in orders.every(connection) if o.status not in _OVER],
            "covering": list[Json](sorted(ordering)),
        },
    }


def covering(known: Mapping[_Key, Collection[str]], going: Iterable[_Key]) -> set[str]:
    """Give by name what of *known* covers something that is *going*."""
    if not known:
        return set()
    return {name for one in going for name in known.get(one, ())}


def exclusions_asked(
    schedule: Schedule | None,
    asked: Mapping[str, Json],
    approvals: Sequence[Mapping[str, Json]],
    published: Sequence[date],
    *,
    on: date,
    attended: bool,
) -> list[Json]:
    """Say of every exclusion that *schedule* names how it was asked, and what was found.

    *published* are the days on which the items were published, *on* the day of the decision.
    """
    found: list[Json] = []
    for exclusion in schedule.exclusions if schedule is not None else ():
        told: dict[str, Json] = {
            "code": exclusion.code,
            "citation": exclusion.citation,
            "excludes": exclusion.excludes,
            "verified": exclusion.verified,
            "confidence": exclusion.confidence.value,
            "asked_of": exclusion.asked_of.value,
            "stated": list(_statements(exclusion, approvals)),
        }
        unanswered = NOBODY_ASKED if attended else UNATTENDED
        if told["stated"]:
            unanswered = LOOKED_FOR
        told["found"] = _computed(exclusion, asked, published, schedule, on) or unanswered
        found.append(told)
    return found


def _statements(
    exclusion: Exclusion, approvals: Sequence[Mapping[str, Json]]
) -> Iterator[dict[str, Json]]:
    """Give who said, with which step of the approval, that nothing here falls under it."""
    for step in approvals:
        stated = step["none_under"]
        if isinstance(stated, list) and exclusion.code in stated:
            yield {part: step[part] for part in ("by", "name", "role", "step", "entered")}


def _computed(
    exclusion: Exclusion,
    asked: Mapping[str, Json],
    published: Sequence[date],
    schedule: Schedule | None,
    on: date,
) -> str:
    """Say what the archiver found by itself; empty where it cannot ask."""
    if exclusion.asked_of is AskedOf.AGES:
        return _of_ages(exclusion, published, schedule, on)
    if exclusion.asked_of is AskedOf.PERIODS:
        return (
            f"computed: the period of every item under the schedule was over on {on}, and no "
            "series of them is permanent; of a statute that the schedule does not know nothing "
            "is known here"
        )
    if exclusion.asked_of is AskedOf.HOLDS:
        return f"computed: {_counted(asked, 'holds_asked', 'binding', 'holds were in force')}"
    if exclusion.asked_of is AskedOf.REQUESTS:
        return f"computed: {_counted(asked, 'requests_asked', 'open', 'requests were open')}"
    return ""


def _counted(asked: Mapping[str, Json], register: str, which: str, were: str) -> str:
    told = asked[register]
    listed = told[which] if isinstance(told, dict) else None
    covering = told["covering"] if isinstance(told, dict) else None
    count = len(listed) if isinstance(listed, list) else 0
    return f"{count} {were}, and {'none' if not covering else 'some'} of them covers an item"


def _of_ages(
    exclusion: Exclusion, published: Sequence[date], schedule: Schedule | None, on: date
) -> str:
    least = exclusion.least_age
    if least is None or not published:
        return ""
    tender = {day for day in set(published) if least.first_day(day) > on}
    young = sum(day in tender for day in published)
    newest = max(published)
    if not young:
        return f"computed: the newest was published on {newest}, and none is younger than {least}"
    determined = (
        schedule.adoption.transitory_determination if schedule and schedule.adoption else ""
    )
    under = f"; gone under the determination {determined!r}" if determined else ""
    count = f"{young} of {len(published)}"
    return f"computed: {count} are younger than {least}, the newest of {newest}{under}"
