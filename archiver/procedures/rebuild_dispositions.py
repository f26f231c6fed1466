"""Rebuilding plans, their approvals and destructions: numbered and binding as they were."""

from __future__ import annotations

import json
from datetime import date
from typing import cast

from archiver.catalogue import (
    Reading,
    backups,
    captures,
    contents,
    items,
    lives,
    plans,
    rebuilding,
)
from archiver.procedures.account import Account
from archiver.procedures.papers import paper_of
from archiver.procedures.rebuild_deeds import approval_told, number_in
from archiver.procedures.tombstones import entomb
from archiver.records.canonical import Json
from archiver.records.events import EventKind, Leaf
from archiver.records.moments import micros


class DispositionReplay:
    """Applies the entries of disposition, in order; without *lines*, plans list no items."""

    def __init__(self, account: Account, *, lines: bool = True) -> None:
        self._account = account
        self._lines = lines
        self.deeds = {
            EventKind.DISPOSITION_PLANNED: self._planned,
            EventKind.DISPOSITION_APPROVED: self._approved,
            EventKind.DISPOSITION_DECLINED: self._declined,
            EventKind.DISPOSITION_VOIDED: self._voided,
            EventKind.DISPOSITION_BEGUN: self._begun,
            EventKind.DISPOSITION_DONE: self._done,
            EventKind.DISPOSITION_ENDED: self._ended,
            EventKind.BACKUP_MADE: self._backed_up,
        }

    def _backed_up(self, connection: Reading, leaf: Leaf) -> None:
        told = leaf.particulars
        keep_days = int(str(told["kd"])) if "kd" in told else None
        at = micros(leaf.at)
        backups.add(connection, at=at, digest=str(told["f"]), keep_days=keep_days)

    def _planned(self, connection: Reading, leaf: Leaf) -> None:
        told = paper_of(self._account, "plan", leaf.paper)
        rebuilding.add_plan(
            connection,
            {
                "n": number_in(leaf.subject),
                "plan": leaf.subject,
                "made_at": int(str(told["made"])),
                "by": leaf.by,
                "on_day": date.fromisoformat(str(told["on"])).toordinal(),
                "schedule": str(told["schedule"]),
                "status": "proposed" if told["due"] else "empty",
                "due": int(str(told["due"])),
                "attended": bool(told["attended"]),
                "action": str(told["action"]),
                "chain": json.dumps(told["chain"]),
                "bound": str(told["bound"]),
                "paper": leaf.paper,
            },
        )
        for digest in cast("list[str]", told["parts"] if self._lines else []):
            self._add_part(connection, number_in(leaf.subject), digest)

    def _add_part(self, connection: Reading, plan_n: int, digest: str) -> None:
        due = cast("list[list[Json]]", paper_of(self._account, "plan_part", digest)["due"])
        rows = items.by_ids(connection, [str(line[0]) for line in due])
        rebuilding.add_plan_lines(
            connection,
            (
                {
                    "plan_n": plan_n,
                    "item_n": rows[str(item)].n,
                    "thread_n": rows[str(item)].thread_n,
                    "seal": str(seal),
                    "reasons": json.dumps(reasons),
                }
                for item, _series, seal, reasons in due
                if str(item) in rows
            ),
        )

    def _approved(self, connection: Reading, leaf: Leaf) -> None:
        told = paper_of(self._account, "approval", leaf.paper)
        plans.approve(connection, approval_told(leaf, told))

    def _declined(self, connection: Reading, leaf: Leaf) -> None:
        rebuilding.plan_came_to(connection, leaf.subject, "declined")

    def _voided(self, connection: Reading, leaf: Leaf) -> None:
        rebuilding.plan_came_to(connection, leaf.subject, "void")

    def _ended(self, connection: Reading, leaf: Leaf) -> None:
        """Until this entry a plan that was begun stands as proposed: it can be gone on with."""
        rebuilding.plan_came_to(connection, leaf.subject, str(leaf.particulars["st"]))

    def _begun(self, connection: Reading, leaf: Leaf) -> None:
        plan = str(leaf.particulars["pl"])
        batch_n = number_in(leaf.subject)
        rebuilding.add_batch(
            connection,
            {
                "n": batch_n,
                "batch": leaf.subject,
                "plan_n": number_in(plan),
                "begun_at": micros(leaf.at),
                "items": cast("int", leaf.particulars["n"]),
                "struck": False,
                "listing": leaf.paper,
                "paper": "",
            },
        )
        going = [one.item for one in rebuilding.of_batch(connection, leaf.subject)]
        rows = items.by_ids(connection, going).values()
        lives.begin(connection, rows, batch_n, self._account.key)
        items.never_look(connection, {row.thread_n for row in rows})

    def _done(self, connection: Reading, leaf: Leaf) -> None:
        batch_n = number_in(leaf.subject)
        doomed = list(rebuilding.of_batch(connection, leaf.subject))
        full = {one.item for one in doomed if one.page}
        rows = list(items.by_ids(connection, [one.item for one in doomed]).values())
        contents.strike(connection, [row.n for row in rows])
        captures.strike_gaps(connection, [row.n for row in rows], at=micros(leaf.at))
        entomb(self._account, connection, rows, full)
        rebuilding.end_batch(connection, batch_n, at=micros(leaf.at), paper=leaf.paper)
