"""One record of a foreign export → one item, by the mapping. Pure.

No message here carries what a record says: it names the field, and the place is added.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from archiver.records.canonical import LARGEST_INTEGER
from archiver.records.captures import Observation, PlatformState
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.deposits import Ordinals
from connectors.mapped_export.mapping import SEVERAL, ExportMapping
from connectors.mapped_export.reading import Record, media_type

UNKNOWN_STATE = "state-unknown"
"""Marks an item whose state the mapping has no word for."""

AMBIGUOUS_TIME = "time-ambiguous"
"""Marks an item of an hour that the clocks of its zone showed twice, or not at all."""


_PLACES = 5
_NO_CHARACTER = re.compile(r"[\ud800-\udfff]")
_NEEDED = ("id", "state", "text")


class ItemReader:
    """Reads the records of one deposit by one mapping.

    *again* counts those whose id one before had, of which *first_again* says where the first few
    stand: of each id no more than a number is remembered. *garbled* and *first_garbled* say the
    same of those with bytes that are no characters. *unmet* are those names (ours, the export's)
    without which words or states are lost, of which no record so far had the field.
    """

    def __init__(self, mapping: ExportMapping) -> None:
        self.again = 0
        self.first_again: list[str] = []
        self.garbled = 0
        self.first_garbled: list[str] = []
        self.unmet = {(ours, mapping.fields[ours]) for ours in _NEEDED if ours in mapping.fields}
        self._known: set[int] = set()
        self._mapping = mapping
        self._media_type = media_type(mapping)
        self._ordinals = Ordinals()

    def read(self, record: Record, *, file: str) -> Observation:
        """Give the item that *record* of *file* is.

        Raises:
            ValueError: fields of it cannot be read as the mapping says; names each.
        """
        self.unmet -= {pair for pair in self.unmet if _met(record.fields, pair[1])}
        try:
            return self._read(record, file)
        except ValueError as first:
            faults = "; ".join(self._faults(record))
            raise ValueError(faults or str(first)) from None

    def _read(self, record: Record, file: str) -> Observation:
        marks: set[str] = set()
        kind = self._kind(record)
        published = self._moment(record, "published_at", marks)
        if published is None:
            raise ValueError("it has no date")
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
        if any(isinstance(v, str) and _NO_CHARACTER.search(v) for v in record.fields.values()):
            self.garbled += 1
            if len(self.first_garbled) < _PLACES:
                self.first_garbled.append(f"{file}, {record.place}")
        known = hash(content.native_id)
        if known in self._known:
            self.again += 1
            if len(self.first_again) < _PLACES:
                self.first_again.append(f"{file}, {record.place}")
        self._known.add(known)
        restricted = self._mapping.restricted or kind is ItemKind.MESSAGE
        counts = dict(self._counts(record))
        return Observation(content=content, state=state, restricted=restricted, engagement=counts)

    def _counted(self, kind: ItemKind, published: datetime) -> str:
        return self._ordinals.native_id(kind.value, int(published.timestamp()))

    def _faults(self, record: Record) -> Iterator[str]:
        """Give all that is wrong with the fields of *record*, each once it was tried alone."""
        mapped = (*self._mapping.fields, *self._mapping.counts)
        for ours in dict.fromkeys(("kind", "published_at", *mapped)):
            try:
                if ours == "kind":
                    self._kind(record)
                elif ours in ("published_at", "edited_at"):
                    if self._moment(record, ours, set()) is None and ours == "published_at":
                        yield f"{self._called(ours)}: it has no date"
                elif ours in self._mapping.counts:
                    self._count(record, ours)
                elif ours in SEVERAL:
                    list(self._several(record, ours))
                else:
                    self._text(record, ours)
            except ValueError as fault:
                yield str(fault)

    def _called(self, ours: str) -> str:
        """Give how *ours* is called, here and in the export."""
        theirs = self._mapping.fields.get(ours) or self._mapping.counts.get(ours)
        return f"{ours} ({theirs!r} in the export)" if theirs else ours

    def _kind(self, record: Record) -> ItemKind:
        word = self._text(record, "kind").strip().casefold()
        if word not in self._mapping.kinds:
            raise ValueError(
                f"{self._called('kind')}: the mapping's [kinds] has no such word; add it there"
                if word
                else f"{self._called('kind')}: is empty, and [constants] says nothing"
            )
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
        return _plain(self._called(ours), value) or self._mapping.constants.get(ours, "")

    def _several(self, record: Record, ours: str) -> Iterator[str]:
        theirs = self._mapping.fields.get(ours)
        value = _found(record.fields, theirs) if theirs else None
        between, called = self._mapping.split.get(ours), self._called(ours)
        if isinstance(value, list):
            yield from (text for each in value if (text := _plain(called, each).strip()))
            return
        text = _plain(called, value).strip()
        mark = "\n" if between == "line" else between
        yield from filter(None, map(str.strip, text.split(mark) if mark else [text]))

    def _attachments(self, record: Record) -> Iterator[Attachment]:
        for place in dict.fromkeys(self._several(record, "attachments")):
            name = place.replace("\\", "/").rpartition("/")[2]
            kind = mimetypes.guess_type(name, strict=True)[0] or ""
            yield Attachment(key=place, url=place, media_type=kind, name=name)

    def _counts(self, record: Record) -> Iterator[tuple[str, int]]:
        for ours in self._mapping.counts:
            if (count := self._count(record, ours)) is not None:
                yield ours, count

    def _count(self, record: Record, ours: str) -> int | None:
        called, theirs = self._called(ours), self._mapping.counts[ours]
        text = _plain(called, _found(record.fields, theirs)).strip().replace(",", "")
        if not text:
            return None
        if not (text.isascii() and text.isdigit()) or len(text) > len(str(LARGEST_INTEGER)):
            raise ValueError(f"{called}: is no whole number")
        return min(int(text), LARGEST_INTEGER)

    def _moment(self, record: Record, ours: str, marks: set[str]) -> datetime | None:
        text = self._text(record, ours).strip()
        if not text:
            return None
        for pattern in self._mapping.times:
            when = _dated(text, pattern)
            if when is not None:
                return self._zoned(ours, when, marks)
        forms = ", ".join(self._mapping.times)
        raise ValueError(
            f"{self._called(ours)}: is in none of the mapping's [time] formats: {forms}"
        )

    def _zoned(self, ours: str, when: datetime, marks: set[str]) -> datetime:
        zone = self._mapping.zone
        if when.tzinfo is None and zone is None:
            raise ValueError(
                f"{self._called(ours)}: names no time zone, and neither does the mapping's [time]"
            )
        if when.tzinfo is None:
            early, late = (when.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
            if early.utcoffset() != late.utcoffset():
                marks.add(AMBIGUOUS_TIME)
            when = early
        try:
            return when.astimezone(UTC)
        except (OverflowError, ValueError):
            raise ValueError(f"{self._called(ours)}: is out of range") from None


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


def _met(fields: Mapping[str, object], path: str) -> bool:
    """Say whether a record has the field at *path*, were it empty."""
    here: object = fields
    for step in [path] if path in fields else path.split("."):
        if isinstance(here, list):
            here = next((each for each in here if isinstance(each, Mapping) and step in each), None)
        if not isinstance(here, Mapping) or step not in here:
            return False
        here = here[step]
    return True


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
