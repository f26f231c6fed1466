"""A real browser, Chromium, which draws pages out of what was fetched, and reaches nothing else."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from time import monotonic

import pytest
from PIL import Image

from archiver.records.captures import Gap, Observation
from archiver.records.errors import AttachmentGone
from archiver.records.items import Attachment
from connectors.fetching import Answer
from connectors.website import CONNECTOR
from connectors.website.browser import Browser, BrowserFailed
from connectors.website.drawing import WIDTH, draw
from connectors.website.source import SiteSource
from tests.connectors.platforms import SECRET, Reply, fetching, patient_pace
from tests.connectors.seeing import of, visited
from tests.connectors.website_platform import HTML, WebsitePlatform

pytestmark = pytest.mark.service("ARCHIVER_TEST_CHROMIUM")

GREEN, BLUE, WHITE = (0, 128, 0), (0, 0, 255), (255, 255, 255)
CSS = {"content-type": "text/css"}


@pytest.fixture
def site() -> Iterator[WebsitePlatform]:
    with WebsitePlatform() as served, patient_pace():
        yield served


@pytest.fixture
def source(site, tmp_path) -> Iterator[SiteSource]:
    settings = fetching(tmp_path, allow_private_hosts=frozenset({"127.0.0.1", "localhost"}))
    page = site.page(screenshots=True, browser=os.environ["ARCHIVER_TEST_CHROMIUM"])
    with closing(CONNECTOR.open(page, settings)) as opened:
        yield opened


@pytest.fixture
def browser() -> Iterator[Browser]:
    with closing(Browser(os.environ["ARCHIVER_TEST_CHROMIUM"])) as started:
        yield started


def a_page(site: WebsitePlatform, html: str, number: int = 1) -> None:
    """Put *html* in the place of page *number*, which the sitemap lists."""
    site.publish("")
    page = f"<!DOCTYPE html><html><head><title>T</title></head><body>{html}</body></html>"
    site.pages[f"/news/{number}"] = Reply(200, page.encode(), HTML)


def pictured(source: SiteSource) -> list[Attachment]:
    found = [one.content.attachments for one in of(Observation, visited(source))]
    return [file for files in found for file in files if file.name == "page.png"]


def drawn(source: SiteSource) -> Image.Image:
    (picture,) = pictured(source)
    kept = source.download(picture)
    return Image.open(BytesIO(Path(kept.path).read_bytes())).convert("RGB")


@contextmanager
def listening() -> Iterator[socket.socket]:
    """Listen as something inside would, and answer nobody."""
    with closing(socket.create_server(("127.0.0.1", 0))) as inside:
        inside.settimeout(0.5)
        yield inside


def alive(group: int) -> bool:
    """Say whether a process of *group* still runs; one that only waits to be counted does not."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its, *_ = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(its) == group and state not in "ZX":
            return True
    return False


def visitors(inside: socket.socket) -> int:
    try:
        inside.accept()[0].close()
    except TimeoutError:
        return 0
    return 1


def test_a_page_is_drawn_from_its_top_to_its_end_with_its_styles_pictures_and_scripts(site, source):
    site.pages["/look.css"] = Reply(200, b"body{margin:0} .top{background:green}", CSS)
    a_page(
        site,
        '<link rel="stylesheet" href="/look.css"><div class="top" style="height:3000px"></div>'
        '<div id="end" style="height:200px"></div>'
        "<script>document.getElementById('end').style.background = 'blue'</script>",
    )

    picture = drawn(source)

    assert picture.size == (WIDTH, 3200)
    assert picture.getpixel((600, 10)) == GREEN
    assert picture.getpixel((600, 2990)) == GREEN
    assert picture.getpixel((600, 3190)) == BLUE


def test_the_page_is_drawn_as_it_was_fetched_and_not_asked_for_again(site, source):
    a_page(site, '<body style="background:green">')
    (picture,) = pictured(source)
    site.pages["/news/1"] = Reply(200, b'<body style="background:blue">', HTML)
    site.script()

    kept = source.download(picture)

    assert Image.open(kept.path).convert("RGB").getpixel((5, 5)) == GREEN
    assert "/news/1" not in [asked.path for asked in site.requests[-site.asked() :]]


def test_what_a_page_asks_for_by_get_comes_by_our_own_client_under_its_rules(site, source):
    site.robots = "User-agent: *\nDisallow: /private\nSitemap: {url}/sitemap-index.xml\n"
    a_page(
        site,
        '<img src="/open.png"><img src="/private.png">'
        "<script>fetch('/told', {method: 'POST', body: 'x'})</script>",
    )

    drawn(source)

    asked = {one.path: one.headers for one in site.requests}
    assert "archiver-tests" in asked["/open.png"]["user-agent"]
    assert asked["/open.png"]["authorization"].endswith(SECRET)
    assert not {"/private.png", "/told"} & asked.keys()


