from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.records.captures import (
    Actor,
    Cursor,
    Gap,
    GapReason,
    Known,
    Listed,
    Observation,
    PlatformState,
    Seen,
    Sighting,
    Unchanged,
    Window,
)
from archiver.records.errors import AnswerUnreadable, ConfigInvalid
from archiver.records.items import Attachment, Content, ItemKind
from archiver.records.pages import PageSettings
from connectors.feed import CONNECTOR
from connectors.feed.entries import attachment_key
from connectors.feed.profile import read_profile
from connectors.feed.reading import File, read
from connectors.feed.source import FeedSource
from connectors.fetching import Answer, Fetcher, RecordedTransport
from tests.connectors.platforms import Asked, PatientClock, Platform, Reply, fetching, patient_pace

RECORDED = Path(__file__).parent / "recorded" / "feed"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{address}"'
    for prefix, address in {
        "at": "http://purl.org/atompub/tombstones/1.0",
        "atom": "http://www.w3.org/2005/Atom",
        "content": "http://purl.org/rss/1.0/modules/content/",
        "dc": "http://purl.org/dc/elements/1.1/",
        "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
        "media": "http://search.yahoo.com/mrss/",
        "podcast": "https://podcastindex.org/namespace/1.0",
        "slash": "http://purl.org/rss/1.0/modules/slash/",
        "thr": "http://purl.org/syndication/thread/1.0",
    }.items()
)
DATED = "<pubDate>Mon, 02 Mar 2026 09:00:00 -0800</pubDate>"
NINE = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


def rss(*items: str, channel: str = "") -> bytes:
    inside = "".join(f"<item>{item}</item>" for item in items)
    head = f'<rss version="2.0" {NAMESPACES}><channel><title>PD</title>{channel}'
    return f'<?xml version="1.0" encoding="utf-8"?>\n{head}{inside}</channel></rss>'.encode()


def atom(*parts: str) -> bytes:
    head = f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES}><id>tag:f</id><title>PD</title>'
    return f"{head}{''.join(parts)}</feed>".encode()


def entry(native_id: str, *, updated: str = "2026-03-02T09:00:00Z", text: str = "words") -> str:
    return (
        f"<entry><id>{native_id}</id><title>t</title><updated>{updated}</updated>"
        f"<content>{text}</content></entry>"
    )


