"""How a sample ends, as a person's deed and as a rebuild of it come to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from archiver.catalogue import Reading, items, plans, samples
from archiver.catalogue.items import LIVE, ItemRow
from archiver.catalogue.rows import sliced
from archiver.catalogue.samples import JudgementRow, SampleRow
from archiver.procedures.account import Account
from archiver.records.canonical import Json
from archiver.records.classification import Basis, Tag
from archiver.records.events import EventKind
from archiver.records.sampling import Judgement, SampleStatus


def judged(
    connection: Reading,
    row: SampleRow,
    numbers: Iterable[int],
    judgement: Judgement,
    *,
    at: int,
    by: str,
    paper: str,
) -> None:
    """Write what *by* said of items of a sample."""
    samples.judge(
        connection,
        [
            JudgementRow(
                plan_n=row.plan_n, item_n=n, judgement=judgement.value, at=at, by=by, paper=paper
            )
            for n in numbers
        ],
    )


def confirmed(
    account: Account,
    connection: Reading,
    row: SampleRow,
    passed: Sequence[str],
    *,
    at: int,
    by: str,
) -> None:
    """Write that nothing was found, and which rules are tried with it."""
    ended = replace(
        row,
        passed=json.dumps(list(passed)),
        status=SampleStatus.CONFIRMED.value,
        decided_at=at,
        by=by,
    )
    samples.change(connection, ended.sealed(account.key))


def stopped(account: Account, connection: Reading, row: SampleRow, *, at: int, by: str) -> None:
    """Write that a record was found: the plan is void."""
    ended = replace(row, status=SampleStatus.STOPPED.value, decided_at=at, by=by)
    samples.change(connection, ended.sealed(account.key))
    plans.plan_stands(connection, row.plan_n, "void")


def returned(account: Account, connection: Reading, some: Sequence[ItemRow]) -> None:
    """Write that items wait for a person again; what was suggested for them stays to be seen."""
    tag, basis = Tag.UNDETERMINED.value, Basis.NONE.value
    doubted = [
        replace(row, tag=tag, basis=basis, queued=True).in_place_of(row, account.key)
        for row in some
    ]
    items.change(connection, doubted)


def send_back(account: Account, by: str, row: SampleRow, name: str) -> int:
    """Send everything of a stopped plan that nobody had tried back to review; count it.

    Done slice by slice, and again by the next purge where it was cut short.
    """
    with account.catalogue.reading() as connection:
        numbers = [one.item_n for one in samples.population(connection, row.plan_n, row.gate)]
    count = sum(_send_some(account, by, row, name, some) for some in sliced(numbers))
    with account.catalogue.writing() as desk:
        all_returned(account, desk.connection, row)
        told: dict[str, Json] = {"n": count, "end": True}
        account.enter(desk, EventKind.SAMPLE_RETURNED, by=by, subject=name, told=told)
    return count


def all_returned(account: Account, connection: Reading, row: SampleRow) -> None:
    """Write that everything of a stopped plan is back in review."""
    found = samples.of_plan(connection, row.plan_n) or row
    ended = replace(found, status=SampleStatus.RETURNED.value)
    samples.change(connection, ended.sealed(account.key))


def _send_some(account: Account, by: str, row: SampleRow, name: str, numbers: Sequence[int]) -> int:
    """Send some back; the paper that lists them is written first, and anew if they changed."""
    while True:
        with account.catalogue.reading() as connection:
            wanted = _untried(connection, row, numbers)
        if not wanted:
            return 0
        listed = list[Json]([one.item for one in wanted])
        paper = account.paper("sample_returned", {"plan": name, "items": listed})
        with account.catalogue.writing() as desk:
            found = _untried(desk.connection, row, numbers)
            if [one.item for one in found] != listed:
                continue
            returned(account, desk.connection, found)
            items.look_again(desk.connection, [one.n for one in found], account.today().toordinal())
            told: dict[str, Json] = {"n": len(found)}
            kind = EventKind.SAMPLE_RETURNED
            account.enter(desk, kind, by=by, subject=name, told=told, paper=paper)
        return len(found)


def _untried(connection: Reading, row: SampleRow, numbers: Sequence[int]) -> list[ItemRow]:
    gate = row.gate
    return [
        one
        for one in items.by_numbers(connection, numbers).values()
        if one.life == LIVE and gate.stops(tag=one.tag, basis=one.basis, rule=one.rule)
    ]
