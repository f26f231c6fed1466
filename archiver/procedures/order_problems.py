"""What court orders ask of people: a second signer, a decision, a carrying out."""

from __future__ import annotations

from collections.abc import Iterator

from archiver.catalogue import orders
from archiver.catalogue.orders import OrderRow
from archiver.procedures.account import Account
from archiver.procedures.problems import Problem
from archiver.records.orders import Effect, OrderStatus

_WAITS = {
    OrderStatus.ENTERED: (
        "waits for its second signer, and has no effect yet",
        "Another person says `archiver orders confirm {order}`.",
    ),
    OrderStatus.BEGUN: (
        "was begun and is not carried out",
        "Say `archiver orders carry-out {order}`; the next purge finishes it, too.",
    ),
    OrderStatus.STOPPED: (
        "stopped at a hold; nothing is done for what is held",
        "Counsel lifts the hold, then `archiver orders carry-out {order}`; or lifts the order.",
    ),
    OrderStatus.BY_HAND: (
        "waits until somebody has looked where names cannot be looked for, or not be struck",
        "See `archiver orders by-hand {order}`, say `archiver orders answer`, carry it out again.",
    ),
    OrderStatus.HANDED_OVER: (
        "was handed over, and waits for the receipt",
        "Enter it with `archiver orders receipt {order} --document FILE`.",
    ),
    OrderStatus.RECEIVED: (
        "was received, and what it names is not destroyed",
        "Say `archiver orders carry-out {order}`.",
    ),
    OrderStatus.CONFIRMED: (
        "is confirmed and not carried out",
        "Say `archiver orders carry-out {order}`.",
    ),
}


_TO_RETURN = (
    "is confirmed, and nothing was handed back",
    "Say `archiver orders hand-back {order} --to FOLDER`.",
)


def order_problems(account: Account) -> tuple[Problem, ...]:
    """Name every court order that waits for somebody, until it does no more."""
    with account.catalogue.reading() as connection:
        rows = orders.every(connection)
    return tuple(_problems(rows, account.today().toordinal()))


def _problems(rows: list[OrderRow], today: int) -> Iterator[Problem]:
    for row in rows:
        status = OrderStatus(row.status)
        ripe = Effect(row.effect) is Effect.SEAL_THEN_DESTROY and (row.destroy_on or 0) <= today
        if status is OrderStatus.IN_FORCE and ripe:
            status = OrderStatus.CONFIRMED
        if status in _WAITS:
            what, remedy = _WAITS[status]
            if status is OrderStatus.CONFIRMED and Effect(row.effect) is Effect.RETURN:
                what, remedy = _TO_RETURN
            yield Problem(
                subject=f"order {row.order}",
                what=f"{row.order} {what}",
                remedy=remedy.format(order=row.order),
            )
