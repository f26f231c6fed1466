"""Disposition: what may be done with a thread of items on a day, and why.

Holds are an argument of the decision, so there is no way to ask without them; the day is an
argument, so there is no clock. A thread is disposed of whole, on the longest period of its
members, and in the most careful way any of them asks for. Every question that can be answered
with "keep" comes first, and the absence of any input answers "keep"; the dangerous answer is
the last line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeAlias

from archiver.records.captures import PlatformState
from archiver.records.classification import Basis, Tag
from archiver.records.reasons import Action, Reason, Why
from archiver.records.restrictions import unordered
from archiver.records.schedules import Adoption, Obstacle, Schedule, StillOnPlatform
from archiver.records.series import Disposition, Trigger
from archiver.records.transfers import (
    Step,
    Transferred,
    follows,
    has_review,
    has_transfer,
    next_step,
    was_reviewed,
)

__all__ = [
    "Action",
    "Member",
    "Reason",
    "Thread",
    "Verdict",
    "Why",
    "confirmed",
    "decide",
    "filed_under",
    "next_for",
]

_WATCHED = frozenset({Trigger.LAST_ACTIVITY, Trigger.REMOVED})
"""Triggers that only a look at the page can tell not to have happened again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One item of a thread, as disposition sees it. Days are the agency's own.

    *triggers* holds the day of each trigger that has happened, *restricted* why it is, as words.
    *cooling_until* is the first day after the cool-down of a lifted hold. *transferred* tells of
    the bag it last went into, *orders* which court orders keep it until they say otherwise.
    """

    item: str
    tag: Tag
    series: str
    basis: Basis
    live: bool
    restricted: str
    state: PlatformState
    arrived_on: date
    triggers: Mapping[Trigger, date]
    cooling_until: date | None = None
    transferred: Transferred | None = None
    orders: tuple[str, ...] = ()


_End: TypeAlias = "tuple[Member, Step | None]"
"""A member of a thread, with what is next for it and its first day; None where none follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A thread with all its members, and what is known of its page.

    *captured_whole_on* is the day of the page's last complete capture, None if there is none.
    """

    id: str
    members: tuple[Member, ...]
    controlled: bool
    captured_whole_on: date | None

    def unbound(self) -> Thread:
        """Give the thread as it would be if no court order had closed or kept any of it."""
        members = (
            replace(one, orders=(), restricted=unordered(one.restricted)) for one in self.members
        )
        return replace(self, members=tuple(members))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What may be done with a thread, why, and when it is worth asking again.

    *due* is the first day of disposition where one can be computed. *look_on* is the first day on
    which the answer could change by the passing of time alone; None if only an event can do so.
    """

    thread: str
    action: Action
    reasons: tuple[Reason, ...]
    due: date | None = None
    look_on: date | None = None


def decide(
    thread: Thread,
    schedule: Schedule | None,
    holds: Mapping[str, Sequence[str]],
    *,
    on: date,
    attended: bool = False,
) -> Verdict:
    """Say what may be done with *thread* on the day *on*: unattended, or by a plan people approve.

    *holds* names, for each item, the holds that cover it. A hold outranks the schedule, so does an
    order of a court, and doubt outranks destruction. Unattended, only a thread of lapsed
    transitory items under an adoption that authorises it is ever to be destroyed. *attended*, a
    plan may also list what is substantive, to be transferred or to be reviewed; what nobody has
    confirmed keeps the longest period of all.
    """
    if bound := _bound(thread, holds):
        return _keep(thread, bound)
    if schedule is None or schedule.adoption is None:
        return _keep(thread, [Reason(why=Why.NOT_ADOPTED)])
    ends = [(member, next_for(member, schedule)) for member in thread.members]
    if forbidden := _forbidden(ends, schedule, schedule.adoption, on=on, attended=attended):
        early = all(reason.why is Why.NOT_IN_FORCE for reason in forbidden)
        return _keep(thread, forbidden, look_on=schedule.adoption.date if early else None)
    waits = [wait for member, step in ends for wait in _waits(member, step, schedule)]
    due = max(until for _, _, until in waits)
    if due > on:
        return Verdict(
            thread=thread.id,
            action=Action.KEEP,
            reasons=tuple(_waits_for(*wait, schedule) for wait in waits if wait[2] > on),
            due=due,
            look_on=due,
        )
    action = max((_done(step)[0] for _, step in ends), key=_CARE.index)
    if seen := _kept_by_platform(thread, schedule, schedule.adoption, due, action):
        unseen = any(reason.why is Why.NO_CAPTURE_SINCE for reason in seen)
        tomorrow = on + timedelta(days=1) if unseen else None
        return Verdict(
            thread=thread.id, action=Action.KEEP, reasons=tuple(seen), due=due, look_on=tomorrow
        )
    lapsed = tuple(_lapsed(member, step, schedule, due) for member, step in ends)
    due_on = None if action is Action.KEEP else due
    return Verdict(thread=thread.id, action=action, reasons=lapsed, due=due_on)


