"""Pages, and where the last visit to each left off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection, func, insert, select, update

from archiver.catalogue.items import LIVE
from archiver.catalogue.rows import next_number, sliced, these
from archiver.catalogue.seals import SealedRow
from archiver.catalogue.tables import cursors, items, pages
from archiver.records.identity import ArchiveKey


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow(SealedRow):
    """One row of `pages`, under a seal.

    *whole_at* is the begin of the last complete capture, *walked_at* of the last one that saw
    every listing to its end, whatever single things it could not have, *looked_at* of the last
    one, light or not, that saw all that was new (µs UTC).
    """

    n: int
    page: str
    name: str
    platform: str
    identity: str
    connector: str
    controlled: bool
    opened_at: int
    whole_at: int | None
    visited_at: int | None
    walked_at: int | None = None
    looked_at: int | None = None


def by_id(connection: Connection, page: str) -> PageRow | None:
    """Give the page with the opaque id *page*, or None."""
    query = select(pages).where(pages.c.page == page)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else PageRow(**row)


def every(connection: Connection) -> list[PageRow]:
    """Give every page that was ever opened."""
    rows = connection.execute(select(pages).order_by(pages.c.n)).mappings()
    return [PageRow(**row) for row in rows]


def of_items(connection: Connection, ids: Sequence[str]) -> frozenset[str]:
    """Give the ids of the pages on which the items *ids* are, as far as they are here."""
    found: set[str] = set()
    for some in sliced(ids):
        on = select(pages.c.page).join(items, items.c.page_n == pages.c.n).distinct()
        found.update(connection.scalars(on.where(items.c.item.in_(these(connection, some)))))
    return frozenset(found)


def by_numbers(connection: Connection, numbers: Sequence[int]) -> dict[int, PageRow]:
    """Give the pages *numbers*, by number."""
    rows = connection.execute(select(pages).where(pages.c.n.in_(set(numbers)))).mappings()
    return {row["n"]: PageRow(**row) for row in rows}


def add(connection: Connection, row: PageRow, key: ArchiveKey) -> PageRow:
    """Insert *row* under the next number, sealed, and give it back."""
    numbered = replace(row, n=next_number(connection, pages)).sealed(key)
    connection.execute(insert(pages).values(asdict(numbered)))
    return numbered


def change(connection: Connection, before: PageRow, after: PageRow, key: ArchiveKey) -> None:
    """Write *after* in place of *before*; what was edited behind us stays broken."""
    values = asdict(after.in_place_of(before, key))
    connection.execute(update(pages).where(pages.c.n == before.n).values(values))


def visited(
    connection: Connection,
    n: int,
    key: ArchiveKey,
    *,
    at: int,
    whole: bool,
    walked: bool,
    light: bool,
) -> bool:
    """Write that the page was visited at *at*, whether completely, or at least to the end.

    A *light* visit to the end has seen what is new, and no more; it is never a *whole* one. Nor is
    what walks nothing, an import, of a page that was walked before: it shows what the page was
    when it was exported. Gives whether the whole page was seen.
    """
    before = by_numbers(connection, [n])[n]
    seen_whole = whole and (walked or before.walked_at is None)
    after = replace(
        before,
        visited_at=at,
        whole_at=at if seen_whole else before.whole_at,
        walked_at=at if walked and not light else before.walked_at,
        looked_at=at if walked else before.looked_at,
    )
    change(connection, before, after, key)
    return seen_whole


def cursor(connection: Connection, page_n: int) -> str | None:
    """Give where the last visit left off, or None."""
    return connection.scalar(select(cursors.c.value).where(cursors.c.page_n == page_n))


def move_cursor(connection: Connection, page_n: int, value: str, *, at: int) -> None:
    """Move the page's cursor."""
    if cursor(connection, page_n) is None:
        connection.execute(insert(cursors).values(page_n=page_n, value=value, moved_at=at))
    else:
        moved = update(cursors).where(cursors.c.page_n == page_n)
        connection.execute(moved.values(value=value, moved_at=at))


def live_items(connection: Connection) -> dict[int, int]:
    """Give how many live items each page has."""
    query = select(items.c.page_n, func.count()).where(items.c.life == LIVE)
    return {row[0]: row[1] for row in connection.execute(query.group_by(items.c.page_n))}
