"""Verifying visits: every capture, and every gap it left, stands as the ledger tells.

They are told in the ledger's order and compared in slices, so that years of visits take no room:
of a capture that is compared a bit is remembered, of gaps so many at once, in as many passes as
that takes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from archiver.catalogue import Reading, histories, inspection, items
from archiver.catalogue.expunging import NOWHERE
from archiver.catalogue.histories import KeptGap
from archiver.procedures.account import Account
from archiver.procedures.gap_writing import next_try
from archiver.procedures.numbers import Numbers
from archiver.procedures.rebuild_deeds import number_in
from archiver.procedures.rebuild_visits import Told, begun_told, ended_told, was_whole
from archiver.procedures.verify_findings import Fault
from archiver.records.captures import LASTING_ANYWHERE
from archiver.records.events import EventKind, Leaf
from archiver.records.identity import sha256
from archiver.records.moments import micros

GAPS = 50_000
"""Of how many gaps it is remembered at once what the ledger tells: half a kilobyte each."""

_TOGETHER = 500
_NO_END = 1 << 62


@dataclass(slots=True)
class _Gap:
    """A gap as the ledger tells of it; *words* is the salted digest of what was wanting."""

    capture: str
    page: str
    subject: str
    slot: str
    why: str
    words: str
    opened_at: int
    closed_at: int | None = None


class Visits:
    """What the ledger tells of visits, and how the catalogue differs from it."""

    def __init__(self, account: Account, connection: Reading, *, first: int = 1) -> None:
        """Begin with the gap numbered *first*; captures are looked at with the first of all."""
        self._account, self._connection = account, connection
        self._first, self._stop, self._more = first, first + GAPS, False
        self._begun: dict[int, Told] = {}
        self._ended: dict[int, Told] = {}
        self._compared = Numbers()
        self._gaps: dict[int, _Gap] = {}
        self._open_on: dict[str, list[int]] = {}
        self._faults: list[Fault] = []
        self._newest = account.now_micros()
        self.takes: Mapping[EventKind, Callable[[Leaf], None]] = {
            EventKind.CAPTURE_BEGUN: self._take_begun,
            EventKind.CAPTURE_ENDED: self._take_ended,
            EventKind.GAP_RECORDED: self._take_gap,
            EventKind.GAP_CLOSED: self._take_closed,
        }

    # --- what is told -------------------------------------------------------------------------

    def _take_begun(self, leaf: Leaf) -> None:
        self._newest = max(self._newest, micros(leaf.at))  # the clock may have stood ahead
        told = begun_told(leaf) | {"page": leaf.subject}
        self._begun[number_in(str(told["capture"]))] = told

    def _take_ended(self, leaf: Leaf) -> None:
        self._newest = max(self._newest, micros(leaf.at))
        told = ended_told(leaf) | {"page": leaf.subject}
        n = number_in(str(told["capture"]))
        self._begun.pop(n, None)
        self._ended[n] = told
        if was_whole(leaf):
            for gap in self._open_on.pop(leaf.subject, ()):
                self._close(gap, micros(leaf.at))
        if len(self._ended) >= _TOGETHER:
            self._compare_captures(self._ended)
            self._ended = {}

    def _take_gap(self, leaf: Leaf) -> None:
        told, n = leaf.particulars, int(str(leaf.particulars["n"]))
        if n >= self._stop:
            self._more = True
        if not self._first <= n < self._stop:
            return
        capture, slot, why = str(told["c"]), str(told["a"]), str(told["w"])
        page = str(self._begun[number_in(capture)]["page"])
        gap = _Gap(capture, page, leaf.subject, slot, why, str(told["g"]), micros(leaf.at))
        self._gaps[n] = gap
        if not slot and why not in LASTING_ANYWHERE:  # a whole visit makes it good
            self._open_on.setdefault(page, []).append(n)

    def _take_closed(self, leaf: Leaf) -> None:
        n = int(str(leaf.particulars["n"]))
        if n in self._gaps:
            self._gaps[n].closed_at = micros(leaf.at)

    def _close(self, n: int, at: int) -> None:
        gap = self._gaps[n]
        gap.closed_at = at if gap.closed_at is None else gap.closed_at

    # --- how the catalogue differs --------------------------------------------------------------

    def edited(self) -> Iterator[Fault]:
        """Name every capture and every gap that does not stand as it was told."""
        if self._first == 1:
            self._compare_captures(self._ended | self._begun)
            for n, name in histories.capture_names(self._connection):
                if n not in self._compared:
                    self._say(name, "it stands among the captures, and the ledger does not know it")
        self._compare_gaps()
        yield from self._faults
        if self._more:
            yield from self._next_pass()

    def _next_pass(self) -> Iterator[Fault]:
        rest = Visits(self._account, self._connection, first=self._stop)
        for data in inspection.leaves_of(self._connection, tuple(rest.takes)):
            leaf = Leaf.from_json(json.loads(data))
            rest.takes[leaf.kind](leaf)
        yield from rest.edited()

    def _compare_captures(self, told: Mapping[int, Told]) -> None:
        if self._first > 1:
            return
        stands = histories.captures_by_numbers(self._connection, list(told))
        for n, should in told.items():
            row = stands.get(n)
            if row is None:
                self._say(str(should["capture"]), "the ledger tells of it, and its row is gone")
            elif wrong := [name for name, value in should.items() if row[name] != value]:
                self._say_differs(str(should["capture"]), wrong)
        self._compared.add(told)

    def _compare_gaps(self) -> None:
        stop = self._stop if self._more else _NO_END
        for row in histories.gaps_from(self._connection, first=self._first, stop=stop):
            told = self._gaps.pop(row.n, None)
            if told is None:
                self._say(f"gap {row.n}", "it stands there, and the ledger does not know it")
            elif wrong := self._wrong(row, told):
                self._say_differs(f"gap {row.n} of {told.capture}", wrong)
        struck = items.by_ids(self._connection, [gap.subject for gap in self._gaps.values()])
        for n, gap in self._gaps.items():
            if gap.subject not in struck or struck[gap.subject].page_n != NOWHERE:
                self._say(f"gap {n} of {gap.capture}", "the ledger tells of it; its row is gone")

    def _wrong(self, row: KeptGap, told: _Gap) -> list[str]:
        closed_at, gone_at = told.closed_at, row.gone_at
        if gone_at is not None and (closed_at is None or closed_at > gone_at):
            closed_at = gone_at
        columns = {
            "capture": (row.capture, told.capture),
            "page": (row.page, told.page),
            "item": (row.item or row.page, told.subject),
            "slot": (row.slot, told.slot),
            "why": (row.why, told.why),
            "opened_at": (row.opened_at, told.opened_at),
            "closed_at": (row.closed_at, closed_at),
            "what": (self._says(row, told), True),
            "retry_on": (self._is_put_off(row), False),
        }
        return [name for name, (stands, should) in columns.items() if stands != should]

    def _is_put_off(self, row: KeptGap) -> bool:
        """Say whether it is asked for again later than any visit would have put it off to.

        How often it was tried no entry tells, so the exact day is not known; a day is allowed for
        a zone that was changed.
        """
        if row.retry_on is None or row.closed_at is not None:
            return False
        today = self._account.day(self._newest)
        latest = next_try(self._account, row.why, row.slot, row.opened_at, today=today)
        return latest is None or row.retry_on > latest + 1

    def _says(self, row: KeptGap, told: _Gap) -> bool:
        """Say whether a gap's words are those it was entered with, or struck with its item.

        After a rebuild their digest may stand for them, where no paper has them.
        """
        if row.gone_at is not None:
            return row.what == ""
        said = self._account.key.commit("gap", sha256(row.what.encode()))
        return told.words in {said, row.what}

    def _say_differs(self, name: str, wrong: list[str]) -> None:
        self._say(name, f"its row is not what the ledger tells: {', '.join(wrong)}")

    def _say(self, name: str, why: str) -> None:
        self._faults.append(Fault(name, why))
