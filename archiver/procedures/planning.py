"""Planning: decide for every thread whose day has come, with reasons. Nothing is touched.

A plan is printable, and binds one exact set of items and one version of the schedule. It is
made slice by slice, and its lines lie in papers of their own, so that none is held whole.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import islice

from archiver.catalogue import facts, items, pages, plans
from archiver.catalogue.items import ThreadRow
from archiver.catalogue.plans import PlanLine, PlanRow
from archiver.procedures.account import Account
from archiver.procedures.authority import demand_to_dispose
from archiver.procedures.believing import doubts
from archiver.procedures.binding import Bound
from archiver.procedures.deciding import BINDING, SLICE, Decided, decisions
from archiver.procedures.sampling import Sieve, draw
from archiver.procedures.staying import PART, Staying, Stays
from archiver.procedures.superseding import supersede, waiting_alike
from archiver.records.approval import chain_of
from archiver.records.canonical import Json
from archiver.records.disposition import Action, Why
from archiver.records.errors import NotFound
from archiver.records.events import EventKind
from archiver.records.people import Person
from archiver.records.sampling import DEFAULT, Sampling
from archiver.records.schedules import Schedule


@dataclass(slots=True)
class Plan:
    """A plan as it was saved: its name, what is due, and what was due but stays, with reasons."""

    name: str
    n: int
    schedule: str
    on: date
    attended: bool = False
    action: Action = Action.DESTROY
    due: int = 0
    bound: str = ""
    chain: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    stayed: Collection[Stays] = ()
    waiting: int = 0
    """How many items wait to be gathered for a sample."""
    superseded: tuple[str, ...] = ()
    """The proposals whose place it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which of what is due a plan for people lists: by *action*, series and pages; all if empty.

    A thread is listed whole where one of its items is wanted.
    """

    action: Action = Action.DESTROY
    series: Collection[str] = ()
    pages: Collection[int] = ()

    def lists(self, one: Decided) -> bool:
        """Say whether a plan for this lists the thread."""
        if one.verdict.action is not self.action:
            return False
        if self.pages and one.row.page_n not in self.pages:
            return False
        return not self.series or any(r.of in self.series for r in one.verdict.reasons)

    def concerns(self, one: Decided) -> bool:
        """Say whether a plan for this has to tell of the thread where it is due and stays.

        Of one of which nobody can tell what it would come to, every plan tells.
        """
        if self.pages and one.row.page_n not in self.pages:
            return False
        if one.otherwise not in {self.action, Action.KEEP}:
            return False
        return not self.series or any(item.series in self.series for item in one.members)


@lru_cache(maxsize=1_024)
def _as_json(reasons: tuple[str, ...]) -> str:
    """Remember some: most items of a night have the same reasons."""
    return json.dumps(reasons)


class _Making:
    """A plan that is being made: what it binds, and the papers that list it."""

    def __init__(self, account: Account, plan: Plan, wanted: Wanted | None) -> None:
        self._account = account
        self.plan = plan
        self._wanted = wanted or Wanted()
        self._bound = Bound()
        self._series: set[str] = set()
        self.staying = Staying(account, plan.name)
        plan.stayed = self.staying

    def take(self, decided: Sequence[Decided]) -> None:
        """Put what is due on the plan, and write when the rest is worth a look again.

        What a person, a visit or a new schedule had looked at since it was read keeps its day,
        and everything does once another schedule is in force: the next plan decides on it anew.
        """
        plan = self.plan
        due: list[PlanLine] = []
        next_looks: list[tuple[ThreadRow, int | None]] = []
        for one in decided:
            if one.verdict.action is not Action.KEEP:
                if self._wanted.lists(one):
                    due.extend(self._lined(one))
                continue
            if one.stayed and self._wanted.concerns(one):
                self.staying.extend((item.item, one.reasons(item)) for item in one.members)
            looked = one.row.ripe_on if plan.attended else one.row.look_on
            if (look_on := _next_look(one, looked)) != looked:
                next_looks.append((one.row, look_on))
        plan.due += len(due)
        self._bound.take(due)
        with self._account.catalogue.writing() as desk:
            plans.plan_lines(desk.connection, plan.n, due)
            if facts.get(desk.connection, facts.SCHEDULE) == plan.schedule:
                items.look_next_unless_stirred(desk.connection, next_looks, ripe=plan.attended)

    def _lined(self, one: Decided) -> Iterator[PlanLine]:
        self._series.update(reason.of for reason in one.verdict.reasons)
        for item in one.members:
            reasons = _as_json(one.reasons(item))
            yield PlanLine(item_n=item.n, thread_n=one.row.n, seal=item.seal, reasons=reasons)

    def end(self, schedule: Schedule | None) -> None:
        """Close the last part, and say what was bound and by which chain it is approved."""
        self.staying.put()
        chains = schedule.approval_chains if schedule is not None else {}
        series = schedule.series if schedule is not None else {}
        warnings = schedule.warnings if schedule is not None else {}
        verified = [warnings[n] for n in sorted(self._series) if n in warnings]
        doubted = doubts(self._account) if self.plan.due else ()
        self.plan.warnings = (*doubted, *verified)
        self.plan.bound = self._bound.digest()
        if self.plan.action is not Action.REVIEW:  # which nobody carries out, and so none approves
            self.plan.chain = chain_of(
                [chains.get(series[number].approval, ()) for number in sorted(self._series)]
            )


def plan(
    account: Account,
    person: Person,
    schedule: Schedule | None,
    *,
    on: date,
    wanted: Wanted | None = None,
    sampling: Sampling = DEFAULT,
    gathering: bool = False,
) -> Plan:
    """Decide for every thread whose day has come, and save the plan with its papers.

    With *wanted*, it is a plan for people to approve; otherwise the purge's, which the scheduler
    may make too where an adoption record authorises unattended destruction. What waits for a
    sample is on neither the purge's, but *gathering*, on one of its own; of whatever lists it a
    sample is drawn. A plan of the purge that lists what another lists that waits already is that
    one; otherwise it takes the place of those that wait.

    Raises:
        NotPermitted: the person may not dispose.
    """
    demand_to_dispose(account, person, attended=wanted is not None)
    row = _begun(account, person, schedule, wanted, on=on)
    result = Plan(
        name=row.plan,
        n=row.n,
        schedule=row.schedule,
        on=on,
        attended=row.attended,
        action=Action(row.action),
    )
    making = _Making(account, result, wanted)
    sieve = Sieve(account, schedule, sampling, on=on, attended=result.attended, gathering=gathering)
    decided = sieve.sift(decisions(account, schedule, on=on, attended=result.attended))
    while some := list(islice(decided, SLICE)):
        making.take(some)
    making.end(schedule)
    result.waiting = sieve.waiting
    ended = _ended(row, result)
    purges = not (result.attended or gathering)
    if purges and (standing := _unmade(account, ended)) is not None:
        superseded = supersede(account, standing)
        return replace(result, name=standing.plan, n=standing.n, superseded=superseded)
    _save(account, ended, making)
    if purges and result.due:
        result.superseded = supersede(account, ended)
    if sieve.draws and result.due and result.action is Action.DESTROY and schedule is not None:
        draw(account, person.id, result.n, result.name, result.bound, schedule, sampling)
    return result


def _begun(
    account: Account,
    person: Person,
    schedule: Schedule | None,
    wanted: Wanted | None,
    *,
    on: date,
) -> PlanRow:
    """Enter that a plan is being made."""
    row = PlanRow(
        n=0,
        plan="",
        made_at=account.now_micros(),
        by=person.id,
        on_day=on.toordinal(),
        schedule=schedule.digest if schedule is not None else "",
        status="making",
        due=0,
        attended=wanted is not None,
        action=(wanted or Wanted()).action.value,
        chain="[]",
        bound="",
        paper="",
    )
    with account.catalogue.writing() as desk:
        return plans.add_plan(desk.connection, row)


def _next_look(one: Decided, looked: int | None) -> int | None:
    """What is due and bound is looked at every night, so that every night says so.

    What waits for its page to be looked at is asked about by the next purge, tonight's too.
    """
    waits = BINDING | {Why.NO_CAPTURE_SINCE}
    if one.stayed and any(r.why in waits for r in one.verdict.reasons):
        return looked
    return one.verdict.look_on.toordinal() if one.verdict.look_on else None


def _ended(row: PlanRow, plan: Plan) -> PlanRow:
    """Give the row of a plan whose making has ended; its paper is still to be written."""
    return replace(
        row,
        status="proposed" if plan.due else "empty",
        due=plan.due,
        chain=json.dumps(plan.chain),
        bound=plan.bound,
    )


def _unmade(account: Account, ended: PlanRow) -> PlanRow | None:
    """Give the proposal that lists the same already: then *ended* is struck, and was no deed."""
    with account.catalogue.writing() as desk:
        standing = waiting_alike(desk.connection, ended)
        if standing is not None:
            plans.unmake(desk.connection, ended.n)
    return standing


def _parts(account: Account, row: PlanRow) -> Iterator[str]:
    """List what a plan lists in papers of their own, part by part."""
    after = (0, 0)
    while True:
        with account.catalogue.reading() as connection:
            some = plans.listing_of(connection, row.n, after=after, limit=PART)
        if not some:
            return
        due: list[Json] = [
            [item, series, line.seal, json.loads(line.reasons)] for line, item, series in some
        ]
        yield account.paper("plan_part", {"plan": row.plan, "due": due})
        after = (some[-1][0].thread_n, some[-1][0].item_n)


def _save(account: Account, ended: PlanRow, making: _Making) -> None:
    plan = making.plan
    if not plan.due and not plan.stayed:
        with account.catalogue.writing() as desk:
            plans.plan_ended(desk.connection, ended)
        return
    parts: dict[str, Json] = {
        "parts": list[Json](list(_parts(account, ended))),
        "staying": list[Json](making.staying.parts),
    }
    paper = account.paper("plan", _told(ended, plan) | parts)
    with account.catalogue.writing() as desk:
        plans.plan_ended(desk.connection, replace(ended, paper=paper))
        told: dict[str, Json] = {"due": plan.due, "stayed": len(plan.stayed), "s": plan.schedule}
        account.enter(
            desk,
            EventKind.DISPOSITION_PLANNED,
            by=ended.by,
            subject=plan.name,
            told=told,
            paper=paper,
        )


def _told(row: PlanRow, plan: Plan) -> dict[str, Json]:
    return {
        "plan": row.plan,
        "on": plan.on.isoformat(),
        "made": row.made_at,
        "schedule": row.schedule,
        "attended": row.attended,
        "action": row.action,
        "chain": list[Json](plan.chain),
        "bound": row.bound,
        "due": row.due,
        "warnings": list[Json](plan.warnings),
    }


def listed(account: Account, *, limit: int) -> list[PlanRow]:
    """Give the newest *limit* plans, newest first."""
    with account.catalogue.reading() as connection:
        return plans.plans_of(connection, limit=limit)


def named(account: Account, name: str) -> PlanRow:
    """Give the plan called *name*.

    Raises:
        NotFound: there is no such plan.
    """
    with account.catalogue.reading() as connection:
        row = plans.plan_called(connection, name)
    if row is None:
        raise NotFound(f"there is no plan {name}", remedy="`archiver dispositions list`.")
    return row


def numbers_of_pages(account: Account, ids: Sequence[str]) -> frozenset[int]:
    """Give the numbers of the pages *ids*, of which one never visited has none.

    Raises:
        NotFound: none of them was ever visited.
    """
    with account.catalogue.reading() as connection:
        found = [row.n for page in ids if (row := pages.by_id(connection, page)) is not None]
    if ids and not found:
        raise NotFound("no page that was named was ever visited, so nothing of it is here")
    return frozenset(found)
