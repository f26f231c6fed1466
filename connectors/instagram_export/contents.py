"""One element of an export's file → one item, or more. An element of another shape gives none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Author, Content, ItemKind, RawFragment
from connectors.cutting import object_of
from connectors.deposits import THREAD_UNKNOWN, Ordinals, dated, entries, file_named
from connectors.instagram_export.labels import labelled
from connectors.meta_export import JSON, Showing, read_media

LABELS_GUESSED = "labels-guessed"
"""Marks a comment whose values are labelled in a language we do not know: told by their place."""


def published(
    value: object,
    raw: bytes,
    ordinals: Ordinals,
    author: Author | None,
    *,
    sort: str,
    mark: str = "",
) -> Content:
    """Give the post, reel, story or picture that *value* is; *sort* begins its id.

    What was a post is one still when it is archived or deleted: *mark* tells that of it. A post
    of one file has its caption and date there, one of several at its own level; a story
    is a file alone.

    Raises:
        AnswerUnreadable: it is nothing of this, or not dated.
    """
    element = object_of(value, "it")
    files = [element] if "media" not in element else list(entries(element.get("media")))
    showing = Showing(marks={mark} if mark else set())
    first: Mapping[str, object] = files[0] if files else {}
    when, timestamp = dated(element.get("creation_timestamp") or first.get("creation_timestamp"))
    showing.say(element.get("title") or (first.get("title") if len(files) == 1 else None))
    for file in files:
        read_media(file, showing)
        if subtitles := _subtitles(file):
            uri = showing.text(subtitles)
            showing.media[uri] = file_named(uri)
    return Content(
        native_id=ordinals.native_id(sort, timestamp),
        kind=ItemKind.POST,
        text=showing.words,
        raw=RawFragment(JSON, raw),
        published_at=when,
        author=author,
        attachments=tuple(showing.media.values()),
        links=tuple(showing.links),
        marks=tuple(sorted(showing.marks)),
    )


def comments(
    value: object, raw: bytes, ordinals: Ordinals, author: Author | None, *, sort: str
) -> Iterator[Content]:
    """Give the comment that *value* is; under which post it stands the export does not say.

    Its title names whose post it was. Until 2021 one element could hold several comments.

    Raises:
        AnswerUnreadable: it is no comment, or not dated.
    """
    element = object_of(value, "it")
    for said, owner, time, guessed in _said(element):
        showing = Showing(marks={THREAD_UNKNOWN, LABELS_GUESSED} if guessed else {THREAD_UNKNOWN})
        when, timestamp = dated(time)
        showing.say(said)
        for file in entries(element.get("media_list_data")):
            read_media(file, showing)
        whose = showing.text(owner)
        yield Content(
            native_id=ordinals.native_id(sort, timestamp),
            kind=ItemKind.COMMENT,
            title=f"@{whose}" if whose else "",
            text=showing.words,
            raw=RawFragment(JSON, raw),
            published_at=when,
            author=author,
            attachments=tuple(showing.media.values()),
            links=tuple(showing.links),
            marks=tuple(sorted(showing.marks)),
        )


def _said(element: Mapping[str, object]) -> Iterator[tuple[object, object, object, bool]]:
    """Give what each comment of *element* says, whose post it was under, and when it was made."""
    if "string_list_data" in element:
        listed = element["string_list_data"]
        if not isinstance(listed, list) or not listed:
            raise AnswerUnreadable("it holds no comment")
        for each in listed:
            entry = object_of(each, "a comment in it")
            yield entry.get("value"), element.get("title"), entry.get("timestamp"), False
        return
    told = labelled(element.get("string_map_data"))
    if told.time is None:
        raise AnswerUnreadable("it has no date")
    yield told.comment, told.owner, told.time, told.guessed


def _subtitles(file: Mapping[str, object]) -> object:
    """Give the address of a film's subtitles, where it has some."""
    found: object = file
    for key in ("media_metadata", "video_metadata", "subtitles", "uri"):
        found = found.get(key) if isinstance(found, dict) else None
    return found
