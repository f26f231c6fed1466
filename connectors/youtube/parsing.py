"""Reading what the YouTube Data API says of a channel, a video, a comment: pure.

Field names are those of the resources channel, video, commentThread and comment of version 3. A
field on which the record depends must be there and of its documented type; whatever else the
answer holds is kept in the raw fragment and concludes nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from archiver.records.captures import Observation, PlatformState, Sighting
from archiver.records.errors import AnswerUnreadable
from archiver.records.exchanges import cut_from
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import (
    count_of,
    id_of,
    json_member,
    json_members,
    moment_of,
    object_of,
    text_of,
)
from connectors.youtube.standing import HELD_BACK, closed, moderated, shown_to

JSON = "application/json"
SITE = "https://www.youtube.com"
_LARGEST_FIRST = ("maxres", "standard", "high", "medium", "default")
_DIGITS = re.compile(r"[0-9]{1,16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel as it was read: its profile, its list of uploads, and its count of videos."""

    content: Content
    uploads: str
    videos: int | None
    engagement: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Stream:
    """What a video that is or was live tells: the id of its *chat* while it is on, or its end."""

    chat: str
    ended: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A video or a comment as it was read; *closed* is what is told of it instead of showing it.

    *stream* is given of a video that is or was live; *untold* names the field on which its state
    rests, where the answer lacks it: then the state is unknown.
    """

    content: Content
    engagement: Mapping[str, int] = field(default_factory=dict)
    state: PlatformState = PlatformState.PRESENT
    closed: Sighting | None = None
    stream: Stream | None = None
    untold: tuple[str, ...] = ()
    restricted: bool = False

    @property
    def native_id(self) -> str:
        """Give the id that YouTube knows it by."""
        return self.content.native_id

    @property
    def published_at(self) -> datetime:
        """Give when it was made public."""
        return self.content.published_at

    def seen(self) -> Observation | Sighting:
        """Give what a visit saw of it; what is not shown to the public is restricted."""
        return self.closed or Observation(
            content=self.content,
            engagement=self.engagement,
            state=self.state,
            restricted=self.restricted or self.state is PlatformState.HIDDEN,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A comment and the replies that came with it; *replies_told* counts all there are."""

    top: Entry
    replies: tuple[Entry, ...]
    replies_told: int


def read_channel(value: object, raw: bytes) -> Channel:
    """Read a channel resource with snippet, contentDetails, statistics and brandingSettings.

    Raises:
        AnswerUnreadable: it is no channel as documented.
    """
    channel = object_of(value, "a channel")
    native_id = id_of(channel.get("id"), "a channel")
    snippet = object_of(channel.get("snippet"), "the snippet of a channel")
    details = object_of(channel.get("contentDetails"), "the contentDetails of a channel")
    lists = object_of(details.get("relatedPlaylists"), "the relatedPlaylists of a channel")
    branding = _part(channel, "brandingSettings")
    trailer = text_of(_part(branding, "channel"), "unsubscribedTrailer", absent="")
    banner = text_of(_part(branding, "image"), "bannerExternalUrl", absent="")
    pictures = [("picture", _thumbnail(snippet)), ("banner", banner)]
    engagement = _counts(
        channel, subscribers="subscriberCount", views="viewCount", videos="videoCount"
    )
    name, handle = text_of(snippet, "title"), text_of(snippet, "customUrl", absent="")
    content = Content(
        native_id=native_id,
        kind=ItemKind.PROFILE,
        title=name,
        text=text_of(snippet, "description", absent=""),
        published_at=moment_of(snippet.get("publishedAt")),
        author=Author(native_id, name, handle, f"{SITE}/channel/{native_id}"),
        permalink=f"{SITE}/channel/{native_id}",
        attachments=tuple(
            Attachment(key=_stem(url), url=url, name=what) for what, url in pictures if url
        ),
        links=(watch(trailer),) if trailer else (),
        language=text_of(snippet, "defaultLanguage", absent=""),
        raw=RawFragment(JSON, raw),
    )
    return Channel(
        content=content,
        uploads=text_of(lists, "uploads"),
        videos=engagement.get("videos"),
        engagement=engagement,
    )


def read_video(value: object, raw: bytes, *, private: bool, managed: bool = False) -> Entry:
    """Read a video resource; one that the public cannot see is shown only where *private*.

    Where the answer does not say who may see it, its state is unknown, and it is restricted where
    *managed*: to who manages the channel YouTube shows what is private, too.

    Raises:
        AnswerUnreadable: it is no video as documented.
    """
    video = object_of(value, "a video")
    native_id = id_of(video.get("id"), "a video")
    snippet = object_of(video.get("snippet"), "the snippet of a video")
    status = _part(video, "status")
    channel = text_of(snippet, "channelId", absent="")
    privacy = text_of(status, "privacyStatus", absent="")
    live = text_of(snippet, "liveBroadcastContent", absent="none")
    picture = _thumbnail(snippet)
    content = Content(
        native_id=native_id,
        kind=ItemKind.POST,
        title=text_of(snippet, "title"),
        text=text_of(snippet, "description", absent=""),
        published_at=moment_of(snippet.get("publishedAt")),
        author=Author(
            channel, text_of(snippet, "channelTitle", absent=""), url=f"{SITE}/channel/{channel}"
        ),
        permalink=watch(native_id),
        attachments=(Attachment(key="thumbnail", url=picture),) if picture else (),
        language=text_of(snippet, "defaultAudioLanguage", absent=""),
        marks=tuple(mark for mark in (privacy, live) if mark not in {"", "none", "public"}),
        raw=RawFragment(JSON, raw),
    )
    state, untold = shown_to(privacy)
    hidden = state is PlatformState.HIDDEN
    return Entry(
        content=content,
        engagement=_counts(video, views="viewCount", likes="likeCount", comments="commentCount"),
        state=state,
        untold=untold,
        restricted=bool(untold) and managed,
        closed=closed(native_id, status, hidden=hidden and not private),
        stream=_stream(_part(video, "liveStreamingDetails")),
    )


