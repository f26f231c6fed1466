from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

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
from archiver.records.errors import AnswerUnreadable, ConfigInvalid
from archiver.records.items import Content, ItemKind
from archiver.records.pages import PageSettings
from connectors.fetching import Answer
from connectors.nixle import CONNECTOR
from connectors.nixle.profile import read_profile
from connectors.nixle.reading import read_alert, read_feed, read_wire
from connectors.nixle.source import AgencySource
from tests.connectors.nixle_platform import AGENCY, FIRST_NUMBER, NAME, NixlePlatform
from tests.connectors.platforms import (
    FIRST_MOMENT,
    FORBIDDEN,
    LOGIN_PAGE,
    PICTURE,
    fetching,
    patient_pace,
)
from tests.connectors.seeing import known as as_known

ALERT = """<html><div id="fullpubhd"><dl class="first"><dd class="certified">
<a href="/example-pd/">Example PD</a></dd></dl><dl class="last"><dd>{stamp}</dd></dl></div>
<div class="full_message_info"><span class="priority advisory">Advisory</span>
<h2>Road &amp; rail</h2>
<div id="alert-body"><p>Closed.<br>Detour.</p><div><p>Reopened.</p></div></div>
<p class="agency">Address</p></div><div class="ours">Other alerts</div></html>"""
STAMP = "Thursday April 3rd, 2025 :: 02:15 p.m. PDT"


@pytest.fixture(autouse=True)
def _patient() -> Iterator[None]:
    with patient_pace():
        yield


@pytest.fixture
def agency() -> Iterator[NixlePlatform]:
    with NixlePlatform() as served:
        yield served


@pytest.fixture
def opened(agency, tmp_path) -> Iterator[AgencySource]:
    source = CONNECTOR.open(agency.page(), fetching(tmp_path))
    yield source
    source.close()


def answered(
    body: str, *, url: str = "https://local.nixle.com/alert/77/", **headers: str
) -> Answer:
    return Answer(url, 200, {"content-type": "text/html"} | headers, body.encode())


def contents(seen: list[Seen]) -> list[Content]:
    """Give the alerts; what the page says of the agency stands apart."""
    found = [one.content for one in seen if isinstance(one, Observation)]
    return [content for content in found if content.kind is not ItemKind.PROFILE]


def profiles(seen: list[Seen]) -> list[Content]:
    found = [one.content for one in seen if isinstance(one, Observation)]
    return [content for content in found if content.kind is ItemKind.PROFILE]


def gaps(seen: list[Seen]) -> list[Gap]:
    return [one for one in seen if isinstance(one, Gap)]


def known(number: int) -> Known:
    name = str(FIRST_NUMBER + number)
    permalink = f"https://local.nixle.com/alert/{name}/"
    return Known(native_id=name, kind="post", parent=None, thread=None, permalink=permalink)


# --- what the page says of the agency -------------------------------------------------------


def test_the_agencys_page_is_its_profile_without_its_wire(agency, opened):
    agency.publish("Road closed", at=FIRST_MOMENT)

    (profile,) = profiles(list(opened.visit(Window())))

    assert (profile.title, profile.permalink) == (NAME, f"{agency.url}{AGENCY}")
    assert profile.text.split("\n") == [
        *(NAME, "Address/Location", "1 Example Way"),
        "Serving Example since 1901. chief@pd.example.gov",
        "Website Wire",
        "Forward",
    ]
    assert [file.name for file in profile.attachments] == ["user1-3726_.jpeg"]
    assert profile.links == ("https://police.example.gov/",)
    assert b"Road closed" not in profile.text.encode()
    assert b'<ol id="wire">' in profile.raw.body


