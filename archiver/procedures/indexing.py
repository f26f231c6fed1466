"""Feeding the index: from the outbox in batches, or everything anew. Idempotent.

The index lock is taken before current rows are read, so that words read before a purge are
never written back after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from archiver.catalogue import Catalogue, Reading, contents, items, outbox, pages
from archiver.catalogue.items import DESTROYED, LIVE, ItemRow
from archiver.language.documents import IndexDocument, together
from archiver.ports import IndexWriter, SearchIndex
from archiver.procedures.covering import as_document

BATCH = 10_000
"""How many items the index is told of in one commit: as many as it keeps in one segment."""

SLICE = 1_000
"""How many items are read from the catalogue at once."""

Progress = Callable[[int], None]


def feed(
    catalogue: Catalogue,
    index: SearchIndex,
    *,
    progress: Progress = lambda _count: None,
    stop_when: Callable[[], bool] = lambda: False,
) -> int:
    """Tell the index of everything in the outbox; give how many items that was.

    Raises:
        IndexUnavailable: the index is missing or damaged; the outbox keeps what it held.
    """
    told = 0
    while not stop_when():
        with index.writing() as writer:
            count = _feed_once(catalogue, writer)
        if not count:
            break
        told += count
        progress(told)
    return told


@dataclass(frozen=True, slots=True)
class State:
    """How much of the archive the index holds, and how many items it must still be told of."""

    indexed: int
    of: int
    waiting: int


def state(catalogue: Catalogue, index: SearchIndex) -> State:
    """Give the state of the index.

    Raises:
        IndexUnavailable: the index is missing or damaged.
    """
    indexed = index.count()
    with catalogue.reading() as connection:
        of = items.count(connection, LIVE)
        return State(indexed=indexed, of=of, waiting=outbox.waiting(connection))


def _feed_once(catalogue: Catalogue, writer: IndexWriter) -> int:
    with catalogue.reading() as connection:
        claimed = outbox.posted(connection, limit=BATCH)
    if not claimed:
        return 0
    writer.add(_current(catalogue, list(dict.fromkeys(item_n for _, item_n in claimed))))
    with catalogue.writing() as desk:
        outbox.collected(desk.connection, [n for n, _ in claimed])
    return len(claimed)


def _current(catalogue: Catalogue, numbers: Sequence[int]) -> Iterator[IndexDocument]:
    for start in range(0, len(numbers), SLICE):
        with catalogue.reading() as connection:
            some = list(_documents(connection, numbers[start : start + SLICE]))
        yield from some


def _documents(connection: Reading, numbers: Sequence[int]) -> Iterator[IndexDocument]:
    rows = [r for r in items.by_numbers(connection, numbers).values() if r.life != DESTROYED]
    on_pages = pages.by_numbers(connection, [row.page_n for row in rows])
    by_number = {row.n: row for row in rows}
    versions: dict[int, list[IndexDocument]] = {}
    for n, content in contents.all_contents_of(connection, list(by_number)):
        row = by_number[n]
        versions.setdefault(n, []).append(as_document(content, row, on_pages[row.page_n]))
    for documents in versions.values():
        yield together(documents)


def rebuild(
    catalogue: Catalogue,
    index: SearchIndex,
    *,
    progress: Progress = lambda _count: None,
) -> int:
    """Index everything anew beside the old index, and swap; give how many items that was.

    Until the swap searches are answered from the old index, if there is one.
    """
    with index.renewing() as writer:
        with catalogue.reading() as connection:
            claimed_to = outbox.newest(connection)
        told = writer.add(_everything(catalogue, progress))
        with catalogue.writing() as desk:
            outbox.collected_to(desk.connection, claimed_to)
    return told


def _everything(catalogue: Catalogue, progress: Progress) -> Iterator[IndexDocument]:
    told = after = 0
    while True:
        with catalogue.reading() as connection:
            rows: list[ItemRow] = items.slice_of(connection, after=after, limit=SLICE)
            documents = list(_documents(connection, [row.n for row in rows]))
        if not rows:
            return
        yield from documents
        after = rows[-1].n
        told += len(documents)
        progress(told)
