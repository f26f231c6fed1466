"""Triggers that only a person knows: a case was closed, an event is over, something superseded.

One of them is that a person reviewed an item whose series asks for it, and need not keep it.

The day lies sealed in the item's row and starts its period; the reason lies in a paper under
the item and goes with it. A later word on the same trigger replaces the day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from archiver.catalogue import Desk, Reading, items
from archiver.catalogue.items import LIVE, ItemRow
from archiver.ports import NewObject, ObjectKeeper
from archiver.procedures.account import Account
from archiver.procedures.authority import demand
from archiver.procedures.viewing import demand_all_open_to
from archiver.records.canonical import canonical
from archiver.records.errors import ConfigInvalid, NotFound
from archiver.records.events import EventKind
from archiver.records.identity import ObjectRef, Part, sha256
from archiver.records.people import Right, SignedIn
from archiver.records.series import Trigger, days_read, days_written

BATCH = 200
"""How many items one transaction enters."""

SLOT = "trigger"
"""The slot of the paper that says why, under its item."""

SEEN_BY_THE_ARCHIVE = frozenset(
    {Trigger.CREATED, Trigger.POSTED, Trigger.LAST_ACTIVITY, Trigger.REMOVED}
)
"""Triggers that captures find: nobody can say otherwise."""


def enter_trigger(
    account: Account,
    objects: ObjectKeeper,
    signed: SignedIn,
    wanted: Sequence[str],
    trigger: Trigger,
    day: date,
    *,
    reason: str,
) -> list[ItemRow]:
    """Enter that *trigger* happened on *day* to every item of *wanted*, and why.

    Raises:
        NotPermitted: the person may not decide, or not see one of the items.
        ConfigInvalid: captures find this trigger, or the day has not come yet; or it lies before
            one of the items was there: then nothing of its batch is entered.
        NotFound: one of the items is not here, or destroyed; nothing of its batch is entered.
    """
    demand(account, signed.person, Right.DECIDE)
    _check(account, trigger, day)
    entered: list[ItemRow] = []
    ids = list(dict.fromkeys(wanted))
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        with account.catalogue.reading() as connection:
            rows = _live(connection, some)
        demand_all_open_to(account, signed.person, rows)
        _demand_there(account, rows, day)
        refs = _keep_papers(account, objects, signed, some, trigger, day, reason)
        with account.catalogue.writing() as desk:
            entered.extend(_enter(desk, account, signed, refs, trigger, day))
    account.acknowledge()
    return entered


def _check(account: Account, trigger: Trigger, day: date) -> None:
    if trigger in SEEN_BY_THE_ARCHIVE:
        raise ConfigInvalid(
            f"--trigger {trigger}: captures find it, and nobody declares it",
            remedy="Give a trigger that only a person knows; `archiver items trigger --help`.",
        )
    if trigger is Trigger.ADMIN_VALUE_ENDED:
        raise ConfigInvalid(
            f"--trigger {trigger}: happens on the day somebody declares it",
            remedy="Use `archiver review declare ITEM --reason …`.",
        )
    if day > account.today():
        raise ConfigInvalid(
            f"--date {day}: has not come yet; enter what has happened",
            remedy="Give the day on which it happened, or enter it once it has.",
        )


def _demand_there(account: Account, rows: Sequence[ItemRow], day: date) -> None:
    """Pass unless one of *rows* was not there yet on *day*: its period cannot begin before it.

    It was there from its publication on, or from its capture where that comes first.
    """
    for row in rows:
        first = account.day(min(row.published_at, row.captured_at))
        if day < first:
            raise ConfigInvalid(
                f"--date {day}: {row.item[:12]} was not there before {first}",
                remedy=f"Give {first} or a later day; what ended before it was published starts "
                "its period on the day of its publication.",
            )


def _keep_papers(
    account: Account,
    objects: ObjectKeeper,
    signed: SignedIn,
    some: Sequence[str],
    trigger: Trigger,
    day: date,
    reason: str,
) -> dict[str, ObjectRef]:
    """Keep one paper under each item; its salt is of this moment alone."""
    refs: dict[str, ObjectRef] = {}
    papers = []
    for item in some:
        paper = canonical(
            {
                "kind": SLOT,
                "salt": account.key.salt(item, f"{account.now_micros()}"),
                "item": item,
                "trigger": trigger.value,
                "day": day.isoformat(),
                "reason": reason,
                "by": signed.person.id,
            }
        )
        refs[item] = ObjectRef(item, Part.PAPER, sha256(paper), SLOT)
        papers.append(NewObject(refs[item], paper))
    objects.keep(papers)
    return refs


def _enter(
    desk: Desk,
    account: Account,
    signed: SignedIn,
    refs: dict[str, ObjectRef],
    trigger: Trigger,
    day: date,
) -> list[ItemRow]:
    after = [
        happened(row, trigger, day).in_place_of(row, account.key)
        for row in _live(desk.connection, list(refs))
    ]
    items.change(desk.connection, after)
    items.look_again(desk.connection, [row.n for row in after], account.today().toordinal())
    for row in after:
        account.enter(
            desk,
            EventKind.ITEM_TRIGGERED,
            by=signed.person.id,
            subject=row.item,
            told={"t": trigger.value, "d": day.toordinal()},
            paper=refs[row.item].digest,
        )
    return after


def happened(row: ItemRow, trigger: Trigger, day: date) -> ItemRow:
    """Give *row* with the day of *trigger* (not sealed yet)."""
    return replace(row, triggers=days_written({**days_read(row.triggers), trigger: day}))


def _live(connection: Reading, some: Sequence[str]) -> list[ItemRow]:
    found = items.by_ids(connection, some)
    for item in some:
        if item not in found or found[item].life != LIVE:
            raise NotFound(f"{item[:12]} is not here, or being destroyed")
    return [found[item] for item in some]
