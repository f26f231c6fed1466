"""What people are called: names as they are compared, and who bears which.

A scope stands in papers and in rows, and keeps of a name only an opaque word, which nobody
without the archive's key can connect with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from archiver.catalogue import authors
from archiver.language.tokens import fold
from archiver.procedures.account import Account
from archiver.records.identity import ArchiveKey
from archiver.records.items import Author

_SLICE = 2_000
"""How many versions are looked through in one transaction."""

Bearers = Mapping[str, Collection[str]]
"""Opaque ids of authors, by the opaque word for what they are called."""


def word_for(key: ArchiveKey, name: str) -> str:
    """Give the opaque word for *name*; empty where nothing of it is left to compare.

    Upper and lower case are alike, and an @ before a handle says nothing.
    """
    compared = fold(name.strip()).removeprefix("@")
    return key.called(compared) if compared else ""


def words_for(key: ArchiveKey, author: Author) -> set[str]:
    """Give the opaque words for all that *author* is called: their id, handle and name."""
    names = (author.native_id, author.handle, author.name)
    return {word_for(key, name) for name in names} - {""}


def bearers(
    key: ArchiveKey, platform: str, seen: Iterable[Author], wanted: Collection[str]
) -> dict[str, set[str]]:
    """Give who of those *seen* on *platform* is called by one of the words *wanted*."""
    found: dict[str, set[str]] = {}
    for author in seen:
        for word in words_for(key, author).intersection(wanted):
            found.setdefault(word, set()).add(key.author(platform, author.known_as))
    return found


def bearers_here(account: Account, wanted: Collection[str]) -> Bearers:
    """Give who of all that any version here names is called by one of the words *wanted*."""
    found: dict[str, set[str]] = {}
    after = 0
    while True:
        with account.catalogue.reading() as connection:
            some = list(authors.authors_from(connection, after=after, limit=_SLICE))
        if not some:
            return found
        after = some[-1][0]
        seen: dict[str, set[Author]] = {}
        for _, platform, author in some:
            if author is not None:
                seen.setdefault(platform, set()).add(author)
        for platform, named in seen.items():
            for word, ids in bearers(account.key, platform, named, wanted).items():
                found.setdefault(word, set()).update(ids)
