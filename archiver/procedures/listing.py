"""Listing: the paper of what a batch destroys, and by which authority.

It is written before anything goes, so that the certificate can be drawn up, and tombstones be
raised by a rebuild, when everything it lists is gone. It says nothing of what the items said.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from archiver.catalogue import Reading, holds, pages, plans, roster
from archiver.catalogue.volumes import Volume, volumes
from archiver.procedures.account import Account
from archiver.procedures.deciding import Decided
from archiver.procedures.errands import Errand
from archiver.procedures.tombstones import DUE, FILED, Line, listed
from archiver.records.canonical import Json
from archiver.records.moments import moment, written
from archiver.records.schedules import Schedule
from archiver.records.series import Series

_VERSIONS, _FILES, _BYTES = 9, 10, 11
"""The places of what is counted, in a line."""


def list_paper(
    connection: Reading, errand: Errand, due: Sequence[Decided], stays: Sequence[Decided]
) -> dict[str, Json]:
    """Give the particulars of a batch: what goes, what of it stays and why, and who let it go."""
    on_pages = pages.by_numbers(connection, [one.row.page_n for one in due])
    sizes = volumes(connection, [item.n for one in due for item in one.members])
    filed = {reason.of for one in due for reason in one.verdict.reasons}
    lines = [line for one in due for line in _lines(one, on_pages[one.row.page_n].page, sizes)]
    described = {number: series_told(errand.schedule, number) for number in filed}
    return {
        "plan": errand.plan.name,
        "schedule": errand.plan.schedule,
        "items": listed(errand.schedule, lines),
        "stayed": [
            [item.item, list[Json](one.reasons(item))] for one in stays for item in one.members
        ],
        "authority": authority(errand.schedule),
        "series": summed(errand.account, described, lines),
        "approvals": approvals(connection, errand.plan.n),
        "proposed_by": proposer(connection, errand.plan.n),
        "holds_asked": {
            "at": written(errand.account.now()),
            "binding": [row.hold.id for row in holds.binding(connection)],
        },
    }


def _lines(one: Decided, page: str, sizes: Mapping[int, Volume]) -> list[Line]:
    """Give, for each item, what a rebuild needs for its tombstone, and what the certificate says.

    In this order: item, series, page, thread, kind, moment of publication, end of cool-down;
    then the series it is disposed of by, its first day of disposition, versions, files, bytes.
    """
    filed = {reason.item: reason.of for reason in one.verdict.reasons}
    due = one.verdict.due
    return [
        [
            item.item,
            item.series,
            page,
            one.row.thread,
            item.kind,
            str(item.published_at),
            item.cooling_until,
            filed.get(item.item, item.series),
            due.isoformat() if due else "",
            sizes[item.n].versions,
            sizes[item.n].attachments,
            sizes[item.n].bytes,
        ]
        for item in one.members
    ]


def authority(schedule: Schedule | None) -> dict[str, Json]:
    """Give the schedule, and the instrument by which the agency adopted it."""
    if schedule is None or schedule.adoption is None:
        return {}
    adoption = schedule.adoption
    return {
        "agency": schedule.agency,
        "state": schedule.state,
        "schedule": schedule.name,
        "digest": schedule.digest,
        "instrument": adoption.instrument,
        "number": adoption.number,
        "date": adoption.date.isoformat(),
        "signed_by": list[Json](adoption.signed_by),
    }


def series_told(schedule: Schedule | None, number: str) -> dict[str, Json]:
    """Give what papers say of the series *number*: what it is, how long kept, by whose word."""
    found = schedule.series.get(number) if schedule is not None else None
    if found is None:
        return {}
    return {
        "title": found.title,
        "category": found.category.value,
        "citation": list[Json](found.citation),
        "retention": retention(found),
        "trigger": found.trigger.value,
        "disposition": found.disposition.value,
        "tombstone": found.tombstone.value,
        "verified": found.verified,
    }


def retention(series: Series) -> str:
    """Say the retention rule of *series* in a few words."""
    period, floor = series.period, series.floor
    words = [series.rule.value.replace("_", " ")]
    words += [str(period)] if period else []
    words += [f"not before {floor}"] if floor else []
    return " ".join(words)


def approvals(connection: Reading, plan_n: int) -> list[Json]:
    """Give every step of a plan that was taken: who, in which role, when, by which document."""
    names = {person.id: person.name for person in roster.everyone(connection)}
    return [
        {
            "step": row.step,
            "by": row.by,
            "name": names.get(row.by, ""),
            "role": row.role,
            "entered": written(moment(row.at)),
            "on": date.fromordinal(row.on_day).isoformat(),
            "signed_by": row.signed_by,
            "document": row.document,
        }
        for row in plans.approvals_of(connection, plan_n)
    ]


def proposer(connection: Reading, plan_n: int) -> dict[str, Json]:
    """Give who had a plan made, when, and by which chain it is approved."""
    names = {person.id: person.name for person in roster.everyone(connection)}
    row = plans.numbered(connection, plan_n)
    return {
        "by": row.by,
        "name": names.get(row.by, ""),
        "at": written(moment(row.made_at)),
        "chain": list[Json](json.loads(row.chain)),
    }


def summed(
    account: Account, described: Mapping[str, Mapping[str, Json]], lines: Iterable[Line]
) -> list[Json]:
    """Sum up *lines* for each series, with the days between which its items lie."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(str(line[FILED]), []).append(line)
    told: list[Json] = []
    for number, some in sorted(found.items()):
        days = sorted(account.day(int(str(line[5]))).isoformat() for line in some)
        due = sorted(str(line[DUE]) for line in some)
        told.append(
            {
                "number": number,
                **described.get(number, {}),
                "items": len(some),
                "versions": sum(int(str(line[_VERSIONS])) for line in some),
                "attachments": sum(int(str(line[_FILES])) for line in some),
                "bytes": sum(int(str(line[_BYTES])) for line in some),
                "from": days[0],
                "to": days[-1],
                "due_from": due[0],
                "due_to": due[-1],
            }
        )
    return told
