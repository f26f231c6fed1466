"""Reckoning: the counts a deposit claims, or whoever hands it in, held against what was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from archiver.ports import Downloaded, Source
from archiver.records.captures import Gap, GapReason, Known, Listed, Observation, Seen, Window
from archiver.records.items import Attachment, ItemKind

ALL = ""
"""The kind under which the count of every item stands."""

_EVERY = [kind.value for kind in ItemKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A count that somebody claimed (*who*) of some items (*of*), and how many were read."""

    of: str
    who: str
    expected: int
    read: int

    @property
    def met(self) -> bool:
        """Say whether as many were read as were claimed."""
        return self.expected == self.read


class Reckoned:
    """A deposit's source, whose items are counted while they pass: itself a `Source`.

    A count that was claimed and was not met is a gap (`miscounted`), so that the import is never
    complete by mistake. A deposit claims the count of a kind, or of several together, by what it
    lists; one of no kind is its own business, and is recorded as it is. Each record that shows
    is counted, also where it has the id of another; earlier wordings of an edited item are not,
    nor is what could not be read. *expected* are the counts of whoever hands the deposit in, by
    kind; `ALL` is that of all. *counts* are all that were claimed, once a visit has ended.
    """

    def __init__(self, source: Source, expected: Mapping[str, int]) -> None:
        self._source = source
        self._expected = expected
        self.read: Counter[str] = Counter()
        self.claimed: Counter[str] = Counter()
        self.counts: list[Count] = []

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield what the deposit shows, and then what was claimed and is not there."""
        self.read.clear()
        self.claimed.clear()
        told = False
        for seen in self._source.visit(window):
            if isinstance(seen, Observation):
                self.read[seen.content.kind.value] += seen.current
                yield seen
            elif isinstance(seen, Listed) and seen.kinds and seen.platform_count is not None:
                self.claimed["+".join(seen.kinds)] += seen.platform_count
                yield replace(seen, platform_count=None)
            else:
                told = told or (isinstance(seen, Listed) and seen.platform_count is not None)
                yield seen
        claimed = dict(self.claimed)
        self.counts = [
            *self._counts(claimed, "the export or its mapping"),
            *self._counts(self._expected, "whoever handed it in"),
        ]
        yield from (_missed(count) for count in self.counts if not count.met)
        whole = self._whole(claimed or self._expected)
        if whole is not None and not told:
            yield Listed(whole=False, platform_count=whole)

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Look again at *known*, as the deposit's source does."""
        return self._source.recheck(known)

    def download(self, attachment: Attachment) -> Downloaded:
        """Bring the file of *attachment* into the spool, as the deposit's source does.

        Raises:
            ConnectorError: it could not be had.
        """
        return self._source.download(attachment)

    @property
    def fetched(self) -> int:
        """Give how many files of the deposit were read so far."""
        return self._source.fetched

    def close(self) -> None:
        """Close the deposit's source."""
        self._source.close()

    def _counts(self, claims: Mapping[str, int], who: str) -> Iterator[Count]:
        for kind, count in claims.items():
            kinds = _kinds(kind)
            read = sum(self.read[one] for one in kinds)
            of = "all items" if len(kinds) == len(_EVERY) else " and ".join(kinds)
            yield Count(of=of, who=who, expected=count, read=read)

    def _whole(self, claims: Mapping[str, int]) -> int | None:
        """Give the count of all that *claims* come to; None where a kind was read without one."""
        if ALL in claims:
            return claims[ALL]
        counted = {one for kind in claims for one in _kinds(kind)}
        return sum(claims.values()) if claims and set(+self.read) <= counted else None


def _kinds(claim: str) -> list[str]:
    return _EVERY if claim == ALL else claim.split("+")


def _missed(count: Count) -> Gap:
    """Give the gap of *count*; both numbers stand in it, for they go into the coverage record."""
    what = f"the count of {count.of}: {count.expected} expected, {count.read} read"
    differ = abs(count.expected - count.read)
    more = "missing" if count.read < count.expected else "more than expected"
    return Gap(
        what=what,
        why=GapReason.MISCOUNTED,
        detail=f"{count.who} gave the count; {differ} are {more}",
    )