def read_thread(value: object, raw: bytes) -> Thread:
    """Read a commentThread resource: each comment gets the bytes that are its own.

    Raises:
        AnswerUnreadable: it is no commentThread as documented.
    """
    thread = object_of(value, "a thread")
    snippet = object_of(thread.get("snippet"), "the snippet of a thread")
    video = text_of(snippet, "videoId", absent="")
    text = raw.decode()
    spans = {key: (begin, end) for key, begin, end in json_members(text)}
    given: list[tuple[object, bytes]] = []
    if "replies" in spans and thread.get("replies") is not None:
        begin, end = spans["replies"]
        given = json_member(cut_from(raw, text[begin:end].encode()), "comments")
        named = [id_of(object_of(reply, "a reply").get("id"), "a reply") for reply, _ in given]
        left = text[:begin] + json.dumps({"reference": named}) + text[end:]
        raw = cut_from(raw, left.encode())
    top = read_comment(snippet.get("topLevelComment"), raw, video=video)
    answers = tuple(read_comment(reply, cut, video=video) for reply, cut in given)
    told = count_of(snippet.get("totalReplyCount")) or 0
    return Thread(top=top, replies=answers, replies_told=told)


def read_comment(value: object, raw: bytes, *, video: str = "") -> Entry:
    """Read a comment resource; *video* is what it stands under, where it does not say so itself.

    A comment on a video is a comment, one that answers another a reply. Where the answer does not
    tell its moderation status, its state is unknown: the question may say more; see `threads`.

    Raises:
        AnswerUnreadable: it is no comment as documented.
    """
    comment = object_of(value, "a comment")
    native_id = id_of(comment.get("id"), "a comment")
    snippet = object_of(comment.get("snippet"), "the snippet of a comment")
    parent = text_of(snippet, "parentId", absent="")
    under = video or text_of(snippet, "videoId", absent="")
    root = under or text_of(snippet, "channelId", absent="") or None
    made, changed = moment_of(snippet.get("publishedAt")), snippet.get("updatedAt")
    edited = moment_of(changed) if changed else made
    status = text_of(snippet, "moderationStatus", absent="")
    state, untold = moderated(status)
    text = snippet.get("textOriginal")
    content = Content(
        native_id=native_id,
        kind=ItemKind.REPLY if parent else ItemKind.COMMENT,
        text=text if isinstance(text, str) else text_of(snippet, "textDisplay"),
        published_at=made,
        edited_at=edited if edited > made else None,
        author=_author(snippet),
        parent=parent or root,
        thread=root,
        permalink=f"{watch(under)}&lc={native_id}" if under else "",
        attachments=_images(snippet),
        marks=(HELD_BACK[status],) if status in HELD_BACK else (),
        raw=RawFragment(JSON, raw),
    )
    likes = count_of(snippet.get("likeCount"))
    return Entry(
        content=content,
        engagement={} if likes is None else {"likes": likes},
        state=state,
        untold=untold,
    )


def watch(video: str) -> str:
    """Give the address where *video* is watched."""
    return f"{SITE}/watch?v={video}"


def _stream(details: Mapping[str, object]) -> Stream | None:
    """Read of a stream what its chat goes by; what is wrong with that is wrong with no video."""
    if not details:
        return None
    chat, ended = details.get("activeLiveChatId"), details.get("actualEndTime")
    try:
        over = moment_of(ended) if ended else None
    except AnswerUnreadable:
        over = None
    return Stream(chat if isinstance(chat, str) else "", over)


def _author(snippet: Mapping[str, object]) -> Author:
    named = _part(snippet, "authorChannelId").get("value")
    name = text_of(snippet, "authorDisplayName", absent="")
    return Author(
        native_id=named if isinstance(named, str) else "",
        name=name,
        handle=name if name.startswith("@") else "",
        url=text_of(snippet, "authorChannelUrl", absent=""),
    )


def _images(snippet: Mapping[str, object]) -> tuple[Attachment, ...]:
    url = text_of(snippet, "imageUrl", absent="")
    return (Attachment(key=_stem(url), url=url),) if url else ()


def _thumbnail(snippet: Mapping[str, object]) -> str:
    """Give the address of the largest thumbnail there is, or nothing."""
    sizes = _part(snippet, "thumbnails")
    for size in _LARGEST_FIRST:
        if url := text_of(_part(sizes, size), "url", absent=""):
            return url
    return ""


def _stem(url: str) -> str:
    """Give what stays the same of a picture's address, whatever its size."""
    try:
        return urlsplit(url).path.partition("=")[0] or url
    except ValueError:
        return url


def _part(entity: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Give a part that may be missing, as an object that may be empty."""
    value = entity.get(name)
    return {} if value is None else object_of(value, name)


def _counts(resource: Mapping[str, object], **fields: str) -> dict[str, int]:
    """Give the counts of the part `statistics`, which writes them as text."""
    statistics = _part(resource, "statistics")
    found = {name: _number(statistics.get(told)) for name, told in fields.items()}
    return {name: count for name, count in found.items() if count is not None}


def _number(value: object) -> int | None:
    if (
        isinstance(value, str)
        and value.isascii()
        and value.isdecimal()
        and len(value) <= len("9007199254740991")
    ):
        return count_of(int(value))
    return count_of(value)


def named(value: object) -> str:
    """Give the id of what may be a resource, as far as it can be read."""
    try:
        return id_of(object_of(value, "a resource").get("id"), "a resource")
    except AnswerUnreadable:
        return ""
