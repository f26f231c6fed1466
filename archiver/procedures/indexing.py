"""Feeding the index: from the outbox in batches, or everything anew. Idempotent.

The index lock is taken before current rows are read, so that words read before a purge are
never written back after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from archiver.catalogue import Catalogue, Reading, contents, items, outbox, pages
from archiver.catalogue.items import BEGUN, DESTROYED, LIVE, ItemRow
from archiver.language.documents import IndexDocument, together
from archiver.ports import IndexWriter, SearchIndex
from archiver.procedures.covering import as_document
from archiver.records.errors import IndexUnavailable

BATCH = 10_000
"""How many items the index is told of in one commit: as many as it keeps in one segment."""

SLICE = 1_000
"""How many items are read from the catalogue at once."""

_LOOKS = 3

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


class Condition(StrEnum):
    """What may be said of the index; the last two make searches wrong or refused."""

    WHOLE = "whole"
    BEHIND = "behind"
    FINISHING = "finishing"
    DIFFERS = "differs"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class State:
    """How many items the index holds, and how many it must still be told of.

    *held* is None where it is missing or damaged; *fault* says how. Of the items whose
    destruction has *begun* and is not done, it may hold any: they leave it last.
    """

    held: int | None
    of: int
    waiting: int = 0
    begun: int = 0
    fault: IndexUnavailable | None = None

    @property
    def indexed(self) -> int | None:
        """Give how many of the items it holds as they stand; None where it is unavailable."""
        return None if self.held is None else as_they_stand(self.held, self.of, self.waiting)

    @property
    def condition(self) -> Condition:
        """Say how it stands; one that is behind is told of what waits, and differs from none."""
        if self.held is None:
            return Condition.UNAVAILABLE
        if self.waiting:
            return Condition.BEHIND
        if self.held == self.of:
            return Condition.WHOLE
        left = self.of < self.held <= self.of + self.begun
        return Condition.FINISHING if left else Condition.DIFFERS

    @property
    def ok(self) -> bool:
        """Say whether searches may be trusted, as far as they themselves say."""
        return self.condition in (Condition.WHOLE, Condition.BEHIND, Condition.FINISHING)

    @property
    def said(self) -> str:
        """Say how it stands, and what to do where searches cannot be trusted."""
        held = f"{self.indexed} indexed of {self.of}, {self.waiting} waiting"
        match self.condition:
            case Condition.DIFFERS:
                return f"not what it should hold, {held}; run `archiver index rebuild`"
            case Condition.FINISHING:
                return f"whole but for what a destruction that was begun still takes out, {held}"
            case Condition.UNAVAILABLE:
                return "missing or damaged: no search is answered; run `archiver index rebuild`"
            case condition:
                return f"{condition}, {held}"


def as_they_stand(held: int, of: int, waiting: int) -> int:
    """Give of how many of *of* items the index, which holds *held*, knows all there is to know.

    What waits may be new to it, or changed since: of that it knows nothing, or what was before.
    """
    return max(0, min(held, of - waiting)) if waiting else held


def state(catalogue: Catalogue, index: SearchIndex) -> State:
    """Give the state of the index; `status`, `verify` and `index status` all say this one.

    Deeds go on meanwhile, so that a difference is looked at more than once.
    """
    for _ in range(_LOOKS):
        held, fault = _counted(index)
        with catalogue.reading() as connection:
            of, begun = items.count(connection, LIVE), items.count(connection, BEGUN)
            waiting = outbox.waiting(connection)
        found = State(held, of, waiting, begun, fault)
        if found.condition is not Condition.DIFFERS:
            break
    return found


def _counted(index: SearchIndex) -> tuple[int | None, IndexUnavailable | None]:
    try:
        return index.count(), None
    except IndexUnavailable as error:
        return None, error


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
