"""One entry of an export → one item.

A video that the export gives under its address on TikTok is known by its id there. TikTok gives
comments and messages without ids: they are counted within their second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from archiver.records.captures import Observation, PlatformState
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Author, Content, ItemKind, RawFragment
from connectors.cutting import count_of, object_of
from connectors.deposits import THREAD_UNKNOWN, Ordinals, Shown, file_named, spaced_moment
from connectors.tiktok_export import layout
from connectors.tiktok_export.layout import Export, Listed

JSON = "application/json"
SITE = "https://www.tiktok.com"
_VIDEO = re.compile(r"https?://[^/?#\s]+/(?:[^?#\s]*/)?(?:video|photo)/(\d{5,25})/?(?:[?#]\S*)?")
_EVERYBODY = frozenset({"", "public", "everyone", "public to everyone"})
_NUMBER = re.compile(r"[0-9]{1,15}")
_WITH = re.compile(r"Chat History with (.+?):?")
_NOTHING = frozenset({"", "N/A"})


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk through an export: whose it is, and how entries without an id are told apart."""

    export: Export
    account: str
    ordinals: Ordinals

    def entry(self, listed: object, raw: bytes) -> Iterator[Shown]:
        """Give the item that an entry is.

        Raises:
            AnswerUnreadable: it is none as TikTok writes them, or not dated.
        """
        if not isinstance(listed, Listed):
            raise AnswerUnreadable("it is no entry")
        readers = {
            layout.VIDEOS: self._video,
            layout.DELETED: self._deleted,
            layout.LIVES: self._live,
            layout.COMMENTS: self._comment,
            layout.LIVE_COMMENTS: self._live_comment,
            layout.MESSAGES: self._message,
        }
        yield readers[listed.sort](object_of(listed.value, "it"), raw, listed)

    def _video(self, entry: Mapping[str, object], raw: bytes, _listed: Listed) -> Observation:
        published, marks = spaced_moment(_told(entry, "Date"))
        at = int(published.timestamp())
        video = _video_id(_told(entry, "Link"))
        film = self.export.films.get(video, "")
        content = Content(
            native_id=video or self.ordinals.native_id("video", at),
            kind=ItemKind.POST,
            text=_told(entry, "Title"),
            raw=RawFragment(JSON, raw),
            published_at=published,
            author=self._author(self.account),
            permalink=f"{SITE}/@{self.account}/video/{video}" if video and self.account else "",
            attachments=(file_named(film, key="video"),) if film else (),
            marks=marks,
        )
        likes = count_of(int(told)) if _NUMBER.fullmatch(told := _told(entry, "Likes")) else None
        return Observation(
            content=content,
            engagement={} if likes is None else {"likes": likes},
            restricted=_told(entry, "WhoCanView").strip().casefold() not in _EVERYBODY,
        )

    def _deleted(self, entry: Mapping[str, object], raw: bytes, listed: Listed) -> Observation:
        """Give a video that the account has put into its bin."""
        seen = self._video(entry, raw, listed)
        content = replace(seen.content, marks=(*seen.content.marks, "recently-deleted"))
        return replace(seen, content=content, state=PlatformState.HIDDEN, restricted=True)

    def _live(self, entry: Mapping[str, object], raw: bytes, _listed: Listed) -> Observation:
        """Give a live that the account held: its title, for nothing else of it is in the export."""
        published, marks = spaced_moment(_told(entry, "LiveStartTime"))
        room = _told(entry, "RoomId")
        at = int(published.timestamp())
        return Observation(
            content=Content(
                native_id=f"live-{room}" if room else self.ordinals.native_id("live", at),
                kind=ItemKind.POST,
                text=_told(entry, "RoomTitle"),
                raw=RawFragment(JSON, raw),
                published_at=published,
                author=self._author(self.account),
                marks=(*marks, "live"),
            )
        )

    def _comment(self, entry: Mapping[str, object], raw: bytes, _listed: Listed) -> Observation:
        published, marks = spaced_moment(_told(entry, "date", "Date"))
        video = _video_id(_told(entry, "url", "Url", "link", "Link")) or None
        return Observation(
            content=Content(
                native_id=self.ordinals.native_id("comment", int(published.timestamp())),
                kind=ItemKind.COMMENT,
                text=_must(entry, "comment", "Comment"),
                raw=RawFragment(JSON, raw),
                published_at=published,
                author=self._author(self.account),
                parent=video,
                thread=video,
                marks=marks if video else (*marks, THREAD_UNKNOWN),
            )
        )

    def _live_comment(self, entry: Mapping[str, object], raw: bytes, _: Listed) -> Observation:
        published, marks = spaced_moment(_told(entry, "CommentTime"))
        return Observation(
            content=Content(
                native_id=self.ordinals.native_id("live-comment", int(published.timestamp())),
                kind=ItemKind.COMMENT,
                text=_must(entry, "CommentContent"),
                raw=RawFragment(JSON, raw),
                published_at=published,
                author=self._author(self.account),
                marks=(*marks, "live-chat", THREAD_UNKNOWN),
            )
        )

    def _message(self, entry: Mapping[str, object], raw: bytes, listed: Listed) -> Observation:
        sent, marks = spaced_moment(_told(entry, "Date"))
        found = _WITH.fullmatch(listed.within)
        return Observation(
            content=Content(
                native_id=self.ordinals.native_id("message", int(sent.timestamp())),
                kind=ItemKind.MESSAGE,
                text=_must(entry, "Content"),
                raw=RawFragment(JSON, raw),
                published_at=sent,
                author=self._author(_told(entry, "From")),
                thread=f"chat-{found[1] if found else listed.within}",
                marks=marks,
            ),
            restricted=True,
        )

    def _author(self, name: str) -> Author | None:
        return Author("", name, name, f"{SITE}/@{name}") if name else None


def _video_id(address: str) -> str:
    found = _VIDEO.fullmatch(address.strip())
    return found[1] if found else ""


def _told(entry: Mapping[str, object], *names: str) -> str:
    """Give the text under the first of *names* that has one; TikTok writes N/A for none."""
    for name in names:
        value = entry.get(name)
        told = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(told, str) and told not in _NOTHING:
            return told
    return ""


def _must(entry: Mapping[str, object], *names: str) -> str:
    """Give the text under one of *names*, be it empty.

    Raises:
        AnswerUnreadable: there is none.
    """
    for name in names:
        if isinstance(value := entry.get(name), str):
            return value
    raise AnswerUnreadable(f"it has no {names[0]}")
