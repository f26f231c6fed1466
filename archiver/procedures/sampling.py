"""Sampling: what nobody has tried goes only after a person looked at some of it, drawn at random.

A demonstration draws none. What a plan lists is bound first, then the seed is chosen, and both
are told: anybody can draw again. What leaves the plan meanwhile is replaced by what is next.
"""

from __future__ import annotations

import heapq
import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from archiver.catalogue import Reading, items, samples
from archiver.catalogue.items import ItemRow
from archiver.catalogue.samples import JudgementRow, SampleRow
from archiver.procedures.account import Account
from archiver.procedures.covering import held
from archiver.procedures.deciding import Decided
from archiver.procedures.in_force import binding
from archiver.records.canonical import Json
from archiver.records.disposition import Action, Reason, Why
from archiver.records.events import EventKind
from archiver.records.moments import micros
from archiver.records.sampling import LISTED_BELOW, Gate, SampleStatus, Sampling, rank
from archiver.records.schedules import Schedule

_STANDS = "proposed"


# --- what nobody has tried ----------------------------------------------------------------------


def adoption_of(account: Account, connection: Reading, schedule: Schedule) -> str:
    """Give the name of the adoption under which samples of *schedule* count."""
    row = binding(account, connection, schedule.digest)
    return row.adoption if row is not None else ""


def is_sampled(schedule: Schedule | None, sampling: Sampling) -> bool:
    """Say whether anything is sampled under *schedule*: of a demonstration nothing is."""
    return (
        schedule is not None
        and schedule.adoption is not None
        and not schedule.demonstration
        and sampling.on
    )


def gate_of(
    connection: Reading, account: Account, schedule: Schedule | None, sampling: Sampling
) -> Gate | None:
    """Give which tags nobody has tried under the adoption in force; None if nothing is sampled."""
    if schedule is None or not is_sampled(schedule, sampling):
        return None
    passed: set[str] = set()
    for row in samples.under(connection, adoption_of(account, connection, schedule)):
        if confirms(account, row):
            passed |= set(json.loads(row.passed))
    return Gate(passed=frozenset(passed))


def gate_of_plan(
    connection: Reading,
    account: Account,
    plan_n: int,
    schedule: Schedule | None,
    sampling: Sampling,
) -> Gate | None:
    """Give which items of a plan may not go; None where a person confirmed its sample."""
    gate = gate_of(connection, account, schedule, sampling)
    if gate is None or schedule is None:
        return None
    row = samples.of_plan(connection, plan_n)
    if row is None or row.adoption != adoption_of(account, connection, schedule):
        return gate
    return None if confirms(account, row) else gate


def confirms(account: Account, row: SampleRow) -> bool:
    """Say whether a person confirmed this sample, and nobody has edited it behind us."""
    sound = row.true_seal(account.key) == row.seal
    return sound and row.status == SampleStatus.CONFIRMED.value


def unless_untried(one: Decided, gate: Gate | None, *, look_on: date | None = None) -> Decided:
    """Give *one*, or that it waits for a sample where one of its items would go untried."""
    if gate is None or one.verdict.action is not Action.DESTROY:
        return one
    reasons = tuple(
        Reason(why=Why.UNSAMPLED, item=item.item, of=item.series)
        for item in one.members
        if gate.stops(tag=item.tag, basis=item.basis, rule=item.rule)
    )
    if not reasons:
        return one
    verdict = replace(one.verdict, action=Action.KEEP, reasons=reasons, look_on=look_on)
    return replace(one, verdict=verdict)


class Sieve:
    """Keeps apart, while a plan is made, what may go by itself and what waits for a sample.

    *gathering*, a plan lists nothing but what waits for one; *attended*, it lists everything.
    *waiting* counts the items that wait, where the plan lists none of them.
    """

    def __init__(
        self,
        account: Account,
        schedule: Schedule | None,
        sampling: Sampling,
        *,
        on: date,
        attended: bool,
        gathering: bool,
    ) -> None:
        with account.catalogue.reading() as connection:
            self._gate = gate_of(connection, account, schedule, sampling)
            self._next = on
            if self._gate is not None and schedule is not None:
                self._next = next_day(account, connection, schedule, sampling, today=on)
        self._attended, self._gathering = attended, gathering
        self.waiting = 0

    @property
    def draws(self) -> bool:
        """Say whether what the plan lists may have to be sampled."""
        return self._gate is not None and (self._attended or self._gathering)

    def sift(self, decided: Iterable[Decided]) -> Iterator[Decided]:
        """Give what is for this plan to decide on."""
        for one in decided:
            after = unless_untried(one, self._gate, look_on=self._next)
            if self._attended or (self._gathering and after is not one):
                yield one
            elif not self._gathering:
                if after is not one:
                    self.waiting += len(one.members)
                    after = replace(after, stayed=False)
                yield after


