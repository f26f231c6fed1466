"""Verifying plans: each lists what its papers list, for the reasons they give, and nothing else.

Of what went it is told here why it went; a line that was rewritten would have a destruction rest on
other reasons than it did.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import cast

from archiver.catalogue import Reading, expunging, facts, items, orders, plans
from archiver.catalogue.items import BEGUN, ItemRow
from archiver.catalogue.plans import PlanLine, PlanRow
from archiver.procedures.account import Account
from archiver.procedures.amended_papers import amended
from archiver.procedures.numbers import Numbers
from archiver.procedures.papers import paper_of
from archiver.procedures.verify_findings import Fault
from archiver.records.canonical import Json
from archiver.records.errors import LedgerDamaged

_SLICE = 500


def plans_edited(account: Account) -> Iterator[Fault]:
    """Name every plan that does not list what its papers do; what orders took may be on none."""
    with account.catalogue.reading() as connection:
        every = plans.every(connection)
    for plan in every:
        if plan.status == "making":
            continue
        # asked twice: rows and papers are no one state while an order strikes both
        if _differs(account, plan) and (why := _differs(account, plan)):
            yield Fault(plan.plan, why)


def _differs(account: Account, plan: PlanRow) -> str:
    """Say how the lines of *plan* differ from what its papers tell; empty where they do not."""
    told, wrong = Numbers(), list[str]()
    try:
        with account.catalogue.reading() as connection:
            for digest in _parts(account, plan):
                wrong += _edited(account, connection, plan, digest, told)
            strange = next(_untold(connection, plan, told), "")
    except (LedgerDamaged, KeyError, ValueError, TypeError) as error:
        return f"its papers cannot be read: {error}"
    if wrong:
        return f"{len(wrong)} of its lines are not as its papers list them, the first of {wrong[0]}"
    return f"it lists {strange}, of which its papers tell nothing" if strange else ""


def _parts(account: Account, plan: PlanRow) -> list[str]:
    if not plan.paper:
        return []
    return cast("list[str]", paper_of(account, "plan", plan.paper)["parts"])


def _edited(
    account: Account, connection: Reading, plan: PlanRow, digest: str, told: Numbers
) -> list[str]:
    """Give what a part lists and has no line, or another; put what has one to what is *told*.

    What has lost its own row is named elsewhere.
    """
    due = cast("list[list[Json]]", paper_of(account, "plan_part", digest)["due"])
    lines = plans.lines_about(connection, plan.n, [str(item) for item, *_ in due])
    told.add(line.item_n for line, _ in lines.values())
    doubted = {
        str(item): (seal, cast("list[str]", reasons))
        for item, _series, seal, reasons in due
        if not _is_told(lines.get(str(item)), seal, json.dumps(reasons))
    }
    if not doubted:
        return []
    if _is_striking(connection) and amended(account, "plan_part", digest) is not None:
        doubted = {
            item: (seal, reasons)
            for item, (seal, reasons) in doubted.items()
            if not _is_left(lines.get(item), seal, reasons)
        }
    return [row.item for row in _unordered(items.by_ids(connection, list(doubted)).values())]


def _is_told(line: tuple[PlanLine, int] | None, seal: Json, reasons: str) -> bool:
    """Say whether a line is as its paper has it, and lies where its item does."""
    if line is None:
        return False
    stands, thread_n = line
    return (stands.thread_n, stands.seal, stands.reasons) == (thread_n, seal, reasons)


def _is_striking(connection: Reading) -> bool:
    """Say whether papers may be struck already, and rows that repeat them be still to be reworded.

    So it is while an order is carried out, and while what a backup brought back is struck again.
    """
    return bool(orders.begun(connection) or facts.get(connection, facts.UNRECONCILED))


def _is_left(line: tuple[PlanLine, int] | None, seal: Json, left: list[str]) -> bool:
    """Say the same where an order has struck reasons from the paper, which the line still gives."""
    if line is None:
        return False
    given = json.loads(line[0].reasons)
    return set(left) <= set(given) and _is_told(line, seal, line[0].reasons)


def _unordered(rows: Iterable[ItemRow]) -> Iterator[ItemRow]:
    """Give those of *rows* that no order has struck, or is about to, from plans and papers."""
    for row in rows:
        going = row.life == BEGUN and row.batch_n == expunging.NO_BATCH
        if not going and not expunging.is_expunged(row):
            yield row


def _untold(connection: Reading, plan: PlanRow, told: Numbers) -> Iterator[str]:
    """Give what stands on *plan* and was *told* of by none of its papers."""
    strangers = (n for n in plans.listed_on(connection, plan.n) if n not in told)
    while some := list(islice(strangers, _SLICE)):
        rows = items.by_numbers(connection, some)
        yield from (row.item for row in _unordered(rows.values()))