def test_a_page_reaches_nothing_inside_whatever_way_it_tries(site, source):
    with listening() as inside:
        port = inside.getsockname()[1]
        by_name, by_number = f"localhost:{port}", f"127.0.0.1:{port}"
        a_page(
            site,
            f"""<link rel="preconnect" href="http://{by_number}"><link rel="prefetch"
            href="http://{by_name}/a"><link rel="dns-prefetch" href="http://{by_name}">
            <img src="http://{by_name}/b"><img src="http://[::ffff:127.0.0.1]:{port}/c">
            <iframe src="http://{by_name}/d"></iframe><object data="http://{by_name}/e"></object>
            <script>
            const tries = [
              () => fetch('http://{by_name}/f', {{mode: 'no-cors'}}),
              () => fetch('http://{by_number}/g', {{method: 'POST', mode: 'no-cors'}}),
              () => new WebSocket('ws://{by_number}/h'),
              () => new WebSocket('ws://{by_name}/i'),
              () => navigator.sendBeacon('http://{by_number}/j', 'x'),
              () => new EventSource('http://{by_name}/k'),
              () => window.open('http://{by_name}/l'),
              () => new Worker(URL.createObjectURL(new Blob([
                "fetch('http://{by_name}/m', {{mode: 'no-cors'}}); new WebSocket('ws://{by_number}')"
              ]))),
              () => {{
                const call = new RTCPeerConnection({{iceServers: [{{
                  urls: 'turn:{by_number}?transport=tcp', username: 'u', credential: 'c'}}]}});
                call.createDataChannel('x');
                call.createOffer().then(offer => call.setLocalDescription(offer));
              }},
            ];
            for (const one of tries) {{ try {{ one() }} catch (error) {{ }} }}
            </script>""",
        )

        picture = drawn(source)

        assert visitors(inside) == 0
    assert picture.size[0] == WIDTH


def test_a_page_that_leads_elsewhere_by_itself_is_drawn_as_it_was_or_not_at_all(site, source):
    with listening() as inside:
        there = f"http://localhost:{inside.getsockname()[1]}/"
        a_page(site, f'<meta http-equiv="refresh" content="0;url={there}">')
        (picture,) = pictured(source)
        with suppress(AttachmentGone):
            source.download(picture)

        assert visitors(inside) == 0


def test_several_pages_are_drawn_by_one_browser_and_share_what_they_ask_for(site, source):
    site.pages["/look.css"] = Reply(200, b"body{background:green}", CSS)
    for number in (1, 2, 3):
        a_page(site, f'<link rel="stylesheet" href="/look.css"><p>Page {number}</p>', number)
    found = pictured(source)

    kept = [Image.open(source.download(picture).path).convert("RGB") for picture in found]

    assert [picture.getpixel((5, 5)) for picture in kept] == [GREEN] * 3
    assert [asked.path for asked in site.requests].count("/look.css") == 1


def test_nothing_is_left_of_the_browser_when_the_visit_is_over(site, source):
    a_page(site, "<p>Words</p>")
    (picture,) = pictured(source)
    kept = source.download(picture)
    running = source._pictures._browser
    profile, process = running._profile, running._process

    source.close()

    assert not Path(kept.path).exists()
    assert not Path(profile).exists()
    until = monotonic() + 10
    while alive(process) and monotonic() < until:
        pass
    assert not alive(process)


def test_the_browser_knows_nothing_of_our_secrets_and_is_not_root(monkeypatch):
    monkeypatch.setenv("PAGE_TOKEN", SECRET)

    with closing(Browser(os.environ["ARCHIVER_TEST_CHROMIUM"])) as started:
        started.ask("Browser.getVersion", until=monotonic() + 20, event=print)
        told = Path(f"/proc/{started._process}")

        assert SECRET.encode() not in (told / "environ").read_bytes()
        assert "--no-sandbox" not in (told / "cmdline").read_text()
        uid = next(line for line in (told / "status").read_text().splitlines() if "Uid:" in line)
        assert uid.split()[1] != "0"


def test_a_page_that_keeps_the_browser_busy_for_good_is_given_up(browser):
    busy = Answer("https://pd.example/", 200, HTML, b"<script>for (;;) {}</script>")
    calm = replace(busy, body=b"<script>alert(1); confirm(2)</script><p>Words</p>")

    with pytest.raises(BrowserFailed):
        draw(browser, busy, lambda _: None, patience=4)

    assert draw(browser, calm, lambda _: None).startswith(b"\x89PNG")


def test_no_gap_is_left_where_every_picture_was_drawn(site, source):
    a_page(site, "<p>Words</p>")

    seen = visited(source)

    assert of(Gap, seen) == []