def test_a_profile_changes_with_its_words_and_with_nothing_else(agency, opened):
    agency.publish("Road closed", at=FIRST_MOMENT)
    (first,) = profiles(list(opened.visit(Window())))
    agency.publish("Road open", at=FIRST_MOMENT + timedelta(hours=9))
    agency.now += timedelta(hours=9)
    (again,) = profiles(list(opened.visit(Window())))
    agency.about = "Serving Example since 1902."

    (seen,) = opened.recheck([as_known(first)])

    assert first.fingerprint() == again.fingerprint()
    assert seen.content.fingerprint() != first.fingerprint()
    assert "1902" in seen.content.text
    light = Window(since=FIRST_MOMENT, cursor=str(FIRST_NUMBER + 1), young=FIRST_MOMENT)
    assert profiles(list(opened.visit(light))) == []


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Messages from Ex &amp; Co PD : Nixle", "Ex & Co PD"),
        ("Ex PD\n on Nixle", "Ex PD on Nixle"),
    ],
)
def test_the_agencys_name_is_that_of_the_pages_title(title, name):
    page = f'<html><title>{title}</title><ol id="wire"></ol><p>About us</p></html>'
    date = "Mon, 02 Mar 2026 12:00:00 GMT"

    profile = read_profile(answered(page, url=f"https://local.nixle.com{AGENCY}", date=date))

    assert (profile.title, profile.text) == (name, "About us")
    assert profile.author.native_id == AGENCY.strip("/")


def test_a_profile_that_nothing_dates_is_refused_and_costs_no_alert():
    with pytest.raises(AnswerUnreadable, match="has no date"):
        read_profile(answered('<title>Messages from X : Nixle</title><ol id="wire"></ol>'))


# --- what an alert says ---------------------------------------------------------------------


def test_an_alert_is_read_whole_and_its_fragment_is_its_own_bytes():
    body = ALERT.format(stamp=STAMP)

    content = read_alert(answered(body))

    assert content.native_id == "77"
    assert content.title == "Road & rail"
    assert content.text == "Closed.\nDetour.\nReopened."
    assert content.published_at == datetime(2025, 4, 3, 21, 15, tzinfo=UTC)
    assert content.permalink == "https://local.nixle.com/alert/77/"
    assert content.author is not None
    assert (content.author.native_id, content.author.name) == ("example-pd", "Example PD")
    assert content.marks == ("nixle-advisory",)
    begin, end = body.index('<div id="fullpubhd'), body.index('<div class="ours')
    assert content.raw.body == body[begin:end].encode()


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        (
            "Wednesday September 9th, 2026 :: 11:43 a.m. EDT",
            datetime(2026, 9, 9, 15, 43, tzinfo=UTC),
        ),
        ("Friday May 1st, 2026 :: 12:10 a.m. CDT", datetime(2026, 5, 1, 5, 10, tzinfo=UTC)),
        ("Monday March 2nd, 2026 :: 12:05 p.m. PST", datetime(2026, 3, 2, 20, 5, tzinfo=UTC)),
        ("Tuesday February 3rd, 2026 :: 7 p.m. HST", datetime(2026, 2, 4, 5, 0, tzinfo=UTC)),
    ],
)
def test_nixles_own_dates_are_read_in_the_zone_they_name(stamp, expected):
    content = read_alert(answered(ALERT.format(stamp=stamp)))

    assert content.published_at == expected
    assert content.marks == ("nixle-advisory",)


@pytest.mark.parametrize(
    "stamp",
    ["", "just now", "Monday March 2nd, 2026 :: 12:05 p.m. XYZ", "Feb 31st, 2026 :: 7 p.m. PST"],
)
def test_an_alert_without_a_readable_date_is_dated_by_the_feed_or_the_answer_and_says_so(stamp):
    sent = datetime(2026, 3, 2, tzinfo=UTC)
    page = ALERT.format(stamp=stamp)

    by_feed = read_alert(answered(page), sent=sent)
    by_answer = read_alert(answered(page, date="Tue, 03 Mar 2026 09:00:00 GMT"))

    assert (by_feed.published_at, by_feed.marks[1:]) == (sent, ("date-from-feed",))
    assert by_answer.published_at == datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    assert by_answer.marks[1:] == ("date-from-answer",)
    with pytest.raises(AnswerUnreadable):
        read_alert(answered(page))


def test_a_covered_e_mail_address_is_read_and_makes_no_new_version(agency, opened):
    agency.publish("covered")
    agency.bodies[1] = "<p>Write to {covered} today</p>"

    (first,) = contents(list(opened.visit(Window())))
    (again,) = contents(list(opened.visit(Window())))

    assert first.text == "Write to tips@pd.example.gov today"
    assert first.raw != again.raw
    assert first.fingerprint() == again.fingerprint()


