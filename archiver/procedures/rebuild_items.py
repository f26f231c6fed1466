"""Rebuilding items: what the ledger says was done with them, applied to what their objects say.

A slice of entries at a time, in order, so that rows get the numbers they had. What was destroyed
has no objects any more; its tombstone follows from the paper its destruction was begun with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from archiver.catalogue import (
    Reading,
    bylines,
    contents,
    expunging,
    items,
    kept_files,
    pages,
    rebuilding,
    sightings,
)
from archiver.catalogue.contents import EnteredVersion, VersionRow
from archiver.catalogue.inspection import SAID_IN
from archiver.catalogue.items import ItemRow, ThreadRow
from archiver.catalogue.rebuilding import Doomed
from archiver.catalogue.sightings import SightingRow
from archiver.ports import Classifier, ObjectReader
from archiver.procedures.account import Account
from archiver.procedures.bylining import SLOT, byline_in
from archiver.procedures.drafting import GONE, OWN_KINDS, Drafter
from archiver.procedures.item_papers import standing
from archiver.procedures.ladder import next_rung
from archiver.procedures.rebuild_rows import (
    Losses,
    Read,
    Slice,
    attachment_rows,
    blank,
    highest_numbers,
    matched_again,
    read_any,
    read_contents,
)
from archiver.procedures.row_deeds import applied, decided_by, settled_by
from archiver.procedures.verify_findings import object_name
from archiver.records.captures import PlatformState
from archiver.records.events import EventKind, Leaf
from archiver.records.identity import ObjectRef, Part
from archiver.records.items import ItemKind
from archiver.records.moments import micros


class ItemReplay:
    """Applies entries about items, in order, a slice at a time."""

    def __init__(
        self, account: Account, objects: ObjectReader, classifier: Classifier, losses: Losses
    ) -> None:
        self._account = account
        self._objects = objects
        self._classifier = classifier
        self._losses = losses
        self._pages: dict[str, int] = {}

    def apply(self, connection: Reading, leaves: Sequence[Leaf]) -> None:
        """Apply *leaves*, which are all about items."""
        ids = list(dict.fromkeys(leaf.subject for leaf in leaves))
        if not ids:
            return
        doomed = rebuilding.doomed(connection, ids)
        noted = rebuilding.noted(connection, ids)
        told = Slice(
            before=items.by_ids(connection, ids),
            doomed=doomed,
            noted=noted,
            read=read_contents(self._objects, leaves, doomed, noted),
        )
        told.highest = highest_numbers(connection, told.before.values())
        told.rows = dict(told.before)
        deeds: dict[EventKind, Callable[[Reading, Slice, Leaf], None]] = {
            EventKind.ITEM_CAPTURED: self._captured,
            EventKind.ITEM_EDITED: self._edited,
            EventKind.ITEM_SIGHTED: self._sighted,
            EventKind.ITEM_BYLINED: self._bylined,
            EventKind.ITEM_DECIDED: self._decided,
            EventKind.ITEM_DECLARED: self._said,
            EventKind.ITEM_TRIGGERED: self._said,
            EventKind.ITEM_COOLED: self._said,
            EventKind.ITEM_RETURNED: self._said,
            EventKind.ITEM_RESTRICTED: self._said,
            EventKind.ITEM_UNRESTRICTED: self._said,
            EventKind.ATTACHMENT_KEPT: self._attached,
        }
        told.next_item = items.next_item(connection)
        for leaf in leaves:
            deeds[leaf.kind](connection, told, leaf)
        self._write(connection, told)

    # --- deeds --------------------------------------------------------------------------------

    def _captured(self, connection: Reading, told: Slice, leaf: Leaf) -> None:
        item, digest = leaf.subject, str(leaf.particulars["o"])
        if item in told.rows:  # it was lost when it was captured again, and is here now
            if not told.has_version(connection, item, digest):
                self._edited(connection, told, leaf)
            return
        read, fate = told.read.get((item, digest)), told.doomed.get(item)
        shown = read if read or fate else read_any(self._objects, item, told.noted)
        if shown is None and fate is None:
            self._losses.name(self._losses.items, item)
            return
        at = micros(leaf.at)
        row = blank(told.next_item, item, at)
        told.next_item += 1
        if shown is not None:
            row = self._as_read(connection, told, row, shown)
        elif fate is not None:
            row = self._as_doomed(connection, told, row, fate)
        told.rows[item] = settled_by(row, leaf)
        self._add_version(told, leaf, read)

    def _edited(self, connection: Reading, told: Slice, leaf: Leaf) -> None:
        row = told.rows.get(leaf.subject)
        if row is None:
            return
        read = told.read.get((leaf.subject, str(leaf.particulars["o"])))
        after = settled_by(row, leaf)
        if "k" in leaf.particulars and "cv" not in leaf.particulars and read is not None:
            after = replace(after, fingerprint=read.content.fingerprint())
            if micros(leaf.at) == row.captured_at:
                after = self._as_read(connection, told, after, read)
        told.rows[leaf.subject] = after
        told.stir(row, micros(leaf.at))
        self._add_version(told, leaf, read)

    def _sighted(self, connection: Reading, told: Slice, leaf: Leaf) -> None:
        del connection
        row = told.rows.get(leaf.subject)
        if row is None:
            return
        at, state = micros(leaf.at), str(leaf.particulars["st"])
        after = settled_by(row, leaf)
        if state != row.state:
            actor = str(leaf.particulars.get("ac", ""))
            removed = PlatformState(state) in GONE and row.removed_at is None
            after = replace(
                after,
                state=state,
                state_at=at,
                actor=actor,
                removed_at=at if removed else row.removed_at,
            )
            source = str(leaf.particulars.get("so", ""))
            told.seen.append((leaf.subject, at, state, actor, source, leaf.paper))
            if leaf.paper:
                self._demand_paper(told, leaf, "sighting")
        told.stir(row, at)
        told.rows[leaf.subject] = after

    def _bylined(self, connection: Reading, told: Slice, leaf: Leaf) -> None:
        del connection
        row, at = told.rows.get(leaf.subject), micros(leaf.at)
        if row is None:
            return
        told.stir(row, at)
        self._demand_paper(told, leaf, SLOT)
        data = told.paper_of(self._objects, ObjectRef(row.item, Part.PAPER, leaf.paper, SLOT))
        if data is not None and not told.entombed(row.item):
            told.bylined.append((row.item, byline_in(data, leaf.paper, since=at)))

    def _decided(self, connection: Reading, told: Slice, leaf: Leaf) -> None:
        del connection
        row = told.rows.get(leaf.subject)
        if row is None:
            return
        told.rows[leaf.subject] = after = decided_by(row, leaf)
        told.decided.append(
            {
                "item_n": row.n,
                "at": micros(leaf.at),
                "by": leaf.by,
                "tag": after.tag,
                "series": after.series,
                "basis": after.basis,
                "paper": leaf.paper,
            }
        )
        self._demand_paper(told, leaf, "decision")

    def _said(self, connection: Reading, told: Slice, leaf: Leaf) -> None:
        """Apply a deed that has no row of its own, and look for the paper it may have."""
        del connection
        if (row := told.rows.get(leaf.subject)) is not None:
            told.rows[leaf.subject] = applied(row, leaf)
            if leaf.paper and (slot := SAID_IN.get(leaf.kind)):
                self._demand_paper(told, leaf, slot)

    def _attached(self, connection: Reading, told: Slice, leaf: Leaf) -> None:
        item, slot = leaf.subject, str(leaf.particulars["a"])
        if item not in told.rows or told.entombed(item):
            return
        for one in told.noted.get(item, ()):
            this = one.ref.part is Part.ATTACHMENT and one.ref.slot == slot
            if this and self._account.key.commit(item, one.ref.digest) == leaf.particulars["o"]:
                kind = told.media_type(connection, self._account.key, item, slot)
                told.attached.append((item, one, kind))
                self._losses.find_hidden(one.ref, told.places_of(one.ref))
                return
        if item not in told.doomed:
            self._losses.name(self._losses.objects, f"{item}.a{slot}")

    # --- what they come to ----------------------------------------------------------------------

    def _as_read(self, connection: Reading, told: Slice, row: ItemRow, read: Read) -> ItemRow:
        """Give *row* as the version that showed when it was entered tells it."""
        drafter = Drafter(self._account.key, read.origin)
        content = read.content
        page = self._account.key.page(read.origin.platform, read.origin.page)
        active = max(
            micros(content.published_at), micros(content.edited_at or content.published_at)
        )
        thread = drafter.thread_of(row.item, content)
        return replace(
            row,
            page_n=self._page(connection, page),
            thread_n=self._thread(connection, told, thread, page, active),
            kind=content.kind.value,
            author=drafter.author_of(content),
            own=content.kind in OWN_KINDS,
            published_at=micros(content.published_at),
            fingerprint=content.fingerprint(),
        )

    def _as_doomed(self, connection: Reading, told: Slice, row: ItemRow, fate: Doomed) -> ItemRow:
        """Give *row* as the paper of its destruction tells it; of an expunged one nothing does."""
        if not fate.page:
            expunging.empty_thread(connection, fate.thread, self._account.key)
            return row
        thread = self._thread(connection, told, fate.thread, fate.page, fate.published_at)
        return replace(
            row,
            page_n=self._page(connection, fate.page),
            thread_n=thread,
            kind=fate.kind,
            own=ItemKind(fate.kind) in OWN_KINDS,
            published_at=fate.published_at,
            cooling_until=fate.cooling_until,
        )

    def _page(self, connection: Reading, page: str) -> int:
        if page not in self._pages:
            self._pages = {row.page: row.n for row in pages.every(connection)}
        return self._pages[page]

    def _thread(self, connection: Reading, told: Slice, thread: str, page: str, active: int) -> int:
        """Give the number of a thread; it is made with the first item that belongs to it."""
        known = items.threads_by_ids(connection, [thread]).get(thread)
        today = self._account.today().toordinal()
        if known is None:
            known = ThreadRow(
                n=items.next_thread(connection),
                thread=thread,
                page_n=self._page(connection, page),
                last_activity=active,
                look_on=today,
                ripe_on=today,
            )
            items.add_threads(connection, [known], self._account.key)
        elif not known.page_n:
            expunging.lie_in(connection, known, self._page(connection, page), self._account.key)
        told.stirred[known.n] = max(told.stirred.get(known.n, 0), active)
        return known.n

    def _add_version(self, told: Slice, leaf: Leaf, read: Read | None) -> None:
        item = leaf.subject
        if told.entombed(item) or (read is None and item in told.doomed):
            return
        ref = ObjectRef(item, Part.CONTENT, str(leaf.particulars["o"]))
        if read is None:
            self._losses.name(self._losses.objects, object_name(ref))
        else:
            beneath = read.beneath is not None
            self._losses.find_hidden(ref, told.places_of(ref), beneath=beneath)
        told.versioned.append((leaf, read, told.number_of(leaf)))

    def _demand_paper(self, told: Slice, leaf: Leaf, slot: str) -> None:
        """Name the paper of *leaf* where neither it is there, nor what an order left of it."""
        here = (one.ref for one in told.noted.get(leaf.subject, ()))
        found = standing(self._account.key, self._objects, leaf.paper, here)
        ref = ObjectRef(leaf.subject, Part.PAPER, found or leaf.paper, slot)
        if found:
            self._losses.find_hidden(ref, told.places_of(ref))
        elif leaf.subject not in told.doomed:
            self._losses.name(self._losses.objects, object_name(ref))

    # --- writing --------------------------------------------------------------------------------

    def _write(self, connection: Reading, told: Slice) -> None:
        today, key = self._account.today(), self._account.key
        fresh = [row for item, row in told.rows.items() if item not in told.before]
        climbing = [
            replace(
                row,
                recheck_on=next_rung(self._account.day(row.captured_at), today).toordinal(),
            )
            for row in sorted(fresh, key=lambda row: row.n)
        ]
        items.add(connection, climbing, key)
        changed = [row for item, row in told.rows.items() if row != told.before.get(item, row)]
        items.change(connection, [row.sealed(key) for row in changed])
        items.stir(connection, list(told.stirred.items()), key, look_on=today.toordinal())
        self._write_versions(connection, told)
        contents.add_matches(connection, matched_again(told, self._classifier), key)
        seen = [
            SightingRow(item_n=n, at=at, state=state, actor=actor, source=source, paper=paper)
            for item, at, state, actor, source, paper in told.seen
            if not told.entombed(item) and (n := told.rows[item].n)
        ]
        sightings.add_sightings(connection, seen)
        gone = {told.rows[item].n for item in told.rows if told.entombed(item)}
        rebuilding.add_decisions(connection, [d for d in told.decided if d["item_n"] not in gone])
        kept_files.add_attachments(connection, list(attachment_rows(told)), key)

    def _write_versions(self, connection: Reading, told: Slice) -> None:
        n = contents.first_free_version(connection)
        rows: list[EnteredVersion] = []
        for place, (leaf, read, number) in enumerate(told.versioned):
            digest = str(leaf.particulars["o"])
            ref = ObjectRef(leaf.subject, Part.CONTENT, digest)
            row = VersionRow(
                n=n + place,
                item_n=told.rows[leaf.subject].n,
                number=number,
                fingerprint=read.content.fingerprint() if read is not None else "",
                digest=digest,
                size=read.size if read is not None else 0,
                store_version=told.version_of(ref, read),
                captured_at=micros(leaf.at),
            )
            if read is None:
                rebuilding.add_bare_version(connection, row)
            else:
                text = contents.body(read.content)
                shows = Drafter(self._account.key, read.origin).shows(read.content)
                rows.append(EnteredVersion(row, leaf.subject, shows, text))
        contents.add_versions(connection, rows, self._account.key)
        bylines.add(connection, told.rows, rows, self._account.key)
        besides = [(told.rows[item], byline) for item, byline in told.bylined]
        bylines.tell(connection, besides, self._account.key)
