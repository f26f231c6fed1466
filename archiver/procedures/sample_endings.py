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
from archiver.procedures.row_deeds import returned
from archiver.records.canonical import Json
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


def send_back(account: Account, by: str, row: SampleRow, name: str) -> int:
    """Send everything of a stopped plan that nobody had tried back to review; count it.

    Done slice by slice, and again by the next purge where it was cut short.
    """
    with account.catalogue.reading() as connection:
        numbers = [one.item_n for one in samples.population(connection, row.plan_n, row.gate)]
    count = sum(_send_some(account, by, row, name, some) for some in sliced(numbers))
    with account.catalogue.writing() as desk:
        all_returned(account, desk.connection, row)
        told: dict[str, Json] = {"n": count}
        account.enter(desk, EventKind.SAMPLE_RETURNED, by=by, subject=name, told=told)
    return count


def all_returned(account: Account, connection: Reading, row: SampleRow) -> None:
    """Write that everything of a stopped plan is back in review."""
    found = samples.of_plan(connection, row.plan_n) or row
    ended = replace(found, status=SampleStatus.RETURNED.value)
    samples.change(connection, ended.sealed(account.key))


def _send_some(account: Account, by: str, row: SampleRow, name: str, numbers: Sequence[int]) -> int:
    """Send some back, with an entry for each: against it a row put back to before is held."""
    with account.catalogue.writing() as desk:
        doubted = _untried(desk.connection, row, numbers)
        back = [returned(one).in_place_of(one, account.key) for one in doubted]
        items.change(desk.connection, back)
        items.look_again(desk.connection, [one.n for one in back], account.today().toordinal())
        at, told, kind = account.now(), dict[str, Json](of=name), EventKind.ITEM_RETURNED
        for one in back:
            account.enter(desk, kind, by=by, subject=one.item, told=told, at=at)
    return len(back)


def _untried(connection: Reading, row: SampleRow, numbers: Sequence[int]) -> list[ItemRow]:
    gate = row.gate
    return [
        one
        for one in items.by_numbers(connection, numbers).values()
        if one.life == LIVE and gate.stops(tag=one.tag, basis=one.basis, rule=one.rule)
    ]
