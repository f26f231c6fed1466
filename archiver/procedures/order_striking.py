"""Striking: taking out of papers, and out of rows that repeat them, what an order must not leave.

All of it may be repeated, and after a crash is. Papers are amended before rows are: what the rows
say is written anew by every paper that was ever amended, so that none is forgotten where a
carrying out was broken off between the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archiver.catalogue import Reading, items, orders, rewording
from archiver.catalogue.expunging import remnant
from archiver.catalogue.orders import GOING, OrderRow
from archiver.procedures.account import Account
from archiver.procedures.amended_papers import amend, every_amended, every_paper, scrub_papers
from archiver.procedures.order_names import forget, kept_papers, left_before, settled
from archiver.procedures.order_outcomes import unreached
from archiver.procedures.papers import paper_of
from archiver.records.canonical import Json
from archiver.records.orders import OrderStatus


def scrub(account: Account, row: OrderRow, owners: Sequence[str]) -> dict[str, Json]:
    """Have papers, and the rows that repeat them, tell of whom the order is for no more.

    Gives where they may still do: what cannot be reached.
    """
    named = settled(account, row)
    names, own = named.looked_for(), {row.paper, row.document, row.words}
    spared = frozenset(own - {""}) | kept_papers(account, named.kept)
    scrub_papers(account, frozenset(owners) | named.authors, names, spared=spared)
    with account.catalogue.writing() as desk:
        reword_by(account, desk.connection, every_amended(account))
        for n, what in rewording.named_gaps(desk.connection).items():
            if names.named_in(what):
                rewording.blank_gap(desk.connection, n)
    left = left_before(account, row) or unreached(account, named)
    forget(account, row.words, left)
    return left


def reword_by(account: Account, connection: Reading, papers: Iterable[tuple[str, str]]) -> None:
    """Have the rows that repeat one of *papers*, by kind and digest, say what is left of it."""
    for kind, digest in papers:
        if kind in rewording.REPEATED:
            rewording.reword(connection, kind, digest, paper_of(account, kind, digest))


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


def conclude(account: Account, connection: Reading, row: OrderRow, *, whole: bool) -> None:
    """Leave nothing but remnants of what was going; where the order is *whole*, blank it too."""
    going = orders.named_by(connection, row.n, GOING)
    items.change(connection, [remnant(one).in_place_of(one, account.key) for one in going])
    orders.destroyed(connection, row.n, [one.n for one in going])
    status = OrderStatus.CARRIED_OUT if whole else OrderStatus.STOPPED
    orders.stands(connection, row.n, status)
    if whole:
        orders.blank(connection, row.n)