def next_day(
    account: Account, connection: Reading, schedule: Schedule, sampling: Sampling, *, today: date
) -> date:
    """Give the day on which what waits is gathered next, under the adoption in force."""
    drawn = samples.gathered(connection, adoption_of(account, connection, schedule))
    waits = any(
        row.status == SampleStatus.OPEN.value and stands == _STANDS for row, stands in drawn
    )
    last = date.fromordinal(drawn[-1][0].drawn_on) if drawn else None
    return sampling.next_day(last, waits=waits, today=today)


# --- drawing ------------------------------------------------------------------------------------


def draw(
    account: Account,
    by: str,
    plan_n: int,
    name: str,
    bound: str,
    schedule: Schedule,
    sampling: Sampling,
) -> SampleRow | None:
    """Draw the sample of a plan that is made and *bound*; None where nothing on it waits for one.

    What is drawn follows from the digest that is bound and a seed that is chosen now.
    """
    with account.catalogue.reading() as connection:
        gate = gate_of(connection, account, schedule, sampling)
        if gate is None:
            return None
        population = sum(1 for _ in samples.population(connection, plan_n, gate))
        row = SampleRow(
            plan_n=plan_n,
            adoption=adoption_of(account, connection, schedule),
            drawn_at=0,
            drawn_on=account.today().toordinal(),
            seed=secrets.token_hex(16),
            share=sampling.share.value,
            size=sampling.size(population),
            population=population,
            known=json.dumps(sorted(gate.passed)),
            paper="",
        )
        drawn = _lowest(connection, row, bound, row.size)
    return _enter_drawn(account, by, name, bound, row, drawn) if population else None


def _enter_drawn(
    account: Account,
    by: str,
    name: str,
    bound: str,
    row: SampleRow,
    drawn: Sequence[samples.Listed],
) -> SampleRow:
    told: dict[str, Json] = {
        "plan": name,
        "bound": bound,
        "adoption": row.adoption,
        "seed": row.seed,
        "share": row.share,
        "size": row.size,
        "population": row.population,
        "known": cast("list[Json]", json.loads(row.known)),
        "on": date.fromordinal(row.drawn_on).isoformat(),
        "items": [one.item for one in drawn],
    }
    paper, now = account.paper("sample", told), account.now()
    row = replace(row, paper=paper, drawn_at=micros(now)).sealed(account.key)
    entry: dict[str, Json] = {"n": row.size, "of": row.population}
    with account.catalogue.writing() as desk:
        samples.add(desk.connection, row)
        kind = EventKind.SAMPLE_DRAWN
        account.enter(desk, kind, by=by, subject=name, told=entry, paper=paper, at=now)
    return row


def _lowest(connection: Reading, row: SampleRow, bound: str, size: int) -> list[samples.Listed]:
    """Give the *size* items of the population that are drawn first."""
    untouched = (
        one for one in samples.population(connection, row.plan_n, row.gate) if one.untouched
    )
    return heapq.nsmallest(size, untouched, key=lambda one: rank(bound, row.seed, one.item))


# --- how a sample stands ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The sample of a plan as it stands: its items that are still to go, what was said of each."""

    row: SampleRow
    items: tuple[ItemRow, ...]
    judged: dict[int, JudgementRow]

    @property
    def lists_all(self) -> bool:
        """Say whether there were so few that a person confirms the whole list."""
        return self.row.population < LISTED_BELOW

    @property
    def unjudged(self) -> int:
        """Give of how many items nobody has said anything."""
        return sum(item.n not in self.judged for item in self.items)


def drawn_now(connection: Reading, row: SampleRow, bound: str) -> Drawn:
    """Give the sample as it stands now: what left the plan, or is held, is replaced by the next."""
    rows: list[ItemRow] = []
    wanted = row.size
    while True:
        found = _lowest(connection, row, bound, wanted)
        by_number = items.by_numbers(connection, [one.item_n for one in found])
        ranked = [by_number[one.item_n] for one in found]
        kept_back = held(connection, ranked)
        rows = [item for item in ranked if item.item not in kept_back]
        if len(rows) >= row.size or len(found) < wanted:
            break
        wanted *= 2
    return Drawn(
        row=row,
        items=tuple(rows[: row.size]),
        judged=samples.judgements_of(connection, row.plan_n),
    )
