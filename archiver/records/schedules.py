"""Schedules: record series, their authority, the rules that suggest them, and the adoption.

A schedule is data. It destroys nothing by being shipped: only an adoption record, which the
agency writes into its own copy, gives it force.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from archiver.records.adoption import Adoption, StillOnPlatform
from archiver.records.classification import Tag
from archiver.records.errors import ScheduleInvalid
from archiver.records.identity import sha256
from archiver.records.periods import Period
from archiver.records.rule_reading import read_rule, read_wording
from archiver.records.rules import Rule, Wording
from archiver.records.schedule_tables import Table
from archiver.records.series import Disposition, Example, RetentionRule, Series, Trigger
from archiver.records.series_reading import read_adoption, read_series

__all__ = [
    "Adoption",
    "Obstacle",
    "Schedule",
    "StillOnPlatform",
    "load_schedule",
]

_TWO_YEARS_IN_MONTHS = 24


class Obstacle(StrEnum):
    """What in a schedule itself forbids that items of a series are destroyed."""

    UNKNOWN_SERIES = "unknown_series"
    NOT_ADOPTED = "not_adopted"
    NOT_YET_IN_FORCE = "not_yet_in_force"
    NOT_VERIFIED = "not_verified"
    PERMANENT = "permanent"
    NOT_FOR_DESTRUCTION = "not_for_destruction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A retention schedule, read whole and cross-checked.

    *digest* is the SHA-256 of the file's bytes: the version every decision names.
    *default_series* takes
    substantive content that no rule places. *longest* is the longest period of any of its
    series: what nobody has confirmed keeps it. *warnings* say which values are not verified.
    """

    name: str
    title: str
    state: str
    agency: str
    digest: str
    series: Mapping[str, Series]
    default_series: str
    demonstration: bool = False
    adoption: Adoption | None = None
    minimum_after_activity: Period | None = None
    longest: Period | None = None
    approval_chains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    guards: Mapping[str, Wording] = field(default_factory=dict)
    fillers: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()
    notes: str = ""

    def minimum_for(self, series: Series) -> Period | None:
        """Give the least time after the last activity that holds for *series*.

        Only a transitory series, and only by a written determination in the adoption record,
        is free of it.
        """
        determined = self.adoption is not None and self.adoption.transitory_determination
        if determined and series.category is Tag.TRANSITORY:
            return None
        return self.minimum_after_activity

    def first_day(self, number: str, days: Mapping[Trigger, date]) -> date | None:
        """Give the first day on which items of series *number* may be disposed of, by *days*.

        The series' own rule and the schedule's least time after the last activity both bind.
        None where no day follows from what is known.
        """
        series = self.series.get(number)
        first = series.first_day(days) if series else None
        if series is None or first is None:
            return None
        minimum = self.minimum_for(series)
        if minimum is None:
            return first
        active = days.get(Trigger.LAST_ACTIVITY)
        return None if active is None else max(first, minimum.first_day(active))

    def first_day_unconfirmed(self, number: str, days: Mapping[Trigger, date]) -> date | None:
        """Give the first day for an item whose tag nobody has confirmed: the longest period.

        Counted from the last activity, and never before the suggested series' own day; None
        while a substantive series that was suggested waits for its trigger.
        """
        active = days.get(Trigger.LAST_ACTIVITY)
        if active is None or self.longest is None:
            return None
        longest = self.longest.first_day(active)
        suggested = self.first_day(number, days)
        if suggested is not None:
            return max(longest, suggested)
        series = self.series.get(number)
        waits = series is not None and series.category is not Tag.TRANSITORY
        return None if waits else longest

    def obstacles(self, number: str, *, on: date) -> tuple[Obstacle, ...]:
        """Say what in this schedule forbids destroying items of series *number* on the day *on*.

        Empty means only that the schedule does not stand in the way; holds, requests, periods
        and approvals are asked elsewhere.
        """
        series = self.series.get(number)
        if series is None:
            return (Obstacle.UNKNOWN_SERIES,)
        found = []
        if self.adoption is None:
            found.append(Obstacle.NOT_ADOPTED)
        elif on < self.adoption.date:
            found.append(Obstacle.NOT_YET_IN_FORCE)
        if not series.verified:
            found.append(Obstacle.NOT_VERIFIED)
        if series.rule is RetentionRule.PERMANENT:
            found.append(Obstacle.PERMANENT)
        elif series.disposition is not Disposition.DESTROY:
            found.append(Obstacle.NOT_FOR_DESTRUCTION)
        return tuple(found)


