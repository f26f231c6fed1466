"""The mapping file: which field of a foreign export is what, and how its words are to be read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from archiver.records.captures import PlatformState
from archiver.records.errors import ConfigInvalid
from archiver.records.items import ItemKind
from archiver.records.schedule_tables import Table
from connectors.cutting import ENCODINGS

FORMATS = ("csv", "jsonl", "json")
SINGLE = (
    "id", "kind", "title", "text", "published_at", "edited_at", "author", "author_id",
    "author_handle", "author_url", "parent", "thread", "url", "language", "state",
)  # fmt: skip
"""What a mapping can name that an item has once."""

SEVERAL = ("attachments", "links")
"""What a mapping can name that an item has any number of."""

CONSTANT = ("kind", "author", "author_id", "author_handle", "author_url", "language", "state")
"""What a mapping can say of every item alike."""

DELIMITERS = {"comma": ",", "pipe": "|", "semicolon": ";", "tab": "\t"}
WORDED = ("iso", "epoch", "epoch-ms")
"""Forms of a time that have a name; any other is a pattern of `strptime`."""

_MOST = 10**12
_ENGAGEMENT = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """How many items there should be: of each kind, or (under "") of all.

    *manifest* is a JSON file of the deposit that says so, and *paths* says where in it.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    manifest: str = ""
    paths: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportMapping:
    """A mapping file, checked. *kinds* and *states* are known by their words in lower case.

    *fields*, *split* and *counts* lead from our name to that of the export's field (or what stands
    between several values in it); *times* are tried in order, *zone* is that of times without one.
    """

    format: str
    files: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    records: str = ""
    times: tuple[str, ...] = ("iso",)
    zone: ZoneInfo | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    split: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, ItemKind] = field(default_factory=dict)
    states: Mapping[str, PlatformState] = field(default_factory=dict)
    restricted: bool = False
    expected: Expected = field(default_factory=Expected)

    @property
    def loose(self) -> tuple[str, ...]:
        """Give how files end that may be handed in by themselves, without a zip or a folder."""
        ends = {pattern.rpartition(".")[2].lower() for pattern in self.files if "." in pattern}
        return tuple(sorted(f".{end}" for end in ends if end.isalnum() and end != "zip"))

    @property
    def named(self) -> list[str]:
        """Give every field of the export that the mapping names."""
        return [*self.fields.values(), *self.counts.values()]


def read_mapping(path: Path) -> ExportMapping:
    """Read the mapping file at *path*.

    Raises:
        ConfigInvalid: it is not there, or breaks its rules; names every fault.
    """
    faults: list[str] = []
    mapping = None
    try:
        top = Table.of_file(path.name, path.read_bytes(), faults)
    except OSError as error:
        raise ConfigInvalid(
            f"the mapping file {path.name} cannot be read: {error.strerror}",
            remedy="Name it in the page's `mapping`; docs/importing.md shows one.",
        ) from None
    if top is not None:
        mapping = _mapping(top)
        top.finish()
    if mapping is None or faults:
        raise ConfigInvalid(faults, remedy="Mend the mapping file; docs/importing.md explains it.")
    return mapping


def _mapping(top: Table) -> ExportMapping:
    kind = _one_of(top, "format", FORMATS)
    fields = _words(top, "fields", (*SINGLE, *SEVERAL), required=True)
    constants = _words(top, "constants", CONSTANT)
    kinds, states = _kinds(top), _states(top)
    _demand(top, fields, constants)
    for name, known in (("kind", set(ItemKind)), ("state", set(PlatformState))):
        if constants.get(name) and constants[name] not in known:
            top.fault("constants", f"{name}: is not one of {', '.join(sorted(known))}")
    times, zone = _times(top)
    return ExportMapping(
        format=kind,
        files=top.texts("files") or (f"*.{kind}",),
        encoding=_one_of(top, "encoding", ENCODINGS, "utf-8"),
        delimiter=_delimiter(top, kind),
        records=_only_in(top, "records", kind, "json"),
        times=times,
        zone=zone,
        fields=fields,
        split=_words(top, "split", SEVERAL),
        counts=_counts(top),
        constants=constants,
        kinds=kinds,
        states=states,
        restricted=top.flag("restricted", default=False),
        expected=_expected(top),
    )


