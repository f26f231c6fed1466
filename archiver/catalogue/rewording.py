"""Rewording: rows that repeat what a paper says are given what a court order left of the paper."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import Connection, Table, func, select, update

from archiver.catalogue.tables import (
    approvals,
    batches,
    decisions,
    enablings,
    gaps,
    holds,
    matters,
    narrowings,
    notices,
    orders,
    plans,
    requests,
)
from archiver.records.canonical import Json

_REPEATED: Mapping[str, tuple[Table, tuple[str, ...]]] = {
    "hold": (holds, ("reason", "scope")),
    "narrowing": (narrowings, ("scope",)),
    "matter": (matters, ("name", "text")),
    "request": (requests, ("number",)),
    "enabling": (enablings, ("term", "statute", "counsel")),
    "notice": (notices, ("name", "mail", "page")),
    "approval": (approvals, ("signed_by",)),
    "order": (orders, ("court", "number", "as_ordered")),
}
"""By the kind of a paper: in which table its rows lie, and which columns repeat its words."""

REPEATED = frozenset(_REPEATED)
"""The kinds of papers whose words are repeated in rows."""


def reword(connection: Connection, kind: str, digest: str, paper: Mapping[str, Json]) -> None:
    """Write what is left of the *paper* of *kind* with *digest* into the row that repeats it."""
    table, columns = _REPEATED[kind]
    values: dict[str, str] = {}
    for name in columns:
        told = paper.get(name, "")
        values[name] = json.dumps(told) if isinstance(told, dict) else str(told)
    connection.execute(update(table).where(table.c.paper == digest).values(values))


def named_gaps(connection: Connection) -> dict[int, str]:
    """Give, by number, what every gap says it lacks, where it says anything."""
    query = select(gaps.c.n, gaps.c.what).where(gaps.c.what != "")
    return {row.n: row.what for row in connection.execute(query)}


def blank_gap(connection: Connection, n: int) -> None:
    """Strike what a gap says it lacks."""
    connection.execute(update(gaps).where(gaps.c.n == n).values(what="", slot=""))


def reasons_given(connection: Connection) -> int:
    """Give how many decisions of people on items there are; each has its reason in a paper."""
    return connection.scalar(select(func.count()).select_from(decisions)) or 0


_SUBJECTS = (
    (holds.c.hold, holds.c.paper),
    (matters.c.matter, matters.c.paper),
    (requests.c.request, requests.c.paper),
    (notices.c.notice, notices.c.paper),
    (enablings.c.enabling, enablings.c.paper),
    (plans.c.plan, plans.c.paper),
    (batches.c.batch, batches.c.paper),
    (batches.c.batch, batches.c.listing),
    (orders.c.order, orders.c.paper),
)


def about_paper(connection: Connection, digest: str) -> str:
    """Name what the paper with *digest* is about, where a row of it says so; else empty."""
    for name, paper in _SUBJECTS:
        found = connection.scalar(select(name).where(paper == digest))
        if found is not None:
            return str(found)
    return ""
