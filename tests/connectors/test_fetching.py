from __future__ import annotations

import gzip
import resource
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.captures import GapReason
from archiver.records.errors import (
    AddressRefused,
    AnswerUnreadable,
    AttachmentGone,
    ConfigInvalid,
    ConnectorError,
    FileRefused,
    PermissionLost,
    PlatformUnreachable,
    TooLarge,
)
from archiver.records.pages import PageSettings
from connectors.fetching import (
    Answer,
    CheckedTransport,
    Fetcher,
    Pace,
    RecordedTransport,
    authorization,
    paced_by,
    refusal,
    spoken,
)
from connectors.fetching.pace import pause_before_next, retry_after
from tests.connectors.platforms import (
    RATE_LIMITED,
    RESET,
    SECRET,
    SERVER_ERROR,
    TRUNCATED,
    Asked,
    PatientClock,
    Platform,
    Reply,
    fetching,
    patient_pace,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DATE = {"date": format_datetime(NOON, usegmt=True)}
BEARER = {"Authorization": f"Bearer {SECRET}"}


class Site(Platform):
    """Answers what a test put under a path."""

    def __init__(self) -> None:
        super().__init__()
        self.replies: dict[str, Reply] = {}

    def respond(self, asked: Asked) -> Reply:
        return self.replies.get(asked.path, Reply(404))

    def page(self) -> PageSettings:
        raise LookupError("no connector visits this one")


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as served:
        yield served


@pytest.fixture(autouse=True)
def clock() -> Iterator[PatientClock]:
    with patient_pace() as patient:
        yield patient


@pytest.fixture
def a_fetcher(tmp_path) -> Iterator[Callable[..., Fetcher]]:
    made: list[Fetcher] = []

    def make(*, headers=None, home=None, transport=None, **options) -> Fetcher:
        settings = fetching(tmp_path / "spool", **options)
        made.append(Fetcher(settings, headers=headers, home=home, transport=transport))
        return made[-1]

    yield make
    for fetcher in made:
        fetcher.close()


class Scripted(httpx.BaseTransport):
    """Answers from a list, in memory; the last answer stays."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, stream=answer.stream)


def said(status: int = 200, body: bytes = b"", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, stream=httpx.ByteStream(body))


# --- an answer ------------------------------------------------------------------------------


def test_the_bytes_of_an_answer_are_the_bytes_that_were_sent(site, a_fetcher):
    body = b'{"text": "na\\u00efve",  "n": 1.10}\n'
    site.replies["/item"] = Reply(200, body, {"X-Kind": "odd"})

    answer = a_fetcher().get(f"{site.url}/item", params={"id": "4"})

    assert answer.body == body
    assert answer.json() == {"text": "naïve", "n": 1.1}
    assert answer.headers["x-kind"] == "odd"
    assert site.requests[0].query == {"id": "4"}
    assert site.requests[0].headers["accept-encoding"] == "identity"
    assert site.requests[0].headers["user-agent"] == "archiver-tests"


def test_params_are_added_to_what_the_address_asks_for_already(site, a_fetcher):
    site.replies["/item"] = Reply(200)

    a_fetcher().get(f"{site.url}/item?kind=post", params={"id": "4"})

    assert site.requests[0].query == {"kind": "post", "id": "4"}


@pytest.mark.parametrize(
    "body",
    [b"", b"  ", b"<!doctype html><p>Log in", b"<?xml version='1.0'?><html/>", b"{", b"\xff"],
)
def test_what_is_not_json_is_never_read_as_json(body):
    answer = Answer("https://example.org/", 200, {"content-type": "application/json"}, body)

    with pytest.raises(AnswerUnreadable):
        answer.json()


def test_an_html_page_is_known_whatever_it_is_called():
    def looks(body: bytes) -> bool:
        return Answer("u", 200, {"content-type": "application/rss+xml"}, body).looks_like_html()

    assert looks(b"\xef\xbb\xbf\n<!-- cached --><!DOCTYPE HTML><html>")
    assert looks(b"<?xml version='1.0'?>\n<html xmlns='http://www.w3.org/1999/xhtml'>")
    assert not looks(b"<?xml version='1.0'?><rss><channel/></rss>")
    assert not looks(b"<!-- never closed <html>")


def test_a_link_is_found_by_its_relation_and_made_absolute():
    link = '</a?x=1,2;3>; title="a, b"; rel="prev start", <https://b.example/n?id=9>; REL=Next'
    answer = Answer("https://example.org/list?page=2", 200, {"link": link}, b"")

    assert answer.link("next") == "https://b.example/n?id=9"
    assert answer.link("start") == "https://example.org/a?x=1,2;3"
    assert answer.link("last") is None


# --- secrets --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("https://u:p@h.example/a?access_token=x&q=1#f", "https://h.example/a?q=1"),
        ("https://h.example/a?Key=x&KEYWORD=y", "https://h.example/a?KEYWORD=y"),
        ("https://h.example/a?client%5Fsecret=x&page=2", "https://h.example/a?page=2"),
        ("https://h.example/a?X-Amz-Signature=x&sig=y", "https://h.example/a"),
        ("https://[h.example/", "an address that cannot be read"),
    ],
)
def test_an_address_is_shown_without_its_secrets(told, shown):
    assert spoken(told) == shown


def test_an_answer_knows_what_was_asked_and_what_it_came_with(site, a_fetcher):
    site.replies["/item"] = Reply(200, b"{}", {"x-rate-limit": "9", "content-type": "text/json"})

    exchange = a_fetcher().get(f"{site.url}/item?fields=id,text", params={"id": "4"}).body.exchange
    asked = a_fetcher().ask(f"{site.url}/item", {"ids": [4]}).body.exchange

    assert (exchange.method, exchange.url, exchange.status) == ("GET", f"{site.url}/item", 200)
    assert exchange.params == (("fields", "id,text"), ("id", "4"))
    assert exchange.headers["x-rate-limit"] == "9"
    assert (asked.method, asked.asked) == ("POST", '{"ids": [4]}')


def test_no_secret_and_no_place_in_a_list_is_kept_of_an_exchange(site, a_fetcher):
    link = f"<{site.url}/item?max_id=17&access_token={SECRET}&limit=9>; rel=next"
    headers = {"set-cookie": "session=1", "x-api-key": "k", "x-echo": f"got {SECRET}", "link": link}
    site.replies["/item"] = Reply(200, b"{}", headers)
    url = f"{site.url}/item?api_key={SECRET}&limit=9&max_id=17&after=18&rvcontinue=19&pageToken=20"

    exchange = a_fetcher(headers=BEARER).get(url).body.exchange

    assert exchange.params == (("limit", "9"),)
    assert exchange.headers["link"] == f"<{site.url}/item?limit=9>; rel=next"
    assert not exchange.headers.keys() & {"set-cookie", "x-api-key", "x-echo"}
    assert SECRET not in repr(exchange)


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_no_error_and_no_answer_says_a_secret(site, a_fetcher, status):
    site.replies["/item"] = Reply(status)
    url = f"{site.url}/item?access_token={SECRET}"

    with pytest.raises(ConnectorError) as raised:
        a_fetcher(headers=BEARER).get(url, params={"api_key": SECRET})
    answer = a_fetcher().get(url, accept=(status,))

    assert SECRET not in f"{raised.value!r} {raised.value.__cause__!r} {answer!r}"


def test_a_token_that_no_header_can_carry_is_refused_without_being_said(a_fetcher):
    with pytest.raises(ConfigInvalid, match="authorization") as raised:
        a_fetcher(headers={"authorization": f"Bearer {SECRET}\n"})

    assert SECRET not in str(raised.value)


def test_a_redirect_to_another_host_is_not_told_the_token(site, a_fetcher):
    port = site.url.rpartition(":")[2]
    site.replies["/here"] = Reply(302, b"", {"location": "/there"})
    site.replies["/there"] = Reply(302, b"", {"location": f"http://localhost:{port}/away"})
    site.replies["/away"] = Reply(302, b"", {"location": f"{site.url}/back"})
    site.replies["/back"] = Reply(200)
    hosts = frozenset({"127.0.0.1", "localhost"})

    a_fetcher(headers=BEARER, allow_private_hosts=hosts).get(f"{site.url}/here")

    told = [(asked.path, "authorization" in asked.headers) for asked in site.requests]
    assert told == [("/here", True), ("/there", True), ("/away", False), ("/back", False)]


def test_a_file_on_another_host_is_fetched_without_the_token(site, a_fetcher):
    port = site.url.rpartition(":")[2]
    site.replies["/file"] = Reply(200, b"x")
    hosts = frozenset({"127.0.0.1", "localhost"})
    fetcher = a_fetcher(headers=BEARER, home=site.url, allow_private_hosts=hosts)

    fetcher.download(f"http://localhost:{port}/file")
    fetcher.download(f"{site.url}/file")

    assert ["authorization" in asked.headers for asked in site.requests] == [False, True]


def test_a_secret_becomes_basic_or_bearer():
    assert authorization(None) == {}
    assert authorization("abc") == {"authorization": "Bearer abc"}
    assert authorization("jo:pw") == {"authorization": "Basic am86cHc="}


# --- statuses and redirects -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, PermissionLost),
        (403, PermissionLost),
        (404, AnswerUnreadable),
        (410, AnswerUnreadable),
        (204, AnswerUnreadable),
        (418, AnswerUnreadable),
        (500, PlatformUnreachable),
        (429, PlatformUnreachable),
    ],
)
def test_a_status_that_was_not_expected_says_what_it_means(a_fetcher, status, error):
    transport = Scripted(said(status))

    with pytest.raises(error, match=str(status)):
        a_fetcher(transport=transport).get("https://h.example/")

    assert len(transport.requests) == (5 if error is PlatformUnreachable else 1)


@pytest.mark.parametrize("status", [200, 304, 401, 404, 410, 429, 500])
def test_a_status_that_was_expected_is_an_answer(a_fetcher, status):
    transport = Scripted(said(status, b"so"))

    answer = a_fetcher(transport=transport).get("https://h.example/", accept=(status,))

    assert (answer.status, answer.body) == (status, b"so")


def test_ten_redirects_are_followed_and_an_eleventh_is_not(a_fetcher):
    moved = said(302, location="/on")

    patient = a_fetcher(transport=Scripted(*[moved] * 10, said(200, b"end")))
    assert patient.get("https://h.example/").body == b"end"
    with pytest.raises(AnswerUnreadable, match="redirects more than 10"):
        a_fetcher(transport=Scripted(*[moved] * 11, said(200))).get("https://h.example/")


def test_a_user_named_by_a_redirect_is_not_logged_in_as(a_fetcher):
    moved = Scripted(said(302, location="https://u:p@h.example/on"), said(200))

    a_fetcher(transport=moved).get("https://h.example/")

    assert "authorization" not in moved.requests[1].headers
    assert moved.requests[1].headers["host"] == "h.example"


@pytest.mark.parametrize("location", ["file:///etc/passwd", "gopher://h.example/", "http://"])
def test_a_redirect_leads_to_http_only(a_fetcher, location):
    with pytest.raises(AddressRefused):
        a_fetcher(transport=Scripted(said(302, location=location))).get("https://h.example/")


@pytest.mark.parametrize(
    "url", ["ftp://h.example/x", "file:///etc/passwd", "h.example", "http://h.example:port/"]
)
def test_only_http_addresses_are_asked(a_fetcher, url):
    transport = Scripted(said(200))

    with pytest.raises(AddressRefused):
        a_fetcher(transport=transport).get(url)

    assert transport.requests == []


# --- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - it is refused here, nobody binds it
        "0.0.0.1", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.9.9.9",
        "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192",
        "192.0.2.1", "192.168.1.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "100::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "fc00::1",
        "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "nonsense",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused(address):
    assert refusal(address) != ""


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1", "93.184.216.34", "172.15.255.255", "172.32.0.1", "100.63.255.255",
        "100.128.0.1", "169.253.0.1", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::101:101",
        "2002:101:101::1",
    ],
)  # fmt: skip
def test_a_public_address_is_not(address):
    assert refusal(address) == ""


@given(st.ip_addresses(v=4))
def test_an_address_in_disguise_is_judged_as_what_it_is(address):
    value = int(address)
    plain = refusal(str(address)) == ""

    assert (refusal(f"::ffff:{address}") == "") == plain
    assert (refusal(f"64:ff9b::{value >> 16:x}:{value & 0xFFFF:x}") == "") == plain
    assert (refusal(f"2002:{value >> 16:x}:{value & 0xFFFF:x}::1") == "") == plain


def test_a_private_server_is_not_visited_unless_its_host_is_listed(site, a_fetcher):
    site.replies["/item"] = Reply(200)

    with pytest.raises(AddressRefused, match="loopback"):
        a_fetcher(allow_private_hosts=frozenset()).get(f"{site.url}/item")
    assert site.requests == []
    assert a_fetcher().get(f"{site.url}/item").status == 200


@pytest.mark.parametrize(
    "host", ["localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"]
)
def test_another_spelling_of_a_private_host_is_refused_all_the_same(site, a_fetcher, host):
    port = site.url.rpartition(":")[2]

    with pytest.raises(AddressRefused):
        a_fetcher(allow_private_hosts=frozenset()).get(f"http://{host}:{port}/item")

    assert site.requests == []


def test_a_redirect_to_a_private_host_is_refused(site, a_fetcher):
    port = site.url.rpartition(":")[2]
    site.replies["/item"] = Reply(302, b"", {"location": f"http://localhost:{port}/secret"})

    with pytest.raises(AddressRefused, match="localhost"):
        a_fetcher().download(f"{site.url}/item")

    assert [asked.path for asked in site.requests] == ["/item"]


def test_one_private_address_among_public_ones_is_enough_to_refuse(a_fetcher):
    transport = CheckedTransport(resolve=lambda _host, _port: ["93.184.216.34", "10.0.0.1"])

    with pytest.raises(AddressRefused, match=r"10\.0\.0\.1, a private address"):
        a_fetcher(transport=transport).get("http://rebound.example/")


def test_the_connection_goes_to_the_checked_address_under_the_hosts_own_name(site, a_fetcher):
    site.replies["/item"] = Reply(200, b"here")
    port = site.url.rpartition(":")[2]
    resolved: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        resolved.append(host)
        return ["127.0.0.1"] if len(resolved) == 1 else ["203.0.113.1"]

    transport = CheckedTransport(allowed={"police.example"}, resolve=resolve)
    answer = a_fetcher(transport=transport).get(f"http://police.example:{port}/item")

    assert answer.body == b"here"
    assert resolved == ["police.example"]
    assert site.requests[0].headers["host"] == f"police.example:{port}"


def test_proxies_of_the_environment_are_not_used(site, a_fetcher, monkeypatch):
    site.replies["/item"] = Reply(200)
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert a_fetcher().get(f"{site.url}/item").status == 200


# --- asking again -----------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [RESET, TRUNCATED, SERVER_ERROR, RATE_LIMITED], ids=repr)
def test_four_failures_pass_and_a_fifth_does_not(site, a_fetcher, fault):
    site.replies["/item"] = Reply(200, b"whole body")

    site.script(faults=dict.fromkeys(range(4), fault))
    assert a_fetcher().get(f"{site.url}/item").body == b"whole body"
    site.script(faults=dict.fromkeys(range(5), fault))
    with pytest.raises(PlatformUnreachable):
        a_fetcher().get(f"{site.url}/item")


def test_a_question_put_as_json_is_put_again_as_it_was(site, a_fetcher):
    site.replies["/ask"] = Reply(200, b"{}")
    site.script(faults={0: RESET, 1: SERVER_ERROR})

    answer = a_fetcher().ask(f"{site.url}/ask", {"ids": ["7"]}, params={"a": "1"}, headers=BEARER)

    assert (answer.status, answer.body) == (200, b"{}")
    assert [(asked.body, asked.query["a"]) for asked in site.requests] == 3 * [
        (b'{"ids": ["7"]}', "1")
    ]
    assert site.requests[-1].headers["authorization"] == BEARER["Authorization"]


def test_a_question_is_taken_nowhere_else(a_fetcher):
    moved = Scripted(said(307, location="https://other.example/ask"))

    with pytest.raises(AnswerUnreadable, match="redirects a question"):
        a_fetcher(transport=moved).ask("https://h.example/ask", {}, headers=BEARER)
    assert len(moved.requests) == 1


def test_without_word_from_the_server_the_pauses_between_attempts_grow(a_fetcher, clock):
    with pytest.raises(PlatformUnreachable):
        a_fetcher(transport=Scripted(httpx.ReadTimeout("slow"))).get("https://h.example/")

    assert clock.slept == [0.5, 1.0, 2.0, 4.0]


def test_an_answer_shorter_than_announced_is_no_answer(a_fetcher):
    short = said(200, b"hal", content_length="4")

    answer = a_fetcher(transport=Scripted(short, said(200, b"half"))).get("https://h.example/")

    assert answer.body == b"half"


# --- pace -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": format_datetime(NOON + timedelta(seconds=90), usegmt=True)}, 90),
        ({"retry-after": "soon"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "30"}, 30),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-03-02T12:05:00.000Z"}, 300),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1772453400"}, 600),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "1772452860000"}, 60),
        ({"ratelimit": '"default";r=0;t=12'}, 12),
        ({"ratelimit": "limit=100, remaining=0, reset=50"}, 50),
        ({"x-ratelimit-remaining": "0"}, 60),
        ({"x-ratelimit-remaining": "1", "x-ratelimit-reset": "30"}, None),
        ({"ratelimit": '"default";r=3;t=12'}, None),
        ({}, None),
    ],
)
def test_the_servers_own_words_are_read_against_the_servers_own_clock(headers, seconds):
    assert retry_after(headers | DATE) == seconds


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_no_header_can_confuse_the_pace(told, remaining, date):
    headers = {
        "retry-after": told,
        "x-ratelimit-remaining": remaining,
        "x-ratelimit-reset": told,
        "ratelimit": told,
        "date": date,
    }

    for pause in (retry_after(headers), pause_before_next(headers)):
        assert pause is None or pause >= 0


def test_an_exhausted_limit_is_waited_out_before_the_next_request(a_fetcher, clock):
    spent = said(200, x_ratelimit_remaining="0", x_ratelimit_reset="30")
    fetcher = a_fetcher(transport=Scripted(spent, said(200)))

    fetcher.get("https://h.example/1")
    waited_before = list(clock.slept)
    fetcher.get("https://h.example/2")

    assert waited_before == []
    assert clock.slept == [30.0]


def test_a_wait_that_no_visit_can_sit_out_ends_the_request_at_once(a_fetcher, clock):
    fetcher = a_fetcher(transport=Scripted(said(429, retry_after="86400")))

    with pytest.raises(PlatformUnreachable, match="86400 seconds"):
        fetcher.get("https://h.example/")

    assert clock.slept == []


def test_one_hosts_limit_does_not_slow_another(a_fetcher, clock):
    fetcher = a_fetcher(transport=Scripted(said(200, ratelimit='"a";r=0;t=9'), said(200)))

    fetcher.get("https://h.example/")
    fetcher.get("https://other.example/")

    assert clock.slept == []


def test_a_refusal_with_a_limit_spent_is_a_limit_and_no_lost_permission(a_fetcher, clock):
    spent = said(403, x_ratelimit_remaining="0", x_ratelimit_reset="20")

    answer = a_fetcher(transport=Scripted(spent, said(200))).get("https://h.example/")

    assert (answer.status, clock.slept) == (200, [20.0])


def test_requests_are_spaced_as_the_config_asks(a_fetcher, clock):
    fetcher = a_fetcher(transport=Scripted(said(200)), requests_per_second=2.0)

    for _ in range(4):
        fetcher.get("https://h.example/")

    assert clock.slept == [0.5, 0.5, 0.5]


def test_no_host_is_asked_more_than_four_things_at_once(tmp_path):
    entered, leave = threading.Semaphore(0), threading.Event()

    class Occupied(httpx.BaseTransport):
        def handle_request(self, _request: httpx.Request) -> httpx.Response:
            entered.release()
            leave.wait(timeout=30)
            return said(200)

    shared = Pace()

    def ask() -> None:
        with paced_by(shared):
            Fetcher(fetching(tmp_path), transport=Occupied()).get("https://h.example/")

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()

    four = [entered.acquire(timeout=10) for _ in range(4)]
    fifth = entered.acquire(timeout=0.3)
    leave.set()
    for thread in threads:
        thread.join(timeout=20)

    assert four == [True] * 4
    assert not fifth
    assert all(entered.acquire(timeout=1) for _ in range(8))


# --- size and time ------------------------------------------------------------------------------


def test_a_file_of_the_largest_size_comes_and_a_byte_more_does_not(site, a_fetcher):
    site.replies["/file"] = Reply(200, b"x" * 1000)

    assert a_fetcher(max_bytes=1000).download(f"{site.url}/file").size == 1000
    with pytest.raises(TooLarge, match="announces 1000"):
        a_fetcher(max_bytes=999).download(f"{site.url}/file")
    with pytest.raises(TooLarge):
        a_fetcher(max_bytes=999).get(f"{site.url}/file")


def test_an_answer_read_into_memory_is_bounded_however_large_a_file_may_be(a_fetcher):
    largest = 64 * 1024 * 1024
    announced = said(200, b"x", content_length=str(largest + 1))

    with pytest.raises(TooLarge, match=str(largest)):
        a_fetcher(transport=Scripted(announced), max_bytes=2**40).get("https://h.example/")


def test_a_file_that_announces_no_size_is_cut_off_at_the_cap(a_fetcher, tmp_path):
    endless = httpx.Response(200, stream=Endless(b"x" * 100))

    with pytest.raises(TooLarge):
        a_fetcher(transport=Scripted(endless), max_bytes=999).download("https://h.example/")

    assert list((tmp_path / "spool").iterdir()) == []


class Endless(httpx.SyncByteStream):
    """The same piece for ever."""

    def __init__(self, piece: bytes, between: Callable[[], object] = lambda: None) -> None:
        self.piece = piece
        self.between = between

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.between()
            yield self.piece


def test_an_answer_that_trickles_is_given_up(a_fetcher, clock):
    def trickle() -> httpx.Response:
        return httpx.Response(200, stream=Endless(b"x", lambda: tick(clock)))

    with pytest.raises(PlatformUnreachable, match="too slowly"):
        a_fetcher(transport=Scripted(*[trickle() for _ in range(6)])).get("https://h.example/")

    assert clock.moment < 1000 + 5 * 60


def tick(clock: PatientClock) -> None:
    clock.moment += 1


def test_a_large_file_that_comes_steadily_may_take_its_time(a_fetcher, clock):
    pieces = [b"x" * 65536] * 50

    class Steady(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for piece in pieces:
                clock.moment += 4
                yield piece

    fetched = a_fetcher(transport=Scripted(httpx.Response(200, stream=Steady())))

    assert fetched.download("https://h.example/").size == 50 * 65536


def test_a_head_that_trickles_is_given_up(a_fetcher):
    """A byte of a header, again and again, always within the wait for a single one."""
    listening = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def trickle() -> None:
        while not done.is_set():
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                try:
                    connection.sendall(b"HTTP/1.1 200 OK\r\nx-slow: ")
                    for _ in range(300):
                        done.wait(0.01)
                        connection.sendall(b"z")
                    connection.sendall(b"\r\ncontent-length: 0\r\n\r\n")
                except OSError:
                    continue

    thread = threading.Thread(target=trickle)
    thread.start()
    fetcher = a_fetcher(timeout_seconds=0.05)

    try:
        with pytest.raises(PlatformUnreachable):
            fetcher.get(f"http://127.0.0.1:{listening.getsockname()[1]}/")
    finally:
        done.set()
        socket.create_connection(listening.getsockname()).close()
        thread.join(timeout=10)
        listening.close()


# --- compression ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"some words", mtime=0)),
        ("gzip", gzip.compress(b"some ", mtime=0) + gzip.compress(b"words", mtime=0)),
        ("deflate", zlib.compress(b"some words")),
        ("deflate", zlib.compressobj(wbits=-15).compress(b"") + b""),
        ("identity", b"some words"),
    ],
)
def test_a_server_that_compresses_unasked_is_understood(a_fetcher, encoding, packed):
    if not packed:
        raw = zlib.compressobj(wbits=-15)
        packed = raw.compress(b"some words") + raw.flush()
    transport = Scripted(said(200, packed, content_encoding=encoding))

    assert a_fetcher(transport=transport).get("https://h.example/").body == b"some words"


def test_a_bomb_is_defused_at_the_cap(a_fetcher):
    bomb = gzip.compress(b"\0" * 50_000_000, mtime=0)
    transport = Scripted(said(200, bomb, content_encoding="gzip"))

    with pytest.raises(TooLarge):
        a_fetcher(transport=transport, max_bytes=1_000_000).get("https://h.example/")


def test_packed_bytes_that_unpack_to_nothing_are_cut_off_at_the_cap_too(a_fetcher):
    class Hollow(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
            yield from Endless(b"\0\0\0\xff\xff" * 100)

    packed = httpx.Response(200, headers={"content-encoding": "gzip"}, stream=Hollow())

    with pytest.raises(TooLarge):
        a_fetcher(transport=Scripted(packed), max_bytes=100_000).get("https://h.example/")


@pytest.mark.parametrize(
    ("encoding", "body", "error"),
    [
        ("br", b"x", AnswerUnreadable),
        ("gzip", b"no gzip at all", AnswerUnreadable),
        ("gzip", gzip.compress(b"some words", mtime=0)[:-6], PlatformUnreachable),
    ],
)
def test_what_cannot_be_unpacked_is_never_taken_for_the_answer(a_fetcher, encoding, body, error):
    with pytest.raises(error):
        a_fetcher(transport=Scripted(said(200, body, content_encoding=encoding))).get(
            "https://h.example/"
        )


# --- files --------------------------------------------------------------------------------------


def test_a_file_comes_into_the_spool_with_its_digest_and_its_kind(site, a_fetcher, tmp_path):
    body = bytes(range(256)) * 1000
    site.replies["/a.mp4"] = Reply(200, body, {"content-type": "Video/MP4; codecs=x"})

    kept = a_fetcher().download(f"{site.url}/a.mp4?sig=x&n=1")

    assert Path(kept.path).read_bytes() == body
    assert Path(kept.path).parent == tmp_path / "spool"
    assert kept.digest == sha256(body).hexdigest()
    assert (kept.size, kept.media_type) == (len(body), "video/mp4")
    assert kept.final_url == f"{site.url}/a.mp4?n=1"


@pytest.fixture
def little_room() -> Iterator[int]:
    """How much may be written to a file; the system itself refuses more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    yield 1 << 20
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_for_which_the_spool_has_no_room_is_refused_and_none_of_it_stays(
    site, a_fetcher, tmp_path, little_room
):
    site.replies["/film"] = Reply(200, bytes(little_room + 1))

    with pytest.raises(FileRefused, match="the spool has no room for it"):
        a_fetcher().download(f"{site.url}/film")

    assert list((tmp_path / "spool").iterdir()) == []


def test_closing_leaves_nothing_in_the_spool_and_misses_nothing_taken_away(
    site, a_fetcher, tmp_path
):
    site.replies["/a"] = Reply(200, b"x")
    fetcher = a_fetcher()
    Path(fetcher.download(f"{site.url}/a").path).rename(tmp_path / "kept")
    fetcher.download(f"{site.url}/a")

    fetcher.close()

    assert list((tmp_path / "spool").iterdir()) == []
    assert (tmp_path / "kept").read_bytes() == b"x"


@pytest.mark.parametrize(
    ("status", "error", "why"),
    [
        (404, AttachmentGone, GapReason.GONE),
        (410, AttachmentGone, GapReason.GONE),
        (403, PermissionLost, GapReason.PERMISSION_LOST),
        (500, PlatformUnreachable, GapReason.UNREACHABLE),
        (206, AnswerUnreadable, GapReason.UNREADABLE),
    ],
)
def test_a_file_that_cannot_be_had_says_which_gap_it_leaves(a_fetcher, status, error, why):
    with pytest.raises(error) as raised:
        a_fetcher(transport=Scripted(said(status))).download("https://h.example/a")

    assert GapReason(raised.value.gap) is why


def test_a_truncated_file_is_fetched_again_and_leaves_no_half(site, a_fetcher, tmp_path):
    site.replies["/a"] = Reply(200, b"x" * 1000)

    site.script(faults={0: TRUNCATED})
    kept = a_fetcher().download(f"{site.url}/a")

    assert kept.size == 1000
    assert len(list((tmp_path / "spool").iterdir())) == 1


# --- recorded answers -------------------------------------------------------------------------


def test_what_was_recorded_is_replayed_byte_for_byte(site, a_fetcher, tmp_path):
    folder = tmp_path / "recorded"
    site.replies["/a"] = Reply(200, b"\x00first", {"etag": '"1"', "set-cookie": "sid=1"})
    live = RecordedTransport(folder, live=CheckedTransport(allowed={"127.0.0.1"}))
    recording = a_fetcher(transport=live)
    recording.get(f"{site.url}/a?token={SECRET}")
    site.replies["/a"] = Reply(404)
    recording.get(f"{site.url}/a?token={SECRET}", accept=(404,))

    replaying = a_fetcher(transport=RecordedTransport(folder))
    first = replaying.get(f"{site.url}/a?token=other")
    again = [replaying.get(f"{site.url}/a", accept=(404,)).status for _ in range(2)]

    assert (first.body, first.headers["etag"]) == (b"\x00first", '"1"')
    assert again == [404, 404]
    kept = b"".join(path.read_bytes() for path in folder.iterdir())
    assert SECRET.encode() not in kept
    assert b"sid=1" not in kept


def test_what_was_not_recorded_is_not_answered(a_fetcher, tmp_path):
    with pytest.raises(LookupError, match="no recorded answer"):
        a_fetcher(transport=RecordedTransport(tmp_path)).get("https://h.example/")
