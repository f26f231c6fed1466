"""What the elements of exports have in common: dates in seconds, files by name, counted ids."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment
from connectors.cutting import moment_of

THREAD_UNKNOWN = "thread-unknown"
"""Marks a comment or reply of which the export does not say in which thread it stands."""

ZONE_ASSUMED = "zone-assumed"
"""Marks an item whose date names no zone in the export: UTC was taken."""

_UTC = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,6})?)\s*(?:UTC|Z)")
_TYPES = {
    "aac": "audio/aac",
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
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    "webm": "video/webm",
    "webp": "image/webp",
}


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


def dated(value: object) -> tuple[datetime, int]:
    """Give the moment that *value*, in seconds since 1970, means; and the seconds.

    Raises:
        AnswerUnreadable: it is no number of seconds, or none within the calendar.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise AnswerUnreadable("it has no date")
    try:
        return datetime.fromtimestamp(value, tz=UTC), value
    except (OverflowError, OSError, ValueError):
        raise AnswerUnreadable("its date is out of range") from None


def as_iso(told: str) -> str:
    """Give the time `2023-11-14 22:13:20 UTC` as ISO 8601 writes it; any other as it is."""
    found = _UTC.fullmatch(told)
    return f"{found[1]}T{found[2]}+00:00" if found else told


def spaced_moment(value: object) -> tuple[datetime, tuple[str, ...]]:
    """Give the moment of `2023-11-14 22:13:20 UTC`; where no zone is named, UTC, and a mark.

    Raises:
        AnswerUnreadable: it is no such time.
    """
    if not isinstance(value, str):
        raise AnswerUnreadable("it has no date")
    told = value.strip()
    try:
        return moment_of(as_iso(told)), ()
    except AnswerUnreadable:
        return moment_of(as_iso(f"{told} UTC")), (ZONE_ASSUMED,)


def seconds(value: object) -> int:
    """Give the seconds *value*, or 0 where it is no such number."""
    return value if isinstance(value, int) else 0


def entries(value: object) -> Iterator[Mapping[str, object]]:
    """Give every object in the list *value*; nothing where it is none."""
    if isinstance(value, list):
        yield from (entry for entry in value if isinstance(entry, dict))


def file_named(address: str, *, key: str = "", description: str = "") -> Attachment:
    """Give the file at *address* inside an export as an attachment, its type by its name."""
    name = address.rpartition("/")[2]
    return Attachment(
        key=key or address,
        url=address,
        media_type=_TYPES.get(name.rpartition(".")[2].lower(), ""),
        name=name,
        description=description,
    )
