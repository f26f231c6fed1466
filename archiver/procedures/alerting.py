"""Alerting: what must be said, and when. Pure; who sends it, and how, is another's business.

One line a day, so that silence is the alarm; failures at once, again after two days, and every
five days as long as they stand. Nothing here holds the text of an item, an address or a name
other than a page's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from archiver.catalogue.jobs import AlertRow
from archiver.procedures.problems import Problem
from archiver.procedures.status import Status
from archiver.records.captures import CaptureStatus
from archiver.records.counting import count_of
from archiver.records.moments import moment

SECOND = timedelta(days=2)
"""How long after the first time a failure is said again."""

EVERY = timedelta(days=5)
"""How often it is said from then on."""

QUIET = timedelta(days=1)
"""How long after it was last said a failure that is gone is forgotten.

One that comes and goes within that time is not said afresh each time it comes.
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail: its subject and its text."""

    subject: str
    body: str


def to_say(
    problems: Iterable[Problem], said: Mapping[str, AlertRow], now: datetime
) -> list[Problem]:
    """Give those of *problems* that must be said now."""
    return [problem for problem in problems if _is_due(said.get(problem.subject), now)]


def _is_due(row: AlertRow | None, now: datetime) -> bool:
    if row is None:
        return True
    if row.sent == 1:
        return now - moment(row.first_at) >= SECOND
    return now - moment(row.last_sent_at) >= EVERY


def mended(problems: Iterable[Problem], said: Mapping[str, AlertRow], now: datetime) -> list[str]:
    """Give the subjects that may be forgotten: they stand no more, and have been quiet."""
    standing = {problem.subject for problem in problems}
    return [
        subject
        for subject, row in sorted(said.items())
        if subject not in standing and now - moment(row.last_sent_at) >= QUIET
    ]


def failures(agency: str, problems: Sequence[Problem], said: Mapping[str, AlertRow]) -> Letter:
    """Write the mail that says *problems*."""
    count = count_of(len(problems), "problem")
    lines = [f"The archive of {agency} needs a hand.", ""]
    for problem in problems:
        lines += [f"- {problem.what}", f"  What to do: {problem.remedy}"]
        if (row := said.get(problem.subject)) is not None:
            lines.append(f"  It has stood since {moment(row.first_at):%Y-%m-%d %H:%M} UTC.")
    lines += ["", "`archiver status` on the archive's machine tells the rest."]
    return Letter(_subject(agency, count), "\n".join(lines))


def daily_line(agency: str, status: Status, anchor: str = "") -> Letter:
    """Write the line of the day: that the archive lives, and how it stands.

    *anchor* is the ledger's signed checkpoint: whoever keeps the mail keeps a witness.
    """
    at, night = status.standing, status.last_night
    visited = [page for page in at.pages if not page.imports]
    whole = sum(page.status == CaptureStatus.COMPLETE for page in visited)
    items = sum(page.live for page in at.pages)
    indexed = "index unavailable" if at.index.indexed is None else f"{at.index.indexed} indexed"
    line = "; ".join(
        [
            "no nightly job yet" if night is None else f"night of {night.day} {night.status}",
            f"{whole} of {count_of(len(visited), 'page')} complete",
            f"{count_of(items, 'item')}, {indexed}",
            f"{at.due_told}, {at.held} held, {at.queue} to review",
        ]
    )
    state = count_of(len(status.problems), "problem") if status.problems else "healthy"
    if status.warnings:
        state += f", {count_of(len(status.warnings), 'warning')}"
    lines = [line + ".", *(f"- {one}" for one in at.thawed_told)]
    for problem in (*status.problems, *status.warnings):
        lines += [f"- {problem.what}", f"  What to do: {problem.remedy}"]
    lines += ["", "This line comes every day. A day without it is a day on which to look."]
    if anchor:
        lines += ["Keep this mail: what follows is the account of every deed, signed.", "", anchor]
    return Letter(_subject(agency, state), "\n".join(lines))


def _subject(agency: str, rest: str) -> str:
    return " ".join(f"Archiver of {agency}: {rest}".split())
