"""A batch: what one transaction of a capture writes, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from archiver.catalogue.pages import PageRow
from archiver.ports import Connector, KeptObject
from archiver.procedures.drafting import Draft
from archiver.records.captures import Gap
from archiver.records.identity import ObjectRef
from archiver.records.items import Origin, Provenance
from archiver.records.pages import PageSettings


def origin_of(connector: Connector, settings: PageSettings) -> Origin:
    """Give where the items of a page come from through *connector*."""
    return Origin(
        platform=settings.platform,
        page=settings.identity,
        connector=connector.name,
        connector_version=connector.version,
        provenance=Provenance.IMPORTED if connector.imports else Provenance.CAPTURED,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureContext:
    """The visit a batch belongs to. *schedule* is the digest decisions are made under."""

    page: PageRow
    origin: Origin
    capture_n: int
    capture: str
    by: str
    schedule: str
    rechecks: bool

    @classmethod
    def of(
        cls,
        page: PageRow,
        connector: Connector,
        settings: PageSettings,
        *,
        capture: tuple[int, str],
        by: str,
        schedule: str,
    ) -> CaptureContext:
        """Give the context of the *capture* (number and name) of a page through *connector*."""
        return cls(
            page=page,
            origin=origin_of(connector, settings),
            capture_n=capture[0],
            capture=capture[1],
            by=by,
            schedule=schedule,
            rechecks=connector.capabilities.removals == "recheck",
        )


@dataclass(frozen=True, slots=True)
class NewAttachment:
    """A file of an item, in the spool or already durable."""

    item: str
    ref: ObjectRef
    path: Path
    size: int
    media_type: str
    version: str | None


@dataclass(frozen=True, slots=True)
class NewGap:
    """A gap, with the item and the slot it concerns (empty where it concerns the page)."""

    gap: Gap
    item: str
    slot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one transaction writes."""

    drafts: Sequence[Draft] = ()
    kept: Mapping[ObjectRef, KeptObject] = field(default_factory=dict)
    attachments: Sequence[NewAttachment] = ()
    gaps: Sequence[NewGap] = ()
    closed: Sequence[int] = ()
    cursor: str | None = None


@dataclass(slots=True)
class Written:
    """What a transaction wrote: counts, the numbers of every item it saw, and lasting gaps."""

    new: int = 0
    changed: int = 0
    removed: int = 0
    numbers: list[int] = field(default_factory=list)
    lasting: list[NewGap] = field(default_factory=list)
