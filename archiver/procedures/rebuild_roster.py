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


def replay_added(papers: Papers, connection: Reading, leaf: Leaf) -> None:
    """Enter a member again."""
    told = papers("person", leaf)
    roster.add(
        connection,
        Member(
            id=str(told["id"]),
            name=str(told["name"]),
            account=str(told["account"]),
            shared=bool(told["shared"]),
            tenures=roster.tenures_read(cast("roster.Told", told["tenures"])),
        ),
    )


def replay_tenure(papers: Papers, connection: Reading, leaf: Leaf) -> None:
    """Give or take a role again."""
    told = papers("tenure", leaf)
    member = roster.of_id(connection, leaf.subject)
    if member is not None:
        span = Span(date.fromisoformat(str(told["from"])), _day(told["until"]))
        roster.change(connection, after(member, leaf.kind, Role(str(told["role"])), span))


def replay_left(papers: Papers, connection: Reading, leaf: Leaf) -> None:
    """Have a member leave again."""
    told = papers("leaving", leaf)
    member = roster.of_id(connection, leaf.subject)
    if member is not None:
        roster.change(connection, member.leaving(date.fromisoformat(str(told["on"]))))


REPLAYS = {
    EventKind.PERSON_ADDED: replay_added,
    EventKind.ROLE_GIVEN: replay_tenure,
    EventKind.ROLE_TAKEN: replay_tenure,
    EventKind.PERSON_LEFT: replay_left,
}
"""What replays each kind of entry about the roster."""


def _day(told: Json) -> date | None:
    return None if told is None else date.fromisoformat(str(told))
