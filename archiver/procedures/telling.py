"""Telling people: sends what must be said, and remembers what was, and whether it went out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from archiver.catalogue import jobs
from archiver.procedures import alerting
from archiver.procedures.account import Account
from archiver.procedures.alerting import Letter
from archiver.procedures.status import Status
from archiver.procedures.timetable import MAIL, beat
from archiver.records.errors import LedgerDamaged, NotFound, ObjectError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came of a letter: for how many people it was taken, and what went wrong, if anything."""

    reached: int
    fault: str = ""


Send = Callable[[Letter], Sent]
"""Sends a letter to everyone."""


def tell_failures(account: Account, agency: str, status: Status, send: Send) -> int:
    """Say every problem and warning that must be said now, in one mail; give how many that were.

    What reached nobody is not said, and is tried again at the next occasion.
    """
    now = account.now()
    with account.catalogue.reading() as connection:
        said = jobs.said(connection)
    standing = (*status.problems, *status.warnings)
    due = alerting.to_say(standing, said, now)
    told = due if due and _send(account, alerting.failures(agency, due, said), send) else []
    forgotten = alerting.mended(standing, said, now)
    if told or forgotten:
        with account.catalogue.writing() as desk:
            jobs.forget(desk.connection, forgotten)
            subjects = [problem.subject for problem in told]
            jobs.say(desk.connection, subjects, at=account.now_micros())
    return len(told)


def tell_day(account: Account, agency: str, status: Status, send: Send) -> bool:
    """Send the line of the day; give whether it reached anybody."""
    return _send(account, alerting.daily_line(agency, status, _anchor(account)), send)


def _anchor(account: Account) -> str:
    try:
        return account.copy.note().decode("utf-8")
    except (LedgerDamaged, NotFound, ObjectError):
        return ""  # what is wrong with the copy is told among the problems


def _send(account: Account, letter: Letter, send: Send) -> bool:
    sent = send(letter)
    beat(account, MAIL, sent.fault)
    return sent.reached > 0
