from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from archiver.records.captures import (
    Cursor,
    Gap,
    GapReason,
    Known,
    Listed,
    Observation,
    PlatformState,
    Seen,
    Sighting,
    Window,
)
from archiver.records.errors import AddressRefused, AnswerUnreadable, ConfigInvalid
from archiver.records.identity import sha256
from archiver.records.items import Content, ItemKind
from archiver.records.pages import PageSettings
from connectors.fetching import Answer
from connectors.website import CONNECTOR
from connectors.website.listing import Listed as Entry
from connectors.website.listing import identity, read_sitemap
from connectors.website.reading import page_to_content
from connectors.website.snapshot import snapshot
from tests.connectors import website_platform
from tests.connectors.platforms import (
    FIRST_MOMENT,
    FORBIDDEN,
    LOGIN_PAGE,
    PICTURE,
    SECRET,
    SERVER_ERROR,
    PatientClock,
    Reply,
    fetching,
    patient_pace,
)
from tests.connectors.website_platform import HTML, XML, WebsitePlatform

NINE = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
DATED = {"date": "Tue, 03 Mar 2026 09:00:00 GMT", "content-type": "text/html"}
FRAME = "<html><head><title>{title}</title>{head}</head><body><nav>Menu</nav>{body}</body></html>"


@pytest.fixture(autouse=True)
def clock() -> Iterator[PatientClock]:
    with patient_pace() as patient:
        yield patient


@pytest.fixture
def site() -> Iterator[WebsitePlatform]:
    with WebsitePlatform() as served:
        yield served


@pytest.fixture
def visit(site, tmp_path):
    def visited(window: Window | None = None, **options: object) -> list[Seen]:
        source = CONNECTOR.open(site.page(**options), fetching(tmp_path))
        try:
            return list(source.visit(window or Window()))
        finally:
            source.close()

    return visited


@pytest.fixture
def recheck(site, tmp_path):
    def looked(*numbers: int) -> list[Seen]:
        source = CONNECTOR.open(site.page(), fetching(tmp_path))
        try:
            return list(source.recheck([known(site, number) for number in numbers]))
        finally:
            source.close()

    return looked


def known(site: WebsitePlatform, number: int) -> Known:
    url = f"{site.url}/news/{number}"
    return Known(native_id=identity(url), kind="page", parent=None, thread=None, permalink=url)


def contents(seen: list[Seen]) -> list[Content]:
    """Give what the pages of *seen* say; what the site says of itself stands apart."""
    found = [one.content for one in seen if isinstance(one, Observation)]
    return [content for content in found if content.kind is not ItemKind.PROFILE]


def sightings(seen: list[Seen]) -> list[Sighting]:
    return [one for one in seen if isinstance(one, Sighting)]


def gaps(seen: list[Seen]) -> list[Gap]:
    return [one for one in seen if isinstance(one, Gap)]


def cursor_of(seen: list[Seen]) -> str | None:
    return next((one.value for one in seen if isinstance(one, Cursor)), None)


def answered(body: str | bytes, url: str = "https://www.pd.example/a", **headers: str) -> Answer:
    raw = body.encode() if isinstance(body, str) else body
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(url, 200, DATED | named, raw)


def read(body: str | bytes, *, title: str = "T", head: str = "", **headers: str) -> Content:
    html = FRAME.format(title=title, head=head, body=body) if isinstance(body, str) else body
    return page_to_content(answered(html, **headers), Entry("https://www.pd.example/a", None), b"")


# --- what a page says -----------------------------------------------------------------------


def test_the_main_text_is_read_and_what_stands_around_it_is_not():
    body = (
        "<main><article><h1>Road closed</h1><p>Main &amp; 3rd, until <b>noon</b>.</p>"
        '<p>See <a href="/map.pdf">the map</a> or <a href="mailto:a@b.example">ask</a>.</p>'
        '<img src="/sign.jpg" alt="A sign"></article></main><footer>Visitor 3</footer>'
    )

    content = read(body, title="Road closed &amp; open | PD")

    assert content.title == "Road closed & open | PD"
    assert content.text == "Road closed\nMain & 3rd, until noon.\nSee the map or ask."
    assert content.native_id == "pd.example/a"
    assert content.links == ("https://www.pd.example/map.pdf",)
    assert content.marks == ("date-from-answer",)
    assert [(a.key, a.description) for a in content.attachments] == [
        ("pd.example/map.pdf", "the map"),
        ("pd.example/sign.jpg", "A sign"),
    ]


