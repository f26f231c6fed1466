"""The door at which platforms deliver: what it believes, how much it takes, when it answers."""

from __future__ import annotations

import asyncio
import stat
from dataclasses import replace

import httpx
import pytest

from archiver.listening.door import door_of
from archiver.office.deliveries import Deliveries
from archiver.office.listening import Ear
from archiver.records.deliveries import Delivery
from archiver.records.errors import ConfigInvalid
from tests.archive import FOUNDED_AT, PAGE
from tests.connectors.facebook_platform import PAGE as PAGE_ID
from tests.connectors.meta_deliveries import a_delivery, a_post, handshake, signed
from tests.connectors.platforms import FIRST_MOMENT

BODY = a_delivery(a_post("edited", f"{PAGE_ID}_1001", "Words", at=FIRST_MOMENT), at=FIRST_MOMENT)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-hub-signature-256": ""},
        {"x-hub-signature-256": "sha256="},
        {"x-hub-signature-256": signed(BODY)["x-hub-signature-256"].removeprefix("sha256=")},
        {"x-hub-signature": signed(BODY)["x-hub-signature-256"]},
        signed(BODY, "another secret"),
        signed(BODY, ""),
        signed(BODY + b" "),
    ],
)
def test_what_is_not_signed_with_our_secret_is_refused_and_not_kept(desk, headers):
    assert desk.send(BODY, {"content-type": "application/json"} | headers) == 403

    assert (desk.waiting, desk.kept) == (0, 0)


