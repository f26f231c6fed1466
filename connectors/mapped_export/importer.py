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
        self._twice: list[Gap] = []
        expected = mapping.expected
        manifest = _manifest(deposit, expected.manifest) if expected.manifest else ""
        self._expected = _told(deposit, manifest, expected) if manifest else expected.counts
        super().__init__(
            deposit,
            fetching,
            self._reading,
            consulted=(manifest,),
            lacking=self._twice,
            places=self._spelled,
        )

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield every item of the export, whatever *window* asks, and how many there should be."""
        for kind, count in self._expected.items():
            yield Listed(whole=False, platform_count=count, kinds=(kind,) if kind else _ALL)
        yield from super().visit(window)

    def _reading(self) -> Iterator[Reading]:
        reader = ItemReader(self._mapping)
        for name in self._files:
            elements, shows = partial(self._elements, name), partial(_shows, reader)
            yield Reading(name=name, elements=elements, shows=shows, where=place_of)
        self._twice[:] = _told_twice(reader.again)

    def _elements(self, name: str) -> Iterator[Element]:
        for record in records(self.deposit, name, self._mapping):
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


def _told_twice(count: int) -> list[Gap]:
    """Give the gap that records leave whose id another record had before."""
    detail = f"records with the id of another one, which count as its wordings: {count}"
    gap = Gap(what="the ids of records", why=GapReason.MISCOUNTED, detail=detail)
    return [gap] if count else []


def _shows(reader: ItemReader, value: object, _raw: bytes) -> Iterator[Observation]:
    yield reader.read(record_of(value))


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
            faults, remedy="Mend the mapping's [fields] and [counts]; docs/importing.md explains."
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
