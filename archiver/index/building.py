"""Writing one generation: adding, replacing, removing, and keeping segments few and bounded."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, repeat
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import Final

from whoosh.codec.whoosh3 import W3Segment
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from archiver.index import fields, segments, striking
from archiver.index.folder import BESIDE, IndexFolder, Mark, State, marked, sync_file
from archiver.index.leaves import Leaf, file_of
from archiver.language.documents import IndexDocument

CAP: Final = 10_000
"""Items in a segment, at most; docs/decisions/which-whoosh.md has the figures behind it."""

WORDS: Final = 500_000
"""Words of the scored field in a segment, about, at most: long items make a segment no heavier."""

TOGETHER: Final = 8
"""Segments of about one size that are merged into one."""

COPIES: Final = 2
"""Segments that lie in memory at one time, whole, to be mended."""


class Generation:
    """One generation being written, under the index's lock.

    Every call ends with a new State; with *visible* it is published at once, otherwise when the
    renewal ends.
    """

    def __init__(self, folder: IndexFolder, state: State, *, visible: bool) -> None:
        """Continue from *state*; its files have been proven."""
        self._folder = folder
        self._path = folder.generation(state.generation)
        self._visible = visible
        self.state = state
        self._segments = table_of_contents(self._path, state) if state.files else []
        self._leaves: dict[str, Leaf] = {}
        self._merging = Lock()  # merging is Python all through: two at once hinder each other

    def add(self, documents: Iterable[IndexDocument]) -> int:
        """Add *documents*, replacing those of the same items; give how many there were."""
        added = 0
        segments_now = list(self._segments)
        for batch in _batches(documents):
            self._mark(segments_now, [document.item for document in batch])
            segments_now.append(segments.written(self._path, batch))
            added += len(batch)
        if added:
            self._commit(self._fewer(segments_now))
        return added

    def remove(self, items: Sequence[str]) -> None:
        """Remove *items* and every trace of their words."""
        segments_now = list(self._segments)
        self._mark(segments_now, items)
        rooms: SimpleQueue[bytearray] = SimpleQueue()
        for _ in range(COPIES):
            rooms.put(bytearray())
        with ThreadPoolExecutor(BESIDE) as beside:
            done = beside.map(self._cleaned, segments_now, repeat(rooms))
            cleaned = list(chain.from_iterable(done))
        if [segment for segment, _ in cleaned] != segments_now:
            marks = {file_of(segment): mark for segment, mark in cleaned}
            self._commit([segment for segment, _ in cleaned], marks)

    def finish(self) -> None:
        """See that there is something to publish, even where nothing was ever added."""
        if not self.state.files:
            self._commit([])

    def _mark(self, among: list[W3Segment], items: Sequence[str]) -> None:
        for at, segment in enumerate(among):
            leaf = self._leaf(segment)
            gone = [
                document for document in leaf.standing_for(items) if document not in leaf.deleted
            ]
            if gone:
                among[at] = marked_segment = copy.deepcopy(segment)
                for document in gone:
                    marked_segment.delete_document(document)
                self._leaves.pop(segment.segment_id())

    def _leaf(self, segment: W3Segment) -> Leaf:
        name = segment.segment_id()
        if name not in self._leaves:
            self._leaves[name] = Leaf(self._path, segment)
        return self._leaves[name]

    def _cleaned(
        self, segment: W3Segment, rooms: SimpleQueue[bytearray]
    ) -> list[tuple[W3Segment, Mark]]:
        """Give what *segment* becomes, durable, with its mark; it is copied in one of *rooms*."""
        room = rooms.get()
        try:
            clean = self._without_the_deleted(segment, room)
        finally:
            rooms.put(room)
        return [(one, self._durable(file_of(one))) for one in clean]

    def _without_the_deleted(self, segment: W3Segment, room: bytearray) -> list[W3Segment]:
        leaf = self._leaf(segment)
        if leaf.deleted == leaf.struck:
            return [segment]
        if not leaf.alive:
            return []
        if 2 * leaf.alive < leaf.size:
            with self._merging:
                return [segments.merged(self._path, [leaf])]
        return [striking.struck(self._path, leaf, room)]

    def _fewer(self, among: list[W3Segment]) -> list[W3Segment]:
        now = [segment for segment in among if segment.doc_count()]
        while group := _mergeable(now):
            merged = segments.merged(self._path, [self._leaf(segment) for segment in group])
            at = now.index(group[0])
            now[at] = merged
            now = [segment for segment in now if segment not in group[1:]]
        return now

    def _commit(self, now: list[W3Segment], durable: Mapping[str, Mark] | None = None) -> None:
        """Make *now* what counts; *durable* are the marks of the files that are so already."""
        number = self.state.contents + 1
        TOC(fields.schema(), now, number).write(FileStorage(str(self._path)), segments.NAME)
        files = dict(durable or {})
        named = [*map(file_of, now), contents_name(number)]
        with ThreadPoolExecutor(BESIDE) as beside:
            left = [name for name in named if name not in files]
            files.update(zip(left, beside.map(self._durable, left), strict=True))
        self.state = State(self.state.generation, number, files)
        self._segments = now
        kept = {segment.segment_id() for segment in now}
        self._leaves = {name: leaf for name, leaf in self._leaves.items() if name in kept}
        if self._visible:
            self._folder.publish(self.state)
        else:
            self._folder.sweep_files(self.state)

    def _durable(self, name: str) -> Mark:
        """Give the mark of a file, which survives a loss of power once it is given."""
        if (mark := self.state.files.get(name)) is not None:
            return mark
        sync_file(self._path / name)
        return marked(self._path / name)


def contents_name(number: int) -> str:
    """Give the name of the table of contents *number*, as Whoosh calls it."""
    return str(TOC._filename(segments.NAME, number))  # noqa: SLF001 - Whoosh has no public name for it


def table_of_contents(path: Path, state: State) -> list[W3Segment]:
    """Read the segments of *state* in *path*; the file has been proven."""
    storage = FileStorage(str(path))
    read = TOC.read(storage, segments.NAME, gen=state.contents, schema=fields.schema())
    return list(read.segments)


def _batches(documents: Iterable[IndexDocument]) -> Iterator[list[IndexDocument]]:
    batch: dict[str, IndexDocument] = {}
    words = 0
    for document in documents:
        batch[document.item] = document
        words += len(document.stems)
        if len(batch) >= CAP or words >= WORDS:
            yield list(batch.values())
            batch, words = {}, 0
    if batch:
        yield list(batch.values())


def _mergeable(among: Sequence[W3Segment]) -> list[W3Segment]:
    """Give the oldest segments of one size, enough of them, that together keep to the caps."""
    sizes: dict[int, list[W3Segment]] = {}
    for segment in among:
        alive = segment.doc_count()
        if alive <= CAP // 2 and _words(segment) <= WORDS // 2:
            sizes.setdefault(_size_class(alive), []).append(segment)
    for _, alike in sorted(sizes.items()):
        if len(alike) >= TOGETHER:
            return list(_within_the_caps(alike))
    return []


def _within_the_caps(alike: Sequence[W3Segment]) -> Iterator[W3Segment]:
    items = words = 0
    for segment in alike:
        items += segment.doc_count()
        words += _words(segment)
        if items > CAP or words > WORDS:
            return
        yield segment


def _words(segment: W3Segment) -> int:
    return int(segment._fieldlengths[fields.SCORED])  # noqa: SLF001 - Whoosh tells only its readers


def _size_class(alive: int) -> int:
    size_class = 0
    while alive >= TOGETHER:
        alive //= TOGETHER
        size_class += 1
    return size_class
