"""Where in an export what lies, and whose it is.

    user_data_tiktok.json, earlier user_data.json

    {"Post": {"Posts": {"VideoList": [...]}}, "Comment": {"Comments": {"CommentsList": [...]}},
     "Direct Message": {"Direct Messages": {"ChatHistory": {"Chat History with doe:": [...]}}}, ...}

TikTok renames the outer sections from year to year, and not the lists themselves: they are known
by their own names. Where an account has nothing for a list, `null` stands in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field

from archiver.records.errors import AnswerUnreadable, ConnectorError, DepositRefused
from connectors.cutting import Keys, json_walk
from connectors.deposits import Deposit, Element, Volume, refuse_several, volumes_in

VIDEOS, COMMENTS, MESSAGES = "videos", "comments", "messages"
LIVES, LIVE_COMMENTS, DELETED = "lives", "comments on lives", "deleted videos"

_FILES = {"user data": re.compile(r"(?:.*/)?user_data(?:_tiktok)?(?:_(\d+))?\.json")}
_TEXTS = re.compile(r"(?:.*/)?(?:Posts|Comments|Direct Messages|Chat History)\.(?:txt|html)")
_FILM = re.compile(r"(?:.*/)?([^/]*?(\d{15,20})[^/]*\.(?:mp4|mov|webm|jpe?g|png|webp))")
_PROFILE = "ProfileMap"
_LISTS = {"CommentsList": COMMENTS, "GoLiveList": LIVES, "PostList": DELETED}
_DUE = (VIDEOS, COMMENTS, MESSAGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """The files of one export. *films* gives the file of a video, by the video's id."""

    volumes: tuple[Volume, ...]
    account: str
    films: Mapping[str, str]
    entries: Mapping[str, str]

    def places(self, address: str) -> Iterator[str]:
        """Give where the film called *address* lies in the export, if it holds it."""
        if entry := self.entries.get(address):
            yield entry


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of an export: of what sort it is, what it says, and whose conversation it is."""

    sort: str
    value: object
    within: str


@dataclass(slots=True)
class _Sections:
    """Which lists a file has, were they empty."""

    met: set[str] = field(default_factory=set)

    def pass_by(self, keys: Keys) -> bool:
        """Note what *keys* lead to; nothing is wanted as one."""
        self.met.add(sort_of(keys) or (MESSAGES if keys[-1:] == ("ChatHistory",) else ""))
        return False


def sort_of(keys: Keys) -> str:
    """Say of what sort the entries are to which *keys* lead; nothing where they are not read."""
    last, above = (*keys[:-3:-1], "", "")[:2]
    if last == "VideoList":
        return VIDEOS if above in {"Posts", "Videos"} else ""
    if above == "ChatHistory":
        return MESSAGES
    if last == "PostList" and above != "Recently Deleted Posts":
        return ""
    if last == "Comments" and "WatchLiveMap" in keys:
        return LIVE_COMMENTS
    return _LISTS.get(last, "")


def export_in(deposit: Deposit) -> Export:
    """Find out what of *deposit* is to be read.

    Raises:
        DepositRefused: it is no export of an account on TikTok in JSON, or more than one.
    """
    names = deposit.names()
    volumes = volumes_in(names, _FILES)
    if not volumes:
        as_text = any(_TEXTS.fullmatch(name) for name in names)
        raise DepositRefused(
            f"{deposit.name} holds no user_data_tiktok.json",
            remedy="Ask TikTok for the data once more, in the format JSON."
            if as_text
            else "Import the zip file as TikTok made it, in the format JSON.",
        )
    refuse_several(deposit, [volume.name for volume in volumes])
    found = {name: match for name in names if (match := _FILM.fullmatch(name))}
    return Export(
        volumes=tuple(volumes),
        account=next(filter(None, (_account(deposit, each.name) for each in volumes)), ""),
        films={match[2]: match[1] for match in found.values()},
        entries={match[1]: name for name, match in found.items()},
    )


def entries_in(deposit: Deposit, name: str) -> Iterator[Element]:
    """Give every entry of the file called *name* that is read.

    Raises:
        AnswerUnreadable: it breaks off; or, after its entries, it lacks a list that every whole
            export has.
    """
    sections = _Sections()
    for keys, value, raw in json_walk(deposit.open(name), sections.pass_by):
        if sort := sort_of(keys):
            yield Listed(sort, value, keys[-1]), raw
    if missing := [sort for sort in _DUE if sort not in sections.met]:
        raise AnswerUnreadable(f"the export has no list of {' and none of '.join(missing)}")


def _account(deposit: Deposit, name: str) -> str:
    """Give the account's name, where the file called *name* tells it."""
    try:
        with closing(deposit.open(name)) as pieces:
            for keys, value, _ in json_walk(pieces, _is_profile):
                if _is_profile(keys) and isinstance(value, dict):
                    told = value.get("userName")
                    return told if isinstance(told, str) else ""
    except ConnectorError:
        pass
    return ""


def _is_profile(keys: Keys) -> bool:
    return keys[-1:] == (_PROFILE,)
