"""The importer: the files a mapping names, record by record; memory holds one of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import partial

from archiver.records.captures import Gap, GapReason, Listed, Observation, Seen, Window
from archiver.records.errors import AttachmentGone, DepositRefused
from archiver.records.items import ItemKind
from archiver.records.pages import FetchSettings
from connectors.deposits import Deposit, DepositSource, Element, Reading, refuse_several
from connectors.mapped_export.mapping import Expected, ExportMapping
from connectors.mapped_export.reading import missing_columns, place_of, record_of, records
from connectors.mapped_export.values import ItemReader

_LARGEST_MANIFEST = 1024**2
_WEB = ("http://", "https://")
_ALL = tuple(kind.value for kind in ItemKind)


class MappedSource(DepositSource):
    """One foreign export, opened for one visit by its mapping."""

    def __init__(self, mapping: ExportMapping, fetching: FetchSettings, deposit: Deposit) -> None:
        """Judge whether *deposit* is what *mapping* is written for.

        Raises:
            DepositRefused: no file is one the mapping names, or it has not the columns; names
                every fault.
        """
        self._mapping = mapping
        self._files = _files(deposit, mapping)
        self._roots = _roots(self._files)
        self._wrong: list[Gap] = []
        self._met_records = False
        expected = mapping.expected
        manifest = _manifest(deposit, expected.manifest) if expected.manifest else ""
        self._expected = _told(deposit, manifest, expected) if manifest else expected.counts
        super().__init__(
            deposit,
            fetching,
            self._reading,
            consulted=(manifest,),
            lacking=self._wrong,
            places=self._spelled,
        )

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield every item of the export, whatever *window* asks, and how many there should be."""
        for kind, count in self._expected.items():
            yield Listed(whole=False, platform_count=count, kinds=(kind,) if kind else _ALL)
        yield from super().visit(window)

    def _reading(self) -> Iterator[Reading]:
        reader, self._met_records = ItemReader(self._mapping), False
        for name in self._files:
            elements, shows = partial(self._elements, name), partial(_shows, reader, name)
            yield Reading(name=name, elements=elements, shows=shows, where=place_of)
        garbled = _garbled(reader, self._mapping.encoding)
        self._wrong[:] = [*_told_twice(reader), *garbled, *self._unmet(reader)]

    def _unmet(self, reader: ItemReader) -> Iterator[Gap]:
        """Give a gap for each field of the mapping that no record had, if there were records."""
        for ours, theirs in sorted(reader.unmet) if self._met_records else ():
            what = f"the field {theirs!r}, which the mapping names as {ours}"
            detail = "no record has it: mend the mapping's name of it, or take it out"
            yield Gap(what=what, why=GapReason.UNREADABLE, detail=detail)

    def _elements(self, name: str) -> Iterator[Element]:
        for record in records(self.deposit, name, self._mapping):
            self._met_records = self._met_records or not record.fault
            yield record, record.raw

    def _spelled(self, address: str) -> Iterator[str]:
        """Give the names under which the file at *address* may lie in the export.

        Raises:
            AttachmentGone: it is a web address; an import visits none.
        """
        if address.lower().startswith(_WEB):
            raise AttachmentGone("the export gives its web address alone, and does not hold it")
        for root in self._roots:
            yield root + address
            yield root + address.replace("\\", "/").removeprefix("./")


def _told_twice(reader: ItemReader) -> Iterator[Gap]:
    """Give the gap that records leave whose id another record had before."""
    if reader.again:
        detail = f"records with the id of another one, which count as its wordings: {reader.again}"
        detail += f" (first {'; '.join(reader.first_again)})"
        yield Gap(what="the ids of records", why=GapReason.MISCOUNTED, detail=detail)


def _garbled(reader: ItemReader, encoding: str) -> Iterator[Gap]:
    """Give the gap that records leave whose bytes are no characters: they are kept as they are."""
    if reader.garbled:
        detail = f"records with bytes that are no characters in {encoding}: {reader.garbled}"
        detail += f" (first {'; '.join(reader.first_garbled)}); mend the mapping's `encoding`"
        yield Gap(what="the characters of records", why=GapReason.UNREADABLE, detail=detail)


def _shows(reader: ItemReader, file: str, value: object, _raw: bytes) -> Iterator[Observation]:
    yield reader.read(record_of(value), file=file)


def _files(deposit: Deposit, mapping: ExportMapping) -> list[str]:
    names = [
        name
        for name in deposit.names()
        if any(
            fnmatchcase(name, pattern) or fnmatchcase(name.rpartition("/")[2], pattern)
            for pattern in mapping.files
        )
    ]
    if not names:
        raise DepositRefused(
            f"{deposit.name} holds no file that the mapping names: {', '.join(mapping.files)}",
            remedy="Name the export's files in the mapping's `files`.",
        )
    refuse_several(deposit, names, alike=True)
    faults = [fault for name in names for fault in missing_columns(deposit, name, mapping)]
    if faults:
        raise DepositRefused(
            faults,
            remedy="Mend the mapping: its [fields] and [counts], or what else is named; "
            "docs/importing.md explains.",
        )
    return names


def _roots(names: list[str]) -> list[str]:
    """Give the folders from which the address of a file may count, the likeliest first."""
    roots = {""}
    for name in names:
        folders = name.split("/")[:-1]
        roots.update("/".join(folders[:depth]) + "/" for depth in range(1, len(folders) + 1))
    return sorted(roots, key=lambda root: (root.count("/"), root))


def _manifest(deposit: Deposit, named: str) -> str:
    """Find the deposit's own manifest, which the mapping has *named*."""
    for root in _roots(deposit.names()):
        if root + named in deposit:
            return root + named
    raise DepositRefused(
        f"{deposit.name} holds no {named}, which the mapping asks for its counts",
        remedy="Import the export with its manifest, or take it out of the mapping.",
    )


def _told(deposit: Deposit, name: str, expected: Expected) -> dict[str, int]:
    """Read out of the deposit's own manifest, the file *name*, how many items there should be."""
    try:
        told = json.loads(b"".join(deposit.open(name))[:_LARGEST_MANIFEST])
    except (ValueError, RecursionError):
        raise DepositRefused(f"{name} is no JSON that could tell counts") from None
    found = {kind: _count(told, path) for kind, path in expected.paths.items()}
    counts = {kind: count for kind, count in found.items() if count is not None}
    if absent := [expected.paths[kind] for kind in found.keys() - counts.keys()]:
        raise DepositRefused(
            [f"{name}: there is no count at {path}" for path in sorted(absent)],
            remedy="Mend [expected] in the mapping; docs/importing.md explains it.",
        )
    return counts


def _count(value: object, path: str) -> int | None:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return value
