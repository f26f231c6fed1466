"""What has come to its review without anybody planning it: found every night, asked for daily.

A series may end in a review, have one among its stages, or a longest time after which a person
looks. From that day on an item is asked for until a person has kept it longer, has said that it
belongs to another series, or that it need not be kept: then it may be planned for destruction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from archiver.catalogue import Reading, disposals, plans
from archiver.catalogue.items import ThreadRow
from archiver.procedures.account import Account
from archiver.procedures.deciding import SLICE, Decided, decide_for
from archiver.procedures.due_now import write_next_looks
from archiver.procedures.problems import Problem
from archiver.records.counting import count_of
from archiver.records.disposition import Action
from archiver.records.schedules import Schedule
from archiver.records.transfers import has_review

MOST = 1_000
"""How many threads that wait are counted; where there may be more, that is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewsDue:
    """How many items wait for a review that nobody has planned, and since when the first one."""

    items: int
    since: date
    at_least: bool

    def problem(self, today: date) -> Problem:
        """Say it, and what to do."""
        many = count_of(self.items, "item waits", "items wait")
        days = count_of((today - self.since).days, "day")
        return Problem(
            subject="reviews due",
            what=f"{'at least ' if self.at_least else ''}{many} for a person's review, the first "
            f"for {days}",
            remedy="List them with `archiver dispositions plan --action review`; then keep them "
            "longer (`dispositions extend`), say where they belong (`dispositions relabel`), or "
            "that they need not be kept (`items trigger ITEM --trigger reviewed`).",
        )


def reviews_due(account: Account, schedule: Schedule) -> ReviewsDue | None:
    """Count what waits for a review today and stands on no plan to review; None if nothing does."""
    found = 0
    since: date | None = None
    with account.catalogue.reading() as connection:
        planned = [
            row.n
            for row in plans.attended_of(connection, ("proposed",))
            if row.action == Action.REVIEW
        ]
    for threads, one in enumerate(_to_review(account, schedule), start=1):
        with account.catalogue.reading() as connection:
            listed = plans.listed_of(connection, planned, [item.n for item in one.members])
        if waiting := len(one.members) - len(listed):
            found += waiting
            due = one.verdict.due or account.today()
            since = due if since is None else min(since, due)
        if threads >= MOST:
            break
    if since is None:
        return None
    return ReviewsDue(items=found, since=since, at_least=threads >= MOST)


def _to_review(account: Account, schedule: Schedule) -> Iterator[Decided]:
    for some in _candidates(account, schedule):
        yield from (one for one in some if one.verdict.action is Action.REVIEW)


def look_ahead_at_reviews(account: Account, schedule: Schedule) -> None:
    """Write when what is not yet to be reviewed is worth a look again, so that no look is wasted.

    It goes on until `MOST` threads were found that wait; the rest follows once these are
    decided. What was stirred since it was read keeps its day.
    """
    found = 0
    for some in _candidates(account, schedule):
        found += sum(one.verdict.action is Action.REVIEW for one in some)
        write_next_looks(account, schedule, some)
        if found >= MOST:
            return


def _candidates(account: Account, schedule: Schedule) -> Iterator[list[Decided]]:
    """Decide, slice by slice, for every thread that may have come to a review by today."""
    on, after = account.today(), 0
    numbers = _reviewed(schedule) if schedule.adoption is not None else []
    while numbers:
        with account.catalogue.reading() as connection:
            rows = _ripe(connection, schedule, numbers, on=on, after=after)
            if not rows:
                return
            some = decide_for(connection, account, schedule, rows, on=on, attended=True)
        yield some
        after = rows[-1].n


def _reviewed(schedule: Schedule) -> list[str]:
    """Name the series that ask for a review, ever."""
    every = schedule.series.values()
    return [one.number for one in every if has_review(one) or one.at_most is not None]


def _ripe(
    connection: Reading, schedule: Schedule, numbers: Sequence[str], *, on: date, after: int
) -> list[ThreadRow]:
    return disposals.ripe_in(
        connection,
        numbers,
        undetermined=schedule.default_series in numbers,
        on=on.toordinal(),
        after=after,
        limit=SLICE,
    )
