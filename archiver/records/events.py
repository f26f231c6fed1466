"""The words the ledger is written in, and the leaf of one entry.

A leaf is small canonical JSON of opaque ids and salted digests: never a text, never a name.
Words are `subject.deed`, in the past tense, and never renamed once released.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from archiver.records.canonical import Json, canonical, read_object
from archiver.records.moments import from_text, written

LARGEST_LEAF = 65_535
"""A tlog-tiles entry is length-prefixed by two bytes (c2sp.org/tlog-tiles)."""


class EventKind(StrEnum):
    """Every deed the ledger knows."""

    ARCHIVE_FOUNDED = "archive.founded"
    ARCHIVE_REBUILT = "archive.rebuilt"
    ARCHIVE_RESTORED = "archive.restored"
    ARCHIVE_RECONCILED = "archive.reconciled"
    PERSON_ADDED = "person.added"
    PERSON_LEFT = "person.left"
    PERSON_INVITED = "person.invited"
    PERSON_ENROLLED = "person.enrolled"
    PERSON_RESET = "person.reset"
    ROLE_GIVEN = "role.given"
    ROLE_TAKEN = "role.taken"
    PAGE_OPENED = "page.opened"
    PAGE_ENABLED = "page.enabled"
    PAGE_CONNECTED = "page.connected"
    SCHEDULE_OPENED = "schedule.opened"
    SCHEDULE_ASKED = "schedule.asked"
    ADOPTION_PROPOSED = "adoption.proposed"
    ADOPTION_CONFIRMED = "adoption.confirmed"
    ADOPTION_WITHDRAWN = "adoption.withdrawn"
    PROMISE_RELEASED = "promise.released"
    CAPTURE_BEGUN = "capture.begun"
    CAPTURE_ENDED = "capture.ended"
    DEPOSIT_RECEIVED = "deposit.received"
    GAP_RECORDED = "gap.recorded"
    GAP_CLOSED = "gap.closed"
    ITEM_CAPTURED = "item.captured"
    ITEM_EDITED = "item.edited"
    ITEM_SIGHTED = "item.sighted"
    ITEM_BYLINED = "item.bylined"
    ITEM_DECIDED = "item.decided"
    ITEM_DECLARED = "item.declared"
    ITEM_VIEWED = "item.viewed"
    ITEM_TRIGGERED = "item.triggered"
    ITEM_COOLED = "item.cooled"
    ITEM_RETURNED = "item.returned"
    ITEM_RESTRICTED = "item.restricted"
    ITEM_UNRESTRICTED = "item.unrestricted"
    ATTACHMENT_KEPT = "attachment.kept"
    HOLD_ISSUED = "hold.issued"
    REQUEST_OPENED = "request.opened"
    REQUEST_CLOSED = "request.closed"
    MATTER_OPENED = "matter.opened"
    MATTER_CLOSED = "matter.closed"
    HOLD_BOUND = "hold.bound"
    HOLD_EXTENDED = "hold.extended"
    HOLD_REVIEWED = "hold.reviewed"
    HOLD_GROWN = "hold.grown"
    HOLD_NARROWED = "hold.narrowed"
    HOLD_LET_GO = "hold.let_go"
    HOLD_LIFTED = "hold.lifted"
    HOLD_EXPIRED = "hold.expired"
    NOTICE_GIVEN = "notice.given"
    NOTICE_RETURNED = "notice.returned"
    NOTICE_REPEATED = "notice.repeated"
    NOTICE_ACKNOWLEDGED = "notice.acknowledged"
    HOLD_REFUSED = "hold.refused"
    DISPOSITION_PLANNED = "disposition.planned"
    DISPOSITION_APPROVED = "disposition.approved"
    DISPOSITION_DECLINED = "disposition.declined"
    DISPOSITION_EXTENDED = "disposition.extended"
    DISPOSITION_VOIDED = "disposition.voided"
    DISPOSITION_BEGUN = "disposition.begun"
    DISPOSITION_STAYED = "disposition.stayed"
    DISPOSITION_UNTOLD = "disposition.untold"
    DISPOSITION_DONE = "disposition.done"
    DISPOSITION_ENDED = "disposition.ended"
    DISPOSITION_REFUSED = "disposition.refused"
    SAMPLE_DRAWN = "sample.drawn"
    SAMPLE_JUDGED = "sample.judged"
    SAMPLE_CONFIRMED = "sample.confirmed"
    SAMPLE_STOPPED = "sample.stopped"
    SAMPLE_RETURNED = "sample.returned"
    DISPOSITION_ACCEPTED = "disposition.accepted"
    TRANSFER_BEGUN = "transfer.begun"
    TRANSFER_DROPPED = "transfer.dropped"
    TRANSFER_BAGGED = "transfer.bagged"
    TRANSFER_RECEIVED = "transfer.received"
    ORDER_ENTERED = "order.entered"
    ORDER_CONFIRMED = "order.confirmed"
    ORDER_HANDED_OVER = "order.handed_over"
    ORDER_RECEIVED = "order.received"
    ORDER_BEGUN = "order.begun"
    ORDER_CARRIED_OUT = "order.carried_out"
    ORDER_ANSWERED = "order.answered"
    ORDER_LIFTED = "order.lifted"
    ORDER_REFUSED = "order.refused"
    STRAYS_DESTROYED = "strays.destroyed"
    CLOCK_CONFIRMED = "clock.confirmed"
    KEY_CHANGED = "key.changed"
    LEDGER_STAMPED = "ledger.stamped"
    BACKUP_MADE = "backup.made"
    ATTEMPT_REFUSED = "attempt.refused"


_written = lru_cache(maxsize=64)(written)
"""The entries of one batch share their moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One entry of the ledger: who, when (UTC), what, on which subject, under which particulars.

    *subject* is an opaque id; *particulars* holds opaque ids, codes, counts and salted digests;
    *paper* is the digest of the paper that tells the rest.
    """

    kind: EventKind
    at: datetime
    by: str
    subject: str = ""
    particulars: Mapping[str, Json] = field(default_factory=dict)
    paper: str = ""

    def to_bytes(self) -> bytes:
        """Give the canonical JSON that is hashed into the tree.

        Raises:
            ValueError: longer than a tlog-tiles entry may be.
        """
        value: dict[str, Json] = {"k": self.kind.value, "t": _written(self.at), "by": self.by}
        if self.subject:
            value["s"] = self.subject
        if self.particulars:
            value["d"] = dict(self.particulars)
        if self.paper:
            value["p"] = self.paper
        data = canonical(value)
        if len(data) > LARGEST_LEAF:
            raise ValueError(f"{self.kind}: a leaf of {len(data)} bytes is too long")
        return data

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> Leaf:
        """Read what `to_bytes` gave, already parsed from JSON.

        Raises:
            ValueError: not a leaf of ours.
        """
        particulars = value.get("d", {})
        if not isinstance(particulars, dict):
            raise ValueError("a leaf's particulars are an object")  # noqa: TRY004 - data, not a call
        return cls(
            kind=EventKind(str(value["k"])),
            at=from_text(str(value["t"])),
            by=str(value["by"]),
            subject=str(value.get("s", "")),
            particulars=particulars,
            paper=str(value.get("p", "")),
        )


def read_leaf(data: bytes) -> Leaf | None:
    """Read an entry as `Leaf.to_bytes` wrote it, or give None where it is none of ours.

    For who looks at many: such an entry is named where the ledger itself is proven.
    """
    try:
        return Leaf.from_json(read_object(data))
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
