"""One record of a foreign export → one item, by the mapping. Pure.

No message here carries what a record says: it names the field, and the place is added.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from archiver.records.canonical import LARGEST_INTEGER
from archiver.records.captures import Observation, PlatformState
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.deposits import Ordinals
from connectors.mapped_export.mapping import ExportMapping
from connectors.mapped_export.reading import Record, media_type

UNKNOWN_STATE = "state-unknown"
"""Marks an item whose state the mapping has no word for."""

AMBIGUOUS_TIME = "time-ambiguous"
"""Marks an item of an hour that the clocks of its zone showed twice, or not at all."""


class ItemReader:
    """Reads the records of one deposit by one mapping.

    *again* counts those whose id one before had: of each id no more than a number is remembered.
    """

    def __init__(self, mapping: ExportMapping) -> None:
        self.again = 0
        self._known: set[int] = set()
        self._mapping = mapping
        self._media_type = media_type(mapping)
        self._ordinals = Ordinals()

    def read(self, record: Record) -> Observation:
        """Give the item that *record* is.

        Raises:
            ValueError: a field of it cannot be read as the mapping says.
        """
        marks: set[str] = set()
        kind = self._kind(record)
        published = self._moment(record, "published_at", marks)
        if published is None:
            raise ValueError("published_at: it has no date")
        state = self._state(record, marks)
        content = Content(
            native_id=self._text(record, "id") or self._counted(kind, published),
            kind=kind,
            title=self._text(record, "title"),
            text=self._text(record, "text"),
            raw=RawFragment(self._media_type, record.raw),
            published_at=published,
            edited_at=self._moment(record, "edited_at", marks),
            author=self._author(record),
            parent=self._text(record, "parent") or None,
            thread=self._text(record, "thread") or None,
            permalink=self._text(record, "url"),
            attachments=tuple(self._attachments(record)),
            links=tuple(dict.fromkeys(self._several(record, "links"))),
            language=self._text(record, "language"),
            marks=tuple(sorted(marks)),
        )
        known = hash(content.native_id)
        self.again += known in self._known
        self._known.add(known)
        restricted = self._mapping.restricted or kind is ItemKind.MESSAGE
        counts = dict(self._counts(record))
        return Observation(content=content, state=state, restricted=restricted, engagement=counts)

    def _counted(self, kind: ItemKind, published: datetime) -> str:
        return self._ordinals.native_id(kind.value, int(published.timestamp()))

    def _kind(self, record: Record) -> ItemKind:
        word = self._text(record, "kind").strip().casefold()
        if word not in self._mapping.kinds:
            raise ValueError("kind: the mapping's [kinds] has no such word")
        return self._mapping.kinds[word]

    def _state(self, record: Record, marks: set[str]) -> PlatformState:
        word = self._text(record, "state").strip().casefold()
        if not word:
            return PlatformState.PRESENT
        if word not in self._mapping.states:
            marks.add(UNKNOWN_STATE)
        return self._mapping.states.get(word, PlatformState.UNKNOWN)

    def _author(self, record: Record) -> Author | None:
        native_id, name, handle, url = (
            self._text(record, ours)
            for ours in ("author_id", "author", "author_handle", "author_url")
        )
        return Author(native_id, name, handle, url) if native_id or name or handle else None

    def _text(self, record: Record, ours: str) -> str:
        """Give the text of what we call *ours*, or what the mapping says of every item."""
        theirs = self._mapping.fields.get(ours)
        value = _found(record.fields, theirs) if theirs else None
        return _plain(ours, value) or self._mapping.constants.get(ours, "")

    def _several(self, record: Record, ours: str) -> Iterator[str]:
        theirs = self._mapping.fields.get(ours)
        value = _found(record.fields, theirs) if theirs else None
        between = self._mapping.split.get(ours)
        if isinstance(value, list):
            yield from (text for each in value if (text := _plain(ours, each).strip()))
        elif between:
            mark = "\n" if between == "line" else between
            yield from (text for each in _plain(ours, value).split(mark) if (text := each.strip()))
        elif text := _plain(ours, value).strip():
            yield text

    def _attachments(self, record: Record) -> Iterator[Attachment]:
        for place in dict.fromkeys(self._several(record, "attachments")):
            name = place.replace("\\", "/").rpartition("/")[2]
            kind = mimetypes.guess_type(name, strict=True)[0] or ""
            yield Attachment(key=place, url=place, media_type=kind, name=name)

    def _counts(self, record: Record) -> Iterator[tuple[str, int]]:
        for ours, theirs in self._mapping.counts.items():
            text = _plain(ours, _found(record.fields, theirs)).strip().replace(",", "")
            if not text:
                continue
            if not (text.isascii() and text.isdigit()) or len(text) > len(str(LARGEST_INTEGER)):
                raise ValueError(f"{ours}: is no whole number")
            yield ours, min(int(text), LARGEST_INTEGER)

    def _moment(self, record: Record, ours: str, marks: set[str]) -> datetime | None:
        text = self._text(record, ours).strip()
        if not text:
            return None
        for pattern in self._mapping.times:
            when = _dated(text, pattern)
            if when is not None:
                return self._zoned(ours, when, marks)
        raise ValueError(f"{ours}: is in none of the mapping's forms of a time")

    def _zoned(self, ours: str, when: datetime, marks: set[str]) -> datetime:
        zone = self._mapping.zone
        if when.tzinfo is None and zone is None:
            raise ValueError(f"{ours}: names no time zone, and neither does the mapping")
        if when.tzinfo is None:
            early, late = (when.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
            if early.utcoffset() != late.utcoffset():
                marks.add(AMBIGUOUS_TIME)
            when = early
        try:
            return when.astimezone(UTC)
        except (OverflowError, ValueError):
            raise ValueError(f"{ours}: is out of range") from None


def _found(fields: Mapping[str, object], path: str) -> object:
    """Give the value at *path*: a field of that name, or one within another (`author.name`)."""
    if path in fields:
        return fields[path]
    here: object = fields
    for step in path.split("."):
        if isinstance(here, list):
            here = [each.get(step) for each in here if isinstance(each, Mapping)]
        elif isinstance(here, Mapping):
            here = here.get(step)
        else:
            return None
    return here


def _plain(ours: str, value: object) -> str:
    """Give a text, or a whole number as one; nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"{ours}: is neither text nor a whole number")  # noqa: TRY004 # to callers: a record not understood
    try:
        return str(value)
    except ValueError:
        raise ValueError(f"{ours}: is a number of thousands of digits") from None


def _dated(text: str, pattern: str) -> datetime | None:
    """Read *text* as *pattern* says, or give None."""
    try:
        if pattern == "iso":
            return datetime.fromisoformat(text)
        if pattern in ("epoch", "epoch-ms"):
            return datetime.fromtimestamp(float(text) / (1000 if pattern[5:] else 1), tz=UTC)
        return datetime.strptime(text, pattern)  # noqa: DTZ007 # the mapping's zone is added next
    except (ValueError, OverflowError, OSError):
        return None
