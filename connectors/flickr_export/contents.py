"""One entry of a list of an export → one item.

Flickr has written its lists differently over the years: a field is looked for under every name
that it has had. Its times name no zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from archiver.records.captures import Observation
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Author, Content, ItemKind, RawFragment
from connectors.cutting import count_of, id_of, object_of, visible_text
from connectors.deposits import THREAD_UNKNOWN, Ordinals, Shown, dated, spaced_moment
from connectors.flickr_export import layout
from connectors.flickr_export.layout import SITE, Export

JSON = "application/json"
_AT = ("date", "date_create", "date_created")
_SAID = ("comment", "message", "body")
_ANCHOR = re.compile(r"#(?:comment|reply)([0-9A-Za-z@-]{1,80})$")
_SECONDS = re.compile(r"\d{1,12}")

Read = Callable[[object, bytes], Iterator[Shown]]


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk through an export: whose it is, and what was said under its own photos."""

    export: Export
    ordinals: Ordinals
    said: set[tuple[str, datetime, str]] = field(default_factory=set)

    def reader(self, sort: str) -> Read:
        """Give what reads an entry of a list of *sort*."""
        readers: dict[str, Read] = {
            layout.PROFILE: self._profile,
            layout.ALBUMS: self._album,
            layout.COMMENTS: self._own_comment,
            layout.ALBUM_COMMENTS: self._album_comment,
            layout.DISCUSSIONS: self._discussion,
            layout.RECEIVED: partial(self._mail, own=False),
            layout.SENT: partial(self._mail, own=True),
        }
        return readers[sort]

    def comment_under(self, entry: Mapping[str, object], raw: bytes, *, photo: str) -> Observation:
        """Give the comment that stands under *photo*, as `photos` cut it."""
        seen = self._comment(entry, raw, photo=photo)
        self.said.add((photo, seen.content.published_at, seen.content.text))
        return seen

    def _own_comment(self, value: object, raw: bytes) -> Iterator[Shown]:
        """Give a comment of the account's own; one under its own photo was given with the photo."""
        entry = object_of(value, "a comment")
        photo = id_of(entry.get("photo_id"), "the photo of a comment")
        moment, _ = spaced_moment(told(entry, *_AT))
        if (photo, moment, visible_text(told(entry, *_SAID))) not in self.said:
            yield self._comment(entry, raw, photo=photo, author=self.export.author)

    def _album_comment(self, value: object, raw: bytes) -> Iterator[Shown]:
        yield self._comment(object_of(value, "a comment"), raw, photo="")

    def _comment(
        self,
        entry: Mapping[str, object],
        raw: bytes,
        *,
        photo: str,
        author: Author | None = None,
    ) -> Observation:
        said, marks = spaced_moment(told(entry, *_AT))
        text = visible_text(_must(entry, *_SAID))
        counted_id = partial(self.ordinals.native_id, f"comment-{photo}", int(said.timestamp()))
        return Observation(
            content=Content(
                native_id=comment_id(entry) or counted_id(),
                kind=ItemKind.COMMENT,
                text=text,
                raw=RawFragment(JSON, raw),
                published_at=said,
                author=_person(told(entry, "user", "user_id")) or author,
                parent=photo or None,
                thread=photo or None,
                permalink=told(entry, "url", "comment_url"),
                marks=marks if photo else (*marks, THREAD_UNKNOWN),
            )
        )

    def _discussion(self, value: object, raw: bytes) -> Iterator[Shown]:
        """Give what the account wrote in a group: a topic, or an answer to one."""
        entry = object_of(value, "a discussion")
        said, marks = spaced_moment(told(entry, *_AT))
        address = told(entry, "url")
        counted_id = partial(self.ordinals.native_id, "discussion", int(said.timestamp()))
        answer = told(entry, "type").casefold() == "reply" or bool(told(entry, "reply_id"))
        yield Observation(
            content=Content(
                native_id=address.removeprefix(SITE) or counted_id(),
                kind=ItemKind.REPLY if answer else ItemKind.POST,
                title=visible_text(told(entry, "subject", "topic_title")),
                text=visible_text(_must(entry, "message", "body")),
                raw=RawFragment(JSON, raw),
                published_at=said,
                author=self.export.author,
                permalink=address,
                marks=(*marks, "group-discussion", *((THREAD_UNKNOWN,) if answer else ())),
            )
        )

    def _mail(self, value: object, raw: bytes, *, own: bool) -> Iterator[Shown]:
        entry = object_of(value, "a message")
        sent, marks = spaced_moment(told(entry, "date_sent", *_AT))
        native_id = id_of(entry.get("id"), "a message")
        sender = _person(told(entry, "from_user_id", "from"))
        content = Content(
            native_id=f"mail-{native_id}",
            kind=ItemKind.MESSAGE,
            title=visible_text(told(entry, "subject")),
            text=visible_text(_must(entry, "message", "body")),
            raw=RawFragment(JSON, raw),
            published_at=sent,
            author=(self.export.author if own else None) or sender,
            marks=marks,
        )
        yield Observation(content=content, restricted=True)

    def _album(self, value: object, raw: bytes) -> Iterator[Shown]:
        """Give an album: its title and what is said of it; which photos lie in it, raw tells."""
        entry = object_of(value, "an album")
        made, marks = _made(told(entry, "created"))
        yield Observation(
            content=Content(
                native_id=f"album-{id_of(entry.get('id'), 'an album')}",
                kind=ItemKind.POST,
                title=visible_text(told(entry, "title")),
                text=visible_text(told(entry, "description")),
                raw=RawFragment(JSON, raw),
                published_at=made,
                author=self.export.author,
                permalink=told(entry, "url"),
                marks=(*marks, "album"),
            )
        )

    def _profile(self, value: object, raw: bytes) -> Iterator[Shown]:
        entry = object_of(value, "a profile")
        joined, marks = spaced_moment(f"{told(entry, 'joined_date')[:10]} 00:00:00")
        author = self.export.author
        if author is None:
            raise AnswerUnreadable("it does not say whose it is")
        yield Observation(
            content=Content(
                native_id=f"person {author.native_id or author.handle}",
                kind=ItemKind.PROFILE,
                title=author.name,
                text=visible_text(told(entry, "description")),
                raw=RawFragment(JSON, raw),
                published_at=joined,
                author=author,
                permalink=author.url,
                marks=marks,
            )
        )


