"""Bylines: where a version names another author or moment of publication than its item's row.

The row keeps those of the version that showed when the item was entered; a hold asks of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, insert, select

from archiver.catalogue.contents import EnteredVersion
from archiver.catalogue.items import ItemRow
from archiver.catalogue.rows import sliced, these
from archiver.catalogue.tables import bylines, items, versions
from archiver.records.holds import HoldFacts


class Byline(NamedTuple):
    """Who wrote an item by one of its versions (an opaque id), and when it was published (µs UTC).

    *since* is the moment at which that version was captured (µs UTC).
    """

    author: str
    published: int
    since: int


Bylines = Mapping[int, Sequence[Byline]]
"""Bylines by the numbers of their items."""


def add(
    connection: Connection, rows: Mapping[str, ItemRow], entered: Iterable[EnteredVersion]
) -> None:
    """Insert a byline for each of *entered* that says otherwise than its item's row in *rows*."""
    told = []
    for version in entered:
        row, (_, published, author) = rows[version.item], version.shows
        if published != row.published_at or author != row.author:
            told.append(
                {
                    "item_n": row.n,
                    "number": version.row.number,
                    "author": author,
                    "published_at": published,
                }
            )
    if told:
        connection.execute(insert(bylines), told)


_BYLINES = (
    select(
        bylines.c.item_n,
        bylines.c.number,
        bylines.c.author,
        bylines.c.published_at,
        func.coalesce(versions.c.captured_at, 0),
    )
    .outerjoin(
        versions,
        (versions.c.item_n == bylines.c.item_n) & (versions.c.number == bylines.c.number),
    )
    .order_by(bylines.c.item_n, bylines.c.number)
)


def of_items(connection: Connection, numbers: Sequence[int]) -> Bylines:
    """Give the bylines of the items *numbers*; nearly all have none."""
    found: dict[int, list[Byline]] = {}
    for some in sliced(numbers):
        mine = bylines.c.item_n.in_(these(connection, some))
        for n, _, *told in connection.execute(_BYLINES.where(mine)):
            found.setdefault(n, []).append(Byline(*told))
    return found


def bylines_between(
    connection: Connection, first: int, last: int
) -> Iterator[tuple[int, int, Byline]]:
    """Give every byline of the items from number *first* to *last*: item, version, byline."""
    query = _BYLINES.where(bylines.c.item_n.between(first, last))
    for n, number, *told in connection.execute(query):
        yield n, number, Byline(*told)


def there() -> ColumnElement[bool]:
    """Give what asks whether an item has any byline."""
    return select(bylines.c.item_n).where(bylines.c.item_n == items.c.n).exists()


def facts_of(row: ItemRow, page: str, thread: str, besides: Iterable[Byline]) -> HoldFacts:
    """Give what a hold asks about an item: by its row, and by its bylines *besides*."""
    authors, published = [row.author], [row.published_at]
    for byline in besides:
        authors.append(byline.author)
        published.append(byline.published)
    return HoldFacts(
        item=row.item,
        thread=thread,
        page=page,
        authors=tuple(authors),
        published=tuple(published),
    )
