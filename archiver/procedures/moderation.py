"""Moderation: what went out of sight on a page, since when, and what the platform says of it.

A report concludes nothing. It tells what was seen: the state, and ground and actor only where the
platform told them. What was destroyed by authority since cannot be told of; it is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

from archiver.catalogue import moderation, pages
from archiver.catalogue.captures import GapRow
from archiver.catalogue.moderation import Said, Visit
from archiver.catalogue.pages import PageRow
from archiver.catalogue.sightings import SightingRow
from archiver.ports import ObjectReader
from archiver.procedures import finding
from archiver.procedures.account import Account
from archiver.procedures.finding import Found
from archiver.procedures.moderation_lists import ListsTold, tell_lists
from archiver.procedures.remarks import remark_of
from archiver.procedures.viewing import demand_reader, view
from archiver.records.captures import PlatformState
from archiver.records.errors import NotFound
from archiver.records.identity import ArchiveKey
from archiver.records.items import Content
from archiver.records.people import Person

_SLICE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The time a report tells of: from *since* to before *until*, in µs UTC."""

    since: int
    until: int

    def holds(self, at: int) -> bool:
        """Say whether *at* lies in it."""
        return self.since <= at < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that was seen of an item out of sight, and whatever the platform said with it."""

    at: int
    state: str
    actor: str
    ground: str
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfSight:
    """An item while the public could not see it, or nobody could tell; *content* as it then was.

    *last_seen* is when the archive last entered it as visible, None where it never was.
    *visited_before* is the last complete visit before it was missed, which did not miss it.
    *back_at* is when it was seen again.
    """

    found: Found
    content: Content | None
    last_seen: int | None
    visited_before: int | None
    told: tuple[Told, ...]
    back_at: int | None

    @property
    def first_missing(self) -> int:
        """Give when it was first seen to be out of sight."""
        return self.told[0].at


@dataclass(frozen=True, slots=True, kw_only=True)
class ModerationReport:
    """What is known of moderation on one page.

    *visits* counts the visits that began in the time, by how they ended; *gaps* were open in it.
    *not_shown* counts restricted items that the reader may not see, *tombstones* what of the page
    was destroyed by authority at any time. *lists* tells of those blocked and filtered, and of the
    platform's own log. *blind_to* is what the connector never sees.
    """

    page: PageRow
    span: Span
    items: tuple[OutOfSight, ...]
    not_shown: int
    visits: dict[str, int]
    gaps: tuple[GapRow, ...]
    tombstones: int
    lists: ListsTold
    blind_to: tuple[str, ...] = ()


def report(
    account: Account,
    objects: ObjectReader,
    person: Person,
    page: str,
    span: Span,
) -> ModerationReport:
    """Tell of every item of *page* that was out of sight and seen to be so within *span*.

    And of the lists by which the page is moderated, where a platform shows them.

    Each restricted item that is shown leaves an entry.

    Raises:
        NotPermitted: *person* may not read.
        NotFound: the page was never visited.
    """
    demand_reader(account, person)
    row = _visited(account, page)
    found, not_shown = _out_of_sight(account, objects, person, row, span)
    lists = tell_lists(account, person, row, since=span.since, until=span.until)
    with account.catalogue.reading() as connection:
        since, until = span.since, span.until
        return ModerationReport(
            page=row,
            span=span,
            items=tuple(sorted(found, key=lambda one: one.first_missing)),
            not_shown=not_shown + lists.not_shown,
            visits=moderation.visit_counts(connection, row.n, since=since, until=until),
            gaps=tuple(moderation.gaps_open_in(connection, row.n, since=since, until=until)),
            tombstones=moderation.tombstones(connection, row.n),
            lists=lists,
        )


def _out_of_sight(
    account: Account, objects: ObjectReader, person: Person, row: PageRow, span: Span
) -> tuple[list[OutOfSight], int]:
    """Give the times that items of a page were out of sight, and how many are not shown."""
    found: list[OutOfSight] = []
    after, not_shown = 0, 0
    while True:
        with account.catalogue.reading() as connection:
            some = moderation.out_of_sight(
                connection, row.n, since=span.since, until=span.until, after=after, limit=_SLICE
            )
        if not some:
            return found, not_shown
        after = some[-1][0]
        shown = view(
            account,
            person,
            finding.by_ids(account.catalogue, [item for _, item in some]),
            where="moderation",
        )
        not_shown += shown.not_shown
        found.extend(_told_of(account, objects, row, shown.items, span))


def _visited(account: Account, page: str) -> PageRow:
    with account.catalogue.reading() as connection:
        row = pages.by_id(connection, page)
    if row is None:
        raise NotFound(
            "this page was never visited, so that nothing is known of it",
            remedy="Visit it with `archiver capture PAGE` first.",
        )
    return row


def _told_of(
    account: Account,
    objects: ObjectReader,
    page: PageRow,
    found: Sequence[Found],
    span: Span,
) -> list[OutOfSight]:
    numbers = [one.row.n for one in found]
    with account.catalogue.reading() as connection:
        seen = moderation.sightings_by_item(connection, numbers)
        said = moderation.said_by_item(connection, numbers)
        visits = moderation.whole_visits(connection, page.n, until=span.until)
    remarks = partial(_remarks, account.key, objects)
    return [
        spell
        for one in found
        for spell in _spells(one, seen[one.row.n], said[one.row.n], visits, remarks(one))
        if any(span.holds(told.at) for told in spell.told)
    ]


def _spells(
    found: Found,
    seen: Sequence[SightingRow],
    said: Sequence[Said],
    visits: Sequence[Visit],
    remark: Callable[[SightingRow], str],
) -> list[OutOfSight]:
    """Cut what was seen of an item into the times in which it was out of sight."""
    runs: list[list[SightingRow]] = []
    backs: dict[int, int] = {}
    away = False
    for row in seen:
        if row.state == PlatformState.PRESENT.value:
            if away:
                backs[len(runs) - 1] = row.at
            away = False
        elif away:
            runs[-1].append(row)
        else:
            runs.append([row])
            away = True
    return [
        _spell(
            found,
            run,
            said,
            visits,
            last_seen=_last_seen(run[0].at, backs.get(place - 1), said),
            back_at=backs.get(place),
            remark=remark,
        )
        for place, run in enumerate(runs)
    ]


def _last_seen(missing: int, back: int | None, said: Sequence[Said]) -> int | None:
    """Give the last moment before *missing* at which the archive entered the item as visible.

    What was entered while it was out of sight before lies before it came *back*.
    """
    visible = [each.at for each in said if each.at < missing]
    return max([*visible, *([back] if back is not None else [])], default=None)


def _spell(
    found: Found,
    run: Sequence[SightingRow],
    said: Sequence[Said],
    visits: Sequence[Visit],
    *,
    last_seen: int | None,
    back_at: int | None,
    remark: Callable[[SightingRow], str],
) -> OutOfSight:
    missing = run[0].at
    known = [each.content for each in takewhile(lambda each: each.at <= missing, said)]
    looked = [
        visit.began
        for visit in visits
        if visit.ended < missing
        and (last_seen or missing) < visit.began
        and (visit.since is None or visit.since <= found.row.published_at)
    ]
    return OutOfSight(
        found=found,
        content=known[-1] if known else found.content,
        last_seen=last_seen,
        visited_before=max(looked, default=None),
        told=tuple(
            Told(at=row.at, state=row.state, actor=row.actor, ground=row.source, remark=remark(row))
            for row in run
        ),
        back_at=back_at,
    )


def _remarks(key: ArchiveKey, objects: ObjectReader, found: Found) -> Callable[[SightingRow], str]:
    def of(row: SightingRow) -> str:
        return remark_of(key, objects, found.row.item, row.paper) if row.paper else ""

    return of
