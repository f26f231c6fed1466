"""Token terms: until when the tokens of pages are good, as their platforms said last."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select, update

from archiver.catalogue.tables import token_terms


@dataclass(frozen=True, slots=True, kw_only=True)
class TermRow:
    """What was last said of the token of a page. The token itself stands nowhere here.

    *token* is its salted digest, by which it is told from the next one; *dies_at* is None where
    it does not expire, or the platform does not say when.
    """

    page: str
    token: str
    asked_at: int
    dies_at: int | None


def put(connection: Connection, row: TermRow) -> None:
    """Write *row* in place of what was said of the page's token before."""
    values = asdict(row)
    changed = update(token_terms).where(token_terms.c.page == row.page).values(values)
    if not connection.execute(changed).rowcount:
        connection.execute(insert(token_terms).values(values))


def every(connection: Connection) -> dict[str, TermRow]:
    """Give what was last said of each page's token, by the page's opaque id."""
    rows = connection.execute(select(token_terms)).mappings()
    return {row["page"]: TermRow(**row) for row in rows}