def test_a_list_of_documents_is_content_and_one_more_is_a_new_version():
    line = '<li><a href="/{n}.pdf">General order {n}</a></li>'

    one = read(f"<main><ul>{line.format(n=1)}</ul></main>")
    two = read(f"<main><ul>{line.format(n=1)}{line.format(n=2)}</ul></main>")
    unmarked = read(f"<div><ul>{line.format(n=1)}{line.format(n=2)}</ul></div>")

    assert two.text == "General order 1\nGeneral order 2"
    assert one.fingerprint() != two.fingerprint()
    assert [a.description for a in unmarked.attachments] == ["General order 1", "General order 2"]


def test_a_page_that_marks_no_main_part_is_read_by_guessing_and_says_so():
    content = read('<div id="c"><h1>Road closed</h1><p>Main and 3rd, until noon.</p></div>')

    assert "Main and 3rd, until noon." in content.text
    assert content.marks[0] == "main-text-guessed"


def test_where_no_main_part_is_found_all_that_a_reader_sees_is_kept_and_says_so():
    content = read(b"<html><frameset><noframes>Use another browser</noframes></frameset></html>")

    assert content.text == "Use another browser"
    assert "text-of-whole-page" in content.marks


def test_a_page_is_read_in_the_encoding_it_is_told_to_be_in():
    page = "<html><title>Añil</title><body><p>Año nuevo</p></body></html>"
    meta = '<meta charset="iso-8859-1">'

    by_header = read(page.encode("iso-8859-1"), content_type="text/html; charset=ISO-8859-1")
    by_page = read(page.replace("<title>", f"{meta}<title>").encode("iso-8859-1"))
    untold = read(page.encode("cp1252"))
    wrong = read(page.encode(), content_type="text/html; charset=nonsense")

    assert {c.text for c in (by_header, by_page, untold, wrong)} == {"Año nuevo"}
    assert {c.title for c in (by_header, by_page, untold, wrong)} == {"Añil"}


def test_a_page_is_dated_by_itself_or_its_sitemap_or_its_server_and_says_by_which():
    url, told = "https://www.pd.example/a", "2026-01-02T03:04:05-08:00"
    itself = f'<meta property="article:published_time" content="{told}">'
    page = answered(FRAME.format(title="T", head="", body="<main>x</main>"))
    listed = Entry(url, NINE - timedelta(days=1))

    by_itself = read("<main>x</main>", head=itself, last_modified="Mon, 02 Mar 2026 09:00:00 GMT")
    by_sitemap = page_to_content(page, listed, b"")
    by_header = read("<main>x</main>", last_modified="Mon, 02 Mar 2026 08:00:00 GMT")
    by_answer = read("<main>x</main>", head='<meta name="date" content="2026-01-02">')

    assert (by_itself.published_at, by_itself.marks) == (datetime.fromisoformat(told), ())
    assert by_itself.edited_at == NINE - timedelta(days=1)
    assert (by_sitemap.published_at, by_sitemap.edited_at) == (listed.changed, None)
    assert by_header.published_at == NINE - timedelta(days=1, hours=1)
    assert by_header.marks == ("date-of-update",)
    assert (by_answer.published_at, by_answer.marks) == (NINE, ("date-from-answer",))


@pytest.mark.parametrize("title", ["Log in", "Sign in | City", "Login - PD", "Log In to continue"])
def test_a_sign_in_page_in_the_place_of_a_page_is_refused(title):
    with pytest.raises(AnswerUnreadable):
        read("<p>User name</p>", title=title)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://www.pd.example/a", "https://pd.example/a", True),
        ("https://PD.example/a#top", "https://pd.example/a", True),
        ("https://pd.example", "https://pd.example/", True),
        ("https://pd.example/a?id=1", "https://pd.example/a?id=2", False),
        ("https://pd.example/a?id=1&token=x", "https://pd.example/a?id=1", True),
        ("https://pd.example/a", "https://pd.example/A", False),
    ],
)
def test_a_page_is_known_by_host_path_and_query_alone(one, other, same):
    assert (identity(one) == identity(other)) is same


# --- the snapshot ---------------------------------------------------------------------------


