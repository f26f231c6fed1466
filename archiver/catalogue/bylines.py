"""Bylines: where a platform shows another author or moment of publication than an item's row says.

The row keeps those of the version that showed when the item was entered; a hold asks of all. A
version tells its own; what a platform changes alone, all else the same, is told by a paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, insert, select

from archiver.catalogue.contents import EnteredVersion
from archiver.catalogue.items import ItemRow
from archiver.catalogue.rows import sliced, these
from archiver.catalogue.tables import bylines, items
from archiver.records.holds import HoldFacts
from archiver.records.identity import ArchiveKey


class Byline(NamedTuple):
    """Who wrote an item as it was shown once (an opaque id), and when it was published (µs UTC).

    *since* is the moment at which that was captured (µs UTC), *paper* the digest of the paper that
    tells it; empty where a version does.
    """

    author: str
    published: int
    since: int
    paper: str = ""
    seal: str = ""


Bylines = Mapping[int, Sequence[Byline]]
"""Bylines by the numbers of their items."""


def byline_seal(key: ArchiveKey, item: str, number: int, told: Byline) -> str:
    """Give the seal of the byline of *item* with *number*; an edit behind us breaks it."""
    return key.seal(ascii((item, number, *told[:4])))


def add(
    connection: Connection,
    rows: Mapping[str, ItemRow],
    entered: Iterable[EnteredVersion],
    key: ArchiveKey,
) -> None:
    """Insert a byline for each of *entered* that says otherwise than its item's row in *rows*."""
    told = []
    for version in entered:
        row, (_, published, author) = rows[version.item], version.shows
        if published != row.published_at or author != row.author:
            byline = Byline(author, published, version.row.captured_at)
            told.append(_values(key, row, version.row.number, byline))
    if told:
        connection.execute(insert(bylines), told)


def tell(connection: Connection, told: Sequence[tuple[ItemRow, Byline]], key: ArchiveKey) -> None:
    """Insert bylines that no version tells; their numbers count down from 0."""
    lowest: dict[int, int] = {}
    for some in sliced([row.n for row, _ in told]):
        query = select(bylines.c.item_n, func.min(bylines.c.number)).group_by(bylines.c.item_n)
        found = connection.execute(query.where(bylines.c.item_n.in_(these(connection, some))))
        lowest.update({row[0]: row[1] for row in found})
    values = []
    for row, byline in told:
        lowest[row.n] = min(lowest.get(row.n, 1), 1) - 1
        values.append(_values(key, row, lowest[row.n], byline))
    if values:
        connection.execute(insert(bylines), values)


def _values(key: ArchiveKey, row: ItemRow, number: int, told: Byline) -> dict[str, int | str]:
    return {
        "item_n": row.n,
        "number": number,
        "author": told.author,
        "published_at": told.published,
        "at": told.since,
        "paper": told.paper,
        "seal": byline_seal(key, row.item, number, told),
    }


_COLUMNS = ("item_n", "number", "author", "published_at", "at", "paper", "seal")
_BYLINES = select(*(bylines.c[name] for name in _COLUMNS)).order_by(
    bylines.c.item_n, bylines.c.number
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
    """Give every byline of the items from number *first* to *last*: item, number, byline.

    Those of versions have the versions' numbers.
    """
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
