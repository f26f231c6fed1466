"""One entry of an export → one item. Nothing of it was public: all of it is restricted.

Snapchat gives no ids: messages are counted within their conversation and second, memories within
their second.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape

from archiver.records.captures import Observation
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import object_of
from connectors.deposits import Ordinals, Shown, file_named, spaced_moment
from connectors.snapchat_mydata.layout import CHATS, Export, Listed

JSON = "application/json"
_MEMORY_ID = re.compile(r"[?&]mid=([0-9A-Za-z-]{8,64})(?:&|$)")
_NOT_A_WORD = re.compile(r"[^0-9a-z]+")
_PLAIN = frozenset({"text", "media", "image", "video"})
_OLDER = re.compile(r"(?:Received|Sent) (?:Saved )?(?:Chat|Snap) History")


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk through an export: whose it is, and how entries are told apart."""

    export: Export
    account: str
    ordinals: Ordinals
    days: Counter[tuple[str, bool]] = field(default_factory=Counter)

    def message(self, listed: object, raw: bytes, sort: str) -> Iterator[Shown]:
        """Give the message, or the snap, that an entry is.

        Raises:
            AnswerUnreadable: it is none as Snapchat writes them, or not dated.
        """
        entry, within = _opened(listed)
        sent, marks = spaced_moment(entry.get("Created"))
        kind = _told(entry, "Media Type").casefold()
        other = _told(entry, "From") or _told(entry, "To")
        thread = other if _OLDER.fullmatch(within) else within
        own = bool(_told(entry, "To"))
        text = _words(entry, needed=sort == CHATS and kind == "text")
        if sort != CHATS:
            marks = (*marks, "snap", "not-in-export")
        elif kind not in _PLAIN and kind:
            marks = (*marks, _NOT_A_WORD.sub("-", kind)[:40])
        content = Content(
            native_id=self.ordinals.native_id(f"{sort[:4]}-{thread}", int(sent.timestamp())),
            kind=ItemKind.MESSAGE,
            title=_told(entry, "Conversation Title"),
            text=text,
            raw=RawFragment(JSON, raw),
            published_at=sent,
            author=_author(self.account if own else other),
            thread=f"chat-{thread}",
            attachments=tuple(self._files(_told(entry, "Media IDs"))),
            marks=marks,
        )
        yield Observation(content=content, restricted=True)

    def memory(self, listed: object, raw: bytes) -> Iterator[Shown]:
        """Give the memory that an entry is: a picture or film that the account has saved.

        Raises:
            AnswerUnreadable: it is none, or not dated.
        """
        entry, _ = _opened(listed)
        saved, marks = spaced_moment(entry.get("Date"))
        day, film = memory_day(entry)
        told = f"{_told(entry, 'Download Link')}&{_told(entry, 'Media Download Url')}"
        named = _MEMORY_ID.search(told)
        alone = self.days[day, film] == 1
        found = self.export.memories.files(named[1] if named else "", day, film=film, alone=alone)
        files = [(found.main, "main"), (found.overlay, "overlay")] if found else []
        content = Content(
            native_id=self.ordinals.native_id("memory", int(saved.timestamp())),
            kind=ItemKind.POST,
            text=_told(entry, "Caption"),
            raw=RawFragment(JSON, raw),
            published_at=saved,
            author=_author(self.account),
            attachments=tuple(file_named(address, key=key) for address, key in files if address),
            marks=(*marks, "memory") if found else (*marks, "memory", "file-unknown"),
        )
        yield Observation(content=content, restricted=True)

    def _files(self, told: str) -> Iterator[Attachment]:
        """Give the files of a message; one that the export does not hold is named all the same."""
        for named in dict.fromkeys(each.strip() for each in told.split("|")):
            if named:
                yield file_named(
                    self.export.chat_files.get(named, f"chat_media/{named}"), key=named
                )


def memory_day(entry: Mapping[str, object]) -> tuple[str, bool]:
    """Give the day of a memory in UTC, and whether it is a film."""
    saved, _ = spaced_moment(entry.get("Date"))
    return saved.date().isoformat(), _told(entry, "Media Type").casefold() == "video"


def _opened(listed: object) -> tuple[Mapping[str, object], str]:
    if not isinstance(listed, Listed):
        raise AnswerUnreadable("it is no entry")
    return object_of(listed.value, "it"), listed.within


def _words(entry: Mapping[str, object], *, needed: bool) -> str:
    """Give what a message says; older exports escape it as HTML does.

    Raises:
        AnswerUnreadable: *needed* says that it must say something, and it does not.
    """
    if isinstance(said := entry.get("Content"), str):
        return said
    if isinstance(said := entry.get("Text"), str):
        return unescape(said)
    if needed and "Content" not in entry and "Text" not in entry:
        raise AnswerUnreadable("it has no words")
    return ""


def _told(entry: Mapping[str, object], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def _author(name: str) -> Author | None:
    return Author("", name, name) if name else None
