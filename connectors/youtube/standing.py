"""What YouTube says of how a video or a comment stands: who may see it, who took it down. Pure.

A state is never told better than it is: where the word is missing, or is none that is documented,
the state is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping

from archiver.records.captures import Actor, PlatformState, Sighting
from connectors.cutting import text_of

HELD_BACK = {
    "heldForReview": "held-for-review",
    "likelySpam": "likely-spam",
    "rejected": "rejected",
}
"""The mark of a comment for each moderation status in which the public does not see it."""

WANTS = {"privacyStatus": "private", "moderationStatus": "held back"}
"""What each field is asked for on which a state rests."""

UNTOLD_BY_ID = "youtube moderationstatus untold"
_MODERATED = {"published": PlatformState.PRESENT} | dict.fromkeys(HELD_BACK, PlatformState.HIDDEN)
_SHOWN = {
    "public": PlatformState.PRESENT,
    "unlisted": PlatformState.PRESENT,
    "private": PlatformState.HIDDEN,
}
_REMOVED = {"rejected": Actor.PLATFORM, "deleted": Actor.UNTOLD}


def shown_to(privacy: str) -> tuple[PlatformState, tuple[str, ...]]:
    """Give the state of a video by its `privacyStatus`, and the field where it does not tell it.

    >>> shown_to("public"), shown_to("")[1]
    ((<PlatformState.PRESENT: 'present'>, ()), ('privacyStatus',))
    """
    state = _SHOWN.get(privacy, PlatformState.UNKNOWN)
    return state, () if privacy in _SHOWN else ("privacyStatus",)


def moderated(status: str) -> tuple[PlatformState, tuple[str, ...]]:
    """Give the state of a comment by its `moderationStatus`, and the field where it is missing.

    >>> moderated("likelySpam"), moderated("")[1]
    ((<PlatformState.HIDDEN: 'hidden'>, ()), ('moderationStatus',))
    """
    state = _MODERATED.get(status, PlatformState.UNKNOWN)
    return state, () if status else ("moderationStatus",)


def by_id(before: PlatformState | None, *, signed_in: bool, left_out: bool) -> PlatformState:
    """Give the state of a comment that is shown by its id, where no status is told with it.

    *before* is how it was last seen. By id YouTube tells the status to nobody, and does not
    document whether it shows who manages the channel what is held: so what was held, or not seen,
    stays unknown to who is *signed_in*, as does what the list of its thread has just *left_out*.
    Without signing in is shown what any visitor sees; yet what was held before is concluded to be
    public only by a list, which holds what is published.
    """
    if signed_in:
        present = before is PlatformState.PRESENT and not left_out
    else:
        present = before not in {PlatformState.HIDDEN, PlatformState.UNKNOWN}
    return PlatformState.PRESENT if present else PlatformState.UNKNOWN


def closed(native_id: str, status: Mapping[str, object], *, hidden: bool) -> Sighting | None:
    """Give what is told of a video that YouTube took down, or that is private."""
    upload = text_of(status, "uploadStatus", absent="")
    if upload in _REMOVED:
        return Sighting(
            native_id=native_id,
            state=PlatformState.REPORTED_REMOVED,
            actor=_REMOVED[upload],
            source=f"youtube upload {upload}",
            remark=text_of(status, "rejectionReason", absent=""),
        )
    if hidden:
        state = PlatformState.HIDDEN
        return Sighting(native_id=native_id, state=state, source="youtube private")
    return None
