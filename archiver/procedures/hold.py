"""Holds: issue, extend, lift.

A hold binds at its first short commit: until its scope has been evaluated, in batches, it
covers everything within its page and date bounds. It is acknowledged, with counts, when it has
been evaluated and the ledger's copy is up to date. Issuing on a named item whose destruction has
begun is refused by name; a wider hold binds everything else, and names what it came too late for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from archiver.catalogue import Desk, Reading, contents, holds, items, pages
from archiver.catalogue.holds import Candidate, HoldRow
from archiver.catalogue.items import BEGUN, DESTROYED, LIVE
from archiver.language.documents import IndexDocument
from archiver.procedures.account import Account
from archiver.procedures.authority import demand
from archiver.procedures.covering import Coverer, as_document
from archiver.records.canonical import Json
from archiver.records.errors import DestructionBegun, NotFound, UnderHold
from archiver.records.events import EventKind
from archiver.records.holds import Hold, HoldStatus, Scope
from archiver.records.moments import micros
from archiver.records.people import Person, Right

BATCH = 500
"""How many items one transaction evaluates at most."""

_LISTED = 500
"""How many ids one ledger entry lists at most; a leaf has 64 KiB."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What a hold came to: how many live items it covers, and what in scope was already gone.

    *begun* names the items within its bounds whose destruction had begun before it: they are
    not covered, and counsel is told.
    """

    hold: str
    covered: int
    already_destroyed: int
    begun: tuple[str, ...] = ()


def issue(
    account: Account,
    person: Person,
    *,
    matter: str,
    reason: str,
    scope: Scope,
    progress: Progress = lambda _count: None,
) -> Issued:
    """Issue a hold on *scope* and evaluate it; it binds from its first commit on.

    Raises:
        NotPermitted: the person may not hold.
        DestructionBegun: an item named in the scope is being destroyed; nothing is issued.
    """
    demand(account, person, Right.HOLD)
    paper = account.paper(
        "hold", {"matter": matter, "reason": reason, "scope": scope.to_json(), "by": person.id}
    )
    now = account.now()
    row: HoldRow | None = None
    with account.catalogue.writing() as desk:
        begun = _begun_within(desk.connection, scope)
        named_begun = [item for item in begun if item in scope.items]
        if not named_begun:
            hold = Hold(
                id=holds.next_name(desk.connection),
                matter=matter,
                reason=reason,
                scope=scope,
                status=HoldStatus.EVALUATING,
            )
            row = holds.issue(desk.connection, hold, at=micros(now), by=person.id, paper=paper)
        kind = EventKind.HOLD_ISSUED if row else EventKind.HOLD_REFUSED
        subject = row.hold.id if row else ""
        told: dict[str, Json] = {"begun": list[Json](begun[:_LISTED])} if begun else {}
        account.enter(desk, kind, by=person.id, subject=subject, told=told, paper=paper, at=now)
    if row is None:
        account.acknowledge()
        raise DestructionBegun(f"destruction has begun of {', '.join(i[:12] for i in named_begun)}")
    return replace(_evaluate_and_acknowledge(account, row, progress), begun=tuple(begun))


def extend(
    account: Account,
    person: Person,
    name: str,
    *,
    reason: str,
    scope: Scope,
    progress: Progress = lambda _count: None,
) -> Issued:
    """Give the hold *name* everything *scope* covers besides; what it covered stays covered.

    Raises:
        NotFound: there is no such hold.
        UnderHold: the hold was lifted; issue a new one.
        DestructionBegun: an item named in the new scope is being destroyed.
    """
    demand(account, person, Right.HOLD)
    row = named(account, name)
    if not row.hold.binds:
        raise UnderHold(f"{name} was lifted", remedy="Issue a new hold for the same matter.")
    issued = issue(
        account, person, matter=row.hold.matter, reason=reason, scope=scope, progress=progress
    )
    with account.catalogue.writing() as desk:
        told: dict[str, Json] = {"by": issued.hold}
        account.enter(desk, EventKind.HOLD_EXTENDED, by=person.id, subject=name, told=told)
    account.acknowledge()
    return issued


def lift(account: Account, person: Person, name: str, *, reason: str, cool_down_days: int) -> int:
    """Lift the hold *name*; its items cool down before they can be due. Give how many there are.

    Raises:
        NotPermitted: the person may not lift.
        NotFound: there is no such hold, or it was lifted before.
    """
    demand(account, person, Right.LIFT)
    row = named(account, name)
    if not row.hold.binds:
        raise NotFound(f"{name} was lifted before")
    _evaluate(account, row, lambda _count: None)
    paper = account.paper("lift", {"hold": name, "reason": reason, "by": person.id})
    until = account.today().toordinal() + cool_down_days
    after, cooled = 0, 0
    while True:  # the cool-down is written first: until the lift commits, the hold binds anyway
        with account.catalogue.writing() as desk:
            some, count = _cool(account, desk, row, after=after, until=until)
            cooled += count
            if some:
                after = some[-1]
                continue
            lifted = account.now()
            holds.lift(desk.connection, row.n, at=micros(lifted))
            told: dict[str, Json] = {"n": cooled, "until": until}
            account.enter(
                desk,
                EventKind.HOLD_LIFTED,
                by=person.id,
                subject=name,
                told=told,
                paper=paper,
                at=lifted,
            )
        break
    account.acknowledge()
    return cooled


def _cool(
    account: Account, desk: Desk, row: HoldRow, *, after: int, until: int
) -> tuple[list[int], int]:
    """Cool down the next slice of what a hold covers; give its item numbers, and how many live."""
    some = holds.covered_slice(desk.connection, row.n, after=after, limit=BATCH)
    rows = [r for r in items.by_numbers(desk.connection, some).values() if r.life == LIVE]
    cooled = [
        replace(r, cooling_until=max(r.cooling_until or 0, until)).sealed(account.key) for r in rows
    ]
    items.change(desk.connection, cooled)
    items.look_again(desk.connection, [r.n for r in rows], account.today().toordinal())
    return some, len(rows)


@dataclass(frozen=True, slots=True)
class Known:
    """A hold as lists show it, with how many items it covers."""

    row: HoldRow
    covered: int


def every(account: Account) -> list[Known]:
    """Give every hold there ever was, in order."""
    with account.catalogue.reading() as connection:
        return [Known(row, holds.covered(connection, row.n)) for row in holds.every(connection)]


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


def finish(account: Account, progress: Progress = lambda _count: None) -> int:
    """Evaluate every hold whose evaluation was cut short; give how many there were."""
    with account.catalogue.reading() as connection:
        waiting = [h for h in holds.binding(connection) if h.hold.status is HoldStatus.EVALUATING]
    for row in waiting:
        _evaluate(account, row, progress)
    if waiting:
        account.acknowledge()
    return len(waiting)


def _begun_within(connection: Reading, scope: Scope) -> list[str]:
    """Name the items within the bounds of *scope* whose destruction has begun."""
    found = []
    for row, page in items.of_life(connection, BEGUN):
        if scope.within_bounds(holds.facts_of(row, page)):
            found.append(row.item)
    return found


def _evaluate_and_acknowledge(account: Account, row: HoldRow, progress: Progress) -> Issued:
    gone = _evaluate(account, row, progress)
    account.acknowledge()
    with account.catalogue.reading() as connection:
        covered = holds.covered(connection, row.n)
    return Issued(hold=row.hold.id, covered=covered, already_destroyed=gone)


def _evaluate(account: Account, row: HoldRow, progress: Progress) -> int:
    """Evaluate the rest of a hold's scope; give how many tombstones lie in its bounds."""
    if row.hold.status is not HoldStatus.EVALUATING:
        return 0
    coverer = Coverer([replace(row, hold=replace(row.hold, status=HoldStatus.ACTIVE))])
    after, gone, done = row.evaluated_to, 0, 0
    while True:
        with account.catalogue.reading() as connection:
            some = holds.candidates(
                connection, row.hold.scope, after=after, to=row.evaluate_to, limit=BATCH
            )
            pairs = _covered_pairs(connection, coverer, row, some)
        gone += sum(c.row.life == DESTROYED for c in some)
        after = some[-1].row.n if some else row.evaluate_to
        with account.catalogue.writing() as desk:
            holds.cover(desk.connection, pairs)
            items.look_again(desk.connection, [n for _, n in pairs], account.today().toordinal())
            holds.evaluated(desk.connection, row.n, to=after, done=not some)
        done += len(some)
        progress(done)
        if not some:
            return gone


def _covered_pairs(
    connection: Reading, coverer: Coverer, row: HoldRow, some: Sequence[Candidate]
) -> list[tuple[int, int]]:
    live = [candidate for candidate in some if candidate.row.life == LIVE]
    on_pages = pages.by_numbers(connection, [c.row.page_n for c in live])
    rows = {c.row.n: c.row for c in live}
    documents: dict[int, list[IndexDocument]] = {}
    if coverer.asks_words:
        for n, content in contents.all_contents_of(connection, list(rows)):
            document = as_document(content, rows[n], on_pages[rows[n].page_n])
            documents.setdefault(n, []).append(document)
    return [(row.n, c.row.n) for c in live if coverer.covering(c.facts, documents.get(c.row.n, ()))]
