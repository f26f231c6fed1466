"""Direct messages of Facebook and Instagram; stories and recommendations of Facebook pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from archiver.ports import Source
from archiver.records.captures import Gap, GapReason, Observation, PlatformState, Sighting
from archiver.records.errors import ConfigInvalid
from archiver.records.items import ItemKind
from archiver.records.pages import PageSettings
from connectors.facebook import CONNECTOR as FACEBOOK
from connectors.facebook.visiting import Asked, PageSource
from connectors.fetching import Fetcher, Pace
from connectors.graph import Graph
from connectors.instagram import CONNECTOR as INSTAGRAM
from connectors.instagram.visiting import AccountSource
from tests.connectors.facebook_platform import FacebookServer, Post
from tests.connectors.instagram_platform import InstagramServer
from tests.connectors.messages_platform import TOLD, Conversations, Message
from tests.connectors.passing_platform import Recommended, Story
from tests.connectors.platforms import SECRET, PatientClock, fetching
from tests.connectors.seeing import known, of, visited
from tests.connectors.served import ServedTransport

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

Opening = Callable[[Conversations], Source]


@pytest.fixture
def opened(tmp_path) -> Iterator[Opening]:
    sources: list[Source] = []

    def opening(server: Conversations, *, messages: bool = True) -> Source:
        clock = PatientClock()
        pace = Pace(clock=clock, sleep=clock.sleep)
        fetcher = Fetcher(fetching(tmp_path), transport=ServedTransport(server), pace=pace)
        graph = Graph(fetcher, base=f"{server.host}/v26.0", token=SECRET)
        if isinstance(server, FacebookServer):
            asked = Asked(
                "https://www.facebook.com/Example.PD", "", drafts=False, messages=messages
            )
            sources.append(PageSource(fetcher, graph, asked))
        else:
            url = "https://www.instagram.com/examplepd"
            sources.append(
                AccountSource(fetcher, graph, url=url, node="me", exchanges=True, messages=messages)
            )
        return sources[-1]

    yield opening
    for source in sources:
        source.close()


@pytest.fixture(params=[FacebookServer, InstagramServer], ids=["facebook", "instagram"])
def server(request) -> Conversations:
    return request.param(token=SECRET)


def an_inbox(server: Conversations, *, conversations: int = 3, messages: int = 15) -> set[str]:
    server.slice = 7
    for place in range(conversations):
        server.inbox[f"t_{place}"] = [
            Message(
                id=f"m_{place}.{n}", text=f"Message {n}", author=str(8000 + place),
                at=NOON - timedelta(hours=conversations * n + place),
            )
            for n in range(messages)
        ]  # fmt: skip
    return {one.id for told in server.inbox.values() for one in told}


def messages(seen: list[object]) -> dict[str, Observation]:
    return {
        one.content.native_id: one
        for one in of(Observation, seen)
        if one.content.kind is ItemKind.MESSAGE
    }


def test_every_message_of_every_conversation_is_kept_and_all_are_restricted(server, opened):
    written = an_inbox(server)

    seen = visited(opened(server))

    found = messages(seen)
    assert (found.keys(), of(Gap, seen)) == (written, [])
    assert all(one.restricted for one in found.values())
    assert {one.content.thread for one in found.values()} == {"t_0", "t_1", "t_2"}
    assert found["m_1.3"].content.author.native_id == "8001"


def test_nobody_reads_messages_that_were_not_asked_for(server, opened):
    an_inbox(server)

    seen = visited(opened(server, messages=False))

    assert messages(seen) == {}
    assert not [path for path in server.asked if "conversations" in path]


def test_of_messages_that_are_named_and_not_told_a_gap_says_how_many(server, opened):
    an_inbox(server, conversations=1, messages=TOLD + 9)

    seen = visited(opened(server))

    [gap] = of(Gap, seen)
    assert len(messages(seen)) == TOLD
    assert (gap.why, gap.what) == (
        GapReason.OUT_OF_REACH, "older messages of conversation t_0"
    )  # fmt: skip
    assert gap.detail == "9 are named and not told"


def test_a_light_visit_asks_only_for_conversations_that_went_on(server, opened):
    an_inbox(server, conversations=2)
    late = Message(id="m_new", text="One more thing", at=NOON + timedelta(hours=1))
    server.inbox["t_1"].append(late)
    since = NOON + timedelta(minutes=30)

    seen = visited(opened(server), cursor="2026-03-02", since=since, young=NOON)

    assert set(messages(seen)) == {"m_new"}
    assert [path for path in server.asked if "messages" in path] == ["/v26.0/t_1/messages"]


def test_what_a_message_carries_is_kept_with_it(server, opened):
    server.inbox["t_0"] = [
        Message(
            id="m_1", text="See this", at=NOON, share="https://example.org/a", on="m_0",
            sticker="https://files.example/sticker.png?x=1",
            files=[
                {"id": "5", "mime_type": "image/jpeg", "name": "a.jpg",
                 "image_data": {"url": "https://files.example/a.jpg?y=2"}},
                {"id": "6", "mime_type": "application/pdf", "file_url": "https://files.example/b"},
            ],
        ),
        Message(id="m_2", text="", at=NOON, unsupported=True),
    ]  # fmt: skip

    source = opened(server)
    found = messages(visited(source))

    content = found["m_1"].content
    assert [file.key for file in content.attachments] == ["5", "6", "sticker.png"]
    assert (content.links, content.parent) == (("https://example.org/a",), "m_0")
    assert found["m_2"].content.marks == ("unsupported",)
    assert all(source.download(file).size == 4 for file in content.attachments)


def test_a_message_no_longer_told_is_not_said_to_be_removed(server, opened):
    an_inbox(server, conversations=1, messages=2)
    source = opened(server)
    found = messages(visited(source))
    server.inbox["t_0"] = [one for one in server.inbox["t_0"] if one.id != "m_0.1"]

    again = list(source.recheck([known(one.content) for one in found.values()]))

    assert [one.content for one in of(Observation, again)] != []
    [sighting] = of(Sighting, again)
    assert (sighting.native_id, sighting.state) == ("m_0.1", PlatformState.UNKNOWN)
    assert "twenty newest" in sighting.remark


def test_without_the_right_to_messages_all_else_is_kept_and_the_gap_named(server, opened):
    server.silent = True

    seen = visited(opened(server))

    [gap] = of(Gap, seen)
    assert (gap.what, gap.why) == ("the rest of the direct messages", GapReason.PERMISSION_LOST)
    assert of(Observation, seen)
    [check] = [one for one in opened(server).check() if "messages" in one.what]
    assert not check.granted


def test_one_conversation_that_cannot_be_read_costs_no_other(server, opened):
    written = an_inbox(server, conversations=2, messages=3)
    server.inbox["t_0"][1].id = ""

    seen = visited(opened(server))

    assert messages(seen).keys() == written - {"m_0.1"}
    assert len(of(Gap, seen)) == 1


def test_messages_of_instagram_need_its_own_login():
    page = PageSettings(
        name="ig", connector="instagram", platform="instagram", secret=SECRET,
        url="https://www.instagram.com/examplepd",
        options={"login": "facebook", "account_id": "17", "messages": True},
    )  # fmt: skip
    with pytest.raises(ConfigInvalid, match="Instagram login alone"):
        INSTAGRAM.open(page, fetching(None))


# --- stories and recommendations ----------------------------------------------------------------


@pytest.fixture
def page() -> FacebookServer:
    return FacebookServer(token=SECRET, slice=3)


def test_stories_and_recommendations_are_kept_with_what_they_show(page, opened):
    for n in range(8):
        page.stories[f"60{n}"] = Story(id=f"60{n}", at=NOON - timedelta(hours=n), video=n == 1)
        page.recommendations[f"50{n}"] = Recommended(
            id=f"50{n}", at=NOON - timedelta(days=n), text=f"Word {n}", author=str(7000 + n),
            stars=4 if n == 7 else None,
        )  # fmt: skip

    source = opened(page)
    seen = visited(source)

    found = {one.content.native_id: one for one in of(Observation, seen)}
    assert of(Gap, seen) == []
    assert {name for name in found if name.startswith("story_")} == {
        f"story_60{n}" for n in range(8)
    }
    story = found["story_601"].content
    assert (story.marks, story.attachments[0].url[-9:]) == (("story",), "/9601.mp4")
    assert source.download(found["story_600"].content.attachments[0]).size == 4
    starred = "recommendation_7007_20260223T120000"
    recommendations = {name for name in found if name.startswith("recommendation_")}
    assert recommendations == {*(f"recommendation_50{n}" for n in range(7)), starred}
    assert found["recommendation_502"].content.text == "Word 2"
    assert found[starred].content.title == "4 of 5 stars"
    assert found["recommendation_502"].content.kind is ItemKind.COMMENT


def test_a_story_that_has_passed_is_not_visible_and_says_why(page, opened):
    page.stories["601"] = Story(id="601", at=NOON)
    page.stories["602"] = Story(id="602", at=NOON, withheld=True)
    source = opened(page)
    told = [one for one in of(Observation, visited(source)) if one.content.marks == ("story",)]
    del page.stories["601"]

    again = {one.native_id: one for one in source.recheck([known(one.content) for one in told])}

    assert again["story_601"].state is PlatformState.NOT_VISIBLE
    assert "24 hours" in again["story_601"].remark
    assert again["story_602"].state is PlatformState.PRESENT
    assert told[1].content.attachments[0].url == ""


def recommended(source):
    """Give each recommendation as the archive knows it once it was visited."""
    told = (one.content for one in of(Observation, visited(source)))
    return [known(content) for content in told if content.marks == ("recommendation",)]


def test_a_recommendation_taken_back_is_not_visible_and_an_edited_one_is_seen(page, opened):
    for n in ("501", "502", "503"):
        page.recommendations[n] = Recommended(id=n, at=NOON, text="Good", author=n)
    source = opened(page)
    told = recommended(source)
    del page.recommendations["501"]
    page.recommendations["502"].text = "Bad"

    again = list(source.recheck(told))

    [gone] = of(Sighting, again)
    assert (gone.native_id, gone.state) == ("recommendation_501", PlatformState.NOT_VISIBLE)
    assert {one.content.text for one in of(Observation, again)} == {"Good", "Bad"}


def test_however_many_recommendations_are_looked_at_again_they_are_listed_once(page, opened):
    for n in range(2):
        page.recommendations[f"50{n}"] = Recommended(id=f"50{n}", at=NOON, author=str(n))
    source = opened(page)
    told = recommended(source)
    del page.asked[:]

    for _ in range(2):
        assert len(of(Observation, list(source.recheck(told)))) == 2

    assert [path.rpartition("/")[2] for path in page.asked] == ["ratings", "ratings"]


def test_a_recommendation_may_be_one_that_could_not_be_read(page, opened):
    for n in ("501", "502"):
        page.recommendations[n] = Recommended(id=n, at=NOON, text="Good", author=n)
    source = opened(page)
    told = recommended(source)
    page.recommendations["502"].id = page.recommendations["502"].author = ""

    again = list(source.recheck(told))

    assert [one.content.native_id for one in of(Observation, again)] == ["recommendation_501"]
    assert [(gap.native_id, gap.why) for gap in of(Gap, again)] == [
        ("recommendation_502", GapReason.UNREADABLE)
    ]


def test_where_no_recommendation_is_shown_any_more_nothing_is_concluded(page, opened):
    page.recommendations["501"] = Recommended(id="501", at=NOON, text="Good")
    source = opened(page)
    told = recommended(source)
    page.recommendations.clear()

    [gap] = source.recheck(told)

    assert gap.why is GapReason.PERMISSION_LOST


def test_stories_that_cannot_be_had_cost_no_post(page, opened):
    page.posts["1_2"] = Post(id="1_2", text="Notice", at=NOON)
    page.stories["601"] = Story(id="601", at=NOON)
    page.forbidden = frozenset({"stories"})

    seen = visited(opened(page))

    assert [gap.what for gap in of(Gap, seen)] == ["the page's stories"]
    assert "1_2" in {one.content.native_id for one in of(Observation, seen)}


def test_a_page_is_opened_with_its_messages_where_the_settings_say_so(tmp_path):
    page = PageSettings(
        name="fb", connector="facebook", platform="facebook", secret=SECRET,
        url="https://www.facebook.com/ExamplePD", options={"messages": True},
    )  # fmt: skip
    source = FACEBOOK.open(page, fetching(tmp_path))
    assert source._asked.messages is True
    source.close()
