"""Rebuilding matters and holds: what was issued, narrowed, reviewed and lifted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from archiver.catalogue import Reading, growths, holds, items, matters, narrowings, rebuilding
from archiver.catalogue.growths import GrowthRow
from archiver.catalogue.narrowings import NarrowingRow
from archiver.procedures.account import Account
from archiver.procedures.papers import paper_of
from archiver.procedures.rebuild_deeds import Deed, number_in
from archiver.records.canonical import Json, canonical
from archiver.records.events import EventKind, Leaf
from archiver.records.holds import HoldStatus, Scope
from archiver.records.matters import Matter, MatterKind
from archiver.records.moments import micros


def deeds_of_holds(account: Account, *, lines: bool = True) -> Mapping[EventKind, Deed]:
    """Give what writes each deed about a matter or a hold; without *lines*, no items leave one."""
    replay = _HoldReplay(account, lines=lines)
    return {
        EventKind.MATTER_OPENED: replay.matter_opened,
        EventKind.MATTER_CLOSED: replay.matter_closed,
        EventKind.HOLD_ISSUED: replay.issued,
        EventKind.HOLD_BOUND: replay.bound,
        EventKind.HOLD_REVIEWED: replay.reviewed,
        EventKind.HOLD_GROWN: replay.grown,
        EventKind.HOLD_NARROWED: replay.narrowed,
        EventKind.HOLD_LET_GO: replay.let_go,
        EventKind.HOLD_LIFTED: replay.lifted,
        EventKind.HOLD_EXPIRED: replay.expired,
    }


class _HoldReplay:
    def __init__(self, account: Account, *, lines: bool) -> None:
        self._account = account
        self._lines = lines

    def matter_opened(self, connection: Reading, leaf: Leaf) -> None:
        told = paper_of(self._account, "matter", leaf.paper)
        matter = Matter(
            id=leaf.subject,
            kind=MatterKind(str(told["kind"])),
            name=str(told["name"]),
            text=str(told["text"]),
        )
        matters.add(connection, matter, at=micros(leaf.at), by=leaf.by, paper=leaf.paper)

    def matter_closed(self, connection: Reading, leaf: Leaf) -> None:
        matters.close(connection, number_in(leaf.subject), at=micros(leaf.at))

    def issued(self, connection: Reading, leaf: Leaf) -> None:
        told = paper_of(self._account, "hold", leaf.paper)
        scope = Scope.from_json(cast("dict[str, Json]", told["scope"]))
        rebuilding.add_hold(
            connection,
            {
                "n": number_in(leaf.subject),
                "hold": leaf.subject,
                "matter_n": number_in(str(leaf.particulars["m"])),
                "reason": str(told["reason"]),
                "scope": json.dumps(scope.to_json()),
                "status": HoldStatus.EVALUATING.value,
                "issued_at": micros(leaf.at),
                "by": leaf.by,
                "evaluated_to": 0,
                "evaluate_to": 0,
                "review_on": int(str(leaf.particulars["rv"])),
                "paper": leaf.paper,
            },
        )

    def bound(self, connection: Reading, leaf: Leaf) -> None:
        rebuilding.bind_hold(connection, number_in(leaf.subject), at=micros(leaf.at))

    def reviewed(self, connection: Reading, leaf: Leaf) -> None:
        day = int(str(leaf.particulars["rv"]))
        holds.reviewed(connection, number_in(leaf.subject), review_on=day)

    def grown(self, connection: Reading, leaf: Leaf) -> None:
        told = paper_of(self._account, "growth", leaf.paper)
        growths.add(
            connection,
            GrowthRow(
                hold_n=number_in(leaf.subject),
                scope=canonical(told["scope"]).decode(),
                bound=int(str(leaf.particulars["n"])),
                at=micros(leaf.at),
                paper=leaf.paper,
            ),
        )

    def narrowed(self, connection: Reading, leaf: Leaf) -> None:
        told = paper_of(self._account, "narrowing", leaf.paper)
        narrowings.add(
            connection,
            NarrowingRow(
                n=0,
                hold_n=number_in(leaf.subject),
                scope=canonical(told["scope"]).decode(),
                at=micros(leaf.at),
                by=leaf.by,
                until=int(str(leaf.particulars["until"])),
                paper=leaf.paper,
            ),
        )

    def let_go(self, connection: Reading, leaf: Leaf) -> None:
        """What was not swept through is swept once all is replayed."""
        narrowing = narrowings.by_paper(connection, str(leaf.particulars["nr"]))
        if narrowing is None:
            raise KeyError(f"nothing was narrowed as {leaf.subject} let go")
        if leaf.paper and self._lines:
            listed = cast("list[str]", paper_of(self._account, "departure", leaf.paper)["items"])
            rows = items.by_ids(connection, listed).values()
            narrowings.note(connection, narrowing.n, [row.n for row in rows])
        if leaf.particulars.get("end"):
            narrowings.swept(connection, narrowing.n, to=narrowing.swept_to, done=True)

    def lifted(self, connection: Reading, leaf: Leaf) -> None:
        holds.lift(connection, number_in(leaf.subject), at=micros(leaf.at), by=leaf.by)

    def expired(self, connection: Reading, leaf: Leaf) -> None:
        holds.lift(connection, number_in(leaf.subject), at=micros(leaf.at), by="")
