"""An index in memory: it goes through every item and asks the evaluator."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from archiver.language.documents import Hits, IndexDocument
from archiver.language.evaluate import matches
from archiver.language.tree import Query
from archiver.ports import IndexWriter
from archiver.records.errors import IndexUnavailable


class MemoryIndex:
    """A SearchIndex for tests and for archives that fit on a page."""

    engine = "memory"

    def __init__(self) -> None:
        """Begin empty."""
        self._documents: dict[str, IndexDocument] | None = {}
        self._lock = threading.RLock()

    @contextmanager
    def writing(self) -> Iterator[IndexWriter]:
        """Give the one right to write."""
        with self._lock:
            yield _Writer(self._held())

    @contextmanager
    def renewing(self) -> Iterator[IndexWriter]:
        """Give the right to write a new index that replaces this one at the end."""
        with self._lock:
            fresh: dict[str, IndexDocument] = {}
            yield _Writer(fresh)
            self._documents = fresh

    def search(
        self,
        query: Query,
        *,
        limit: int,
        offset: int = 0,
        sort: str = "relevance",
        without: Iterable[str] = (),
    ) -> Hits:
        """Answer *query*, of all items but those *without*."""
        held = self._snapshot()
        hidden = {item for item in without if item in held}
        open_ones = [document for item, document in held.items() if item not in hidden]
        found = [document for document in open_ones if matches(query, document)]
        sign = 1 if sort == "oldest" else -1
        found.sort(key=lambda document: (sign * document.published, document.item))
        wanted = found[offset : offset + limit]
        return Hits(len(found), tuple(document.item for document in wanted), len(held))

    def matching(self, query: Query) -> Iterator[str]:
        """Give the id of every item that *query* matches."""
        for item, document in self._snapshot().items():
            if matches(query, document):
                yield item

    def count(self) -> int:
        """Give how many items are indexed."""
        return len(self._held())

    def close(self) -> None:
        """Forget everything; whatever is asked afterwards raises IndexUnavailable."""
        self._documents = None

    def _held(self) -> dict[str, IndexDocument]:
        with self._lock:
            if self._documents is None:
                raise IndexUnavailable("the full-text index was closed")
            return self._documents

    def _snapshot(self) -> dict[str, IndexDocument]:
        with self._lock:
            return dict(self._held())


class _Writer:
    """Writes into the dictionary of an index."""

    def __init__(self, held: dict[str, IndexDocument]) -> None:
        self._into = held

    def add(self, documents: Iterable[IndexDocument]) -> int:
        added = {document.item: document for document in documents}
        self._into.update(added)
        return len(added)

    def remove(self, items: Sequence[str]) -> None:
        for item in items:
            self._into.pop(item, None)
