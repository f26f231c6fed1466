"""Striking: taking out of papers, and out of rows that repeat them, what an order must not leave.

All of it may be repeated, and after a crash is. Papers are amended before rows are: what the rows
say is written anew by every paper that was ever amended, so that none is forgotten where a
carrying out was broken off between the two.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from archiver.catalogue import Reading, items, orders, pages, plans, rewording
from archiver.catalogue.expunging import remnant
from archiver.catalogue.orders import GOING, OrderRow
from archiver.ports import SearchIndex
from archiver.procedures import indexing
from archiver.procedures.account import Account
from archiver.procedures.amended_papers import (
    PAGE,
    amend,
    every_amended,
    every_paper,
    scrub_papers,
)
from archiver.procedures.item_papers import PaperStriker
from archiver.procedures.order_by_hand import emptied
from archiver.procedures.order_names import kept_papers, settled
from archiver.procedures.papers import paper_of
from archiver.records.canonical import Json
from archiver.records.orders import OrderStatus

_PART = "plan_part"
"""The kind of the papers that list what a plan lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Striker:
    """What may strike: the account whose shelf lets papers go, what is under items, the index."""

    account: Account
    papers: PaperStriker
    index: SearchIndex


def scrub(striker: Striker, row: OrderRow, owners: Sequence[str]) -> None:
    """Have papers, pages, and the rows that repeat them, tell of whom the order is for no more."""
    account, named = striker.account, settled(striker.account, row)
    names, own = named.looked_for(), {row.paper, row.document, row.words}
    scrub_papers(
        account,
        frozenset(owners) | named.authors,
        names,
        spared=frozenset(own - {""}) | kept_papers(account, named.kept),
        emptied=emptied(account, row.order),
        pages=named.pages,
    )
    striker.papers.strike(names, named.kept)
    with account.catalogue.writing() as desk:
        reword_by(account, desk.connection, every_amended(account))
        rewording.blank_words(desk.connection, names.named_in)
    if named.pages:  # every item of theirs is found under the page's name
        indexing.rebuild(account.catalogue, striker.index)


def reword_by(account: Account, connection: Reading, papers: Iterable[tuple[str, str]]) -> None:
    """Have the rows that repeat one of *papers*, by kind and digest, say what is left of it."""
    for kind, digest in papers:
        if kind in rewording.REPEATED:
            rewording.reword(connection, kind, digest, paper_of(account, kind, digest))
        elif kind == _PART:
            _reword_lines(connection, paper_of(account, kind, digest))
        elif kind == PAGE:
            _rename(account, connection, paper_of(account, kind, digest))


def _reword_lines(connection: Reading, part: dict[str, Json]) -> None:
    """Have the lines of a plan give the reasons that are left in the *part* which lists them."""
    plan = plans.plan_called(connection, str(part["plan"]))
    if plan is None:
        return
    due = cast("list[list[Json]]", part["due"])
    left = {str(item): json.dumps(reasons) for item, _series, _seal, reasons in due}
    lines = plans.lines_about(connection, plan.n, list(left))
    plans.reword(connection, plan.n, {line.item_n: left[item] for item, (line, _) in lines.items()})


def _rename(account: Account, connection: Reading, paper: dict[str, Json]) -> None:
    """Call a page what is left of its paper calls it."""
    page = pages.by_id(connection, str(paper["page"]))
    if page is not None and page.name != paper["name"]:
        after = replace(page, name=str(paper["name"]))
        pages.change(connection, page, after, account.key)


def strike_order(account: Account, row: OrderRow) -> None:
    """Strike what the order's own papers say: whom it was for, and its text.

    So goes what an entering that was broken off left of the same order.
    """
    for kind, digest in (("order", row.paper), ("document", row.document), *_strays(account, row)):
        amend(account, kind, digest, _struck)


def _strays(account: Account, row: OrderRow) -> list[tuple[str, str]]:
    """Give papers that say the same as the order's own, and that nothing refers to."""
    with account.catalogue.reading() as connection:
        entered = {one.paper for one in orders.every(connection)}
    text = paper_of(account, "order", row.paper).get("sha256")
    found: list[tuple[str, str]] = []
    named: set[Json] = set()
    for kind, digest, paper in every_paper(account):
        if kind == "order" and digest not in entered:
            if (paper.get("court"), paper.get("number")) == (row.court, row.number):
                found.append((kind, digest))
            continue
        if kind == "document" and paper.get("sha256") == text:
            found.append((kind, digest))
        named.update(value for value in paper.values() if isinstance(value, str))
    return [one for one in found if one[1] not in named]


def _struck(paper: dict[str, Json]) -> dict[str, Json]:
    """Give a paper of an order without anything that names whom it was for."""
    emptied: dict[str, Json] = {"scope": {}, "items": [], "names": []}
    for name in ("court", "number", "as_ordered", "to", "name", "base64"):
        emptied[name] = ""
    return {name: emptied.get(name, value) for name, value in paper.items()}


def conclude(account: Account, connection: Reading, row: OrderRow, status: OrderStatus) -> None:
    """Leave nothing but remnants of what was going; of an order that is carried out, no word."""
    going = orders.named_by(connection, row.n, GOING)
    items.change(connection, [remnant(one).in_place_of(one, account.key) for one in going])
    orders.destroyed(connection, row.n, [one.n for one in going])
    orders.stands(connection, row.n, status)
    if status is OrderStatus.CARRIED_OUT:
        orders.blank(connection, row.n)
