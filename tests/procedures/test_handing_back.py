"""What a court has returned is handed over first, received, and only then destroyed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.procedures import handing_back, ordering
from archiver.procedures.amended_papers import every_paper
from archiver.procedures.order_problems import order_problems
from archiver.records.errors import ConfigInvalid, NotPermitted, OrderRefused
from archiver.records.orders import CourtOrder, Effect
from archiver.records.people import Person
from tests.archive import Archive, an_observation
from tests.procedures.court import (
    NATIVE,
    carried_out,
    order_words,
    planted,
    signed,
    whole,
)
from tests.procedures.test_rebuild import check_the_same, dumped, lose_the_catalogue, rebuilt
from tests.procedures.test_transferring import BreakingStore, Broken, bag_is_valid


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = planted(tmp_path)
    yield archive
    archive.office.close()


def to_return(archive: Archive, chief: Person, text: Path, *native_ids: str) -> str:
    account = archive.office.account
    ordered = CourtOrder(
        court="Court", number="1", dated=account.today(), effect=Effect.RETURN, to="J. Roe"
    )
    scope = archive.scope(*native_ids)
    known = ordering.enter(account, signed(archive.person), ordered, scope, text, state="TX")
    ordering.confirm(account, signed(chief), known.row.order)
    return known.row.order


def handed(archive: Archive, name: str, target: Path, by: Person | None = None) -> None:
    office = archive.office
    handing_back.hand_back(
        office.account, office.objects, signed(by or archive.person), name, target
    )


def test_what_is_returned_is_handed_over_received_and_only_then_destroyed(
    archive, chief, text, tmp_path
):
    name = to_return(archive, chief, text, NATIVE)
    account, refs = archive.office.account, archive.objects(NATIVE)
    assert "nothing was handed back" in order_problems(account)[0].what
    with pytest.raises(OrderRefused, match="no receipt"):
        carried_out(archive, name)
    handed(archive, name, tmp_path)
    assert "waits for the receipt" in order_problems(account)[0].what
    with pytest.raises(OrderRefused, match="no receipt"):
        carried_out(archive, name)
    assert archive.objects(NATIVE) == refs

    handing_back.receive(account, signed(archive.person), name, text)
    known = carried_out(archive, name)

    assert (known.row.status, known.row.destroyed) == ("carried_out", 1)
    assert archive.objects(NATIVE) == []
    assert [word for word in order_words(archive) if word != "order.refused"][2:] == [
        "order.handed_over",
        "order.received",
        "order.begun",
        "order.carried_out",
    ]
    assert whole(archive)


def test_the_bag_holds_everything_and_other_programs_find_it_valid(archive, chief, text, tmp_path):
    name = to_return(archive, chief, text, NATIVE)

    handed(archive, name, tmp_path)

    assert bag_is_valid(tmp_path / name)
    [item] = (tmp_path / name / "data" / "items").glob("*/*")
    assert item.name == archive.item_id(NATIVE)
    assert len(list(item.iterdir())) == len(archive.objects(NATIVE)) >= 2


def test_nothing_is_handed_over_by_another_order_or_over_a_file_or_by_who_is_not_counsel(
    archive, chief, text, tmp_path
):
    name = to_return(archive, chief, text, NATIVE)
    (tmp_path / name).mkdir()
    with pytest.raises(ConfigInvalid, match="there already"):
        handed(archive, name, tmp_path)
    with pytest.raises(ConfigInvalid, match="in no folder"):
        handed(archive, name, tmp_path / "nowhere")
    with pytest.raises(NotPermitted):
        handed(archive, name, tmp_path, by=chief)
    with pytest.raises(OrderRefused, match="is confirmed"):
        handing_back.receive(archive.office.account, signed(archive.person), name, text)

    assert not list((tmp_path / name).iterdir())


@pytest.mark.parametrize("pieces", range(3))
def test_a_handing_back_that_was_broken_off_is_gone_on_with_and_never_half_there(
    archive, chief, text, tmp_path, pieces
):
    name, account = to_return(archive, chief, text, NATIVE, "1"), archive.office.account
    store = BreakingStore(archive.office.objects, pieces)
    with pytest.raises(Broken):
        handing_back.hand_back(account, store, signed(archive.person), name, tmp_path)
    assert not (tmp_path / name).exists()

    handed(archive, name, tmp_path)

    assert bag_is_valid(tmp_path / name)
    assert not list(tmp_path.glob(".*.part"))
    assert order_words(archive).count("order.handed_over") == 1


@pytest.mark.parametrize("received", [False, True])
def test_what_changed_since_it_was_handed_over_is_handed_back_again_before_it_goes(
    archive, chief, text, tmp_path, received
):
    name, account = to_return(archive, chief, text, NATIVE), archive.office.account
    handed(archive, name, tmp_path)
    if received:
        handing_back.receive(account, signed(archive.person), name, text)
    archive.capture(an_observation(NATIVE, "it says something else now"))
    if not received:
        handing_back.receive(account, signed(archive.person), name, text)
    refs = archive.objects(NATIVE)

    with pytest.raises(OrderRefused, match="changed since it was handed over") as caught:
        carried_out(archive, name)

    assert "hand-back" in caught.value.remedy
    assert archive.objects(NATIVE) == refs
    assert [kind for kind, _, _ in every_paper(account) if kind == "order_words"] == []
    handed(archive, name, tmp_path)
    assert bag_is_valid(tmp_path / f"{name}-2")
    assert bag_is_valid(tmp_path / name)
    with pytest.raises(OrderRefused, match="no receipt"):
        carried_out(archive, name)
    handing_back.receive(account, signed(archive.person), name, text)
    assert carried_out(archive, name).row.status == "carried_out"
    assert whole(archive)


def test_what_is_to_be_returned_is_not_destroyed_by_the_schedule_before(archive, chief, text):
    to_return(archive, chief, text, "4")
    archive.clock.forward(days=100)
    archive.capture()

    assert archive.purge().destroyed == 0


@pytest.mark.parametrize("received", [False, True])
def test_an_order_to_return_comes_back_in_a_rebuild(archive, chief, text, tmp_path, received):
    name = to_return(archive, chief, text, NATIVE)
    handed(archive, name, tmp_path)
    if received:
        handing_back.receive(archive.office.account, signed(archive.person), name, text)
    before = dumped(archive)
    lose_the_catalogue(archive)

    rebuilt(archive)

    check_the_same(before, dumped(archive))
