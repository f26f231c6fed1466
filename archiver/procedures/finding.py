"""Finding: every answer carries "indexed N of M as of T"; no index is never "no results"."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from archiver.catalogue import (
    Catalogue,
    Reading,
    authors,
    bylines,
    contents,
    holds,
    inspection,
    items,
    outbox,
    pages,
    sightings,
)
from archiver.catalogue.bylines import Byline
from archiver.catalogue.captures import GapRow, gaps_of_item
from archiver.catalogue.closed import Closed
from archiver.catalogue.contents import VersionRow
from archiver.catalogue.disposals import batch_name
from archiver.catalogue.expunging import is_expunged, is_remnant
from archiver.catalogue.items import DESTROYED, LIVE, ItemRow
from archiver.catalogue.kept_files import AttachmentRow, attachments_of
from archiver.catalogue.pages import PageRow
from archiver.catalogue.sightings import SightingRow
from archiver.language.tree import Query
from archiver.ports import SearchIndex
from archiver.procedures.account import Account
from archiver.procedures.called import bearers_here, word_for
from archiver.procedures.indexing import as_they_stand
from archiver.records.errors import NotFound
from archiver.records.items import Content


@dataclass(frozen=True, slots=True)
class Found:
    """One item of an answer: its row, its page, what it says (None once destroyed), its holds."""

    row: ItemRow
    page: PageRow
    content: Content | None
    held: tuple[str, ...]

    @property
    def certificate(self) -> str:
        """Name the certificate under which it was destroyed; empty while it is here."""
        gone = self.row.life == DESTROYED and self.row.batch_n is not None
        return batch_name(self.row.batch_n or 0) if gone else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a search found, and how much of the archive it looked at.

    *indexed* of *of* live items were searched as they stood at *as_of* (UTC), but for
    *not_searched* that are closed to who asked, whatever they asked for. *gone* counts what was
    destroyed by authority: nobody can say any more whether it would have answered.
    """

    total: int
    indexed: int
    of: int
    not_searched: int
    gone: int
    as_of: datetime
    engine: str
    took_ms: int
    items: tuple[Found, ...]


def search(
    catalogue: Catalogue,
    index: SearchIndex,
    query: Query,
    *,
    limit: int,
    offset: int = 0,
    sort: str = "relevance",
    without: Closed | None = None,
    now: datetime,
) -> Answer:
    """Answer *query* from the index, with the rows of the catalogue.

    Pages it names by their first names; see `archiver.procedures.page_names`. Items *without* are
    neither found nor counted: those closed to who asks.

    Raises:
        IndexUnavailable: the index is missing, damaged or closed.
    """
    began = time.monotonic()
    closed = len(without) if without is not None else 0
    shut = without if without is not None and closed else ()
    hits = index.search(query, limit=limit, offset=offset, sort=sort, without=shut)
    found = by_ids(catalogue, hits.items)
    with catalogue.reading() as connection:
        shown = found if without is None else _still_open(connection, found, without)
        lives = inspection.lives(connection)
        of = lives.get(LIVE, 0)
        behind = outbox.waiting(connection)
    return Answer(
        total=hits.total - (len(found) - len(shown)),
        indexed=min(as_they_stand(hits.searched, of, behind), of),
        of=of,
        not_searched=closed,
        gone=lives.get(DESTROYED, 0),
        as_of=now,
        engine=index.engine,
        took_ms=round((time.monotonic() - began) * 1000),
        items=tuple(shown),
    )


def _still_open(connection: Reading, found: Sequence[Found], without: Closed) -> list[Found]:
    """Give those of *found* that nobody has closed since the index was asked."""
    here = {row.n for row in without.open_ones(connection, [one.row for one in found])}
    return [one for one in found if one.row.n in here]


def by_ids(catalogue: Catalogue, ids: Sequence[str]) -> list[Found]:
    """Give the items *ids* in order; those of which nothing is left to show are left out."""
    with catalogue.reading() as connection:
        rows = items.by_ids(connection, ids)
        texts = contents.contents_of(connection, list(rows.values()))
        on_pages = pages.by_numbers(connection, [row.page_n for row in rows.values()])
        held = holds.covering(connection, [row.n for row in rows.values()])
    return [
        Found(row, on_pages[row.page_n], texts.get(row.n), tuple(held.get(row.n, ())))
        for row in (rows[item] for item in ids if item in rows)
        if row.page_n in on_pages
    ]


