"""Court orders for tests: entered, confirmed, carried out, over an archive with canaries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from archiver.procedures import ordering
from archiver.procedures.expunging import carry_out_order
from archiver.procedures.order_by_hand import answer
from archiver.procedures.ordering import KnownOrder
from archiver.procedures.verify import verify
from archiver.records.holds import Scope
from archiver.records.orders import Answer, CourtOrder, Effect
from archiver.records.people import Means, Person, SignedIn
from tests.archive import (
    SUBSTANTIVE,
    TRANSITORY,
    Archive,
    a_comment,
    a_copy_of,
    an_archive,
    an_observation,
)
from tests.proofs.invariants import told

TEXT = "qzcanarytextzq spoke about the matter"
AUTHOR = "qzcanaryauthorzq"
NATIVE = "qzcanarynativezq"


def planted(tmp_path: Path) -> Archive:
    """Give an archive whose post `NATIVE` has words of its own in every place."""
    return a_copy_of(_planted, tmp_path)


def _planted(folder: Path) -> Archive:
    archive = an_archive(folder)
    archive.capture(
        an_observation("1", SUBSTANTIVE),
        an_observation(NATIVE, TEXT, author=AUTHOR, attachments=("picture",)),
        a_comment("3", SUBSTANTIVE, on="1"),
        an_observation("4", TRANSITORY),
    )
    return archive


def an_order_text(tmp_path: Path) -> Path:
    """Give the file of an order that names whom it is for."""
    file = tmp_path / "order.pdf"
    file.write_bytes(b"It is ordered. " + AUTHOR.encode())
    return file


def signed(person: Person) -> SignedIn:
    return SignedIn(person=person, means=Means.OS_ACCOUNT)


def entered(
    archive: Archive,
    text: Path,
    effect: Effect,
    *native_ids: str,
    by: Person | None = None,
    state: str = "TX",
    destroy_on: date | None = None,
    as_ordered: str = "",
) -> KnownOrder:
    account = archive.office.account
    ordered = CourtOrder(
        court="District Court",
        number="26-CV-1",
        dated=account.today(),
        effect=effect,
        destroy_on=destroy_on,
        as_ordered=as_ordered,
    )
    scope = Scope(items=frozenset(archive.item_id(n) for n in native_ids))
    return ordering.enter(account, signed(by or archive.person), ordered, scope, text, state=state)


def confirmed(
    archive: Archive, chief: Person, text: Path, effect: Effect, *native_ids: str, **rest: object
) -> str:
    name = entered(archive, text, effect, *native_ids, **rest).row.order
    ordering.confirm(archive.office.account, signed(chief), name)
    return name


def carried_out(archive: Archive, name: str, by: Person | None = None) -> KnownOrder:
    with archive.office.disposer() as disposer:
        return carry_out_order(disposer, signed(by or archive.person), name)


def answered(
    archive: Archive, name: str, said: Answer, *places: str, by: Person | None = None
) -> KnownOrder:
    office, who = archive.office, signed(by or archive.person)
    return answer(office.account, office.objects, who, name, places, said, reason="looked at")


def order_words(archive: Archive) -> list[str]:
    return [leaf["k"] for leaf in told(archive) if leaf["k"].startswith("order.")]


def whole(archive: Archive) -> bool:
    office = archive.office
    return verify(office.account, office.objects, office.index, share_read=1.0).whole


def everything_under(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path, path.read_bytes()
