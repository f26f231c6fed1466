"""Review: a person's word on an item outranks every rule."""

from __future__ import annotations

from dataclasses import replace

from archiver.catalogue import contents, items
from archiver.catalogue.items import LIVE, ItemRow
from archiver.ports import NewObject, ObjectKeeper
from archiver.procedures.account import Account
from archiver.records.canonical import canonical
from archiver.records.classification import RANK, Basis, Tag
from archiver.records.errors import ConfigInvalid, NotFound, NotPermitted
from archiver.records.events import EventKind, Leaf
from archiver.records.identity import ObjectRef, Part, sha256
from archiver.records.moments import micros
from archiver.records.people import Person, Right, Role
from archiver.records.schedules import Schedule


def decide(
    account: Account,
    objects: ObjectKeeper,
    person: Person,
    schedule: Schedule,
    item: str,
    *,
    tag: Tag,
    series: str,
    reason: str,
) -> ItemRow:
    """Settle the tag and series of *item* by *person*'s word, with the reason in its paper.

    The paper lies under the item and goes with it.

    Raises:
        NotPermitted: the person may not decide, or counsel decided before.
        NotFound: no such item, or it is destroyed.
        ConfigInvalid: the schedule has no such series, or the tag does not fit it.
    """
    person.demand(Right.DECIDE)
    _check(schedule, tag, series)
    basis = Basis.COUNSEL if Role.COUNSEL in person.roles else Basis.PERSON
    paper = canonical(
        {
            "kind": "decision",
            "salt": account.key.salt(item, f"{account.now_micros()}"),
            "item": item,
            "tag": tag.value,
            "series": series,
            "basis": basis.value,
            "reason": reason,
            "by": person.id,
            "schedule": schedule.digest,
        }
    )
    ref = ObjectRef(item, Part.PAPER, sha256(paper), "decision")
    now = account.now()
    with account.catalogue.reading() as connection:
        _live(items.by_ids(connection, [item]).get(item), item, basis)
    objects.keep([NewObject(ref, paper)])
    with account.catalogue.writing() as desk:
        row = _live(items.by_ids(desk.connection, [item]).get(item), item, basis)
        after = replace(
            row,
            tag=tag.value,
            series=series,
            basis=basis.value,
            rule="",
            confidence=1000,
            schedule=schedule.digest,
            queued=False,
        ).sealed(account.key)
        items.change(desk.connection, [after])
        items.look_again(desk.connection, [row.n], account.today().toordinal())
        contents.add_decision(
            desk.connection, after, at=micros(now), by=person.id, paper=ref.digest
        )
        desk.enter(
            Leaf(
                kind=EventKind.ITEM_DECIDED,
                at=now,
                by=person.id,
                subject=item,
                particulars={"k": [tag.value, series, basis.value], "s": schedule.digest},
                paper=ref.digest,
            )
        )
    account.acknowledge()
    return after


def declare(
    account: Account, objects: ObjectKeeper, person: Person, item: str, *, reason: str
) -> None:
    """Declare, by *person*'s word, that *item* is no longer required; only this starts the timer.

    The paper with the reason lies under the item and goes with it.

    Raises:
        NotPermitted: the person may not decide.
        NotFound: no such item, or it is destroyed.
    """
    person.demand(Right.DECIDE)
    now = account.now_micros()
    paper = canonical(
        {
            "kind": "declaration",
            "salt": account.key.salt(item, f"{now}"),
            "item": item,
            "reason": reason,
            "by": person.id,
        }
    )
    ref = ObjectRef(item, Part.PAPER, sha256(paper), "declaration")
    with account.catalogue.reading() as connection:
        _live(items.by_ids(connection, [item]).get(item), item, Basis.COUNSEL)
    objects.keep([NewObject(ref, paper)])
    with account.catalogue.writing() as desk:
        row = _live(items.by_ids(desk.connection, [item]).get(item), item, Basis.COUNSEL)
        items.change(desk.connection, [replace(row, value_ended_at=now).sealed(account.key)])
        items.look_again(desk.connection, [row.n], account.today().toordinal())
        desk.enter(
            Leaf(
                kind=EventKind.ITEM_DECLARED,
                at=account.now(),
                by=person.id,
                subject=item,
                particulars={"ended": str(now)},
                paper=ref.digest,
            )
        )
    account.acknowledge()


def _check(schedule: Schedule, tag: Tag, series: str) -> None:
    found = schedule.series.get(series)
    if found is None:
        raise ConfigInvalid(
            f"--series {series}: {schedule.name} has no such series",
            remedy=f"`archiver schedule show {schedule.name}` lists them.",
        )
    if tag is Tag.UNDETERMINED:
        raise ConfigInvalid("--tag: decide for substantive or transitory")
    if tag is Tag.TRANSITORY and found.category is not Tag.TRANSITORY:
        raise ConfigInvalid(f"--series {series} holds substantive records; the tag says transitory")


def _live(row: ItemRow | None, item: str, basis: Basis) -> ItemRow:
    if row is None or row.life != LIVE:
        raise NotFound(f"{item[:12]} is not here, or being destroyed")
    if RANK[Basis(row.basis)] > RANK[basis]:
        raise NotPermitted(f"{item[:12]} was decided by {row.basis}; ask them")
    return row
