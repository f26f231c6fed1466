"""Bylining: what a platform changes alone of by whom, or on which day, an item was published.

It makes no version: a feed that dates its entries anew at each visit would make one every night.
It is a byline with a paper of its own under the item, which says no name. Each author and each day
in the agency's zone is told once, and however many there are, none is left out: a hold on any of
those days binds in the visit that tells it, and a rebuild must find why. So a feed that is dated
anew every night adds one byline a night to each entry that it lists.

What the retention clock starts from stays the day that was told first; a byline is activity of
the thread, as an edit is, so that it can only keep longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from archiver.catalogue import Reading, bylines
from archiver.catalogue.bylines import Byline
from archiver.catalogue.items import ItemRow
from archiver.procedures.account import Account
from archiver.procedures.drafting import Draft, Drafter, NewByline
from archiver.records.canonical import Json, canonical, read_object
from archiver.records.events import EventKind
from archiver.records.identity import ArchiveKey, ObjectRef, Part, sha256
from archiver.records.moments import micros

SLOT = "byline"

Enter = Callable[[EventKind, str, dict[str, Json], str], None]
"""Enters a deed about an item in the ledger, with its paper."""


def find_bylines(account: Account, drafter: Drafter, drafts: Iterable[Draft]) -> None:
    """Give each of *drafts* the bylines that it tells, and nothing here or in it tells yet."""
    moved = [draft for draft in drafts if not draft.destroyed and _may_tell(drafter, draft)]
    if not moved:
        return
    known = [draft.known.n for draft in moved if draft.known is not None]
    with account.catalogue.reading() as connection:
        besides = bylines.of_items(connection, known)
    for draft in moved:
        n = draft.known.n if draft.known is not None else 0
        draft.bylines = _new(account, drafter, draft, besides.get(n, ()))


def _may_tell(drafter: Drafter, draft: Draft) -> bool:
    """Say whether anything seen differs from the row; nearly nothing does."""
    row = draft.known
    if row is None:
        return len(draft.told) > 1
    return any(
        (when is not None and micros(when) != row.published_at)
        or drafter.author_id(author) not in ("", row.author)
        for author, when in draft.told
    )


def _new(
    account: Account, drafter: Drafter, draft: Draft, besides: Sequence[Byline]
) -> list[NewByline]:
    shown = [drafter.shows(version.content) for version in draft.versions]
    known = [(author, published) for _, published, author in shown]
    known += [(one.author, one.published) for one in besides]
    if draft.known is not None:
        known.insert(0, (draft.known.author, draft.known.published_at))
    authors = {author for author, _ in known} | {""}
    days = {account.day(published) for _, published in known}
    found: list[NewByline] = []
    for who, when in draft.told:
        author, published = drafter.author_id(who), known[0][1] if when is None else micros(when)
        day = account.day(published)
        if author not in authors or day not in days:
            found.append(_byline(account.key, draft.item, author, published))
            authors.add(author)
            days.add(day)
    return found


def _byline(key: ArchiveKey, item: str, author: str, published: int) -> NewByline:
    """Give a byline with its paper: the same of both, so that a retry adopts what it wrote."""
    told: dict[str, Json] = {"author": author, "published_at": str(published)}
    salt = key.salt(item, sha256(canonical(told)))
    data = canonical({"kind": SLOT, "salt": salt, "item": item, **told})
    return NewByline(author, published, ObjectRef(item, Part.PAPER, sha256(data), SLOT), data)


def byline_in(data: bytes, paper: str, *, since: int) -> Byline:
    """Read the byline that *data* tells, which the digest *paper* names.

    Raises:
        ValueError, KeyError: it is no such paper.
    """
    told = read_object(data)
    return Byline(str(told["author"]), int(str(told["published_at"])), since, paper)


def write_bylines(
    connection: Reading,
    key: ArchiveKey,
    drafts: Iterable[Draft],
    rows: Mapping[str, ItemRow],
    at: int,
    enter: Enter,
) -> None:
    """Write the bylines of *drafts*, each with its entry."""
    told = [
        (rows[draft.item], Byline(one.author, one.published, at, one.ref.digest))
        for draft in drafts
        for one in draft.bylines
    ]
    bylines.tell(connection, told, key)
    for row, byline in told:
        enter(EventKind.ITEM_BYLINED, row.item, {}, byline.paper)
