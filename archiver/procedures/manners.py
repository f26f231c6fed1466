"""Manners: how an archive destroys, in each place, and how it is seen that nothing is left.

What is said follows from what the archive is kept in: the store, the database and the index say
it of themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from archiver.catalogue import Reading
from archiver.catalogue.volumes import kept_files
from archiver.ports import ObjectReader, SearchIndex
from archiver.procedures.account import Account
from archiver.records.canonical import Json
from archiver.records.counting import count_of
from archiver.records.errors import DestructionUnproven, ObjectDamaged, ObjectMissing
from archiver.records.identity import ObjectRef, Part

_READ_AGAIN = 3
"""Of how many items of a batch the objects are asked for again, by themselves."""

NOT_SAID = "not known: what destroyed it did not say how it does"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAgain:
    """What came of asking for objects again: of how many items, how many, and all were gone."""

    items: int
    objects: int


def read_again(
    account: Account, objects: ObjectReader, going: Sequence[tuple[int, str]]
) -> ReadAgain:
    """Ask for what some of the items *going* (number and id) had; nothing of it may answer.

    Where the rows are struck already (a run before was broken off), the store's listing alone
    is asked.

    Raises:
        DestructionUnproven: something answered.
    """
    some = going[:_READ_AGAIN]
    with account.catalogue.reading() as connection:
        refs = _refs(connection, some)
    left = [item for _, item in some if objects.owned(item)]
    left += [ref.owner for ref in refs if _answers(objects, ref)]
    if left:
        raise DestructionUnproven(f"the store still answers for {', '.join(sorted(set(left)))}")
    return ReadAgain(items=len(some), objects=len(refs))


def _refs(connection: Reading, some: Sequence[tuple[int, str]]) -> list[ObjectRef]:
    owners = dict(some)
    return [
        ObjectRef(owners[n], Part.ATTACHMENT if one.slot else Part.CONTENT, one.digest, one.slot)
        for n, files in kept_files(connection, list(owners)).items()
        for one in files
    ]


def _answers(objects: ObjectReader, ref: ObjectRef) -> bool:
    try:
        objects.read(ref)
    except ObjectMissing:
        return False
    except ObjectDamaged:
        return True
    return True


def manner_told(account: Account, store: str, again: ReadAgain, index: SearchIndex) -> list[Json]:
    """Give, place by place, what went there, in which manner, and how that was proven.

    *store* is what the object store says of itself, *again* what came
    of asking it for objects.
    """
    catalogue = account.catalogue
    objects, of = count_of(again.objects, "object"), count_of(again.items, "item")
    asked = f"asked again for {objects} of {of}, none answered"
    return [
        _in(
            "object store",
            "contents, attachments, and papers that lay under the items",
            store or NOT_SAID,
            f"a fresh listing shows nothing of any item; {asked}",
        ),
        _in(
            "catalogue",
            "what the items said, their versions, sightings, counts and decisions",
            catalogue.strikes,
            "the transaction that struck it is committed",
        ),
        _in(
            "catalogue log",
            "what the database had written of it on the way",
            catalogue.empties_log,
            "the database said so" if catalogue.sqlite else "",
        ),
        _in(
            "full-text index",
            "the items' words",
            f"taken out of every file of the index, and these rewritten ({index.engine})",
            "the index let go of its old files",
        ),
        _in(
            "keys",
            "none: items are not encrypted one by one",
            "no key was destroyed, because there was none",
            "",
        ),
    ]


def reached(manner: Sequence[Json]) -> list[Json]:
    """Give the places of *manner* in which a destruction is proven to leave nothing."""
    return [one["place"] for one in cast("Sequence[dict[str, Json]]", manner) if one["proof"]]


def _in(place: str, what: str, manner: str, proof: str) -> dict[str, Json]:
    """Tell of one place; without a *proof* nothing is said to be destroyed there."""
    return {"place": place, "what": what, "manner": manner, "proof": proof}