def load_schedule(name: str, data: bytes, *, shipped: bool = False) -> Schedule:
    """Read the schedule in *data*, a TOML file called *name* in every fault.

    *shipped* says that the file came with the archiver: then only a demonstration may carry an
    adoption, for nobody else can adopt a schedule for an agency.

    Raises:
        ScheduleInvalid: the file breaks its own rules; carries every fault at once.
    """
    try:
        values = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScheduleInvalid(f"{name}: is not TOML in UTF-8: {error}") from error
    faults: list[str] = []
    schedule = _read(Table(values, name, faults), sha256(data), shipped=shipped)
    if not faults:
        faults.extend(_wrong_examples(name, schedule))
    if faults:
        raise ScheduleInvalid(faults)
    return schedule


def _read(top: Table, digest: str, *, shipped: bool) -> Schedule:
    head = top.table("schedule", required=True) or Table({}, top.where, [])
    chains = _named(top, "approval_chains", required=True)
    state = head.text("state", default="")
    series: dict[str, Series] = {}
    for table in top.tables("series"):
        read = read_series(table, chains=chains, local=bool(state))
        if read.number in series:
            table.fault("number", "stands here twice")
        series[read.number] = read
    if not series:
        top.fault("series", "is missing: a schedule needs at least one [[series]]")
    rules, guards = _rules(top, series)
    demonstration = head.flag("demonstration", default=False)
    fillers = top.table("words")
    schedule = Schedule(
        name=head.text("name"),
        title=head.text("title"),
        state=state,
        agency=head.text("agency"),
        digest=digest,
        series=series,
        default_series=head.text("default_series"),
        demonstration=demonstration,
        adoption=_adoption(top, shipped=shipped and not demonstration),
        minimum_after_activity=head.parsed("minimum_after_activity", Period.parse),
        longest=_longest(series.values()),
        approval_chains=chains,
        rules=rules,
        guards=guards,
        fillers=frozenset(fillers.texts("fillers")) if fillers else frozenset(),
        warnings=_warnings(series.values()),
        notes=head.text("notes", default=""),
    )
    for read_whole in (head, fillers, top):
        if read_whole is not None:
            read_whole.finish()
    _check_head(head, schedule)
    return schedule


def _rules(top: Table, series: Mapping[str, Series]) -> tuple[tuple[Rule, ...], dict[str, Wording]]:
    guards: dict[str, Wording] = {}
    written = top.table("guards")
    for key in written.written() if written else ():
        table = written.table(key) if written else None
        if table is None:
            continue
        guards[key] = read_wording(table)
        if not guards[key]:
            table.fault("phrases", "is missing: a guard needs phrases or patterns")
        table.finish()
    rules: dict[str, Rule] = {}
    for table in top.tables("rules"):
        rule = read_rule(table, series=series, guards=guards)
        if rule.id in rules:
            table.fault("id", "stands here twice")
        rules[rule.id] = rule
    return tuple(rules.values()), guards


def _named(top: Table, key: str, *, required: bool) -> dict[str, tuple[str, ...]]:
    table = top.table(key, required=required)
    return {name: table.texts(name) for name in table.written()} if table else {}


def _adoption(top: Table, *, shipped: bool) -> Adoption | None:
    table = top.table("adoption")
    if table is None:
        return None
    if shipped:
        top.fault(
            "adoption",
            "a shipped schedule is not adopted; copy the file, and write the adoption there",
        )
    return read_adoption(table)


def _longest(series: Iterable[Series]) -> Period | None:
    """Give the longest period of all, each counted from the same day."""
    periods = [each.period for each in series if each.period]
    return max(periods, key=lambda period: period.first_day(date(2001, 1, 1)), default=None)


def _warnings(series: Iterable[Series]) -> tuple[str, ...]:
    return tuple(
        f"series {each.number}: its value is not verified (confidence {each.confidence})"
        for each in series
        if not each.verified
    )


def _check_head(head: Table, schedule: Schedule) -> None:
    default = schedule.series.get(schedule.default_series)
    if default is None or default.category is not Tag.SUBSTANTIVE:
        head.fault("default_series", "must be a substantive series of this schedule")
    least = schedule.minimum_after_activity
    months = 0 if least is None else least.years * 12 + least.months
    if schedule.state == "CA" and months < _TWO_YEARS_IN_MONTHS:
        head.fault(
            "minimum_after_activity",
            "must be P2Y or longer in California: Gov. Code 34090(d)",
        )


def _wrong_examples(name: str, schedule: Schedule) -> list[str]:
    """Work every example, as the schedule stands without an adoption."""
    bare = replace(schedule, adoption=None)
    return [
        f"{name}: series {series.number}: examples {n}: first_day_of_disposition: "
        f"written {_day(example)}, but it comes out as {found or 'no day'}"
        for series in schedule.series.values()
        for n, example in enumerate(series.examples, start=1)
        if (found := bare.first_day(series.number, example.days))
        != example.first_day_of_disposition
    ]


def _day(example: Example) -> str:
    return str(example.first_day_of_disposition or "no day")
