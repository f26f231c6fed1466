from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from archiver.language.documents import document
from archiver.language.evaluate import can_be_on, matches
from archiver.language.grammar import parse
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment

INDIO = ZoneInfo("America/Los_Angeles")


def seen(text, **changes):
    content = Content(
        native_id="1",
        kind=changes.pop("kind", ItemKind.POST),
        text=text,
        raw=RawFragment("text/plain", b""),
        published_at=changes.pop("published_at", datetime(2026, 1, 5, 8, tzinfo=UTC)),
        **changes,
    )
    return document(content, item="a" * 64, page="City PD", platform="Facebook")


POST = seen(
    "Shots fired near Jos\u00e9's caf\u00e9. Avoid the area! #StaySafe \U0001f693",
    title="Evacuation update",
    author=Author("7", name="Indio Police", handle="@IndioPD"),
    attachments=(Attachment(key="k", url="https://example.org/a.jpg", description="a burned car"),),
)


@pytest.mark.parametrize(
    "query",
    [
        "shot",
        "evacuate",
        "jose",
        '"shots fired"',
        '"avoid the area staysafe"',
        "#staysafe",
        "staysafe",
        "\U0001f693",
        "evac*",
        "#stay*",
        "burned car",
        "title:update",
        'author:"indio police"',
        "author:IndioPD",
        'page:"CITY pd"',
        "platform:facebook",
        "kind:post",
        "is:post",
        "is:attachment",
        "from:2026-01-05 to:2026-01-05",
        "NOT comet",
        "shots OR comet",
        "(comet OR fire) AND NOT comet",
    ],
)
def test_a_search_finds_the_item(query):
    assert matches(parse(query, zone=INDIO), POST)


@pytest.mark.parametrize(
    "query",
    [
        '"shot fired"',
        '"fired shots"',
        '"safe \U0001f693 shots"',
        "#fired",
        "title:shots",
        "author:avoid",
        "page:city",
        "kind:comment",
        "is:comment",
        "from:2026-01-06",
        "to:2026-01-04",
        "NOT shots",
        "shots comet",
        "xyz*",
    ],
)
def test_a_search_leaves_the_item_alone(query):
    assert not matches(parse(query, zone=INDIO), POST)


def test_an_item_without_files_has_no_attachment():
    assert not matches(parse("is:attachment", zone=INDIO), seen("text"))


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        (datetime(2026, 1, 5, 7, 59, 59, 999999, tzinfo=UTC), False),
        (datetime(2026, 1, 5, 8, tzinfo=UTC), True),
        (datetime(2026, 1, 6, 7, 59, 59, 999999, tzinfo=UTC), True),
        (datetime(2026, 1, 6, 8, tzinfo=UTC), False),
    ],
)
def test_a_day_is_the_agencys_day_to_the_microsecond(moment, there):
    query = parse("from:2026-01-05 to:2026-01-05", zone=INDIO)

    assert matches(query, seen("text", published_at=moment)) is there


def test_title_and_text_do_not_run_into_each_other_across_fields():
    assert not matches(parse('title:"update shots"', zone=INDIO), POST)


@pytest.mark.parametrize(
    ("query", "on"),
    [
        ("shots", True),
        ("page:there", False),
        ('page:"City PD"', True),
        ("page:there shots", False),
        ('page:"city pd" shots', True),
        ("page:there OR shots", True),
        ("page:there OR platform:x", False),
        ('NOT page:"city pd"', False),
        ('shots NOT page:"city pd"', False),
        ("NOT page:there", True),
        ("NOT shots", True),
        ("platform:facebook NOT shots", True),
        ("platform:x shots", False),
        ('NOT (page:there OR page:"city pd")', False),
        ("NOT (page:there shots)", True),
        ("is:comment from:2026-01-06", True),
    ],
)
def test_on_a_page_that_is_ruled_out_nothing_is_found_and_on_any_other_something_may_be(query, on):
    asked = parse(query, zone=INDIO)

    assert can_be_on(asked, page="City PD", platform="Facebook") is on
    assert on or not matches(asked, POST)
