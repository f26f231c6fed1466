"""Court orders as works that may be ended anywhere: entered, confirmed and brought to their end.

Each work begins where it finds its orders, as people do who look at `archiver orders list` first.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from archiver.office import Office
from archiver.procedures import handing_back, ordering, roster
from archiver.procedures.expunging import resume_orders
from archiver.procedures.ordering import KnownOrder
from archiver.procedures.verify import verify
from archiver.records.moments import micros
from archiver.records.orders import CourtOrder, Effect, OrderStatus
from archiver.records.people import Role, SignedIn
from tests.archive import FOUNDED_AT, SUBSTANTIVE, Archive, a_colleague, a_comment, an_observation
from tests.procedures.court import carried_out, order_words, signed
from tests.procedures.test_transferring import bag_is_valid
from tests.proofs import invariants

WORDS = ("qzwordzq", "qzroezq", "QZ-26-77")
"""What must be found nowhere when an order that destroys has come to its end."""

ORDERED_AT = FOUNDED_AT + timedelta(days=1)
DESTROYS_ON = FOUNDED_AT + timedelta(days=40)
NAMED = {
    Effect.RESTRICT: ("7", "21"),
    Effect.SEAL: ("22",),
    Effect.DESTROY: ("90", "91", "92", "94"),
    Effect.SEAL_THEN_DESTROY: ("91", "93"),
    Effect.RETURN: ("90", "94"),
}
"""Which items each order names."""


def plant(archive: Archive) -> None:
    """Have a second signer, whom the orders are for, and papers that tell of them."""
    a_colleague(archive, Role.CHIEF, name="chief")
    archive.capture(
        an_observation("90", f"{SUBSTANTIVE} qzwordzq", author="qzroezq", attachments=("p", "q")),
        a_comment("91", f"{SUBSTANTIVE} qzwordzq", on="90", author="qzroezq"),
        a_comment("92", SUBSTANTIVE, on="7", author="qzroezq"),
        a_comment("93", SUBSTANTIVE, on="7", author="qzroezq"),
        an_observation("94", SUBSTANTIVE, author="qzroezq"),
    )
    archive.issue_hold("90", "7", matter="Qzroezq v. City", reason="qzroezq claims")
    archive.lift_hold("H-0002")
    archive.decide("23", reason="qzroezq asked for it")
    text = archive.folder.parent / "order.pdf"
    text.write_bytes(b"It is ordered.")


def work_of_closing(archive: Archive) -> None:
    """Restrict, and seal."""
    archive.clock.now = ORDERED_AT
    for effect in (Effect.RESTRICT, Effect.SEAL):
        _confirmed(archive, effect)
    _ended(archive)


def work_of_destroying(archive: Archive) -> None:
    """Destroy at once; and what is sealed until a day, on that day."""
    _finish_what_was_begun(archive)
    for effect in (Effect.SEAL_THEN_DESTROY, Effect.DESTROY):
        _confirmed(archive, effect)
    archive.clock.now = DESTROYS_ON
    for effect in (Effect.DESTROY, Effect.SEAL_THEN_DESTROY):
        _carried_out(archive, effect)
    _ended(archive)


def work_of_returning(archive: Archive) -> None:
    """Hand back, enter the receipt, and destroy."""
    _finish_what_was_begun(archive)
    row = _confirmed(archive, Effect.RETURN).row
    office, by = archive.office, signed(archive.person)
    to = archive.folder.parent / "handed"
    to.mkdir(exist_ok=True)
    if row.status == OrderStatus.CONFIRMED:
        row = handing_back.hand_back(office.account, office.objects, by, row.order, to).row
    if row.status == OrderStatus.HANDED_OVER:
        handing_back.receive(office.account, by, row.order, _text(archive))
    _carried_out(archive, Effect.RETURN)
    _ended(archive)


WORK = {
    "closing": work_of_closing,
    "expunction": work_of_destroying,
    "returning": work_of_returning,
}


def _finish_what_was_begun(archive: Archive) -> None:
    archive.clock.now = ORDERED_AT
    with archive.office.disposer() as disposer:
        resume_orders(disposer, archive.person)


def _ended(archive: Archive) -> None:
    """Acknowledge and index what a broken-off run left, as every command and every night does."""
    archive.office.account.acknowledge()
    archive.feed()


def _text(archive: Archive) -> Path:
    return archive.folder.parent / "order.pdf"


def _known(archive: Archive, effect: Effect) -> KnownOrder | None:
    found = [one for one in ordering.every(archive.office.account) if one.row.effect == effect]
    return found[0] if found else None


def _confirmed(archive: Archive, effect: Effect) -> KnownOrder:
    """Enter and confirm the order of that effect, as far as neither was done."""
    account = archive.office.account
    known = _known(archive, effect)
    if known is None:
        by_then = effect is Effect.SEAL_THEN_DESTROY
        ordered = CourtOrder(
            court="District Court",
            number="QZ-26-77",
            dated=account.today(),
            effect=effect,
            destroy_on=account.day(micros(DESTROYS_ON)) if by_then else None,
            to="the owner" if effect is Effect.RETURN else "",
        )
        scope = archive.scope(*NAMED[effect])
        by = signed(archive.person)
        known = ordering.enter(account, by, ordered, scope, _text(archive), state="TX")
    if known.row.status == OrderStatus.ENTERED:
        known = ordering.confirm(account, _chief(archive.office), known.row.order)
    return known


def _chief(office: Office) -> SignedIn:
    account = office.account
    return signed(roster.named(account, "chief").on(account.today()))


def _carried_out(archive: Archive, effect: Effect) -> None:
    known = _known(archive, effect)
    if known is not None and not OrderStatus(known.row.status).over:
        carried_out(archive, known.row.order)


# --- what it must come to -------------------------------------------------------------------


def end_of_orders(archive: Archive) -> dict:
    """Give how the orders stand, what their entries are, and what was handed back."""
    query = "SELECT effect, status, destroyed, court FROM orders ORDER BY effect"
    bags = archive.folder.parent / "handed"
    return {
        "orders": [list(row.values()) for row in invariants.rows(archive, query)],
        "order entries": sorted(order_words(archive)),
        "handed": sorted((each.name, bag_is_valid(each)) for each in bags.glob("*")),
        "aside of bags": sorted(each.name for each in bags.glob(".*")),
    }


def faults_of_orders(archive: Archive) -> list[str]:
    """Give what a clean run must not leave; closes the archive, so that every file is written."""
    faults = invariants.d7_nothing_of_an_expunged_item_is_left(archive)
    office = archive.office
    verdict = verify(office.account, office.objects, office.index, share_read=1.0)
    if not verdict.ok:
        faults.append(f"verify: {verdict}")
    over = {row["effect"] for row in invariants.rows(archive, "SELECT effect FROM orders")}
    archive.office.close()
    if Effect.DESTROY in over:
        faults += [
            f"{path.relative_to(archive.folder)} says {word}"
            for path in archive.folder.rglob("*")
            if path.is_file()
            for word in WORDS
            if word.lower().encode() in path.read_bytes().lower()
        ]
    return faults
