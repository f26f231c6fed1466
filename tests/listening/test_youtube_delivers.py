"""YouTube delivers through Google's hub: what is new, renamed or gone, for who subscribed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from archiver.catalogue import sightings
from archiver.listening.serving import Worker
from archiver.office.listening import Ear
from archiver.records.captures import GapReason, PlatformState
from archiver.records.errors import ConfigInvalid
from tests.connectors.hub import FEED, TOMBSTONE, a_hub, digest_of, signed_by
from tests.connectors.youtube_platform import CHANNEL, YoutubePlatform
from tests.listening.conftest import Desk, a_desk

SUBSCRIPTION = "a subscription's secret"
TOPIC = f"https://www.youtube.com/xml/feeds/videos.xml?channel_id={CHANNEL}"


@pytest.fixture
def channel(tmp_path) -> Iterator[Desk]:
    """A desk at which the hub delivers what happens on a channel."""
    with YoutubePlatform() as platform:
        page = platform.page()
        options = {**page.options, "channel": CHANNEL}
        page = replace(page, signing_secret=SUBSCRIPTION, options=options)
        yield from a_desk(tmp_path, platform, page)


def deliver(desk: Desk, feed: str, **told: str) -> int:
    body = feed.format(**{"channel": CHANNEL, "title": "A title", **told}).encode()
    return desk.send(body, signed_by(SUBSCRIPTION, body), to="/youtube")


def test_a_video_that_is_delivered_is_asked_for_and_archived(channel):
    number = channel.platform.publish("How we train our dogs")

    assert deliver(channel, FEED, video=f"vid{number:08}") == 200
    (heard,) = channel.hear()

    assert (heard.new, heard.gaps) == (1, [])
    assert channel.archive.found("dogs") == [f"vid{number:08}"]


def test_a_tombstone_is_a_sighting_and_names_nobody(channel):
    number = channel.platform.publish("How we train our dogs")
    name = f"vid{number:08}"
    deliver(channel, FEED, video=name)
    channel.hear()
    channel.platform.remove(number)

    deliver(channel, TOMBSTONE, video=name)
    (heard,) = channel.hear()

    row = channel.archive.item(name)
    with channel.archive.office.catalogue.reading() as connection:
        seen = sightings.sightings_of(connection, row.n)[-1]
    assert heard.removed == 1
    assert (seen.state, seen.actor, seen.source) == ("reported_removed", "", "youtube websub")
    assert channel.archive.found("dogs") == [name]


def test_a_tombstone_of_a_video_that_is_still_shown_is_believed_by_nobody(channel):
    number = channel.platform.publish("How we train our dogs")
    name = f"vid{number:08}"

    deliver(channel, TOMBSTONE, video=name)
    channel.hear()

    assert channel.archive.item(name).state == PlatformState.PRESENT


def test_what_names_no_video_is_a_gap_and_another_channel_is_passed_over(channel):
    number = channel.platform.publish("How we train our dogs")
    channel.send(b"<feed>", signed_by(SUBSCRIPTION, b"<feed>"), to="/youtube")
    deliver(channel, FEED, video="")
    deliver(channel, TOMBSTONE, video="")
    deliver(channel, FEED, video="elsewhere01", channel="UCanotherchannel00000000")
    deliver(channel, TOMBSTONE, video="elsewhere01", channel="UCanotherchannel00000000")
    deliver(channel, FEED, video=f"vid{number:08}")

    (heard,) = channel.hear()

    assert [gap.why for gap in heard.gaps] == [GapReason.UNREADABLE] * 3
    assert (heard.seen, heard.new) == (1, 1)


def test_a_delivery_that_brings_entities_of_its_own_is_refused_unread(channel):
    bomb = '<!DOCTYPE feed [<!ENTITY x "y">]>' + FEED.partition("?>")[2]

    deliver(channel, bomb, video="vid00000001")
    (heard,) = channel.hear()

    assert [gap.why for gap in heard.gaps] == [GapReason.UNREADABLE]
    assert heard.seen == 0


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha512"])
def test_the_hub_may_sign_by_any_method_of_the_recommendation(channel, method):
    body = FEED.format(channel=CHANNEL, title="", video="vid00000001").encode()

    assert channel.send(body, signed_by(SUBSCRIPTION, body, method), to="/youtube") == 200
    channel.ear.deliveries.remove(channel.folder.rglob("*.delivery"))


@pytest.mark.parametrize(
    "signature", ["", "sha1=", "md5=0", "sha256", f"sha1={digest_of(b'<feed/>')}"]
)
def test_what_the_hub_did_not_sign_is_refused(channel, signature):
    assert channel.send(b"<feed/>", {"x-hub-signature": signature}, to="/youtube") == 403
    assert channel.waiting == 0


def test_the_hub_is_told_that_we_meant_our_own_channel_and_no_other(channel):
    (address,) = channel.ear.addresses
    asked = {"hub.mode": "subscribe", "hub.challenge": "c1", "hub.lease_seconds": "432000"}
    at = address.of_one_page

    assert channel.ask(asked | {"hub.topic": TOPIC}, at=at).text == "c1"
    for other in (
        asked | {"hub.topic": f"{TOPIC}x"},
        asked | {"hub.topic": TOPIC, "hub.mode": "unsubscribe"},
        {"hub.mode": "denied", "hub.topic": TOPIC},
    ):
        assert channel.ask(other, at=at).status_code == 404


@pytest.mark.parametrize(("status", "refused"), [(202, 0), (500, 1)])
def test_the_channel_is_subscribed_to_with_its_own_address_and_secret(channel, status, refused):
    with a_hub(status) as (hub, forms):
        office = channel.archive.office
        page = channel.archive.page
        page = replace(page, options={**page.options, "hub": hub})
        told = replace(office.config.listening, public_url="https://hooks.example.gov")
        office.config = replace(office.config, pages=(page,), listening=told)
        channel.listen()
        (address,) = channel.ear.addresses

        assert len(channel.ear.subscribe()) == refused

    (form,) = forms
    assert form["hub.callback"] == f"https://hooks.example.gov{address.of_one_page}"
    assert (form["hub.topic"], form["hub.secret"]) == (TOPIC, SUBSCRIPTION)
    assert form["hub.mode"] == "subscribe"


def test_a_channel_whose_id_is_not_told_cannot_be_heard(channel):
    office = channel.archive.office
    page = replace(channel.archive.page, options={})
    office.config = replace(office.config, pages=(page,))

    with pytest.raises(ConfigInvalid, match="set channel"):
        Ear(office)


def test_a_worker_subscribes_before_anything_else_and_says_what_was_refused(channel):
    said: list[str] = []
    with a_hub(403) as (hub, forms):
        office = channel.archive.office
        page = channel.archive.page
        page = replace(page, options={**page.options, "hub": hub})
        told = replace(office.config.listening, public_url="https://hooks.example.gov")
        office.config = replace(office.config, pages=(page,), listening=told)
        channel.listen()

        def say(line: str) -> None:
            said.append(line)
            worker.stop()

        worker = Worker(channel.ear, say)
        worker.run()

    assert len(forms) == 1
    assert said[0].startswith("not subscribed: videos: ")
