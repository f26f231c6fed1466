"""Matters: open, list, close. A hold belongs to one, and may be what opens it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.catalogue import Desk, matters
from archiver.catalogue.matters import MatterRow
from archiver.procedures.account import Account
from archiver.procedures.authority import attempt, demand
from archiver.records.canonical import Json
from archiver.records.errors import ConfigInvalid, NotFound, UnderHold
from archiver.records.events import EventKind
from archiver.records.matters import Matter, NewMatter
from archiver.records.moments import micros
from archiver.records.people import Person, Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The matter a hold is for: one there is, or one to be opened with it, under its *paper*."""

    known: MatterRow | None
    new: NewMatter
    paper: str = ""


def choose(account: Account, person: Person, wanted: NewMatter | str) -> Chosen:
    """Give the matter *wanted*: by its id, the open one of that name and kind, or a new one.

    Raises:
        NotFound: no matter has that id.
        ConfigInvalid: the matter is closed.
    """
    if isinstance(wanted, str):
        row = named(account, wanted)
        if not row.matter.open:
            raise ConfigInvalid(
                f"{wanted} is closed", remedy="Open a new matter with `archiver matters open`."
            )
        return Chosen(known=row, new=NewMatter(name=row.matter.name, kind=row.matter.kind))
    with account.catalogue.reading() as connection:
        known = matters.open_called(connection, wanted.name, wanted.kind)
    paper = "" if known is not None else _paper(account, person, wanted)
    return Chosen(known=known, new=wanted, paper=paper)


def take_up(account: Account, desk: Desk, person: Person, chosen: Chosen) -> MatterRow:
    """Give the row of the *chosen* matter, opened in this transaction where it is new."""
    if chosen.known is not None:
        return chosen.known
    new = chosen.new
    matter = Matter(
        id=matters.next_name(desk.connection), kind=new.kind, name=new.name, text=new.text
    )
    at, by, paper = account.now(), person.id, chosen.paper
    row = matters.add(desk.connection, matter, at=micros(at), by=by, paper=paper)
    told: dict[str, Json] = {"k": new.kind.value}
    kind = EventKind.MATTER_OPENED
    account.enter(desk, kind, by=by, subject=matter.id, told=told, paper=paper, at=at)
    return row


def _paper(account: Account, person: Person, new: NewMatter) -> str:
    return account.paper(
        "matter", {"name": new.name, "kind": new.kind.value, "text": new.text, "by": person.id}
    )


def open_matter(account: Account, person: Person, new: NewMatter) -> MatterRow:
    """Open a matter; two of one name are two.

    Raises:
        NotPermitted: the person may not hold.
    """
    demand(account, person, Right.HOLD)
    chosen = Chosen(known=None, new=new, paper=_paper(account, person, new))
    with account.catalogue.writing() as desk:
        row = take_up(account, desk, person, chosen)
    account.acknowledge()
    return row


def close_matter(account: Account, person: Person, name: str, *, reason: str) -> None:
    """Close a matter that no hold binds for any more.

    Raises:
        NotPermitted: the person may not hold.
        NotFound: there is none, or it was closed before.
        UnderHold: a hold of the matter still binds.
    """
    demand(account, person, Right.HOLD)
    row = named(account, name)
    if not row.matter.open:
        raise NotFound(f"{name} was closed before")
    paper = account.paper("matter-closed", {"matter": name, "reason": reason, "by": person.id})
    with account.catalogue.writing() as desk:
        binding = matters.binding_holds(desk.connection, row.n)
        if not binding:
            at = account.now()
            matters.close(desk.connection, row.n, at=micros(at))
            kind = EventKind.MATTER_CLOSED
            account.enter(desk, kind, by=person.id, subject=name, paper=paper, at=at)
    with attempt(account, person, EventKind.MATTER_CLOSED, name):
        _demand_free(name, binding)
    account.acknowledge()


def _demand_free(name: str, binding: Sequence[str]) -> None:
    if binding:
        raise UnderHold(
            f"{', '.join(binding)} of {name} still bind",
            remedy="Counsel lifts them with `archiver holds lift`; then the matter can be closed.",
        )


def named(account: Account, name: str) -> MatterRow:
    """Give the matter with the id *name*.

    Raises:
        NotFound: there is none.
    """
    with account.catalogue.reading() as connection:
        row = matters.by_id(connection, name)
    if row is None:
        raise NotFound(f"there is no matter {name}", remedy="`archiver matters list` names them.")
    return row


@dataclass(frozen=True, slots=True)
class Known:
    """A matter as lists show it, with the names of its holds that bind."""

    row: MatterRow
    holds: tuple[str, ...]


def every(account: Account) -> list[Known]:
    """Give every matter there ever was, in order."""
    with account.catalogue.reading() as connection:
        return [
            Known(row, tuple(matters.binding_holds(connection, row.n)))
            for row in matters.every(connection)
        ]
