"""Verifying what people said: of items in review, and of those that were drawn of a plan.

By a person's word an item is what it is, and by judgements a sample is confirmed: each row is held
against its own entry and paper, and each entry has its row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import cast

from archiver.catalogue import Reading, histories, items, samples
from archiver.catalogue.expunging import NOWHERE
from archiver.catalogue.histories import KeptDecision
from archiver.catalogue.items import LIVE
from archiver.procedures.account import Account
from archiver.procedures.numbers import Numbers
from archiver.procedures.papers import paper_of
from archiver.procedures.rebuild_deeds import number_in
from archiver.procedures.verify_findings import Fault
from archiver.records.canonical import Json
from archiver.records.errors import LedgerDamaged
from archiver.records.events import EventKind, Leaf
from archiver.records.moments import micros

_TOGETHER = 500
_UNKNOWN = "the ledger does not know it"


class Decisions:
    """What the ledger tells of people's decisions on items, and how the catalogue differs."""

    def __init__(self, connection: Reading) -> None:
        """Begin with nothing told."""
        self._connection = connection
        self._told: list[Leaf] = []
        self._compared = Numbers()
        self._faults: list[Fault] = []
        self.takes: Mapping[EventKind, Callable[[Leaf], None]] = {
            EventKind.ITEM_DECIDED: self._take
        }

    def _take(self, leaf: Leaf) -> None:
        self._told.append(leaf)
        if len(self._told) >= _TOGETHER:
            self._compare()

    def edited(self) -> Iterator[Fault]:
        """Name every item on which a decision does not stand as it was entered."""
        self._compare()
        yield from self._faults
        for n, item in histories.decided(self._connection):
            if n not in self._compared:
                yield Fault(item, f"a decision on it stands there, and {_UNKNOWN}")

    def _compare(self) -> None:
        ids = list(dict.fromkeys(leaf.subject for leaf in self._told))
        lives = {row.item: row.life for row in items.by_ids(self._connection, ids).values()}
        kept = histories.decisions_on(self._connection, ids)
        stands = {(one.item, one.paper): one for one in kept}
        for leaf in self._told:
            one = stands.get((leaf.subject, leaf.paper))
            if one is None and lives.get(leaf.subject) == LIVE:
                self._faults.append(Fault(leaf.subject, "the row of a decision on it is gone"))
            elif one is not None:
                self._compared.add([one.n])
                if wrong := _wrong(one, leaf):
                    why = f"a decision on it is not what the ledger tells: {', '.join(wrong)}"
                    self._faults.append(Fault(leaf.subject, why))
        self._told = []


def _wrong(one: KeptDecision, leaf: Leaf) -> list[str]:
    tag, series, basis = cast("list[Json]", leaf.particulars["k"])
    columns = {
        "at": (one.at, micros(leaf.at)),
        "by": (one.by, leaf.by),
        "tag": (one.tag, tag),
        "series": (one.series, series),
        "basis": (one.basis, basis),
    }
    return [name for name, (stands, should) in columns.items() if stands != should]


class Judgements:
    """What the ledger tells of what people said of samples, and how the catalogue differs."""

    def __init__(self, account: Account, connection: Reading) -> None:
        """Begin with nothing told."""
        self._account, self._connection = account, connection
        self._told: dict[int, list[Leaf]] = {}
        self.takes: Mapping[EventKind, Callable[[Leaf], None]] = {
            EventKind.SAMPLE_JUDGED: self._take
        }

    def _take(self, leaf: Leaf) -> None:
        self._told.setdefault(number_in(leaf.subject), []).append(leaf)

    def edited(self) -> Iterator[Fault]:
        """Name every item whose judgement is not what its entry and paper tell."""
        for plan_n in sorted({*self._told, *histories.judged_plans(self._connection)}):
            try:
                yield from self._of_plan(plan_n)
            except (LedgerDamaged, KeyError, TypeError) as error:
                yield Fault(f"sample of P-{plan_n:06}", f"its judgements cannot be read: {error}")

    def _of_plan(self, plan_n: int) -> Iterator[Fault]:
        """A paper that an order amended names nobody in the place of what it had destroyed."""
        plan, said = f"P-{plan_n:06}", {}
        for leaf in self._told.get(plan_n, ()):
            paper = paper_of(self._account, "judgement", leaf.paper)
            one = (paper["judgement"], micros(leaf.at), leaf.by, leaf.paper)
            said.update(dict.fromkeys(cast("list[str]", paper["items"]), one))
        stands = samples.judgements_of(self._connection, plan_n)
        for item, row in items.by_ids(self._connection, list(said)).items():
            kept = stands.pop(row.n, None)
            if kept is None and row.page_n != NOWHERE:
                yield Fault(item, f"the ledger tells of its judgement in {plan}; the row is gone")
            elif kept and (kept.judgement, kept.at, kept.by, kept.paper) != said[item]:
                yield Fault(item, f"its judgement in {plan} is not what the ledger tells")
        for row in items.by_numbers(self._connection, list(stands)).values():
            yield Fault(row.item, f"its judgement in {plan} stands there, and {_UNKNOWN}")
