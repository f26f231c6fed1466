"""Holds: issue, widen, review, and finish what was cut short.

A hold binds at its first short commit: until its scope has been evaluated, in batches, it
covers everything within its page and date bounds. It is acknowledged, with counts, when it has
been evaluated and the ledger's copy is up to date. Issuing on a named item whose destruction has
begun is refused by name; a wider hold binds everything else, and names what it came too late for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from archiver.catalogue import Desk, Reading, bylines, holds, inspection, items, matters
from archiver.catalogue.holds import HoldRow
from archiver.catalogue.items import BEGUN
from archiver.ports import LegalHolder
from archiver.procedures.account import Account
from archiver.procedures.authority import attempt, demand
from archiver.procedures.evaluating import Progress
from archiver.procedures.growing import catch_up
from archiver.procedures.lifting import sweep_unfinished
from archiver.procedures.matters import Chosen, choose, take_up
from archiver.procedures.namesakes import complete
from archiver.records.canonical import Json, read_object
from archiver.records.errors import ConfigInvalid, DestructionBegun, NotFound, UnderHold
from archiver.records.events import EventKind, Leaf
from archiver.records.holds import Hold, HoldStatus, Scope
from archiver.records.matters import REVIEW_DAYS, Matter, NewMatter
from archiver.records.moments import micros
from archiver.records.people import Person, Right

_LISTED = 500
"""How many ids one ledger entry lists at most; a leaf has 64 KiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What a hold came to: how many live items it covers, and what in scope was already gone.

    *begun* names the items within its bounds whose destruction had begun before it: they are
    not covered, and counsel is told.
    """

    hold: str
    matter: str
    covered: int
    already_destroyed: int
    begun: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A hold to be issued, its papers written: all that its first commit needs."""

    chosen: Chosen
    reason: str
    scope: Scope
    review_on: date
    paper: str


def issue(
    account: Account,
    person: Person,
    *,
    matter: NewMatter | str,
    reason: str,
    scope: Scope,
    review_days: int = REVIEW_DAYS,
    captures: bool = True,
    store: LegalHolder | None = None,
    progress: Progress = lambda _count: None,
) -> Issued:
    """Issue a hold on *scope* and evaluate it; it binds from its first commit on.

    *captures* says, for the paper, whether the pages in scope are visited at once.

    Raises:
        NotPermitted: the person may not hold.
        NotFound: there is no such matter.
        ConfigInvalid: the matter is closed.
        DestructionBegun: an item named in the scope is being destroyed; nothing is issued.
    """
    demand(account, person, Right.HOLD)
    draft = drafted(
        account,
        person,
        matter=matter,
        reason=reason,
        scope=scope,
        review_days=review_days,
        captures=captures,
    )
    with account.catalogue.writing() as desk:
        row, begun = enter_issue(account, desk, person, draft)
    if row is None:
        account.acknowledge()
        going = [item[:12] for item in begun if item in scope.items]
        raise DestructionBegun(f"destruction has begun of {', '.join(going)}")
    return acknowledged(account, row, begun, store, progress)


def drafted(
    account: Account,
    person: Person,
    *,
    matter: NewMatter | str,
    reason: str,
    scope: Scope,
    review_days: int,
    captures: bool,
) -> Draft:
    """Write the papers of a hold that is to be issued."""
    chosen = choose(account, person, matter)
    paper = account.paper(
        "hold",
        {"reason": reason, "scope": scope.to_json(), "by": person.id, "captures": captures},
    )
    review_on = account.today() + timedelta(days=review_days)
    return Draft(chosen=chosen, reason=reason, scope=scope, review_on=review_on, paper=paper)


def enter_issue(
    account: Account, desk: Desk, person: Person, draft: Draft
) -> tuple[HoldRow | None, list[str]]:
    """Make a hold bind in this transaction, or enter that it was refused.

    Gives its row, None where an item it names is being destroyed, and every item within its
    bounds of which that is so.
    """
    now = account.now()
    begun = _begun_within(desk.connection, draft.scope)
    told: dict[str, Json] = {"begun": list[Json](begun[:_LISTED])} if begun else {}
    if len(begun) > _LISTED:
        told["more"] = len(begun) - _LISTED
    if any(item in draft.scope.items for item in begun):
        kind = EventKind.HOLD_REFUSED
        account.enter(desk, kind, by=person.id, told=told, paper=draft.paper, at=now)
        return None, begun
    matter = take_up(account, desk, person, draft.chosen)
    hold = Hold(
        id=holds.next_name(desk.connection),
        matter=matter.matter.id,
        reason=draft.reason,
        scope=draft.scope,
        status=HoldStatus.EVALUATING,
    )
    day = draft.review_on.toordinal()
    row = holds.issue(
        desk.connection,
        hold,
        matter_n=matter.n,
        at=micros(now),
        by=person.id,
        review_on=day,
        paper=draft.paper,
    )
    told |= {"m": hold.matter, "rv": day}
    kind = EventKind.HOLD_ISSUED
    account.enter(desk, kind, by=person.id, subject=hold.id, told=told, paper=draft.paper, at=now)
    return row, begun


def acknowledged(
    account: Account,
    row: HoldRow,
    begun: list[str],
    store: LegalHolder | None,
    progress: Progress = lambda _count: None,
) -> Issued:
    """Evaluate a hold that binds, have the store flag what it covers, and acknowledge it."""
    found = complete(account, row, store, progress)
    account.acknowledge()
    return Issued(
        hold=row.hold.id,
        matter=row.hold.matter,
        covered=found.covered,
        already_destroyed=found.already_destroyed,
        begun=tuple(begun),
    )


