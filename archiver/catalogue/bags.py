"""Bags and what lies in them: the rows of transfers, each under a seal."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, tuple_, update

from archiver.catalogue.items import LIVE, ItemRow, as_item
from archiver.catalogue.rows import next_number, sliced, these
from archiver.catalogue.tables import bag_items, bags, items
from archiver.records.identity import ArchiveKey
from archiver.records.transfers import BagStatus

_WRITTEN = (BagStatus.BAGGED.value, BagStatus.RECEIVED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class BagRow:
    """One bag. *octets* and *files* are those of its payload, *items* how many lie in it.

    *manifest* is the digest of its list of tag files, by which anybody can name the exact bag.
    *paper* and *receipt* are digests of papers: what was bagged, and what came back.
    """

    n: int
    bag: str
    plan_n: int
    status: str
    recipient: str
    begun_at: int
    by: str
    bagged_at: int | None = None
    items: int = 0
    octets: int = 0
    files: int = 0
    manifest: str = ""
    paper: str = ""
    received_at: int | None = None
    receipt: str = ""
    seal: str = ""

    def sealed(self, key: ArchiveKey) -> BagRow:
        """Give the row with the seal that belongs to its columns."""
        return replace(self, seal=self.true_seal(key))

    def true_seal(self, key: ArchiveKey) -> str:
        """Give the seal that belongs to the columns as they stand."""
        told = asdict(self) | {"status": str(self.status)}
        del told["seal"]
        return key.seal(ascii(("bag", *told.values())))


class Bagged(NamedTuple):
    """One item that lies in a bag, with the number of its versions there."""

    item_n: int
    thread_n: int
    version: int
    seal: str

    def true_seal(self, key: ArchiveKey, bag_n: int) -> str:
        """Give the seal that belongs to it in the bag of number *bag_n*."""
        return key.seal(ascii(("bagged", bag_n, *self[:3])))


def add(connection: Connection, row: BagRow, key: ArchiveKey) -> BagRow:
    """Insert *row* under the next number, and give it back with its name (`B-000001`)."""
    n = next_number(connection, bags)
    named = replace(row, n=n, bag=f"B-{n:06}").sealed(key)
    connection.execute(insert(bags).values(asdict(named)))
    return named


def write(connection: Connection, row: BagRow, key: ArchiveKey) -> BagRow:
    """Write *row* over the one of the same number, sealed.

    Where that one was edited behind us, its broken seal stays, so that the edit stays named.
    """
    before = BagRow(**connection.execute(select(bags).where(bags.c.n == row.n)).mappings().one())
    whole = before.seal == before.true_seal(key)
    sealed = row.sealed(key) if whole else replace(row, seal=before.seal)
    values = {name: value for name, value in asdict(sealed).items() if name != "n"}
    connection.execute(update(bags).where(bags.c.n == row.n).values(values))
    return sealed


def every(connection: Connection) -> list[BagRow]:
    """Give every bag there ever was, in order."""
    rows = connection.execute(select(bags).order_by(bags.c.n)).mappings()
    return [BagRow(**row) for row in rows]


def of_plan(connection: Connection, plan_n: int) -> BagRow | None:
    """Give the bag of a plan, or None where none was begun."""
    query = select(bags).where(bags.c.plan_n == plan_n)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else BagRow(**row)


def called(connection: Connection, name: str) -> BagRow | None:
    """Give the bag called *name*, or None."""
    row = connection.execute(select(bags).where(bags.c.bag == name)).mappings().one_or_none()
    return None if row is None else BagRow(**row)


# --- what lies in them ----------------------------------------------------------------------------


def put_in(connection: Connection, bag_n: int, rows: Sequence[ItemRow], key: ArchiveKey) -> None:
    """Put *rows*, as they stand now, into a bag."""
    lying = [Bagged(row.n, row.thread_n, row.version, "") for row in rows]
    values = [
        one._replace(seal=one.true_seal(key, bag_n))._asdict() | {"bag_n": bag_n} for one in lying
    ]
    if values:
        connection.execute(insert(bag_items), values)


def take_out(connection: Connection, bag_n: int, thread_numbers: Collection[int]) -> None:
    """Take whole threads out of a bag."""
    for some in sliced(sorted(thread_numbers)):
        mine = (bag_items.c.bag_n == bag_n) & bag_items.c.thread_n.in_(some)
        connection.execute(delete(bag_items).where(mine))


def emptied(connection: Connection, bag_n: int) -> None:
    """Take everything out of a bag."""
    connection.execute(delete(bag_items).where(bag_items.c.bag_n == bag_n))


def lying_in(connection: Connection, bag_n: int, *, after: int, limit: int) -> list[Bagged]:
    """Give at most *limit* items of a bag numbered above *after*, in order."""
    columns = [bag_items.c[name] for name in Bagged._fields]
    query = select(*columns).where(bag_items.c.bag_n == bag_n, bag_items.c.item_n > after)
    return [Bagged(*row) for row in connection.execute(query.order_by("item_n").limit(limit))]


def lying_in_none(connection: Connection) -> dict[int, int]:
    """Give how many rows lie in bags that have no row themselves, by the number of the bag."""
    there = select(bags.c.n).where(bags.c.n == bag_items.c.bag_n).exists()
    query = select(bag_items.c.bag_n, func.count()).where(~there).group_by(bag_items.c.bag_n)
    return {row[0]: row[1] for row in connection.execute(query)}


def rows_in(
    connection: Connection, bag_n: int, *, after: tuple[int, int], limit: int
) -> list[ItemRow]:
    """Give at most *limit* items of a bag behind *after* (thread, item), thread by thread."""
    query = (
        select(items)
        .join(bag_items, bag_items.c.item_n == items.c.n)
        .where(bag_items.c.bag_n == bag_n)
        .where(tuple_(bag_items.c.thread_n, bag_items.c.item_n) > tuple_(*after))
        .order_by(bag_items.c.thread_n, bag_items.c.item_n)
        .limit(limit)
    )
    return [as_item(row) for row in connection.execute(query).mappings()]


def is_whole(connection: Connection, bag_n: int) -> bool:
    """Say whether everything that lies in a bag is still live here."""
    query = (
        select(items.c.n)
        .join(bag_items, bag_items.c.item_n == items.c.n)
        .where(bag_items.c.bag_n == bag_n, items.c.life != LIVE)
    )
    return connection.scalar(query.limit(1)) is None


def bagged_of(connection: Connection, bag_n: int, numbers: Sequence[int]) -> set[int]:
    """Give those of the items *numbers* that lie in a bag."""
    found: set[int] = set()
    for some in sliced(numbers):
        mine = (bag_items.c.bag_n == bag_n) & bag_items.c.item_n.in_(some)
        found.update(connection.scalars(select(bag_items.c.item_n).where(mine)))
    return found


def last_written(
    connection: Connection, numbers: Sequence[int]
) -> dict[int, tuple[BagRow, Bagged]]:
    """Give, by number, the newest written bag that each of the items *numbers* lies in, if any."""
    found: dict[int, tuple[BagRow, Bagged]] = {}
    for some in sliced(numbers):
        query = (
            select(bags, *(bag_items.c[name].label(f"_{name}") for name in Bagged._fields))
            .join(bag_items, bag_items.c.bag_n == bags.c.n)
            .where(bag_items.c.item_n.in_(these(connection, some)), bags.c.status.in_(_WRITTEN))
            .order_by(bags.c.n)
        )
        for row in connection.execute(query).mappings():
            lying = Bagged(*(row[f"_{name}"] for name in Bagged._fields))
            bag = BagRow(**{column.name: row[column.name] for column in bags.columns})
            found[lying.item_n] = bag, lying
    return found
