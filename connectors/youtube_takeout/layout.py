"""Which files of an export hold what; whose it is, and which film is which video.

    Takeout/YouTube and YouTube Music/video metadata/videos.csv
    Takeout/YouTube and YouTube Music/videos/Road closed.mp4
    Takeout/YouTube and YouTube Music/comments/comments.csv, comments(1).csv
    Takeout/YouTube and YouTube Music/live chats/live chats.csv
    Takeout/YouTube and YouTube Music/posts/posts.csv
    Takeout/YouTube and YouTube Music/channels/channel.csv

Google writes folders, files and columns in the language of the account; we know them in English.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from archiver.records.captures import Gap, GapReason
from archiver.records.errors import AnswerUnreadable, ConnectorError, DepositRefused
from connectors.cutting import csv_stream, row_of
from connectors.deposits import Deposit, Element, Volume, refuse_several, volumes_in

VIDEOS, POSTS, COMMENTS, CHATS = "videos", "posts", "comments", "chats"

_NAMES = {
    VIDEOS: "video metadata/videos",
    POSTS: "(?:community )?posts/(?:community )?posts",
    COMMENTS: "comments/comments",
    CHATS: "live chats/live chats",
}
_COLUMNS = {
    VIDEOS: (
        *("Video ID", "Channel ID", "Privacy", "Video Create Timestamp"),
        *("Video Title (Original)", "Video Description (Original)"),
    ),
    POSTS: ("Post ID", "Channel ID", "Post Create Timestamp", "Post Text"),
    COMMENTS: (
        *("Comment ID", "Channel ID", "Comment Create Timestamp", "Video ID", "Comment Text"),
    ),
    CHATS: (
        *("Live Chat ID", "Channel ID", "Live Chat Create Timestamp", "Video ID"),
        "Live Chat Text",
    ),
}
_FILES = {
    sort: re.compile(rf"(?:.*/)?{name}(?:\((\d+)\))?\.csv", re.IGNORECASE)
    for sort, name in _NAMES.items()
}
_FILM = re.compile(r"(?:.*/)?(videos/([^/]+?)(?:\(\d+\))?\.(?:mp4|mov|webm|avi|mkv|wmv|3gp|mpg))")
_CHANNEL = re.compile(r"(?:.*/)?channels?/channel\.csv", re.IGNORECASE)
_OF_YOUTUBE = re.compile(r"(?:.*/)?takeout/youtube[^/]*/.*", re.IGNORECASE)
_NOT_SPOKEN = re.compile(r"[\W_]+")
_LONG_STEM = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeout:
    """The files of one export. *films* gives the address of each video's own file, by its id.

    *consulted* are those that tell of the others, and those that *lacking* names.
    """

    volumes: tuple[Volume, ...]
    channels: Mapping[str, str]
    films: Mapping[str, str]
    lacking: tuple[Gap, ...]
    entries: Mapping[str, str]
    consulted: tuple[str, ...]

    def places(self, address: str) -> Iterator[str]:
        """Give where the file at *address* lies in the export, if it holds it."""
        if entry := self.entries.get(address):
            yield entry


def takeout_in(deposit: Deposit) -> Takeout:
    """Find out what of *deposit* is to be read.

    Raises:
        DepositRefused: it is no export of YouTube that we can read, or more than one.
    """
    names = deposit.names()
    volumes = volumes_in(names, _FILES)
    if not volumes:
        raise _nothing_in(deposit, names)
    refuse_several(deposit, [volume.name for volume in volumes])
    entries = {found[1]: name for name in names if (found := _FILM.fullmatch(name))}
    titles = dict(_titles(deposit, [v.name for v in volumes if v.sort == VIDEOS]))
    films = dict(_matched(sorted(entries), titles))
    unmatched = sorted(entries.keys() - set(films.values()))
    channels = [name for name in names if _CHANNEL.fullmatch(name)]
    return Takeout(
        volumes=tuple(volumes),
        channels=dict(_channels(deposit, channels)),
        films=films,
        lacking=tuple(_unmatched(unmatched)),
        entries=entries,
        consulted=(*channels, *(entries[address] for address in unmatched)),
    )


def rows(deposit: Deposit, name: str, sort: str = "") -> Iterator[Element]:
    """Give every row of the file called *name*, which is of a *sort*.

    Raises:
        AnswerUnreadable: it cannot be cut, or has not the columns of its sort.
    """
    return csv_stream(deposit.open(name), ended=True, columns=_COLUMNS.get(sort, ()))


def by_column(value: object) -> Mapping[str, str]:
    """Give a row by its columns, whose names differ in capitals from year to year.

    Raises:
        AnswerUnreadable: it could not be read.
    """
    return {name.casefold(): told for name, told in row_of(value).items()}


def _nothing_in(deposit: Deposit, names: list[str]) -> DepositRefused:
    if any(_OF_YOUTUBE.fullmatch(name) for name in names):
        return DepositRefused(
            f"{deposit.name} holds no videos, posts, comments or live chats in English",
            remedy="Set the Google account's language to English, ask for the export again with "
            "comments, live chats, posts and video metadata, and import it as Google made it.",
        )
    return DepositRefused(
        f"{deposit.name} is no Takeout of YouTube",
        remedy="At takeout.google.com choose YouTube, and import the zip files as they are.",
    )


def _table(deposit: Deposit, name: str) -> Iterator[Mapping[str, str]]:
    """Give the rows of a file that can be read; another reading tells of the others."""
    try:
        for value, _ in rows(deposit, name):
            try:
                yield by_column(value)
            except AnswerUnreadable:
                continue
    except ConnectorError:
        return


def _channels(deposit: Deposit, names: list[str]) -> Iterator[tuple[str, str]]:
    """Give the name of each channel of the account, by its id."""
    for name in names:
        for row in _table(deposit, name):
            yield row.get("channel id", ""), row.get("channel title (original)", "")


def _titles(deposit: Deposit, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        for row in _table(deposit, name):
            yield row.get("video id", ""), _plain(row.get("video title (original)", ""))


def _plain(title: str) -> str:
    """Give *title* as titles and file names are compared: letters and digits alone."""
    return _NOT_SPOKEN.sub("", title).casefold()


def _matched(addresses: list[str], titles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Give the id of a video and the address of its film, where it can be one only.

    A film has its video's title as its name, without the marks that no file system takes, and
    long ones cut short.
    """
    stems = {address: _plain(_stem(address)) for address in addresses}
    counted = Counter(stems.values())
    titled: dict[str, list[str]] = {}
    for video, title in titles.items():
        titled.setdefault(title, []).append(video)
    for address, stem in stems.items():
        named = titled.get(stem, []) if stem else []
        if stem and not named and len(_stem(address)) >= _LONG_STEM:
            named = [video for video, title in titles.items() if title.startswith(stem)]
        if len(named) == 1 and counted[stem] == 1:
            yield named[0], address


def _stem(address: str) -> str:
    found = _FILM.fullmatch(address)
    return found[2] if found else ""


def _unmatched(addresses: Sequence[str]) -> Iterator[Gap]:
    for address in addresses:
        detail = "which video this film is cannot be told from its name"
        yield Gap(what=address, why=GapReason.OUT_OF_REACH, detail=detail)
