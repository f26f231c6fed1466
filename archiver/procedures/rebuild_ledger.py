"""Rebuilding all that is no item: pages, visits, people, holds, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from archiver.catalogue import Reading, facts, pages, plans
from archiver.catalogue.pages import PageRow
from archiver.catalogue.unasked import Unasked, begin_again, stands
from archiver.procedures.account import Account
from archiver.procedures.papers import paper_of
from archiver.procedures.rebuild_adoptions import adoption_deeds
from archiver.procedures.rebuild_deeds import Deed
from archiver.procedures.rebuild_dispositions import DispositionReplay
from archiver.procedures.rebuild_enablings import deeds_of_enablings
from archiver.procedures.rebuild_matters import deeds_of_holds
from archiver.procedures.rebuild_notices import deeds_of_notices
from archiver.procedures.rebuild_orders import deeds_of_orders
from archiver.procedures.rebuild_requests import deeds_of_requests
from archiver.procedures.rebuild_roster import REPLAYS
from archiver.procedures.rebuild_samples import deeds_of_samples
from archiver.procedures.rebuild_transfers import deeds_of_transfers
from archiver.procedures.rebuild_visits import deeds_of_visits
from archiver.records.canonical import Json
from archiver.records.events import EventKind, Leaf
from archiver.records.moments import micros


def deeds_of_registers(account: Account, *, lines: bool = True) -> dict[EventKind, Deed]:
    """Give what each entry about a register comes to; without *lines*, plans list no items."""

    def paper(kind: str, leaf: Leaf) -> dict[str, Json]:
        return paper_of(account, kind, leaf.paper)

    return {
        EventKind.SCHEDULE_OPENED: _schedule_opened,
        EventKind.SCHEDULE_ASKED: _schedule_asked,
        EventKind.ARCHIVE_REBUILT: _rebuilt,
        EventKind.ARCHIVE_RESTORED: _restored,
        EventKind.ARCHIVE_RECONCILED: _reconciled,
        **adoption_deeds(account),
        **{kind: partial(replay, paper) for kind, replay in REPLAYS.items()},
        **deeds_of_holds(account, lines=lines),
        **deeds_of_requests(account),
        **deeds_of_notices(account),
        **deeds_of_enablings(account),
        **DispositionReplay(account, lines=lines).deeds,
        **deeds_of_orders(account),
        **deeds_of_samples(account),
        **deeds_of_transfers(account, lines=lines),
    }


def _schedule_opened(connection: Reading, leaf: Leaf) -> None:
    facts.put(connection, facts.SCHEDULE, leaf.subject)
    plans.void_made_under_others(connection, leaf.subject)
    stands(connection, Unasked(upto=int(str(leaf.particulars["z"]))))


def _schedule_asked(connection: Reading, leaf: Leaf) -> None:
    after, upto = (int(str(leaf.particulars[end])) for end in ("a", "z"))
    stands(connection, Unasked(after, upto))


def _rebuilt(connection: Reading, _leaf: Leaf) -> None:
    begin_again(connection)


def _restored(connection: Reading, leaf: Leaf) -> None:
    begin_again(connection)
    facts.put(connection, facts.UNRECONCILED, leaf.subject)


def _reconciled(connection: Reading, _leaf: Leaf) -> None:
    facts.remove(connection, facts.UNRECONCILED)


class LedgerReplay:
    """Applies entries that are not about one item's own content, in order."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._deeds: Mapping[EventKind, Deed] = {
            EventKind.PAGE_OPENED: self._page_opened,
            **deeds_of_visits(account),
            **deeds_of_registers(account),
        }

    def apply(self, connection: Reading, leaf: Leaf) -> None:
        """Apply *leaf*; most deeds leave no row but their entry."""
        deed = self._deeds.get(leaf.kind)
        if deed is not None:
            deed(connection, leaf)

    def _paper(self, kind: str, leaf: Leaf) -> dict[str, Json]:
        return paper_of(self._account, kind, leaf.paper)

    # --- who and where ------------------------------------------------------------------------

    def _page_opened(self, connection: Reading, leaf: Leaf) -> None:
        told = self._paper("page", leaf)
        name, connector = str(told["name"]), str(told["connector"])
        controlled = bool(told["controlled"])
        known = pages.by_id(connection, leaf.subject)
        if known is not None:
            fresh = replace(known, name=name, connector=connector, controlled=controlled)
            pages.change(connection, known, fresh, self._account.key)
            return
        row = PageRow(
            n=0,
            page=leaf.subject,
            name=name,
            platform=str(told["platform"]),
            identity=str(told["identity"]),
            connector=connector,
            controlled=controlled,
            opened_at=micros(leaf.at),
            whole_at=None,
            visited_at=None,
        )
        pages.add(connection, row, self._account.key)
