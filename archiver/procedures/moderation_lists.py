"""Moderation lists: whom a page blocked and unblocked, what it filters, and what its log tells.

A list is known as it stood at each visit that found it changed; when in between, and by whom, is
told only by the platform's own log, where there is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from archiver.catalogue import moderation
from archiver.catalogue.moderation import Said, Visit
from archiver.catalogue.pages import PageRow
from archiver.procedures import finding
from archiver.procedures.account import Account
from archiver.procedures.finding import Found
from archiver.procedures.viewing import view
from archiver.records.people import Person
from archiver.records.standing_lists import Change, Entry, change, entries_of

_SLICE = 500
_WHERE = "moderation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A list was found changed *at* a visit: what came, what went, what reads otherwise.

    *stood_at* is the visit at which it was entered as it was before, *visited_before* the last
    complete visit after that which found it so. It changed at some time between.
    """

    at: int
    stood_at: int
    visited_before: int | None
    change: Change

    @property
    def unchanged_until(self) -> int:
        """Give the last visit known to have found it as it was before."""
        return self.visited_before or self.stood_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTold:
    """One list: since when it is known, what it held when a time ended, and its changes in it."""

    found: Found
    title: str
    first_seen: int
    stands: tuple[Entry, ...]
    changes: tuple[Changed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One entry of the platform's own log of moderation."""

    found: Found
    at: int
    actor: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsTold:
    """What is known of the lists of a page and its log; *not_shown* are closed to this reader."""

    lists: tuple[ListTold, ...]
    logged: tuple[Logged, ...]
    not_shown: int


def tell_lists(
    account: Account, person: Person, page: PageRow, *, since: int, until: int
) -> ListsTold:
    """Tell of the lists of *page* as they stood before *until*, and of what changed from *since*.

    Each of them that is shown leaves an entry.
    """
    with account.catalogue.reading() as connection:
        ids = moderation.standing_lists(connection, page.n)
        visits = moderation.whole_visits(connection, page.n, until=until)
    shown = view(account, person, finding.by_ids(account.catalogue, ids), where=_WHERE)
    with account.catalogue.reading() as connection:
        said = moderation.said_by_item(connection, [one.row.n for one in shown.items])
    told = [_told(one, said[one.row.n], visits, since, until) for one in shown.items]
    logged, closed = _logged(account, person, page, since, until)
    return ListsTold(
        lists=tuple(each for each in told if each is not None),
        logged=tuple(sorted(logged, key=lambda entry: (entry.at, entry.found.row.item))),
        not_shown=shown.not_shown + closed,
    )


def _told(
    found: Found, said: Sequence[Said], visits: Sequence[Visit], since: int, until: int
) -> ListTold | None:
    known = [each for each in said if each.at < until]
    if not known:
        return None
    return ListTold(
        found=found,
        title=known[-1].content.title,
        first_seen=known[0].at,
        stands=entries_of(known[-1].content.text),
        changes=tuple(
            changed for changed in _changes(known, visits) if since <= changed.at < until
        ),
    )


def _changes(said: Sequence[Said], visits: Sequence[Visit]) -> Iterator[Changed]:
    for before, after in pairwise(said):
        looked = [v.began for v in visits if before.at < v.began and v.ended < after.at]
        yield Changed(
            at=after.at,
            stood_at=before.at,
            visited_before=max(looked, default=None),
            change=change(before.content.text, after.content.text),
        )


def _logged(
    account: Account, person: Person, page: PageRow, since: int, until: int
) -> tuple[list[Logged], int]:
    entries: list[Logged] = []
    after, not_shown = 0, 0
    while True:
        with account.catalogue.reading() as connection:
            after, ids = moderation.log_entries(
                connection, page.n, since=since, until=until, after=after, limit=_SLICE
            )
        if not ids:
            return entries, not_shown
        shown = view(account, person, finding.by_ids(account.catalogue, ids), where=_WHERE)
        not_shown += shown.not_shown
        entries.extend(_entry(one) for one in shown.items)


def _entry(found: Found) -> Logged:
    content = found.content
    author = content.author if content else None
    return Logged(
        found=found,
        at=found.row.published_at,
        actor=(author.name or author.handle or author.native_id) if author else "",
        words=content.text if content else "",
    )
