"""A SearchIndex in a folder of Whoosh segments.

Readers take no lock: they look at the folder's pointer before every answer, read the segments it
names, and look again before they answer. A segment is proven against its checksum when it is
first opened, so that a damaged one is never taken for one without hits.
"""

from __future__ import annotations

import heapq
import shutil
import struct
import threading
import zlib
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from pickle import PickleError
from typing import Final

from archiver.index import queries
from archiver.index.building import Generation, contents_name, table_of_contents
from archiver.index.folder import IndexFolder, State
from archiver.index.leaves import Leaf, file_of
from archiver.language.documents import Hits
from archiver.language.tree import Query
from archiver.ports import IndexWriter
from archiver.records.errors import IndexUnavailable

_TRIES: Final = 20
_UNREADABLE: Final = (
    OSError,
    EOFError,
    LookupError,
    PickleError,
    struct.error,
    ValueError,
    zlib.error,
)
"""What reading a file of another make ends in; our own are proven first."""

_TOGETHER: Final = 50_000
"""How many ids that are left out are looked for at a time, each time in every segment."""

_Ranked = tuple[float, int, int, int]
"""How well it answers (the less, the better), its time in the order asked, segment, document."""


class WhooshIndex:
    """Full text in a folder; for any number of threads and processes, one of them writing."""

    engine = "whoosh"

    def __init__(self, folder: Path, *, create: bool = False, patience: float = 60.0) -> None:
        """Look at *folder*; with *create*, begin an index there if there is nothing at all.

        *patience* is how long, in seconds, to wait for another writer.
        """
        self._folder = IndexFolder(folder, patience=patience)
        self._view_lock = threading.Lock()
        self._signature: tuple[int, int] | None = None
        self._state: State | None = None
        self._leaves: dict[tuple[int, str, int], Leaf] = {}
        self._writer: Generation | None = None
        self._closed = False
        if create and not (folder.exists() and any(folder.iterdir())):
            with self.renewing():
                pass

    @contextmanager
    def writing(self) -> Iterator[IndexWriter]:
        """Give the one right to write, across threads and processes."""
        self._look()
        with self._folder.locked() as fresh:
            if not fresh and self._writer is not None:
                yield self._writer
                return
            self._look()
            state = self._state
            if state is None:
                raise IndexUnavailable("the full-text index was closed")
            self._folder.sweep(state)
            self._writer = Generation(self._folder, state, visible=True)
            try:
                yield self._writer
            finally:
                self._writer = None

    @contextmanager
    def renewing(self) -> Iterator[IndexWriter]:
        """Give the right to write a new generation, which replaces the current one at the end."""
        self._refuse_if_closed()
        self._folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._folder.locked() as fresh:
            if not fresh:
                raise RuntimeError("an index cannot be renewed while it is being written")
            number = 1 + max(self._folder.generations(), default=0)
            path = self._folder.generation(number)
            path.mkdir(mode=0o700)
            try:
                writer = Generation(self._folder, State(number, 0), visible=False)
                yield writer
                writer.finish()
            except BaseException:
                shutil.rmtree(path)
                raise
            self._folder.publish(writer.state)

    def search(
        self,
        query: Query,
        *,
        limit: int,
        offset: int = 0,
        sort: str = "relevance",
        without: Iterable[str] = (),
    ) -> Hits:
        """Answer *query*, of all items but those *without*; *sort* is as `SearchIndex` says."""
        with self._reading() as leaves:
            hidden = _hidden(leaves, without)
            found = [
                queries.documents(query, leaf, none)
                for leaf, none in zip(leaves, hidden, strict=True)
            ]
            ranked = _ranked(query, leaves, found, hidden, sort)
            items = _in_order(ranked, leaves, limit=limit, offset=offset)
            return Hits(len(ranked), items, sum(leaf.alive for leaf in leaves))

    def matching(self, query: Query) -> Iterator[str]:
        """Give the id of every item that *query* matches."""
        with self._reading() as leaves:
            for leaf in leaves:
                for document in queries.documents(query, leaf, b""):
                    yield leaf.item(document)

    def count(self) -> int:
        """Give how many items are indexed."""
        with self._reading() as leaves:
            return sum(leaf.alive for leaf in leaves)

    def close(self) -> None:
        """Let go of the files; whatever is asked afterwards raises IndexUnavailable."""
        with self._view_lock:
            self._closed = True
            self._leaves = {}
            self._state = None

    @contextmanager
    def _reading(self) -> Iterator[list[Leaf]]:
        leaves = self._look()
        try:
            yield leaves
        except _UNREADABLE as error:
            raise IndexUnavailable("the full-text index cannot be read") from error
        self._look()

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise IndexUnavailable("the full-text index was closed")

    def _look(self) -> list[Leaf]:
        with self._view_lock:
            self._refuse_if_closed()
            for _ in range(_TRIES):
                signature = self._folder.signature()
                try:
                    if signature != self._signature or self._state is None:
                        self._open(self._folder.state())
                    else:
                        self._folder.check_sizes(self._state)
                except (IndexUnavailable, OSError) as error:
                    if self._folder.signature() != signature:
                        continue
                    if isinstance(error, OSError):
                        raise IndexUnavailable("the full-text index lost a file") from error
                    raise
                self._signature = signature
                return list(self._leaves.values())
            raise IndexUnavailable("the full-text index changes faster than it can be opened")

    def _open(self, state: State) -> None:
        self._folder.check_sizes(state)
        path = self._folder.generation(state.generation)
        self._folder.check_bytes(state, contents_name(state.contents))
        leaves = {}
        try:
            keyed = {
                (state.generation, segment.segment_id(), segment.deleted_count()): segment
                for segment in table_of_contents(path, state)
            }
            unproven = [file_of(one) for key, one in keyed.items() if key not in self._leaves]
            self._folder.check_every(state, unproven)
            for key, segment in keyed.items():
                leaves[key] = self._leaves.get(key) or Leaf(path, segment)
        except FileNotFoundError:
            raise
        except _UNREADABLE as error:
            raise IndexUnavailable("the full-text index cannot be read") from error
        self._leaves = leaves
        self._state = state


