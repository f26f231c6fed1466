"""Pictures of pages, without a browser to draw them: which there are, and what is told of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from archiver.records.captures import Cursor, Gap, GapReason, Observation, Seen, Window
from archiver.records.errors import AttachmentGone
from archiver.records.items import Attachment
from connectors.website import CONNECTOR
from connectors.website.source import SiteSource
from tests.connectors.platforms import PICTURE, Reply, fetching, patient_pace
from tests.connectors.seeing import of, visited
from tests.connectors.website_platform import XML, WebsitePlatform

ENDS_AT_ONCE = "/bin/false"


@pytest.fixture
def site() -> Iterator[WebsitePlatform]:
    with WebsitePlatform() as served, patient_pace():
        yield served


@pytest.fixture
def opened(site, tmp_path):
    def source(**options: object) -> SiteSource:
        page = site.page(**{"screenshots": True, "browser": ENDS_AT_ONCE} | options)
        return CONNECTOR.open(page, fetching(tmp_path))

    return source


def pictures(seen: list[Seen]) -> list[Attachment]:
    files = [file for one in of(Observation, seen) for file in one.content.attachments]
    return [file for file in files if file.url.startswith("picture:")]


def test_each_wording_of_a_page_has_a_picture_of_its_own(site, opened):
    site.publish("Road closed", picture=PICTURE)
    with closing(opened()) as source:
        first, same = pictures(visited(source)), pictures(visited(source, full=True))
        site.edit(1, "Road open")
        other = pictures(visited(source))

    assert [len(found) for found in (first, same, other)] == [1, 1, 1]
    assert first == same
    assert first[0].key != other[0].key
    assert (first[0].name, first[0].media_type) == ("page.png", "image/png")


def test_without_the_setting_there_are_no_pictures_and_no_word_of_them(site, opened):
    site.publish("Road closed")
    with closing(opened(screenshots=False)) as source:
        seen = visited(source)

        with pytest.raises(AttachmentGone):
            source.download(Attachment("picture/1", "picture:picture/1"))

    assert (pictures(seen), of(Gap, seen)) == ([], [])


def test_a_browser_that_is_not_here_is_told_and_the_pages_are_had(site, opened):
    site.publish("Road closed")
    with closing(opened(browser="no-such-browser")) as source:
        seen = visited(source)

    assert "Road closed" in [one.content.text for one in of(Observation, seen)]
    assert pictures(seen) == []
    assert [(gap.what, gap.why) for gap in of(Gap, seen)] == [
        ("pictures of pages", GapReason.OUT_OF_REACH)
    ]
    assert "install Chromium" in of(Gap, seen)[0].detail
    assert len(of(Cursor, seen)) == 1


def test_a_browser_that_draws_nothing_leaves_the_page_without_a_picture_for_good(
    site, opened, tmp_path
):
    site.publish("Road closed")
    once = tmp_path / "browser"
    once.write_text(f"#!/bin/sh\ntouch {tmp_path}/started-$$\n")
    once.chmod(0o755)
    tmp_path.chmod(0o777)
    with closing(opened(browser=str(once))) as source:
        (picture,) = pictures(visited(source))

        for _ in range(2):
            with pytest.raises(AttachmentGone, match=r"no picture of the page.* its sandbox"):
                source.download(picture)

    assert len(list(tmp_path.glob("started-*"))) <= 1


def test_a_picture_of_a_page_that_is_not_at_hand_any_more_is_not_drawn_of_another(site, opened):
    site.publish("Road closed")
    with closing(opened()) as source:
        (picture,) = pictures(visited(source))

    with closing(opened()) as another, pytest.raises(AttachmentGone, match="not at hand"):
        another.download(picture)


def test_a_file_that_a_sitemap_lists_has_no_picture(site, opened):
    entry = f"<url><loc>{site.url}/map</loc></url>"
    site.pages["/map.xml"] = Reply(200, f"<urlset>{entry}</urlset>".encode(), XML)
    site.pages["/map"] = Reply(200, b"%PDF-1.4", {"content-type": "application/pdf"} | DATE)

    with closing(opened(sitemap="/map.xml")) as source:
        seen = list(source.visit(Window()))

    assert "map" in [one.content.title for one in of(Observation, seen)]
    assert pictures(seen) == []


DATE = {"date": "Tue, 03 Mar 2026 09:00:00 GMT"}