def widen(
    account: Account,
    person: Person,
    name: str,
    *,
    reason: str,
    scope: Scope,
    review_days: int = REVIEW_DAYS,
    captures: bool = True,
    store: LegalHolder | None = None,
    progress: Progress = lambda _count: None,
) -> Issued:
    """Have the matter of the hold *name* cover everything *scope* covers besides.

    What it covered stays covered, and both scopes stay exactly as they were written: what is
    added is a hold of its own, entered as the widening of the first.

    Raises:
        NotFound: there is no such hold.
        UnderHold: the hold was lifted; issue a new one.
        DestructionBegun: an item named in the new scope is being destroyed.
    """
    demand(account, person, Right.HOLD)
    deed, remedy = EventKind.HOLD_EXTENDED, "Issue a new hold for the same matter."
    row = binding(account, person, name, deed, remedy=remedy)
    issued = issue(
        account,
        person,
        matter=row.hold.matter,
        reason=reason,
        scope=scope,
        review_days=review_days,
        captures=captures,
        store=store,
        progress=progress,
    )
    with account.catalogue.writing() as desk:
        account.enter(desk, deed, by=person.id, subject=name, told={"by": issued.hold})
    account.acknowledge()
    return issued


def review(account: Account, person: Person, name: str, *, reason: str, days: int) -> date:
    """Write that a person looked at the hold *name*, and that it must stand; give the next day.

    Raises:
        NotPermitted: the person may not hold.
        NotFound: there is no such hold, or it was lifted.
        ConfigInvalid: the next day would not lie ahead.
    """
    demand(account, person, Right.HOLD)
    if days < 1:
        raise ConfigInvalid("the next review must lie ahead")
    row = named(account, name)
    if not row.hold.binds:
        raise NotFound(f"{name} was lifted before")
    paper = account.paper("hold-review", {"hold": name, "reason": reason, "by": person.id})
    day = account.today() + timedelta(days=days)
    with account.catalogue.writing() as desk:
        holds.reviewed(desk.connection, row.n, review_on=day.toordinal())
        told: dict[str, Json] = {"rv": day.toordinal()}
        kind = EventKind.HOLD_REVIEWED
        account.enter(desk, kind, by=person.id, subject=name, told=told, paper=paper)
    account.acknowledge()
    return day


@dataclass(frozen=True, slots=True)
class Known:
    """A hold as lists show it, with its matter and how many items it covers."""

    row: HoldRow
    matter: Matter
    covered: int


def every(account: Account) -> list[Known]:
    """Give every hold there ever was, in order."""
    with account.catalogue.reading() as connection:
        of = {row.matter.id: row.matter for row in matters.every(connection)}
        ended = covered_at_the_end(connection)
        return [
            Known(row, of[row.hold.matter], covered_by(connection, row, ended))
            for row in holds.every(connection)
        ]


def covered_by(connection: Reading, row: HoldRow, ended: Mapping[str, int]) -> int:
    """Give how many items a hold covers; of one that is over, what *ended* says."""
    if row.hold.binds or row.hold.id not in ended:
        return holds.covered(connection, row.n)
    return ended[row.hold.id]


def covered_at_the_end(connection: Reading) -> dict[str, int]:
    """Give, by name, how many items each hold that is over covered when it was lifted or expired.

    The ledger tells it: what a hold covered that was destroyed since, no row tells after a rebuild.
    """
    found: dict[str, int] = {}
    kinds = (EventKind.HOLD_LIFTED, EventKind.HOLD_EXPIRED)
    for data in inspection.leaves_of_registers(connection, kinds):
        leaf = Leaf.from_json(read_object(data))
        found[leaf.subject] = int(str(leaf.particulars["n"]))
    return found


def named(account: Account, name: str) -> HoldRow:
    """Give the hold called *name*.

    Raises:
        NotFound: there is none.
    """
    with account.catalogue.reading() as connection:
        found = holds.by_name(connection, name)
    if not found:
        raise NotFound(f"there is no hold {name}", remedy="`archiver holds list` names them.")
    return found[0]


def binding(
    account: Account, person: Person, name: str, deed: EventKind, *, remedy: str
) -> HoldRow:
    """Give the hold called *name* for a *deed* that only one which binds allows.

    Raises:
        NotFound: there is none.
        UnderHold: it was lifted; the attempt is entered.
    """
    row = named(account, name)
    with attempt(account, person, deed, name):
        if not row.hold.binds:
            raise UnderHold(f"{name} was lifted", remedy=remedy)
    return row


def finish(
    account: Account,
    store: LegalHolder | None = None,
    progress: Progress = lambda _count: None,
) -> int:
    """Evaluate every hold and narrowing that was cut short; give how many there were.

    A hold around another is given what it lacks of that one's threads and authors.
    """
    with account.catalogue.reading() as connection:
        binding = holds.binding(connection)
    waiting = [row for row in binding if row.hold.status is HoldStatus.EVALUATING]
    for row in waiting:
        complete(account, row, store, progress)
    grown = [catch_up(account, row.hold.id, store) for row in binding if row.hold.scope.around]
    finished = len(waiting) + sweep_unfinished(account, store)
    if finished or any(grown):
        account.acknowledge()
    return finished


def _begun_within(connection: Reading, scope: Scope) -> list[str]:
    """Name the items within the bounds of *scope* whose destruction has begun."""
    begun = list(items.of_life(connection, BEGUN))
    besides = bylines.of_items(connection, [row.n for row, _, _ in begun])
    return [
        row.item
        for row, page, thread in begun
        if scope.within_bounds(bylines.facts_of(row, page, thread, besides.get(row.n, ())))
    ]
