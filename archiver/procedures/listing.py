"""Listing: the paper of what a batch destroys, and by which authority.

It is written before anything goes, so that the certificate can be drawn up, and tombstones be
raised by a rebuild, when everything it lists is gone. It says nothing of what the items said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias, cast

from archiver.catalogue import Reading, pages
from archiver.catalogue.volumes import Volume, volumes
from archiver.procedures.deciding import Decided
from archiver.procedures.errands import Errand, Grounds
from archiver.procedures.registers_asked import covering, exclusions_asked, registers_asked
from archiver.procedures.tombstones import DUE, FILED, TRIGGERED, Line, listed
from archiver.procedures.warrants import approvals, authority, offer, proposer, series_told
from archiver.records.canonical import Json
from archiver.records.moments import written
from archiver.records.reasons import Why
from archiver.records.schedules import Schedule
from archiver.records.series import Trigger

_KIND, _PUBLISHED, _VERSIONS, _FILES, _BYTES = 4, 5, 9, 10, 11
"""The places of what is summed up, in a line."""


def list_paper(
    connection: Reading,
    errand: Errand,
    grounds: Grounds,
    due: Sequence[Decided],
    stays: Sequence[Decided],
) -> dict[str, Json]:
    """Give the particulars of a batch: what goes, what of it stays and why, and who let it go."""
    account, plan, schedule = errand.account, errand.plan, errand.schedule
    sizes = volumes(connection, [item.n for one in due for item in one.members])
    lines = list(_all_lines(connection, due, sizes, schedule))
    formats = Counter(kind for size in sizes.values() for kind in size.media_types)
    published = [account.day(int(str(line[_PUBLISHED]))) for line in lines]
    described = {one: series_told(schedule, one) for one in {str(line[FILED]) for line in lines}}
    taken = approvals(account, connection, plan.n)
    return {
        "plan": plan.name,
        "attended": plan.attended,
        "schedule": plan.schedule,
        "items": listed(schedule, lines),
        "stayed": [
            [item.item, list[Json](one.reasons(item))] for one in stays for item in one.members
        ],
        "authority": authority(account, connection, schedule),
        "series": summed(described, lines, published),
        "formats": dict[str, Json](sorted(formats.items())),
        **_asked_of_people(connection, errand, taken),
        **_asked_of_registers(connection, errand, grounds, due, taken, published),
    }


def _asked_of_people(
    connection: Reading, errand: Errand, taken: Sequence[Mapping[str, Json]]
) -> dict[str, Json]:
    """Say who proposed it, approved it and begins it, and what another archive was offered."""
    account, plan = errand.account, errand.plan
    proposed = proposer(connection, plan.n)
    return {
        "approvals": [dict[str, Json](one) for one in taken],
        "offer": offer(taken, plan.chain),
        "proposed_by": proposed,
        "begun_by": {"by": errand.person.id, "name": errand.person.name},
        "eligibility": {
            "planned_at": proposed["at"],
            "computed_at": written(account.now()),
            "on": errand.on.isoformat(),
        },
    }


def _asked_of_registers(
    connection: Reading,
    errand: Errand,
    grounds: Grounds,
    due: Sequence[Decided],
    taken: Sequence[Mapping[str, Json]],
    published: Sequence[date],
) -> dict[str, Json]:
    """Say what held, what was asked for and what the law excludes, and what each covers."""
    plan = errand.plan
    known = grounds.known
    asked = registers_asked(
        errand.account,
        connection,
        holding=covering(known.holds, (item.item for one in due for item in one.members)),
        ordering=covering(known.ordered, (item.n for one in due for item in one.members)),
    )
    said = exclusions_asked(
        errand.schedule,
        asked,
        taken,
        published,
        on=errand.on,
        attended=plan.attended,
    )
    return {**asked, "exclusions": said}


def _all_lines(
    connection: Reading,
    due: Sequence[Decided],
    sizes: Mapping[int, Volume],
    schedule: Schedule | None,
) -> Iterator[Line]:
    on_pages = pages.by_numbers(connection, [one.row.page_n for one in due])
    events = _Events(schedule)
    for one in due:
        yield from _lines(one, on_pages[one.row.page_n].page, sizes, events)


class _Events:
    """The trigger events of items by their series; items of the same days share what is told."""

    def __init__(self, schedule: Schedule | None) -> None:
        self._schedule = schedule
        self._known: dict[tuple[str, bool], tuple[tuple[Trigger, ...], _Told]] = {}

    def of(self, number: str, days: Mapping[Trigger, date], *, unconfirmed: bool) -> list[Json]:
        """Give each event that counts for series *number*, with its day: the series' own first.

        What nobody confirmed counts from the last activity, whatever its series says.
        """
        known = self._known.get((number, unconfirmed))
        if known is None:
            known = self._order(number, unconfirmed=unconfirmed), {}
            self._known[number, unconfirmed] = known
        order, every = known
        happened = tuple(map(days.get, order))
        told = every.get(happened)
        if told is None:
            told = every[happened] = [
                [event.value, day.isoformat()]
                for event, day in zip(order, happened, strict=True)
                if day is not None
            ]
        return told

    def _order(self, number: str, *, unconfirmed: bool) -> tuple[Trigger, ...]:
        schedule = self._schedule
        series = schedule.series.get(number) if schedule is not None else None
        if schedule is None or series is None:
            return (Trigger.LAST_ACTIVITY,)
        first = Trigger.LAST_ACTIVITY if unconfirmed else series.trigger
        others = sorted(schedule.counts_from(number) - {first})
        return (first, *others)


_Told: TypeAlias = "dict[tuple[date | None, ...], list[Json]]"


def _lines(
    one: Decided,
    page: str,
    sizes: Mapping[int, Volume],
    events: _Events,
) -> Iterator[Line]:
    """Give, for each item, what a rebuild needs for its tombstone, and what the certificate says.

    In this order: item, series, page, thread, kind, moment of publication, end of cool-down;
    then the series it is disposed of by, its first day of disposition, versions, files, bytes,
    its trigger events with their days, and the store's own ids of what it kept.
    """
    filed = {reason.item: reason for reason in one.verdict.reasons}
    due = one.verdict.due.isoformat() if one.verdict.due else ""
    for item, asked in zip(one.members, one.asked.members, strict=True):
        reason = filed.get(item.item)
        number = reason.of if reason is not None else item.series
        unconfirmed = reason is not None and reason.why is Why.LAPSED_UNCONFIRMED
        size = sizes[item.n]
        yield [
            item.item,
            item.series,
            page,
            one.row.thread,
            item.kind,
            str(item.published_at),
            item.cooling_until,
            number,
            due,
            size.versions,
            size.attachments,
            size.bytes,
            events.of(number, asked.triggers, unconfirmed=unconfirmed),
            list[Json](size.kept_as),
        ]


def summed(
    described: Mapping[str, Mapping[str, Json]], lines: Sequence[Line], published: Sequence[date]
) -> list[Json]:
    """Sum up *lines* for each series, with the days between which its items lie.

    *published* are the days of publication, in the order of the lines. The days of the trigger
    are empty where of no item one is known.
    """
    found: dict[str, list[tuple[Line, date]]] = {}
    for line, day in zip(lines, published, strict=True):
        found.setdefault(str(line[FILED]), []).append((line, day))
    return [
        {
            "number": number,
            **described.get(number, {}),
            **_summed([n for n, _ in some], [d for _, d in some]),
        }
        for number, some in sorted(found.items())
    ]


def _summed(lines: Sequence[Line], published: Sequence[date]) -> dict[str, Json]:
    due = [str(line[DUE]) for line in lines]
    triggered = [str(events[0][1]) for line in lines if (events := _events_of(line))] or [""]
    return {
        "items": len(lines),
        "versions": sum(int(str(line[_VERSIONS])) for line in lines),
        "attachments": sum(int(str(line[_FILES])) for line in lines),
        "bytes": sum(int(str(line[_BYTES])) for line in lines),
        "kinds": dict[str, Json](sorted(Counter(str(line[_KIND]) for line in lines).items())),
        "triggered_from": min(triggered),
        "triggered_to": max(triggered),
        "published_from": min(published).isoformat(),
        "published_to": max(published).isoformat(),
        "due_from": min(due),
        "due_to": max(due),
    }


def _events_of(line: Line) -> list[list[Json]]:
    return cast("list[list[Json]]", line[TRIGGERED])
