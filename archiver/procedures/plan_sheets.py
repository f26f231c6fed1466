"""A plan on paper: what is due and why, and a line for everybody who must sign."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import cast

from archiver.catalogue import inspection, roster
from archiver.catalogue.plans import PlanRow
from archiver.printing import Cell, Grid, Sheet
from archiver.procedures.account import Account
from archiver.procedures.approving import Chain, chain
from archiver.procedures.papers import paper_of
from archiver.procedures.plan_lines import lines
from archiver.procedures.planning import named
from archiver.procedures.staying import Stays, stayed_in
from archiver.procedures.warrants import retention
from archiver.records.approval import Terms
from archiver.records.canonical import Json, read_object
from archiver.records.events import EventKind, Leaf
from archiver.records.moments import moment
from archiver.records.schedules import Schedule

_WARNED = re.compile(r"series (?P<number>\S+): ")

PRINTED = 20_000
"""How many items are printed at most; the table in a file lists them all."""

COLUMNS = ("item", "series", "page", "kind", "published", "reasons", "stands", "warning")
"""The columns of the table in a file; on paper the warnings stand above the table, once."""

_SERIES = COLUMNS.index("series")


def plan_rows(account: Account, name: str, schedule: Schedule) -> Iterator[Sequence[Cell]]:
    """Give the plan called *name*, a row for each item as it stands under *schedule*, in `COLUMNS`.

    Raises:
        NotFound: there is no such plan.
    """
    plan = named(account, name)
    warned = {number: text for text in warnings_of(account, plan) for number in _of(text)}
    for line in lines(account, plan, schedule):
        row = line.row
        yield (
            row.item,
            row.series,
            line.page,
            row.kind,
            account.day(row.published_at).isoformat(),
            "; ".join(line.reasons),
            line.stands,
            warned.get(row.series, ""),
        )


def warnings_of(account: Account, row: PlanRow) -> list[str]:
    """Give what a plan warns of: series whose value nobody verified, as it was when it was made."""
    if not row.paper:
        return []
    told = paper_of(account, "plan", row.paper)
    return [str(text) for text in cast("list[Json]", told.get("warnings", []))]


def stayed_of(account: Account, row: PlanRow) -> Iterator[Stays]:
    """Give what is due and stays, by id, each with its reasons: what was never on a plan first."""
    yield from _unlisted(account, row)
    yield from _kept(account, row)


def _unlisted(account: Account, row: PlanRow) -> Iterator[Stays]:
    """Give what was due when a plan was made, and is not on it."""
    if row.paper:
        parts = cast("list[str]", paper_of(account, "plan", row.paper)["staying"])
        yield from stayed_in(account, parts)


def _kept(account: Account, row: PlanRow) -> Iterator[Stays]:
    """Give what was on a plan and stayed when it was carried out."""
    with account.catalogue.reading() as connection:
        ended = inspection.leaves_of_registers(connection, [EventKind.DISPOSITION_ENDED])
        every = [Leaf.from_json(read_object(data)) for data in ended]
    for leaf in every:
        if leaf.subject == row.plan and leaf.paper:
            parts = cast("list[str]", paper_of(account, "stayed", leaf.paper)["staying"])
            yield from stayed_in(account, parts)


def _of(warning: str) -> list[str]:
    """Give the series that a warning is about."""
    found = _WARNED.match(warning)
    return [found["number"]] if found else []


def plan_sheet(account: Account, name: str, terms: Terms, schedule: Schedule) -> Sheet:
    """Give the plan called *name* as a sheet to be printed and signed.

    Raises:
        NotFound: there is no such plan.
    """
    found = chain(account, name, terms)
    row = found.plan
    rows = [line[:-1] for line in islice(plan_rows(account, name, schedule), PRINTED)]
    paragraphs = [f"Warning: {warning}." for warning in warnings_of(account, row)]
    if row.due > PRINTED:
        paragraphs.append(f"{row.due - PRINTED} more items stand in the table of this plan alone.")
    return Sheet(
        title=f"Plan of disposition {row.plan}",
        subtitle=f"to {row.action}, by people who approve" if row.attended else "unattended",
        fields=[
            ("Made", f"{moment(row.made_at):%Y-%m-%d %H:%M} UTC"),
            ("Proposed by", _names(account).get(row.by, row.by)),
            *_made_under(row, schedule),
            ("Items", row.due),
            ("Stands", row.status.replace("_", " ")),
            ("Binds the set", row.bound),
            ("Paper", row.paper),
        ],
        paragraphs=paragraphs,
        tables=[
            _approvals(account, found),
            *_authorities(row, schedule, {str(line[_SERIES]) for line in rows}),
            Grid(title="Items", columns=COLUMNS[:-1], rows=rows),
            *_staying("Due, and not on this plan", _unlisted(account, row)),
            *_staying("On this plan, and kept when it was carried out", _kept(account, row)),
        ],
        footer=f"{row.plan}, paper {row.paper[:16]}",
        wide=True,
    )


def _made_under(row: PlanRow, schedule: Schedule) -> list[tuple[str, Cell]]:
    """Say under which schedule a plan was made; of one that is not open here, its version alone."""
    version = ("Schedule version", row.schedule)
    if row.schedule != schedule.digest:
        return [version]
    return [("Agency", schedule.agency), ("Schedule", schedule.name), version]


def _authorities(row: PlanRow, schedule: Schedule, numbers: Collection[str]) -> list[Grid]:
    """Give the table of the series *numbers*, with the authority of each, as a plan was made."""
    if row.schedule != schedule.digest:
        return []
    rows = [
        (one.number, one.title, retention(one), one.trigger.value, "; ".join(one.citation))
        for number, one in schedule.series.items()
        if number in numbers
    ]
    columns = ("series", "title", "kept for", "from", "authority")
    return [Grid(title="Series and their authority", columns=columns, rows=rows)] if rows else []


def _staying(title: str, stayed: Iterator[Stays]) -> list[Grid]:
    """Give the table of what stays, called *title*; of very many the first."""
    rows = [(item, "; ".join(reasons)) for item, reasons in islice(stayed, PRINTED)]
    return [Grid(title=title, columns=("item", "why"), rows=rows)] if rows else []


def _approvals(account: Account, found: Chain) -> Grid:
    names = _names(account)
    taken = {approval.step: approval for approval in found.taken}
    rows: list[Sequence[Cell]] = []
    for step in found.steps:
        one = taken.get(step)
        if one is None:
            rows.append((step.replace("_", " "), "", "", "", ""))
            continue
        who = names.get(one.by, one.by)
        rows.append(
            (step.replace("_", " "), who, one.role.value, one.on.isoformat(), one.document[:16])
        )
    columns = ("step", "person", "role", "day", "document or signature")
    return Grid(title="Approval", columns=columns, rows=rows)


def _names(account: Account) -> dict[str, str]:
    with account.catalogue.reading() as connection:
        return {person.id: person.name for person in roster.everyone(connection)}
