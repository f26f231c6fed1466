"""Entering what a visit saw: bytes first, then rows and ledger entries in one transaction.

A crash before the transaction leaves stray objects, which the retry adopts (it writes the same
bytes under the same names); a crash after it leaves nothing to do.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from archiver.catalogue import Catalogue, contents, items, kept_files
from archiver.catalogue.captures import GapRow
from archiver.ports import KeptObject, NewObject, ObjectKeeper, Source
from archiver.procedures.account import Account
from archiver.procedures.asking import reason_of
from archiver.procedures.batch import Batch, CaptureContext, NewAttachment, NewGap
from archiver.procedures.batching import BATCH_BYTES, Enterable, weight
from archiver.procedures.bylining import find_bylines
from archiver.procedures.drafting import Draft, Drafter
from archiver.procedures.file_proving import demand_the_file
from archiver.procedures.gap_writing import with_rights_lost
from archiver.procedures.rendering import Renderer
from archiver.procedures.writing import BatchWriter
from archiver.records.captures import Gap, GapReason, Observation, PlatformState, Sighting
from archiver.records.errors import ConnectorError, FileRefused
from archiver.records.identity import ObjectRef, Part
from archiver.records.items import Attachment

_SPOOL_BYTES = 64 * 1024 * 1024
"""How many bytes of attachments may wait in the spool before they are kept."""

_UNDER_WAY = 6
"""How many batches may be rendered, kept or written while the next is drafted.

