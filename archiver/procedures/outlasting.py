"""Outlasting: a long visit may go on by the schedule it began with after another was opened.

What it enters then was never asked of by the one that is open, and waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from archiver.catalogue import Desk, facts
from archiver.catalogue.unasked import Unasked, stands, unasked
from archiver.procedures.account import Account
from archiver.records.canonical import Json
from archiver.records.events import EventKind


def let_wait(account: Account, desk: Desk, by: str, under: str, numbers: Sequence[int]) -> None:
    """Write that items of these *numbers* wait, if another schedule than *under* was opened since.

    *under* is the digest of the one by which their texts came in: a long visit may outlast it.
    """
    opened = facts.get(desk.connection, facts.SCHEDULE)
    if not numbers or opened in {None, under}:
        return
    waiting = unasked(desk.connection)
    after = min(numbers) - 1
    rest = Unasked(min(after, waiting.after) if waiting else after, max(*numbers, waiting.upto))
    if rest == waiting:
        return
    stands(desk.connection, rest)
    told: dict[str, Json] = {"a": rest.after, "z": rest.upto, "n": 0}
    account.enter(desk, EventKind.SCHEDULE_ASKED, by=by, subject=opened or "", told=told)
