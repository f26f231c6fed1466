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
    SeriesBasis,
    Stage,
    Term,
    Then,
    Tombstone,
    Trigger,
)

_FEDERAL = re.compile(r"\bGRS\b|\bNARA\b|\b36 C\.?F\.?R\b|\b44 U\.?S\.?C\b")
"""Federal schedules and their frame: never the authority of a state's or a city's period."""

UNSEEN = frozenset(
    {
        Confidence.MEMORY_HIGH,
        Confidence.MEMORY_MEDIUM,
        Confidence.MEMORY_LOW,
        Confidence.PROPOSAL,
    }
)
"""How sure a value is that was not seen: such a series ships without a period, and is kept."""

_RUN_BY_THEMSELVES = frozenset(
    {Trigger.CREATED, Trigger.POSTED, Trigger.RECORDED, Trigger.LAST_ACTIVITY}
)
"""Triggers that every item has from its first day on: after them a period needs a length."""


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
        at_most=_period(table, "at_most"),
        floor=_period(table, "floor"),
        floor_from=table.word("floor_from", Trigger, Trigger.CREATED),
        also=tuple(_term(each) for each in table.tables("also")),
        stages=tuple(_stage(each) for each in table.tables("stages")),
        citation=table.texts("citation", required=True),
        basis=table.word("basis", SeriesBasis),
        number_official=table.flag("number_official"),
        verified=table.flag("verified"),
        confidence=table.word("confidence", Confidence),
        settle=table.parsed("settle", Period.parse) or _settle(table),
        tombstone=table.word("tombstone", Tombstone, Tombstone.FULL),
        restricted=table.flag("restricted", default=False),
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


def _term(table: Table) -> Term:
    """Read one `[[series.also]]`."""
    term = Term(
        trigger=table.word("trigger", Trigger),
        period=_needed(table, "period"),
        required=table.flag("required", default=True),
    )
    table.finish()
    return term


def _stage(table: Table) -> Stage:
    """Read one `[[series.stages]]`."""
    stage = Stage(then=table.word("then", Then), after=_needed(table, "after"))
    table.finish()
    return stage


def _needed(table: Table, key: str) -> Period:
    if not table.has(key):
        table.fault(key, "is missing; write P0D for at once")
    return _period(table, key) or Period()


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
        stages=table.days("stages"),
        review_from=table.day("review_from"),
        own=table.flag("own", default=True),
    )
    table.finish()
    return example


def _check_rule(table: Table, series: Series) -> None:
    """Report what in the series contradicts its own retention rule."""
    rule = series.rule
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
    _check_period(table, series)
    _check_terms(table, series)
    _check_basis(table, series)
    _check_examples(table, series)


def _check_period(table: Table, series: Series) -> None:
    """Report a period that was never seen, one without a length, and a gap nobody explains."""
    unseen = series.confidence in UNSEEN
    if series.rule is not RetentionRule.PERIOD:
        return
    if table.has("period") and unseen:
        table.fault(
            "period",
            f"confidence {series.confidence} is memory or proposal: leave the period out (the "
            "series is then kept), and write the proposal in notes",
        )
    if not table.has("period") and not series.notes:
        table.fault("notes", "is missing: a series without a period says why, and what is proposed")
    if series.period is not None and not series.period and (series.trigger in _RUN_BY_THEMSELVES):
        table.fault("period", f"has no length, and {series.trigger} happens to every item")


def _check_terms(table: Table, series: Series) -> None:
    """Report terms, stages and a longest time that do not fit what they stand beside."""
    for key in ("also", "stages", "at_most"):
        if table.has(key) and not series.terms:
            table.fault(key, "needs a period to stand beside: this series is kept")
    triggers = [series.trigger, *(term.trigger for term in series.also)]
    if len(set(triggers)) < len(triggers):
        table.fault("also", "a trigger stands here twice")
    if Trigger.REVIEWED in triggers:
        table.fault("trigger", "a review answers for a time that is over, and starts none")
    if series.stages and series.stages[-1].then != series.disposition.value:
        table.fault(
            "stages", f"the last is {series.stages[-1].then}, the disposition {series.disposition}"
        )
    if any(stage.then is Then.DESTROY for stage in series.stages[:-1]):
        table.fault("stages", "nothing follows destruction")
    if [stage.then for stage in series.stages].count(Then.TRANSFER) > 1:
        table.fault("stages", "one receipt ends a transfer: no series has two")
    least = series.period or series.floor
    if series.at_most and least and series.at_most.may_end_before(least):
        table.fault("at_most", f"{series.at_most} may be over before {least} is")


def _check_basis(table: Table, series: Series) -> None:
    proposed = series.basis is SeriesBasis.PROPOSAL
    if series.confidence is Confidence.PROPOSAL and not proposed:
        table.fault("basis", 'confidence P is a proposal: basis = "proposal"')
    if proposed and (series.verified or series.confidence is Confidence.SEEN):
        table.fault("basis", "a proposal was neither seen nor verified")


def _check_examples(table: Table, series: Series) -> None:
    if not series.examples:
        table.fault("examples", "is missing: a series needs at least one worked example")
    for n, example in enumerate(series.examples, start=1):
        told = example.first_day_of_disposition is not None
        runs = series.rule is RetentionRule.PERIOD and series.terms
        if runs and not told and all(term.trigger in example.days for term in series.terms):
            table.fault(f"examples {n}", "first_day_of_disposition is missing")
        if told and not series.terms:
            table.fault(f"examples {n}", "a series that is kept has no first_day_of_disposition")
    for key in ("stages", "at_most"):
        worked = "stages" if key == "stages" else "review_from"
        if table.has(key) and all(getattr(each, worked) is None for each in series.examples):
            table.fault("examples", f"none of them works {worked}")