def _demand(top: Table, fields: Mapping[str, str], constants: Mapping[str, str]) -> None:
    if "published_at" not in fields:
        top.fault("fields", "published_at: is missing; an item without a date cannot be kept")
    if not fields.keys() & {"text", "title", "attachments"}:
        top.fault("fields", "names neither text nor title nor attachments")
    if "kind" not in fields and "kind" not in constants:
        top.fault("fields", "kind: is missing; name a field, or say it in [constants]")


def _one_of(table: Table, key: str, words: Sequence[str], default: str = "") -> str:
    word = table.text(key, default=default or None)
    if word and word not in words:
        table.fault(key, f"must be one of {', '.join(words)}")
        return words[0]
    return word


def _only_in(table: Table, key: str, kind: str, only: str) -> str:
    if table.has(key) and kind != only:
        table.fault(key, f"is only for format = {only!r}")
    return table.text(key, default="")


def _delimiter(table: Table, kind: str) -> str:
    if table.has("delimiter") and kind != "csv":
        table.fault("delimiter", "is only for format = 'csv'")
    return DELIMITERS[_one_of(table, "delimiter", sorted(DELIMITERS), "comma")]


def _words(
    top: Table, key: str, names: tuple[str, ...], *, required: bool = False
) -> dict[str, str]:
    """Read a table of texts, of which only *names* are known."""
    table = top.table(key, required=required)
    if table is None:
        return {}
    found = {name: table.text(name) for name in names if table.has(name)}
    table.finish()
    return found


def _counts(top: Table) -> dict[str, str]:
    table = top.table("counts")
    if table is None:
        return {}
    for name in table.written():
        if not _ENGAGEMENT.fullmatch(name):
            table.fault(name, "must be a short word in small letters, such as likes")
    return {name: table.text(name) for name in table.written()}


def _kinds(top: Table) -> dict[str, ItemKind]:
    table = top.table("kinds")
    own = {kind.value: kind for kind in ItemKind}
    if table is None:
        return own
    return own | {word.casefold(): table.word(word, ItemKind) for word in table.written()}


def _states(top: Table) -> dict[str, PlatformState]:
    table = top.table("states")
    own = {state.value: state for state in PlatformState}
    if table is None:
        return own
    return own | {word.casefold(): table.word(word, PlatformState) for word in table.written()}


def _times(top: Table) -> tuple[tuple[str, ...], ZoneInfo | None]:
    table = top.table("time")
    if table is None:
        return ("iso",), None
    formats = table.texts("formats") or ("iso",)
    for pattern in formats:
        if pattern not in WORDED and "%" not in pattern:
            table.fault("formats", f"{pattern!r} is neither {', '.join(WORDED)} nor a pattern")
        elif pattern not in WORDED and (fault := _bad_pattern(pattern)):
            table.fault("formats", f"{pattern!r} is no pattern of a time: {fault}")
    zone = table.parsed("zone", _zone)
    table.finish()
    return formats, zone


def _bad_pattern(pattern: str) -> str:
    """Say what is wrong with a pattern of a time itself; nothing where it could match one."""
    try:
        datetime.strptime("", pattern)  # noqa: DTZ007 # nothing is read by it
    except ValueError as fault:
        return str(fault).partition(" in format")[0] if "does not match" not in str(fault) else ""
    return ""


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise ValueError(f"{name!r} is no time zone, such as America/Los_Angeles") from None


def _expected(top: Table) -> Expected:
    table = top.table("expected")
    if table is None:
        return Expected()
    names = ["items", *(kind.value for kind in ItemKind)]
    manifest = table.text("manifest", default="")
    given = [name for name in names if table.has(name)]
    if "items" in given and len(given) > 1:
        table.fault("items", "is the count of all; say it, or the counts of kinds, not both")
    of = {name: "" if name == "items" else name for name in given}
    paths = {of[name]: table.text(name) for name in given} if manifest else {}
    counts: dict[str, int] = {}
    for name in given if not manifest else ():
        counts[of[name]] = table.whole(name, least=0, most=_MOST) or 0
    table.finish()
    return Expected(counts=counts, manifest=manifest, paths=paths)
