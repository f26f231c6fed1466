"""Drafts: what a batch of observations would change, before anything is written.

Pure but for what is already known of the items, which is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from archiver.catalogue import disposals
from archiver.catalogue.contents import Shows
from archiver.catalogue.expunging import is_expunged
from archiver.catalogue.items import DESTROYED, LIVE, ItemRow
from archiver.procedures.remarks import remark_paper
from archiver.records.captures import Actor, Observation, PlatformState, Sighting
from archiver.records.classification import RANK, Basis, Suggestion, Tag
from archiver.records.identity import ArchiveKey, ObjectRef, Part
from archiver.records.items import OF_MODERATION, Author, Content, ItemKind, Origin
from archiver.records.moments import micros
from archiver.records.restrictions import Restriction

OWN_KINDS = OF_MODERATION | frozenset(
    {ItemKind.POST, ItemKind.EPISODE, ItemKind.ARTICLE, ItemKind.PAGE, ItemKind.PROFILE}
)
"""Kinds that only the department itself makes on its page; the public answers."""

GONE = frozenset({PlatformState.HIDDEN, PlatformState.NOT_VISIBLE, PlatformState.REPORTED_REMOVED})
"""States in which the public no longer sees an item."""


class Rendered(NamedTuple):
    """What follows from one content and nothing else, so that any process can work it out.

    *data* is the object that is kept of it, *body* what the catalogue keeps, *author* the opaque
    id of who wrote it; *suggestion* is what the classifier says.
    """

    data: bytes
    digest: str
    body: str
    author: str
    suggestion: Suggestion


@dataclass(slots=True)
class NewVersion:
    """A content not seen before: its fingerprint, and whether it is the current one.

    What is *rendered* of it comes when it is to be kept.
    """

    item: str
    content: Content
    fingerprint: str
    current: bool
    rendered: Rendered = field(init=False)

    @property
    def ref(self) -> ObjectRef:
        """Name its object."""
        return ObjectRef(self.item, Part.CONTENT, self.rendered.digest)

    @property
    def shows(self) -> Shows:
        """Give what an item's row repeats of it."""
        return _shows(self.content, self.rendered.author)


class NewByline(NamedTuple):
    """By whom (an opaque id) and when (µs UTC) an item is shown as published, and its paper."""

    author: str
    published: int
    ref: ObjectRef
    data: bytes


@dataclass(slots=True)
class Draft:
    """What a batch says of one item.

    *told* is by whom and when it was published, by everything seen of it, changed or not; *bylines*
    are what of that neither the catalogue nor a new version tells.
    """

    item: str
    known: ItemRow | None
    versions: list[NewVersion] = field(default_factory=list)
    told: list[tuple[Author | None, datetime | None]] = field(default_factory=list)
    bylines: list[NewByline] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    state: PlatformState | None = None
    actor: Actor = Actor.UNTOLD
    source: str = ""
    remark: str = ""
    restricted: bool = False
    paper: tuple[ObjectRef, bytes] | None = None

    @property
    def current(self) -> NewVersion | None:
        """Give the version that shows now, where the batch brings one."""
        for version in reversed(self.versions):
            if version.current:
                return version
        return self.versions[-1] if self.versions and self.known is None else None

    @property
    def restrictions(self) -> tuple[Restriction, ...]:
        """Give why the item is to be restricted: its platform's mark, what a version of it says."""
        said = any(version.rendered.suggestion.restricts for version in self.versions)
        marked = (Restriction.PLATFORM,) if self.restricted else ()
        return (*marked, Restriction.SCHEDULE) if said else marked

    @property
    def destroyed(self) -> bool:
        """Say whether the item is a tombstone, or about to be: it is not archived again."""
        return self.known is not None and self.known.life != LIVE

    @property
    def certificate(self) -> str:
        """Name the batch, and so the certificate, under which the item was disposed of."""
        known = self.known
        if known is None or known.life != DESTROYED or known.batch_n is None:
            return ""
        return disposals.batch_name(known.batch_n)

    @property
    def expunged(self) -> bool:
        """Say whether an order of a court had the item destroyed."""
        return self.known is not None and is_expunged(self.known)


