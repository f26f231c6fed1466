"""One row of an export → one item, under the id by which YouTube knows it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from archiver.records.captures import Observation, PlatformState, Sighting
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Author, Content, ItemKind, RawFragment
from connectors.cutting import cell, moment_of
from connectors.deposits import THREAD_UNKNOWN, Shown, file_named
from connectors.youtube_takeout.layout import Takeout, by_column

CSV = "text/csv"
SITE = "https://www.youtube.com"
_PRIVATE = "takeout private"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of an export is wanted: of which channel, and whether what is private too."""

    takeout: Takeout
    channel: str = ""
    private: bool = False

    def author(self, row: Mapping[str, str]) -> Author | None:
        """Give whose row it is."""
        channel = cell(row, "channel id")
        if not channel:
            return None
        name = self.takeout.channels.get(channel, "")
        return Author(channel, name, url=f"{SITE}/channel/{channel}")


Reader: TypeAlias = Callable[[Mapping[str, str], bytes, Asked], Iterator[Shown]]


def wanted(read: Reader, asked: Asked, value: object, raw: bytes) -> Iterator[Shown]:
    """Give what *read* makes of a row; nothing of one that is of another channel than asked for.

    Raises:
        AnswerUnreadable: it could not be read.
    """
    row = by_column(value)
    if not asked.channel or cell(row, "channel id") == asked.channel:
        yield from read(row, raw, asked)


def video(row: Mapping[str, str], raw: bytes, asked: Asked) -> Iterator[Shown]:
    """Give the video that a row is; a private one only where such are wanted.

    Raises:
        AnswerUnreadable: it is none, or not dated.
    """
    native_id = _id(row, "video id")
    privacy = cell(row, "privacy").casefold()
    told = row.get("video publish timestamp", "").strip()
    content = Content(
        native_id=native_id,
        kind=ItemKind.POST,
        title=cell(row, "video title (original)"),
        text=_text(row, "video description (original)"),
        raw=RawFragment(CSV, raw),
        published_at=moment_of(told or cell(row, "video create timestamp")),
        author=asked.author(row),
        permalink=_watch(native_id),
        attachments=tuple(
            file_named(address, key="video")
            for address in [asked.takeout.films.get(native_id)]
            if address
        ),
        language=row.get("video audio language", "").strip(),
        marks=(privacy,) if privacy not in {"", "public"} else (),
    )
    if privacy != "private":
        yield Observation(content=content)
    elif asked.private:
        yield Observation(content=content, state=PlatformState.HIDDEN, restricted=True)
    else:
        hidden = PlatformState.HIDDEN
        yield Sighting(native_id=native_id, state=hidden, source=_PRIVATE)


def community_post(row: Mapping[str, str], raw: bytes, asked: Asked) -> Iterator[Shown]:
    """Give the community post that a row is.

    Raises:
        AnswerUnreadable: it is none, or not dated.
    """
    native_id = _id(row, "post id")
    yield Observation(
        content=Content(
            native_id=native_id,
            kind=ItemKind.POST,
            text=spoken(_text(row, "post text")),
            raw=RawFragment(CSV, raw),
            published_at=moment_of(cell(row, "post create timestamp")),
            author=asked.author(row),
            permalink=f"{SITE}/post/{native_id}",
            marks=("community-post",),
        )
    )


def comment(row: Mapping[str, str], raw: bytes, asked: Asked) -> Iterator[Shown]:
    """Give the comment or reply that a row is, under the video or post that it names.

    Raises:
        AnswerUnreadable: it is none, or not dated.
    """
    native_id = _id(row, "comment id")
    watched, post = cell(row, "video id"), row.get("post id", "").strip()
    parent = row.get("parent comment id", "").strip()
    root = watched or post or None
    address = f"{_watch(watched)}&lc={native_id}" if watched else ""
    yield Observation(
        content=Content(
            native_id=native_id,
            kind=ItemKind.REPLY if parent else ItemKind.COMMENT,
            text=spoken(_text(row, "comment text")),
            raw=RawFragment(CSV, raw),
            published_at=moment_of(cell(row, "comment create timestamp")),
            author=asked.author(row),
            parent=parent or root,
            thread=root,
            permalink=address or (f"{SITE}/post/{post}?lc={native_id}" if post else ""),
            marks=() if root else (THREAD_UNKNOWN,),
        )
    )


def chat(row: Mapping[str, str], raw: bytes, asked: Asked) -> Iterator[Shown]:
    """Give the line of a live chat that a row is: a comment, as everyone could see it.

    Raises:
        AnswerUnreadable: it is none, or not dated.
    """
    watched = cell(row, "video id") or None
    yield Observation(
        content=Content(
            native_id=_id(row, "live chat id"),
            kind=ItemKind.COMMENT,
            text=spoken(_text(row, "live chat text")),
            raw=RawFragment(CSV, raw),
            published_at=moment_of(cell(row, "live chat create timestamp")),
            author=asked.author(row),
            parent=watched,
            thread=watched,
            permalink=_watch(watched) if watched else "",
            marks=("live-chat",) if watched else ("live-chat", THREAD_UNKNOWN),
        )
    )


def spoken(told: str) -> str:
    """Give the words of a text, which Takeout writes as JSON objects with commas between them.

    What is written otherwise is given as it is.
    """
    try:
        segments = json.loads(f"[{told}]")
    except (ValueError, RecursionError):
        return told
    words = [word for segment in segments for word in _words(segment)]
    return "".join(words) if words else told


def _words(segment: object) -> Iterator[str]:
    if isinstance(segment, dict):
        if isinstance(text := segment.get("text"), str):
            yield text
        older = segment.get("takeoutSegments")
        for inner in older if isinstance(older, list) else ():
            yield from _words(inner)


def _id(row: Mapping[str, str], name: str) -> str:
    named = cell(row, name)
    if not named or any(mark.isspace() for mark in named):
        raise AnswerUnreadable("it has no id")
    return named


def _text(row: Mapping[str, str], name: str) -> str:
    """Give a text as it was written, white space and all."""
    cell(row, name)
    return row[name]


def _watch(video_id: str) -> str:
    return f"{SITE}/watch?v={video_id}"