One at work and one waiting for each of the three, so that none is left without work.
"""

_BYTES_UNDER_WAY = 4 * BATCH_BYTES
"""How much all of them may weigh, and the next with them, before the next has to wait."""


@dataclass(slots=True)
class Tally:
    """What entering a batch, or a whole visit, came to."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    destroyed_before: int = 0
    expunged_before: int = 0
    certificates: set[str] = field(default_factory=set)
    numbers: list[int] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    not_granted: set[str] = field(default_factory=set)

    def add(self, other: Tally) -> None:
        """Add what another batch came to."""
        self.seen += other.seen
        self.new += other.new
        self.changed += other.changed
        self.removed += other.removed
        self.unchanged += other.unchanged
        self.destroyed_before += other.destroyed_before
        self.expunged_before += other.expunged_before
        self.certificates |= other.certificates
        self.numbers.extend(other.numbers)
        self.gaps.extend(other.gaps)
        self.not_granted |= other.not_granted


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A batch on its way into the catalogue, the items it speaks of, and what it weighs."""

    ids: frozenset[str]
    weight: int
    written: Future[Tally]


class Enterer:
    """Enters the batches of one visit."""

    def __init__(
        self,
        account: Account,
        objects: ObjectKeeper,
        renderer: Renderer,
        source: Source,
        context: CaptureContext,
    ) -> None:
        self._account = account
        self._objects = objects
        self._renderer = renderer
        self._source = source
        self._context = context
        self._drafter = Drafter(account.key, context.origin)
        self._writer = BatchWriter(account, context, self._drafter)
        self._unchanged = hashlib.sha256()
        self._rendering = ThreadPoolExecutor(1, thread_name_prefix="render")
        self._keeping = ThreadPoolExecutor(1, thread_name_prefix="keep")
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="write")
        self._under_way: deque[_UnderWay] = deque()

    @property
    def unchanged_digest(self) -> str:
        """Give the digest of the list of items that stayed unchanged, for the run's one entry."""
        return self._unchanged.hexdigest()

    def enter(self, seen: Sequence[Enterable], cursor: str | None) -> Tally:
        """Have *seen* entered, and the page's cursor moved to *cursor* in the same transaction.

        Batches are rendered, kept and written in order while the next ones are drafted, so that
        neither the disk nor a processor waits; one that speaks of an item still under way, or
        weighs much, waits for all before it. Gives what some batches before came to; `settle`
        gives the rest. Where one could not be written, none after it is; what was kept of them
        are strays, which the retry adopts.
        """
        named = [
            (self._drafter.id_of(_native_id(what)), what)
            for what in seen
            if not isinstance(what, Gap)
        ]
        ids = frozenset(item for item, _ in named)
        again = any(ids & batch.ids for batch in self._under_way)
        heavy = weight(seen)
        much = heavy + sum(batch.weight for batch in self._under_way) > _BYTES_UNDER_WAY
        before = self.settle() if again or much else Tally()
        drafts = self._drafted(named)
        gaps = [self._new_gap(what) for what in seen if isinstance(what, Gap)]
        gaps.extend(_taken_out_unseen(drafts))
        rendered = self._rendering.submit(self._render, drafts)
        attached = self._keep_attachments(drafts, gaps)
        kept = self._keeping.submit(self._keep_contents, rendered, drafts)
        while len(self._under_way) >= _UNDER_WAY:
            before.add(self._under_way.popleft().written.result())
        last = self._under_way[-1].written if self._under_way else None
        written = self._hand.submit(self._write, last, drafts, kept, attached, gaps, cursor)
        self._under_way.append(_UnderWay(ids, heavy, written))
        return before

    def settle(self) -> Tally:
        """Wait for every batch under way, and give what they came to."""
        tally = Tally()
        while self._under_way:
            tally.add(self._under_way.popleft().written.result())
        return tally

    def close(self) -> None:
        """End the threads that render, keep and write."""
        self._rendering.shutdown()
        self._keeping.shutdown()
        self._hand.shutdown()

    def _write(
        self,
        last: Future[Tally] | None,
        drafts: dict[str, Draft],
        kept: Future[dict[ObjectRef, KeptObject]],
        attached: list[NewAttachment],
        gaps: list[NewGap],
        cursor: str | None,
    ) -> Tally:
        if last is not None:
            last.result()  # raises where the batch before could not be written
        batch = Batch(
            drafts=[draft for draft in drafts.values() if not draft.destroyed],
            kept=kept.result(),
            attachments=attached,
            gaps=gaps,
            cursor=cursor,
        )
        written = self._writer.write(batch)
        for draft in drafts.values():
            if not draft.versions:
                self._unchanged.update(draft.item.encode())
        destroyed = sum(draft.destroyed for draft in drafts.values())
        return Tally(
            seen=len(drafts),
            new=written.new,
            changed=written.changed,
            removed=written.removed,
            unchanged=len(drafts) - written.new - written.changed - destroyed,
            destroyed_before=destroyed,
            expunged_before=sum(draft.expunged for draft in drafts.values()),
            certificates={c for draft in drafts.values() if (c := draft.certificate)},
            numbers=written.numbers,
            gaps=[gap.gap for gap in gaps if gap not in written.lasting],
            not_granted={g.gap.what for g in gaps if g.gap.why is GapReason.NOT_GRANTED},
        )

    def retry(self, catalogue: Catalogue, wanting: Sequence[GapRow]) -> Tally:
        """Try the attachments of *wanting* again; what came, or fails otherwise, closes its gap."""
        done = self.settle()
        of_items = [(gap, gap.item_n) for gap in wanting if gap.item_n is not None]
        with catalogue.reading() as connection:
            rows = items.by_numbers(connection, [item_n for _, item_n in of_items])
            texts = contents.contents_of(connection, list(rows.values()))
            here = {
                (row.item_n, row.slot) for row in kept_files.attachments_of(connection, list(rows))
            }
        gaps: list[NewGap] = []
        attached: list[NewAttachment] = []
        closed: list[int] = []
        for gap, item_n in of_items:
            row, content = rows.get(item_n), texts.get(item_n)
            if row is None or content is None or row.life != items.LIVE:
                continue
            if (item_n, gap.slot) in here:
                closed.append(gap.n)  # this visit brought it with a new version
                continue
            wanted = [a for a in content.attachments if self._slot(row.item, a) == gap.slot]
            before = len(gaps)
            for attachment in wanted[:1]:
                self._fetch(row.item, attachment, attached, gaps)
            if wanted and gap.why not in [new.gap.why.value for new in gaps[before:]]:
                closed.append(gap.n)
        attached = self._durable(attached)
        batch = Batch(attachments=attached, gaps=gaps, closed=closed)
        written = self._writer.write(batch)
        done.gaps.extend(gap.gap for gap in gaps if gap not in written.lasting)
        return done

    def _drafted(self, named: Sequence[tuple[str, Observation | Sighting]]) -> dict[str, Draft]:
        with self._account.catalogue.reading() as connection:
            known = items.by_ids(connection, list({item for item, _ in named}))
            doubtful = [
                known[item].n
                for item, what in named
                if isinstance(what, Observation) and item in known and not what.current
            ]
            marks = contents.fingerprints(connection, doubtful)
        drafts = self._drafter.drafts(named, known, marks)
        find_bylines(self._account, self._drafter, drafts.values())
        return drafts

    def _new_gap(self, gap: Gap) -> NewGap:
        new = NewGap(gap, self._drafter.id_of(gap.native_id) if gap.native_id else "", "")
        if gap.why is not GapReason.NOT_GRANTED:
            return new
        with self._account.catalogue.reading() as connection:
            return with_rights_lost(connection, self._context.page.n, new)

    def _keep_contents(
        self, rendered: Future[None], drafts: dict[str, Draft]
    ) -> dict[ObjectRef, KeptObject]:
        rendered.result()
        new = [
            NewObject(version.ref, version.rendered.data)
            for draft in drafts.values()
            for version in draft.versions
        ]
        new += [NewObject(*draft.paper) for draft in drafts.values() if draft.paper is not None]
        new += [NewObject(b.ref, b.data) for draft in drafts.values() for b in draft.bylines]
        return {kept.ref: kept for kept in self._objects.keep(new)} if new else {}

    def _keep_attachments(
        self, drafts: dict[str, Draft], gaps: list[NewGap]
    ) -> list[NewAttachment]:
        carrying = [d for d in drafts.values() if any(v.content.attachments for v in d.versions)]
        if not carrying:
            return []
        known = [draft.known.n for draft in carrying if draft.known is not None]
        with self._account.catalogue.reading() as connection:
            before = {
                (row.item_n, row.slot) for row in kept_files.attachments_of(connection, known)
            }
        kept: list[NewAttachment] = []
        waiting: list[NewAttachment] = []
        for draft in carrying:
            done: set[str] = set()
            for attachment in (a for v in draft.versions for a in v.content.attachments):
                slot = self._slot(draft.item, attachment)
                there = draft.known is not None and (draft.known.n, slot) in before
                if slot in done or there:
                    continue
                done.add(slot)
                self._fetch(draft.item, attachment, waiting, gaps)
                if sum(new.size for new in waiting) > _SPOOL_BYTES:
                    kept.extend(self._durable(waiting))
                    waiting = []
        return kept + self._durable(waiting)

    def _fetch(
        self, item: str, attachment: Attachment, into: list[NewAttachment], gaps: list[NewGap]
    ) -> None:
        slot = self._slot(item, attachment)
        try:
            file = self._source.download(attachment)
            demand_the_file(attachment, file)
        except (ConnectorError, FileRefused) as error:
            why = reason_of(error, opened=True)
            gap = Gap(what=f"attachment {slot}", why=why, detail=str(error))
            gaps.append(NewGap(gap, item, slot))
            return
        ref = ObjectRef(item, Part.ATTACHMENT, file.digest, slot)
        media_type = file.media_type or attachment.media_type
        into.append(NewAttachment(item, ref, Path(file.path), file.size, media_type, None))

    def _durable(self, attached: list[NewAttachment]) -> list[NewAttachment]:
        """Keep the files, and give them with the store's own version of each."""
        files = [NewObject(new.ref, new.path) for new in attached]
        kept = {k.ref: k.version for k in self._objects.keep(files)} if files else {}
        return [replace(new, version=kept[new.ref]) for new in attached]

    def _slot(self, item: str, attachment: Attachment) -> str:
        return self._account.key.slot(item, attachment.key)

    def _render(self, drafts: dict[str, Draft]) -> None:
        """Have every new version rendered, before any of it is kept."""
        new = [version for draft in drafts.values() for version in draft.versions]
        if not new:
            return
        wanted = [(version.item, version.fingerprint, version.content) for version in new]
        found = self._renderer.render(self._context.origin, wanted)
        for version, rendered in zip(new, found, strict=True):
            version.rendered = rendered


def _native_id(what: Observation | Sighting) -> str:
    return what.content.native_id if isinstance(what, Observation) else what.native_id


def _taken_out_unseen(drafts: dict[str, Draft]) -> list[NewGap]:
    """Take what was gone before it was captured out of *drafts*, and give a gap for each."""
    unseen = [d for d in drafts.values() if d.known is None and not d.versions]
    for draft in unseen:
        del drafts[draft.item]
    return [NewGap(_gone_before_capture(draft), "", "") for draft in unseen]


def _gone_before_capture(draft: Draft) -> Gap:
    """Name an item that a platform tells us of only to say that it does not show it."""
    state = (draft.state or PlatformState.UNKNOWN).value
    return Gap(
        what=f"item {draft.item[:12]} was {state} before it was captured", why=GapReason.GONE
    )
