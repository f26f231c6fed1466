"""Reading a schedule file whole, with the wordings it names; every fault at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from archiver.records.adoption import Adoption
from archiver.records.errors import ScheduleInvalid
from archiver.records.exclusions import read_exclusions
from archiver.records.periods import Period
from archiver.records.promises import UNCONFIRMED
from archiver.records.schedule_checks import check_head, wrong_examples
from archiver.records.schedule_tables import Table
from archiver.records.schedules import Schedule
from archiver.records.series import Series
from archiver.records.series_reading import read_adoption, read_series
from archiver.records.wordings import ScheduleText, read_words


@lru_cache(maxsize=4)
def load_schedule(name: str, text: ScheduleText) -> Schedule:
    """Read the schedule in *text*, a TOML file called *name* in every fault.

    Only a demonstration may carry an adoption; everybody else's stands in the catalogue. The same
    text is read once, and what it says shared: nobody changes a schedule, a new one replaces it.

    Raises:
        ScheduleInvalid: the file breaks its own rules; carries every fault at once.
    """
    faults: list[str] = []
    top = Table.of_file(name, text.toml, faults)
    if top is None:
        raise ScheduleInvalid(faults)
    schedule = _read(top, text)
    if not faults:
        faults.extend(wrong_examples(name, replace(schedule, adoption=None)))
    if faults:
        raise ScheduleInvalid(faults)
    return schedule


def _read(top: Table, text: ScheduleText) -> Schedule:
    head = top.table("schedule", required=True) or Table({}, top.where, [])
    chains = _named(top, "approval_chains", required=True)
    state = head.text("state", default="")
    series = _series(top, chains, local=bool(state))
    named = head.text("wordings", default="")
    words = read_words(top, series, named=named, text=text.wordings)
    demonstration = head.flag("demonstration", default=False)
    schedule = Schedule(
        name=head.text("name"),
        title=head.text("title"),
        state=state,
        agency=head.text("agency"),
        digest=text.digest,
        series=series,
        default_series=head.text("default_series"),
        division=head.text("division", default=""),
        public_comments=head.text("public_comments", default=""),
        wordings=named,
        demonstration=demonstration,
        reference=head.flag("reference", default=False),
        adoption=_adoption(top, demonstration=demonstration),
        minimum_after_activity=head.parsed("minimum_after_activity", Period.parse),
        longest=_longest(series.values()),
        exclusions=read_exclusions(top),
        approval_chains=chains,
        rules=words.rules,
        guards=words.guards,
        fillers=words.fillers,
        notes=head.text("notes", default=""),
    )
    for read_whole in (head, top):
        read_whole.finish()
    check_head(head, schedule)
    return schedule


def _series(top: Table, chains: Mapping[str, tuple[str, ...]], *, local: bool) -> dict[str, Series]:
    series: dict[str, Series] = {}
    for table in top.tables("series"):
        read = read_series(table, chains=chains, local=local)
        if read.number in series:
            table.fault("number", "stands here twice")
        if read.number == UNCONFIRMED:
            table.fault("number", "names the longest period, which what nobody confirmed keeps")
        series[read.number] = read
    if not series:
        top.fault("series", "is missing: a schedule needs at least one [[series]]")
    return series


def _named(top: Table, key: str, *, required: bool) -> dict[str, tuple[str, ...]]:
    table = top.table(key, required=required)
    return {name: table.texts(name) for name in table.written()} if table else {}


def _adoption(top: Table, *, demonstration: bool) -> Adoption | None:
    table = top.table("adoption")
    if table is None:
        return None
    if not demonstration:
        top.fault(
            "adoption",
            "typed into a schedule it adopts nothing; "
            "`archiver schedule adopt` takes the signed instrument",
        )
    return read_adoption(table)


def _longest(series: Iterable[Series]) -> Period | None:
    """Give the longest period of all, each counted from the same day."""
    periods = [each.period for each in series if each.period]
    return max(periods, key=lambda period: period.first_day(date(2001, 1, 1)), default=None)
