"""Which files of an export hold what; whose it is, and what it proves of itself.

    posts.csv, comments.csv, messages.csv, messages_archive.csv, chat_history.csv, drafts.csv

Long ones are cut into `comments_1.csv`, `comments_2.csv`. Beside each stands one without its texts
(`comment_headers.csv`), by which we know how many rows there are; `checkfile.csv` lists the SHA-256
of every file, and `statistics.csv` names the account.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from archiver.records.errors import AnswerUnreadable, ConnectorError, DepositRefused
from connectors.cutting import csv_stream
from connectors.deposits import Deposit, Element, Volume, ending, refuse_several, volumes_in

POSTS, COMMENTS, MESSAGES, CHATS = "posts", "comments", "messages", "chats"
DRAFTS, SCHEDULED = "drafts", "scheduled"

_SORTS = {
    POSTS: "posts",
    COMMENTS: "comments",
    MESSAGES: "messages(?:_archive)?",
    CHATS: "chat_history",
    DRAFTS: "drafts",
    SCHEDULED: "scheduled_posts",
}
_FILES = {sort: re.compile(rf"(?:.*/)?{name}(?:_(\d+))?\.csv") for sort, name in _SORTS.items()}
_COLUMNS = {
    POSTS: ("id", "permalink", "date", "title", "url", "body"),
    COMMENTS: ("id", "permalink", "date", "link", "parent", "body"),
    MESSAGES: ("id", "permalink", "thread_id", "date", "from", "subject", "body"),
    CHATS: ("message_id", "created_at", "message", "channel_url"),
    DRAFTS: ("id", "created", "body"),
    SCHEDULED: ("scheduled_post_id", "submission_time", "body"),
}
_HEADERS = {POSTS: "post_headers.csv", COMMENTS: "comment_headers.csv"}
_CONSULTED = (*_HEADERS.values(), "statistics.csv", "checkfile.csv")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """The files of one export. *counts* tells how many rows some should have, *proofs* digests.

    *consulted* are those that are read for what they say of the others.
    """

    volumes: tuple[Volume, ...]
    account: str
    counts: Mapping[str, int]
    proofs: Mapping[str, str]
    consulted: tuple[str, ...]

    def rows(self, deposit: Deposit, volume: Volume) -> Iterator[Element]:
        """Give every row of *volume*, and hold the file against its digest.

        Raises:
            AnswerUnreadable: it cannot be cut, or is not the file that the export lists.
        """
        digest = self.proofs.get(volume.name.rpartition("/")[2], "")
        pieces = _proven(deposit.open(volume.name), digest)
        return csv_stream(pieces, ended=True, columns=_COLUMNS[volume.sort])


def export_in(deposit: Deposit) -> Export:
    """Find out what of *deposit* is to be read.

    Raises:
        DepositRefused: it is no export of an account on Reddit, or more than one.
    """
    names = deposit.names()
    volumes = volumes_in(names, _FILES)
    if not any(volume.sort in {POSTS, COMMENTS} for volume in volumes):
        raise DepositRefused(
            f"{deposit.name} holds neither posts nor comments of an export of Reddit",
            remedy="Import the zip file as Reddit made it.",
        )
    refuse_several(deposit, [volume.name for volume in volumes])
    told = {row.get("statistic", ""): row for row in _small(deposit, "statistics.csv")}
    listed = {row.get("filename", ""): row for row in _small(deposit, "checkfile.csv")}
    return Export(
        volumes=tuple(volumes),
        consulted=tuple(ending(names, each) for each in _CONSULTED),
        account=told.get("account name", {}).get("value", ""),
        counts=dict(_counts(deposit, volumes)),
        proofs={
            name: digest
            for name, row in listed.items()
            if _SHA256.fullmatch(digest := row.get("sha256", "").strip().lower())
        },
    )


def _counts(deposit: Deposit, volumes: list[Volume]) -> Iterator[tuple[str, int]]:
    """Give how many rows the file of a sort should have, where it was not cut into parts."""
    for sort, headers in _HEADERS.items():
        of_sort = [volume.name for volume in volumes if volume.sort == sort]
        if len(of_sort) == 1 and ending(deposit.names(), headers):
            yield of_sort[0], sum(1 for _ in _small(deposit, headers))


def _small(deposit: Deposit, end: str) -> Iterator[Mapping[str, str]]:
    """Give the rows of a file that is no record itself, as far as they can be read."""
    name = ending(deposit.names(), end)
    if not name:
        return
    try:
        for row, _ in csv_stream(deposit.open(name)):
            yield row if isinstance(row, dict) else {}
    except ConnectorError:
        return


def _proven(pieces: Iterator[bytes], expected: str) -> Iterator[bytes]:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        yield piece
    if expected and digest.hexdigest() != expected:
        raise AnswerUnreadable("the file is not the one whose digest the export lists")
