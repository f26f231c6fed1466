"""Doubt: a page that shows nothing at all is not believed when it says that its items are gone.

A site that was reset, or that a token sees no more, answers every listing with nothing, and every
address with "not found", as one does whose items were really removed. What tells them apart is
whether anything still shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from archiver.procedures.expecting import MANY
from archiver.records.captures import Known, Observation, PlatformState, Seen, Sighting
from archiver.records.items import OF_MODERATION, ItemKind

_GONE = frozenset({PlatformState.NOT_VISIBLE, PlatformState.REPORTED_REMOVED})
_SHOWN = frozenset({PlatformState.PRESENT, PlatformState.HIDDEN})
_BESIDE = OF_MODERATION | {ItemKind.PROFILE}


Recheck: TypeAlias = "Callable[[Sequence[Known]], Iterator[Seen]]"
"""Looks again at items that are known."""


@dataclass(slots=True, kw_only=True)
class Doubt:
    """What one visit was told is gone, kept back until the page shows any item.

    *standing* says that an earlier run was suspect and nobody vouched for it yet, *vouched* that
    a person does now: then everything is believed. *light* is of the visit. *shown* says whether
    the page showed an item; what it says of itself, and how it is moderated, is none.
    """

    standing: bool
    vouched: bool
    light: bool
    shown: bool = False
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

    def _note(self, seen: Seen) -> None:
        if isinstance(seen, Observation):
            self.shown |= seen.content.kind not in _BESIDE
        elif isinstance(seen, Sighting):
            self.shown |= seen.state in _SHOWN

    def _keeps_back(self, seen: Sighting, before: PlatformState | None) -> bool:
        news = seen.state in _GONE and before not in _GONE
        return news and not (self.shown or self.vouched)
