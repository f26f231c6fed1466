"""Versions and contents: what items say, which objects hold it, and which files they carry."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TypeAlias, cast

from sqlalchemy import Connection, delete, func, insert, select, update

from archiver.catalogue import object_locks as locks
from archiver.catalogue.items import ItemRow
from archiver.catalogue.rows import add_rows, next_number, sliced, these
from archiver.catalogue.tables import (
    attachments,
    bylines,
    contents,
    decisions,
    engagement,
    items,
    matches,
    object_locks,
    outbox,
    sightings,
    versions,
)
from archiver.records.canonical import Json, compact, mended
from archiver.records.identity import ArchiveKey
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from archiver.records.moments import micros, moment

Shows: TypeAlias = tuple[str, int, str]
"""What the row of an item repeats of a content: kind, moment (µs UTC) and opaque author."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One row of `versions`: which object holds this content, and since when we have it."""

    n: int
    item_n: int
    number: int
    fingerprint: str
    digest: str
    size: int
    store_version: str | None
    captured_at: int
    seal: str = ""

    def true_seal(self, key: ArchiveKey, item: str, shows: Shows, text: str) -> str:
        """Give the seal that belongs to the row and to its body *text*."""
        mine = (item, self.number, self.fingerprint, self.digest, self.size, self.captured_at)
        return version_seal(key, (*mine, *shows), text)


def version_seal(key: ArchiveKey, told: Sequence[object], text: str) -> str:
    """Give the seal of a version with the body *text*; an edit of either behind us breaks it.

    *told* is, in this order: the item's id; the version's number, fingerprint, digest, size and
    captured_at; then `Shows`. Whoever finds the seal whole knows, without parsing anything, that
    all of them belong to the object that hashes to the digest.
    """
    return key.seal(ascii(tuple(told)) + text)


STRUCK = 0
"""The item that matches name which were struck where they lay; no item has that number."""

_VERSION = tuple(field.name for field in fields(VersionRow))
_unsealed = attrgetter(*_VERSION[:-1])


@dataclass(frozen=True, slots=True)
class EnteredVersion:
    """A version with what its seal needs: the item's id, what the item shows, and the `body`."""

    row: VersionRow
    item: str
    shows: Shows
    text: str


def add_versions(
    connection: Connection, entered: Sequence[EnteredVersion], key: ArchiveKey
) -> None:
    """Insert versions, each under the seal of *key* that belongs to it, with their bodies.

    A store that locks objects hears of them, as it does of attachments.
    """
    add_rows(
        connection,
        versions,
        _VERSION,
        [(*_unsealed(e.row), e.row.true_seal(key, e.item, e.shows, e.text)) for e in entered],
    )
    add_rows(connection, contents, ("n", "body"), [(e.row.n, e.text) for e in entered])
    locks.look_again(connection, [e.row.item_n for e in entered])


def first_free_version(connection: Connection) -> int:
    """Give the first free number for versions and contents alike."""
    return max(next_number(connection, versions), next_number(connection, contents))


def highest_versions(connection: Connection, numbers: Sequence[int]) -> dict[int, int]:
    """Give the highest version number of each of the items *numbers*."""
    found: dict[int, int] = {}
    for some in sliced(numbers):
        query = select(versions.c.item_n, func.max(versions.c.number))
        rows = connection.execute(
            query.where(versions.c.item_n.in_(some)).group_by(versions.c.item_n)
        )
        found.update({row[0]: row[1] for row in rows})
    return found


def versions_of(connection: Connection, item_n: int) -> list[VersionRow]:
    """Give the versions of an item, oldest first."""
    query = select(versions).where(versions.c.item_n == item_n).order_by(versions.c.number)
    return [VersionRow(**row) for row in connection.execute(query).mappings()]


def body(content: Content) -> str:
    """Give what the catalogue keeps of a content for display, holds and re-checks, as JSON."""
    author = content.author
    return compact(
        {
            "native_id": content.native_id,
            "kind": content.kind.value,
            "title": content.title,
            "text": content.text,
            "author": [author.native_id, author.name, author.handle, author.url] if author else [],
            "parent": content.parent,
            "thread": content.thread,
            "permalink": content.permalink,
            "attachments": [
                [a.key, a.url, a.media_type, a.name, a.description] for a in content.attachments
            ],
            "links": list(content.links),
            "published": micros(content.published_at),
            "edited": micros(content.edited_at) if content.edited_at else None,
        }
    )


_NO_RAW = RawFragment("", b"")


ILLEGIBLE = (KeyError, TypeError, ValueError, AttributeError, OverflowError)
"""What `from_body` raises of a text that is no body: it was edited behind us."""


def from_body(text: str) -> Content:
    """Read what `body` gave; the platform's raw fragment stays in the object alone.

    Words that are shown have unpaired surrogates replaced, as in the object: nothing could print
    them. What names a thing on its platform is given as it came.
    """
    value = cast("dict[str, Json]", json.loads(text))
    author = cast("list[str]", value["author"])
    edited = cast("int | None", value["edited"])
    return Content(
        native_id=str(value["native_id"]),
        kind=ItemKind(str(value["kind"])),
        title=_shown(value["title"]),
        text=_shown(value["text"]),
        raw=_NO_RAW,
        author=_author(author) if author else None,
        parent=cast("str | None", value["parent"]),
        thread=cast("str | None", value["thread"]),
        permalink=str(value["permalink"]),
        attachments=tuple(map(_attachment, cast("list[list[str]]", value["attachments"]))),
        links=tuple(cast("list[str]", value["links"])),
        published_at=moment(cast("int", value["published"])),
        edited_at=moment(edited) if edited is not None else None,
    )