def _hidden(leaves: list[Leaf], without: Iterable[str]) -> list[bytearray]:
    """Give, for each leaf, a byte for each document, set where it stands for one of *without*.

    Nothing is given for a leaf without any. Of the ids, only so many are held at a time.
    """
    hidden = [bytearray() for _ in leaves]
    ids = iter(without)
    while some := list(islice(ids, _TOGETHER)):
        for leaf, flags in zip(leaves, hidden, strict=True):
            for document in leaf.standing_for(some):
                if not flags:
                    flags.extend(bytes(leaf.size))
                flags[document] = 1
    return hidden


def _ranked(
    query: Query,
    leaves: list[Leaf],
    found: list[AbstractSet[int]],
    hidden: list[bytearray],
    sort: str,
) -> list[_Ranked]:
    sign = 1 if sort == "oldest" else -1
    weights = queries.weigh(query, leaves, hidden) if sort == "relevance" else {}
    average = queries.average_length(leaves, hidden)
    ranked: list[_Ranked] = []
    for number, (leaf, documents) in enumerate(zip(leaves, found, strict=True)):
        scores = queries.scores(weights, leaf, average) if weights and documents else {}
        times = leaf.published
        ranked += [
            (-scores.get(document, 0.0), sign * times[document], number, document)
            for document in documents
        ]
    return ranked


def _in_order(
    ranked: list[_Ranked], leaves: list[Leaf], *, limit: int, offset: int
) -> tuple[str, ...]:
    first = heapq.nsmallest(offset + limit, ranked)
    if not first:
        return ()
    edge = first[-1][:2]
    named = sorted(
        (rank, when, leaves[number].item(document))
        for rank, when, number, document in ranked
        if (rank, when) <= edge
    )
    return tuple(item for _, _, item in named[offset : offset + limit])
