"""Outcomes: what carrying out an order came to, and what it could not reach.

An outcome names papers by their places, pages by their ids, and whom the order was for not at all.
What stays is told plainly, so that a person looks there by hand.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import cast

from archiver.catalogue import backups, pages, rewording
from archiver.catalogue.orders import OrderRow
from archiver.language.naming import Names
from archiver.procedures.account import Account
from archiver.procedures.amended_papers import every_amended, every_paper
from archiver.procedures.certifying import OUTSIDE, PLACES
from archiver.procedures.ledger_places import places
from archiver.procedures.order_names import DIGITS, Named
from archiver.procedures.ordering import called
from archiver.procedures.papers import paper_of
from archiver.records.canonical import Json
from archiver.records.errors import NotFound
from archiver.records.events import EventKind
from archiver.records.moments import written
from archiver.records.people import Person

_SHOWN = 200
_HANDED = "bags, packages, productions and backups that have left this machine"


def unreached(account: Account, named: Named) -> dict[str, Json]:
    """Say where papers, pages and reasons may still tell of whom an order is for, and why.

    Documents that are no plain text, and the reasons of decisions on other items, are not
    searched; a page keeps its name; what counsel keeps is told too.
    """
    names = named.looked_for()
    silent = [f"document/{digest[:DIGITS]}" for digest in _no_text(account)]
    with account.catalogue.reading() as connection:
        on_pages = [page.page for page in pages.every(connection) if names.named_in(page.name)]
        reasons = rewording.reasons_given(connection)
    return {
        "names_too_short": sum(not Names.of([name]) for name in named.names),
        "pages_named": list[Json](on_pages),
        "reasons_not_searched": reasons,
        "documents_not_searched": len(silent),
        "documents": list[Json](silent[:_SHOWN]),
        "kept_by_counsel": list[Json](sorted(named.kept)),
    }


def _no_text(account: Account) -> Iterator[str]:
    """Give the digest of every document that was handed in and is no plain text."""
    for kind, digest, paper in every_paper(account):
        if kind == "document":
            try:
                base64.b64decode(str(paper.get("base64", ""))).decode("utf-8")
            except UnicodeDecodeError:
                yield digest


def outcome(
    account: Account, person: Person, row: OrderRow, *, destroyed: int, left: Json
) -> dict[str, Json]:
    """Give the particulars of a carrying out that is about to end; *left* is what stays."""
    papers = sorted(every_amended(account).items())
    with account.catalogue.reading() as connection:
        kept = backups.holding(connection, account.now_micros())
    return {
        "order": row.order,
        "effect": row.effect,
        "destroyed": destroyed,
        "completed": written(account.now()),
        "by": person.id,
        "name": person.name,
        "papers": [[kind, digest, after] for (kind, digest), after in papers],
        "destroyed_in": list[Json](PLACES),
        "unreached": left,
        "backups": kept,
        "outside": list[Json]((*OUTSIDE, _HANDED)),
    }


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