def test_what_is_signed_is_kept_before_it_is_answered_and_for_nobody_else_to_read(desk):
    assert desk.send(BODY) == 200

    (file,) = desk.folder.rglob("*.delivery")
    (path, delivery), *_ = desk.ear.deliveries.of(file.parent.name, most=9, most_bytes=10**6)
    assert (path, delivery.body) == (file, BODY)
    assert delivery.headers["x-hub-signature-256"] == signed(BODY)["x-hub-signature-256"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert desk.kept == 1


def test_credentials_that_come_with_a_delivery_are_not_kept(desk):
    desk.send(BODY, signed(BODY) | {"Cookie": "session=1", "Authorization": "Basic eHg6"})

    (file,) = desk.folder.rglob("*.delivery")
    assert b"session=1" not in file.read_bytes()
    assert b"eHg6" not in file.read_bytes()


def test_what_cannot_be_written_is_not_answered_for(desk):
    desk.folder.write_bytes(b"a file where the folder should be")

    assert desk.send(BODY) == 500
    assert desk.kept == 0


def test_a_delivery_larger_than_is_allowed_is_refused_whether_it_says_so_or_not(desk):
    most = desk.archive.office.config.listening.max_bytes
    large = b" " * (most + 1)
    read = 0

    async def in_pieces():
        nonlocal read
        for _ in range(1000):
            read += most // 4
            yield b" " * (most // 4)

    async def send(content: object, headers: dict[str, str]) -> int:
        door = httpx.ASGITransport(door_of(desk.ear, lambda: None))
        async with httpx.AsyncClient(transport=door, base_url="http://door.example") as client:
            return (await client.post("/facebook", content=content, headers=headers)).status_code

    assert desk.send(large) == 413
    assert asyncio.run(send(in_pieces(), {})) == 413
    assert read <= 2 * most
    assert desk.waiting == 0


def test_where_too_much_waits_whoever_delivers_is_told_to_come_again(desk):
    config = desk.archive.office.config
    bounded = replace(config.listening, max_waiting_bytes=3 * len(BODY))
    desk.archive.office.config = replace(config, listening=bounded)
    desk.listen()

    answers = [desk.send(BODY) for _ in range(4)]

    assert answers[0] == 200
    assert answers[-1] == 503
    assert desk.ear.deliveries.waiting().size <= 3 * len(BODY)
    desk.hear()
    assert desk.send(BODY) == 200


def test_the_handshake_is_answered_with_its_challenge_where_it_names_our_word(desk):
    (address,) = desk.ear.addresses

    answer = desk.ask(handshake(address.word))

    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "query",
    [
        {},
        handshake("another word"),
        handshake(""),
        {"hub.mode": "subscribe", "hub.challenge": "1"},
    ],
)
def test_a_handshake_that_does_not_name_our_word_is_answered_by_nobody(desk, query):
    assert desk.ask(query).status_code == 404


def test_at_an_address_that_is_not_ours_nobody_is_at_home(desk):
    (address,) = desk.ear.addresses

    assert desk.send(BODY, to="/youtube") == 404
    assert desk.send(BODY, to="/facebook/0123456789abcdef") == 404
    assert desk.send(BODY, to="/") == 404
    assert desk.send(BODY, to=address.of_one_page) == 200


def test_one_delivery_is_kept_for_each_page_whose_secret_signed_it(desk):
    archive = desk.archive
    beside = replace(archive.page, name="beside", url="https://www.facebook.com/Beside")
    apart = replace(
        archive.page,
        name="apart",
        url="https://www.facebook.com/Apart",
        signing_secret="of another app",
    )
    config = replace(archive.office.config, pages=(archive.page, beside, apart))
    archive.office.config = config
    desk.listen()

    desk.send(BODY)

    kept = {archive.office.id_of(archive.page), archive.office.id_of(beside)}
    assert set(desk.ear.deliveries.pages()) == kept
    desk.ear.deliveries.remove(desk.folder.rglob("*.delivery"))


def test_a_page_whose_connector_hears_nothing_is_refused_by_name(desk):
    office = desk.archive.office
    deaf = replace(PAGE, name="deaf", signing_secret="a secret")
    wordless = replace(desk.archive.page, name="wordless", options={})
    unset = replace(desk.archive.page, name="unset", signing_secret=None, signing_missing=True)
    office.config = replace(office.config, pages=(deaf, wordless, unset))

    with pytest.raises(ConfigInvalid) as refused:
        Ear(office)

    assert [fault.split(":")[0] for fault in refused.value.faults] == [
        "page deaf",
        "page wordless",
        "page unset",
    ]


def test_what_was_half_written_when_the_power_failed_is_not_taken_for_a_delivery(tmp_path):
    folder = tmp_path / "deliveries"
    (folder / "page").mkdir(parents=True)
    (folder / "page" / ".00000000000000001-000000001.delivery.new").write_bytes(b"{")
    (folder / "page" / "00000000000000002-000000001.delivery").write_bytes(b'{"format": "arch')
    deliveries = Deliveries(folder, most=10**6)
    deliveries.keep(["page"], Delivery.of(FIRST_MOMENT, [], b"a body that is cut"))
    (whole,) = [path for path in (folder / "page").iterdir() if path.stat().st_size > 100]
    whole.write_bytes(whole.read_bytes()[:-4])

    assert deliveries.of("page", most=9, most_bytes=10**6) == []
    assert deliveries.waiting().count == 0
    deliveries.sweep()
    assert list((folder / "page").iterdir()) == []


def test_without_a_secret_nothing_is_signed(desk):
    page = replace(desk.archive.page, signing_secret="")
    delivery = Delivery.of(FIRST_MOMENT, signed(BODY, "").items(), BODY)

    assert not desk.archive.office.connectors["facebook"].proves(page, delivery)


def test_deliveries_are_read_in_the_order_they_came_and_only_so_many_at_once(desk):
    for number in range(5):
        told = a_post("edited", f"{PAGE_ID}_{number}", "Words", at=FOUNDED_AT)
        desk.send(a_delivery(told, at=FOUNDED_AT))
    (page,) = desk.ear.deliveries.pages()

    some = desk.ear.deliveries.of(page, most=3, most_bytes=10**6)
    one = desk.ear.deliveries.of(page, most=3, most_bytes=1)

    told = [delivery.body.split(b'post_id": "')[1].split(b'"')[0] for _, delivery in some]
    assert told == [f"{PAGE_ID}_{number}".encode() for number in range(3)]
    assert len(one) == 1
