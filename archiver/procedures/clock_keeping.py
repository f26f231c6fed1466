"""Keeping the clock honest: what the ledger saw of it, and a person's word that it is right."""

from __future__ import annotations

from archiver.catalogue import ledger
from archiver.procedures.account import Account
from archiver.procedures.authority import demand, doubt_of
from archiver.procedures.problems import Problem
from archiver.records.errors import ClockDoubted
from archiver.records.events import EventKind
from archiver.records.moments import written
from archiver.records.people import Right, SignedIn


def confirm_clock(account: Account, signed: SignedIn, *, reason: str) -> None:
    """Enter that the clock is right as it stands, by *signed*'s word; from now it is believed.

    Raises:
        NotPermitted: the person may not dispose.
    """
    person, now = signed.person, account.now()
    demand(account, person, Right.DISPOSE)
    with account.catalogue.reading() as connection:
        watch = ledger.watch(connection)
    leapt = None if watch.leapt is None else list(watch.leapt)
    paper = account.paper(
        "clock",
        {
            "reason": reason,
            "by": person.id,
            "now": written(now),
            "last": str(watch.last),
            "leapt": None if leapt is None else [str(at) for at in leapt],
        },
    )
    with account.catalogue.writing() as desk:
        kind = EventKind.CLOCK_CONFIRMED
        account.enter(desk, kind, by=person.id, paper=paper, at=now)
    account.acknowledge()


def clock_problems(account: Account, *, days: int) -> tuple[Problem, ...]:
    """Name a clock that nobody believes until a person has confirmed it."""
    said = doubt_of(account, days=days)
    if not said:
        return ()
    return (Problem(subject="clock", what=said, remedy=ClockDoubted.remedy),)
