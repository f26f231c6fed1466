"""The lists by which a page is moderated, and its log, on paper and in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from archiver.printing import Cell, Grid
from archiver.procedures.moderation_lists import Changed, ListsTold, ListTold
from archiver.records.moments import moment
from archiver.records.standing_lists import Entry

HOW_TO_READ = tuple(
    """
A list of those blocked, filtered or set to moderate is known as it stood at each visit. An entry \
came, or went, at some time between the visit that last found the list as before and the one that \
found it changed; by whom, stands here only where the platform's own log tells it.
A list that came back with nothing where it had entries is marked: a right may have been lost as \
well as the list cleared.
""".strip().splitlines()
)


def changed_entries(told: ListsTold) -> Iterator[tuple[ListTold, Changed, str, Entry]]:
    """Give each entry that changed, with its list, when, and the word for what it did."""
    for each in told.lists:
        for changed in each.changes:
            for what, entry in _steps(changed):
                yield each, changed, what, entry


def list_rows(told: ListsTold, zone: tzinfo, width: int) -> Iterator[tuple[Cell, ...]]:
    """Give a row of *width* cells and four more for each change of a list, and entry of the log.

    The first ones are item, kind, author, moment and text.
    """
    for each, changed, what, entry in changed_entries(told):
        row = each.found.row
        first = (row.item, row.kind, "", "", entry.line())
        last = (each.title, what, _at(changed.unchanged_until, zone), _at(changed.at, zone))
        yield (*first, *("" for _ in range(width - len(first))), *last)
    for logged in told.logged:
        row = logged.found.row
        first = (row.item, row.kind, logged.actor, _at(logged.at, zone), logged.words)
        yield (*first, *("" for _ in range(width - len(first))), "log", "", "", "")


def list_grids(told: ListsTold, zone: tzinfo) -> list[Grid]:
    """Give the tables as they are printed."""
    return [
        Grid(
            title="Lists by which the page is moderated",
            columns=("list", "known since", "entries when the time ended"),
            rows=[(e.title, _at(e.first_seen, zone), len(e.stands)) for e in told.lists],
        ),
        Grid(
            title="Changes of these lists",
            columns=("list", "entry", "what was seen", "as before until", "found so at"),
            rows=[
                (e.title, entry.line(), what, _at(c.unchanged_until, zone), _at(c.at, zone))
                for e, c, what, entry in changed_entries(told)
            ],
        ),
        Grid(
            title="The platform's own log of moderation",
            columns=("when", "by", "what"),
            rows=[(_at(e.at, zone), e.actor, e.words) for e in told.logged],
        ),
    ]


def _steps(changed: Changed) -> Iterator[tuple[str, Entry]]:
    went = "no longer listed, as all others" if changed.change.emptied else "no longer listed"
    yield from (("newly listed", entry) for entry in changed.change.added)
    yield from ((went, entry) for entry in changed.change.dropped)
    for before, after in changed.change.altered:
        yield f"reads otherwise; before: {before.line()}", after


def _at(micros_since: int, zone: tzinfo) -> str:
    return f"{moment(micros_since).astimezone(zone):%Y-%m-%d %H:%M %Z}"
