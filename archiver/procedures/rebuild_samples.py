"""Rebuilding samples: what was drawn of which plan, and what people said of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from archiver.catalogue import Reading, items, samples
from archiver.catalogue.samples import SampleRow
from archiver.procedures import sample_endings
from archiver.procedures.account import Account
from archiver.procedures.papers import paper_of
from archiver.procedures.rebuild_deeds import Deed, number_in
from archiver.records.events import EventKind, Leaf
from archiver.records.moments import micros
from archiver.records.sampling import Judgement


def deeds_of_samples(account: Account) -> Mapping[EventKind, Deed]:
    """Give what each entry about a sample comes to in the catalogue."""
    replay = _SampleReplay(account)
    return {
        EventKind.SAMPLE_DRAWN: replay.drawn,
        EventKind.SAMPLE_JUDGED: replay.judged,
        EventKind.SAMPLE_CONFIRMED: replay.confirmed,
        EventKind.SAMPLE_STOPPED: replay.stopped,
        EventKind.SAMPLE_RETURNED: replay.returned,
    }


@dataclass(frozen=True, slots=True)
class _SampleReplay:
    account: Account

    def drawn(self, connection: Reading, leaf: Leaf) -> None:
        told = paper_of(self.account, "sample", leaf.paper)
        row = SampleRow(
            plan_n=number_in(leaf.subject),
            adoption=str(told["adoption"]),
            drawn_at=micros(leaf.at),
            drawn_on=date.fromisoformat(str(told["on"])).toordinal(),
            seed=str(told["seed"]),
            share=str(told["share"]),
            size=int(str(told["size"])),
            population=int(str(told["population"])),
            known=json.dumps(told["known"]),
            paper=leaf.paper,
        )
        samples.add(connection, row.sealed(self.account.key))

    def judged(self, connection: Reading, leaf: Leaf) -> None:
        told = paper_of(self.account, "judgement", leaf.paper)
        rows = items.by_ids(connection, cast("list[str]", told["items"])).values()
        sample_endings.judged(
            connection,
            _sample(connection, leaf),
            [row.n for row in rows],
            Judgement(str(told["judgement"])),
            at=micros(leaf.at),
            by=leaf.by,
            paper=leaf.paper,
        )

    def confirmed(self, connection: Reading, leaf: Leaf) -> None:
        told = paper_of(self.account, "sample_confirmed", leaf.paper)
        row, passed = _sample(connection, leaf), cast("list[str]", told["passed"])
        sample_endings.confirmed(
            self.account, connection, row, passed, at=micros(leaf.at), by=leaf.by
        )

    def stopped(self, connection: Reading, leaf: Leaf) -> None:
        row = _sample(connection, leaf)
        sample_endings.stopped(self.account, connection, row, at=micros(leaf.at), by=leaf.by)

    def returned(self, connection: Reading, leaf: Leaf) -> None:
        """What was sent back stands in an entry of its own."""
        sample_endings.all_returned(self.account, connection, _sample(connection, leaf))


def _sample(connection: Reading, leaf: Leaf) -> SampleRow:
    row = samples.of_plan(connection, number_in(leaf.subject))
    if row is None:
        raise KeyError(f"no sample was drawn of {leaf.subject}")
    return row