def test_a_snapshot_is_a_warc_that_others_read_and_whose_digests_hold(tmp_path):
    body = b"<html>\xff bytes as they came\r\n</html>"
    answer = answered(
        body, set_cookie="secret=1", content_encoding="gzip", content_length="9", server="Añil ✓"
    )

    warc = snapshot(answer, NINE, {"User-Agent": "archiver"})

    records = []
    for record in ArchiveIterator(io.BytesIO(warc)):
        payload = record.content_stream().read()
        records.append((record.rec_type, record.rec_headers, record.http_headers, payload))
    (kind, named, http, payload), (asked, _, request, _) = records
    assert (kind, asked, payload) == ("response", "request", body)
    assert named.protocol == "WARC/1.1"
    assert named.get_header("WARC-Target-URI") == "https://www.pd.example/a"
    assert named.get_header("WARC-Date") == "2026-03-03T09:00:00Z"
    assert named.get_header("WARC-Payload-Digest").startswith("sha256:")
    assert http.get_header("x-archive-orig-content-encoding") == "gzip"
    assert request.get_header("User-Agent") == "archiver"
    assert b"secret=1" not in warc
    assert warc == snapshot(answer, NINE, {"User-Agent": "archiver"})
    assert _passes(tmp_path / "whole.warc", warc) == 0
    assert _passes(tmp_path / "spoilt.warc", warc.replace(b"bytes", b"bites")) == 1


def _passes(path: Path, warc: bytes) -> int:
    path.write_bytes(warc)
    with redirect_stdout(io.StringIO()):
        checker = Checker(type("Asked", (), {"verbose": True, "inputs": [str(path)]}))
        checker.process_all()
    return checker.exit_value


def test_the_snapshot_of_a_page_holds_the_exchange_and_none_of_its_secrets(site, visit):
    site.publish("Words")

    (content,) = contents(visit())

    (response, _) = [r.rec_headers for r in ArchiveIterator(io.BytesIO(content.raw.body))]
    assert content.raw.media_type == "application/warc"
    assert response.get_header("WARC-Target-URI") == f"{site.url}/news/1"
    assert b"Visitor number 1" in content.raw.body
    assert SECRET.encode() not in content.raw.body
    assert b"set-cookie" not in content.raw.body


def test_what_is_said_around_the_text_makes_no_version(site, visit):
    site.publish("Words")

    (first,), (again,) = contents(visit()), contents(visit())

    assert first.raw != again.raw
    assert first.fingerprint() == again.fingerprint()


# --- the walk -------------------------------------------------------------------------------


@pytest.mark.parametrize("many", [200, pytest.param(3000, marks=pytest.mark.proof)])
def test_of_many_pages_every_one_is_had_and_every_state_is_told(site, visit, recheck, many):
    site.slice_size = 50
    for number in range(1, many + 1):
        site.publish(f"Page number {number}")
    first = visit()
    for number in range(1, many + 1, 10):
        site.edit(number, f"Page number {number}, corrected")
    for number in range(5, many + 1, 10):
        site.remove(number)
    site.withdrawn = set(range(5, many + 1, 20))

    again = visit(Window(since=FIRST_MOMENT, cursor=cursor_of(first)))
    looked = recheck(*range(5, many + 1, 10))

    assert {c.text for c in contents(first)} == {f"Page number {n}" for n in range(1, many + 1)}
    assert gaps(first) == gaps(again) == []
    assert {c.text for c in contents(again)} == {
        f"Page number {n}, corrected" for n in range(1, many + 1, 10)
    }
    assert {s.state for s in sightings(again)} == {PlatformState.PRESENT}
    assert len(sightings(again)) == many * 8 // 10
    states = [s.state for s in sightings(looked)]
    assert states.count(PlatformState.REPORTED_REMOVED) == many // 20
    assert states.count(PlatformState.NOT_VISIBLE) == many // 20


def test_a_page_that_did_not_change_is_not_sent_again_but_seen_to_be_there(site, visit):
    for number in (1, 2):
        site.publish(f"Page {number}")
    first = visit()

    again = visit(Window(since=FIRST_MOMENT, cursor=cursor_of(first)))

    assert contents(again) == []
    assert [(s.state, s.source) for s in sightings(again)] == (
        [(PlatformState.PRESENT, "website 304")] * 2
    )
    assert cursor_of(again) == cursor_of(first)
    assert any(isinstance(one, Listed) and one.whole for one in again)


def test_a_full_visit_asks_for_everything_anew(site, visit):
    site.publish("Page")
    first = visit()

    again = visit(Window(since=FIRST_MOMENT, cursor=cursor_of(first), full=True))

    assert [c.text for c in contents(again)] == ["Page"]


