"""The coverage record of a capture: how it began and ended, in rows, a paper and the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from archiver.catalogue import Desk, Reading, captures, moderation, pages
from archiver.catalogue.pages import PageRow
from archiver.procedures.account import Account
from archiver.procedures.entering import Tally
from archiver.procedures.gap_writing import close_gaps, suspect_gaps
from archiver.records.canonical import Json
from archiver.records.captures import CaptureStatus, Coverage, GapReason
from archiver.records.events import EventKind
from archiver.records.moments import micros, moment
from archiver.records.standing_lists import WANTING, without_right

_LISTED = 10_000
"""How many gaps, and how many differences, the paper of a record names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A capture that ended: whose, when it began, and the digest of what stayed unchanged.

    *walked* says that every listing was seen to its end, *vouched* that a person said a
    listing that fell to none was right, *settled* that a suspect run of the page is made good.
    """

    page: PageRow
    n: int
    name: str
    by: str
    began: datetime
    unchanged: str
    walked: bool
    vouched: bool
    settled: bool


def count(coverage: Coverage, tally: Tally) -> None:
    """Add to *coverage* what entering a batch came to."""
    coverage.seen += tally.seen
    coverage.new += tally.new
    coverage.changed += tally.changed
    coverage.removed += tally.removed
    coverage.unchanged += tally.unchanged
    coverage.destroyed_before += tally.destroyed_before
    coverage.expunged_before += tally.expunged_before
    coverage.certificates |= tally.certificates
    coverage.gaps.extend(tally.gaps)
    coverage.not_granted |= tally.not_granted


def status_of(coverage: Coverage, *, cut_short: bool, suspect: bool) -> CaptureStatus:
    """Say how a capture ended; nothing that left a gap is complete.

    Gaps that last since an earlier visit are no gaps of this one.
    """
    if suspect:
        return CaptureStatus.SUSPECT
    if cut_short and coverage.seen == 0:
        return CaptureStatus.FAILED
    return CaptureStatus.PARTIAL if cut_short or coverage.gaps else CaptureStatus.COMPLETE


def saw_the_end(coverage: Coverage) -> bool:
    """Say whether only single files, or what nobody may see, or lists of moderation are missing."""
    return all(
        gap.why in {GapReason.OUT_OF_REACH, GapReason.TOO_LATE}
        or gap.what.startswith(("attachment ", WANTING))
        for gap in coverage.gaps
    )


def begin(
    account: Account, desk: Desk, page: PageRow, coverage: Coverage, began: datetime, *, by: str
) -> tuple[int, str]:
    """Write that a capture of *page* begins, and what *coverage* says it asks for.

    Gives its number and its name.
    """
    since, at = _since(coverage), micros(began)
    n, name = captures.begin(desk.connection, page.n, at=at, since=since, light=coverage.light)
    told: dict[str, Json] = {"c": name, "b": str(at), "li": coverage.light}
    told["si"] = None if since is None else str(since)
    account.enter(desk, EventKind.CAPTURE_BEGUN, by=by, subject=page.page, told=told)
    return n, name


def _since(coverage: Coverage) -> int | None:
    return micros(coverage.since) if coverage.since else None


def end(account: Account, coverage: Coverage, ended: Ended) -> None:
    """Write the record; gaps of the page that concern no file close when a capture is whole.

    That the page itself was gone, or its token not shown something, is made good by any that
    walked to its end.
    """
    whole = coverage.status is CaptureStatus.COMPLETE and not coverage.light
    with account.catalogue.reading() as connection:
        before = captures.lasting_gaps(connection, ended.page.n, before=ended.n)
        seen = ended.walked and not coverage.light
        answered = _answered(connection, ended.page.n, coverage) if seen else []
        suspects = suspect_gaps(connection, ended.page.n) if ended.settled and not whole else []
    coverage.lasting = before - len(answered)
    told = coverage.gaps or coverage.differences
    paper = _paper(account, coverage, ended) if told else ""
    at, began = account.now_micros(), micros(ended.began)
    with account.catalogue.writing() as desk:
        captures.end(desk.connection, ended.n, coverage, at=at)
        if pages.visited(
            desk.connection,
            ended.page.n,
            account.key,
            at=began,
            whole=whole,
            walked=ended.walked,
            light=coverage.light,
        ):
            captures.close_page_gaps(desk.connection, ended.page.n, at=at)
        page, by = ended.page.page, ended.by
        good = [*answered, *suspects]
        close_gaps(account, desk, good, capture=ended.name, page=page, by=by, at=moment(at))
        account.enter(
            desk,
            EventKind.CAPTURE_ENDED,
            by=ended.by,
            subject=ended.page.page,
            told=_particulars(coverage, ended),
            paper=paper,
            at=moment(at),
        )


def _answered(connection: Reading, page_n: int, coverage: Coverage) -> list[int]:
    """Give the lasting gaps of a page that a walk to its end makes good, by number.

    The page is not gone; and what a token was not shown is closed where it was shown now, or was
    not asked for: then this visit has no gap for it, of whatever reason.
    """
    wanting = {without_right(gap.what) for gap in coverage.gaps}
    wanting |= {without_right(what) for what in coverage.not_granted}
    ungranted = moderation.not_granted(connection).get(page_n, [])
    shown = [n for n, what in ungranted if without_right(what) not in wanting]
    return [*captures.gone_visits(connection, page_n), *shown]


def _particulars(coverage: Coverage, ended: Ended) -> dict[str, Json]:
    since = _since(coverage)
    return {
        "c": ended.name,
        "st": coverage.status.value,
        "n": [coverage.seen, coverage.new, coverage.changed, coverage.removed],
        "u": coverage.unchanged,
        "ud": ended.unchanged,
        "b": str(micros(ended.began)),
        "w": ended.walked,
        "vo": ended.vouched,
        "pc": coverage.platform_count,
        "f": coverage.fetched,
        "li": coverage.light,
        "lg": coverage.lasting,
        "rw": coverage.rechecks_waiting,
        "df": [coverage.differing, coverage.differing_by],
        "si": None if since is None else str(since),
    }


def _paper(account: Account, coverage: Coverage, ended: Ended) -> str:
    gaps: list[Json] = [{"what": gap.what, "why": gap.why.value} for gap in coverage.gaps[:_LISTED]]
    differences: list[Json] = [
        {"item": each.item, "counted": each.counted, "shown": each.shown}
        for each in coverage.differences[:_LISTED]
    ]
    told: dict[str, Json] = {"capture": ended.name, "gaps": gaps, "differences": differences}
    return account.paper("coverage", told)
