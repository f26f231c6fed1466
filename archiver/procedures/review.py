"""Review: a person's word on an item outranks every rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from archiver.catalogue import Desk, contents, items
from archiver.catalogue.items import LIVE, ItemRow
from archiver.ports import NewObject, ObjectKeeper
from archiver.procedures.account import Account
from archiver.procedures.authority import attempt, demand
from archiver.procedures.viewing import demand_open_to
from archiver.records.canonical import Json, canonical
from archiver.records.classification import RANK, Basis, Tag
from archiver.records.errors import ConfigInvalid, NotFound, NotPermitted
from archiver.records.events import EventKind
from archiver.records.identity import ObjectRef, Part, sha256
from archiver.records.moments import micros
from archiver.records.people import Person, Right, Role, SignedIn
from archiver.records.restrictions import Restriction, restricted_by, unordered
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

    The paper lies under the item and goes with it. A restricted series restricts it.

    Raises:
        NotPermitted: the person may not decide, or not see the item; or counsel decided before.
        NotFound: no such item, or it is destroyed.
        ConfigInvalid: the schedule has no such series, or the tag does not fit it.
    """
    demand(account, person, Right.DECIDE)
    _check(schedule, tag, series)
    basis = Basis.COUNSEL if Role.COUNSEL in person.roles else Basis.PERSON
    told: dict[str, Json] = {
        "tag": tag.value,
        "series": series,
        "basis": basis.value,
        "schedule": schedule.digest,
    }
    paper = _paper(account, person, "decision", item, reason, told)
    ref = ObjectRef(item, Part.PAPER, sha256(paper), "decision")
    deed = EventKind.ITEM_DECIDED
    with attempt(account, person, deed), account.catalogue.reading() as connection:
        known = _live(items.by_ids(connection, [item]).get(item), item, basis)
    demand_open_to(account, person, known)
    objects.keep([NewObject(ref, paper)])
    now = account.now()
    with attempt(account, person, deed), account.catalogue.writing() as desk:
        row = _live(items.by_ids(desk.connection, [item]).get(item), item, basis)
        after = _settled(row, tag, series, basis, schedule).in_place_of(row, account.key)
        items.change(desk.connection, [after])
        items.look_again(desk.connection, [row.n], account.today().toordinal())
        at = micros(now)
        contents.add_decision(desk.connection, after, at=at, by=person.id, paper=ref.digest)
        _enter_decided(desk, account, person, after, ref.digest, now)
    account.acknowledge()
    return after


def _enter_decided(
    desk: Desk, account: Account, person: Person, row: ItemRow, paper: str, at: datetime
) -> None:
    told: dict[str, Json] = {"k": [row.tag, row.series, row.basis], "s": row.schedule}
    if restricted := unordered(row.restricted):
        told["r"] = restricted
    kind = EventKind.ITEM_DECIDED
    account.enter(desk, kind, by=person.id, subject=row.item, told=told, paper=paper, at=at)


def _paper(
    account: Account, person: Person, kind: str, item: str, reason: str, told: dict[str, Json]
) -> bytes:
    """Give the paper of a person's word on an item; its salt is of this moment alone."""
    salt = account.key.salt(item, f"{account.now_micros()}")
    head: dict[str, Json] = {"kind": kind, "salt": salt, "item": item, "reason": reason}
    return canonical(head | {"by": person.id} | told)


def _settled(row: ItemRow, tag: Tag, series: str, basis: Basis, schedule: Schedule) -> ItemRow:
    places = schedule.series[series].restricted
    why = (Restriction.SCHEDULE,) if places else ()
    return replace(
        row,
        restricted=restricted_by(row.restricted, *why),
        tag=tag.value,
        series=series,
        basis=basis.value,
        rule="",
        confidence=1000,
        schedule=schedule.digest,
        queued=False,
    )


def declare(
    account: Account, objects: ObjectKeeper, signed: SignedIn, item: str, *, reason: str
) -> None:
    """Declare that *item* is no longer required; only this starts the timer, so who does signs in.

    The paper with the reason lies under the item and goes with it.

    Raises:
        NotPermitted: the person may not decide, or not see the item.
        NotFound: no such item, or it is destroyed.
    """
    person = signed.person
    demand(account, person, Right.DECIDE)
    now = account.now_micros()
    paper = _paper(account, person, "declaration", item, reason, {})
    ref = ObjectRef(item, Part.PAPER, sha256(paper), "declaration")
    with account.catalogue.reading() as connection:
        known = _live(items.by_ids(connection, [item]).get(item), item, Basis.COUNSEL)
    demand_open_to(account, person, known)
    objects.keep([NewObject(ref, paper)])
    with account.catalogue.writing() as desk:
        row = _live(items.by_ids(desk.connection, [item]).get(item), item, Basis.COUNSEL)
        after = replace(row, value_ended_at=now).in_place_of(row, account.key)
        items.change(desk.connection, [after])
        items.look_again(desk.connection, [row.n], account.today().toordinal())
        account.enter(
            desk,
            EventKind.ITEM_DECLARED,
            by=person.id,
            subject=item,
            told={"ended": str(now)},
            paper=ref.digest,
        )
    account.acknowledge()


def _check(schedule: Schedule, tag: Tag, series: str) -> None:
    found = schedule.series.get(series)
    listed = f"`archiver schedule show {schedule.name}` lists them."
    if found is None:
        raise ConfigInvalid(f"--series {series}: {schedule.name} has no such series", remedy=listed)
    if tag is Tag.UNDETERMINED:
        raise ConfigInvalid("--tag: decide for substantive or transitory")
    if tag is Tag.TRANSITORY and found.category is not Tag.TRANSITORY:
        raise ConfigInvalid(
            f"--series {series} holds substantive records; the tag says transitory",
            remedy=f"Say --tag substantive, or name a series of transitory records: {listed}",
        )


def _live(row: ItemRow | None, item: str, basis: Basis) -> ItemRow:
    if row is None or row.life != LIVE:
        raise NotFound(f"{item[:12]} is not here, or being destroyed")
    if RANK[Basis(row.basis)] > RANK[basis]:
        raise NotPermitted(f"{item[:12]} was decided by {row.basis}; ask them")
    return row