def comment_id(entry: Mapping[str, object]) -> str:
    """Give the id that Flickr knows a comment by, or nothing where the export does not tell it."""
    named = told(entry, "id", "comment_id")
    found = None if named else _ANCHOR.search(told(entry, "url", "comment_url"))
    return found[1] if found else named


def told(entry: Mapping[str, object], *names: str) -> str:
    """Give the text under the first of *names* that has one; a number as text."""
    for name in names:
        value = entry.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(value)
    return ""


def counted(entry: Mapping[str, object], name: str) -> int | None:
    """Give the count under *name*, which Flickr writes as a text."""
    found = told(entry, name)
    return count_of(int(found)) if _SECONDS.fullmatch(found) else None


def _made(found: str) -> tuple[datetime, tuple[str, ...]]:
    """Give when an album was made: seconds since 1970, or a time without a zone."""
    if _SECONDS.fullmatch(found):
        return dated(int(found))[0].astimezone(UTC), ()
    return spaced_moment(found)


def _must(entry: Mapping[str, object], *names: str) -> str:
    """Give the text under one of *names*, be it empty.

    Raises:
        AnswerUnreadable: there is none.
    """
    for name in names:
        if isinstance(value := entry.get(name), str):
            return value
    raise AnswerUnreadable(f"it has no {names[0]}")


def _person(named: str) -> Author | None:
    return Author(named, url=f"{SITE}/people/{named}/") if named else None
