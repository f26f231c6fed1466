"""What an RSMF file holds: who took part, in which conversations, and each event as an item.

An event's id is unique in its file alone, and a long conversation is cut into files by the day;
so an item is known by conversation, id and moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from archiver.records.captures import Gap, Observation, PlatformState
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from archiver.records.moments import written
from connectors.cutting import json_stream, moment_of, object_of, optional_id, text_of
from connectors.deposits import Deposit, Unread, entries

MANIFEST = "rsmf_manifest.json"
PARTICIPANT_UNKNOWN = "participant-unknown"
CONVERSATION_UNKNOWN = "conversation-unknown"
PARENT_UNKNOWN = "parent-unknown"
"""Marks an event that answers one that is not in its file."""

_SAID = frozenset({"message", "disclaimer"})
_OTHERS = frozenset({"join", "leave", "history"})
_MANY = 10**9


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where events were said; what is not *public* is between its participants."""

    display: str = ""
    public: bool = False


@dataclass(slots=True)
class Chat:
    """One RSMF file's zip file, opened, with what its events refer to."""

    deposit: Deposit
    participants: dict[str, Author] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    _named: dict[str, str] = field(default_factory=dict)
    _parents: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, deposit: Deposit) -> Chat:
        """Read what the events of *deposit* refer to.

        Raises:
            AnswerUnreadable: its manifest is not there, or not as the format asks.
        """
        if MANIFEST not in deposit:
            raise AnswerUnreadable(f"its rsmf.zip holds no {MANIFEST}")
        chat = cls(deposit)
        for each in chat._members("participants"):
            told = object_of(each[0], "a participant")
            name, account = (
                text_of(told, "display", absent=""),
                text_of(told, "account_id", absent=""),
            )
            native_id = optional_id(told.get("id")) or ""
            chat.participants[native_id] = Author(account or native_id, name)
        for each in chat._members("conversations"):
            told = object_of(each[0], "a conversation")
            public = told.get("type") == "channel"
            conversation = Conversation(text_of(told, "display", absent=""), public)
            chat.conversations[optional_id(told.get("id")) or ""] = conversation
        chat._name_events()
        return chat

    def unread(self, name: str) -> Iterator[Gap]:
        """Give a gap for the files that no event of the chat in the file *name* refers to."""
        left = Unread(self.deposit.names(), consulted=(MANIFEST,))
        for value, _ in self.events():
            for each in entries(value.get("attachments")) if isinstance(value, dict) else ():
                left.take(str(each.get("id")))
        return left.gaps(within=name)

    def events(self) -> Iterator[tuple[object, bytes]]:
        """Give every event as it is written, with its bytes."""
        return self._members("events")

    def _members(self, name: str) -> Iterator[tuple[object, bytes]]:
        return json_stream(self.deposit.open(MANIFEST), member=name)

    def _name_events(self) -> None:
        """Remember how the items of events are known, for those that answer them."""
        for value, _ in self.events():
            if not isinstance(value, dict):
                continue
            try:
                native_id = optional_id(value.get("id"))
                parent = optional_id(value.get("parent"))
                if native_id is not None:
                    self._named[native_id] = _known_as(value, _when(value.get("timestamp")))
                    if parent is not None:
                        self._parents[native_id] = parent
            except AnswerUnreadable:
                continue  # it is a gap where it is read as an item

    def named(self, event: str) -> str | None:
        """Give how the item of the event with the id *event* is known; None where there is none."""
        return self._named.get(event)

    def root(self, event: str) -> str:
        """Give the id of the event at which the answers begin that lead to *event*."""
        passed = {event}
        while (above := self._parents.get(event)) in self._named and above not in passed:
            passed.add(above)
            event = above
        return event


