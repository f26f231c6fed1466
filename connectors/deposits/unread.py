"""What of an export nobody read: told in one gap, so that nothing is left out in silence."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from archiver.records.captures import Gap, GapReason

_NAMED = 20
"""How many files a gap names; it always says how many there are."""

_LONGEST = 160
_LITTER = re.compile(
    r"(?:.*/)?(?:\.DS_Store|Thumbs\.db|desktop\.ini)|(?:.*/)?__MACOSX/(?:.*/)?\._[^/]+",
    re.IGNORECASE,
)
"""What operating systems leave in folders by themselves: it is no part of any export."""

_SHOWN = re.compile(
    r".*\.(?:jpe?g|png|gif|webp|heic|tiff?|mp4|mov|avi|mkv|webm|3gp|m4v|mp3|m4a|aac)", re.IGNORECASE
)


class Unread:
    """The files of an export, of which those are taken out that were read.

    *consulted* were read for what they say of the rest, or are named elsewhere; what *itemless*
    matches by its whole path is known to hold no item.
    """

    def __init__(
        self,
        names: Iterable[str],
        *,
        consulted: Collection[str] = (),
        itemless: re.Pattern[str] | None = None,
    ) -> None:
        self._names = {name for name in names if not _LITTER.fullmatch(name)}
        self._names.difference_update(consulted)
        self._itemless = itemless

    def take(self, name: str) -> None:
        """Note that the file *name* was read, or is to be brought as a file of an item."""
        self._names.discard(name)

    def gaps(self, *, first: Collection[str] = (), within: str = "") -> Iterator[Gap]:
        """Give one gap for all that is left, if anything is; *first* are named before the others.

        *within* says in which file of the export they lie, where it is packed in one.
        """
        itemless = self._itemless
        left = [n for n in self._names if itemless is None or not itemless.fullmatch(n)]
        if not left:
            return
        left.sort(key=lambda name: (name not in first, bool(_SHOWN.fullmatch(name)), name))
        which = f"in {within or 'the export'} that nobody read"
        yield Gap(
            what=listing(left, which),
            why=GapReason.OUT_OF_REACH,
            detail="nothing was taken from them: keep the export itself where they matter",
        )


def listing(names: Sequence[str], which: str) -> str:
    """Say how many files they are, *which* files, and the first *names*, as a message may."""
    some = ", ".join(_readable(name) for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{len(names)} file{'s' * (len(names) != 1)} {which}: {some}{more}"


def _readable(name: str) -> str:
    """Give *name* without what no text may hold (a name that is not UTF-8), and not endless."""
    plain = name.encode("utf-8", "backslashreplace").decode("utf-8")
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}..."
