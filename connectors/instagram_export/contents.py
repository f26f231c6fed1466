"""One element of an export's file → one item, or more. An element of another shape gives none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Author, Content, ItemKind, RawFragment
from connectors.cutting import json_apart, object_of
from connectors.deposits import THREAD_UNKNOWN, Ordinals, dated, entries, file_named
from connectors.instagram_export.labels import labelled
from connectors.meta_export import JSON, Showing, read_media

_SEVERAL = "string_list_data"

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

    Its title names whose post it was. Until 2021 one element could hold several comments: each
    is kept with references in the places of the others.

    Raises:
        AnswerUnreadable: it is no comment, or not dated.
    """
    found, faults = list[Content](), list[AnswerUnreadable]()
    try:
        for comment in _comments(value, raw, ordinals, author, sort=sort):
            found.append(comment)
    except AnswerUnreadable as fault:
        faults.append(fault)
    yield from _each_alone(found, raw) if len(found) + len(faults) > 1 else found
    if faults:
        raise faults[0]


def _each_alone(found: Sequence[Content], raw: bytes) -> Iterator[Content]:
    """Give each comment of one element without the words of the others, which are records too."""
    pieces, said = json_apart(raw, _SEVERAL)
    if len(said) < len(found):
        raise AnswerUnreadable("it holds no comment")
    named = [json.dumps({"reference": each.native_id}).encode() for each in found]
    for place, each in enumerate(found):
        own = [*named[:place], said[place][1], *named[place + 1 :]]
        own += [left for _, left in said[len(found) :]]
        body = b"".join(part for both in zip(pieces, [*own, b""], strict=True) for part in both)
        yield replace(each, raw=RawFragment(JSON, body))


def _comments(
    value: object, raw: bytes, ordinals: Ordinals, author: Author | None, *, sort: str
) -> Iterator[Content]:
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
    if _SEVERAL in element:
        listed = element[_SEVERAL]
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
