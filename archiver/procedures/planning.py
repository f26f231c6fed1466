"""Planning: decide for every thread whose day has come, with reasons. Nothing is touched.

A plan is printable, and binds one exact set of items and one version of the schedule.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from archiver.catalogue import Reading, disposals, facts, items, pages
from archiver.catalogue.disposals import PlanLine, PlanRow
from archiver.catalogue.items import LIVE, ItemRow, ThreadRow
from archiver.catalogue.pages import PageRow
from archiver.procedures.account import Account
from archiver.procedures.authority import demand_to_dispose
from archiver.procedures.covering import held
from archiver.records.canonical import Json
from archiver.records.captures import PlatformState
from archiver.records.classification import Basis, Tag
from archiver.records.disposition import Action, Member, Thread, Verdict, Why, decide
from archiver.records.errors import NotFound
from archiver.records.events import EventKind
from archiver.records.people import Person
from archiver.records.schedules import Schedule
from archiver.records.series import Trigger, days_read

SLICE = 500
"""How many threads are decided at once."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A thread with its members and what was decided of it."""

    row: ThreadRow
    members: tuple[ItemRow, ...]
    verdict: Verdict
    stayed: bool
    """Its time has lapsed, and something else keeps it."""

    def reasons(self, item: ItemRow) -> tuple[str, ...]:
        """Give the reasons that concern *item*: its own, those of the thread, or another's."""
        reasons = self.verdict.reasons
        own = tuple(str(r) for r in reasons if r.item in {"", item.item})
        return own or tuple(f"thread: {r}" for r in reasons)


@dataclass(slots=True)
class Plan:
    """A plan as it was saved: its name, what is due, and what was due but stays, with reasons."""

    name: str
    n: int
    schedule: str
    on: date
    due: int = 0
    stayed: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)


def decisions(
    account: Account, schedule: Schedule | None, *, on: date, horizon: date | None = None
) -> Iterator[Decided]:
    """Decide on the day *on* for every thread worth a look until *horizon* (default: *on*)."""
    after = 0
    until = (horizon or on).toordinal()
    while True:
        with account.catalogue.reading() as connection:
            rows = disposals.worth_a_look(connection, on=until, after=after, limit=SLICE)
            some = decide_for(connection, account, schedule, rows, on=horizon or on)
        if not rows:
            return
        yield from some
        after = rows[-1].n


def decide_for(
    connection: Reading,
    account: Account,
    schedule: Schedule | None,
    rows: Sequence[ThreadRow],
    *,
    on: date,
) -> list[Decided]:
    """Decide for *rows* by what the catalogue says in this transaction."""
    members = disposals.members(connection, [row.n for row in rows])
    holds = held(connection, [item for some in members.values() for item in some])
    on_pages = pages.by_numbers(connection, [row.page_n for row in rows])
    return [
        _decided(account, schedule, row, members[row.n], on_pages[row.page_n], holds, on=on)
        for row in rows
    ]


def _decided(
    account: Account,
    schedule: Schedule | None,
    row: ThreadRow,
    members: Sequence[ItemRow],
    page: PageRow,
    holds: Mapping[str, Sequence[str]],
    *,
    on: date,
) -> Decided:
    thread = as_thread(account, row, members, page)
    verdict = decide(thread, schedule, holds, on=on)
    stayed = verdict.action is Action.KEEP and verdict.due is not None and verdict.due <= on
    if any(reason.why is Why.HELD for reason in verdict.reasons):
        stayed = decide(thread, schedule, {}, on=on).action is Action.DESTROY
    return Decided(row, tuple(members), verdict, stayed)


def as_thread(
    account: Account, row: ThreadRow, members: Sequence[ItemRow], page: PageRow
) -> Thread:
    """Give a thread as disposition sees it: days instead of moments."""
    whole = page.whole_at
    return Thread(
        id=row.thread,
        members=tuple(_member(account, row, item) for item in members),
        controlled=page.controlled,
        captured_whole_on=account.day(whole) if whole is not None else None,
    )


def _member(account: Account, thread: ThreadRow, row: ItemRow) -> Member:
    published = account.day(row.published_at)
    triggers = {
        Trigger.CREATED: published,
        Trigger.POSTED: published,
        Trigger.LAST_ACTIVITY: account.day(max(thread.last_activity, row.published_at)),
    }
    if row.removed_at is not None:
        triggers[Trigger.REMOVED] = account.day(row.removed_at)
    if row.value_ended_at is not None:
        triggers[Trigger.ADMIN_VALUE_ENDED] = account.day(row.value_ended_at)
    sound = row.true_seal(account.key) == row.seal
    if sound:
        triggers.update(days_read(row.triggers))
    cooling = row.cooling_until
    return Member(
        item=row.item,
        tag=Tag(row.tag),
        series=row.series,
        basis=Basis(row.basis),
        live=row.life == LIVE and sound,
        restricted=row.restricted,
        state=PlatformState(row.state),
        arrived_on=account.day(row.captured_at),
        triggers=triggers,
        cooling_until=date.fromordinal(cooling) if cooling is not None else None,
    )


