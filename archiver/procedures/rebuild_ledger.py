"""Rebuilding all that is no item: pages, people, captures, gaps and holds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import cast

from archiver.catalogue import Reading, captures, facts, items, pages, plans, rebuilding
from archiver.catalogue.pages import PageRow
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
from archiver.records.canonical import Json
from archiver.records.captures import CaptureStatus
from archiver.records.events import EventKind, Leaf
from archiver.records.identity import sha256
from archiver.records.moments import micros


def deeds_of_registers(account: Account, *, lines: bool = True) -> dict[EventKind, Deed]:
    """Give what each entry about a register comes to; without *lines*, plans list no items."""

    def paper(kind: str, leaf: Leaf) -> dict[str, Json]:
        return paper_of(account, kind, leaf.paper)

    return {
        EventKind.SCHEDULE_OPENED: _schedule_opened,
        EventKind.ARCHIVE_RESTORED: _restored,
        EventKind.ARCHIVE_RECONCILED: _reconciled,
        **adoption_deeds(account),
        **{kind: partial(replay, paper) for kind, replay in REPLAYS.items()},
        **deeds_of_holds(account),
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


def _restored(connection: Reading, leaf: Leaf) -> None:
    facts.put(connection, facts.UNRECONCILED, leaf.subject)


def _reconciled(connection: Reading, _leaf: Leaf) -> None:
    facts.remove(connection, facts.UNRECONCILED)


class LedgerReplay:
    """Applies entries that are not about one item's own content, in order."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._deeds: Mapping[EventKind, Deed] = {
            EventKind.PAGE_OPENED: self._page_opened,
            EventKind.CAPTURE_ENDED: self._capture_ended,
            EventKind.GAP_RECORDED: self._gap_recorded,
            EventKind.GAP_CLOSED: self._gap_closed,
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
            pages.rename(connection, known.n, name=name, connector=connector, controlled=controlled)
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
        pages.add(connection, row)

    # --- captures -------------------------------------------------------------------------------

    def _capture_ended(self, connection: Reading, leaf: Leaf) -> None:
        told, ended = leaf.particulars, micros(leaf.at)
        page = pages.by_id(connection, leaf.subject)
        if page is None:
            return
        began = int(str(told["b"]))
        n = rebuilding.open_capture(connection, str(told["c"]), page.n, at=began)
        seen, new, changed, removed = cast("list[int]", told["n"])
        since, light = told.get("si"), bool(told.get("li"))
        rebuilding.end_capture(
            connection,
            n,
            {
                "begun_at": began,
                "ended_at": ended,
                "status": str(told["st"]),
                "since": None if since is None else int(str(since)),
                "seen": seen,
                "new": new,
                "changed": changed,
                "removed": removed,
                "unchanged": cast("int", told["u"]),
                "fetched": cast("int", told["f"]),
                "platform_count": cast("int | None", told.get("pc")),
                "light": light,
                "lasting": cast("int", told.get("lg", 0)),
                "rechecks_waiting": cast("int", told.get("rw", 0)),
            },
        )
        whole = told["st"] == CaptureStatus.COMPLETE.value and not light
        walked = bool(told.get("w", whole))
        pages.visited(connection, page.n, at=began, whole=whole, walked=walked, light=light)
        if whole:
            captures.close_page_gaps(connection, page.n, at=ended)
        if leaf.paper:
            self._word_gaps(connection, n, leaf)

    def _gap_recorded(self, connection: Reading, leaf: Leaf) -> None:
        """A gap's words stand in the coverage paper; until it comes, its digest stands for them."""
        told = leaf.particulars
        row = items.by_ids(connection, [leaf.subject]).get(leaf.subject)
        page = pages.by_id(connection, leaf.subject)
        page_n = row.page_n if row is not None else page.n if page is not None else None
        if page_n is None:
            return
        at, slot = micros(leaf.at), str(told["a"])
        capture_n = rebuilding.open_capture(connection, str(told["c"]), page_n, at=at)
        rebuilding.add_gap(
            connection,
            {
                "n": int(str(told["n"])),
                "capture_n": capture_n,
                "page_n": page_n,
                "item_n": row.n if row is not None else None,
                "slot": slot,
                "what": f"attachment {slot}" if slot else str(told.get("g", "")),
                "why": str(told["w"]),
                "opened_at": at,
            },
        )

    def _word_gaps(self, connection: Reading, capture_n: int, leaf: Leaf) -> None:
        listed = cast("list[dict[str, Json]]", self._paper("coverage", leaf)["gaps"])
        words = {
            self._account.key.commit("gap", sha256(str(gap["what"]).encode())): str(gap["what"])
            for gap in listed
        }
        gaps = rebuilding.gaps_of_capture(connection, capture_n)
        rebuilding.word_gaps(
            connection, {n: words[salted] for n, salted in gaps if salted in words}
        )

    def _gap_closed(self, connection: Reading, leaf: Leaf) -> None:
        captures.close_gaps(connection, [int(str(leaf.particulars["n"]))], at=micros(leaf.at))
