"""Writing gaps: each one once, with an entry; what no night brings stays and is asked for less.

A gap is *lasting* where the platform answered 404 or 410, and where a file is larger than allowed
or lies at an address that may not be visited: it is never closed by a complete visit, is tried
again on the rungs of the re-check ladder (and by a full capture), and once it is known it does not
make a later visit partial. Where the page itself was gone, its answering again closes the gap.

What could be seen for a time alone, which had passed when it was first asked for, lasts too; its
gap names that time, and nothing is tried again.

What a token was never shown, for want of a right that a visit can do without, lasts as well;
every visit asks for it again, and the first that sees it, or does not ask, closes the gap. Where
it was shown once, the right is lost: that is no lasting gap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from archiver.catalogue import Desk, Reading, captures, items, moderation
from archiver.catalogue.items import LIVE
from archiver.procedures.account import Account
from archiver.procedures.batch import CaptureContext, NewGap
from archiver.procedures.ladder import next_rung
from archiver.records.canonical import Json
from archiver.records.captures import LASTING, LASTING_ANYWHERE, Gap, GapReason
from archiver.records.events import EventKind
from archiver.records.identity import sha256
from archiver.records.moments import micros


def words_of(account: Account, context: CaptureContext, gaps: Sequence[NewGap]) -> str:
    """Put on paper what *gaps* that nobody knows of yet could not have; give its digest.

    It is durable before they are entered, so that a rebuild has their words even where the visit
    was broken off and left no record. What a file of an item is called follows from its entry.
    Empty where there is nothing to be said.
    """
    bare = [new for new in gaps if not new.slot]
    if not bare:
        return ""
    with account.catalogue.reading() as connection:
        named = items.by_ids(connection, [new.item for new in bare if new.item])
        numbers = {item: row.n for item, row in named.items() if row.life == LIVE}
        rows = [_row(account, context, new, numbers, at=0) for new in bare]
        if all(captures.open_like(connection, row) is not None for row in rows):
            return ""
    told: list[Json] = [{"what": new.gap.what, "why": new.gap.why.value} for new in bare]
    return account.paper("gaps", {"capture": context.capture, "gaps": told})


def with_rights_lost(connection: Reading, page_n: int, new: NewGap) -> NewGap:
    """Give *new*, for want of a right; where what it wants was shown once, that right is lost.

    A list that was shown is an item. Of a log, which has no item of its own, any entry of a log
    of the page tells that it was.
    """
    if new.item:
        shown = new.item in items.by_ids(connection, [new.item])
    else:
        shown = moderation.has_log(connection, page_n)
    return replace(new, gap=replace(new.gap, why=GapReason.PERMISSION_LOST)) if shown else new


def write_gaps(
    account: Account,
    desk: Desk,
    context: CaptureContext,
    gaps: Sequence[NewGap],
    numbers: Mapping[str, int],
    *,
    words: str,
) -> list[NewGap]:
    """Write *gaps*; give those known to last. *numbers* are those of the items they name.

    *words* is the digest of the paper that says what they could not have.
    """
    lasting, now = [], account.now()
    for new in gaps:
        row = _row(account, context, new, numbers, at=micros(now))
        known = captures.open_like(desk.connection, row)
        if known is None:
            subject = new.item if new.item in numbers else context.page.page
            number = captures.add_gap(desk.connection, row)
            paper = "" if new.slot else words
            _enter(account, desk, context, new, number, subject=subject, paper=paper, at=now)
            continue
        why, slot = new.gap.why, new.slot
        again = next_try(account, why, slot, known.opened_at, today=account.today())
        captures.tried_again(desk.connection, known.n, retry_on=again)
        if _lasts(why, slot):
            lasting.append(new)
    return lasting


def suspect_gaps(connection: Reading, page_n: int) -> list[int]:
    """Give the gaps of a page's suspect runs that nobody and nothing has settled, by number."""
    suspect = GapReason.SUSPECT_RUN.value
    return [gap.n for gap in captures.gaps_open_on(connection, page_n) if gap.why == suspect]


def write_gap_of_visit(account: Account, context: CaptureContext, gap: Gap) -> None:
    """Write that a whole visit could not have what *gap* says."""
    gaps = [NewGap(gap, "", "")]
    words = words_of(account, context, gaps)
    with account.catalogue.writing() as desk:
        write_gaps(account, desk, context, gaps, {}, words=words)


def _row(
    account: Account,
    context: CaptureContext,
    new: NewGap,
    numbers: Mapping[str, int],
    *,
    at: int,
) -> captures.NewGap:
    return {
        "capture_n": context.capture_n,
        "page_n": context.page.n,
        "item_n": numbers.get(new.item),
        "slot": new.slot,
        "what": new.gap.what,
        "why": new.gap.why.value,
        "opened_at": at,
        "retry_on": next_try(account, new.gap.why, new.slot, at, today=account.today()),
    }


def close_gaps(
    account: Account,
    desk: Desk,
    numbers: Sequence[int],
    *,
    capture: str,
    page: str,
    by: str,
    at: datetime,
) -> None:
    """Write that the gaps *numbers* were made good, or that another reason took their place."""
    captures.close_gaps(desk.connection, numbers, at=micros(at))
    for number in numbers:
        told: dict[str, Json] = {"c": capture, "n": number}
        account.enter(desk, EventKind.GAP_CLOSED, by=by, subject=page, told=told, at=at)


def next_try(account: Account, why: str, slot: str, opened_at: int, *, today: date) -> int | None:
    """Give the day on which what lasts, asked for *today*, is so again; None for every night."""
    if not _lasts(why, slot) or why in {GapReason.NOT_GRANTED, GapReason.TOO_LATE}:
        return None
    return next_rung(account.day(opened_at), today).toordinal()


def _lasts(why: str, slot: str) -> bool:
    """Say whether no later night brings what is wanting, unless something else changes first.

    A listing that is too large, or not to be visited, is asked for by every visit.
    """
    return why in LASTING_ANYWHERE or (why in LASTING and slot != "")


def _enter(
    account: Account,
    desk: Desk,
    context: CaptureContext,
    new: NewGap,
    number: int,
    *,
    subject: str,
    paper: str,
    at: datetime,
) -> None:
    told: dict[str, Json] = {"c": context.capture, "n": number}
    told |= {"w": new.gap.why.value, "a": new.slot}
    told["g"] = account.key.commit("gap", sha256(new.gap.what.encode()))
    kind = EventKind.GAP_RECORDED
    account.enter(desk, kind, by=context.by, subject=subject, told=told, paper=paper, at=at)
