"""Which files of an archive hold what; whose it is, and how much it says it holds.

    outbox.json, actor.json, avatar.png, header.png, likes.json, bookmarks.json
    media_attachments/files/110/345/678/901/234/567/original/0123456789abcdef.jpg

Older servers write a `.tar.gz` in which the media lie under the server's own folders. The
outbox names a file by the path of its address on the web, which may begin with a bucket's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from archiver.records.errors import ConnectorError, DepositRefused
from archiver.records.items import Author
from connectors.cutting import json_stream, json_whole
from connectors.deposits import Deposit, Element, refuse_several

_READ = re.compile(r"((?:.*/)?)(outbox|actor)\.json")
_MEDIA = re.compile(r"(?:.*/)?(media_attachments/.+)")
_COUNT = re.compile(rb'"totalItems"\s*:\s*(\d{1,12})\s*[,}]')
_LIST = b'"orderedItems"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The files of one archive. *count* is how many activities the outbox says it holds."""

    outbox: str
    actor: str
    author: Author | None
    count: int | None
    media: Mapping[str, str]

    def places(self, address: str) -> Iterator[str]:
        """Give where the file at *address* may lie in the archive."""
        if found := _MEDIA.fullmatch(address):
            yield self.media.get(found[1], "")
        yield self.outbox.removesuffix("outbox.json") + address

    def key(self, address: str) -> str:
        """Give *address* as it is wherever the server keeps its media."""
        found = _MEDIA.fullmatch(address)
        return found[1] if found else address


def archive_in(deposit: Deposit) -> Archive:
    """Find out what of *deposit* is to be read.

    Raises:
        DepositRefused: it is no archive of an account on Mastodon, or more than one.
    """
    names = deposit.names()
    found = {name: match for name in names if (match := _READ.fullmatch(name))}
    outbox = next((name for name, match in found.items() if match[2] == "outbox"), "")
    if not outbox:
        raise DepositRefused(
            f"{deposit.name} is no archive of an account on Mastodon: it holds no outbox.json",
            remedy="Import the zip file that the server gave, as it is; unpack a .tar.gz first.",
        )
    refuse_several(deposit, list(found))
    actor = next((name for name, match in found.items() if match[2] == "actor"), "")
    return Archive(
        outbox=outbox,
        actor=actor,
        author=_author(deposit, actor),
        count=_count(deposit, outbox),
        media={match[1]: name for name in names if (match := _MEDIA.fullmatch(name))},
    )


def activities(deposit: Deposit, name: str) -> Iterator[Element]:
    """Give every activity of the outbox called *name*.

    Raises:
        AnswerUnreadable: it is no outbox, or breaks off.
    """
    return json_stream(deposit.open(name), member="orderedItems")


def whole(deposit: Deposit, name: str) -> Iterator[Element]:
    """Give all that the file called *name* holds, as one element.

    Raises:
        AnswerUnreadable: it is not one value of JSON.
        DepositRefused: it is larger than an element may be.
    """
    yield json_whole(deposit.open(name))


def author_of(actor: Mapping[str, object]) -> Author | None:
    """Give the account that *actor* describes as an author; None where it says not who it is."""
    native_id, name, handle, url = (
        told if isinstance(told := actor.get(field), str) else ""
        for field in ("id", "name", "preferredUsername", "url")
    )
    return Author(native_id, name, handle, url) if native_id else None


def _author(deposit: Deposit, name: str) -> Author | None:
    """Give whose archive it is; the reading of the file called *name* tells where it is broken."""
    try:
        told = list(whole(deposit, name)) if name else []
    except ConnectorError:
        return None
    return author_of(told[0][0]) if told and isinstance(told[0][0], dict) else None


def _count(deposit: Deposit, name: str) -> int | None:
    """Give how many activities the outbox says it holds, if it says so before it gives them."""
    try:
        head = next(deposit.open(name), b"").partition(_LIST)[0]
    except ConnectorError:
        return None
    found = _COUNT.search(head)
    return int(found[1]) if found else None
