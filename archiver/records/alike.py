"""Deciding alike: what has equal facts gets an equal verdict, and is not reasoned about twice.

Of many threads that fall due together most are one item each, published and captured on the same
few days. `decide` looks at nothing but its arguments, so its answer to the first of them is that
to all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from operator import attrgetter
from typing import TypeAlias

from archiver.records.disposition import Member, Reason, Thread, Verdict, decide
from archiver.records.making import quickly
from archiver.records.schedules import Schedule

_a_verdict = quickly(Verdict)
_a_reason = quickly(Reason)

_Facts: TypeAlias = "tuple[object, ...]"

_a_verdict, _a_reason = quickly(Verdict), quickly(Reason)

_MAPPED = "triggers"
_of_member = attrgetter(*(f.name for f in fields(Member) if f.name not in {"item", _MAPPED}))
_of_thread = attrgetter(*(f.name for f in fields(Thread) if f.name not in {"id", "members"}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Decides for threads under one schedule, one set of holds, and on one day, as `decide` does.

    What is remembered is keyed by every fact of a thread but for its id and its item's, so it
    outlives nothing that could change the answer; made anew wherever anything is read anew.
    """

    schedule: Schedule | None
    holds: Mapping[str, Sequence[str]]
    on: date
    attended: bool
    _known: dict[_Facts, tuple[str, Verdict]] = field(default_factory=dict, init=False)

    def verdict(self, thread: Thread) -> Verdict:
        """Give what `decide` says of *thread*."""
        if len(thread.members) != 1 or self.holds.get(thread.members[0].item):
            return self._decided(thread)
        [member] = thread.members
        facts = (*_of_thread(thread), *_of_member(member), *member.triggers.items())
        if (known := self._known.get(facts)) is None:
            verdict = self._decided(thread)
            self._known[facts] = member.item, verdict
            return verdict
        return _said_of(thread, *known)

    def _decided(self, thread: Thread) -> Verdict:
        return decide(thread, self.schedule, self.holds, on=self.on, attended=self.attended)


def _said_of(thread: Thread, asked: str, verdict: Verdict) -> Verdict:
    """Give the *verdict* on a thread of the item *asked* as that on *thread*, of one item too."""
    item = thread.members[0].item
    return _a_verdict(
        thread=thread.id,
        action=verdict.action,
        reasons=tuple(
            _a_reason(why=r.why, item=item if r.item == asked else r.item, of=r.of, until=r.until)
            for r in verdict.reasons
        ),
        due=verdict.due,
        look_on=verdict.look_on,
    )
