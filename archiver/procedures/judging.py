"""Judging: a person says of each item that was drawn whether it is transitory, or a record.

One record stops the plan for good, and everything on it that nobody had tried goes back to
review. Where nothing is found the plan may be carried out, and the rules of which something was
looked at are tried under this adoption.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.catalogue import Desk, Reading, items, plans, samples
from archiver.catalogue.items import ItemRow
from archiver.catalogue.plans import PlanRow
from archiver.catalogue.samples import SampleRow
from archiver.procedures.account import Account
from archiver.procedures.authority import attempt, demand, refuse
from archiver.procedures.planning import named
from archiver.procedures.sample_endings import confirmed, judged, send_back, stopped
from archiver.procedures.sampling import Drawn, drawn_now, gate_of_plan
from archiver.procedures.viewing import demand_all_open_to
from archiver.records.canonical import Json
from archiver.records.classification import Basis
from archiver.records.counting import count_of
from archiver.records.errors import NotApproved, NotFound
from archiver.records.events import EventKind
from archiver.records.moments import micros
from archiver.records.people import Person, Right, SignedIn
from archiver.records.sampling import Judgement, SampleStatus, Sampling
from archiver.records.schedules import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A plan with its sample as it stands."""

    plan: PlanRow
    drawn: Drawn

    @property
    def waits(self) -> bool:
        """Say whether it waits for a person."""
        opened = self.drawn.row.status == SampleStatus.OPEN.value
        return opened and self.plan.status == "proposed"


def sample_of(account: Account, name: str) -> Sample:
    """Give the sample of the plan called *name*, as it stands.

    Raises:
        NotFound: there is no such plan, or no sample was drawn of it.
    """
    plan = named(account, name)
    with account.catalogue.reading() as connection:
        row = samples.of_plan(connection, plan.n)
        if row is None:
            raise NotFound(
                f"no sample was drawn of {name}", remedy="`archiver dispositions sample list`."
            )
        return Sample(plan=plan, drawn=drawn_now(connection, row, plan.bound))


def newest(account: Account, *, limit: int) -> list[Sample]:
    """Give the newest *limit* samples, newest first."""
    found = []
    with account.catalogue.reading() as connection:
        for row in samples.every(connection, limit=limit):
            plan = plans.numbered(connection, row.plan_n)
            waits = row.status == SampleStatus.OPEN.value and plan.status == "proposed"
            drawn = Drawn(row=row, items=(), judged={})
            found.append(
                Sample(plan=plan, drawn=drawn_now(connection, row, plan.bound) if waits else drawn)
            )
    return found


def demand_sampled(
    account: Account,
    person: Person,
    row: PlanRow,
    schedule: Schedule | None,
    sampling: Sampling,
) -> None:
    """Pass if nothing on a plan waits for a sample, or a person confirmed the one drawn of it.

    Raises:
        NotApproved: some of it waits.
    """
    with account.catalogue.reading() as connection:
        gate = gate_of_plan(connection, account, row.n, schedule, sampling)
        if gate is None:
            return
        untried = any(one.untouched for one in samples.population(connection, row.n, gate))
        drawn = samples.of_plan(connection, row.n)
    if untried and drawn is None:
        said = f"no sample was drawn of {row.plan}"
        refuse(account, person, row.plan, NotApproved(said, remedy="Make a new plan."))
    if untried:
        remedy = f"Judge what `archiver dispositions sample show {row.plan}` lists, and confirm it."
        said = f"the sample of {row.plan} is not confirmed"
        refuse(account, person, row.plan, NotApproved(said, remedy=remedy))


def judge(
    account: Account,
    signed: SignedIn,
    name: str,
    some: Sequence[str],
    judgement: Judgement,
    *,
    reason: str,
) -> Sample:
    """Say of *some* items (their ids) what they are; a record stops the plan called *name*.

    Raises:
        NotFound: there is no such plan or sample, or an item was not drawn for it.
        NotPermitted: the person may not decide.
        NotApproved: the sample waits for nobody any more.
    """
    person = signed.person
    demand(account, person, Right.DECIDE)
    sample = _waiting(account, person, name)
    rows = _drawn(account, sample, some, judgement)
    demand_all_open_to(account, person, rows)
    fresh = [row for row in rows if row.n not in sample.drawn.judged]
    said: dict[str, Json] = {
        "plan": name,
        "judgement": judgement.value,
        "items": [row.item for row in fresh],
        "reason": reason,
        "by": person.id,
    }
    paper = account.paper("judgement", said)
    refused = attempt(account, person, EventKind.SAMPLE_JUDGED, name)
    with refused, account.catalogue.writing() as desk:
        row = _still_open(desk.connection, sample)
        _enter_judged(account, desk, row, said, [one.n for one in fresh], paper)
    if judgement is Judgement.RECORD:
        send_back(account, person.id, row, name)
    account.acknowledge()
    return sample_of(account, name)


