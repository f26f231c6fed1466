"""Comparing two versions of a schedule: what came, what went, what changed, what got shorter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum

from archiver.records.promises import UNCONFIRMED
from archiver.records.schedules import Schedule
from archiver.records.series import Series

_UNCOMPARED = frozenset({"number", "examples"})


class Change(StrEnum):
    """What became of a series between two versions."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What became of one *series*; a changed one has a line for each *field* that differs.

    *shorter* says that by this change a record of the series could go earlier; it is said of
    the whole series, on its first line.
    """

    series: str
    change: Change
    field: str = ""
    before: str = ""
    after: str = ""
    shorter: bool = False


def differences(old: Schedule, new: Schedule) -> list[Difference]:
    """Give what differs between *old* and *new*, series by series, in the order of *new*.

    A longest period that differs, which items keep that nobody confirmed, is a line of its own.
    """
    found: list[Difference] = []
    for number, series in new.series.items():
        before = old.series.get(number)
        if before is None:
            found.append(Difference(series=number, change=Change.ADDED, after=series.title))
            continue
        shorter = old.promise(before).shortened_by(new.promise(series))
        changed = list(_changed(before, series))
        if shorter and not changed:
            changed = [("minimum_after_activity", *_minimums(old, new))]
        found.extend(
            Difference(
                series=number,
                change=Change.CHANGED,
                field=name,
                before=was,
                after=is_now,
                shorter=shorter and place == 0,
            )
            for place, (name, was, is_now) in enumerate(changed)
        )
    found.extend(_of_longest(old, new))
    found.extend(
        Difference(series=number, change=Change.REMOVED, before=series.title)
        for number, series in old.series.items()
        if number not in new.series
    )
    return found


def _of_longest(old: Schedule, new: Schedule) -> Iterator[Difference]:
    """Give the line of the longest period, where it differs."""
    if old.longest != new.longest:
        yield Difference(
            series=UNCONFIRMED,
            change=Change.CHANGED,
            field="longest",
            before=str(old.longest or ""),
            after=str(new.longest or ""),
            shorter=old.promises[UNCONFIRMED].shortened_by(new.promises[UNCONFIRMED]),
        )


def _minimums(old: Schedule, new: Schedule) -> tuple[str, str]:
    return str(old.minimum_after_activity or ""), str(new.minimum_after_activity or "")


def _changed(before: Series, after: Series) -> Iterator[tuple[str, str, str]]:
    for each in fields(Series):
        was, is_now = getattr(before, each.name), getattr(after, each.name)
        if each.name not in _UNCOMPARED and was != is_now:
            yield each.name, _shown(each.name, before), _shown(each.name, after)


def _shown(name: str, series: Series) -> str:
    """Give the value of a field as people read it."""
    if name == "also":
        return "; ".join(
            f"{term.trigger} {term.period}{'' if term.required else ' where it happened'}"
            for term in series.also
        )
    if name == "stages":
        return "; ".join(f"{stage.then} after {stage.after}" for stage in series.stages)
    if name == "citation":
        return "; ".join(series.citation)
    value = getattr(series, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
