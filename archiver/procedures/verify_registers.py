"""Verifying the registers: people, requests and pages stand as the ledger and its papers tell.

By them it is decided who may decide, what is frozen until when, and whether a page was looked at
since something fell due; an edit of theirs may have items go too early.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from archiver.catalogue import Reading, inspection, pages, requests, roster
from archiver.procedures.account import Account
from archiver.procedures.papers import paper_of
from archiver.procedures.rebuild_roster import REPLAYS as OF_PEOPLE
from archiver.procedures.rebuild_roster import replayed
from archiver.procedures.verify_findings import Fault
from archiver.records.canonical import Json
from archiver.records.captures import CaptureStatus
from archiver.records.errors import LedgerDamaged, RegisterUnreadable
from archiver.records.events import EventKind, Leaf
from archiver.records.roster import Member

_OF_REQUESTS = (EventKind.REQUEST_OPENED, EventKind.REQUEST_CLOSED)
_OF_PAGES = (EventKind.PAGE_OPENED, EventKind.CAPTURE_ENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What decides how long a request freezes, and for what."""

    number: str
    kind: str
    received_on: str
    hold: str
    by: str
    paper: str
    closed_on: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What a page is, and when it was last captured whole."""

    platform: str
    identity: str
    connector: str
    controlled: bool
    whole_at: int | None


@dataclass(slots=True)
class _Told:
    """How each register should stand, by opaque id."""

    people: dict[str, Member] = field(default_factory=dict)
    requests: dict[str, _Request] = field(default_factory=dict)
    pages: dict[str, _Page] = field(default_factory=dict)


def registers_edited(account: Account) -> list[Fault]:
    """Name everyone, every request and every page that is not as the ledger and papers tell."""
    with account.catalogue.reading() as connection:
        kinds = (*OF_PEOPLE, *_OF_REQUESTS, *_OF_PAGES)
        leaves = [
            Leaf.from_json(json.loads(data)) for data in inspection.leaves_of(connection, kinds)
        ]
        people, requested = _roster(connection), _requests(connection)
        opened = _pages(connection)
    told, faults = _Told(), list[Fault]()
    for leaf in leaves:
        try:
            _take(account, told, leaf)
        except LedgerDamaged as error:
            faults.append(Fault(leaf.subject, str(error)))
    faults.extend(_differing(told.people, people, "the roster"))
    faults.extend(_differing(told.requests, requested, "the register of requests"))
    faults.extend(_differing(told.pages, opened, "the register of pages"))
    return faults


def _differing(
    should: Mapping[str, object], stands: Mapping[str, object] | None, what: str
) -> Iterator[Fault]:
    if stands is None:
        yield Fault(what, "it cannot be read")
        return
    for name in sorted(should.keys() | stands.keys()):
        if name not in stands:
            yield Fault(name, f"the ledger tells of it, and its row in {what} is gone")
        elif name not in should:
            yield Fault(name, f"it stands in {what}, and the ledger does not know it")
        elif should[name] != stands[name]:
            yield Fault(name, f"its row in {what} is not what the ledger tells")


# --- as they stand ------------------------------------------------------------------------------


def _roster(connection: Reading) -> dict[str, Member] | None:
    try:
        return {member.id: member for member in roster.everyone(connection)}
    except (ValueError, TypeError, AttributeError):  # tenures that are none
        return None


def _requests(connection: Reading) -> dict[str, _Request] | None:
    try:
        rows = requests.every(connection)
    except (RegisterUnreadable, ValueError):
        return None
    return {
        row.request.id: _Request(
            number=row.request.number,
            kind=row.request.kind.value,
            received_on=row.request.received_on.isoformat(),
            hold=row.request.hold,
            by=row.by,
            paper=row.paper,
            closed_on=row.request.closed_on.toordinal() if row.request.closed_on else None,
        )
        for row in rows
    }


def _pages(connection: Reading) -> dict[str, _Page]:
    return {
        row.page: _Page(
            platform=row.platform,
            identity=row.identity,
            connector=row.connector,
            controlled=row.controlled,
            whole_at=row.whole_at,
        )
        for row in pages.every(connection)
    }


# --- as they should stand -----------------------------------------------------------------------


def _take(account: Account, told: _Told, leaf: Leaf) -> None:
    """Take into *told* what an entry says."""
    if leaf.kind in OF_PEOPLE:
        before = told.people.get(leaf.subject)
        after = replayed(lambda kind, one: paper_of(account, kind, one.paper), leaf, before)
        if after is not None:
            told.people[leaf.subject] = after
    elif leaf.kind in _OF_REQUESTS:
        _take_request(account, told, leaf)
    else:
        _take_page(account, told, leaf)


def _take_request(account: Account, told: _Told, leaf: Leaf) -> None:
    if leaf.kind is EventKind.REQUEST_OPENED:
        paper = paper_of(account, "request", leaf.paper)
        told.requests[leaf.subject] = _Request(
            number=str(paper["number"]),
            kind=str(paper["kind"]),
            received_on=str(paper["received"]),
            hold=str(leaf.particulars["h"]),
            by=leaf.by,
            paper=leaf.paper,
        )
    elif opened := told.requests.get(leaf.subject):
        on = int(str(leaf.particulars["on"]))
        told.requests[leaf.subject] = replace(opened, closed_on=on)


def _take_page(account: Account, told: _Told, leaf: Leaf) -> None:
    known = told.pages.get(leaf.subject)
    if leaf.kind is EventKind.PAGE_OPENED:
        paper = paper_of(account, "page", leaf.paper)
        told.pages[leaf.subject] = _Page(
            platform=str(paper["platform"]),
            identity=str(paper["identity"]),
            connector=str(paper["connector"]),
            controlled=bool(paper["controlled"]),
            whole_at=known.whole_at if known else None,
        )
    elif known is not None and _was_whole(leaf.particulars):
        told.pages[leaf.subject] = replace(known, whole_at=int(str(leaf.particulars["b"])))


def _was_whole(told: Mapping[str, Json]) -> bool:
    return told["st"] == CaptureStatus.COMPLETE.value and not told.get("li")
