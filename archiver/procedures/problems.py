"""Problems: what needs a hand, in words that may leave the house, and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from archiver.records.captures import CaptureStatus, Coverage, Gap, GapReason
from archiver.records.errors import (
    AddressRefused,
    ArchiverError,
    CertificateRefused,
    PermissionLost,
    TooLarge,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that needs a hand.

    *subject* names it from one run to the next. *what* and *remedy* hold names of pages, counts
    and codes, and may go out by mail; *detail* may hold addresses, and stays in the house. None
    of them ever holds the text of an item.
    """

    subject: str
    what: str
    remedy: str
    detail: str = ""


def of_error(step: str, error: ArchiverError) -> Problem:
    """Give the problem that *error* is for *step* of the work."""
    kind = (type(error).__doc__ or "").partition("\n")[0].partition(";")[0].rstrip(".")
    what = f"{step}: {kind[:1].lower()}{kind[1:]}"
    return Problem(subject=step, what=what, remedy=error.remedy, detail=str(error))


def of_captures(coverages: Iterable[Coverage]) -> list[Problem]:
    """Give a problem for each visit that is not complete."""
    return [
        Problem(
            subject=subject_of_page(coverage.page),
            what=f"{coverage.page}: the capture is {coverage.status.value}{_gaps(coverage)}",
            remedy=_remedy(coverage),
            detail="; ".join(f"{gap.what}: {_told(gap)}" for gap in coverage.gaps[:3]),
        )
        for coverage in coverages
        if coverage.status is not CaptureStatus.COMPLETE
    ]


def _remedy(coverage: Coverage) -> str:
    """Say what to do about the visit; of one that another visit kept away, as about its gap."""
    reasons = {gap.why for gap in coverage.gaps}
    if reasons == {GapReason.BUSY}:
        return REMEDY_OF[GapReason.BUSY]
    return REMEDIES[coverage.status]


def subject_of_page(name: str) -> str:
    """Give the subject under which the captures of a page are a problem."""
    return f"page {name}"


REMEDIES = {
    CaptureStatus.PARTIAL: "The next visit tries again; `archiver capture` names every gap.",
    CaptureStatus.SUSPECT: "Look at the page itself: it showed nothing of what it had. "
    "Nothing was marked removed.",
    CaptureStatus.FAILED: "Check the page's address and token; `archiver capture` says why.",
}
"""What to do about a visit that is not complete."""


RECONNECT = (
    "Say `archiver connect PAGE`, or make a new token as `archiver connectors show NAME` says and "
    "put it where the old one is."
)
"""What to do about a token that dies."""

REMEDY_OF = {
    GapReason.PERMISSION_LOST: PermissionLost.remedy,
    GapReason.REFUSED_ADDRESS: AddressRefused.remedy,
    GapReason.UNTRUSTED: CertificateRefused.remedy,
    GapReason.TOO_LARGE: TooLarge.remedy,
    GapReason.GONE: "What is gone stays a gap for good, and makes no later visit partial.",
    GapReason.TOO_LATE: "What came too late stays a gap for good, and makes no later visit "
    "partial. See that pages are visited more often than their platform forgets.",
    GapReason.NOT_GRANTED: "Grant the right and run `archiver connect PAGE`, or set moderation = "
    "false for the page. Told once, it makes no later visit partial.",
    GapReason.SUSPECT_RUN: "Look at the page; if it is right, run `archiver capture --vouched`.",
    GapReason.NOT_OPENED: "Check the page's entry in config.toml, and what its connector asks for.",
    GapReason.NOT_KEPT: "Check the archive's own store and disk; `archiver status` names them.",
    GapReason.MISCOUNTED: "What could be read is kept. Ask whoever gave the count what it takes "
    "in; where items are missing, ask for the export again and import it: none comes in twice.",
    GapReason.BUSY: "Another visit is under way and leaves its own record; try again after it.",
}
"""What a person can do about a gap, by its reason; the next visit tries the rest again."""


def _told(gap: Gap) -> str:
    return f"{gap.why.value} ({gap.detail})" if gap.detail else gap.why.value


def _gaps(coverage: Coverage) -> str:
    counted = Counter(gap.why.value for gap in coverage.gaps)
    named = ", ".join(f"{count} {why}" for why, count in sorted(counted.items()))
    return f" ({named})" if named else ""
