"""What a court has returned is handed over first, received, and only then destroyed."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.procedures import handing_back, ordering
from archiver.procedures.order_problems import order_problems
from archiver.records.errors import ConfigInvalid, NotPermitted, OrderRefused
from archiver.records.orders import CourtOrder, Effect
from archiver.records.people import Person, Role
from tests.archive import Archive, a_colleague
from tests.procedures.court import (
    NATIVE,
    an_order_text,
    carried_out,
    order_words,
    planted,
    signed,
    whole,
)
from tests.procedures.test_rebuild import check_the_same, dumped, lose_the_catalogue, rebuilt


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = planted(tmp_path)
    yield archive
    archive.office.close()


@pytest.fixture
def chief(archive) -> Person:
    return a_colleague(archive, Role.CHIEF, name="chief")


@pytest.fixture
def text(tmp_path) -> Path:
    return an_order_text(tmp_path)


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
    handed(archive, name, tmp_path / "returned.zip")
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


def test_the_package_proves_itself_with_sha256sum(archive, chief, text, tmp_path):
    name = to_return(archive, chief, text, NATIVE)
    handed(archive, name, tmp_path / "returned.zip")

    with zipfile.ZipFile(tmp_path / "returned.zip") as package:
        package.extractall(tmp_path / "out")
    ran = subprocess.run(
        ["sha256sum", "--check", "--strict", handing_back.MANIFEST],
        cwd=tmp_path / "out",
        check=False,
        capture_output=True,
        text=True,
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count(": OK") == len(archive.objects(NATIVE)) >= 2


def test_nothing_is_handed_over_by_another_order_or_over_a_file_or_by_who_is_not_counsel(
    archive, chief, text, tmp_path
):
    name = to_return(archive, chief, text, NATIVE)
    with pytest.raises(ConfigInvalid, match="there already"):
        handed(archive, name, text)
    with pytest.raises(NotPermitted):
        handed(archive, name, tmp_path / "x.zip", by=chief)
    with pytest.raises(OrderRefused, match="is confirmed"):
        handing_back.receive(archive.office.account, signed(archive.person), name, text)

    assert not (tmp_path / "x.zip").exists()


def test_what_is_to_be_returned_is_not_destroyed_by_the_schedule_before(archive, chief, text):
    to_return(archive, chief, text, "4")
    archive.clock.forward(days=100)
    archive.capture()

    assert archive.purge().destroyed == 0


@pytest.mark.parametrize("received", [False, True])
def test_an_order_to_return_comes_back_in_a_rebuild(archive, chief, text, tmp_path, received):
    name = to_return(archive, chief, text, NATIVE)
    handed(archive, name, tmp_path / "returned.zip")
    if received:
        handing_back.receive(archive.office.account, signed(archive.person), name, text)
    before = dumped(archive)
    lose_the_catalogue(archive)

    rebuilt(archive)

    check_the_same(before, dumped(archive))
