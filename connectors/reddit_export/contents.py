"""One row of an export → one item, under the full name by which Reddit knows it.

What its author deleted, or a moderator removed, stays listed with a placeholder in the place of
its words: that is told, and never kept as an edit of words that were captured before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from archiver.records.captures import (
    Actor,
    Gap,
    GapReason,
    Observation,
    PlatformState,
    Sighting,
)
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Author, Content, ItemKind, RawFragment
from connectors.cutting import cell, moment_of, row_of
from connectors.deposits import THREAD_UNKNOWN, Shown, as_iso

CSV = "text/csv"
SITE = "https://www.reddit.com"
_ID = re.compile(r"[0-9a-z]{1,13}")
_FULL_NAME = re.compile(r"t[13]_[0-9a-z]{1,13}")
_UNDER = re.compile(r"/comments/([0-9a-z]{1,13})(?:/|$)")
_PLACEHOLDERS = {
    "[deleted]": (Actor.AUTHOR, "reddit deleted"),
    "[removed]": (Actor.MODERATOR, "reddit removed"),
    "[ Removed by Reddit ]": (Actor.PLATFORM, "reddit removed by reddit"),
}


def author_called(name: str) -> Author | None:
    """Give the account called *name* as an author; None where nobody is."""
    return Author("", name, name, f"{SITE}/user/{name}") if name else None


def post(value: object, raw: bytes, author: Author | None, *, file: str) -> Iterator[Shown]:
    """Give the submission that a row is.

    Raises:
        AnswerUnreadable: it is none, or not dated.
    """
    row = row_of(value)
    own, link = _address(cell(row, "permalink")), _address(cell(row, "url"))
    content = Content(
        native_id=f"t3_{_id(row)}",
        kind=ItemKind.POST,
        title=cell(row, "title"),
        text=_text(row, "body"),
        raw=RawFragment(CSV, raw),
        published_at=_moment(row, "date"),
        author=author,
        permalink=own,
        links=(link,) if link not in {"", own} else (),
    )
    return _seen(content, file)


def comment(value: object, raw: bytes, author: Author | None, *, file: str) -> Iterator[Shown]:
    """Give the comment that a row is; its thread stands in its own address.

    Raises:
        AnswerUnreadable: it is none, or not dated.
    """
    row = row_of(value)
    own = cell(row, "permalink")
    under = _UNDER.search(own) or _UNDER.search(cell(row, "link"))
    thread = f"t3_{under[1]}" if under else None
    parent = _parent(cell(row, "parent"), thread)
    content = Content(
        native_id=f"t1_{_id(row)}",
        kind=ItemKind.COMMENT if parent == thread else ItemKind.REPLY,
        text=_text(row, "body"),
        raw=RawFragment(CSV, raw),
        published_at=_moment(row, "date"),
        author=author,
        parent=parent,
        thread=thread,
        permalink=_address(own),
        marks=() if thread else (THREAD_UNKNOWN,),
    )
    return _seen(content, file)


def message(value: object, raw: bytes) -> Iterator[Shown]:
    """Give the private message that a row is.

    Raises:
        AnswerUnreadable: it is none, or not dated.
    """
    row = row_of(value)
    named = _id(row)
    thread = cell(row, "thread_id").removeprefix("t4_") or named
    content = Content(
        native_id=f"t4_{named}",
        kind=ItemKind.MESSAGE,
        title=cell(row, "subject"),
        text=_text(row, "body"),
        raw=RawFragment(CSV, raw),
        published_at=_moment(row, "date"),
        author=author_called(cell(row, "from")),
        thread=f"t4_{thread}",
        permalink=_address(cell(row, "permalink")),
    )
    yield Observation(content=content, restricted=True)


def chat(value: object, raw: bytes) -> Iterator[Shown]:
    """Give the line of a chat that a row is.

    Raises:
        AnswerUnreadable: it is none, or not dated.
    """
    row = row_of(value)
    named, above = cell(row, "message_id"), row.get("thread_parent_message_id", "").strip()
    if not named:
        raise AnswerUnreadable("it has no id")
    sent = _moment(row, "created_at")
    changed = _moment(row, "updated_at") if row.get("updated_at", "").strip() else sent
    content = Content(
        native_id=f"chat-{named}",
        kind=ItemKind.MESSAGE,
        text=_text(row, "message"),
        raw=RawFragment(CSV, raw),
        published_at=sent,
        edited_at=changed if changed > sent else None,
        author=author_called(row.get("username", "").strip()),
        parent=f"chat-{above}" if above else None,
        thread=f"chat-channel-{cell(row, 'channel_url')}",
    )
    yield Observation(content=content, restricted=True)


def draft(
    value: object, raw: bytes, author: Author | None, *, sort: str, named: str, dated: str
) -> Iterator[Shown]:
    """Give the draft, or the post for a later day, that a row is; nobody has seen it yet.

    Raises:
        AnswerUnreadable: it is none, or not dated.
    """
    row = row_of(value)
    if not cell(row, named):
        raise AnswerUnreadable("it has no id")
    content = Content(
        native_id=f"{sort}-{cell(row, named)}",
        kind=ItemKind.POST,
        title=row.get("title", "").strip(),
        text=_text(row, "body"),
        raw=RawFragment(CSV, raw),
        published_at=_moment(row, dated),
        author=author,
        marks=(sort,),
    )
    yield Observation(content=content, state=PlatformState.HIDDEN, restricted=True)


def _seen(content: Content, file: str) -> Iterator[Shown]:
    """Give *content*; or, where Reddit gives a placeholder for its words, what that tells."""
    if content.text not in _PLACEHOLDERS:
        yield Observation(content=content)
        return
    actor, source = _PLACEHOLDERS[content.text]
    removed = PlatformState.REPORTED_REMOVED
    yield Sighting(native_id=content.native_id, state=removed, actor=actor, source=source)
    yield Gap(
        what=f"{file}, {content.native_id}",
        why=GapReason.OUT_OF_REACH,
        detail="Reddit gives a placeholder in the place of the words",
        native_id=content.native_id,
    )


def _id(row: Mapping[str, str]) -> str:
    named = cell(row, "id")
    if not _ID.fullmatch(named):
        raise AnswerUnreadable("it has no id as Reddit gives them")
    return named


def _parent(told: str, thread: str | None) -> str | None:
    """Give the full name of what a comment answers; nothing told is the submission itself."""
    if not told or _FULL_NAME.fullmatch(told):
        return told or thread
    if not _ID.fullmatch(told):
        raise AnswerUnreadable("what it answers is no id as Reddit gives them")
    return thread if thread == f"t3_{told}" else f"t1_{told}"


def _moment(row: Mapping[str, str], name: str) -> datetime:
    return moment_of(as_iso(cell(row, name)))


def _text(row: Mapping[str, str], name: str) -> str:
    """Give a text as it was written, white space and all."""
    cell(row, name)
    return row[name]


def _address(told: str) -> str:
    return f"{SITE}{told}" if told.startswith("/") else told
