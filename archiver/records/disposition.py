"""Disposition: what may be done with a thread of items on a day, and why.

Holds are an argument of the decision, so there is no way to ask without them; the day is an
argument, so there is no clock. A thread is disposed of whole, on the longest period of its
members. Every question that can be answered with "keep" comes first, and the absence of any
input answers "keep"; the dangerous answer is the last line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from archiver.records.captures import PlatformState
from archiver.records.classification import Basis, Tag
from archiver.records.schedules import Adoption, Schedule, StillOnPlatform
from archiver.records.series import Trigger

_DAY = timedelta(days=1)
_WATCHED = (Trigger.LAST_ACTIVITY, Trigger.REMOVED)
"""Triggers that only a look at the page can tell not to have happened again."""


class Action(StrEnum):
    """What a verdict says may be done."""

    KEEP = "keep"
    DESTROY = "destroy"


class Why(StrEnum):
    """Reason codes; their text stands in GLOSSARY.md and in papers, never in the ledger."""

    HELD = "held"
    COOLING = "cooling"
    NOT_LIVE = "not_live"
    NO_SERIES = "no_series"
    UNDETERMINED = "undetermined"
    NOT_TRANSITORY = "not_transitory"
    UNCONFIRMED = "unconfirmed"
    NOT_ADOPTED = "not_adopted"
    NOT_UNATTENDED = "not_unattended"
    KEPT_BY_SERIES = "kept_by_series"
    NO_PERIOD = "no_period"
    PERIOD_RUNS = "period_runs"
    SETTLING = "settling"
    STILL_ON_PLATFORM = "still_on_platform"
    NO_CAPTURE_SINCE = "no_capture_since"
    RESTRICTED = "restricted"
    CHANGED = "changed_since_plan"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One item of a thread, as disposition sees it. Days are the agency's own.

    *triggers* holds the day of each trigger that has happened. *cooling_until* is the first day
    after the cool-down of a lifted hold.
    """

    item: str
    tag: Tag
    series: str
    basis: Basis
    live: bool
    restricted: bool
    state: PlatformState
    arrived_on: date
    triggers: Mapping[Trigger, date]
    cooling_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A thread with all its members, and what is known of its page.

    *captured_whole_on* is the day of the page's last complete capture, None if there is none.
    """

    id: str
    members: tuple[Member, ...]
    controlled: bool
    captured_whole_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why, with the code's own particulars: a hold's id, a series number, a day."""

    why: Why
    item: str = ""
    of: str = ""
    until: date | None = None

    def __str__(self) -> str:
        """Give the reason as tables show it."""
        parts = [self.why.value]
        if self.of:
            parts.append(self.of)
        if self.until:
            parts.append(f"until {self.until.isoformat()}")
        return " ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What may be done with a thread, why, and when it is worth asking again.

    *due* is the first day of disposition where one can be computed. *look_on* is the first day
    on which the answer could change by the passing of time alone; None if only an event can
    change it.
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
) -> Verdict:
    """Say whether *thread* may be destroyed unattended on the day *on*.

    *holds* names, for each item, the holds that cover it. A hold outranks the schedule, doubt
    outranks destruction, and only a thread of lapsed transitory items under an adoption that
    authorises unattended destruction is ever to be destroyed.
    """
    if held := _held(thread, holds):
        return _keep(thread, held)
    if schedule is None or schedule.adoption is None:
        return _keep(thread, [Reason(why=Why.NOT_ADOPTED)])
    if forbidden := _forbidden(thread, schedule, schedule.adoption, on=on):
        return _keep(thread, forbidden)
    waits = [wait for member in thread.members for wait in _waits(member, schedule)]
    due = max(until for _, until in waits)
    if due > on:
        return Verdict(
            thread=thread.id,
            action=Action.KEEP,
            reasons=tuple(reason for reason, until in waits if until > on),
            due=due,
            look_on=due,
        )
    if seen := _kept_by_platform(thread, schedule, schedule.adoption, due):
        tomorrow = on + _DAY if any(r.why is Why.NO_CAPTURE_SINCE for r in seen) else None
        return Verdict(
            thread=thread.id, action=Action.KEEP, reasons=tuple(seen), due=due, look_on=tomorrow
        )
    lapsed = tuple(
        Reason(why=Why.LAPSED, item=member.item, of=member.series, until=due)
        for member in thread.members
    )
    return Verdict(thread=thread.id, action=Action.DESTROY, reasons=lapsed, due=due)


