"""Rehearsing: what an import would bring in, and what could not be read; nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from archiver.catalogue import contents, items
from archiver.ports import Connector, Source
from archiver.procedures.account import Account
from archiver.procedures.asking import reason_of
from archiver.procedures.authority import demand
from archiver.procedures.batch import origin_of
from archiver.procedures.drafting import Draft, Drafter
from archiver.procedures.reckoning import Count
from archiver.records.captures import Gap, GapReason, Listed, Observation, Window
from archiver.records.errors import ConnectorError, FileRefused
from archiver.records.items import ItemKind
from archiver.records.pages import PageSettings
from archiver.records.people import Person, Right

_BATCH = 500


@dataclass(slots=True)
class OfKind:
    """What a deposit holds of one kind of item, held against the archive.

    *repeated* are those that stand in the deposit more than once; *destroyed_before* were
    disposed of, and would not come back. *restricted* are those that their platform marks; what
    the schedule restricts besides, by its words, is found when they are kept.
    """

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    destroyed_before: int = 0
    repeated: int = 0
    restricted: int = 0


@dataclass(slots=True, kw_only=True)
class Rehearsal:
    """What came of a dry run. *files* are the attachments that could be had, of *file_bytes*.

    *counts* are those that were claimed, held against what was read.
    """

    page: str
    kinds: dict[str, OfKind] = field(default_factory=dict)
    files: int = 0
    file_bytes: int = 0
    earliest: datetime | None = None
    latest: datetime | None = None
    platform_count: int | None = None
    gaps: list[Gap] = field(default_factory=list)
    counts: tuple[Count, ...] = ()

    @property
    def read(self) -> int:
        """Give how many items were read in all."""
        return sum(each.read for each in self.kinds.values())


def rehearse(
    account: Account,
    person: Person,
    connector: Connector,
    settings: PageSettings,
    source: Source,
    *,
    progress: Callable[[int], None] = lambda _count: None,
) -> Rehearsal:
    """Read the whole of *source* as an import would, attachments too, and tell what came of it.

    Raises:
        NotPermitted: the person may not capture.
        AnswerUnreadable, DepositRefused: the deposit could not be begun.
    """
    demand(account, person, Right.CAPTURE)
    run = _Run(account, Drafter(account.key, origin_of(connector, settings)), source, settings.name)
    try:
        for seen in source.visit(Window()):
            if isinstance(seen, Observation):
                run.take(seen)
                progress(run.told.read)
            elif isinstance(seen, Gap):
                run.told.gaps.append(seen)
            elif isinstance(seen, Listed) and seen.platform_count is not None:
                run.told.platform_count = (run.told.platform_count or 0) + seen.platform_count
    except ConnectorError as error:
        if not run.told.read:
            raise
        what, why = f"visit of {settings.name}", GapReason(error.gap)
        run.told.gaps.append(Gap(what=what, why=why, detail=str(error)))
    run.compare()
    return run.told


class _Run:
    """One dry run: what was read and waits to be compared, and which items came before."""

    def __init__(self, account: Account, drafter: Drafter, source: Source, page: str) -> None:
        self.told = Rehearsal(page=page)
        self._account = account
        self._drafter = drafter
        self._source = source
        self._before: set[int] = set()
        self._waiting: list[tuple[str, Observation]] = []

    def take(self, seen: Observation) -> None:
        """Count *seen*, and compare what waits once it is many."""
        content, told = seen.content, self.told
        item = self._drafter.id_of(content.native_id)
        kind = told.kinds.setdefault(content.kind.value, OfKind())
        if seen.current:
            kind.read += 1
            kind.restricted += seen.restricted or content.kind is ItemKind.MESSAGE
            at = content.published_at
            told.earliest = min(told.earliest or at, at)
            told.latest = max(told.latest or at, at)
        if hash(item) in self._before:
            kind.repeated += seen.current
            return
        if seen.current:
            self._before.add(hash(item))
        self._waiting.append((item, seen))
        if len(self._waiting) >= _BATCH and seen.current:
            self.compare()

    def compare(self) -> None:
        """Hold what waits against the archive."""
        named, self._waiting = self._waiting, []
        with self._account.catalogue.reading() as connection:
            known = items.by_ids(connection, list({item for item, _ in named}))
            older = [known[i].n for i, seen in named if i in known and not seen.current]
            marks = contents.fingerprints(connection, older)
        kinds = {item: seen.content.kind.value for item, seen in named}
        for draft in self._drafter.drafts(named, known, marks).values():
            of = self.told.kinds[kinds[draft.item]]
            if draft.destroyed:
                of.destroyed_before += 1
                continue
            of.new += draft.known is None
            of.changed += draft.known is not None and bool(draft.versions)
            of.unchanged += draft.known is not None and not draft.versions
            self._fetch(draft)

    def _fetch(self, draft: Draft) -> None:
        """Bring every file that would come in as far as the spool, and no further."""
        wanted = {a.key: a for version in draft.versions for a in version.content.attachments}
        for attachment in wanted.values():
            try:
                file = self._source.download(attachment)
            except (ConnectorError, FileRefused) as error:
                why = reason_of(error, opened=True)
                what = f"a file of an item: {attachment.key}"
                self.told.gaps.append(Gap(what=what, why=why, detail=str(error)))
                continue
            self.told.files += 1
            self.told.file_bytes += file.size
            Path(file.path).unlink(missing_ok=True)