@pytest.mark.parametrize("cursor", ["", "[]", "no", '{"x": 1}'])
def test_a_cursor_that_cannot_be_read_remembers_nothing(site, visit, cursor):
    site.publish("Page")

    seen = visit(Window(since=FIRST_MOMENT, cursor=cursor))

    assert [c.text for c in contents(seen)] == ["Page"]


def test_a_page_that_is_not_there_is_told_as_the_site_tells_it(site, visit, recheck):
    for number in (1, 2):
        site.publish(f"Page {number}")
    site.pages["/map.xml"] = site._sitemap("/sitemap-0.xml")
    for number in (1, 2):
        site.remove(number)
    site.withdrawn = {2}

    expected = {
        (PlatformState.NOT_VISIBLE, "website 404"),
        (PlatformState.REPORTED_REMOVED, "website 410"),
    }
    assert {(s.state, s.source) for s in sightings(recheck(1, 2))} == expected
    assert {(s.state, s.source) for s in sightings(visit(sitemap="/map.xml"))} == expected


def test_a_page_that_leads_elsewhere_is_not_visible_and_where_it_leads_is_remarked(site, recheck):
    site.publish("Moved")
    site.publish("Home")
    site.moved[1] = "/news/2"

    (seen,) = recheck(1)

    assert isinstance(seen, Sighting)
    assert (seen.state, seen.source) == (PlatformState.NOT_VISIBLE, "website redirect")
    assert seen.remark == f"its address leads to {site.url}/news/2"


def test_a_listed_address_that_leads_to_another_page_is_that_page_once(site, visit):
    site.publish("Moved")
    site.publish("Home")
    site.moved[1] = "/news/2"

    seen = visit()

    assert [c.text for c in contents(seen)] == ["Home"]


def test_a_page_that_fails_is_a_gap_that_names_it_and_the_others_are_had(site, visit):
    for number in (1, 2, 3):
        site.publish(f"Page {number}")
    site.pages["/news/2"] = Reply(500, b"oops")

    seen = visit()

    assert {c.text for c in contents(seen)} == {"Page 1", "Page 3"}
    assert [(g.why, g.native_id) for g in gaps(seen)] == [
        (GapReason.UNREACHABLE, identity(f"{site.url}/news/2"))
    ]
    assert cursor_of(seen) is None
    assert not any(isinstance(one, Listed) for one in seen)


def test_a_site_that_fails_page_after_page_is_not_pressed(site, visit):
    for number in range(20):
        site.publish(f"Page {number}")
    visit()
    listing = 3 + 7
    site.script(lasting=(listing, FORBIDDEN))

    seen = visit()

    assert len(gaps(seen)) == 6
    assert gaps(seen)[-1].what == "the rest of the site"
    assert site.asked() == listing + 5


@pytest.mark.parametrize("fault", [LOGIN_PAGE, FORBIDDEN, SERVER_ERROR], ids=repr)
def test_a_page_that_cannot_be_had_is_not_removed(site, recheck, fault):
    site.publish("Still there")
    site.script(lasting=(1, fault))

    seen = recheck(1)

    assert [type(one) for one in seen] == [Gap]


def test_a_light_visit_asks_for_new_pages_where_the_sitemap_tells_no_changes(site, visit):
    site.tells_changes = False
    for number in (1, 2, 3):
        site.publish(f"Page {number}")
    first = visit()
    site.publish("New")

    light = Window(since=site.now, cursor=cursor_of(first), young=site.now)
    seen = visit(light)
    next_light = visit(Window(since=site.now, cursor=cursor_of(seen), young=site.now))

    assert [c.text for c in contents(seen)] == ["New"]
    assert contents(next_light) == []
    assert set(json.loads(cursor_of(first) or "")) < set(json.loads(cursor_of(seen) or ""))


# --- what the site says of itself -----------------------------------------------------------


def itself(seen: list[Seen]) -> list[Content]:
    found = [one.content for one in seen if isinstance(one, Observation)]
    return [content for content in found if content.kind is ItemKind.PROFILE]


