"""Authors: who wrote what is here, as the platforms name them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from archiver.catalogue.contents import from_body
from archiver.catalogue.tables import contents, items, versions
from archiver.records.items import Author


def authors_from(
    connection: Connection, *, after: int, limit: int
) -> Iterator[tuple[int, str, Author | None]]:
    """Give what the next *limit* versions behind the one numbered *after* say of their authors.

    For each its number, the opaque id by which holds know the author of its item, and the author
    as that version names them.
    """
    query = (
        select(versions.c.n, items.c.author, contents.c.body)
        .join(items, items.c.n == versions.c.item_n)
        .join(contents, contents.c.n == versions.c.n)
        .where(versions.c.n > after)
        .order_by(versions.c.n)
        .limit(limit)
    )
    for row in connection.execute(query):
        yield row.n, row.author, from_body(row.body).author
