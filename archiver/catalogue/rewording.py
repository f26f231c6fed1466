"""Rewording: rows that repeat what a paper says are given what a court order left of the paper."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from sqlalchemy import Connection, Table, delete, select, update

from archiver.catalogue.tables import (
    alerts,
    approvals,
    batches,
    enablings,
    gaps,
    growths,
    heartbeats,
    holds,
    job_runs,
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
    "growth": (growths, ("scope",)),
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


def blank_words(connection: Connection, says: Callable[[str], bool]) -> None:
    """Strike what gaps lack, what runs came to and what was told people, where it *says* so."""
    for key, words in _WORDS:
        found = connection.execute(select(key, words).where(words != "")).all()
        for n in [n for n, told in found if says(told)]:
            blank = {words.name: ""} | ({"slot": ""} if words.table is gaps else {})
            connection.execute(update(words.table).where(key == n).values(blank))
    for subject in connection.scalars(select(alerts.c.subject)).all():
        if says(subject):
            connection.execute(delete(alerts).where(alerts.c.subject == subject))


_WORDS = (
    (gaps.c.n, gaps.c.what),
    (job_runs.c.n, job_runs.c.detail),
    (heartbeats.c.name, heartbeats.c.detail),
)


_GROWN = select(holds.c.hold).where(holds.c.n == growths.c.hold_n).scalar_subquery()
_SUBJECTS = (
    (holds.c.hold, holds.c.paper),
    (_GROWN, growths.c.paper),
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