def test_what_a_site_says_of_itself_is_an_item_that_changes_with_it_alone(site, visit):
    home = website_platform.HOME
    changed = home.replace(b"</footer>", b'<a href="/tips">Tips</a></footer>')

    (first,) = itself(visit())
    site.pages["/"] = Reply(200, home.replace(b"of the hour", b"of the day"), HTML)
    (weather,) = itself(visit())
    site.pages["/"] = Reply(200, changed, HTML)
    (policy,) = itself(visit())

    assert (first.native_id, first.title) == ("site", "Example Police Department")
    assert first.text == "Serving the city of Example."
    assert set(first.links) == {f"{site.url}/news/", f"{site.url}/policy"}
    assert first.raw.media_type == "application/warc"
    assert first.raw.body != weather.raw.body
    assert first.fingerprint() == weather.fingerprint()
    assert set(policy.links) - set(first.links) == {f"{site.url}/tips"}


def test_the_picture_a_site_shows_of_itself_is_a_file_of_its_profile(site, visit):
    site.pages["/"] = Reply(
        200, b'<html><meta property="og:image" content="/seal.png"><title>PD</title></html>', HTML
    )

    (profile,) = itself(visit())

    assert [file.url for file in profile.attachments] == [f"{site.url}/seal.png"]
    assert (profile.title, profile.text) == ("PD", "")


def test_a_light_visit_does_not_ask_what_the_site_says_of_itself(site, visit):
    site.publish("Page")
    first = visit()
    site.script()

    seen = visit(Window(since=site.now, cursor=cursor_of(first), young=site.now))

    assert itself(seen) == []
    assert "/" not in [asked.path for asked in site.requests[-site.asked() :]]


def test_a_home_page_that_cannot_be_had_is_a_gap_and_the_pages_are_had(site, visit):
    site.publish("Page")
    site.pages["/"] = Reply(403, b"no", HTML)

    seen = visit()

    assert [(gap.what, gap.native_id) for gap in gaps(seen)] == [("the site itself", "site")]
    assert [c.text for c in contents(seen)] == ["Page"]
    assert cursor_of(seen) is not None


@pytest.mark.parametrize("reply", [Reply(404, b"", HTML), Reply(302, b"", {"location": "/a.pdf"})])
def test_a_site_without_a_home_page_says_nothing_of_itself(site, visit, reply):
    site.publish("Page")
    site.pages["/"] = reply
    site.pages["/a.pdf"] = Reply(200, b"%PDF", {"content-type": "application/pdf"})

    seen = visit()

    assert (itself(seen), gaps(seen)) == ([], [])


def test_a_home_page_that_robots_txt_keeps_visitors_from_is_left_alone(site, visit):
    site.robots = "User-agent: *\nDisallow: /$\nSitemap: {url}/sitemap-index.xml\n"

    seen = visit()

    assert itself(seen) == []
    assert "/" not in [asked.path for asked in site.requests]


def test_the_site_itself_is_looked_at_again_by_its_home_page(site, tmp_path):
    source = CONNECTOR.open(site.page(), fetching(tmp_path))
    profile = Known(native_id="site", kind="profile", parent=None, thread=None, permalink="")

    seen = list(source.recheck([profile]))
    source.close()

    assert [content.native_id for content in itself(seen)] == ["site"]


# --- what the site lists --------------------------------------------------------------------


def test_what_robots_txt_keeps_visitors_from_is_left_alone_and_told(site, visit):
    for number in (1, 2, 3):
        site.publish(f"Page {number}")
    site.robots = "User-agent: *\nDisallow: /news/2\nSitemap: {url}/sitemap-index.xml\n"

    seen = visit()

    assert {c.text for c in contents(seen)} == {"Page 1", "Page 3"}
    assert [(g.why, g.detail) for g in gaps(seen)] == [
        (GapReason.OUT_OF_REACH, "the site's robots.txt asks us to leave 1 listed pages alone")
    ]
    assert "/news/2" not in [asked.path for asked in site.requests]


def test_a_known_page_that_robots_txt_keeps_visitors_from_is_not_asked_for_again(site, recheck):
    site.publish("Here")
    site.robots = "User-agent: *\nDisallow: /news/\n"

    (seen,) = recheck(1)

    assert isinstance(seen, Gap)
    assert seen.why is GapReason.OUT_OF_REACH
    assert [asked.path for asked in site.requests] == ["/robots.txt"]


def test_a_file_that_robots_txt_keeps_visitors_from_is_left_alone(site, tmp_path):
    site.publish("Page", picture=PICTURE)
    site.robots += "Disallow: /media/\n"
    site.robots = site.robots.replace("Sitemap", "Disallow: /media/\nSitemap")
    source = CONNECTOR.open(site.page(), fetching(tmp_path))
    (content,) = contents(list(source.visit(Window())))

    with pytest.raises(AddressRefused):
        source.download(content.attachments[0])
    source.close()


