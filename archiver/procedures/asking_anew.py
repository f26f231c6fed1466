"""Asking anew: what a schedule restricts is restricted in what was archived before it, too.

Opening a schedule writes down every item that is there as not asked of. Some at a time, the rules
are asked of all their texts, as at capture, and what they find is entered item by item; then that
these were asked of. A crash leaves the rest as not asked of, and the next run goes on with it.
Until then they count as restricted, for who reads and for the purge.

Nothing is opened here: what a later schedule no longer restricts stays so until a person says
otherwise. And what a person opened stays open, but for versions that came after their word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from archiver.catalogue import Desk, Reading, contents, facts, inspection, items
from archiver.catalogue.items import LIVE, ItemRow
from archiver.catalogue.unasked import Unasked, stands, unasked
from archiver.ports import Classifier
from archiver.procedures.account import Account
from archiver.procedures.founding import open_schedule
from archiver.procedures.viewing import closed_to, demand_reader
from archiver.records.canonical import Json, read_object
from archiver.records.counting import count_of
from archiver.records.events import EventKind, Leaf
from archiver.records.moments import micros
from archiver.records.people import Person
from archiver.records.restrictions import Restriction, restricted_by, unordered
from archiver.records.schedules import Schedule
from archiver.records.wordings import ScheduleText

BATCH = 500
"""How many items one transaction takes in."""

IN_PASSING = 20_000
"""Of how many items the rules are asked by who has something else to do; the night asks of all."""


@dataclass(slots=True)
class Asked:
    """How many items were *asked* of and *restricted*, and how many numbers still wait."""

    asked: int = 0
    restricted: int = 0
    waiting: int = 0


def open_and_ask(
    account: Account,
    classifier: Classifier,
    by: Person,
    schedule: Schedule,
    text: ScheduleText,
    *,
    most: int | None,
) -> Asked:
    """Open *schedule* where it is not the one of the last run, and ask it of what waits for it.

    About *most* items are asked of (None: all); of the rest, as often as this is called.
    """
    open_schedule(account, by, schedule, text)
    return ask_anew(account, classifier, schedule, by, most=most)


def ask_anew(
    account: Account,
    classifier: Classifier,
    schedule: Schedule,
    by: Person,
    *,
    most: int | None = None,
) -> Asked:
    """Restrict what *schedule* restricts of what was archived before it was opened, in order.

    About *most* items are asked of (None: all that wait). Where another schedule was opened
    meanwhile, its own run asks.
    """
    told = Asked()
    entered = False
    while (most is None or told.asked < most) and _ask_some(
        account, classifier, schedule, by, told
    ):
        entered = True
    with account.catalogue.reading() as connection:
        rest = unasked(connection)
    told.waiting = rest.upto - rest.after
    if entered:
        account.acknowledge()
    return told


def notes(account: Account) -> tuple[str, ...]:
    """Say how many items wait until the rules of a new schedule are asked of them, if any do."""
    with account.catalogue.reading() as connection:
        waiting = unasked(connection)
        count = items.live_between(connection, waiting.after, waiting.upto) if waiting else 0
    if not count:
        return ()
    many = count_of(count, "item waits", "items wait")
    said = "until then only who may see what is restricted sees them, and the purge leaves them"
    return (f"{many} to be asked anew by the rules of the schedule, at night: {said}",)


def _ask_some(
    account: Account, classifier: Classifier, schedule: Schedule, by: Person, told: Asked
) -> bool:
    """Take in the next items that wait, and add them to what is *told*; False where none does."""
    with account.catalogue.reading() as connection:
        waiting = _waiting(connection, schedule)
        rows = items.slice_of(connection, after=waiting.after, limit=BATCH) if waiting else []
        mine = [row for row in rows if waiting.covers(row)]
        wanted = list(restrictable(connection, classifier, schedule, mine))
    if not waiting:
        return False
    reached = rows[-1].n if len(rows) == BATCH else waiting.upto
    with account.catalogue.writing() as desk:
        now = items.by_numbers(desk.connection, [row.n for row in mine])
        changed = any(now.get(row.n) != row for row in mine)
        if changed or _waiting(desk.connection, schedule) != waiting:
            return True  # another process was here meanwhile: they are asked of once more
        _restrict(account, desk, wanted, by, schedule)
        rest = waiting._replace(after=min(reached, waiting.upto))
        _enter_asked(account, desk, by, schedule, rest, len(wanted))
    told.asked += len(mine)
    told.restricted += len(wanted)
    return True


def _waiting(connection: Reading, schedule: Schedule) -> Unasked:
    """Give what waits to be asked of under *schedule*; nothing where another one is open."""
    opened = facts.get(connection, facts.SCHEDULE) == schedule.digest
    return unasked(connection) if opened else Unasked()


def restrictable(
    connection: Reading, classifier: Classifier, schedule: Schedule, rows: Sequence[ItemRow]
) -> Iterator[ItemRow]:
    """Give those of *rows* that *schedule* restricts, by its series or by what *classifier* finds.

    What is restricted by a schedule already is not among them, nor what a person opened since. A
    text that nobody can read any more is in doubt, and restricted.
    """
    asked = {
        row.n: row
        for row in rows
        if row.life == LIVE and Restriction.SCHEDULE not in row.restricted.split()
    }
    opened = _opened_at(connection, list(asked.values()))
    found = {n for n, row in asked.items() if n not in opened and _series_says(schedule, row)}
    left = [n for n in asked if n not in found]
    for n, captured_at, body in contents.all_bodies_of(connection, left):
        seen = n in opened and captured_at <= opened[n]
        if n not in found and not seen and _text_says(classifier, asked[n], body):
            found.add(n)
    return (row for n, row in asked.items() if n in found)


def restricted_by_it(
    account: Account, person: Person, classifier: Classifier, schedule: Schedule
) -> Counter[str]:
    """Count, by series, what *schedule* would restrict of all that is here, besides what is.

    Whoever asks may have written its rules, and nothing is entered; so what *person* may not see
    is not counted.

    Raises:
        NotPermitted: the person may not read.
    """
    demand_reader(account, person)
    closed = closed_to(account, person)
    found: Counter[str] = Counter()
    after = 0
    while True:
        with account.catalogue.reading() as connection:
            rows = items.slice_of(connection, after=after, limit=BATCH)
            seen = closed.open_ones(connection, rows) if closed is not None else rows
            found.update(row.series for row in restrictable(connection, classifier, schedule, seen))
        if not rows:
            return found
        after = rows[-1].n


def _series_says(schedule: Schedule, row: ItemRow) -> bool:
    series = schedule.series.get(row.series)
    return series is not None and series.restricted


def _text_says(classifier: Classifier, row: ItemRow, body: str) -> bool:
    try:
        content = contents.from_body(body)
    except contents.ILLEGIBLE:
        return True
    return classifier.suggest(content, own=row.own).restricts


def _opened_at(connection: Reading, rows: Sequence[ItemRow]) -> Mapping[int, int]:
    """Give, by number, when a person last said that one of *rows* is open (µs since 1970, UTC).

    The paper of a person's last word says so by itself: it restricts, or takes that back.
    """
    spoken = {
        row.item: row.n
        for row in rows
        if row.restriction and Restriction.PERSON not in row.restricted.split()
    }
    found: dict[int, int] = {}
    for item, leaves in inspection.changes_of(connection, list(spoken)).items():
        for data in leaves:
            leaf = Leaf.from_json(read_object(data))
            if leaf.kind is EventKind.ITEM_UNRESTRICTED:
                found[spoken[item]] = micros(leaf.at)
    return found


def _restrict(
    account: Account, desk: Desk, wanted: Sequence[ItemRow], by: Person, schedule: Schedule
) -> None:
    after = [
        replace(row, restricted=restricted_by(row.restricted, Restriction.SCHEDULE)).in_place_of(
            row, account.key
        )
        for row in wanted
    ]
    items.change(desk.connection, after)
    at = account.now()
    for row in after:
        told: dict[str, Json] = {"r": unordered(row.restricted), "s": schedule.digest}
        kind = EventKind.ITEM_RESTRICTED
        account.enter(desk, kind, by=by.id, subject=row.item, told=told, at=at)


def _enter_asked(
    account: Account, desk: Desk, by: Person, schedule: Schedule, rest: Unasked, restricted: int
) -> None:
    """Enter what still waits; once nothing does, the purge looks at everything again."""
    stands(desk.connection, rest)
    if not rest:
        items.look_at_all(desk.connection, account.today().toordinal())
    told: dict[str, Json] = {"a": rest.after, "z": rest.upto, "n": restricted}
    account.enter(desk, EventKind.SCHEDULE_ASKED, by=by.id, subject=schedule.digest, told=told)