class Publisher(Platform):
    """Publishes whatever bytes a test puts at `/feed`."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, bytes] = {}
        self.headers: dict[str, str] = {}

    def respond(self, asked: Asked) -> Reply:
        if asked.path not in self.pages:
            return Reply(404)
        etag = self.headers.get("etag")
        if etag and asked.headers.get("if-none-match") == etag:
            return Reply(304, headers=self.headers)
        return Reply(200, self.pages[asked.path], {"content-type": "text/xml"} | self.headers)

    def page(self, **options: str) -> PageSettings:
        return PageSettings(
            name="news", connector="feed", platform="feed", url=f"{self.url}/feed", options=options
        )


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as served:
        yield served


@pytest.fixture(autouse=True)
def clock() -> Iterator[PatientClock]:
    with patient_pace() as patient:
        yield patient


Visiting = Callable[..., list[Seen]]


@pytest.fixture
def visited(whole) -> Visiting:
    """Visit, and give what was published; what the feed says of itself stands apart."""

    def visit(*args, **more) -> list[Seen]:
        return [one for one in whole(*args, **more) if not is_profile(one)]

    return visit


@pytest.fixture
def whole(publisher, tmp_path) -> Visiting:
    def visit(
        body: bytes | None = None, *, cursor=None, since=None, full=False, **options: str
    ) -> list[Seen]:
        if body is not None:
            publisher.pages["/feed"] = body
        source = CONNECTOR.open(publisher.page(**options), fetching(tmp_path))
        try:
            return list(source.visit(Window(cursor=cursor, since=since, full=full)))
        finally:
            source.close()

    return visit


def items(seen: list[Seen]) -> list[Content]:
    return [one.content for one in seen if isinstance(one, Observation) if not is_profile(one)]


def is_profile(one: Seen) -> bool:
    return isinstance(one, Observation) and one.content.kind is ItemKind.PROFILE


def profile(seen: list[Seen]) -> Content:
    (found,) = [one.content for one in seen if isinstance(one, Observation) and is_profile(one)]
    return found


def gaps(seen: list[Seen]) -> list[Gap]:
    return [one for one in seen if isinstance(one, Gap)]


def cursor_of(seen: list[Seen]) -> str | None:
    return next((one.value for one in seen if isinstance(one, Cursor)), None)


# --- what an item says ------------------------------------------------------------------------


def test_the_raw_fragment_is_the_items_own_bytes(visited):
    item = f"<guid isPermaLink='false' >g1</guid >\n<title>A &amp; B</title>{DATED}<!-- kept -->"

    (content,) = items(visited(rss(item)))

    assert content.raw.body == f"<item>{item}</item>".encode()
    assert content.raw.media_type == "application/rss+xml"


def test_an_rss_item_is_read_whole(visited):
    item = (
        '<guid isPermaLink="false">g1</guid><title>A &amp; B &lt;3</title>'
        "<link>https://pd.example/1</link><description>Short &lt;b&gt;bold&lt;/b&gt;</description>"
        '<content:encoded><![CDATA[<p>Long <a href="/x">here</a></p>]]></content:encoded>'
        f"<dc:creator>Sgt. Roe</dc:creator><slash:comments>4</slash:comments>{DATED}"
    )

    seen = visited(rss(item, channel="<language>es</language>"))

    (observation,) = [one for one in seen if isinstance(one, Observation)]
    content = observation.content
    assert content.native_id == "g1"
    assert content.kind is ItemKind.ARTICLE
    assert content.title == "A & B <3"
    assert content.text == "Long here\n\nShort bold"
    assert content.published_at == NINE
    assert content.edited_at is None
    assert content.permalink == "https://pd.example/1"
    assert content.links[0].endswith("/x")
    assert content.links[0].startswith("http://127.0.0.1:")
    assert content.language == "es"
    assert content.author is not None
    assert content.author.name == "Sgt. Roe"
    assert content.marks == ()
    assert observation.engagement == {"comments": 4}


def test_an_atom_entry_is_read_whole(visited):
    body = (
        '<entry xml:base="https://pd.example/"><id>tag:1</id>'
        '<title type="html">a &lt;i&gt;b</title>'
        "<published>2026-03-02T09:00:00-08:00</published><updated>2026-03-02T18:00:00Z</updated>"
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Hi <a href="y">z</a>'
        '</p></div></content><link href="/1"/><author><name>PIO</name><uri>/pio</uri></author>'
        "</entry>"
    )

    (content,) = items(visited(atom(body)))

    assert (content.native_id, content.title, content.text) == ("tag:1", "a b", "Hi z")
    assert content.permalink == "https://pd.example/1"
    assert content.links == ("https://pd.example/y",)
    assert content.published_at == NINE
    assert content.edited_at == datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
    assert content.author is not None
    assert content.author.native_id == "https://pd.example/pio"
    assert content.raw.body == body.encode()


def test_rdf_and_rss_091_with_its_document_type_are_read(visited):
    rdf = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        b'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        b"<channel><title>PD</title></channel><item rdf:about='https://pd.example/1'>"
        b"<title>One</title><link>https://pd.example/1</link><dc:date>2026-03-02T09:00:00Z</dc:date>"
        b"</item></rdf:RDF>"
    )
    old = (
        b'<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://x/rss.dtd">\n'
        b'<rss version="0.91"><channel><item><title>Two</title><link>https://pd.example/2</link>'
        b"</item></channel></rss>"
    )

    seen_rdf, seen_old = visited(rdf), visited(old)

    assert [c.title for c in items(seen_rdf) + items(seen_old)] == ["One", "Two"]
    assert gaps(seen_rdf) + gaps(seen_old) == []


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16", "windows-1252"])
def test_a_feed_in_another_encoding_keeps_its_bytes(whole, encoding):
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        + rss(f"<guid>g</guid><title>Niño perdido</title>{DATED}").decode().partition("?>")[2]
    )
    body = text.encode(encoding)

    seen = whole(body)

    (content,) = items(seen)
    assert profile(seen).title == "PD"
    assert profile(seen).marks == ("date-from-answer",)
    assert content.title == "Niño perdido"
    assert content.raw.body in body
    assert "Niño".encode(encoding.replace("utf-16", "utf-16-le")) in content.raw.body
    assert gaps(seen) == []


def test_no_words_of_a_podcast_episode_are_lost_or_said_twice(visited):
    item = (
        f"<guid>g</guid><title>Ep 1</title>{DATED}<description>About locks</description>"
        "<itunes:subtitle>Keep it shut</itunes:subtitle>"
        "<itunes:summary>The lock show</itunes:summary>"
        "<content:encoded>About   locks</content:encoded>"
        '<enclosure url="https://c.example/1.mp3" length="9" type="audio/mpeg"/>'
    )

    (content,) = items(visited(rss(item)))

    assert content.kind is ItemKind.EPISODE
    assert content.text.split("\n\n") == ["About locks", "Keep it shut", "The lock show"]


def test_comments_are_comments_where_the_page_says_so_or_the_item_does(visited):
    plain = f"<guid>g1</guid><description>a</description>{DATED}"
    reply = f'<guid>g2</guid><description>b</description>{DATED}<thr:in-reply-to ref="g1"/>'

    first, second = items(visited(rss(plain, reply), items_are="posts"))
    (comment,) = items(visited(rss(plain), items_are="comments"))

    assert (first.kind, first.parent) == (ItemKind.POST, None)
    assert (second.kind, second.parent, second.thread) == (ItemKind.COMMENT, "g1", "g1")
    assert comment.kind is ItemKind.COMMENT


# --- what the feed says of itself ---------------------------------------------------------------

CHANNEL = (
    "<link>https://pd.example/</link><description>News, &lt;a href='/911'&gt;no 911&lt;/a&gt;"
    "</description><itunes:subtitle>From the desk</itunes:subtitle>"
    "<itunes:summary>Weekly</itunes:summary><itunes:author>Chief Doe</itunes:author>"
    "<image><url>https://pd.example/seal.png?ts=%s</url><title>PD</title></image>"
    '<itunes:image href="/cover.jpg"/><language>en</language><ttl>%s</ttl>'
    '<atom:link rel="self" href="/feed?at=%s"/><lastBuildDate>%s</lastBuildDate>'
)


def channel(minute: int) -> str:
    """Give a channel that says the same at every minute, with all that moves."""
    return CHANNEL % (minute, minute, minute, f"Mon, 02 Mar 2026 09:{minute:02}:00 -0800")


def test_a_channel_is_an_item_in_its_own_bytes_without_its_items(whole):
    body = rss(f"<guid>g</guid><title>Road closed</title>{DATED}", channel=channel(1))

    said = profile(whole(body))

    assert (said.native_id, said.title, said.permalink) == ("profile", "PD", "https://pd.example/")
    assert said.text.split("\n\n") == ["News, no 911", "From the desk", "Weekly"]
    assert [file.key for file in said.attachments] == ["/seal.png", "/cover.jpg"]
    assert said.links[0] == "https://pd.example/"
    assert [link[-4:] for link in said.links[1:]] == ["/911"]
    assert (said.author.name, said.language) == ("Chief Doe", "en")
    assert said.marks == ("date-from-answer",)
    assert said.raw.media_type == "application/rss+xml"
    assert said.raw.body == rss(channel=channel(1))


def test_an_atom_feeds_own_words_pictures_and_links_are_its_profile(whole):
    body = atom(
        '<subtitle type="html">A &lt;b&gt;town&lt;/b&gt;</subtitle>'
        "<author><name>PIO</name></author>"
        "<logo>https://pd.example/l.png</logo><icon>https://pd.example/i.ico</icon>"
        '<link href="https://pd.example/"/><link rel="next" href="https://pd.example/p2?t=1"/>'
        '<link rel="self" href="https://pd.example/feed"/><rights>ours</rights>',
        entry("tag:1"),
    )

    said = profile(whole(body, since=NINE + timedelta(days=1)))

    assert (said.title, said.text) == ("PD", "A town")
    assert [file.key for file in said.attachments] == ["/l.png", "/i.ico"]
    assert said.links == ("https://pd.example/",)
    assert said.author.name == "PIO"
    assert said.raw.media_type == "application/atom+xml"
    assert said.raw.body == body.replace(entry("tag:1").encode(), b"")


def test_only_other_words_make_a_version_of_a_profile(whole):
    items = [f"<guid>g{n}</guid><title>t</title>{DATED}" for n in (1, 2)]

    first = profile(whole(rss(items[0], channel=channel(1))))
    later = profile(whole(rss(*items, channel=channel(2))))
    other = profile(whole(rss(channel=channel(2).replace("Weekly", "Daily"))))

    assert first.fingerprint() == later.fingerprint() != other.fingerprint()


def test_a_light_visit_tells_the_profile_which_the_night_may_not_be_sent_again(publisher, tmp_path):
    publisher.pages["/feed"] = rss(channel=channel(1))
    source = CONNECTOR.open(publisher.page(), fetching(tmp_path))

    light = list(source.visit(Window(since=NINE, young=NINE)))
    source.close()

    assert profile(light).title == "PD"
    assert len(publisher.requests) == 1


def test_an_item_cannot_pass_for_the_profile(whole):
    seen = whole(rss(f"<guid isPermaLink='false'>profile</guid><title>t</title>{DATED}"))

    assert profile(seen).title == "PD"
    assert [content.marks for content in items(seen)] == [("id-from-content",)]


def test_a_feed_that_breaks_off_has_no_profile_and_one_with_a_loose_end_has(whole):
    body = rss(channel="<description>News & more</description><image><url>http://[x</url></image>")

    loose, broken = whole(body), whole(body[: body.index(b"</channel>")])

    assert (profile(loose).text, profile(loose).attachments) == ("News & more", ())
    assert "feed-not-well-formed" in profile(loose).marks
    assert not any(map(is_profile, broken))
    assert "profile" in [gap.native_id for gap in gaps(broken)]


def test_a_profile_that_nothing_dates_is_refused():
    url = "https://pd.example/feed"
    document = read(Answer(url, 200, {"content-type": "text/xml"}, rss()), base=url)

    with pytest.raises(AnswerUnreadable, match="has no date"):
        read_profile(document, base=url)


# --- attachments ------------------------------------------------------------------------------


def test_everything_an_item_carries_is_an_attachment(visited):
    item = (
        f"<guid>g</guid><title>t</title>{DATED}"
        '<enclosure url="https://c.example/1.mp3?utm_source=rss" length="9" type="audio/mpeg"/>'
        '<media:content url="https://mirror.example/1.mp3" fileSize="9"/>'
        '<itunes:image href="https://c.example/i.jpg"/><media:content url="https://c.example/m.jpg"/>'
        '<podcast:transcript url="https://c.example/t.vtt?a=1&amp;b=2" type="text/vtt"/>'
        '<podcast:transcript url="https://c.example/t.srt" type="application/srt"/>'
        '<podcast:chapters url="https://c.example/c.json" type="application/json+chapters"/>'
        '<description><![CDATA[<img alt="Flyer" src="/flyer.png"><img width="1" src="/dot.gif">'
        '<img src="data:image/gif;base64,x">]]></description>'
    )

    (content,) = items(visited(rss(item)))

    assert [a.key for a in content.attachments] == [
        "/1.mp3#9", "/m.jpg", "/i.jpg", "/t.vtt?a=1&b=2", "/t.srt", "/c.json", "/flyer.png",
    ]  # fmt: skip
    assert content.attachments[0].url == "https://c.example/1.mp3?utm_source=rss"
    assert content.attachments[0].media_type == "audio/mpeg"
    assert content.attachments[3].description == "podcast:transcript"
    assert content.attachments[-1].description == "Flyer"


def test_an_enclosure_replaced_under_the_same_guid_and_address_is_a_new_version(visited):
    def episode(length: int) -> bytes:
        enclosure = (
            f'<enclosure url="https://c.example/1.mp3" length="{length}" type="audio/mpeg"/>'
        )
        return rss(f"<guid>g</guid><title>t</title>{DATED}{enclosure}")

    (before,), (after,) = items(visited(episode(9))), items(visited(episode(10)))

    assert before.native_id == after.native_id
    assert before.fingerprint() != after.fingerprint()


def test_a_file_keeps_its_name_when_only_mirror_signature_or_tracking_change():
    one = File("https://a.example/f.mp3?utm_campaign=x&Expires=1&token=y&id=4", length="0")
    two = File("http://b.example/f.mp3?id=4&Signature=z&fbclid=q")

    assert attachment_key(one) == attachment_key(two) == "/f.mp3?id=4"
    assert attachment_key(File("https://a.example/f.mp3?id=5")) == "/f.mp3?id=5"


# --- identity and dates -------------------------------------------------------------------------


def test_an_item_without_an_id_is_known_by_link_title_and_date(visited):
    item = f"<title>t</title><link>https://pd.example/1</link>{DATED}<description>%s</description>"

    (before,), (after,) = items(visited(rss(item % "a"))), items(visited(rss(item % "b")))
    (other,) = items(visited(rss(item.replace("/1<", "/2<") % "a")))

    assert before.native_id == after.native_id != other.native_id
    assert before.fingerprint() != after.fingerprint()
    assert before.marks == ("id-from-content",)


def test_a_guid_that_several_links_share_names_none_of_them(visited):
    item = f"<guid>same</guid><title>t</title><link>https://pd.example/%d</link>{DATED}"

    contents = items(visited(rss(item % 1, item % 2)))

    assert len({content.native_id for content in contents}) == 2
    assert all(content.marks == ("id-from-content",) for content in contents)


def test_two_entries_of_one_atom_id_are_versions_and_the_latest_is_current(visited):
    old = entry("tag:1", updated="2026-03-02T09:00:00Z", text="before")
    new = entry("tag:1", updated="2026-03-02T10:00:00Z", text="after")

    for body in (atom(old, new), atom(new, old)):
        seen = [one for one in visited(body) if isinstance(one, Observation)]

        assert {one.content.text: one.current for one in seen} == {"before": False, "after": True}


def test_items_of_the_same_moment_are_all_there_and_repeated_ones_once(visited):
    bodies = [f"<guid>g{n}</guid><title>t</title>{DATED}" for n in (1, 2, 3, 1)]

    contents = items(visited(rss(*bodies)))

    assert [content.native_id[-2:] for content in contents] == ["g1", "g2", "g3"]


def test_an_item_without_a_date_gets_the_answers_and_says_so(publisher, visited):
    publisher.headers = {"last-modified": "Mon, 02 Mar 2026 17:00:00 GMT"}

    (content,) = items(visited(rss("<guid>g</guid><title>t</title>")))

    assert content.published_at == NINE
    assert content.marks == ("date-from-answer",)


def test_an_item_with_only_a_date_of_update_says_so(visited):
    (content,) = items(visited(atom(entry("tag:1"))))

    assert content.marks == ("date-of-update",)
    assert content.edited_at is None


# --- removals and absence -------------------------------------------------------------------


def test_only_a_tombstone_says_that_an_item_was_removed(visited):
    stone = (
        '<at:deleted-entry ref="tag:1" when="2026-03-02T12:00:00Z"><at:by><name>J &amp; K</name>'
        "</at:by></at:deleted-entry>"
    )

    seen = visited(atom(stone, entry("tag:2")))

    assert [one for one in seen if isinstance(one, Sighting)] == [
        Sighting(
            native_id="tag:1",
            state=PlatformState.REPORTED_REMOVED,
            actor=Actor.UNKNOWN,
            source="at:deleted-entry",
            remark="J & K",
        )
    ]


def test_an_entry_that_came_back_after_its_tombstone_is_present(visited):
    stone = '<at:deleted-entry ref="tag:1" when="2026-03-02T%s:00:00Z"/>'
    shown = entry("tag:1", updated="2026-03-02T12:00:00Z")

    after, before = visited(atom(shown, stone % "13")), visited(atom(shown, stone % "11"))

    assert [type(one) for one in after[:2]] == [Observation, Sighting]
    assert not any(isinstance(one, Sighting) for one in before)


def test_absence_proves_nothing(visited):
    first = visited(atom(entry("tag:1"), entry("tag:2")))

    second = visited(atom(entry("tag:2")), cursor=cursor_of(first))

    assert not any(isinstance(one, Sighting) for one in second)
    assert [one.whole for one in first + second if isinstance(one, Listed)] == [False, False]


def test_when_nothing_of_the_last_visit_is_left_what_came_between_is_a_gap_told_once(visited):
    first = visited(atom(entry("tag:1"), entry("tag:2")))

    second = visited(atom(entry("tag:8"), entry("tag:9")), cursor=cursor_of(first))
    third = visited(cursor=cursor_of(second))

    assert [gap.why for gap in gaps(second)] == [GapReason.OUT_OF_REACH]
    assert gaps(first) + gaps(third) == []


def test_a_feed_that_falls_empty_is_told_as_a_gap(visited):
    first = visited(atom(entry("tag:1")))

    second = visited(atom(), cursor=cursor_of(first))

    assert [gap.why for gap in gaps(second)] == [GapReason.OUT_OF_REACH]


def test_a_feed_that_stays_empty_is_told_every_night_until_it_shows_what_it_showed(
    publisher, visited
):
    publisher.headers = {"etag": '"1"'}
    shown = visited(atom(entry("tag:1")))
    fell = visited(atom(), full=True, cursor=cursor_of(shown))
    asked = len(publisher.requests)

    night = visited(atom(), cursor=cursor_of(fell))
    whole = visited(atom(), full=True, cursor=cursor_of(night))
    back = visited(atom(entry("tag:1")), cursor=cursor_of(whole))
    settled = visited(atom(), full=True)
    after = visited(atom(), cursor=cursor_of(settled))

    for empty in (fell, night, whole):
        (gap,) = gaps(empty)
        assert (gap.why, "--full" in gap.detail) == (GapReason.OUT_OF_REACH, True)
    assert gaps(settled) + gaps(after) == [], "a full visit of the archive brings no cursor"
    assert "if-none-match" not in publisher.requests[asked].headers
    assert gaps(back) == []


# --- asking no more than needed ---------------------------------------------------------------


def test_an_unchanged_feed_is_not_sent_again(publisher, visited):
    publisher.headers = {"etag": '"1"', "last-modified": "Mon, 02 Mar 2026 17:00:00 GMT"}
    first = visited(atom(entry("tag:1")))

    second = visited(cursor=cursor_of(first))
    whole = visited(cursor=cursor_of(first), full=True)

    assert second == [Unchanged()]
    assert publisher.requests[1].headers["if-modified-since"] == publisher.headers["last-modified"]
    assert len(items(whole)) == 1
    assert "if-none-match" not in publisher.requests[2].headers


def test_a_cursor_of_another_address_or_form_is_not_believed(publisher, visited):
    publisher.headers = {"etag": '"1"'}
    body = atom(entry("tag:1"))

    for cursor in ("", "nonsense", "[]", '{"url": "other", "etag": "\\"1\\""}'):
        assert len(items(visited(body, cursor=cursor))) == 1


def test_older_pages_are_followed_as_far_as_the_window_reaches(publisher, visited):
    for number in (1, 2, 3):
        older = f'<link rel="next" href="/p{number + 1}"/>' if number < 3 else ""
        when = (NINE - timedelta(days=number)).isoformat()
        path = "/feed" if number == 1 else f"/p{number}"
        publisher.pages[path] = atom(older, entry(f"tag:{number}", updated=when))

    everything, recent = visited(), visited(since=NINE - timedelta(days=1, hours=1))

    assert [content.native_id for content in items(everything)] == ["tag:1", "tag:2", "tag:3"]
    assert [content.native_id for content in items(recent)] == ["tag:1", "tag:2"]


def test_an_older_wording_on_an_older_page_is_not_the_current_one(publisher, visited):
    publisher.pages["/p2"] = atom(entry("tag:1", updated="2026-03-01T09:00:00Z", text="before"))
    newest = entry("tag:1", updated="2026-03-02T09:00:00Z", text="after")

    seen = visited(atom('<link rel="prev-archive" href="/p2"/>', newest))

    shown = [(o.content.text, o.current) for o in seen if isinstance(o, Observation)]
    assert shown == [("after", True), ("before", False)]


def test_pages_that_lead_in_a_circle_end(publisher, visited):
    publisher.pages["/p2"] = atom('<link rel="next" href="/feed"/>', entry("tag:2"))

    seen = visited(atom('<link rel="prev-archive" href="/p2"/>', entry("tag:1")))

    assert [content.native_id for content in items(seen)] == ["tag:1", "tag:2"]
    assert gaps(seen) == []


def test_an_older_page_that_is_missing_is_a_gap_and_the_cursor_stays(visited):
    seen = visited(atom('<link rel="next" href="/p2"/>', entry("tag:1")))

    assert [gap.why for gap in gaps(seen)] == [GapReason.UNREADABLE]
    assert cursor_of(seen) is None


# --- feeds that are not what they should be ---------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><body>Log in</body></html>",
        b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
        b"<!DOCTYPE html><html><rss version='2.0'><channel><title>x</title></channel></rss></html>",
        b"<?xml version='1.0'?><error>no</error>",
        b"{}",
        b"",
    ],
)
def test_what_is_no_feed_is_never_an_empty_feed(visited, body):
    with pytest.raises(AnswerUnreadable):
        visited(body)


def test_an_empty_feed_is_a_feed(visited):
    seen = visited(rss())

    assert items(seen) + gaps(seen) == []
    assert cursor_of(seen) is not None


def test_one_broken_item_does_not_spoil_its_neighbours(visited):
    good = (
        f"<guid>g%d</guid><title>t%d</title>{DATED}<description>&lt;p&gt;x&lt;/p&gt;</description>"
    )
    broken = f"<guid>g2</guid><title>Tom & Jerry <3</title>{DATED}"

    seen = visited(rss(good % (1, 1), broken, good % (3, 3)))

    assert [content.native_id[-2:] for content in items(seen)] == ["g1", "g2", "g3"]
    assert [content.title for content in items(seen)][::2] == ["t1", "t3"]
    assert items(seen)[1].title.startswith("Tom & Jerry")
    assert items(seen)[1].raw.body == f"<item>{broken}</item>".encode()
    assert all("feed-not-well-formed" in content.marks for content in items(seen))
    assert [gap.why for gap in gaps(seen)] == [GapReason.UNREADABLE]
    assert cursor_of(seen) is None


@pytest.mark.parametrize(
    ("told", "shown", "marks"),
    [
        ("&#xD83D;&#xDE94;", "\U0001f694", ()),
        ("&#XD83D;", "\ufffd", ("surrogates-replaced",)),
        ("&#56980;", "\ufffd", ("surrogates-replaced",)),
        ("&#x110000;", "\ufffd", ("surrogates-replaced",)),
        ("&#99999999999999999999;", "\ufffd", ("surrogates-replaced",)),
        ("&#x10FFFF;", "\U0010ffff", ()),
        ("&#0000000000128660;", "\U0001f694", ()),
        ("&#xD83D;&#xD83D;&#xDE94;", "\ufffd\U0001f694", ("surrogates-replaced",)),
    ],
)
def test_a_reference_to_no_character_spoils_no_feed(visited, told, shown, marks):
    spoilt = f"<guid>1</guid>{DATED}<title>Stolen {told} found</title>"
    neighbour = f"<guid>2</guid>{DATED}<title>Road closed</title>"

    content, other = items(visited(rss(spoilt, neighbour)))

    assert (content.title, content.marks) == (f"Stolen {shown} found", marks)
    assert told.encode() in content.raw.body
    assert (other.title, other.marks) == ("Road closed", ())


def test_a_feed_that_breaks_off_keeps_what_was_whole_and_says_so(visited):
    whole = rss(f"<guid>g1</guid><title>t</title>{DATED}", f"<guid>g2</guid>{DATED}")

    seen = visited(whole[: whole.index(b"g2")])

    assert [content.native_id[-2:] for content in items(seen)] == ["g1"]
    assert {gap.why for gap in gaps(seen)} == {GapReason.UNREADABLE}
    assert cursor_of(seen) is None


def test_entities_of_a_feeds_own_neither_explode_nor_reach_out(visited):
    bomb = (
        b'<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
        b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    )
    body = bomb + rss(f"<guid>g</guid><title>&c;&f;</title>{DATED}").partition(b"\n")[2]

    (content,) = items(visited(body))

    assert "aaaa" not in content.title
    assert "root:" not in content.title


# --- looking again, opening --------------------------------------------------------------------


def test_looking_again_yields_what_is_still_shown_of_what_was_asked(publisher, tmp_path):
    publisher.pages["/feed"] = atom(
        entry("tag:1"),
        entry("tag:2"),
        '<at:deleted-entry ref="tag:3" when="2026-03-02T12:00:00Z"/>',
    )
    source = CONNECTOR.open(publisher.page(), fetching(tmp_path))
    known = [
        Known(native_id=name, kind="article", parent=None, thread=None, permalink="")
        for name in ("tag:1", "tag:3", "tag:4", "profile")
    ]

    seen = list(source.recheck(known))
    source.close()

    assert [content.native_id for content in items(seen)] == ["tag:1"]
    assert [one.native_id for one in seen if isinstance(one, Sighting)] == ["tag:3"]
    assert profile(seen).title == "PD"
    assert len(seen) == 3


def test_the_token_of_a_feed_is_not_shown_to_where_its_files_lie(publisher, tmp_path):
    page = replace(publisher.page(), secret="token", url=publisher.url + "/feed")
    hosts = frozenset({"127.0.0.1", "localhost"})
    source = CONNECTOR.open(page, fetching(tmp_path, allow_private_hosts=hosts))
    publisher.pages["/a.mp3"] = b"sound"
    elsewhere = publisher.url.replace("127.0.0.1", "localhost")

    source.download(Attachment("a", f"{elsewhere}/a.mp3"))
    source.download(Attachment("b", f"{publisher.url}/a.mp3"))
    source.close()

    assert ["authorization" in asked.headers for asked in publisher.requests] == [False, True]


@pytest.mark.parametrize(
    ("url", "options", "fault"),
    [
        ("", {}, "needs its http or https `url`"),
        ("ftp://pd.example/feed", {}, "needs its http or https `url`"),
        ("https://pd.example/feed", {"items_are": "tweets"}, "`items_are` is one of"),
    ],
)
def test_a_page_that_no_feed_can_be_is_refused(tmp_path, url, options, fault):
    page = PageSettings(name="n", connector="feed", platform="feed", url=url, options=options)

    with pytest.raises(ConfigInvalid, match=fault):
        CONNECTOR.open(page, fetching(tmp_path))


# --- what real servers said ---------------------------------------------------------------------


@pytest.mark.parametrize("folder", sorted(RECORDED.iterdir()), ids=lambda path: path.name)
def test_a_recorded_feed_is_read_without_a_gap(folder, tmp_path):
    recorded = RecordedTransport(folder)
    _, url = recorded.addresses()[0]
    page = PageSettings(name="n", connector="feed", platform="feed", url=url)
    fetcher = Fetcher(fetching(tmp_path), transport=recorded)
    body = b"".join(path.read_bytes() for path in folder.glob("*.body"))

    seen = list(FeedSource(page, fetcher, kind=ItemKind.ARTICLE).visit(Window()))

    assert gaps(seen) == []
    assert len(items(seen)) == body.count(b"<item>") + body.count(b"<entry>") > 0
    assert not re.search(rb"<(item|entry)\b", profile(seen).raw.body)
    assert profile(seen).title
    assert profile(seen).permalink.startswith("http")
    for content in items(seen):
        assert content.raw.body in body
        assert content.text or content.title
        assert content.permalink.startswith("http")
        assert not {"id-from-content", "date-from-answer"} & set(content.marks)