def test_the_pace_the_site_asks_for_is_kept(site, visit, clock):
    for number in range(4):
        site.publish(f"Page {number}")
    site.robots = "User-agent: *\nCrawl-delay: 5\nSitemap: {url}/sitemap-index.xml\n"

    seen = visit()

    assert len(contents(seen)) == 4
    assert sum(clock.slept) == pytest.approx(5 * (site.asked() - 2))


def test_zipped_sitemaps_and_named_pages_are_read(site, visit):
    site.publish("Listed")
    site.publish("Named alone")
    site.unlisted = {2}
    site.zipped = True

    seen = visit(addresses=("/news/2",))

    assert {c.text for c in contents(seen)} == {"Listed", "Named alone"}


def test_with_pages_named_a_site_needs_no_sitemap_and_without_it_does(site, visit):
    site.publish("Named alone")
    site.robots = ""

    seen = visit(addresses=("/news/1",))

    assert [c.text for c in contents(seen)] == ["Named alone"]
    assert gaps(seen) == []
    with pytest.raises(AnswerUnreadable):
        visit()


def test_only_what_lies_under_the_paths_that_are_kept_to_is_asked_for(site, visit):
    site.pages["/map.xml"] = Reply(
        200,
        (
            b"<urlset><url><loc>/police/</loc></url><url><loc>/parks/</loc></url>"
            b"<url><loc>https://elsewhere.example/police/</loc></url></urlset>"
        ),
        XML,
    )
    site.pages["/police/"] = Reply(200, b"<html><body><p>Police</p></body></html>", HTML)

    seen = visit(sitemap="/map.xml", under=("/police/",))

    assert [c.text for c in contents(seen)] == ["Police"]
    assert gaps(seen) == []


def test_a_file_that_the_sitemap_lists_is_an_item_of_its_own(site, visit):
    changed = "2026-03-01T09:00:00+00:00"
    entry = f"<url><loc>{site.url}/a%20b.pdf</loc><lastmod>{changed}</lastmod></url>"
    site.pages["/map.xml"] = Reply(200, f"<urlset>{entry}</urlset>".encode(), XML)

    (content,) = contents(visit(sitemap="/map.xml"))

    assert (content.title, content.text) == ("a b.pdf", "")
    assert content.raw.body == entry.encode()
    assert content.attachments[0].url == f"{site.url}/a%20b.pdf"
    assert content.attachments[0].key.endswith(changed)


def test_a_sitemap_of_an_index_that_fails_is_a_gap_and_nothing_is_whole(site, visit):
    for number in range(4):
        site.publish(f"Page {number}")
    site.pages["/sitemap-1.xml"] = Reply(404, b"", HTML)

    seen = visit()

    assert [gap.what for gap in gaps(seen)] == ["a sitemap"]
    assert len(contents(seen)) == 3
    assert not any(isinstance(one, Listed) for one in seen)


def test_a_sitemap_of_plain_lines_is_read_and_what_is_none_is_refused():
    lines = answered("\ufeffhttps://a.example/1\nhttps://a.example/2\n".encode())

    assert [page.url for page in read_sitemap(lines).pages] == [
        "https://a.example/1",
        "https://a.example/2",
    ]
    for body in (
        b"",
        b"<html>Log in</html>",
        b"<rss></rss>",
        b"\x1f\x8bno",
        b"<urlset><url></url>",
    ):
        with pytest.raises(AnswerUnreadable):
            read_sitemap(answered(body))


def test_the_picture_of_a_page_is_brought_home(site, tmp_path):
    site.publish("A car", picture=PICTURE)
    source = CONNECTOR.open(site.page(), fetching(tmp_path))
    (content,) = contents(list(source.visit(Window())))

    kept = source.download(content.attachments[0])

    assert kept.digest == sha256(PICTURE)
    source.close()


@pytest.mark.parametrize(("url", "options"), [("", {}), ("https://a.example", {"under": ("a",)})])
def test_settings_that_no_site_can_have_are_refused(tmp_path, url, options):
    page = PageSettings(name="n", connector="website", platform="website", url=url, options=options)

    with pytest.raises(ConfigInvalid):
        CONNECTOR.open(page, fetching(tmp_path))
