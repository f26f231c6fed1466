"""Whom an order is for: by which names papers, holds and requests here tell of them, and where.

Names are taken from what the order names, while it is still here: authors (not the department
itself), and what the platform calls items; counsel adds others when the order is entered. Where
one stands, it is struck when the order is carried out, unless counsel decides that the place is
kept. What a binding hold asks for is never struck: counsel keeps the place, or lifts the hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from archiver.catalogue import bylines, contents, growths, holds, orders, pages
from archiver.catalogue.holds import HoldRow
from archiver.catalogue.items import LIVE, ItemRow
from archiver.catalogue.orders import GOING, HELD, WAITING, OrderRow
from archiver.catalogue.pages import PageRow
from archiver.catalogue.rewording import about_paper
from archiver.language.naming import Names
from archiver.ports import ObjectReader
from archiver.procedures import papers
from archiver.procedures.account import Account
from archiver.procedures.amended_papers import OURS, PAGE, amend, document_names, every_paper
from archiver.procedures.called import word_for, words_for
from archiver.procedures.covering import held
from archiver.procedures.item_papers import DIGITS, naming
from archiver.procedures.ordering import called, demand_counsel, refuse_order
from archiver.procedures.papers import paper_of
from archiver.records.canonical import Json
from archiver.records.errors import NotFound, OrderRefused
from archiver.records.people import Person, SignedIn
from archiver.records.scrubbing import scrubbed, starts_of

LEAST_OF_AN_ID = 6
"""How many letters a platform's own id has at least to be looked for in words."""

_WORDS = "order_words"


