"""Amending a plan: decline it, keep some of it longer, or say that an item is something else.

What is amended leaves the plan by itself, for it is not as it was planned; the rest stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from archiver.catalogue import Desk, items, plans
from archiver.catalogue.items import LIVE
from archiver.catalogue.plans import PlanRow
from archiver.ports import ObjectKeeper
from archiver.procedures import review
from archiver.procedures.account import Account
from archiver.procedures.authority import demand, refuse
from archiver.procedures.cooling import cool
from archiver.procedures.planning import named
from archiver.procedures.viewing import demand_all_open_to
from archiver.records.canonical import Json
from archiver.records.errors import ConfigInvalid, NotApproved, NotFound
from archiver.records.events import EventKind
from archiver.records.people import Person, Right, SignedIn
from archiver.records.schedules import Schedule

_SLICE = 500


def decline(account: Account, signed: SignedIn, name: str, *, reason: str) -> None:
    """Decline the plan called *name*, for good; its items stay due, and may be planned again.

    Raises:
        NotFound: there is no such plan.
        NotPermitted: the person may not approve.
        NotApproved: it is not proposed any more.
    """
    person = signed.person
    demand(account, person, Right.APPROVE)
    row = _proposed(account, person, name)
    paper = account.paper("decline", {"plan": name, "reason": reason, "by": person.id})
    with account.catalogue.writing() as desk:
        plans.plan_stands(desk.connection, row.n, "declined")
        kind = EventKind.DISPOSITION_DECLINED
        account.enter(desk, kind, by=person.id, subject=name, paper=paper)
    account.acknowledge()


def extend(
    account: Account,
    signed: SignedIn,
    name: str,
    *,
    days: int,
    reason: str,
    only: Sequence[str] = (),
) -> int:
    """Keep what the plan called *name* lists *days* longer (*only* some of it); count the items.

    What is kept longer leaves the plan, and the rest of it stands.

    Raises:
        NotFound: there is no such plan, or it does not list an item.
        NotPermitted: the person may not approve, or not see all of it; nothing is kept longer.
        NotApproved: it is not proposed any more.
    """
    person = signed.person
    demand(account, person, Right.APPROVE)
    row = _proposed(account, person, name)
    slices = list(_listed(account, row, frozenset(only)))
    for numbers in slices:
        _demand_open(account, person, numbers)
    until = account.today().toordinal() + days
    kept = 0
    for numbers in slices:
        kept += _keep_longer(account, person, row, numbers, until=until, reason=reason)
    account.acknowledge()
    return kept


def relabel(
    account: Account,
    objects: ObjectKeeper,
    signed: SignedIn,
    name: str,
    item: str,
    *,
    series: str,
    schedule: Schedule,
    reason: str,
) -> None:
    """Say that *item*, which the plan called *name* lists, belongs to another series.

    Raises:
        NotFound: there is no such plan, or it does not list the item.
        NotPermitted: the person may not decide, or counsel decided before.
        NotApproved: it is not proposed any more.
        ConfigInvalid: the schedule has no such series.
    """
    person = signed.person
    demand(account, person, Right.DECIDE)
    row = _proposed(account, person, name)
    next(_listed(account, row, frozenset({item})))
    if series not in schedule.series:
        raise ConfigInvalid(f"--series {series}: {schedule.name} has no such series")
    tag = schedule.series[series].category
    review.decide(account, objects, person, schedule, item, tag=tag, series=series, reason=reason)


def _demand_open(account: Account, person: Person, numbers: Sequence[int]) -> None:
    """Pass if *person* may see all that they keep longer, named one by one or by the plan."""
    with account.catalogue.reading() as connection:
        rows = items.by_numbers(connection, numbers).values()
    demand_all_open_to(account, person, [row for row in rows if row.life == LIVE])


def _proposed(account: Account, person: Person, name: str) -> PlanRow:
    row = named(account, name)
    if row.status not in {"proposed", "accepted"}:
        refusal = NotApproved(
            f"{name} is {row.status.replace('_', ' ')}",
            remedy="What is due now, a new plan lists: `archiver dispositions plan`.",
        )
        refuse(account, person, name, refusal)
    return row


def _listed(account: Account, row: PlanRow, only: frozenset[str]) -> Iterator[list[int]]:
    """Give the numbers of what a plan lists, or *only* of these items, in slices."""
    if only:
        with account.catalogue.reading() as connection:
            known = items.by_ids(connection, sorted(only))
            numbers = {line.item_n for line in plans.lines_of(connection, row.n)}
        strange = [item for item in only if item not in known or known[item].n not in numbers]
        if strange:
            raise NotFound(f"{row.plan} does not list {', '.join(i[:12] for i in strange)}")
        yield [known[item].n for item in sorted(only)]
        return
    after = (0, 0)
    while True:
        with account.catalogue.reading() as connection:
            some = list(islice(plans.lines_of(connection, row.n, after=after), _SLICE))
        if not some:
            return
        yield [line.item_n for line in some]
        after = (some[-1].thread_n, some[-1].item_n)


def _keep_longer(
    account: Account,
    person: Person,
    row: PlanRow,
    numbers: Sequence[int],
    *,
    until: int,
    reason: str,
) -> int:
    with account.catalogue.reading() as connection:
        going = [r.item for r in items.by_numbers(connection, numbers).values() if r.life == LIVE]
    listed = list[Json](sorted(going))
    told: dict[str, Json] = {"plan": row.plan, "until": until, "reason": reason, "items": listed}
    paper = account.paper("extension", told | {"by": person.id})
    with account.catalogue.writing() as desk:
        return _cool(account, desk, person, row, sorted(going), until=until, paper=paper)


def _cool(
    account: Account,
    desk: Desk,
    person: Person,
    row: PlanRow,
    going: Sequence[str],
    *,
    until: int,
    paper: str,
) -> int:
    rows = [r for r in items.by_ids(desk.connection, going).values() if r.life == LIVE]
    cool(account, desk, rows, until=until, by=person.id, of=row.plan)
    told: dict[str, Json] = {"n": len(rows), "until": until}
    account.enter(
        desk,
        EventKind.DISPOSITION_EXTENDED,
        by=person.id,
        subject=row.plan,
        told=told,
        paper=paper,
    )
    return len(rows)
