"""By hand: where the machine cannot look for a name, or may not strike it; a person answers each.

A scan says nothing that can be searched; the roster and the law in force are not an order's to
change; an address is what a page is known by; of a name too short everybody would be struck. An
order has not come to its end before somebody has said of every such place what was found.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from archiver.catalogue import inspection, pages
from archiver.catalogue.orders import OrderRow
from archiver.catalogue.rewording import about_paper
from archiver.language.naming import Names
from archiver.ports import ObjectReader
from archiver.procedures.account import Account
from archiver.procedures.amended_papers import OURS, every_paper
from archiver.procedures.authority import demand
from archiver.procedures.item_papers import DIGITS, HELD, LOCKED, naming
from archiver.procedures.order_names import Named, place_of, settled
from archiver.procedures.ordering import KnownOrder, called, demand_counsel, refuse_order, shown
from archiver.procedures.papers import paper_of
from archiver.records.canonical import Json, read_object
from archiver.records.errors import NotFound, OrderRefused
from archiver.records.events import EventKind, Leaf
from archiver.records.orders import Answer, OrderStatus
from archiver.records.people import Person, Right, SignedIn
from archiver.records.scrubbing import scrubbed

SHORT, NO_TEXT, SAID_BY_US = "short", "no_text", "said_by_us"
CONFIGURED, BOUND, ADDRESS = "configured", "bound", "address"

SAYS = {
    SHORT: "a name of one or two letters, which was not looked for",
    NO_TEXT: "a document that is no plain text, which cannot be searched",
    SAID_BY_US: "the roster, or the law in force here, says the name",
    CONFIGURED: "the page lost its name here; config.toml may still say it",
    BOUND: "a hold in force asks for the page by its name",
    ADDRESS: "the address of the page says the name",
    HELD: "a hold covers the item of this paper",
    LOCKED: "the object store lets nobody destroy this paper yet",
}
"""Why a person must look, in words."""

_MAY_BE = {
    SHORT: {Answer.NOTHING, Answer.DONE, Answer.KEEP},
    NO_TEXT: {Answer.NOTHING, Answer.STRIKE, Answer.KEEP},
    CONFIGURED: {Answer.DONE, Answer.KEEP},
}
"""What may be answered; where the machine sees that the name stands there, only that it stays."""

_PAPER = "order_answer"
_DOCUMENT = "document"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """A place where a person must look, *why*, and what they said, if anything yet."""

    place: str
    why: str
    about: str = ""
    answer: Answer | None = None


def by_hand(account: Account, objects: ObjectReader, row: OrderRow) -> list[ByHand]:
    """Give every place in which names of the order must be looked for by hand, answered or not."""
    named, said = settled(account, row), answers(account, row.order)
    places = {one.place: one for one in _places(account, objects, row, named)}
    return [
        replace(one, answer=said.get(one.place))
        for one in places.values()
        if one.place not in named.kept
    ]


def _places(
    account: Account, objects: ObjectReader, row: OrderRow, named: Named
) -> Iterator[ByHand]:
    names = named.looked_for()
    if any(not Names.of([name]) for name in named.names):
        yield ByHand(place="names/short", why=SHORT)
    yield from _papers(account, row, names)
    yield from _pages(account, named, names)
    for one in naming(account, objects, names):
        yield ByHand(place=one.place, why=HELD if one.held else LOCKED, about=one.row.item)


def _papers(account: Account, row: OrderRow, names: Names) -> Iterator[ByHand]:
    for kind, digest, paper in every_paper(account):
        why = ""
        if kind == _DOCUMENT and digest != row.document and not _is_text(paper):
            why = NO_TEXT
        elif kind in OURS and scrubbed(paper, frozenset(), names) != paper:
            why = SAID_BY_US
        if why:
            with account.catalogue.reading() as connection:
                about = about_paper(connection, digest)
            yield ByHand(place=f"{kind}/{digest[:DIGITS]}", why=why, about=about)


def _is_text(paper: dict[str, Json]) -> bool:
    try:
        base64.b64decode(str(paper.get("base64", ""))).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _pages(account: Account, named: Named, names: Names) -> Iterator[ByHand]:
    with account.catalogue.reading() as connection:
        every = pages.every(connection)
    for page in every:
        if page.page in named.pages:
            yield ByHand(place=place_of(page), why=CONFIGURED, about=page.name)
        elif names.named_in(page.name):
            yield ByHand(place=place_of(page), why=BOUND, about=page.name)
        if names.named_in(page.identity):
            yield ByHand(place=f"address/{page.page[:DIGITS]}", why=ADDRESS, about=page.name)


# --- answers ------------------------------------------------------------------------------------


def answer(
    account: Account,
    objects: ObjectReader,
    signed: SignedIn,
    name: str,
    places: Sequence[str],
    said: Answer,
    *,
    reason: str,
) -> KnownOrder:
    """Enter what was found in *places*, or was done there, for the order called *name*.

    What is to be struck goes when the order is carried out again.

    Raises:
        NotPermitted: the person may not enter orders; or is not counsel, who alone strikes a
            document or keeps a name.
        NotFound: there is no such order, or nobody was asked about such a place.
        OrderRefused: the order waits for no answer, or a place takes no such one.
    """
    person = signed.person
    demand(account, person, Right.ORDER)
    if said.is_counsels:
        demand_counsel(account, person)
    row, wanted = called(account, name), sorted(set(places))
    _demand_asked(account, objects, person, row, wanted, said)
    told: dict[str, Json] = {
        "order": name,
        "places": list[Json](wanted),
        "answer": said.value,
        "reason": reason,
        "by": person.id,
    }
    paper = account.paper(_PAPER, told)
    with account.catalogue.writing() as desk:
        counts: dict[str, Json] = {"n": len(wanted), "a": said.value}
        kind = EventKind.ORDER_ANSWERED
        account.enter(desk, kind, by=person.id, subject=name, told=counts, paper=paper)
    account.acknowledge()
    return shown(account, name)


def _demand_asked(
    account: Account,
    objects: ObjectReader,
    person: Person,
    row: OrderRow,
    places: Sequence[str],
    said: Answer,
) -> None:
    if row.status not in {OrderStatus.BY_HAND, OrderStatus.STOPPED}:
        refuse_order(account, person, row.order, OrderRefused(f"{row.order} waits for no answer"))
    asked = {one.place: one.why for one in by_hand(account, objects, row)}
    if strange := [one for one in places if one not in asked]:
        raise NotFound(
            f"nobody was asked about {', '.join(strange)}",
            remedy=f"`archiver orders by-hand {row.order}` lists the places.",
        )
    if wrong := [one for one in places if said not in _MAY_BE.get(asked[one], {Answer.KEEP})]:
        why = f"{', '.join(wrong)}: {SAYS[asked[wrong[0]]]}; {said.value} is no answer to that"
        refuse_order(account, person, row.order, OrderRefused(why))


def answers(account: Account, order: str) -> dict[str, Answer]:
    """Give by place what was said last of it, for *order*."""
    found: dict[str, Answer] = {}
    with account.catalogue.reading() as connection:
        leaves = list(inspection.leaves_of_registers(connection, [EventKind.ORDER_ANSWERED]))
    for leaf in (Leaf.from_json(read_object(data)) for data in leaves):
        if leaf.subject == order:
            told = paper_of(account, _PAPER, leaf.paper)
            said = Answer(str(told["answer"]))
            found |= dict.fromkeys(cast("list[str]", told["places"]), said)
    return found


def emptied(account: Account, order: str) -> frozenset[str]:
    """Give the digests of the documents that counsel has struck for *order*."""
    said = answers(account, order)
    struck = {place for place, one in said.items() if one is Answer.STRIKE}
    return frozenset(
        digest
        for kind, digest, _ in every_paper(account)
        if struck and f"{kind}/{digest[:DIGITS]}" in struck
    )


def documents_to(account: Account, places: Sequence[ByHand], folder: Path) -> list[Path]:
    """Write the documents among *places* into *folder*, so that somebody can read them."""
    wanted = {one.place for one in places if one.why == NO_TEXT}
    written = []
    for kind, digest, paper in every_paper(account):
        if f"{kind}/{digest[:DIGITS]}" in wanted:
            path = folder / f"{digest[:DIGITS]}-{Path(str(paper['name'])).name}"
            path.write_bytes(base64.b64decode(str(paper["base64"])))
            written.append(path)
    return written
