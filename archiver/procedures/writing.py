"""One transaction for one batch: rows, classification, hold coverage, cursor, entries, outbox.

Nothing in here waits for a network or a store; what it writes was made durable before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from archiver.catalogue import Desk, bylines, contents, expunging, items, outbox, pages, sightings
from archiver.catalogue.contents import EnteredVersion, VersionRow
from archiver.catalogue.items import LIVE, ItemRow, ThreadRow
from archiver.catalogue.kept_files import AttachmentRow, add_attachments
from archiver.catalogue.sightings import SightingRow
from archiver.ports import KeptObject
from archiver.procedures.account import Account
from archiver.procedures.batch import Batch, CaptureContext, NewAttachment, NewGap, Written
from archiver.procedures.bylining import write_bylines
from archiver.procedures.composing import Moment, changed_row, new_row, settled
from archiver.procedures.drafting import GONE, Draft, Drafter, NewVersion
from archiver.procedures.gap_writing import close_gaps, words_of, write_gaps
from archiver.procedures.growing import GrowthPapers, bind_captured, with_papers
from archiver.procedures.outlasting import let_wait
from archiver.records.canonical import Json
from archiver.records.captures import PlatformState
from archiver.records.events import EventKind, Leaf
from archiver.records.identity import ObjectRef
from archiver.records.making import quickly
from archiver.records.moments import micros

_a_leaf = quickly(Leaf)
_a_thread = quickly(ThreadRow)
_a_version = quickly(VersionRow)
_an_entered_version = quickly(EnteredVersion)


class BatchWriter:
    """Writes the batches of one visit."""

    def __init__(self, account: Account, context: CaptureContext, drafter: Drafter) -> None:
        self._account = account
        self._context = context
        self._drafter = drafter

    def write(self, batch: Batch) -> Written:
        """Write *batch* whole, or nothing of it."""
        words = words_of(self._account, self._context, batch.gaps)
        return with_papers(self._account, partial(self._write, batch, words))

    def _write(self, batch: Batch, words: str, papers: GrowthPapers) -> Written:
        with self._account.catalogue.writing() as desk:
            transaction = _Transaction(self._account, self._context, self._drafter, desk, papers)
            written = transaction.write_items(batch)
            transaction.write_attachments(batch.attachments)
            written.lasting = transaction.write_gaps(batch.gaps, batch.closed, words)
            if batch.cursor is not None:
                at = transaction.when.at
                pages.move_cursor(desk.connection, self._context.page.n, batch.cursor, at=at)
            return written


class _Transaction:
    """One batch's transaction, while it is open."""

    def __init__(
        self,
        account: Account,
        context: CaptureContext,
        drafter: Drafter,
        desk: Desk,
        papers: GrowthPapers,
    ) -> None:
        self._account = account
        self._key = account.key
        self._context = context
        self._drafter = drafter
        self._desk = desk
        self._connection = desk.connection
        self._papers = papers
        self._now = account.now()
        self.when = Moment(
            at=micros(self._now),
            today=account.today(),
            schedule=context.schedule,
            rechecks=context.rechecks,
        )
        self._numbers: dict[str, int] = {}

    def write_items(self, batch: Batch) -> Written:
        """Write the drafts: rows, versions, threads, coverage, sightings, counts, outbox."""
        before = items.by_ids(self._connection, [draft.item for draft in batch.drafts])
        live = [d for d in batch.drafts if d.item not in before or before[d.item].life == LIVE]
        self._numbers = {item: row.n for item, row in before.items() if row.life == LIVE}
        highest = contents.highest_versions(
            self._connection, [before[d.item].n for d in live if d.item in before and d.versions]
        )
        added = self._add_rows([d for d in live if d.item not in before])
        changed = self._change_rows(
            [(d, before[d.item]) for d in live if d.item in before], highest
        )
        rows = {row.item: row for row in (*added, *changed)}
        now = before | rows
        versioned = [draft for draft in live if draft.versions]
        self._write_versions(versioned, now, batch.kept, highest)
        removed = self._write_sightings(live, before, rows)
        write_bylines(self._connection, self._key, live, now, self.when.at, self._enter)
        self._write_coverage(live, now)
        self._write_matches(live)
        counts = {self._numbers[d.item]: d.counts for d in live if d.counts}
        sightings.count_engagement(self._connection, counts, at=self.when.at)
        texts = [now[d.item].n for d in versioned]
        outbox.post(self._connection, texts)
        let_wait(self._account, self._desk, self._context.by, self.when.schedule, texts)
        return Written(
            new=len(added),
            changed=len([d for d in versioned if d.item in before]),
            removed=removed,
            numbers=[self._numbers[draft.item] for draft in live],
        )

    def write_attachments(self, attachments: Sequence[NewAttachment]) -> None:
        """Write the kept files of live items, with an entry for each."""
        self._find_numbers(new.item for new in attachments)
        here = [new for new in attachments if new.item in self._numbers]
        add_attachments(
            self._connection,
            [
                AttachmentRow(
                    item_n=self._numbers[new.item],
                    slot=new.ref.slot,
                    digest=new.ref.digest,
                    size=new.size,
                    store_version=new.version,
                    media_type=new.media_type,
                )
                for new in here
            ],
            self._key,
        )
        for new in here:
            salted = self._key.commit(new.item, new.ref.digest)
            self._enter(EventKind.ATTACHMENT_KEPT, new.item, {"o": salted, "a": new.ref.slot})

    def write_gaps(self, gaps: Sequence[NewGap], closed: Sequence[int], words: str) -> list[NewGap]:
        """Write new gaps, and that others are closed; give those that lasted already."""
        self._find_numbers(new.item for new in gaps if new.item)
        account, desk, context = self._account, self._desk, self._context
        capture, page, by = context.capture, context.page.page, context.by
        close_gaps(account, desk, closed, capture=capture, page=page, by=by, at=self._now)
        return write_gaps(account, desk, context, gaps, self._numbers, words=words)

    def _enter(
        self, kind: EventKind, subject: str, particulars: dict[str, Json], paper: str = ""
    ) -> None:
        told: dict[str, Json] = {"c": self._context.capture, **particulars}
        by = self._context.by
        leaf = _a_leaf(
            kind=kind, at=self._now, by=by, subject=subject, particulars=told, paper=paper
        )
        self._desk.enter(leaf)

    def _find_numbers(self, wanted: Iterable[str]) -> None:
        missing = [item for item in dict.fromkeys(wanted) if item not in self._numbers]
        found = items.by_ids(self._connection, missing) if missing else {}
        self._numbers.update({item: row.n for item, row in found.items() if row.life == LIVE})

    # --- items -----------------------------------------------------------------------------

    def _add_rows(self, drafts: Sequence[Draft]) -> list[ItemRow]:
        threads = self._threads_for(drafts)
        first = items.next_item(self._connection)
        rows = [
            new_row(
                draft,
                n=first + place,
                page_n=self._context.page.n,
                thread_n=threads[draft.item],
                when=self.when,
            )
            for place, draft in enumerate(drafts)
        ]
        items.add(self._connection, rows, self._key)
        self._numbers.update({row.item: row.n for row in rows})
        return rows

    def _change_rows(
        self,
        drafts: Sequence[tuple[Draft, ItemRow]],
        highest: Mapping[int, int],
    ) -> list[ItemRow]:
        rows = []
        for draft, row in drafts:
            top = highest.get(row.n, row.version)
            after = changed_row(draft, row, highest=top, when=self.when)
            if after != row:
                rows.append(after.in_place_of(row, self._key))
        items.change(self._connection, rows)
        told = [row.thread_n for draft, row in drafts if draft.versions or draft.bylines]
        self._stir([*(row.thread_n for row in rows), *told])
        return rows

    def _threads_for(self, drafts: Sequence[Draft]) -> dict[str, int]:
        """Give the thread of each new item; a thread is stirred by whatever joins it."""
        wanted: dict[str, str] = {}
        active: dict[str, int] = {}
        for draft in drafts:
            content = draft.versions[-1].content
            thread = self._drafter.thread_of(draft.item, content)
            wanted[draft.item] = thread
            shown = (draft.current or draft.versions[-1]).content.published_at
            published = max(content.published_at, shown)
            latest = micros(max(published, content.edited_at or published))
            active[thread] = max(active.get(thread, latest), latest)
        known = items.threads_by_ids(self._connection, list(active))
        first = items.next_thread(self._connection)
        today = self.when.today.toordinal()
        fresh = [
            _a_thread(
                n=first + place,
                thread=thread,
                page_n=self._context.page.n,
                last_activity=active[thread],
                look_on=today,
                ripe_on=today,
            )
            for place, thread in enumerate(t for t in active if t not in known)
        ]
        items.add_threads(self._connection, fresh, self._key)
        for row in known.values():
            if row.page_n == expunging.NOWHERE:
                expunging.lie_in(self._connection, row, self._context.page.n, self._key)
        moved = [(row.n, active[t]) for t, row in known.items()]
        items.stir(self._connection, moved, self._key, look_on=today)
        numbers = {row.thread: row.n for row in (*known.values(), *fresh)}
        return {item: numbers[thread] for item, thread in wanted.items()}

    def _stir(self, thread_numbers: Sequence[int]) -> None:
        """An edit, new or old, a byline or removal is activity of its thread, when it was seen."""
        moved = [(n, self.when.at) for n in dict.fromkeys(thread_numbers)]
        items.stir(self._connection, moved, self._key, look_on=self.when.today.toordinal())

    # --- what goes with them ------------------------------------------------------------------

    def _write_versions(
        self,
        drafts: Sequence[Draft],
        rows: Mapping[str, ItemRow],
        kept: Mapping[ObjectRef, KeptObject],
        highest: Mapping[int, int],
    ) -> None:
        n = contents.first_free_version(self._connection)
        entered: list[EnteredVersion] = []
        for draft in drafts:
            row = rows[draft.item]
            top = highest.get(row.n, 0)
            for place, version in enumerate(draft.versions, start=1):
                number = top + place
                whole = kept[version.ref]
                entered.append(self._entered(row, version, whole, n=n, number=number))
                n += 1
                told: dict[str, Json] = {"v": number, "o": version.rendered.digest}
                if number == row.version or place == len(draft.versions):
                    told |= settled(row)
                if number != row.version:
                    told["cv"] = row.version
                self._enter_version(draft, row, told, first=number == 1)
        contents.add_versions(self._connection, entered, self._key)
        bylines.add(self._connection, rows, entered, self._key)

    def _entered(
        self, row: ItemRow, version: NewVersion, whole: KeptObject, *, n: int, number: int
    ) -> EnteredVersion:
        bare = _a_version(
            n=n,
            item_n=row.n,
            number=number,
            fingerprint=version.fingerprint,
            digest=version.rendered.digest,
            size=whole.size,
            store_version=whole.version,
            captured_at=self.when.at,
        )
        return _an_entered_version(bare, row.item, version.shows, version.rendered.body)

    def _enter_version(
        self, draft: Draft, row: ItemRow, told: dict[str, Json], *, first: bool
    ) -> None:
        if row.state != PlatformState.PRESENT.value:
            told["st"] = row.state
        kind = EventKind.ITEM_CAPTURED if first else EventKind.ITEM_EDITED
        self._enter(kind, draft.item, told)

    def _write_sightings(
        self,
        drafts: Sequence[Draft],
        before: Mapping[str, ItemRow],
        rows: Mapping[str, ItemRow],
    ) -> int:
        """Write every change of what was seen; give how many items went out of sight."""
        entered, removed = [], 0
        for draft in drafts:
            row, known = rows.get(draft.item), before.get(draft.item)
            if row is None:
                continue
            moved = row.state != (known.state if known else PlatformState.PRESENT.value)
            if not moved and draft.versions:
                continue  # the entry of its version tells everything
            told: dict[str, Json] = {"st": row.state}
            paper = ""
            if moved:
                removed += known is not None and PlatformState(row.state) in GONE
                entered.append(self._sighting(draft, row))
                paper = entered[-1].paper
                if draft.actor or draft.source:
                    told |= {"ac": draft.actor.value, "so": draft.source}
            if not draft.versions:
                told |= settled(row)
            self._enter(EventKind.ITEM_SIGHTED, draft.item, told, paper)
        sightings.add_sightings(self._connection, entered)
        return removed

    def _sighting(self, draft: Draft, row: ItemRow) -> SightingRow:
        return SightingRow(
            item_n=row.n,
            at=self.when.at,
            state=row.state,
            actor=draft.actor.value,
            source=draft.source,
            paper=draft.paper[0].digest if draft.paper else "",
        )

    def _write_coverage(self, drafts: Sequence[Draft], rows: Mapping[str, ItemRow]) -> None:
        """Bind what is captured now, late edits too, in this same transaction."""
        said = [draft for draft in drafts if draft.versions or draft.bylines]
        captured = ((rows[d.item], [v.content for v in d.versions]) for d in said)
        seen = (author for draft in drafts for author, _ in draft.told if author is not None)
        page, by = self._context.page, self._context.by
        bind_captured(self._account, self._desk, page, captured, seen, self._papers, by=by)

    def _write_matches(self, drafts: Sequence[Draft]) -> None:
        matched = [
            (self._numbers[draft.item], shown.rendered.suggestion.matched)
            for draft in drafts
            if (shown := draft.current) is not None and shown.rendered.suggestion.matched
        ]
        contents.add_matches(self._connection, matched, self._key)