@dataclass(frozen=True, slots=True)
class Named:
    """By which *names*, and by which opaque ids of *authors*, whom an order is for is told of.

    Among these are the opaque words for what they are called, as the scopes of holds ask for it.
    *kept* are the places that stay as they are, *pages* those whose name goes.
    """

    names: tuple[str, ...] = ()
    authors: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    pages: frozenset[str] = frozenset()

    def and_also(self, before: Named) -> Named:
        """Give these with what was settled *before* and is not carried out yet, if anything is."""
        if not before.names and not before.authors:
            return self
        return Named(
            tuple(sorted({*self.names, *before.names})),
            self.authors | before.authors,
            self.kept | before.kept,
            self.pages | before.pages,
        )

    def looked_for(self) -> Names:
        """Give the names as they are looked for."""
        return Names.of(self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A paper or page that tells of whom an order is for; *about* is the deed's own subject.

    *binds* says that a hold asks for them and is in force.
    """

    place: str
    about: str
    binds: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What carrying out an order would strike, and what it must leave alone."""

    order: str
    going: int
    held: int
    names: tuple[str, ...]
    places: tuple[Place, ...]


def preview(account: Account, objects: ObjectReader, signed: SignedIn, name: str) -> Preview:
    """Say what carrying out the order called *name* would strike; touch nothing.

    Raises:
        NotPermitted: the person is not counsel, to whom alone the names are shown.
        NotFound: there is no such order.
    """
    demand_counsel(account, signed.person)
    row = called(account, name)
    free, bound = _free(account, row)
    named = named_by_order(account, row, free)
    places = tuple(places_of(account, objects, row, named, [one.item for one in free]))
    return Preview(order=name, going=len(free), held=bound, names=named.names, places=places)


def _free(account: Account, row: OrderRow) -> tuple[list[ItemRow], int]:
    with account.catalogue.reading() as connection:
        named = orders.named_by(connection, row.n, WAITING, HELD, GOING)
        bound = held(connection, [one for one in named if one.life == LIVE])
    return [one for one in named if one.item not in bound], len(bound)


def named_by_order(account: Account, row: OrderRow, going: Sequence[ItemRow]) -> Named:
    """Give by which names papers may tell of *going*, from what is still here of it."""
    told = paper_of(account, "order", row.paper)
    names = set(cast("list[str]", told.get("names", [])))
    own = {one.n for one in going if one.own}
    authors = {one.author for one in going if one.n not in own}
    authors |= {word_for(account.key, name) for name in names}
    with account.catalogue.reading() as connection:
        every = list(contents.all_contents_of(connection, [one.n for one in going]))
        besides = bylines.of_items(connection, [one.n for one in going if one.n not in own])
    authors |= {byline.author for told in besides.values() for byline in told}
    for n, content in every:
        ids = [content.native_id, content.permalink]
        if content.author is not None and n not in own:
            names |= {content.author.name, content.author.handle}
            authors |= words_for(account.key, content.author)
            ids += [content.author.native_id, content.author.url]
        names |= {one for one in ids if len(one) >= LEAST_OF_AN_ID}
    return Named(tuple(sorted(names - {""})), frozenset(authors - {""}))


def places_of(
    account: Account, objects: ObjectReader, row: OrderRow, named: Named, items: Collection[str]
) -> Iterator[Place]:
    """Give every place that tells of whom the order is for and would be struck, its own apart."""
    yield from _papers(account, row, named, items)
    names = named.looked_for()
    for one in naming(account, objects, names):
        if one.row.item not in items:
            yield Place(place=one.place, about=one.row.item)
    for page in pages_named(account, names):
        yield Place(place=place_of(page), about=page.name)


def pages_named(account: Account, names: Names) -> list[PageRow]:
    """Give the pages whose name says one of *names*."""
    with account.catalogue.reading() as connection:
        return [page for page in pages.every(connection) if names.named_in(page.name)]


def place_of(page: PageRow) -> str:
    """Give the name by which people speak of a page as a place."""
    return f"{PAGE}/{page.page[:DIGITS]}"


def _papers(
    account: Account, row: OrderRow, named: Named, items: Collection[str]
) -> Iterator[Place]:
    """Give every paper on the shelf that tells of them, by name or by id."""
    names, starts = named.looked_for(), starts_of(frozenset(items) | named.authors)
    binding, own = _binding(account, named, names), {row.paper, row.document, row.words}
    for kind, digest, paper in every_paper(account):
        if digest in own or kind in {_WORDS, PAGE, *OURS}:
            continue
        if scrubbed(paper, starts, names) != paper or document_names(paper, names):
            with account.catalogue.reading() as connection:
                about = about_paper(connection, digest)
            place = f"{kind}/{digest[:DIGITS]}"
            yield Place(place=place, about=about, binds=digest in binding)


def _binding(account: Account, named: Named, names: Names) -> set[str]:
    """Give the papers of the holds in force whose scope asks for whom the order is for."""
    with account.catalogue.reading() as connection:
        rows = [row for row in holds.binding(connection) if _asks_for(row, named, names)]
        grown = [paper for row in rows for paper in growths.papers_of(connection, row.n)]
    return {*grown, *(row.paper for row in rows)}


def _asks_for(row: HoldRow, named: Named, names: Names) -> bool:
    return any(
        (scope.authors | scope.called) & named.authors
        or (scope.query is not None and names.asked_for(dict(scope.query)))
        for scope in row.hold.scopes
    )


def settle(
    account: Account, objects: ObjectReader, person: Person, row: OrderRow, keep: Sequence[str]
) -> str:
    """Write down by which names an order's papers are scrubbed, and what counsel keeps of them.

    The paper is there until the order is carried out, so that a crash forgets none; what a broken
    off carrying out settled before stays settled. Empty where a hold covers all that is left.

    Raises:
        NotPermitted: somebody who is not counsel keeps places.
        NotFound: a place to be kept tells of nobody.
        OrderRefused: a hold in force asks for whom the order is for, and nobody has kept it.
    """
    if keep:
        demand_counsel(account, person)
    if left_before(account, row) is not None:
        return row.words  # it was at its end, and broken off there
    free, bound = _free(account, row)
    if bound and not free:
        return ""
    named = named_by_order(account, row, free).and_also(settled(account, row))
    going = [one.item for one in free]
    places = {one.place: one for one in places_of(account, objects, row, named, going)}
    if strange := sorted(set(keep) - places.keys()):
        raise NotFound(
            f"{', '.join(strange)} tells of nobody whom {row.order} is for",
            remedy=f"`archiver orders preview {row.order}` names the places.",
        )
    kept = named.kept.union(keep)
    if asked := [one.about for one in places.values() if one.binds and one.place not in kept]:
        why = f"{', '.join(asked)} binds, and asks for whom {row.order} is for"
        refuse_order(account, person, row.order, OrderRefused(why))
    return account.paper(_WORDS, _told(account, row, named, kept, places))


def _told(
    account: Account, row: OrderRow, named: Named, kept: frozenset[str], places: Mapping[str, Place]
) -> dict[str, Json]:
    """Give what is settled; a page that a hold in force asks for by its name keeps it."""
    bound = any(one.binds for one in places.values())
    renamed = [] if bound else pages_named(account, named.looked_for())
    going = {page.page for page in renamed if place_of(page) not in kept}
    return {
        "order": row.order,
        "names": list[Json](named.names),
        "authors": list[Json](sorted(named.authors)),
        "keep": list[Json](sorted(kept)),
        "pages": list[Json](sorted(named.pages | going)),
    }


@contextmanager
def taken_back(account: Account, order: str, words: str) -> Iterator[None]:
    """Remove the paper *words* that was settled, if what stands inside does not enter it.

    A carrying out that is refused in the end leaves no paper of names that nobody refers to.
    """
    try:
        yield
    finally:
        with account.catalogue.reading() as connection:
            row = orders.called(connection, order)
        if words and (row is None or row.words != words):
            account.shelf.remove([papers.place_of(_WORDS, words)])


def settled(account: Account, row: OrderRow) -> Named:
    """Give by which names the papers of an order under way are scrubbed; none once they are."""
    if not row.words:
        return Named()
    told = paper_of(account, _WORDS, row.words)
    return Named(
        tuple(cast("list[str]", told["names"])),
        frozenset(cast("list[str]", told["authors"])),
        frozenset(cast("list[str]", told["keep"])),
        frozenset(cast("list[str]", told["pages"])),
    )


def kept_papers(account: Account, places: frozenset[str]) -> frozenset[str]:
    """Give the digests of the papers at *places*."""
    return frozenset(
        digest
        for kind, digest, _ in every_paper(account)
        if places and f"{kind}/{digest[:DIGITS]}" in places
    )


def forget(account: Account, digest: str, left: dict[str, Json]) -> None:
    """Strike the paper that holds the names: nothing needs them; what is *left* stands instead."""
    nameless: dict[str, Json] = {"names": [], "authors": [], "pages": [], "left": left}
    if digest:
        amend(account, _WORDS, digest, lambda paper: paper | nameless)


def left_before(account: Account, row: OrderRow) -> dict[str, Json] | None:
    """Give what was left when the names of an order were forgotten; None where they are not."""
    told = paper_of(account, _WORDS, row.words) if row.words else {}
    return cast("dict[str, Json] | None", told.get("left"))
