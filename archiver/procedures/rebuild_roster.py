"""Rebuilding the roster: every member with every tenure. Credentials do not come back.

They are in no paper and no entry, so after a rebuild people enrol again (`archiver people enrol`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeAlias, cast

from archiver.catalogue import Reading, roster
from archiver.procedures.roster import after
from archiver.records.canonical import Json
from archiver.records.events import EventKind, Leaf
from archiver.records.people import Role
from archiver.records.roster import Member, Span

Papers: TypeAlias = Callable[[str, Leaf], dict[str, Json]]
"""Gives the paper of a kind that an entry names."""


def replayed(papers: Papers, leaf: Leaf, before: Member | None) -> Member | None:
    """Give the member whom *leaf* is about as it leaves them; None where nobody is known."""
    if leaf.kind is EventKind.PERSON_ADDED:
        told = papers("person", leaf)
        return Member(
            id=str(told["id"]),
            name=str(told["name"]),
            account=str(told["account"]),
            shared=bool(told["shared"]),
            tenures=roster.tenures_read(cast("roster.Told", told["tenures"])),
        )
    if before is None:
        return None
    if leaf.kind is EventKind.PERSON_LEFT:
        return before.leaving(date.fromisoformat(str(papers("leaving", leaf)["on"])))
    told = papers("tenure", leaf)
    span = Span(date.fromisoformat(str(told["from"])), _day(told["until"]))
    return after(before, leaf.kind, Role(str(told["role"])), span)


def replay_added(papers: Papers, connection: Reading, leaf: Leaf) -> None:
    """Enter a member again."""
    member = replayed(papers, leaf, None)
    if member is not None:
        roster.add(connection, member)


def replay_changed(papers: Papers, connection: Reading, leaf: Leaf) -> None:
    """Give or take a role again, or have a member leave again."""
    member = replayed(papers, leaf, roster.of_id(connection, leaf.subject))
    if member is not None:
        roster.change(connection, member)


REPLAYS = {
    EventKind.PERSON_ADDED: replay_added,
    EventKind.ROLE_GIVEN: replay_changed,
    EventKind.ROLE_TAKEN: replay_changed,
    EventKind.PERSON_LEFT: replay_changed,
}
"""What replays each kind of entry about the roster."""


def _day(told: Json) -> date | None:
    return None if told is None else date.fromisoformat(str(told))
