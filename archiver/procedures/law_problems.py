"""Law problems: where the configured schedule is not the version that is in force."""

from __future__ import annotations

from archiver.procedures.account import Account
from archiver.procedures.in_force import in_force
from archiver.procedures.problems import Problem
from archiver.records.schedules import Schedule


def law_problems(account: Account, schedule: Schedule) -> tuple[Problem, ...]:
    """Name the adoption that is in force where it is of another version than *schedule*."""
    with account.catalogue.reading() as connection:
        row = in_force(account, connection)
    if schedule.demonstration or row is None or row.schedule == schedule.digest:
        return ()
    return (
        Problem(
            subject="schedule",
            what=f"{row.adoption} is in force, of {row.name}, version {row.schedule[:12]}; "
            f"config.toml names version {schedule.digest[:12]}: nothing is destroyed",
            remedy="Let `schedule` in config.toml name the version in force, or adopt the one "
            "it names: two people do, with `archiver schedule adopt`.",
        ),
    )
