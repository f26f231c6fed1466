"""Rebuilding the register of records requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from archiver.catalogue import Reading, requests
from archiver.procedures.account import Account
from archiver.procedures.papers import paper_of
from archiver.procedures.rebuild_deeds import Deed, number_in
from archiver.records.events import EventKind, Leaf
from archiver.records.moments import micros
from archiver.records.requests import RecordsRequest, RequestKind


def deeds_of_requests(account: Account) -> Mapping[EventKind, Deed]:
    """Give what writes each deed about a records request."""

    def opened(connection: Reading, leaf: Leaf) -> None:
        told = paper_of(account, "request", leaf.paper)
        request = RecordsRequest(
            id=leaf.subject,
            number=str(told["number"]),
            kind=RequestKind(str(told["kind"])),
            received_on=date.fromisoformat(str(told["received"])),
            hold=str(leaf.particulars["h"]),
        )
        hold_n, at = number_in(request.hold), micros(leaf.at)
        requests.add(connection, request, hold_n=hold_n, at=at, by=leaf.by, paper=leaf.paper)

    def closed(connection: Reading, leaf: Leaf) -> None:
        on, entered_on = (
            date.fromordinal(int(str(leaf.particulars[name]))) for name in ("on", "day")
        )
        requests.close(connection, number_in(leaf.subject), on=on, entered_on=entered_on)

    return {EventKind.REQUEST_OPENED: opened, EventKind.REQUEST_CLOSED: closed}
