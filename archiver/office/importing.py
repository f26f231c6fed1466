"""Importing a deposit, with the index and the object store each in a process of its own."""

from __future__ import annotations

import gc
import hashlib
import multiprocessing
import os
import signal
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path

from archiver.objects.beside import KeeperBeside
from archiver.objects.folder import FolderStore
from archiver.office import Office
from archiver.office.lookup import read_config
from archiver.office.rendering import OfficeRenderer, RendererBeside
from archiver.ports import Connector
from archiver.procedures.capture import Progress, Visitor, capture
from archiver.procedures.indexing import feed
from archiver.procedures.receiving import receive
from archiver.procedures.reckoning import Count, Reckoned
from archiver.procedures.rehearsing import Rehearsal, rehearse
from archiver.records.canonical import Json
from archiver.records.captures import Coverage
from archiver.records.errors import ArchiverError
from archiver.records.pages import PageSettings
from archiver.records.people import Person

_PAUSE_SECONDS = 0.2

_MANY_OBJECTS = 20_000
"""How many objects may be made before garbage among them is looked for; as a rule it is 700."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import, and every count that was claimed, held against what was read."""

    coverage: Coverage
    counts: tuple[Count, ...]


def import_deposit(
    office: Office,
    page: PageSettings,
    deposit: Path,
    *,
    by: Person,
    expected: Mapping[str, int],
    progress: Progress = lambda _count: None,
) -> Imported:
    """Import *deposit* for *page*, while other processes index and keep what was read.

    *expected* are the counts of whoever hands it in, by kind of item; what is not met is a gap.

    Raises:
        DepositRefused: the deposit is not an export, or not safe to open.
    """
    office.open_schedule(by)
    connector = office.connectors[page.connector]
    with (
        office.source(page, deposit=deposit) as source,
        indexing_beside(office.config.file),
        importing_visitor(office, by) as visitor,
    ):
        told = _facts(deposit) | {"read_by": read_by(connector, page)}
        receive(office.account, by, name=_plain(deposit.name), **told)
        reckoned = Reckoned(source, expected)
        coverage = capture(visitor, connector, page, reckoned, progress=progress)
        return Imported(coverage, tuple(reckoned.counts))


def rehearse_import(
    office: Office,
    page: PageSettings,
    deposit: Path,
    *,
    by: Person,
    expected: Mapping[str, int],
    progress: Progress = lambda _count: None,
) -> Rehearsal:
    """Read *deposit* for *page* as an import would, and tell what came of it; write nothing.

    Raises:
        DepositRefused: the deposit is not an export, or not safe to open.
    """
    connector = office.connectors[page.connector]
    with office.source(page, deposit=deposit) as source:
        reckoned = Reckoned(source, expected)
        tried = rehearse(office.account, by, connector, page, reckoned, progress=progress)
        tried.counts = tuple(reckoned.counts)
        return tried


@contextmanager
def importing_visitor(office: Office, by: Person) -> Iterator[Visitor]:
    """Hand out what a capture may use; many contents are rendered beside, and kept beside.

    The second only where objects lie in a folder.
    """
    visitor, store = office.visitor(by), office.objects
    again = partial(OfficeRenderer, office.config.file)
    with (
        closing(RendererBeside(visitor.renderer, again)) as renderer,
        _collecting_garbage_seldom(),
    ):
        visitor = replace(visitor, renderer=renderer)
        if not isinstance(store, FolderStore):
            yield visitor
            return
        once_more = partial(FolderStore, Path(store.location))
        with closing(KeeperBeside(store, once_more)) as keeper:
            yield replace(visitor, objects=keeper)


@contextmanager
def _collecting_garbage_seldom() -> Iterator[None]:
    """Let the collector come seldom, and pass over what is there already.

    What an import lets go of goes by itself, but for what refers to itself in a circle. The
    collector looks for that among everything that waits to be entered, again and again; seldom
    is enough for a run that ends. What it saves depends on the export, and is small.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_MANY_OBJECTS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _facts(deposit: Path) -> dict[str, Json]:
    """Give the SHA-256 of a deposit and its entry list; for a folder, of every file in it."""
    files = [deposit] if deposit.is_file() else sorted(p for p in deposit.rglob("*") if p.is_file())
    digests: list[Json] = []
    entries: list[Json] = []
    for path in files:
        with path.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as zipped:
                entries.extend(zipped.namelist())
        else:
            entries.append(path.relative_to(deposit).as_posix() if path != deposit else path.name)
    return {"digests": digests, "entries": [_plain(str(entry)) for entry in entries]}


def _plain(name: str) -> str:
    """Give the name of a file as a paper may hold it, were it not UTF-8."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def read_by(connector: Connector, page: PageSettings) -> dict[str, Json]:
    """Give the name, SHA-256 and text of every file that a setting of *page* names."""
    found: dict[str, Json] = {}
    for setting in connector.settings:
        path = Path(str(page.options.get(setting.name) or ""))
        if setting.kind == "file" and path.is_file():
            data = path.read_bytes()
            found[setting.name] = {
                "name": path.name,
                "sha256": hashlib.sha256(data).hexdigest(),
                "text": data.decode("utf-8", "replace"),
            }
    return found


@contextmanager
def indexing_beside(config: Path) -> Iterator[None]:
    """Keep an indexer at work in a process of its own while the block runs.

    A Ctrl-C is for us alone: the indexer is told to stop, and ends with its batch done.
    """
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    worker = context.Process(target=_index_until, args=(config, stop), daemon=True)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # inherited by the worker
    try:
        worker.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    try:
        yield
    finally:
        stop.set()
        worker.join()


def _index_until(config: Path, stop: Event) -> None:
    """Feed the index until *stop*, or until nobody is left to say so.

    Then no more is done than the batch under way.
    """
    parent = multiprocessing.parent_process()

    def ended() -> bool:
        return stop.is_set() or parent is None or not parent.is_alive()

    try:
        with closing(Office(read_config(config, os.environ))) as office:
            while not stop.wait(_PAUSE_SECONDS) and not ended():
                feed(office.catalogue, office.index, stop_when=ended)
    except (ArchiverError, OSError):
        return  # the outbox keeps what it held; the import feeds the index next, and says why not
