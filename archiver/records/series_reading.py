"""Reading the series and the adoption of a schedule file, and what each must be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from archiver.records.adoption import AUTOMATIC, Adoption, StillOnPlatform
from archiver.records.classification import Tag
from archiver.records.periods import Cutoff, Period
from archiver.records.schedule_tables import Table
from archiver.records.series import (
    SETTLE,
    Confidence,
    Disposition,
    Example,
    RetentionRule,
    Series,
    Trigger,
)

_FEDERAL = re.compile(r"\bGRS\b|\bNARA\b|\b36 C\.?F\.?R\b|\b44 U\.?S\.?C\b")
"""Federal schedules and their frame: never the authority of a state's or a city's period."""


def read_adoption(table: Table) -> Adoption:
    """Read `[adoption]`; without a day, which is reported, it would never be in force."""
    instrument, number = table.text("instrument"), table.text("number")
    day = table.day("date", required=True)
    signed_by = table.texts("signed_by", required=True)
    automatic = frozenset(table.texts("automatic"))
    if strange := sorted(automatic - AUTOMATIC):
        table.fault("automatic", f"{', '.join(strange)}: only {', '.join(sorted(AUTOMATIC))}")
    adoption = Adoption(
        instrument=instrument,
        number=number,
        date=day or date.max,
        signed_by=signed_by,
        unattended_purge=table.flag("unattended_purge", default=False),
        automatic=automatic & AUTOMATIC,
        still_on_platform=table.word("still_on_platform", StillOnPlatform, StillOnPlatform.KEEP),
        transitory_determination=table.text("transitory_determination", default="") or None,
        notes=table.text("notes", default=""),
    )
    table.finish()
    return adoption


def read_series(table: Table, *, chains: Mapping[str, tuple[str, ...]], local: bool) -> Series:
    """Read one `[[series]]`; *local* says that the schedule is a state's or a city's."""
    number = table.text("number")
    table.where = f"{table.where.rpartition(': ')[0]}: series {number or '?'}"
    rule = table.word("rule", RetentionRule)
    series = Series(
        number=number,
        title=table.text("title"),
        falls_in=table.text("falls_in"),
        category=table.word("category", Tag),
        rule=rule,
        trigger=table.word("trigger", Trigger),
        disposition=table.word("disposition", Disposition),
        approval=table.text("approval"),
        period=_period(table, "period"),
        floor=_period(table, "floor"),
        floor_from=table.word("floor_from", Trigger, Trigger.CREATED),
        citation=table.texts("citation", required=True),
        number_official=table.flag("number_official"),
        verified=table.flag("verified"),
        confidence=table.word("confidence", Confidence),
        settle=table.parsed("settle", Period.parse) or _settle(table),
        notes=table.text("notes", default=""),
        examples=tuple(_example(each) for each in table.tables("examples")),
    )
    table.finish()
    _check_rule(table, series)
    if series.approval and series.approval not in chains:
        table.fault("approval", f"{series.approval!r} is not among [approval_chains]")
    if local and any(_FEDERAL.search(cited) for cited in series.citation):
        table.fault("citation", "a federal schedule is no authority for a state's or city's period")
    return series


def _settle(table: Table) -> Period:
    return Period() if table.has("settle") else SETTLE


def _period(table: Table, key: str) -> Period | None:
    """Read a period written as text, or as a table of period, cutoff and fiscal_year_start."""
    if not table.has(key) or not table.is_table(key):
        return table.parsed(key, Period.parse)
    inner = table.table(key)
    if inner is None:
        return None
    cutoff = inner.word("cutoff", Cutoff)
    start = inner.whole("fiscal_year_start", least=1, most=12)
    if cutoff is Cutoff.FISCAL_YEAR and not inner.has("fiscal_year_start"):
        inner.fault("fiscal_year_start", "is missing: the month in which the fiscal year begins")
    if inner.text("length") == "":
        inner.finish()
        return None
    length = inner.parsed(
        "length", lambda text: Period.parse(text, cutoff=cutoff, fiscal_year_start=start or 7)
    )
    inner.finish()
    return length


def _example(table: Table) -> Example:
    given = table.table("days", required=True)
    days: dict[Trigger, date] = {}
    for key in given.written() if given else ():
        day = given.day(key) if given else None
        try:
            trigger = Trigger(key)
        except ValueError:
            table.fault(f"days.{key}", f"is not one of {', '.join(Trigger)}")
            continue
        if day is not None:
            days[trigger] = day
    example = Example(
        text=table.text("text"),
        days=days,
        first_day_of_disposition=table.day("first_day_of_disposition"),
        own=table.flag("own", default=True),
    )
    table.finish()
    return example


def _check_rule(table: Table, series: Series) -> None:
    """Report what in the series contradicts its own retention rule."""
    rule = series.rule
    if rule is RetentionRule.PERIOD and not series.period and not table.has("period"):
        table.fault("period", 'is missing: rule = "period" needs one')
    if table.has("period") and series.period is not None and not series.period:
        table.fault("period", "has no length")
    if rule is not RetentionRule.PERIOD and table.has("period"):
        table.fault("period", f'rule = "{rule}" has no period')
    declared = rule is RetentionRule.WHEN_NO_LONGER_REQUIRED
    if table.has("floor") and not declared:
        table.fault("floor", 'only rule = "when_no_longer_required" has a floor')
    if declared and series.trigger is not Trigger.ADMIN_VALUE_ENDED:
        table.fault(
            "trigger", 'rule = "when_no_longer_required" starts no timer: "admin_value_ended"'
        )
    if (rule is RetentionRule.PERMANENT) != (series.disposition is Disposition.PERMANENT):
        table.fault("disposition", '"permanent" goes with rule = "permanent", and only with it')
    if series.category is Tag.UNDETERMINED:
        table.fault("category", "a series is substantive or transitory")
    _check_examples(table, series)


def _check_examples(table: Table, series: Series) -> None:
    if not series.examples:
        table.fault("examples", "is missing: a series needs at least one worked example")
    for n, example in enumerate(series.examples, start=1):
        told = example.first_day_of_disposition is not None
        if series.rule is RetentionRule.PERIOD and not told:
            table.fault(f"examples {n}", "first_day_of_disposition is missing")
        if series.rule is RetentionRule.PERMANENT and told:
            table.fault(f"examples {n}", "a permanent series has no first_day_of_disposition")
