"""What is due and stays, with reasons: counted, and listed in papers, part by part.

There may be as much of it as the archive has items, where a hold covers everything: it is never
held whole, and read again for whoever looks through it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import TypeAlias, cast

from archiver.procedures.account import Account
from archiver.procedures.papers import paper_of
from archiver.records.canonical import Json

PART = 5_000
"""How many lines one paper of a plan lists at most, but for a thread, which is never cut."""

Stays: TypeAlias = "tuple[str, tuple[str, ...]]"
"""An item that is due and stays, by its id, and why."""

_KIND = "plan_stayed"


class Staying(Collection[Stays]):
    """What is due by a plan and stays; all but the last part of it lies in papers."""

    def __init__(self, account: Account, plan: str) -> None:
        """Begin with nothing that stays."""
        self._account, self._plan = account, plan
        self._lines: list[Stays] = []
        self._count = 0
        self.parts: list[str] = []

    def extend(self, lines: Iterable[Stays]) -> None:
        """Put *lines* about one thread to the others."""
        self._lines.extend(lines)
        if len(self._lines) >= PART:
            self.put()

    def put(self) -> None:
        """Put what lies in no paper yet into one of its own."""
        if not self._lines:
            return
        stayed: list[Json] = [[item, list[Json](reasons)] for item, reasons in self._lines]
        self.parts.append(self._account.paper(_KIND, {"plan": self._plan, "stayed": stayed}))
        self._count += len(self._lines)
        self._lines = []

    def listed(self) -> str:
        """Put all of it into papers; give the one that names them, or "" where nothing stays."""
        self.put()
        if not self.parts:
            return ""
        told: dict[str, Json] = {"plan": self._plan, "staying": list[Json](self.parts)}
        return self._account.paper("stayed", told)

    def __len__(self) -> int:
        """Give how many items stay."""
        return self._count + len(self._lines)

    def __iter__(self) -> Iterator[Stays]:
        """Give every item that stays, in the order in which it was found to."""
        yield from chain(stayed_in(self._account, self.parts), self._lines)

    def __contains__(self, line: object) -> bool:
        """Say whether *line* is one of them."""
        return any(one == line for one in self)


def stayed_in(account: Account, parts: Sequence[str]) -> Iterator[Stays]:
    """Give what the papers with the digests *parts* list, one paper after the other.

    Raises:
        LedgerDamaged: one of them is gone, or is not what it was.
    """
    for digest in parts:
        for item, why in cast("list[list[Json]]", paper_of(account, _KIND, digest)["stayed"]):
            yield str(item), tuple(map(str, cast("list[Json]", why)))


class Anew(Collection[Stays]):
    """What is due and stays, *count* items when it was counted, and found anew by who looks."""

    def __init__(self, count: int, find: Callable[[], Iterator[Stays]]) -> None:
        """Begin with what *find* finds."""
        self._count = count
        self._find = find

    @classmethod
    def counted(cls, find: Callable[[], Iterator[Stays]]) -> Anew:
        """Give what *find* finds, counted now."""
        return cls(sum(1 for _ in find()), find)

    def __len__(self) -> int:
        """Give how many items stayed when they were counted."""
        return self._count

    def __iter__(self) -> Iterator[Stays]:
        """Give every item that stays, as it is now."""
        return self._find()

    def __contains__(self, line: object) -> bool:
        """Say whether *line* is one of them."""
        return any(one == line for one in self)


class Together(Collection[Stays]):
    """Several lists of what stays, one after the other; none of them is copied."""

    def __init__(self, *some: Collection[Stays]) -> None:
        """Begin with *some*."""
        self._some = list(some)

    def add(self, some: Collection[Stays]) -> None:
        """Put *some* behind the others."""
        self._some.append(some)

    def __len__(self) -> int:
        """Give how many items stay."""
        return sum(len(some) for some in self._some)

    def __iter__(self) -> Iterator[Stays]:
        """Give every item that stays, list by list."""
        yield from chain.from_iterable(self._some)

    def __contains__(self, line: object) -> bool:
        """Say whether *line* is one of them."""
        return any(line in some for some in self._some)
