"""Rebuilding visits: captures as they began and ended, and the gaps they left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from archiver.catalogue import Reading, captures, items, pages, rebuilding
from archiver.procedures.account import Account
from archiver.procedures.papers import paper_of
from archiver.procedures.rebuild_deeds import Deed, number_in
from archiver.records.canonical import Json
from archiver.records.captures import CaptureStatus
from archiver.records.events import EventKind, Leaf
from archiver.records.identity import sha256
from archiver.records.moments import micros

Told: TypeAlias = "dict[str, int | str | bool | None]"
"""The columns of a capture, but for its page and its number."""

_NOT_YET = ("fetched", "seen", "new", "changed", "removed", "unchanged", "lasting")


def begun_told(leaf: Leaf) -> Told:
    """Give what the row of a capture says that *leaf* enters as begun."""
    told, since = leaf.particulars, leaf.particulars["si"]
    return {
        "capture": str(told["c"]),
        "begun_at": int(str(told["b"])),
        "ended_at": None,
        "status": "running",
        "since": None if since is None else int(str(since)),
        "light": bool(told["li"]),
        **dict.fromkeys(_NOT_YET, 0),
        "platform_count": None,
        **dict.fromkeys(("rechecks_waiting", "differing", "differing_by"), 0),
    }


def ended_told(leaf: Leaf) -> Told:
    """Give what the row of a capture says that *leaf* enters as ended."""
    told = leaf.particulars
    seen, new, changed, removed = cast("list[int]", told["n"])
    differing, differing_by = cast("list[int]", told["df"])
    return begun_told(leaf) | {
        "ended_at": micros(leaf.at),
        "status": str(told["st"]),
        "seen": seen,
        "new": new,
        "changed": changed,
        "removed": removed,
        "unchanged": cast("int", told["u"]),
        "fetched": cast("int", told["f"]),
        "platform_count": cast("int | None", told["pc"]),
        "lasting": cast("int", told["lg"]),
        "rechecks_waiting": cast("int", told["rw"]),
        "differing": differing,
        "differing_by": differing_by,
    }


def was_whole(leaf: Leaf) -> bool:
    """Say whether the capture that *leaf* enters as ended saw the whole page."""
    told = leaf.particulars
    return told["st"] == CaptureStatus.COMPLETE.value and not told["li"]


def deeds_of_visits(account: Account) -> Mapping[EventKind, Deed]:
    """Give what each entry about a visit comes to in the catalogue."""
    replay = _VisitReplay(account)
    return {
        EventKind.CAPTURE_BEGUN: replay.begun,
        EventKind.CAPTURE_ENDED: replay.ended,
        EventKind.GAP_RECORDED: replay.gap_recorded,
        EventKind.GAP_CLOSED: replay.gap_closed,
    }


@dataclass(frozen=True, slots=True)
class _VisitReplay:
    account: Account
    read: dict[str, dict[str, str]] = field(default_factory=dict)
    """The words of the paper on gaps that was read last, by their salted digests."""

    def begun(self, connection: Reading, leaf: Leaf) -> None:
        page = pages.by_id(connection, leaf.subject)
        if page is not None:
            told = begun_told(leaf)
            n = number_in(str(told["capture"]))
            rebuilding.begin_capture(connection, n, page.n, told)

    def ended(self, connection: Reading, leaf: Leaf) -> None:
        page = pages.by_id(connection, leaf.subject)
        if page is None:
            return
        told, whole = ended_told(leaf), was_whole(leaf)
        n, began = number_in(str(told["capture"])), int(str(told["begun_at"]))
        rebuilding.end_capture(connection, n, told)
        walked, light = bool(leaf.particulars["w"]), bool(told["light"])
        key = self.account.key
        if pages.visited(
            connection, page.n, key, at=began, whole=whole, walked=walked, light=light
        ):
            captures.close_page_gaps(connection, page.n, at=micros(leaf.at))

    def gap_recorded(self, connection: Reading, leaf: Leaf) -> None:
        """A gap's words stand in the paper of its entry; where none has them, their digest does."""
        told = leaf.particulars
        row = items.by_ids(connection, [leaf.subject]).get(leaf.subject)
        page = pages.by_id(connection, leaf.subject)
        page_n = row.page_n if row is not None else page.n if page is not None else None
        if page_n is None:
            return
        slot = str(told["a"])
        rebuilding.add_gap(
            connection,
            {
                "n": int(str(told["n"])),
                "capture_n": number_in(str(told["c"])),
                "page_n": page_n,
                "item_n": row.n if row is not None else None,
                "slot": slot,
                "what": f"attachment {slot}" if slot else self._words(leaf),
                "why": str(told["w"]),
                "opened_at": micros(leaf.at),
            },
        )

    def gap_closed(self, connection: Reading, leaf: Leaf) -> None:
        captures.close_gaps(connection, [int(str(leaf.particulars["n"]))], at=micros(leaf.at))

    def _words(self, leaf: Leaf) -> str:
        """Give what could not be had; a paper tells it of every gap of its batch."""
        said = str(leaf.particulars["g"])
        if leaf.paper and leaf.paper not in self.read:
            self.read.clear()
            gaps = cast("list[dict[str, Json]]", paper_of(self.account, "gaps", leaf.paper)["gaps"])
            whats = [str(gap["what"]) for gap in gaps]
            commit = self.account.key.commit
            self.read[leaf.paper] = {commit("gap", sha256(w.encode())): w for w in whats}
        return self.read[leaf.paper].get(said, said) if leaf.paper else said
