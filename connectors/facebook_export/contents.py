"""One element of an export's file → one item. An element of another shape gives no item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.facebook_export.mojibake import mend

THREAD_UNKNOWN = "thread-unknown"
"""Marks a comment of which the export does not say under which post it stands."""

_TYPES = {
    "gif": "image/gif",
    "heic": "image/heic",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "m4a": "audio/mp4",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "pdf": "application/pdf",
    "png": "image/png",
    "webm": "video/webm",
    "webp": "image/webp",
}
_WEB = ("http://", "https://")
_JSON = "application/json"


class Ordinals:
    """Tells items of one kind and second apart: the export gives no ids, so they are counted.

    The number is an item's place among those of the same kind and second, in the order of the
    files. It stays when a later export holds more, or fewer, of other seconds; it shifts only
    where one of several items of the very same second is gone from the later export.
    """

    def __init__(self) -> None:
        self._counted: dict[str, dict[int, int]] = {}

    def native_id(self, kind: str, timestamp: int) -> str:
        """Give the id of the next item of *kind* published at *timestamp*."""
        counted = self._counted.setdefault(kind, {})
        number = counted[timestamp] = counted.get(timestamp, 0) + 1
        return f"{kind}-{timestamp}-{number}"


@dataclass(slots=True)
class _Shown:
    """What the attachments of one item show, collected while they are read."""

    marks: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    media: dict[str, Attachment] = field(default_factory=dict)
    links: dict[str, None] = field(default_factory=dict)
    comments: list[Mapping[str, object]] = field(default_factory=list)

    def text(self, value: object) -> str:
        """Give *value* mended, where it is text."""
        return mend(value, self.marks) if isinstance(value, str) else ""

    def say(self, *values: object) -> None:
        """Add each text among *values* to what a reader sees."""
        for value in values:
            if (line := self.text(value)) and line not in self.lines:
                self.lines.append(line)


def posts(
    value: object, raw: bytes, ordinals: Ordinals, author: Author | None
) -> Iterator[Content]:
    """Give the post that *value* is, and the comments that stand in it under a photo.

    Raises:
        ValueError: it is no post, or not dated.
    """
    element = _object(value)
    shown = _Shown()
    updated = 0
    published, timestamp = _dated(element.get("timestamp"))
    for entry in _objects(element.get("data")):
        shown.say(entry.get("post"))
        updated = max(updated, _seconds(entry.get("update_timestamp")))
    _read_attachments(element, shown)
    post = Content(
        native_id=ordinals.native_id("post", timestamp),
        kind=ItemKind.POST,
        title=shown.text(element.get("title")),
        text="\n".join(shown.lines),
        raw=RawFragment(_JSON, raw),
        published_at=published,
        edited_at=_dated(updated)[0] if updated > timestamp else None,
        author=author,
        attachments=tuple(shown.media.values()),
        links=tuple(shown.links),
        marks=tuple(sorted(shown.marks)),
    )
    yield post
    for remark in shown.comments:
        yield _comment_below(remark, post, ordinals)


def comment(value: object, raw: bytes, ordinals: Ordinals) -> Content:
    """Give the comment that *value* is; under which post it stands the export does not say.

    Raises:
        ValueError: it is no comment, or not dated.
    """
    element = _object(value)
    shown = _Shown(marks={THREAD_UNKNOWN})
    published, timestamp = _dated(element.get("timestamp"))
    author = ""
    for entry in _objects(element.get("data")):
        said = entry.get("comment")
        if isinstance(said, Mapping):
            shown.say(said.get("comment"))
            author = author or shown.text(said.get("author"))
    _read_attachments(element, shown)
    return Content(
        native_id=ordinals.native_id("comment", timestamp),
        kind=ItemKind.COMMENT,
        title=shown.text(element.get("title")),
        text="\n".join(shown.lines),
        raw=RawFragment(_JSON, raw),
        published_at=published,
        author=Author(native_id="", name=author) if author else None,
        attachments=tuple(shown.media.values()),
        links=tuple(shown.links),
        marks=tuple(sorted(shown.marks)),
    )


def media_post(value: object, raw: bytes, ordinals: Ordinals, author: Author | None) -> Content:
    """Give the photo or video that *value* is as a post of its own, its id by the file's name.

    Raises:
        ValueError: it is no media, or not dated.
    """
    element = _object(value)
    shown = _Shown()
    published, timestamp = _dated(element.get("creation_timestamp"))
    _read_media(element, shown)
    if not shown.media:
        raise ValueError("no file is named")
    name = next(iter(shown.media.values())).name
    return Content(
        native_id=ordinals.native_id(f"media-{name}", timestamp),
        kind=ItemKind.POST,
        text="",
        raw=RawFragment(_JSON, raw),
        published_at=published,
        author=author,
        attachments=tuple(shown.media.values()),
        marks=tuple(sorted(shown.marks)),
    )


def _comment_below(remark: Mapping[str, object], post: Content, ordinals: Ordinals) -> Content:
    shown = _Shown()
    published, timestamp = _dated(remark.get("timestamp"))
    author = shown.text(remark.get("author"))
    return Content(
        native_id=ordinals.native_id("photo-comment", timestamp),
        kind=ItemKind.COMMENT,
        text=shown.text(remark.get("comment")),
        raw=post.raw,
        published_at=published,
        author=Author(native_id="", name=author) if author else None,
        parent=post.native_id,
        thread=post.native_id,
        marks=tuple(sorted(shown.marks)),
    )


def _read_attachments(element: Mapping[str, object], shown: _Shown) -> None:
    for attachment in _objects(element.get("attachments")):
        for entry in _objects(attachment.get("data")):
            _read_entry(entry, shown)


def _read_entry(entry: Mapping[str, object], shown: _Shown) -> None:
    for kind, value in entry.items():
        if not isinstance(value, Mapping):
            shown.say(value)
        elif kind == "media":
            _read_media(value, shown)
        else:
            shown.say(*(value.get(key) for key in ("name", "question", "description", "address")))
            for option in _objects(value.get("options")):
                shown.say(option.get("option"))
            if link := shown.text(value.get("url")):
                shown.links[link] = None


def _read_media(media: Mapping[str, object], shown: _Shown) -> None:
    uri = shown.text(media.get("uri"))
    if uri.startswith(_WEB):
        shown.links[uri] = None
    elif uri:
        told = (shown.text(media.get("title")), shown.text(media.get("description")))
        name = uri.rpartition("/")[2]
        shown.media[uri] = Attachment(
            key=uri,
            url=uri,
            media_type=_TYPES.get(name.rpartition(".")[2].lower(), ""),
            name=name,
            description="\n".join(text for text in told if text and text not in shown.lines),
        )
    shown.comments.extend(_objects(media.get("comments")))


def _dated(value: object) -> tuple[datetime, int]:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("it has no date")  # noqa: TRY004 # to callers: an element not understood
    try:
        return datetime.fromtimestamp(value, tz=UTC), value
    except (OverflowError, OSError):
        raise ValueError("its date is out of range") from None


def _seconds(value: object) -> int:
    return value if isinstance(value, int) else 0


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError("it is no object")  # noqa: TRY004 # to callers: an element not understood
    return value


def _objects(value: object) -> Iterator[Mapping[str, object]]:
    if isinstance(value, list):
        yield from (entry for entry in value if isinstance(entry, dict))
