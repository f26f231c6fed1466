"""Doubt: a page that shows nothing of what it had is not believed when it says that it is gone.

A site that was reset, or that a token sees no more, answers every listing with nothing, or with
what it was begun anew with, and every address with "not found", as one does whose items were
really removed. What tells them apart is whether anything still shows that was there before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from archiver.catalogue import captures, contents, items
from archiver.catalogue.pages import PageRow
from archiver.procedures.account import Account
from archiver.procedures.expecting import MANY
from archiver.records.captures import Known, Observation, PlatformState, Seen, Sighting
from archiver.records.items import OF_MODERATION, ItemKind, Origin
from archiver.records.moments import micros

_GONE = frozenset({PlatformState.NOT_VISIBLE, PlatformState.REPORTED_REMOVED})
_SHOWN = frozenset({PlatformState.PRESENT, PlatformState.HIDDEN})
_BESIDE = OF_MODERATION | {ItemKind.PROFILE}


Recheck: TypeAlias = "Callable[[Sequence[Known]], Iterator[Seen]]"
"""Looks again at items that are known."""

_SOME = 500
"""Of how many items at a time is asked whether they were there before."""


class Shown(NamedTuple):
    """An item that a visit saw: when it was published (µs UTC), and what makes its version.

    Of one that is only said to be there, neither is known.
    """

    native_id: str
    published: int | None = None
    fingerprint: str = ""


class Acquaintance:
    """What a page had when it was last walked to its end, however it ends now.

    An item that bears the number of an older one, but is both dated and worded otherwise, was
    not there: a site that was begun anew counts from one again.
    """

    def __init__(self, account: Account, page: PageRow, origin: Origin) -> None:
        self._account, self._origin = account, origin
        with account.catalogue.reading() as connection:
            self._until = captures.ended_at(connection, page.n, begun_at=page.walked_at)

    def has(self, shown: Sequence[Shown]) -> bool:
        """Say whether any of *shown* was there; true of whatever shows before the first walk."""
        if self._until is None:
            return bool(shown)
        key, platform, page = self._account.key, self._origin.platform, self._origin.page
        named = {key.item(platform, page, each.native_id): each for each in shown}
        with self._account.catalogue.reading() as connection:
            rows = items.by_ids(connection, list(named))
            old = [row for row in rows.values() if row.captured_at <= self._until]
            worded = contents.fingerprints(connection, [row.n for row in old], until=self._until)
        return any(
            named[row.item].published in {None, row.published_at}
            or named[row.item].fingerprint in worded[row.n]
            for row in old
        )


@dataclass(slots=True, kw_only=True)
class Doubt:
    """What one visit was told is gone, kept back until the page shows an item it had before.

    *standing* says that an earlier run was suspect and nobody vouched for it yet, *vouched* that
    a person does now: then everything is believed. *light* is of the visit. *had* knows what was
    there before; what a page says of itself, and how it is moderated, is no item of it.
    """

    standing: bool
    vouched: bool
    light: bool
    had: Callable[[Sequence[Shown]], bool]
    _believes: bool = False
    _waiting: list[Shown] = field(default_factory=list)
    _gone: dict[str, Sighting] = field(default_factory=dict)
    _present: set[str] = field(default_factory=set)
    _broken_off: bool = False

    def watch(self, seen: Iterable[Seen]) -> Iterator[Seen]:
        """Pass on what a walk sees."""
        for each in seen:
            self._note(each)
            yield each
            del each  # nobody holds on to it while the next is fetched

    def weigh(self, known: Sequence[Known], recheck: Recheck) -> Iterator[Seen]:
        """Pass on what *recheck* answers for *known*, but for what is newly gone of a bare page."""
        states = {one.native_id: one.state for one in known}
        self._broken_off = True
        for each in recheck(known):
            self._note(each)
            if isinstance(each, Sighting) and self._keeps_back(each, states.get(each.native_id)):
                self._gone[each.native_id] = each
                if states.get(each.native_id) is PlatformState.PRESENT:
                    self._present.add(each.native_id)
            else:
                yield each
            del each
        self._broken_off = False

    @property
    def asks_on(self) -> bool:
        """Say whether it takes more items, asked for one by one, to know what to believe."""
        return not (self.shown or self.vouched) and bool(self._gone or self._stands)

    @property
    def suspect(self) -> bool:
        """Say whether the page fell from many items to none, or has shown none since it did."""
        if self.shown or self.vouched:
            return False
        return len(self._present) >= MANY or self._stands or (self.standing and bool(self._gone))

    def believed(self) -> Iterator[Sighting]:
        """Give what was kept back and is believed after all, as few were gone, or some show.

        Nothing of a page that showed no item before its answers broke off.
        """
        if not self.suspect and (self.shown or not self._broken_off):
            yield from self._gone.values()

    @property
    def _stands(self) -> bool:
        """A light visit that shows nothing new says nothing about an earlier suspect run."""
        return self.standing and not self.light

    @property
    def shown(self) -> bool:
        """Say whether the page showed an item that it had before."""
        waiting, self._waiting = self._waiting, []
        self._believes = self._believes or (bool(waiting) and self.had(waiting))
        return self._believes

    def _note(self, seen: Seen) -> None:
        if self._believes:
            return
        if isinstance(seen, Observation) and seen.content.kind not in _BESIDE:
            content = seen.content
            when = micros(content.published_at)
            self._waiting.append(Shown(content.native_id, when, content.fingerprint()))
        elif isinstance(seen, Sighting) and seen.state in _SHOWN:
            self._waiting.append(Shown(seen.native_id))
        if len(self._waiting) >= _SOME:
            self._believes = self.shown

    def _keeps_back(self, seen: Sighting, before: PlatformState | None) -> bool:
        news = seen.state in _GONE and before not in _GONE
        return news and not (self.shown or self.vouched)
