"""One element of an export's file → one item. An element of another shape gives no item."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Author, Content, ItemKind, RawFragment
from archiver.records.making import quickly
from connectors.cutting import json_apart, object_of
from connectors.deposits import THREAD_UNKNOWN, Ordinals, dated, entries, seconds
from connectors.meta_export import JSON, Showing, read_media

_a_content = quickly(Content)
_TOLD = ("name", "question", "description", "address")


def posts(
    value: object, raw: bytes, ordinals: Ordinals, author: Author | None
) -> Iterator[Content]:
    """Give the post that *value* is, and the comments that stand in it under a photo.

    Raises:
        AnswerUnreadable: it is no post, or not dated.
    """
    element = object_of(value, "it")
    showing = Showing()
    updated = 0
    published, timestamp = dated(element.get("timestamp"))
    for entry in entries(element.get("data")):
        showing.say(entry.get("post"))
        updated = max(updated, seconds(entry.get("update_timestamp")))
    _read_attachments(element, showing)
    post = _a_content(
        native_id=ordinals.native_id("post", timestamp),
        kind=ItemKind.POST,
        title=showing.text(element.get("title")),
        text=showing.words,
        raw=RawFragment(JSON, raw),
        published_at=published,
        edited_at=dated(updated)[0] if updated > timestamp else None,
        author=author,
        attachments=tuple(showing.media.values()),
        links=tuple(showing.links),
        marks=tuple(sorted(showing.marks)),
    )
    yield from _with_comments(post, ordinals) if showing.comments else (post,)


def comment(value: object, raw: bytes, ordinals: Ordinals) -> Content:
    """Give the comment that *value* is; under which post it stands the export does not say.

    Raises:
        AnswerUnreadable: it is no comment, or not dated.
    """
    element = object_of(value, "it")
    showing = Showing(marks={THREAD_UNKNOWN})
    published, timestamp = dated(element.get("timestamp"))
    author = ""
    for entry in entries(element.get("data")):
        said = entry.get("comment")
        if isinstance(said, Mapping):
            showing.say(said.get("comment"))
            author = author or showing.text(said.get("author"))
    _read_attachments(element, showing)
    return _a_content(
        native_id=ordinals.native_id("comment", timestamp),
        kind=ItemKind.COMMENT,
        title=showing.text(element.get("title")),
        text=showing.words,
        raw=RawFragment(JSON, raw),
        published_at=published,
        author=Author(native_id="", name=author) if author else None,
        attachments=tuple(showing.media.values()),
        links=tuple(showing.links),
        marks=tuple(sorted(showing.marks)),
    )


def media_post(
    value: object, raw: bytes, ordinals: Ordinals, author: Author | None
) -> Iterator[Content]:
    """Give the photo or video that *value* is as a post of its own, and the comments under it.

    Its id is made of the file's name.

    Raises:
        ValueError: it names no file.
        AnswerUnreadable: it is no media, or not dated.
    """
    element = object_of(value, "it")
    showing = Showing()
    published, timestamp = dated(element.get("creation_timestamp"))
    read_media(element, showing)
    if not showing.media:
        raise ValueError("no file is named")
    name = next(iter(showing.media.values())).name
    post = _a_content(
        native_id=ordinals.native_id(f"media-{name}", timestamp),
        kind=ItemKind.POST,
        text="",
        raw=RawFragment(JSON, raw),
        published_at=published,
        author=author,
        attachments=tuple(showing.media.values()),
        marks=tuple(sorted(showing.marks)),
    )
    yield from _with_comments(post, ordinals) if showing.comments else (post,)


def _with_comments(post: Content, ordinals: Ordinals) -> Iterator[Content]:
    """Give *post* with a reference in the place of each comment that stands in it, and these.

    A comment is a record of its own: what becomes of it must not hang on that of its post.

    Raises:
        AnswerUnreadable: after all others, one is not dated; its bytes stay with the post's.
    """
    pieces, found = json_apart(post.raw.body, "comments")
    own, comments, faults = [pieces[0]], list[Content](), list[AnswerUnreadable]()
    for (value, raw), after in zip(found, pieces[1:], strict=True):
        try:
            below = _comment_below(object_of(value, "a comment"), raw, post, ordinals)
        except AnswerUnreadable as fault:
            faults.append(fault)
            own += [raw, after]
        else:
            comments.append(below)
            own += [json.dumps({"reference": below.native_id}).encode(), after]
    yield replace(post, raw=RawFragment(JSON, b"".join(own)))
    yield from comments
    if faults:
        raise faults[0]


def _comment_below(
    remark: Mapping[str, object], raw: bytes, post: Content, ordinals: Ordinals
) -> Content:
    showing = Showing()
    published, timestamp = dated(remark.get("timestamp"))
    author = showing.text(remark.get("author"))
    return _a_content(
        native_id=ordinals.native_id("photo-comment", timestamp),
        kind=ItemKind.COMMENT,
        text=showing.text(remark.get("comment")),
        raw=RawFragment(JSON, raw),
        published_at=published,
        author=Author(native_id="", name=author) if author else None,
        parent=post.native_id,
        thread=post.native_id,
        marks=tuple(sorted(showing.marks)),
    )


def _read_attachments(element: Mapping[str, object], showing: Showing) -> None:
    for attachment in entries(element.get("attachments")):
        for entry in entries(attachment.get("data")):
            _read_entry(entry, showing)


def _read_entry(entry: Mapping[str, object], showing: Showing) -> None:
    for kind, value in entry.items():
        if not isinstance(value, Mapping):
            showing.say(value)
        elif kind == "media":
            read_media(value, showing)
        else:
            showing.say(*(value.get(key) for key in _TOLD))
            for option in entries(value.get("options")):
                showing.say(option.get("option"))
            if link := showing.text(value.get("url")):
                showing.links[link] = None
