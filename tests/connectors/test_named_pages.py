"""Case notes on Snapchat, MySpace and Digg: public pages, named one by one, and no others."""

from __future__ import annotations

import tomllib
from contextlib import closing
from dataclasses import replace

import pytest

from archiver.ports import Connector
from archiver.records.captures import Gap, GapReason, Listed, Observation, PlatformState, Sighting
from archiver.records.errors import AnswerUnreadable, ConfigInvalid, ConnectorError
from archiver.records.pages import PageSettings
from connectors import digg, myspace, snapchat
from tests.connectors.named_platforms import DiggPlatform, MyspacePlatform, SnapchatPlatform
from tests.connectors.platforms import UNAVAILABLE, Reply, fetching, patient_pace
from tests.connectors.seeing import known, of, visited
from tests.connectors.website_platform import HTML
from tests.contracts.test_connectors import PYPROJECT

PLATFORMS = {"digg": DiggPlatform, "myspace": MyspacePlatform, "snapchat": SnapchatPlatform}
PLACES = {
    "digg": "https://digg.com/@examplepd",
    "myspace": "https://myspace.com/examplepd",
    "snapchat": "https://www.snapchat.com/add/examplepd",
}


@pytest.fixture(params=sorted(PLATFORMS))
def platform(request):
    with patient_pace(), PLATFORMS[request.param]() as served:
        yield served


def open_it(platform, tmp_path, **options):
    return platform.connector.open(platform.page(**options), fetching(tmp_path))


@pytest.mark.parametrize("connector", [digg.CONNECTOR, myspace.CONNECTOR, snapchat.CONNECTOR])
def test_a_connector_of_named_pages_says_what_it_is_and_cannot_see(connector):
    declared = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["entry-points"]
    seen = connector.capabilities

    assert isinstance(connector, Connector)
    place = f"connectors.{connector.name}:CONNECTOR"
    assert declared["archiver.connectors"][connector.name] == place
    assert connector.platform == connector.name
    assert not connector.imports
    assert not seen.comments
    assert len(seen.blind_to) > 5
    assert seen.access.permissions
    assert seen.access.steps
    assert "ounsel" in seen.access.terms


def test_the_named_pages_are_archived_with_their_pictures_and_no_other(platform, tmp_path):
    platform.publish("About us", picture=b"picture")
    platform.publish("A story")
    hidden = platform.publish("Somebody else's page")
    platform.unlisted.add(hidden)

    with closing(open_it(platform, tmp_path)) as source:
        seen = visited(source)

    texts = {one.content.text for one in of(Observation, seen)}
    (listed,) = of(Listed, seen)
    assert texts == {"About us", "A story"}
    assert (listed.whole, listed.platform_count) == (True, None)
    assert [len(one.content.attachments) for one in of(Observation, seen)].count(1) == 1
    assert {asked.path for asked in platform.requests} == {"/robots.txt", "/news/1", "/news/2"}


def test_a_page_that_was_taken_down_is_told_as_its_own_address_tells_it(platform, tmp_path):
    first, second = platform.publish("About us"), platform.publish("A story")
    third = platform.publish("Another")
    with closing(open_it(platform, tmp_path)) as source:
        items = {one.content.text: one.content for one in of(Observation, visited(source))}
    platform.remove(second)
    platform.remove(third)
    platform.withdrawn.add(third)

    with closing(open_it(platform, tmp_path)) as source:
        again = list(source.recheck([known(items[text]) for text in ("A story", "Another")]))

    assert [(one.state, one.actor) for one in of(Sighting, again)] == [
        (PlatformState.NOT_VISIBLE, ""), (PlatformState.REPORTED_REMOVED, ""),
    ]  # fmt: skip
    assert first in platform.told


def test_a_profile_that_asks_to_sign_in_ends_the_visit(platform, tmp_path):
    platform.publish("About us")
    login = b"<html><head><title>Log in to continue</title></head><body></body></html>"
    platform.pages["/news/1"] = Reply(200, login, HTML)

    with closing(open_it(platform, tmp_path)) as source, pytest.raises(AnswerUnreadable):
        visited(source)


def test_a_page_that_fails_later_hides_no_other(platform, tmp_path):
    for number in range(3):
        platform.publish(f"Page {number}")
    platform.pages["/news/2"] = Reply(403, b"no", HTML)

    with closing(open_it(platform, tmp_path)) as source:
        seen = visited(source)

    assert {one.content.text for one in of(Observation, seen)} == {"Page 0", "Page 2"}
    assert [gap.why for gap in of(Gap, seen)] == [GapReason.PERMISSION_LOST]
    assert of(Listed, seen) == []


def test_a_site_that_is_shut_concludes_nothing(platform, tmp_path):
    platform.publish("About us")
    platform.script(lasting=(0, UNAVAILABLE))

    with closing(open_it(platform, tmp_path)) as source, pytest.raises(ConnectorError):
        visited(source)


def test_what_robots_txt_closes_is_left_alone_and_told(platform, tmp_path):
    platform.publish("About us")
    platform.robots = "User-agent: *\nDisallow: /news/\n"

    with closing(open_it(platform, tmp_path)) as source:
        seen = visited(source)

    assert of(Observation, seen) == []
    assert [gap.why for gap in of(Gap, seen)] == [GapReason.OUT_OF_REACH]
    assert {asked.path for asked in platform.requests} == {"/robots.txt"}


@pytest.mark.parametrize("name", sorted(PLATFORMS))
def test_only_pages_of_the_platform_are_visited_by_its_name(name, tmp_path):
    connector, settings = PLATFORMS[name].connector, fetching(tmp_path)
    page = PageSettings(name="p", connector=name, platform=name, url=PLACES[name])
    for wrong in (
        replace(page, url="https://elsewhere.example/examplepd"),
        replace(page, url=""),
        replace(page, options={"addresses": ("ftp://elsewhere.example/a",)}),
    ):
        with pytest.raises(ConfigInvalid, match=f"no public page on {name}"):
            connector.open(wrong, settings)
    with pytest.raises(ConfigInvalid, match="imports no file"):
        connector.open(page, settings, deposit=tmp_path / "x.zip")
    connector.open(page, settings).close()