class EventReader:
    """Reads the events of one chat. *posts* says that what was said in channels was public."""

    def __init__(self, chat: Chat, file: str, *, posts: bool) -> None:
        self._chat = chat
        self._file = file
        self._posts = posts
        self._counted: dict[str, int] = {}

    def read(self, value: object, raw: bytes) -> Iterator[Observation]:
        """Give every wording of the event *value*, the one that shows last.

        Raises:
            AnswerUnreadable: it is no event of the format.
        """
        event = object_of(value, "it")
        marks: set[str] = set()
        name = optional_id(event.get("conversation")) or ""
        conversation = self._chat.conversations.get(name)
        if conversation is None:
            conversation = Conversation()
            marks.add(CONVERSATION_UNKNOWN)
        public = self._posts and conversation.public and text_of(event, "type", absent="") in _SAID
        content = self._content(event, raw, conversation.display, marks, public=public)
        edits = sorted(
            entries(event.get("edits")), key=lambda edit: text_of(edit, "timestamp", absent="")
        )
        for edit in edits:
            if "previous" in edit:
                before = replace(content, text=text_of(edit, "previous", absent=""))
                yield Observation(content=before, current=False, restricted=not public)
        moments = [_when(edit.get("timestamp")) for edit in edits]
        removed = event.get("deleted") is True
        yield Observation(
            content=replace(content, edited_at=moments[-1]) if moments else content,
            state=PlatformState.REPORTED_REMOVED if removed else PlatformState.PRESENT,
            restricted=not public,
            engagement=_reactions(event),
        )

    def _content(
        self,
        event: Mapping[str, object],
        raw: bytes,
        display: str,
        marks: set[str],
        *,
        public: bool,
    ) -> Content:
        when = _when(event.get("timestamp"))
        kind = text_of(event, "type", absent="")
        native_id = _known_as(event, when)
        if optional_id(event.get("id")) is None:
            number = self._counted[native_id] = self._counted.get(native_id, 0) + 1
            native_id = f"{native_id}-{number}"
        parent, thread = self._place(event, native_id, marks)
        if kind not in _SAID:
            marks.add(f"rsmf-{kind}" if kind in _OTHERS else "rsmf-unknown")
        return Content(
            native_id=native_id,
            kind=_kind_of(public=public, answers=bool(event.get("parent"))),
            title=display,
            text=text_of(event, "body", absent=""),
            raw=RawFragment("application/json", raw),
            published_at=when,
            author=self._author(event, marks),
            parent=parent,
            thread=thread,
            attachments=tuple(self._attachments(event)),
            marks=tuple(sorted(marks)),
        )

    def _place(
        self, event: Mapping[str, object], native_id: str, marks: set[str]
    ) -> tuple[str | None, str | None]:
        """Give what the event answers, and the item or conversation its thread begins with."""
        named, above = optional_id(event.get("id")), optional_id(event.get("parent"))
        parent = self._chat.named(above) if above is not None else None
        if above is not None and parent is None:
            marks.add(PARENT_UNKNOWN)
        conversation = optional_id(event.get("conversation")) or ""
        known = self._chat.conversations.get(conversation)
        if known is None or not known.public:
            return parent, f"conversation:{conversation}"
        root = self._chat.root(named if named is not None else above or "")
        thread = self._chat.named(root) or parent
        return parent, None if thread == native_id else thread

    def _author(self, event: Mapping[str, object], marks: set[str]) -> Author | None:
        who = optional_id(event.get("participant"))
        if who is None:
            return None
        if who not in self._chat.participants:
            marks.add(PARTICIPANT_UNKNOWN)
        return self._chat.participants.get(who, Author(who))

    def _attachments(self, event: Mapping[str, object]) -> Iterator[Attachment]:
        for each in entries(event.get("attachments")):
            inside = optional_id(each.get("id")) or ""
            name = text_of(each, "display", absent="") or inside
            yield Attachment(inside, f"{self._file}#{inside}", "", name)


def _kind_of(*, public: bool, answers: bool) -> ItemKind:
    if not public:
        return ItemKind.MESSAGE
    return ItemKind.COMMENT if answers else ItemKind.POST


def _known_as(event: Mapping[str, object], when: datetime) -> str:
    conversation = optional_id(event.get("conversation")) or ""
    return f"{conversation}/{optional_id(event.get('id')) or ''}@{written(when)}"


def _when(value: object) -> datetime:
    return moment_of(value).astimezone(UTC)


def _reactions(event: Mapping[str, object]) -> dict[str, int]:
    found = 0
    for each in entries(event.get("reactions")):
        count, people = each.get("count"), each.get("participants")
        if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < _MANY:
            found += count
        else:
            found += len(people) if isinstance(people, list) else 1
    return {"reactions": found} if found else {}