_CARE = (Action.DESTROY, Action.KEEP, Action.TRANSFER, Action.REVIEW)
"""What is done with a thread is the most careful of what its members ask for."""

_DONE: Mapping[Disposition | None, tuple[Action, Why]] = {
    Disposition.DESTROY: (Action.DESTROY, Why.LAPSED),
    Disposition.TRANSFER: (Action.TRANSFER, Why.TO_TRANSFER),
    Disposition.REVIEW: (Action.REVIEW, Why.TO_REVIEW),
    None: (Action.KEEP, Why.TRANSFERRED),
}
"""What is done with a lapsed item of each disposition; what is permanent never gets here.

None is what was transferred and received, and of which the schedule says no more: it stays.
"""


def filed_under(member: Member, schedule: Schedule) -> str:
    """Give the number of the series by which *member* is disposed of.

    What nobody could place counts as of the schedule's default series, which is substantive.
    """
    placed = member.series in schedule.series or member.tag is not Tag.UNDETERMINED
    return member.series if placed else schedule.default_series


def _done(step: Step | None) -> tuple[Action, Why]:
    return _DONE[step.then if step is not None else Disposition.REVIEW]


def _received_on(member: Member) -> date | None:
    return member.transferred.received_on if member.transferred else None


def _lapsed(member: Member, step: Step | None, schedule: Schedule, due: date) -> Reason:
    number, (_, why) = filed_under(member, schedule), _done(step)
    if why is Why.LAPSED and has_review(schedule.series[number]):
        why = Why.REVIEWED
    elif why is Why.LAPSED and not confirmed(member, schedule):
        why = Why.LAPSED_UNCONFIRMED
    return Reason(why=why, item=member.item, of=number, until=due)


def confirmed(member: Member, schedule: Schedule) -> bool:
    """Say whether somebody whose word counts has said what *member* is."""
    adoption = schedule.adoption
    return (
        member.tag is not Tag.UNDETERMINED
        and adoption is not None
        and adoption.counts(member.basis)
    )


def _keep(thread: Thread, reasons: Sequence[Reason], look_on: date | None = None) -> Verdict:
    """Keep until an event changes the answer, or *look_on* comes."""
    return Verdict(thread=thread.id, action=Action.KEEP, reasons=tuple(reasons), look_on=look_on)


def _bound(thread: Thread, holds: Mapping[str, Sequence[str]]) -> list[Reason]:
    found = [(Why.HELD, one.item, of) for one in thread.members for of in holds.get(one.item, ())]
    found += [(Why.ORDERED, one.item, of) for one in thread.members for of in one.orders]
    return [Reason(why=why, item=item, of=of) for why, item, of in found]


def _forbidden(
    ends: Sequence[_End], schedule: Schedule, adoption: Adoption, *, on: date, attended: bool
) -> list[Reason]:
    """Give the reasons to keep that time removes on the day of the adoption alone, if ever."""
    if not ends:
        return [Reason(why=Why.NOT_LIVE)]
    if not (attended or adoption.unattended_purge):
        return [Reason(why=Why.NOT_UNATTENDED)]
    found = (
        (
            member,
            _attended_forbids(member, step, schedule, on=on)
            if attended
            else _member_forbidden(member, step, schedule, adoption, on=on),
        )
        for member, step in ends
    )
    begins = {Why.NOT_IN_FORCE: adoption.date}
    return [
        Reason(why=why, item=member.item, of=member.series, until=begins.get(why))
        for member, why in found
        if why is not None
    ]


def _member_forbidden(
    member: Member, step: Step | None, schedule: Schedule, adoption: Adoption, *, on: date
) -> Why | None:
    if not member.live:
        return Why.NOT_LIVE
    if member.transferred is not None and member.transferred.received_on is None:
        return Why.RECEIPT_AWAITED
    if member.restricted:
        return Why.RESTRICTED
    if member.tag is Tag.UNDETERMINED:
        return Why.UNDETERMINED
    if member.series not in schedule.series:
        return Why.NO_SERIES
    return _series_forbids(member, step, schedule, adoption, on=on)