def test_links_and_files_of_an_alert_are_kept_and_nixles_own_are_not():
    inside = (
        '<p><a href="https://pd.example/a">a</a><a href="/map.PDF">m</a><a'
        ' href="javascript:x">j</a><a href="/cdn-cgi/l/email-protection#8cca">e</a>'
        '<img src="/i.png" alt="A car"></p>'
    )

    content = read_alert(answered(ALERT.format(stamp=STAMP).replace("Closed.", inside)))

    assert content.links == ("https://pd.example/a", "https://local.nixle.com/map.PDF")
    assert [(a.key, a.description) for a in content.attachments] == [
        ("/map.PDF", "m"),
        ("/i.png", "A car"),
    ]


@pytest.mark.parametrize(
    "page",
    [
        "<html>Log in</html>",
        ALERT.format(stamp=STAMP).replace("alert-body", "other"),
        ALERT.format(stamp=STAMP).replace("full_message_info", "other"),
        ALERT.format(stamp=STAMP).partition("<p class")[0],
    ],
)
def test_what_is_no_alert_is_refused(page):
    with pytest.raises(AnswerUnreadable):
        read_alert(answered(page))


def test_a_page_without_a_wire_is_refused_and_an_empty_wire_is_none():
    with pytest.raises(AnswerUnreadable):
        read_wire(answered("<html>Log in</html>"))
    assert read_wire(answered('<ol id="wire"></ol>')).alerts == ()


def test_what_is_no_feed_is_refused():
    with pytest.raises(AnswerUnreadable):
        read_feed(answered("<html><rss></html>"))


# --- the walk -------------------------------------------------------------------------------


