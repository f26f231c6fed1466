"""Authors: who wrote what is here, as platforms name them; by the rows of items and by bylines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select, union

from archiver.catalogue.contents import from_body
from archiver.catalogue.tables import bylines, contents, coverage, items, pages, versions
from archiver.records.items import Author


def authors_from(
    connection: Connection, *, after: int, limit: int
) -> Iterator[tuple[int, str, Author | None]]:
    """Give what the next *limit* versions behind the one numbered *after* say of their authors.

    For each its number, the platform of its page, and the author as that version names them.
    """
    query = (
        select(versions.c.n, pages.c.platform, contents.c.body)
        .join(items, items.c.n == versions.c.item_n)
        .join(pages, pages.c.n == items.c.page_n)
        .join(contents, contents.c.n == versions.c.n)
        .where(versions.c.n > after)
        .order_by(versions.c.n)
        .limit(limit)
    )
    for row in connection.execute(query):
        yield row.n, row.platform, from_body(row.body).author


def authors_known(connection: Connection, authors: Sequence[str]) -> list[str]:
    """Give those of the opaque author ids *authors* that have written something here."""
    shown = select(items.c.author).where(items.c.author.in_(authors))
    besides = select(bylines.c.author).where(bylines.c.author.in_(authors))
    return list(connection.scalars(union(shown, besides)))


def authors_of(connection: Connection, hold_n: int, *, limit: int | None) -> list[str]:
    """Give the opaque ids of at most *limit* authors of what a hold covers, our own apart."""
    theirs = (coverage.c.hold_n == hold_n) & items.c.own.is_(False)
    covering = coverage.c.item_n == items.c.n
    shown = select(items.c.author).join(coverage, covering).where(theirs, items.c.author != "")
    besides = (
        select(bylines.c.author)
        .join(items, items.c.n == bylines.c.item_n)
        .join(coverage, covering)
        .where(theirs, bylines.c.author != "")
    )
    return list(connection.scalars(union(shown, besides).order_by("author").limit(limit)))
