"""What a court restricted or sealed is not destroyed by a schedule, however long it is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text as sql

from archiver.catalogue import items
from archiver.ports import Shelf
from archiver.procedures import dispose, ordering, plan_lines, planning, purging
from archiver.procedures.plan_lines import Line
from archiver.procedures.planning import Plan, Wanted
from archiver.procedures.proof_of_item import proof_of
from archiver.records.errors import DestructionBegun, RegisterUnreadable
from archiver.records.orders import CourtOrder, Effect
from tests.archive import TRANSITORY, Archive, a_comment, an_observation
from tests.procedures.court import (
    carried_out,
    confirmed,
    entered,
    planted,
    signed,
    whole,
)
from tests.procedures.test_orders import begun_only

KEPT, LEFT = "kept_by_order O-0001", "kept by order O-0001"


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = planted(tmp_path)
    yield archive
    archive.office.close()


def long_after(archive: Archive) -> None:
    archive.clock.forward(days=100)
    archive.capture()


def attended(archive: Archive) -> Plan:
    account = archive.office.account
    schedule = archive.office.schedule
    return planning.plan(account, archive.person, schedule, on=account.today(), wanted=Wanted())


@pytest.mark.parametrize("effect", [Effect.RESTRICT, Effect.SEAL])
def test_what_a_court_closed_stays_when_its_time_has_lapsed(archive, chief, text, effect):
    archive.capture(an_observation("5", TRANSITORY))
    confirmed(archive, chief, text, effect, "4")
    long_after(archive)

    receipt = archive.purge()

    assert receipt.destroyed == 1
    assert (archive.item("4").life, archive.item("5").life) == ("live", "destroyed")
    assert whole(archive)


def test_the_plan_of_every_night_says_that_an_order_keeps_it(archive, chief, text):
    confirmed(archive, chief, text, Effect.RESTRICT, "4")
    long_after(archive)

    for _night in range(3):
        assert list(archive.plan().stayed) == [(archive.item_id("4"), (KEPT,))]
        archive.clock.forward(days=1)


def test_a_look_at_what_the_purge_would_do_says_so_too(archive, chief, text):
    confirmed(archive, chief, text, Effect.RESTRICT, "4")
    long_after(archive)

    seen = purging.look(archive.office.account, archive.office.schedule)

    assert list(seen.stayed) == [(archive.item_id("4"), (KEPT,))]


def test_a_plan_for_people_does_not_list_it_either(archive, chief, text):
    archive.clock.forward(days=4000)
    archive.capture()
    listed = {line.row.item for line in _lines(archive)}
    assert archive.item_id("4") in listed
    confirmed(archive, chief, text, Effect.RESTRICT, "4")

    left = {line.row.item for line in _lines(archive)}

    assert left == listed - {archive.item_id("4")}


def _lines(archive: Archive) -> Iterator[Line]:
    office = archive.office
    row = planning.named(office.account, attended(archive).name)
    return plan_lines.lines(office.account, row, office.schedule)


def test_an_order_keeps_from_its_entering_on_before_anybody_confirmed_it(archive, text):
    entered(archive, text, Effect.SEAL, "4")
    long_after(archive)

    assert archive.purge().destroyed == 0
    assert archive.item("4").life == "live"


def test_the_whole_thread_of_what_an_order_keeps_stays(archive, chief, text):
    archive.capture(a_comment("c", TRANSITORY, on="4"))
    confirmed(archive, chief, text, Effect.RESTRICT, "c")
    long_after(archive)

    assert archive.purge().destroyed == 0
    proof = proof_of(archive.office.account, archive.office.schedule, archive.item_id("4"))
    assert proof.kept_because == (f"thread: {KEPT}",)


def test_the_proof_of_an_item_shows_the_order_with_its_entries(archive, chief, text):
    confirmed(archive, chief, text, Effect.RESTRICT, "4")
    long_after(archive)

    proof = proof_of(archive.office.account, archive.office.schedule, archive.item_id("4"))

    assert proof.kept_because == (KEPT,)
    assert [deed.kind for deed in proof.orders["O-0001"]] == [
        "order.entered",
        "order.confirmed",
        "order.carried_out",
    ]


def test_an_order_entered_after_the_plan_takes_its_item_out_of_it(archive, text):
    long_after(archive)
    plan = archive.plan()
    assert plan.due == 1
    entered(archive, text, Effect.RESTRICT, "4")

    receipt = archive.carry_out(plan)

    assert (receipt.destroyed, list(receipt.stayed)) == (0, [(archive.item_id("4"), (LEFT,))])


class LastMoment:
    """A shelf: just before a paper of *kind* is written, something else happens."""

    def __init__(self, shelf: Shelf, kind: str, happens: Callable[[], object]) -> None:
        self._shelf, self._kind, self._happens = shelf, f"papers/{kind}/", happens

    def place(self, papers: Mapping[str, bytes]) -> None:
        if any(name.startswith(self._kind) for name in papers):
            self._happens()
        self._shelf.place(papers)

    def __getattr__(self, name: str) -> object:
        return getattr(self._shelf, name)


def test_an_order_that_arrives_at_the_last_moment_is_asked_in_the_transaction_that_begins(
    archive, text
):
    long_after(archive)
    plan, office = archive.plan(), archive.office
    before = office.account.shelf
    shelf = LastMoment(before, "batch", lambda: entered(archive, text, Effect.SEAL, "4"))

    with office.disposer() as disposer:
        late = replace(disposer, account=replace(disposer.account, shelf=shelf))
        receipt = dispose.carry_out(
            late, archive.person, plan, office.schedule, on=office.account.today()
        )

    assert (receipt.destroyed, list(receipt.stayed)) == (0, [(archive.item_id("4"), (LEFT,))])
    assert archive.item("4").life == "live"


def test_no_order_is_entered_for_what_began_to_go_after_its_scope_was_read(archive, text):
    office = archive.office
    row = replace(archive.item("4"), life=items.BEGUN).sealed(office.account.key)

    def goes() -> None:
        with office.catalogue.writing() as desk:
            items.change(desk.connection, [row])

    shelf = LastMoment(office.account.shelf, "order", goes)
    late = replace(office.account, shelf=shelf)
    ordered = CourtOrder(court="Court", number="1", dated=late.today())

    with pytest.raises(DestructionBegun):
        ordering.enter(late, signed(archive.person), ordered, archive.scope("4"), text, state="TX")

    assert ordering.every(office.account) == []


def test_what_a_later_order_lifts_goes_that_same_night(archive, chief, text):
    name = confirmed(archive, chief, text, Effect.SEAL, "4")
    long_after(archive)
    assert archive.purge().destroyed == 0
    ordering.lift(archive.office.account, signed(archive.person), name, text)

    assert archive.purge().destroyed == 1


def test_what_was_not_due_yet_when_its_order_was_lifted_is_looked_at_again(archive, chief, text):
    name = confirmed(archive, chief, text, Effect.SEAL, "4")
    archive.purge()
    ordering.lift(archive.office.account, signed(archive.person), name, text)
    long_after(archive)

    assert archive.purge().destroyed == 1


def test_what_is_sealed_until_a_day_waits_for_a_person_and_not_for_the_schedule(
    archive, chief, text
):
    on = archive.office.account.today() + timedelta(days=99)
    name = confirmed(archive, chief, text, Effect.SEAL_THEN_DESTROY, "4", destroy_on=on)
    long_after(archive)
    assert archive.purge().destroyed == 0

    carried_out(archive, name)

    assert archive.objects("4") == []
    assert whole(archive)


def test_without_a_readable_register_of_orders_nothing_is_destroyed(archive):
    long_after(archive)
    plan = archive.plan()
    with archive.office.catalogue.writing_raw() as connection:
        connection.execute(sql("DROP TABLE order_items"))
        connection.execute(sql("DROP TABLE orders"))

    with pytest.raises(RegisterUnreadable, match="court orders"):
        archive.carry_out(plan)

    assert archive.item("4").life == "live"


def test_an_order_that_is_being_carried_out_keeps_nothing_else_back(archive, chief, text):
    archive.capture(an_observation("5", TRANSITORY))
    begun_only(archive, confirmed(archive, chief, text, Effect.DESTROY, "4"))
    long_after(archive)

    assert archive.purge().destroyed == 1
    assert archive.item("5").life == "destroyed"
