"""What a schedule asks people to review, until somebody has.

Where a series ends in a review, a plan to review lists what has come to it. Each item leaves the
plan once a person keeps it longer, or says that it belongs to another series; what nobody has
looked at is asked for until then.
"""

from __future__ import annotations

from archiver.catalogue import plans
from archiver.procedures.account import Account
from archiver.procedures.problems import Problem
from archiver.procedures.transfer_problems import Waiting
from archiver.records.counting import count_of
from archiver.records.disposition import Action


def reviews_waiting(account: Account) -> list[Waiting]:
    """Name every standing plan to review of which something was not reviewed yet."""
    with account.catalogue.reading() as connection:
        standing = [
            row
            for row in plans.attended_of(connection, ("proposed",))
            if row.action == Action.REVIEW and plans.lists_untouched(connection, row.n)
        ]
    return [
        Waiting(
            problem=Problem(
                subject=f"review {row.plan}",
                what=f"{row.plan} waits {count_of(days, 'day')} for a person to review its items",
                remedy=f"See `archiver dispositions show {row.plan}`, then say what becomes of its "
                "items: `archiver dispositions extend`, `relabel` or, for all, `decline`.",
            ),
            days=days,
        )
        for row in standing
        for days in [(account.today() - account.day(row.made_at)).days]
    ]
