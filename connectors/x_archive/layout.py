"""Which files of an archive hold what; whose it is, and how much it says that it holds.

tweet.js, tweet_media/                                        2019
data/tweet.js, data/tweet_media/                              from 2020
data/tweets.js, data/tweets-part1.js, data/tweets_media/      from 2022
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from archiver.records.captures import Gap, GapReason
from archiver.records.errors import AnswerUnreadable, DepositRefused
from connectors.cutting import moment_of, text_of
from connectors.deposits import Deposit, Volume, ending, refuse_several, volumes_in
from connectors.x_archive.reading import declared, number

PROFILE, POSTS, COMMUNITY, CIRCLE = "profile", "posts", "community", "circle"
DELETED, NOTES, MESSAGES = "deleted", "notes", "messages"

_SORTS = {
    PROFILE: r"profile()",
    POSTS: r"tweets?(?:-part(\d+))?",
    COMMUNITY: r"community-tweets?(?:-part(\d+))?",
    CIRCLE: r"twitter-circle-tweets?(?:-part(\d+))?",
    DELETED: r"deleted-tweets?(?:-part(\d+))?",
    NOTES: r"note-tweets?(?:-part(\d+))?",
    MESSAGES: r"direct-messages?(?:-group)?(?:-part(\d+))?",
}
_FILES = {sort: re.compile(rf"(?:.*/)?{name}\.js") for sort, name in _SORTS.items()}
_GRAILBIRD = re.compile(r"(?:.*/)?data/js/tweets/\d{4}_\d\d\.js")
VIEWER = re.compile(
    r"(?:.*/)?(?:Your archive\.html|assets/(?:css|fonts|images|js)/[^/]+\."
    r"(?:css|ico|js|js\.map|png|svg|ttf|woff2?))"
)
"""What shows an archive in a browser: X's own, the same in every archive (from memory)."""

_COUNTED = frozenset({POSTS, COMMUNITY, CIRCLE, DELETED, NOTES})


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose archive it is, as far as it says so."""

    native_id: str = ""
    handle: str = ""
    name: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The files of one archive. *counts* are those that the archive itself tells, by file.

    *consulted* are those that are read for what they say of the others.
    """

    volumes: tuple[Volume, ...]
    owner: Owner
    counts: Mapping[str, int]
    lacking: tuple[Gap, ...]
    consulted: tuple[str, ...]


def archive_in(deposit: Deposit) -> Archive:
    """Find out what of *deposit* is to be read.

    Raises:
        DepositRefused: it is no archive of an account on X, or more than one.
    """
    names = deposit.names()
    volumes = volumes_in(names, _FILES)
    if not any(volume.sort != PROFILE for volume in volumes):
        raise _nothing_in(deposit, names)
    refuse_several(deposit, [volume.name for volume in volumes])
    listing = ending(names, "data/manifest.js") or ending(names, "manifest.js")
    manifest = declared(deposit, listing)
    whose = ending(names, "account.js")
    account = _only(declared(deposit, whose), "account")
    listed = dict(_listed(manifest))
    held = {name: entry for name in listed if (entry := ending(names, name))}
    return Archive(
        volumes=tuple(volumes),
        owner=_owner(manifest, account),
        counts={
            entry: count
            for name, entry in held.items()
            if (count := listed[name]) is not None and _sort(entry) in _COUNTED
        },
        lacking=tuple(_lacking(manifest, [name for name in listed if name not in held])),
        consulted=(listing, whose),
    )


def _sort(name: str) -> str:
    return next((sort for sort, pattern in _FILES.items() if pattern.fullmatch(name)), "")


def _listed(manifest: object) -> Iterator[tuple[str, int | None]]:
    """Give the files that the archive lists of itself, each with how much it should hold."""
    types = manifest.get("dataTypes") if isinstance(manifest, dict) else None
    for told in types.values() if isinstance(types, dict) else ():
        files = told.get("files") if isinstance(told, dict) else None
        for file in files if isinstance(files, list) else ():
            name = file.get("fileName") if isinstance(file, dict) else None
            if isinstance(name, str) and _sort(name):
                yield name, number(file.get("count"))


def _lacking(manifest: object, missing: list[str]) -> Iterator[Gap]:
    for name in missing:
        detail = "the archive's own list names this file, and the archive does not hold it"
        yield Gap(what=name, why=GapReason.UNREADABLE, detail=detail)
    info = manifest.get("archiveInfo") if isinstance(manifest, dict) else None
    if isinstance(info, dict) and info.get("isPartialArchive") is True:
        detail = "the archive says of itself that it is only a part of the account's data"
        yield Gap(what="the whole archive", why=GapReason.OUT_OF_REACH, detail=detail)


def _owner(manifest: object, account: Mapping[str, object]) -> Owner:
    told = manifest.get("userInfo") if isinstance(manifest, dict) else None
    info: Mapping[str, object] = told if isinstance(told, dict) else {}
    try:
        since = moment_of(account.get("createdAt")) if account.get("createdAt") else None
        return Owner(
            native_id=text_of(info, "accountId", absent="")
            or text_of(account, "accountId", absent=""),
            handle=text_of(info, "userName", absent="") or text_of(account, "username", absent=""),
            name=text_of(info, "displayName", absent="")
            or text_of(account, "accountDisplayName", absent=""),
            since=since,
        )
    except AnswerUnreadable:
        return Owner()


def _only(value: object, key: str) -> Mapping[str, object]:
    """Give the object under *key* of the one element of the list *value*."""
    first = value[0] if isinstance(value, list) and value else None
    inner = first.get(key) if isinstance(first, dict) else None
    return inner if isinstance(inner, dict) else {}


def _nothing_in(deposit: Deposit, names: list[str]) -> DepositRefused:
    if any(_GRAILBIRD.fullmatch(name) for name in names):
        return DepositRefused(
            f"{deposit.name} is an archive as Twitter made them until 2018",
            remedy="Ask X for the account's archive again: a new one holds all of it.",
        )
    return DepositRefused(
        f"{deposit.name} holds neither posts nor messages of an archive of X",
        remedy="Import the zip file as X made it, with its folder `data`.",
    )
