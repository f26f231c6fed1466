"""Court orders: their rows, what each names, and how far it has come with that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, Select, delete, insert, select, update

from archiver.catalogue.items import ItemRow, as_item
from archiver.catalogue.registers import readable
from archiver.catalogue.rows import next_number, sliced
from archiver.catalogue.tables import items, order_items, orders
from archiver.records.orders import Effect, OrderStatus

WAITING, HELD, GOING, DONE = "waiting", "held", "going", "done"
"""How far an order has come with one item: not yet, stopped by a hold, begun, closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One court order. Days are ordinals; *document*, *paper* and *words* are digests of papers."""

    n: int
    order: str
    effect: str
    status: str
    court: str
    number: str
    dated: int
    destroy_on: int | None
    as_ordered: str
    entered_at: int
    by: str
    confirmed_at: int | None
    confirmed_by: str | None
    document: str
    paper: str
    destroyed: int = 0
    words: str = ""


def next_name(connection: Connection) -> str:
    """Give the name of the next order (`O-0001`)."""
    return f"O-{next_number(connection, orders):04}"


def add(connection: Connection, row: OrderRow, named: Iterable[int]) -> None:
    """Insert *row*, and the numbers of the items it names."""
    connection.execute(insert(orders).values(asdict(row)))
    rows = [{"order_n": row.n, "item_n": n, "standing": WAITING} for n in named]
    if rows:
        connection.execute(insert(order_items), rows)


def every(connection: Connection) -> list[OrderRow]:
    """Give every order there ever was, in order."""
    rows = connection.execute(select(orders).order_by(orders.c.n)).mappings()
    return [OrderRow(**row) for row in rows]


def begun(connection: Connection) -> list[OrderRow]:
    """Give every order whose destruction was begun and not carried out, in order."""
    return [row for row in every(connection) if row.status == OrderStatus.BEGUN]


def called(connection: Connection, name: str) -> OrderRow | None:
    """Give the order called *name*, or None."""
    row = connection.execute(select(orders).where(orders.c.order == name)).mappings().first()
    return None if row is None else OrderRow(**row)


def stands(connection: Connection, n: int, status: OrderStatus) -> None:
    """Write how an order stands."""
    connection.execute(update(orders).where(orders.c.n == n).values(status=status.value))


def confirm(connection: Connection, n: int, *, at: int, by: str) -> None:
    """Write who confirmed an order, and when."""
    values = {"status": OrderStatus.CONFIRMED.value, "confirmed_at": at, "confirmed_by": by}
    connection.execute(update(orders).where(orders.c.n == n).values(values))


def names_stand_in(connection: Connection, n: int, paper: str) -> None:
    """Write in which paper the names stand by which an order's traces are looked for."""
    connection.execute(update(orders).where(orders.c.n == n).values(words=paper))


def blank(connection: Connection, n: int) -> None:
    """Strike what an order said; that there was one, of which effect and when, stays."""
    values = {"court": "", "number": "", "as_ordered": ""}
    connection.execute(update(orders).where(orders.c.n == n).values(values))


def named_by(connection: Connection, n: int, *standings: str) -> list[ItemRow]:
    """Give the items an order names, in order; with *standings*, only those that stand so."""
    query = select(items).join(order_items, order_items.c.item_n == items.c.n)
    query = query.where(order_items.c.order_n == n)
    if standings:
        query = query.where(order_items.c.standing.in_(standings))
    return [as_item(row) for row in connection.execute(query.order_by(items.c.n)).mappings()]


def counted(connection: Connection, n: int) -> dict[str, int]:
    """Give how many items of an order stand how."""
    query = select(order_items.c.standing).where(order_items.c.order_n == n)
    found: dict[str, int] = {}
    for standing in connection.scalars(query):
        found[standing] = found.get(standing, 0) + 1
    return found


def come_to(connection: Connection, n: int, numbers: Sequence[int], standing: str) -> None:
    """Write how far an order has come with the items *numbers*."""
    for some in sliced(numbers):
        mine = (order_items.c.order_n == n) & order_items.c.item_n.in_(some)
        connection.execute(update(order_items).where(mine).values(standing=standing))


def name_again(connection: Connection, n: int, numbers: Sequence[int]) -> None:
    """Have an order name the items *numbers*, if it does not yet, as going."""
    known = {one.n for one in named_by(connection, n)}
    rows = [
        {"order_n": n, "item_n": item_n, "standing": GOING}
        for item_n in numbers
        if item_n not in known
    ]
    if rows:
        connection.execute(insert(order_items), rows)
    come_to(connection, n, numbers, GOING)


def destroyed(connection: Connection, n: int, numbers: Sequence[int]) -> None:
    """Write that an order has destroyed the items *numbers*, which no order names any more."""
    more = update(orders).where(orders.c.n == n)
    connection.execute(more.values(destroyed=orders.c.destroyed + len(numbers)))
    for some in sliced(numbers):
        connection.execute(delete(order_items).where(order_items.c.item_n.in_(some)))


def keeping(connection: Connection, numbers: Sequence[int]) -> dict[int, list[str]]:
    """Give, by item number, the orders that keep it from the disposition the schedule asks for.

    An order does so from its entering on: what would go before its second signer has read it
    could not be brought back.

    Raises:
        RegisterUnreadable: the orders cannot be read.
    """
    with readable("the register of court orders"):
        columns = (orders.c.n, orders.c.order, orders.c.effect, orders.c.status)
        rows = connection.execute(select(*columns)).all()
        names = {
            row.n: row.order
            for row in rows
            if Effect(row.effect).keeps and not OrderStatus(row.status).over
        }
    found: dict[int, list[str]] = {}
    for some in sliced(numbers if names else []):
        query = select(order_items.c.item_n, order_items.c.order_n).where(
            order_items.c.item_n.in_(some), order_items.c.order_n.in_(list(names))
        )
        for row in connection.execute(query.order_by(order_items.c.order_n)):
            found.setdefault(row.item_n, []).append(names[row.order_n])
    return found


def closed_by(
    connection: Connection, numbers: Sequence[int], *, sealed: bool = False
) -> dict[int, list[str]]:
    """Give, by item number, the orders in force that close it; where *sealed*, that seal it."""
    effects = [effect.value for effect in Effect if effect.closes and (effect.seals or not sealed)]
    found: dict[int, list[str]] = {}
    for some in sliced(numbers):
        query = (
            select(order_items.c.item_n, orders.c.order)
            .join(orders, orders.c.n == order_items.c.order_n)
            .where(order_items.c.item_n.in_(some))
            .where(orders.c.effect.in_(effects), orders.c.status.not_in(_WITHOUT_FORCE))
            .order_by(orders.c.n)
        )
        for row in connection.execute(query):
            found.setdefault(row.item_n, []).append(row.order)
    return found


def sealing() -> Select[tuple[int]]:
    """Give the question for the numbers of all items that an order in force seals."""
    effects = [effect.value for effect in Effect if effect.seals]
    return (
        select(order_items.c.item_n)
        .join(orders, orders.c.n == order_items.c.order_n)
        .where(orders.c.effect.in_(effects), orders.c.status.not_in(_WITHOUT_FORCE))
    )


_WITHOUT_FORCE = [
    OrderStatus.ENTERED.value,
    OrderStatus.CONFIRMED.value,
    OrderStatus.LIFTED.value,
]
"""How an order stands that closes nothing, not yet or not any more."""
