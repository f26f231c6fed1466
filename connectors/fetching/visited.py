"""What every source that is visited over the network does alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from archiver.ports import Downloaded
from archiver.records.captures import Gap, GapReason, Known, Seen
from archiver.records.errors import AnswerUnreadable, BudgetSpent, ConnectorError, PermissionLost
from archiver.records.items import Attachment
from connectors.fetching.fetcher import Fetcher

Entry = TypeVar("Entry")


class Visited:
    """A source's files, the count of its answers, and its end, by the fetcher it asks with.

    What the platform shows, `visit` and `recheck`, is each source's own.
    """

    def __init__(self, fetcher: Fetcher) -> None:
        """Visit by *fetcher*, and close it in the end."""
        self._fetcher = fetcher

    def download(self, attachment: Attachment) -> Downloaded:
        """Bring the file of *attachment* into the spool.

        Raises:
            AnswerUnreadable: the platform gives no address for it.
            ConnectorError: it could not be had.
        """
        if not attachment.url:
            raise AnswerUnreadable(f"no address is given for attachment {attachment.key}")
        return self._fetcher.download(self._address_of(attachment))

    def _address_of(self, attachment: Attachment) -> str:
        """Give where the file lies; a source whose platform gives relative ones says from where."""
        return attachment.url

    @property
    def fetched(self) -> int:
        """Give how many answers this visit has read so far."""
        return self._fetcher.fetched

    def close(self) -> None:
        """Let go of connections and spool files."""
        self._fetcher.close()


def each_again(known: Sequence[Known], again: Callable[[Known], Iterator[Seen]]) -> Iterator[Seen]:
    """Look *again* at each of *known*; once rights or budget are gone, nothing more is asked."""
    stopped: ConnectorError | None = None
    for item in known:
        try:
            if stopped is not None:
                raise stopped
            yield from again(item)
        except ConnectorError as error:
            if isinstance(error, BudgetSpent | PermissionLost):
                stopped = error
            yield unread(f"item {item.native_id}", error, item.native_id)


def as_far_as_told(seen: Iterator[Seen], what: str, *, needs: str) -> Iterator[Seen]:
    """Yield *seen*; where that breaks off, a gap stands for the rest of *what*.

    A refusal costs *what* alone, and not the visit: its gap says what right it *needs*, and how
    that is given.

    Raises:
        BudgetSpent: nothing more may be asked now, this or anything else.
    """
    try:
        yield from seen
    except BudgetSpent:
        raise
    except PermissionLost as error:
        gap = unread(f"the rest of {what}", error)
        yield replace(gap, detail=f"{gap.detail}; it needs {needs}")
    except ConnectorError as error:
        yield unread(f"the rest of {what}", error)


def read_all(
    elements: Sequence[tuple[object, bytes]],
    read: Callable[[object, bytes], Entry],
    what: str,
    *,
    named: str = "id",
) -> tuple[list[Entry], list[Gap]]:
    """Read every element, and give a gap for each that is not as documented.

    *named* is the field by which the platform names such an element.
    """
    entries, gaps = [], []
    for value, raw in elements:
        try:
            entries.append(read(value, raw))
        except AnswerUnreadable as error:
            told = value.get(named) if isinstance(value, dict) else None
            name = told if isinstance(told, str) else None
            gaps.append(unread(f"{what} {name}" if name else f"a {what}", error, name))
    return entries, gaps


def unread(what: str, error: ConnectorError, native_id: str | None = None) -> Gap:
    """Give the gap that *error* leaves."""
    return Gap(what=what, why=GapReason(error.gap), detail=str(error), native_id=native_id)
