"""Rebuilding notices: who was told of a hold, reminded, and has acknowledged."""

from __future__ import annotations

from collections.abc import Mapping

from archiver.catalogue import Reading, notices
from archiver.catalogue.notices import NoticeRow
from archiver.procedures.account import Account
from archiver.procedures.papers import paper_of
from archiver.procedures.rebuild_deeds import Deed, number_in
from archiver.records.events import EventKind, Leaf
from archiver.records.moments import micros


def deeds_of_notices(account: Account) -> Mapping[EventKind, Deed]:
    """Give what writes each deed about a notice."""

    def given(connection: Reading, leaf: Leaf) -> None:
        told = paper_of(account, "notice", leaf.paper)
        row = NoticeRow(
            n=0,
            notice="",
            hold_n=number_in(str(leaf.particulars["h"])),
            person=str(told["person"]),
            name=str(told["name"]),
            mail=str(told["mail"]),
            page=str(told["page"]),
            given_at=micros(leaf.at),
            by=leaf.by,
            paper=leaf.paper,
        )
        notices.add(connection, row)

    def given_back(connection: Reading, leaf: Leaf) -> None:
        notices.give_back(connection, number_in(leaf.subject))

    def repeated(connection: Reading, leaf: Leaf) -> None:
        notices.remind(connection, [number_in(leaf.subject)], at=micros(leaf.at))

    def acknowledged(connection: Reading, leaf: Leaf) -> None:
        notices.acknowledge(connection, number_in(leaf.subject), at=micros(leaf.at), by=leaf.by)

    return {
        EventKind.NOTICE_GIVEN: given,
        EventKind.NOTICE_RETURNED: given_back,
        EventKind.NOTICE_REPEATED: repeated,
        EventKind.NOTICE_ACKNOWLEDGED: acknowledged,
    }
