"""Outcomes: what carrying out an order came to, and what it could not reach.

An outcome names papers by their places, pages by their ids, and whom the order was for not at all.
Which papers were amended is listed in annexes of its own. What stays is told plainly, with what
people said of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

from archiver.catalogue import backups
from archiver.catalogue.orders import OrderRow
from archiver.procedures.account import Account
from archiver.procedures.amended_papers import every_amended
from archiver.procedures.certifying import OUTSIDE
from archiver.procedures.ledger_places import places
from archiver.procedures.manners import reached
from archiver.procedures.order_by_hand import ByHand
from archiver.procedures.order_names import Named
from archiver.procedures.ordering import called
from archiver.procedures.papers import paper_of
from archiver.records.canonical import Json
from archiver.records.errors import NotFound
from archiver.records.events import EventKind
from archiver.records.moments import written
from archiver.records.people import Person

_SHOWN = 200
ANNEX = 1_000
"""How many amended papers one annex lists."""
_HANDED = "bags, packages, productions and backups that have left this machine"


class Gone(NamedTuple):
    """How many items an order took, and of how many of these some bytes were gone or cut before."""

    destroyed: int
    not_as_kept: int


def unreached(named: Named, places: Sequence[ByHand]) -> dict[str, Json]:
    """Say where names of an order stay, or could not be looked for, and what people said of it."""
    why = Counter(one.why for one in places)
    told: list[Json] = [
        {"place": one.place, "why": one.why, "answer": one.answer.value if one.answer else ""}
        for one in places[:_SHOWN]
    ]
    return {
        "kept_by_counsel": list[Json](sorted(named.kept)),
        "by_hand": dict[str, Json](sorted(why.items())),
        "places": told,
    }


def outcome(
    account: Account,
    person: Person,
    row: OrderRow,
    *,
    gone: Gone,
    held: int,
    manner: Sequence[Json],
    left: Json,
) -> dict[str, Json]:
    """Give the particulars of a carrying out that is about to end; *left* is what stays.

    *held* counts the items of the order that a hold keeps, of which nothing was done: then the
    order is not completed. *manner* says, place by place, how items were destroyed and how that
    was proven; of none, nothing.
    """
    papers = sorted(every_amended(account).items())
    annexes = [_annex(account, row, papers[at : at + ANNEX]) for at in range(0, len(papers), ANNEX)]
    with account.catalogue.reading() as connection:
        kept = backups.holding(connection, account.now_micros())
    return {
        "order": row.order,
        "effect": row.effect,
        "destroyed": gone.destroyed,
        "not_as_kept": gone.not_as_kept,
        "held": held,
        "at": written(account.now()),
        "by": person.id,
        "name": person.name,
        "papers": len(papers),
        "annexes": list[Json](annexes),
        "manner": list[Json](manner),
        "destroyed_in": reached(manner),
        "unreached": left,
        "backups": kept,
        "outside": list[Json]((*OUTSIDE, _HANDED)),
    }


def _annex(account: Account, row: OrderRow, papers: Sequence[tuple[tuple[str, str], str]]) -> str:
    """Write down which papers orders amended, by their old and new digests."""
    listed: list[Json] = [[kind, digest, after] for (kind, digest), after in papers]
    return account.paper("order_annex", {"order": row.order, "papers": listed})


def amended_by(account: Account, outcome_paper: str) -> Iterator[tuple[str, str]]:
    """Give, by kind and digest, what had been amended when an order's outcome was written."""
    told = paper_of(account, "order_outcome", outcome_paper)
    for digest in cast("list[str]", told["annexes"]):
        listed = paper_of(account, "order_annex", digest)["papers"]
        for kind, paper, _ in cast("list[list[str]]", listed):
            yield kind, paper


def outcomes(account: Account, name: str) -> list[dict[str, Json]]:
    """Give what each carrying out of the order called *name* came to, oldest first.

    Raises:
        NotFound: there is no such order, or nothing was destroyed by it.
        LedgerDamaged: a paper of it is missing, or not what was written.
    """
    order = called(account, name).order
    place = places(account, [order])[order]
    entries = cast("list[dict[str, Json]]", place["entries"])
    papers = [str(one["paper"]) for one in entries if one["entry"] == EventKind.ORDER_CARRIED_OUT]
    if not any(papers):
        raise NotFound(
            f"nothing was destroyed by {name}, so there is no outcome",
            remedy=f"`archiver orders show {name}` says how it stands.",
        )
    told = [
        paper_of(account, "order_outcome", paper) | {"paper": paper} for paper in papers if paper
    ]
    return [
        {part: v for part, v in one.items() if part != "salt"} | {"ledger": place} for one in told
    ]