def _author(told: list[str]) -> Author:
    native_id, name, handle, url = told
    return Author(native_id, _shown(name), _shown(handle), url)


def _attachment(told: list[str]) -> Attachment:
    key, url, media_type, name, description = told
    return Attachment(key, url, media_type, _shown(name), _shown(description))


def _shown(words: Json) -> str:
    return mended(str(words))[0]


def contents_of(connection: Connection, rows: Sequence[ItemRow]) -> dict[int, Content]:
    """Give the latest content of each of *rows*, by item number."""
    found: dict[int, Content] = {}
    for some in sliced(rows):
        query = (
            select(items.c.n, contents.c.body)
            .join(
                versions, (versions.c.item_n == items.c.n) & (versions.c.number == items.c.version)
            )
            .join(contents, contents.c.n == versions.c.n)
            .where(items.c.n.in_([row.n for row in some]))
        )
        for row in connection.execute(query):
            found[row.n] = from_body(row.body)
    return found


def all_contents_of(
    connection: Connection, numbers: Sequence[int]
) -> Iterator[tuple[int, Content]]:
    """Give every version's content of the items *numbers*, with the item's number."""
    return ((n, from_body(body)) for n, _, body in all_bodies_of(connection, numbers))


def all_bodies_of(connection: Connection, numbers: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    """Give the item's number, moment of capture (µs UTC) and body of every version of *numbers*."""
    for some in sliced(numbers):
        query = (
            select(versions.c.item_n, versions.c.captured_at, contents.c.body)
            .join(contents, contents.c.n == versions.c.n)
            .where(versions.c.item_n.in_(some))
            .order_by(versions.c.n)
        )
        for row in connection.execute(query):
            yield row.item_n, row.captured_at, row.body


def content_of_version(connection: Connection, version_n: int) -> Content | None:
    """Give the content of one version, or None where it was struck."""
    text = connection.scalar(select(contents.c.body).where(contents.c.n == version_n))
    return None if text is None else from_body(text)


def add_matches(
    connection: Connection, rows: Sequence[tuple[int, Sequence[str]]], key: ArchiveKey
) -> None:
    """Keep the words that made a rule fire, for each item number, under the seal of *key*."""
    if not rows:
        return
    first = next_number(connection, matches)
    told = [(first + place, n, json.dumps(list(words))) for place, (n, words) in enumerate(rows)]
    sealed = [(*row, match_seal(key, *row[1:])) for row in told]
    add_rows(connection, matches, ("n", "item_n", "words", "seal"), sealed)


def match_seal(key: ArchiveKey, item_n: int, words: str) -> str:
    """Give the seal that belongs to the *words*, as they are kept, of an item."""
    return key.seal(f"match {item_n} {words}")


def matched_words(connection: Connection, item_n: int) -> list[str]:
    """Give the words that made the newest classification of an item."""
    query = select(matches.c.words).where(matches.c.item_n == item_n)
    text = connection.scalar(query.order_by(matches.c.n.desc()).limit(1))
    return [] if text is None else cast("list[str]", json.loads(text))


def fingerprints(
    connection: Connection, numbers: Sequence[int], *, until: int | None = None
) -> dict[int, set[str]]:
    """Give the fingerprints of every version of the items *numbers* captured *until* then."""
    found: dict[int, set[str]] = {n: set() for n in numbers}
    query = select(versions.c.item_n, versions.c.fingerprint)
    if until is not None:
        query = query.where(versions.c.captured_at <= until)
    for some in sliced(numbers):
        for row in connection.execute(query.where(versions.c.item_n.in_(some))):
            found[row.item_n].add(row.fingerprint)
    return found


def add_decision(connection: Connection, row: ItemRow, *, at: int, by: str, paper: str) -> None:
    """Write that a person settled the classification of an item, as *row* has it now."""
    connection.execute(
        insert(decisions).values(
            n=next_number(connection, decisions),
            item_n=row.n,
            at=at,
            by=by,
            tag=row.tag,
            series=row.series,
            basis=row.basis,
            paper=paper,
        )
    )


def strike(connection: Connection, numbers: Sequence[int]) -> None:
    """Strike everything the items *numbers* said; their rows stay.

    SQLite merges the pages that deleting leaves half empty, and the slack of a merged page keeps
    copies of its neighbours' texts, which a later purge could not reach. So the rows that hold
    words are emptied there where they lie, and removed only when the whole file is rewritten.
    """
    in_place = connection.dialect.name == "sqlite"
    for some in sliced(numbers):
        chosen = these(connection, some)
        inside = contents.c.n.in_(select(versions.c.n).where(versions.c.item_n.in_(chosen)))
        mine = matches.c.item_n.in_(chosen)
        if in_place:
            connection.execute(update(contents).where(inside).values(body=""))
            connection.execute(update(matches).where(mine).values(words="", item_n=STRUCK, seal=""))
        else:
            connection.execute(delete(contents).where(inside))
            connection.execute(delete(matches).where(mine))
        for table in (
            versions,
            bylines,
            attachments,
            sightings,
            engagement,
            decisions,
            outbox,
            object_locks,
        ):
            connection.execute(delete(table).where(table.c.item_n.in_(chosen)))