def full_id(catalogue: Catalogue, start: str) -> str:
    """Give the id that begins with *start*.

    Raises:
        NotFound: none does, or more than one.
    """
    wanted = start.strip().lower()
    with catalogue.reading() as connection:
        found = items.beginning_with(connection, wanted) if wanted else []
    if len(found) == 1 or wanted in found:
        return wanted if wanted in found else found[0]
    said = "more than one item begins" if found else "no item begins"
    raise NotFound(f"{said} with {start!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """Everything the archive knows of one item; *bylines* are what no version tells."""

    found: Found
    thread: str
    versions: tuple[tuple[VersionRow, Content | None], ...]
    attachments: tuple[AttachmentRow, ...]
    sightings: tuple[SightingRow, ...]
    bylines: tuple[Byline, ...]
    gaps: tuple[GapRow, ...]
    counts: dict[str, int]
    matched: tuple[str, ...]


def show(catalogue: Catalogue, item: str) -> Whole:
    """Give everything about one item.

    Raises:
        NotFound: there is no such item.
    """
    _demand_tellable(catalogue, item)
    found = by_ids(catalogue, [item])
    n = found[0].row.n
    with catalogue.reading() as connection:
        return Whole(
            found=found[0],
            thread=items.thread_of(connection, n),
            versions=tuple(
                (version, contents.content_of_version(connection, version.n))
                for version in contents.versions_of(connection, n)
            ),
            attachments=tuple(attachments_of(connection, [n])),
            sightings=tuple(sightings.sightings_of(connection, n)),
            bylines=tuple(b for b in bylines.of_items(connection, [n]).get(n, ()) if b.paper),
            gaps=tuple(gaps_of_item(connection, n)),
            counts=sightings.engagement_of(connection, n),
            matched=tuple(contents.matched_words(connection, n)),
        )


def thread(catalogue: Catalogue, item: str) -> list[Found]:
    """Give every item of the thread *item* belongs to, oldest first.

    Raises:
        NotFound: there is no such item.
    """
    row = _demand_tellable(catalogue, item)
    with catalogue.reading() as connection:
        ids = items.of_thread(connection, row.thread_n)
    return by_ids(catalogue, ids)


def _demand_tellable(catalogue: Catalogue, item: str) -> ItemRow:
    """Give the row of *item*, if it says more than that the item was.

    Raises:
        NotFound: there is no such item, or nothing is left of it to show.
    """
    with catalogue.reading() as connection:
        row = items.by_ids(connection, [item]).get(item)
    if row is None:
        raise NotFound(f"no item {item[:12]}")
    if not is_remnant(row):
        return row
    if is_expunged(row) or row.batch_n is None:
        raise NotFound(f"{item[:12]} is gone: an order of a court covers it")
    raise NotFound(
        f"{item[:12]} is gone: disposed of under certificate {batch_name(row.batch_n)}",
        remedy=f"Its tombstone says no more. Say `archiver dispositions certificate "
        f"{batch_name(row.batch_n)}`.",
    )


def thread_id(catalogue: Catalogue, item: str) -> str:
    """Give the id of the thread *item* belongs to."""
    with catalogue.reading() as connection:
        rows = items.by_ids(connection, [item])
        return items.thread_of(connection, rows[item].n) if rows else item


def review_list(catalogue: Catalogue, *, after: int, limit: int) -> tuple[int, list[Found]]:
    """Give how many items wait for a person, and at most *limit* of them."""
    with catalogue.reading() as connection:
        waiting = items.queued_count(connection)
        ids = items.queued(connection, after=after, limit=limit)
    return waiting, by_ids(catalogue, ids)


def author_ids(account: Account, name: str) -> list[str]:
    """Give the opaque ids of the author that a platform itself knows as *name*, on any of them.

    That is the platform's own id, or the handle or name where it tells no id; never a namesake.

    Raises:
        NotFound: nobody known by that has written anything here.
    """
    with account.catalogue.reading() as connection:
        found = authors.authors_known(connection, _known_as(account, connection, name))
    return _somebody(found, name)


def authors_called(account: Account, name: str, *, unsaid: bool = False) -> list[str]:
    """Give the opaque ids of all who have the id, handle or name *name*, here or from now on.

    Upper and lower case are alike, and an @ before a handle says nothing. Everything that is here
    is looked through. Whom a platform comes to know as *name* is among them, too.
    Where *unsaid*, whether anybody here has that name is not said to who asks: they may not read
    all that is here, and could ask name by name who wrote it.

    Raises:
        NotFound: nobody of that name has written anything here, and that may be said.
    """
    word = word_for(account.key, name)
    if not word:
        return _somebody([], name)
    with account.catalogue.reading() as connection:
        known = _known_as(account, connection, name)
        found = set(authors.authors_known(connection, known))
    found.update(bearers_here(account, {word}).get(word, ()))
    named = sorted(found | set(known)) if unsaid else sorted(found)
    return sorted({*_somebody(named, name), *known})


def _known_as(account: Account, connection: Reading, name: str) -> list[str]:
    platforms = {page.platform for page in pages.every(connection)}
    return [account.key.author(platform, name) for platform in sorted(platforms)]


def _somebody(found: list[str], name: str) -> list[str]:
    if found:
        return found
    raise NotFound(
        f"no author {name!r} here",
        remedy="Give the author's id on the platform, as `items show` tells it.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallies:
    """How many items there are: live, by tag, waiting for a person, and as tombstones."""

    live: int
    destroyed: int
    queued: int
    tags: dict[str, int]


def tallies(catalogue: Catalogue) -> Tallies:
    """Count the archive."""
    with catalogue.reading() as connection:
        return Tallies(
            live=items.count(connection, LIVE),
            destroyed=items.count(connection, DESTROYED),
            queued=items.queued_count(connection),
            tags=items.tags(connection),
        )
