"""What a new request must be before it freezes: of a day that has come, and the only one of it."""

from __future__ import annotations

from datetime import date

from archiver.catalogue import Reading, requests
from archiver.procedures.account import Account
from archiver.records.errors import ConfigInvalid
from archiver.records.holds import Scope
from archiver.records.requests import RequestKind


def demand_openable(
    account: Account, number: str, kind: RequestKind, received_on: date, scope: Scope
) -> None:
    """Pass if *scope* asks for no search, *received_on* has come, and no request is it already.

    It is asked before a paper is written; `demand_new` again in the transaction that opens it.

    Raises:
        ConfigInvalid: otherwise.
        RegisterUnreadable: as `demand_new`.
    """
    if scope.query is not None:
        raise ConfigInvalid(
            "a request freezes its pages and days until a person narrows it to what a search finds",
            remedy="Open it without the search, then say `archiver requests narrow`.",
        )
    if received_on > account.today():
        raise ConfigInvalid(
            f"--received {received_on}: has not come yet",
            remedy="Give the day on which the request came in.",
        )
    with account.catalogue.reading() as connection:
        demand_new(connection, number, kind)


def demand_new(connection: Reading, number: str, kind: RequestKind) -> None:
    """Pass if no request of this *number* and *kind* was ever opened: it would be two.

    Raises:
        ConfigInvalid: one was; it is named.
        RegisterUnreadable: nobody can tell.
    """
    for row in requests.every(connection):
        if (row.request.number, row.request.kind) == (number, kind):
            raise ConfigInvalid(
                f"--number {number}: {row.request.id} is the {kind.value} request of it",
                remedy=f"See `archiver requests show {row.request.id}`; another one needs a number "
                "of its own.",
            )