def _enter_judged(
    account: Account,
    desk: Desk,
    row: SampleRow,
    said: dict[str, Json],
    numbers: Sequence[int],
    paper: str,
) -> None:
    """Enter what was said, and that it stops the plan where it was of a record."""
    now, by, name = account.now(), str(said["by"]), str(said["plan"])
    judgement, at = Judgement(str(said["judgement"])), micros(now)
    judged(desk.connection, row, numbers, judgement, at=at, by=by, paper=paper)
    told: dict[str, Json] = {"n": len(numbers), "v": judgement.value}
    kind = EventKind.SAMPLE_JUDGED
    account.enter(desk, kind, by=by, subject=name, told=told, paper=paper, at=now)
    if judgement is Judgement.RECORD:
        stopped(account, desk.connection, row, at=at, by=by)
        kind = EventKind.SAMPLE_STOPPED
        account.enter(desk, kind, by=by, subject=name, paper=paper, at=now)


def confirm(account: Account, signed: SignedIn, name: str, *, counted: int | None) -> Sample:
    """Confirm that there is no record in the sample of *name*: its plan may be carried out.

    Of a list, which is not drawn from, the person says how many items it has that they read: so
    they must be allowed to see each.

    Raises:
        NotFound: there is no such plan, or no sample was drawn of it.
        NotPermitted: the person may not decide, or not see all of a list.
        NotApproved: an item was not judged, the list has another number of items, or the sample
            waits for nobody any more.
    """
    person = signed.person
    demand(account, person, Right.DECIDE)
    sample = _waiting(account, person, name)
    drawn = sample.drawn
    _demand_looked_at(account, person, name, drawn, counted)
    passed = sorted({item.rule for item in drawn.items if item.basis == Basis.RULE.value})
    listed = list[Json]([item.item for item in drawn.items])
    words: dict[str, Json] = {"plan": name, "items": listed, "passed": list[Json](passed)}
    paper = account.paper("sample_confirmed", words | {"by": person.id})
    refused = attempt(account, person, EventKind.SAMPLE_CONFIRMED, name)
    with refused, account.catalogue.writing() as desk:
        row = _still_open(desk.connection, sample)
        now = account.now()
        confirmed(account, desk.connection, row, passed, at=micros(now), by=person.id)
        told: dict[str, Json] = {"n": len(listed)}
        kind = EventKind.SAMPLE_CONFIRMED
        account.enter(desk, kind, by=person.id, subject=name, told=told, paper=paper, at=now)
    account.acknowledge()
    return sample_of(account, name)


def _demand_looked_at(
    account: Account, person: Person, name: str, drawn: Drawn, counted: int | None
) -> None:
    """Pass if *person* read the whole list and *counted* its items rightly, or all is judged."""
    many = count_of(len(drawn.items), "item")
    if drawn.lists_all:
        demand_all_open_to(account, person, drawn.items)
        if counted != len(drawn.items):
            said = f"the list of {name} has {many}; say so once you have read them"
            remedy = f"`archiver dispositions sample confirm {name} --items {len(drawn.items)}`."
            refuse(account, person, name, NotApproved(said, remedy=remedy))
    elif drawn.unjudged:
        said = f"not judged yet: {drawn.unjudged} of {many} drawn of {name}"
        remedy = f"`archiver dispositions sample show {name}` lists them."
        refuse(account, person, name, NotApproved(said, remedy=remedy))


def _waiting(account: Account, person: Person, name: str) -> Sample:
    sample = sample_of(account, name)
    if not sample.waits:
        stands = sample.drawn.row.status
        if stands == SampleStatus.OPEN.value:
            stands = sample.plan.status.replace("_", " ")
        refuse(account, person, name, NotApproved(f"{name} is {stands}: nothing waits for you"))
    return sample


def _drawn(
    account: Account, sample: Sample, some: Sequence[str], judgement: Judgement
) -> list[ItemRow]:
    """Give the rows of *some*: drawn, or, where somebody came upon a record, on the plan at all."""
    drawn = {item.item: item for item in sample.drawn.items}
    with account.catalogue.reading() as connection:
        known = items.by_ids(connection, [item for item in some if item not in drawn])
        listed = set[int]()
        if known and judgement is Judgement.RECORD:
            listed = {line.item_n for line in plans.lines_of(connection, sample.plan.n)}
    strange = [
        item
        for item in some
        if item not in drawn and (item not in known or known[item].n not in listed)
    ]
    if strange:
        raise NotFound(
            f"{', '.join(item[:12] for item in strange)} was not drawn for {sample.plan.plan}",
            remedy=f"`archiver dispositions sample show {sample.plan.plan}` lists what was.",
        )
    return [drawn[item] if item in drawn else known[item] for item in dict.fromkeys(some)]


def _still_open(connection: Reading, sample: Sample) -> SampleRow:
    row = samples.of_plan(connection, sample.plan.n)
    stands = plans.numbered(connection, sample.plan.n).status
    if row is None or row.status != SampleStatus.OPEN.value or stands != sample.plan.status:
        raise NotApproved(f"{sample.plan.plan} was decided on by somebody else meanwhile")
    return row
