"""Reckoning: the counts a deposit claims, or whoever hands it in, held against what was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archiver.ports import Downloaded, Source
from archiver.records.captures import Gap, GapReason, Known, Listed, Observation, Seen, Window
from archiver.records.items import Attachment, ItemKind

ALL = ""
"""The kind under which the count of every item stands."""

_EVERY = [kind.value for kind in ItemKind]


class Reckoned:
    """A deposit's source, whose items are counted while they pass: itself a `Source`.

    A count that was claimed and was not met is a gap (`miscounted`), so that the import is never
    complete by mistake. A deposit claims the count of a kind, or of several together, by what it
    lists; one of no kind is its own business, and is recorded as it is. Each wording that shows
    is counted once, earlier ones of an edited item are not. *expected* are the counts of whoever
    hands the deposit in, by kind; `ALL` is that of all.
    """

    def __init__(self, source: Source, expected: Mapping[str, int]) -> None:
        self._source = source
        self._expected = expected
        self.read: Counter[str] = Counter()
        self.claimed: Counter[str] = Counter()

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
        yield from self._missed(claimed, "the deposit says")
        yield from self._missed(self._expected, "whoever handed it in says")
        whole = _whole(claimed or self._expected)
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

    def _missed(self, claims: Mapping[str, int], who: str) -> Iterator[Gap]:
        for kind, count in claims.items():
            kinds = _EVERY if kind == ALL else kind.split("+")
            read = sum(self.read[one] for one in kinds)
            if read != count:
                detail = f"{who} {count}, and {read} could be read"
                of = "all items" if len(kinds) == len(_EVERY) else " and ".join(kinds)
                what = f"the count of {of}"
                yield Gap(what=what, why=GapReason.MISCOUNTED, detail=detail)


def _whole(claims: Mapping[str, int]) -> int | None:
    """Give the count of all that *claims* come to; None where nothing is claimed."""
    if ALL in claims:
        return claims[ALL]
    return sum(claims.values()) if claims else None