def plan(account: Account, person: Person, schedule: Schedule | None, *, on: date) -> Plan:
    """Decide for every thread whose day has come, and save the plan with a paper.

    The scheduler may make plans where an adoption record authorises unattended destruction;
    it can never approve one.

    Raises:
        NotPermitted: the person may not dispose.
    """
    demand_to_dispose(account, person)
    digest = schedule.digest if schedule is not None else ""
    made = account.now_micros()
    with account.catalogue.writing() as desk:
        row = disposals.add_plan(
            desk.connection,
            PlanRow(
                n=0,
                plan="",
                made_at=made,
                by=person.id,
                on_day=on.toordinal(),
                schedule=digest,
                status="making",
                due=0,
                paper="",
            ),
        )
    result = Plan(name=row.plan, n=row.n, schedule=digest, on=on)
    lines: list[Json] = []
    waiting: list[Decided] = []
    for decided in decisions(account, schedule, on=on):
        waiting.append(decided)
        if len(waiting) >= SLICE:
            _enter(account, result, waiting, lines)
            waiting = []
    _enter(account, result, waiting, lines)
    _save(account, person, result, lines)
    return result


def _enter(account: Account, plan: Plan, decided: Sequence[Decided], lines: list[Json]) -> None:
    """Put what is due on the plan, and write when the rest is worth a look again.

    What a person, a visit or a new schedule had looked at since it was read keeps its day, and
    everything does once another schedule is in force: the next plan decides on it anew.
    """
    due: list[PlanLine] = []
    next_looks: list[tuple[ThreadRow, int | None]] = []
    for one in decided:
        if one.verdict.action is Action.DESTROY:
            due.extend(
                PlanLine(
                    item_n=item.n,
                    thread_n=one.row.n,
                    seal=item.seal,
                    reasons=json.dumps(one.reasons(item)),
                )
                for item in one.members
            )
            lines.extend(
                [
                    item.item,
                    item.series,
                    [str(r) for r in one.verdict.reasons if r.item == item.item],
                ]
                for item in one.members
            )
            continue
        if one.stayed:
            plan.stayed.extend(
                (item.item, tuple(str(r) for r in one.verdict.reasons if r.item == item.item))
                for item in one.members
            )
        look_on = _next_look(one)
        if look_on != one.row.look_on:
            next_looks.append((one.row, look_on))
    plan.due += len(due)
    with account.catalogue.writing() as desk:
        disposals.plan_lines(desk.connection, plan.n, due)
        if facts.get(desk.connection, facts.SCHEDULE) == plan.schedule:
            items.look_next_unless_stirred(desk.connection, next_looks)


def _next_look(one: Decided) -> int | None:
    """What is due and held is looked at every night, so that every night says so.

    What waits for its page to be looked at is asked about by the next purge, tonight's too.
    """
    waits = {Why.HELD, Why.NO_CAPTURE_SINCE}
    if one.stayed and any(r.why in waits for r in one.verdict.reasons):
        return one.row.look_on
    return one.verdict.look_on.toordinal() if one.verdict.look_on else None


def _save(account: Account, person: Person, plan: Plan, lines: list[Json]) -> None:
    if not plan.due and not plan.stayed:
        with account.catalogue.writing() as desk:
            disposals.plan_ended(desk.connection, plan.n, "empty", due=0, paper="")
        return
    stayed: list[Json] = [[item, list[Json](reasons)] for item, reasons in plan.stayed]
    paper = account.paper(
        "plan",
        {
            "plan": plan.name,
            "on": plan.on.isoformat(),
            "schedule": plan.schedule,
            "due": lines,
            "stayed": stayed,
        },
    )
    status = "proposed" if plan.due else "empty"
    with account.catalogue.writing() as desk:
        disposals.plan_ended(desk.connection, plan.n, status, due=plan.due, paper=paper)
        told: dict[str, Json] = {"due": plan.due, "stayed": len(plan.stayed), "s": plan.schedule}
        account.enter(
            desk,
            EventKind.DISPOSITION_PLANNED,
            by=person.id,
            subject=plan.name,
            told=told,
            paper=paper,
        )


def listed(account: Account, *, limit: int) -> list[PlanRow]:
    """Give the newest *limit* plans, newest first."""
    with account.catalogue.reading() as connection:
        return disposals.plans_of(connection, limit=limit)


def lines(account: Account, name: str) -> tuple[PlanRow, list[tuple[ItemRow, list[str]]]]:
    """Give the plan called *name*, and each of its items with the reasons.

    Raises:
        NotFound: there is no such plan.
    """
    with account.catalogue.reading() as connection:
        row = disposals.plan_called(connection, name)
        if row is None:
            raise NotFound(f"there is no plan {name}", remedy="`archiver dispositions list`.")
        found = list(disposals.lines_of(connection, row.n))
        rows = items.by_numbers(connection, [line.item_n for line in found])
    return row, [(rows[line.item_n], list(json.loads(line.reasons))) for line in found]
