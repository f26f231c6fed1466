"""Captures: one visit to one page, and everything it saw or could not have.

A connector yields what it sees, in the platform's own order; the procedure decides what is new.
A sighting says only what was *seen*; the *actor* of a removal is set by a platform event, a
moderation log or a person's sourced statement, and never inferred.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from archiver.records.items import Content

_CODE = re.compile(r"[a-z0-9_:. -]{0,80}")


class PlatformState(StrEnum):
    """What was seen of an item on its platform."""

    PRESENT = "present"
    HIDDEN = "hidden"
    NOT_VISIBLE = "not_visible"
    REPORTED_REMOVED = "reported_removed"
    UNKNOWN = "unknown"


class Actor(StrEnum):
    """Who caused a removal, as far as the platform tells it: a code, never a name.

    `UNKNOWN` says that the platform names somebody whom the code cannot place: who it is stands
    in the sighting's paper. `UNTOLD` says that it names nobody.
    """

    UNTOLD = ""
    AUTHOR = "author"
    PAGE = "page"
    MODERATOR = "moderator"
    PLATFORM = "platform"
    UNKNOWN = "unknown"


class GapReason(StrEnum):
    """Why a capture could not have something."""

    UNREACHABLE = "unreachable"
    PERMISSION_LOST = "permission_lost"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    REFUSED_ADDRESS = "refused_address"
    UNTRUSTED = "untrusted"
    GONE = "gone"
    OUT_OF_REACH = "out_of_reach"
    NOT_GRANTED = "not_granted"
    SUSPECT_RUN = "suspect_run"
    BUDGET = "budget"
    NOT_OPENED = "not_opened"
    NOT_KEPT = "not_kept"
    BUSY = "busy"
    MISCOUNTED = "miscounted"
    TOO_LATE = "too_late"


LASTING = frozenset({GapReason.GONE, GapReason.TOO_LARGE, GapReason.REFUSED_ADDRESS})
"""Why a file is wanting that no later night brings by itself: its gap lasts."""

LASTING_ANYWHERE = frozenset({GapReason.GONE, GapReason.NOT_GRANTED, GapReason.TOO_LATE})
"""Why anything is wanting that no later night brings by itself."""


class CaptureStatus(StrEnum):
    """How a capture ended; only `complete` lets `capture` exit with 0."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    SUSPECT = "suspect"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """An item as it was seen.

    *current* is false for an older version out of the platform's edit history. *restricted*
    marks what never was public (messages, drafts).
    """

    content: Content
    current: bool = True
    engagement: Mapping[str, int] = field(default_factory=dict)
    state: PlatformState = PlatformState.PRESENT
    restricted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What was seen of an item already known: its state, and who caused it where that is told.

    *actor* stays untold unless *source* (a platform event, a moderation log) tells one. Both are
    codes and go into the ledger; *remark*, what the platform itself says of it (a name, a
    reason), is kept in a paper that lies under the item and goes with it.

    Raises:
        ValueError: *source* is no code.
    """

    native_id: str
    state: PlatformState
    actor: Actor = Actor.UNTOLD
    source: str = ""
    remark: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.source):
            raise ValueError("the source of a sighting is a code, such as `mastodon 410`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What a visit could not have, and why. *what* names a place, never the text of an item.

    *native_id* is given where the gap concerns one item.
    """

    what: str
    why: GapReason
    detail: str = ""
    native_id: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything yielded before this is all there is up to *value*; the next visit starts here."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A listing was walked to its end.

    *whole* says that every item published at or after *since* (or ever, where None) and still
    visible was yielded, so that a known item which was not is worth a re-check. *platform_count*
    is the platform's own count of them, where it gives one. A feed never says *whole*.
    *by_thread* says that whole threads were walked, by the date of the post they begin with:
    then *since* is that post's, and a late answer to an older one is not missed.
    """

    whole: bool
    since: datetime | None = None
    platform_count: int | None = None
    kinds: tuple[str, ...] = ()
    by_thread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadListed:
    """What answers one post was listed to its end: how much of it is counted, and was shown.

    *counted* is the platform's own count below the post *native_id*, *shown* how many of what it
    counts it listed, whether they could be read or not. A platform's count may take in what is
    hidden, deleted or withheld from us: nothing is concluded from a difference.
    """

    native_id: str
    counted: int
    shown: int


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The platform itself says that nothing changed since the last visit (HTTP 304)."""


Seen: TypeAlias = Observation | Sighting | Gap | Cursor | Listed | ThreadListed | Unchanged
"""What a visit may yield."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the archive tells a connector about an item it wants looked at again.

    *state* is how it was last seen, where the archive holds it.
    """

    native_id: str
    kind: str
    parent: str | None
    thread: str | None
    permalink: str
    state: PlatformState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What a visit is asked for: everything published since *since*, from *cursor* on.

    Both are None on the first visit. *since* already includes the page's look-back.
    *full* asks for the whole listing, whatever the cursor says. *young* makes it a light visit:
    what is new since *since*, and the comments on posts published at or after *young*; nothing
    else is asked for, and no listing is whole beyond that. *began* is when the visit begins, by the
    archive's clock, and *last* when the last one began that saw all that was new: None where
    nobody says, or none did.
    """

    since: datetime | None = None
    cursor: str | None = None
    full: bool = False
    young: datetime | None = None
    began: datetime | None = None
    last: datetime | None = None

    @property
    def light(self) -> bool:
        """Say whether this is a light visit."""
        return self.young is not None

    @property
    def comments_since(self) -> datetime | None:
        """Give since when a post must have been published for its comments to be asked for."""
        if self.young is None or self.since is None:
            return self.since
        return min(self.since, self.young)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A post of which a platform counts other comments than it shows, by its opaque id."""

    item: str
    counted: int
    shown: int


@dataclass(slots=True, kw_only=True)
class Coverage:
    """The coverage record of one visit: what was asked, and what came of it.

    *fetched* counts the answers (of a deposit: the files) that were read. *light* says that only
    what is new was asked for; *lasting* counts the gaps of earlier visits that stay for good,
    *rechecks_waiting* the items whose day of another look had come, and which had to wait.
    *not_granted* names what the token is not shown, and never was; *certificates* those under
    which the *destroyed_before* were disposed of: these are not captured again.
    *expunged_before* says how many of them a court had destroyed; nothing names these.
    *differences* are the posts below which the platform counts other comments than it shows: they
    are told, and leave the visit as complete as it is.
    """

    page: str
    status: CaptureStatus = CaptureStatus.COMPLETE
    since: datetime | None = None
    fetched: int = 0
    seen: int = 0
    new: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    destroyed_before: int = 0
    expunged_before: int = 0
    certificates: set[str] = field(default_factory=set)
    platform_count: int | None = None
    light: bool = False
    lasting: int = 0
    not_granted: set[str] = field(default_factory=set)
    rechecks_waiting: int = 0
    gaps: list[Gap] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def differing(self) -> int:
        """Give of how many posts a platform counts other comments than it shows."""
        return len(self.differences)

    @property
    def differing_by(self) -> int:
        """Give how many comments these counts are off in all, whether too many or too few."""
        return sum(abs(each.counted - each.shown) for each in self.differences)