def _attended_forbids(
    member: Member, step: Step | None, schedule: Schedule, *, on: date
) -> Why | None:
    """Give what keeps *member* even where people approve, whatever its periods say."""
    number = filed_under(member, schedule)
    if not member.live:
        return Why.NOT_LIVE
    if member.transferred is not None and member.transferred.received_on is None:
        return Why.RECEIPT_AWAITED
    if number not in schedule.series:
        return Why.NO_SERIES
    found = set(schedule.obstacles(number, on=on))
    if Obstacle.PERMANENT in found:
        return Why.PERMANENT
    if found - {Obstacle.NOT_FOR_DESTRUCTION, Obstacle.NOT_YET_IN_FORCE}:
        return Why.KEPT_BY_SERIES
    early = Why.NOT_IN_FORCE if Obstacle.NOT_YET_IN_FORCE in found else None
    return Why.NO_PERIOD if step is None else early


def next_for(member: Member, schedule: Schedule) -> Step | None:
    """Give what is next for *member*, by its series, or after the longest time of all.

    What nobody confirmed is not transferred sooner, either. None where no day follows.
    """
    received, number = _received_on(member), filed_under(member, schedule)
    step = next_step(schedule, number, member.triggers, received)
    if confirmed(member, schedule) or number not in schedule.series:
        return step
    longest = schedule.first_day_unconfirmed(member.series, member.triggers)
    if longest is None:
        return None
    day = max(longest, step.first_day) if step and received else longest
    reviewed = was_reviewed(member.triggers, day)
    then = follows(schedule.series[number], received=received is not None, reviewed=reviewed)
    return Step(then=then, first_day=day)


def _series_forbids(
    member: Member, step: Step | None, schedule: Schedule, adoption: Adoption, *, on: date
) -> Why | None:
    series = schedule.series[member.series]
    if member.tag is not Tag.TRANSITORY or series.category is not Tag.TRANSITORY:
        return Why.NOT_TRANSITORY
    if not adoption.counts(member.basis):
        return Why.UNCONFIRMED
    found = set(schedule.obstacles(member.series, on=on))
    if found - {Obstacle.NOT_YET_IN_FORCE} or has_transfer(series) or has_review(series):
        return Why.KEPT_BY_SERIES
    if step is None or step.then is Disposition.REVIEW:
        return Why.NO_PERIOD
    return Why.NOT_IN_FORCE if found else None


def _waits(member: Member, step: Step | None, schedule: Schedule) -> list[tuple[Member, Why, date]]:
    """Give every time that must have passed for *member*, with the first day after it."""
    waits: list[tuple[Member, Why, date]] = []
    if step is not None:
        waits.append((member, Why.PERIOD_RUNS, step.first_day))
    settled = schedule.settled(filed_under(member, schedule), member.arrived_on)
    waits.append((member, Why.SETTLING, settled))
    if member.cooling_until is not None:
        waits.append((member, Why.COOLING, member.cooling_until))
    return waits


def _waits_for(member: Member, why: Why, until: date, schedule: Schedule) -> Reason:
    return Reason(why=why, item=member.item, of=filed_under(member, schedule), until=until)


def _kept_by_platform(
    thread: Thread, schedule: Schedule, adoption: Adoption, due: date, action: Action
) -> list[Reason]:
    """Keep what the page still shows, and what no complete capture has looked at since.

    What is transferred or reviewed stays here, and may be shown there meanwhile.
    """
    reasons = []
    seen = thread.captured_whole_on
    for member in thread.members:
        number = filed_under(member, schedule)
        shown = thread.controlled and member.state is PlatformState.PRESENT
        shown = shown and action not in (Action.TRANSFER, Action.REVIEW)
        if shown and adoption.still_on_platform is not StillOnPlatform.DESTROY:
            reasons.append(Reason(why=Why.STILL_ON_PLATFORM, item=member.item, of=number))
        watched = bool(_WATCHED & schedule.counts_from(number)) or not confirmed(member, schedule)
        if watched and (seen is None or seen < due):
            reasons.append(Reason(why=Why.NO_CAPTURE_SINCE, item=member.item, of=number))
    return reasons
