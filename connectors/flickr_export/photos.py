"""A photo's own file → the photo, and every comment that stands under it.

What is kept of the photo is its file with the comments replaced by references: each is an item of
its own, with its own bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from archiver.records.captures import Gap, GapReason, Observation
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Content, ItemKind, RawFragment
from connectors.cutting import (
    id_of,
    json_list,
    json_members,
    json_parts,
    json_whole,
    object_of,
    visible_text,
)
from connectors.deposits import Deposit, Element, Shown, file_named, spaced_moment
from connectors.flickr_export.contents import JSON, Walk, comment_id, counted, told
from connectors.flickr_export.layout import SITE

_COMMENTS = "comments"
_COUNTS = {"comments": "count_comments", "likes": "count_faves", "views": "count_views"}


@dataclass(frozen=True, slots=True)
class Part:
    """The photo of a file (*under* is None), or a comment *under* the photo."""

    value: Mapping[str, object]
    under: str | None
    comments: int = 0


def parts_in(deposit: Deposit, name: str) -> Iterator[Element]:
    """Give the photo in the file called *name*, and each comment under it.

    Raises:
        AnswerUnreadable: it is no photo as Flickr writes them.
        DepositRefused: it is damaged.
    """
    value, raw = json_whole(deposit.open(name))
    photo = object_of(value, "a photo")
    native_id = id_of(photo.get("id"), "a photo")
    try:
        raw.decode()
    except UnicodeDecodeError:
        raise AnswerUnreadable("it is not UTF-8") from None
    found = json_parts(raw).get(_COMMENTS, b"[]")
    said = json_list(found) if found.lstrip().startswith(b"[") else []
    yield Part(photo, None, len(said)), _apart(raw, said)
    for comment, own in said:
        yield Part(object_of(comment, "a comment"), native_id), own


def read_part(walk: Walk, part: object, raw: bytes, *, file: str) -> Iterator[Shown]:
    """Give the photo, or the comment under it, that *part* is.

    Raises:
        AnswerUnreadable: it is none, or not dated.
    """
    if not isinstance(part, Part):
        raise AnswerUnreadable("it is no photo")
    if part.under is not None:
        yield walk.comment_under(part.value, raw, photo=part.under)
        return
    yield _photo(walk, part.value, raw)
    due = counted(part.value, "count_comments")
    if due is not None and due != part.comments:
        detail = f"Flickr counts {due} comments on this photo, and gives {part.comments}"
        yield Gap(what=f"{file}, comments", why=GapReason.MISCOUNTED, detail=detail)


def _photo(walk: Walk, photo: Mapping[str, object], raw: bytes) -> Observation:
    native_id = id_of(photo.get("id"), "a photo")
    posted, marks = spaced_moment(photo.get("date_imported") or photo.get("date_taken"))
    if not photo.get("date_imported"):
        marks = (*marks, "date-taken")
    author = walk.export.author
    page = told(photo, "photopage")
    content = Content(
        native_id=native_id,
        kind=ItemKind.POST,
        title=visible_text(told(photo, "name")),
        text=visible_text(told(photo, "description")),
        raw=RawFragment(JSON, raw),
        published_at=posted,
        author=author,
        permalink=page or (f"{SITE}/photos/{author.native_id}/{native_id}/" if author else ""),
        attachments=tuple(_files(walk, native_id)),
        marks=marks,
    )
    counts = {name: counted(photo, field) for name, field in _COUNTS.items()}
    return Observation(
        content=content,
        engagement={name: count for name, count in counts.items() if count is not None},
        restricted=told(photo, "privacy").casefold() != "public",
    )


def _files(walk: Walk, native_id: str) -> Iterator[Attachment]:
    """Give the photo's own files; one that the export does not hold is named all the same."""
    for address in walk.export.media.get(native_id) or [f"photo-{native_id}"]:
        yield file_named(address, key=address)


def _apart(raw: bytes, said: list[tuple[object, bytes]]) -> bytes:
    """Give the file of a photo with a reference in the place of each comment."""
    if not said:
        return raw
    text = raw.decode()
    begin, end = next((b, e) for key, b, e in json_members(text) if key == _COMMENTS)
    named = [comment_id(value) if isinstance(value, dict) else "" for value, _ in said]
    references = json.dumps([{"reference": name} for name in named])
    return f"{text[:begin]}{references}{text[end:]}".encode()