class Drafter:
    """Makes drafts of what one page's visit saw."""

    def __init__(self, key: ArchiveKey, origin: Origin) -> None:
        """Draft for the page of *origin*."""
        self._key = key
        self._origin = origin

    def id_of(self, native_id: str) -> str:
        """Give the id of the item that the platform calls *native_id*."""
        return self._key.item(self._origin.platform, self._origin.page, native_id)

    def author_of(self, content: Content) -> str:
        """Give the opaque id of who wrote *content*; empty where the platform hides it."""
        return self.author_id(content.author)

    def author_id(self, author: Author | None) -> str:
        """Give the opaque id of *author*; empty where the platform hides it."""
        name = author.known_as if author is not None else ""
        return self._key.author(self._origin.platform, name) if name else ""

    def shows(self, content: Content) -> Shows:
        """Give what an item's row repeats of *content*."""
        return _shows(content, self.author_of(content))

    def thread_of(self, item: str, content: Content) -> str:
        """Give the id of the thread that *item* belongs to by its *content*: that of its root."""
        root = content.thread or content.parent or content.native_id
        return item if root == content.native_id else self.id_of(root)

    def drafts(
        self,
        seen: Sequence[tuple[str, Observation | Sighting]],
        known: Mapping[str, ItemRow],
        fingerprints: Mapping[int, Iterable[str]],
    ) -> dict[str, Draft]:
        """Give one draft for each item in *seen* (id first), in order.

        *fingerprints* are those of every version of the known items that may have changed.
        """
        drafts: dict[str, Draft] = {}
        for item, what in seen:
            draft = drafts.get(item)
            if draft is None:
                draft = drafts[item] = Draft(item, known.get(item))
            if draft.destroyed:
                continue
            if isinstance(what, Observation):
                self._observe(draft, what, fingerprints)
            else:
                draft.state, draft.remark = what.state, what.remark
                draft.actor, draft.source = what.actor, what.source
        for draft in drafts.values():
            draft.paper = self._remark_of(draft)
        return drafts

    def _remark_of(self, draft: Draft) -> tuple[ObjectRef, bytes] | None:
        """Give the paper with the platform's remark, where what was seen has changed."""
        known, state = draft.known, draft.state
        if not draft.remark or known is None or state is None or state.value == known.state:
            return None
        return remark_paper(self._key, draft.item, state, draft.source, draft.remark)

    def _observe(self, draft: Draft, seen: Observation, known: Mapping[int, Iterable[str]]) -> None:
        mark = seen.content.fingerprint()
        draft.told.append((seen.content.author, seen.content.said_published))
        again = draft.versions[-1] if draft.versions else None
        if again is not None and again.fingerprint == mark and seen.current:
            again.current = True  # it may have come out of the edit history first
        elif self._is_new(draft, mark, known, current=seen.current):
            draft.versions.append(NewVersion(draft.item, seen.content, mark, seen.current))
        if seen.current:
            draft.state, draft.remark = seen.state, ""
            draft.actor, draft.source = Actor.UNTOLD, ""
            draft.counts.update(seen.engagement)
        draft.restricted = draft.restricted or seen.restricted

    @staticmethod
    def _is_new(
        draft: Draft, mark: str, known: Mapping[int, Iterable[str]], *, current: bool
    ) -> bool:
        if not current:
            drafted = [version.fingerprint for version in draft.versions]
            before = known.get(draft.known.n, ()) if draft.known is not None else ()
            return mark not in drafted and mark not in before and mark != _shown(draft)
        return mark != _shown(draft)


def _shows(content: Content, author: str) -> Shows:
    return content.kind.value, micros(content.published_at), author


def _shown(draft: Draft) -> str:
    """Give the mark of what shows by all that was seen so far; an old version shows nothing."""
    marks = [draft.known.fingerprint] if draft.known is not None else [""]
    marks += [version.fingerprint for version in draft.versions if version.current]
    return marks[-1]


class Verdict(NamedTuple):
    """The classification columns of an item: what counts now, and what waits for a person."""

    tag: str
    series: str
    basis: str
    rule: str
    confidence: int
    schedule: str
    queued: bool


def classified(
    suggestion: Suggestion, known: ItemRow | None, *, kind: str, schedule: str, doubtful: bool
) -> Verdict:
    """Settle whose word counts for an item.

    A person's word stands against any rule; where the content changed under it, it is queued
    again. *doubtful* (edited, hidden, removed, restricted: O2) turns a suggested transitory tag
    into an undetermined one, for a person to settle. Whatever is decided, they look at it; but
    for the *kind*s that tell how a page is moderated: all of these are restricted, and change.
    """
    if known is not None and RANK[Basis(known.basis)] > RANK[suggestion.basis]:
        return Verdict(
            tag=known.tag,
            series=known.series,
            basis=known.basis,
            rule=known.rule,
            confidence=known.confidence,
            schedule=known.schedule,
            queued=True,
        )
    tag, rule = suggestion.tag, suggestion.rule
    if doubtful and tag is Tag.TRANSITORY:
        tag, rule = Tag.UNDETERMINED, f"O2/{rule}"
    return Verdict(
        tag=tag.value,
        series=suggestion.series,
        basis=suggestion.basis.value,
        rule=rule,
        confidence=round(suggestion.confidence * 1000),
        schedule=schedule,
        queued=suggestion.queue
        or tag is Tag.UNDETERMINED
        or (doubtful and kind not in OF_MODERATION),
    )