@pytest.mark.parametrize("many", [300, pytest.param(3000, marks=pytest.mark.proof)])
def test_of_many_alerts_every_one_is_had_and_every_state_is_told(tmp_path, many):
    with NixlePlatform() as agency:
        agency.slice_size = 20
        for number in range(1, many + 1):
            agency.publish(f"Alert number {number}")
        source = CONNECTOR.open(agency.page(), fetching(tmp_path))
        first = list(source.visit(Window()))
        for number in range(1, many + 1, 10):
            agency.edit(number, f"Alert number {number}, corrected")
        for number in range(5, many + 1, 10):
            agency.remove(number)
        again = list(source.visit(Window(full=True)))
        missing = {c.native_id for c in contents(first)} - {c.native_id for c in contents(again)}
        looked = list(source.recheck([known(int(name) - FIRST_NUMBER) for name in missing]))
        source.close()

    assert {c.text for c in contents(first)} == {f"Alert number {n}" for n in range(1, many + 1)}
    assert (len(contents(first)), gaps(first)) == (many, [])
    assert {c.text for c in contents(again)} == agency.texts()
    assert (len(contents(again)), gaps(again)) == (many * 9 // 10, [])
    assert [one.state for one in looked if isinstance(one, Sighting)] == (
        [PlatformState.NOT_VISIBLE] * (many // 10)
    )


def test_a_night_reads_no_further_than_one_whole_page_of_old_alerts(agency, opened):
    for number in range(1, 61):
        agency.publish(f"Alert number {number}", at=FIRST_MOMENT + timedelta(days=number))
    agency.script()
    since = FIRST_MOMENT + timedelta(days=58)

    seen = list(opened.visit(Window(since=since, cursor=str(FIRST_NUMBER + 59))))

    assert {c.text for c in contents(seen)} >= {f"Alert number {n}" for n in (58, 59, 60)}
    assert len(contents(seen)) <= 3 * agency.slice_size
    assert [one.since for one in seen if isinstance(one, Listed) and one.whole] == [since]
    assert Cursor(str(FIRST_NUMBER + 60)) in seen


def test_one_old_alert_among_new_ones_ends_no_walk(agency, tmp_path):
    agency.forwards = False
    for number in range(1, 10):
        agency.publish(f"Alert number {number}", at=FIRST_MOMENT + timedelta(days=number))
    agency.printed[8] = FIRST_MOMENT - timedelta(days=400)
    since = FIRST_MOMENT + timedelta(days=4)
    source = CONNECTOR.open(agency.page(feed=""), fetching(tmp_path))

    seen = list(source.visit(Window(since=since, cursor=str(FIRST_NUMBER + 3))))
    source.close()

    assert {c.text for c in contents(seen)} >= {f"Alert number {n}" for n in range(4, 10)}


def test_an_alert_that_cannot_be_read_keeps_the_place(agency, opened):
    agency.publish("Here")
    agency.publish("Unreadable tonight")
    agency.script(faults={2: LOGIN_PAGE})

    seen = list(opened.visit(Window()))

    assert [c.text for c in contents(seen)] == ["Here"]
    assert [gap.native_id for gap in gaps(seen)] == [str(FIRST_NUMBER + 2)]
    assert not any(isinstance(one, Cursor | Listed) for one in seen)


def test_an_alert_that_the_feed_has_and_the_wire_has_not_is_had(agency, opened):
    for number in range(1, 9):
        agency.publish(f"Alert number {number}")
    agency.unlisted = {8, 3}

    seen = list(opened.visit(Window()))

    assert {c.text for c in contents(seen)} == agency.texts()


def test_without_a_feed_the_wire_alone_is_read(agency, tmp_path):
    agency.publish("Only on the wire")
    page = PageSettings(name="alerts", connector="nixle", platform="nixle", url=agency.page().url)
    agency.forwards = False
    source = CONNECTOR.open(page, fetching(tmp_path))

    seen = list(source.visit(Window()))
    source.close()

    assert [c.text for c in contents(seen)] == ["Only on the wire"]
    assert gaps(seen) == []
    assert not any(asked.path.startswith("/pubs/") for asked in agency.requests)


def test_a_feed_that_fails_is_a_gap_and_keeps_the_place(agency, opened):
    agency.publish("Here")
    agency.script(faults={1: FORBIDDEN})

    seen = list(opened.visit(Window()))

    assert [gap.why for gap in gaps(seen)] == [GapReason.PERMISSION_LOST]
    assert not any(isinstance(one, Cursor) for one in seen)


def test_an_alert_whose_own_page_is_gone_is_a_gap_that_names_it(agency, opened):
    agency.publish("Here")
    agency.publish("Gone in between")

    agency.script(events={2: lambda: agency.remove(2)})
    seen = list(opened.visit(Window()))

    assert [c.text for c in contents(seen)] == ["Here"]
    assert [(g.why, g.native_id) for g in gaps(seen)] == [(GapReason.GONE, str(FIRST_NUMBER + 2))]


def test_an_alert_that_is_taken_down_is_told_as_nixle_tells_it(agency, opened):
    agency.publish("Taken down")
    agency.publish("Withdrawn for good")
    for number in (1, 2):
        agency.remove(number)
    agency.withdrawn.add(2)

    seen = list(opened.recheck([known(1), known(2)]))

    assert seen == [
        Sighting(
            native_id=str(FIRST_NUMBER + 1), state=PlatformState.NOT_VISIBLE, source="nixle 404"
        ),
        Sighting(
            native_id=str(FIRST_NUMBER + 2),
            state=PlatformState.REPORTED_REMOVED,
            source="nixle 410",
        ),
    ]


def test_a_page_that_answers_something_else_removes_nothing(agency, opened):
    agency.publish("Still there")
    agency.script(lasting=(0, LOGIN_PAGE))

    seen = list(opened.recheck([known(1), known(1)]))

    assert [one.why for one in gaps(seen)] == [GapReason.UNREADABLE] * 2
    assert len(seen) == 2


def test_a_picture_of_an_alert_is_brought_home(agency, opened):
    agency.publish("A car", picture=PICTURE)
    (content,) = contents(list(opened.visit(Window())))

    kept = opened.download(content.attachments[0])

    assert Path(kept.path).read_bytes() == PICTURE


@pytest.mark.parametrize(
    ("url", "options"),
    [("", {}), ("ftp://x", {}), ("https://local.nixle.com/pd/", {"feed": "3726"})],
)
def test_settings_that_nixle_cannot_have_are_refused(tmp_path, url, options):
    page = PageSettings(name="n", connector="nixle", platform="nixle", url=url, options=options)

    with pytest.raises(ConfigInvalid):
        CONNECTOR.open(page, fetching(tmp_path))