def _keep(thread: Thread, reasons: Sequence[Reason]) -> Verdict:
    """Keep until an event changes the answer."""
    return Verdict(thread=thread.id, action=Action.KEEP, reasons=tuple(reasons))


def _held(thread: Thread, holds: Mapping[str, Sequence[str]]) -> list[Reason]:
    return [
        Reason(why=Why.HELD, item=member.item, of=hold)
        for member in thread.members
        for hold in holds.get(member.item, ())
    ]


def _forbidden(thread: Thread, schedule: Schedule, adoption: Adoption, *, on: date) -> list[Reason]:
    """Give the reasons to keep that no passing of time removes."""
    if not thread.members:
        return [Reason(why=Why.NOT_LIVE)]
    if not adoption.unattended_purge:
        return [Reason(why=Why.NOT_UNATTENDED)]
    found = (
        (member, _member_forbidden(member, schedule, adoption, on=on)) for member in thread.members
    )
    return [
        Reason(why=why, item=member.item, of=member.series)
        for member, why in found
        if why is not None
    ]


def _member_forbidden(
    member: Member, schedule: Schedule, adoption: Adoption, *, on: date
) -> Why | None:
    if not member.live:
        return Why.NOT_LIVE
    if member.restricted:
        return Why.RESTRICTED
    if member.tag is Tag.UNDETERMINED:
        return Why.UNDETERMINED
    if member.series not in schedule.series:
        return Why.NO_SERIES
    return _series_forbids(member, schedule, adoption, on=on)


def _series_forbids(
    member: Member, schedule: Schedule, adoption: Adoption, *, on: date
) -> Why | None:
    series = schedule.series[member.series]
    if member.tag is not Tag.TRANSITORY or series.category is not Tag.TRANSITORY:
        return Why.NOT_TRANSITORY
    if not _counts(member.basis, adoption):
        return Why.UNCONFIRMED
    if schedule.obstacles(member.series, on=on):
        return Why.KEPT_BY_SERIES
    return Why.NO_PERIOD if schedule.first_day(member.series, member.triggers) is None else None


def _counts(basis: Basis, adoption: Adoption) -> bool:
    if basis in (Basis.PERSON, Basis.COUNSEL):
        return True
    if basis is Basis.RULE:
        return "rules" in adoption.automatic
    return basis is Basis.MODEL and "model" in adoption.automatic


def _waits(member: Member, schedule: Schedule) -> list[tuple[Reason, date]]:
    """Give every time that must have passed for *member*, with the first day after it."""
    waits: list[tuple[Why, date]] = []
    if (lapses := schedule.first_day(member.series, member.triggers)) is not None:
        waits.append((Why.PERIOD_RUNS, lapses))
    waits.append((Why.SETTLING, schedule.series[member.series].settled(member.arrived_on)))
    if member.cooling_until is not None:
        waits.append((Why.COOLING, member.cooling_until))
    return [
        (Reason(why=why, item=member.item, of=member.series, until=until), until)
        for why, until in waits
    ]


def _kept_by_platform(
    thread: Thread, schedule: Schedule, adoption: Adoption, due: date
) -> list[Reason]:
    """Keep what the page still shows, and what no complete capture has looked at since."""
    reasons = []
    seen = thread.captured_whole_on
    for member in thread.members:
        shown = thread.controlled and member.state is PlatformState.PRESENT
        if shown and adoption.still_on_platform is not StillOnPlatform.DESTROY:
            reasons.append(Reason(why=Why.STILL_ON_PLATFORM, item=member.item, of=member.series))
        watched = schedule.series[member.series].trigger in _WATCHED
        if watched and (seen is None or seen < due):
            reasons.append(Reason(why=Why.NO_CAPTURE_SINCE, item=member.item, of=member.series))
    return reasons
