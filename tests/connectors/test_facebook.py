"""A Facebook page: what the Graph API shows, hides, counts and refuses, and what is made of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.procedures.access_checking import AccessChecker, check_access
from archiver.records.captures import (
    Cursor,
    Gap,
    GapReason,
    Known,
    Listed,
    Observation,
    PlatformState,
    Sighting,
    ThreadListed,
    Window,
)
from archiver.records.errors import (
    AnswerUnreadable,
    BudgetSpent,
    ConfigInvalid,
    ConnectorError,
    PermissionLost,
    PlatformUnreachable,
)
from archiver.records.items import ItemKind
from archiver.records.pages import PageSettings
from connectors.facebook import CONNECTOR
from connectors.facebook.parsing import read_post
from connectors.facebook.visiting import Asked as AskedFor
from connectors.facebook.visiting import PageSource
from connectors.fetching import Fetcher, Pace
from connectors.graph import Graph
from tests.connectors.facebook_platform import PAGE, Comment, FacebookServer, Post
from tests.connectors.graph_platform import Refused, missing
from tests.connectors.platforms import SECRET, PatientClock, fetching
from tests.connectors.served import ServedTransport

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FIRST = f"{PAGE}_1001"


@pytest.fixture
def server() -> FacebookServer:
    return FacebookServer(token=SECRET)


@pytest.fixture
def clock() -> PatientClock:
    return PatientClock()


@pytest.fixture
def open_page(server, clock, tmp_path) -> Iterator[object]:
    opened: list[PageSource] = []

    def opening(*, drafts: bool = False, page_id: str = "", url: str = "") -> PageSource:
        pace = Pace(clock=clock, sleep=clock.sleep)
        fetcher = Fetcher(fetching(tmp_path), transport=ServedTransport(server), pace=pace)
        asked = AskedFor(url or "https://www.facebook.com/Example.PD", page_id, drafts=drafts)
        graph = Graph(fetcher, base=f"{server.host}/v26.0", token=SECRET)
        opened.append(PageSource(fetcher, graph, asked))
        return opened[-1]

    yield opening
    for source in opened:
        source.close()


def a_post(server: FacebookServer, number: int = 1, **told: object) -> Post:
    name = f"{PAGE}_{1000 + number}"
    usual = {"text": f"Notice number {number}", "at": NOON + timedelta(minutes=number)}
    post = Post(**{"id": name} | usual | told)
    server.posts[post.id] = post
    return post


def a_comment(server: FacebookServer, number: int = 1, **told: object) -> Comment:
    usual = {
        "post": FIRST,
        "text": f"Comment number {number}",
        "at": NOON + timedelta(hours=number),
    }
    comment = Comment(**{"id": f"1001_{5000 + number}"} | usual | told)
    server.comments[comment.id] = comment
    return comment


def visited(source: PageSource, **window: object) -> list[object]:
    return list(source.visit(Window(**window)))


def shown(seen: list[object]) -> dict[str, Observation]:
    return {one.content.native_id: one for one in seen if isinstance(one, Observation)}


def of(kind: type, seen: list[object]) -> list[object]:
    return [one for one in seen if isinstance(one, kind)]


def known(native_id: str, *, kind: str = "post", post: str | None = None) -> Known:
    return Known(native_id=native_id, kind=kind, parent=post, thread=post, permalink="")


# --- counted: everything that exists is captured ----------------------------------------------


def a_large_page(
    server: FacebookServer, dice: random.Random, *, posts: int = 300, comments: int = 2500
) -> None:
    server.slice = 40
    for number in range(1, posts + 1):
        visitor = str(dice.randrange(10**6)) if number % 9 == 0 else PAGE
        reel = number % 25 == 0
        name = {"id": str(770000 + number)} if reel else {}
        a_post(
            server, number, author=PAGE if reel else visitor, likes=dice.randrange(50),
            reel=reel, hidden=number % 31 == 0, **name,
        )  # fmt: skip
    roots = list(server.posts)
    for number in range(1, comments + 1):
        post = dice.choice(roots)
        above = dice.choice(list(server.comments)) if number % 3 == 0 else None
        post = server.comments[above].post if above else post
        parent = (server.comments[above].parent or above) if above else None
        a_comment(
            server, number, id=f"{post.rpartition('_')[2]}_{90000 + number}", post=post,
            parent=parent, hidden=dice.random() < 0.05, low_quality=dice.random() < 0.1,
        )  # fmt: skip


def test_every_post_comment_and_reply_of_a_large_page_is_captured_in_its_state(server, open_page):
    a_large_page(server, random.Random(7))

    seen = visited(open_page())

    got = shown(seen)
    hidden = {c.id for c in server.comments.values() if c.hidden}
    hidden |= {p.id for p in server.posts.values() if p.hidden and not p.reel}
    assert of(Gap, seen) == []
    assert got.keys() - {PAGE} == server.posts.keys() | server.comments.keys()
    assert {n for n, one in got.items() if one.state is PlatformState.HIDDEN} == hidden
    replies = {n for n, one in got.items() if one.content.kind is ItemKind.REPLY}
    assert replies == {c.id for c in server.comments.values() if c.parent}
    assert len(of(Observation, seen)) == len(got)
    assert all(one.platform_count is not None for one in of(Listed, seen))
    (of_answers,) = [one for one in of(Listed, seen) if "comment" in one.kinds]
    assert of_answers.platform_count == len(server.comments)
    assert sum(one.shown for one in of(ThreadListed, seen)) == len(server.comments)
    assert all(one.counted == one.shown for one in of(ThreadListed, seen))
    assert of(ThreadListed, visited(open_page(), since=NOON, young=NOON)) == []


def test_after_edits_and_removals_each_is_found_and_nothing_else(server, open_page):
    dice = random.Random(11)
    a_large_page(server, dice, posts=60, comments=800)
    before = shown(visited(open_page()))
    edited = dice.sample(sorted(server.comments), 60)
    for name in edited:
        server.comments[name].text += " (edited)"
    gone = set(dice.sample(sorted(server.comments.keys() - set(edited)), 80))
    for name in gone:
        del server.comments[name]

    seen = visited(open_page(), full=True)
    after = shown(seen)
    asked = [
        Known(
            native_id=name, kind=before[name].content.kind.value, permalink="",
            parent=before[name].content.parent, thread=before[name].content.thread,
        )
        for name in before.keys() - after.keys()
    ]  # fmt: skip
    again = list(open_page().recheck(asked))

    changed = {
        name
        for name, one in after.items()
        if one.content.fingerprint() != before[name].content.fingerprint()
    }
    assert changed == set(edited)
    assert {one.native_id for one in of(Sighting, again)} == gone
    assert {one.state for one in of(Sighting, again)} == {PlatformState.NOT_VISIBLE}
    assert {one.actor for one in of(Sighting, again)} == {""}
    assert of(Gap, again) == []


# --- what the platform shows of one item -----------------------------------------------------


def test_a_post_is_kept_with_what_facebook_says_of_it(server, open_page):
    album = {
        "type": "album", "media_type": "album", "title": "Open house",
        "subattachments": {
            "data": [
                {
                    "type": "photo", "media_type": "photo", "target": {"id": str(n)},
                    "description": f"Photo {n}",
                    "media": {"image": {"src": f"https://scontent.example/v/{n}_n.jpg?oe=1"}},
                }
                for n in (31, 32)
            ]
        },
    }  # fmt: skip
    link = {"type": "share", "unshimmed_url": "https://www.example.gov/news", "title": "News"}
    a_post(server, attachments=[album, link], likes=12)
    a_comment(server, 1)

    post = shown(visited(open_page()))[FIRST]

    assert post.content.author.native_id == PAGE
    assert post.content.permalink.endswith("/posts/1001")
    assert [a.key for a in post.content.attachments] == ["31", "32"]
    assert post.content.attachments[1].description == "Photo 32"
    assert post.content.links == ("https://www.example.gov/news",)
    assert dict(post.engagement) == {"comments": 1, "reactions": 12, "shares": 3}


def test_the_file_of_a_picture_is_the_same_when_its_address_has_changed(server, open_page):
    a_post(server)

    def picture(query: str) -> list[dict[str, object]]:
        url = f"https://scontent-lax3.example/v/t39/123_n.jpg?{query}"
        return [{"type": "photo", "media": {"image": {"src": url}}}]

    server.posts[FIRST].attachments = picture("oe=1")
    first = shown(visited(open_page()))[FIRST].content
    server.posts[FIRST].attachments = picture("oe=2")
    second = shown(visited(open_page()))[FIRST].content

    assert first.fingerprint() == second.fingerprint()
    assert first.attachments != second.attachments


def test_a_video_whose_file_is_not_handed_out_says_so(server, open_page):
    still = {"type": "video_inline", "media": {"image": {"src": "https://scontent.example/a.jpg"}}}
    whole = {"type": "video_inline", "media": {"source": "https://video.example/b.mp4"}}
    a_post(server, 1, attachments=[still])
    a_post(server, 2, attachments=[whole])

    got = shown(visited(open_page()))

    assert got[FIRST].content.marks == ("video_not_offered",)
    assert got[f"{PAGE}_1002"].content.marks == ()
    assert got[f"{PAGE}_1002"].content.attachments[0].url.endswith("b.mp4")


def test_an_album_that_goes_on_beyond_what_comes_with_its_post_says_so():
    def album(**more: object) -> tuple[str, ...]:
        photo = {"type": "photo", "media": {"image": {"src": "https://s.example/1_n.jpg"}}}
        listed = {"data": [photo], **more}
        post = {
            "id": "1_2", "created_time": "2026-03-02T12:00:00+0000",
            "attachments": {"data": [{"type": "album", "subattachments": listed}]},
        }  # fmt: skip
        return read_post(post, b"{}", owner="1", own=True).content.marks

    assert album(paging={"next": "https://graph.example/next"}) == ("files_cut_short",)
    assert album(paging={"cursors": {"after": "x"}}) == album() == ()


def test_a_photo_of_which_nothing_is_handed_out_says_so(server, open_page):
    a_post(server, 1, attachments=[{"type": "photo", "target": {"id": "7"}}])
    a_post(server, 2, attachments=[{"type": "share", "url": "https://example.gov/a"}])

    got = shown(visited(open_page()))

    assert (got[FIRST].content.marks, got[FIRST].content.attachments) == (("file_not_offered",), ())
    assert got[f"{PAGE}_1002"].content.marks == ()


def test_what_a_visitor_wrote_on_the_page_is_the_publics(server, open_page):
    a_post(server, 1, author="424242")

    post = shown(visited(open_page()))[FIRST]

    assert post.content.kind is ItemKind.COMMENT
    assert (post.content.parent, post.content.thread) == (None, None)
    assert post.content.marks == ("visitor_post",)


def test_a_hidden_comment_is_kept_as_hidden_and_a_private_one_restricted(server, open_page):
    a_post(server)
    a_comment(server, 1, hidden=True)
    a_comment(server, 2, private=True)

    got = shown(visited(open_page()))

    assert got["1001_5001"].state is PlatformState.HIDDEN
    assert not got["1001_5001"].restricted
    assert got["1001_5002"].restricted


def test_where_ids_are_not_told_a_comment_is_known_by_its_address(server, open_page):
    a_post(server)
    a_comment(server, 1)
    a_comment(server, 2, parent="1001_5001")
    plain = shown(visited(open_page()))

    server.nameless = True
    nameless = shown(visited(open_page()))

    assert nameless.keys() == plain.keys()
    assert nameless["1001_5001"].content.author is None
    assert nameless["1001_5002"].content.parent == "1001_5001"
    assert nameless["1001_5002"].content.kind is ItemKind.REPLY


def test_drafts_are_kept_only_where_they_are_wanted_and_restricted(server, open_page):
    a_post(server, published=False)

    without, with_drafts = visited(open_page()), visited(open_page(drafts=True))

    assert FIRST not in shown(without)
    assert shown(with_drafts)[FIRST].restricted


def test_the_profile_of_the_page_is_an_item_that_an_edit_changes(server, open_page):
    first = shown(visited(open_page()))[PAGE]
    server.about = "We moved. Call 911 in an emergency."
    second = shown(visited(open_page()))[PAGE]

    assert first.content.kind is ItemKind.PROFILE
    assert "The police of Example" in first.content.text
    assert {a.name for a in first.content.attachments} == {"cover", "picture"}
    assert first.engagement["followers"] == 1300
    assert first.content.fingerprint() != second.content.fingerprint()


def test_a_comment_that_cannot_be_read_is_a_gap_by_its_id(server, open_page):
    a_post(server)
    a_comment(server, 1, text=[])
    a_comment(server, 2)

    seen = visited(open_page())

    assert [gap.native_id for gap in of(Gap, seen)] == ["1001_5001"]
    assert "1001_5002" in shown(seen)
    assert [one.whole for one in of(Listed, seen) if "comment" in one.kinds] == [False]


# --- tokens, refusals, budgets ----------------------------------------------------------------


def test_no_token_is_in_any_fragment_though_facebook_writes_it_into_its_answers(server, open_page):
    a_post(server)
    a_comment(server, 1)

    seen = visited(open_page())

    raw = [one.content.raw.body for one in shown(seen).values()]
    assert any(b"access_token=" in body for body in raw)
    assert not any(SECRET.encode() in body for body in raw)
    assert SECRET not in repr(seen)


def test_a_persons_token_is_refused_before_it_empties_every_list(server, open_page):
    a_post(server)
    a_comment(server, 1)
    server.person = True

    with pytest.raises(PermissionLost, match="a person's and not the page's"):
        visited(open_page())


@pytest.mark.parametrize(
    ("url", "page_id", "right"),
    [
        ("https://www.facebook.com/examplepd/", "", True),
        ("https://www.facebook.com/Example.PD", "", True),
        (f"https://www.facebook.com/profile.php?id={PAGE}", "", True),
        (f"https://www.facebook.com/p/Example-PD-{PAGE}", "", True),
        ("https://www.facebook.com/OtherPD", "", False),
        ("https://www.facebook.com/OtherPD", PAGE, True),
        ("https://www.facebook.com/ExamplePD", "999", False),
    ],
)
def test_a_token_of_another_page_captures_nothing(server, open_page, url, page_id, right):
    a_post(server)
    source = open_page(url=url, page_id=page_id)

    if right:
        assert FIRST in shown(visited(source))
    else:
        with pytest.raises(PermissionLost, match="another page"):
            visited(source)


@pytest.mark.parametrize(
    ("refused", "kind"),
    [
        (Refused(190, "Session has expired", subcode=463), PermissionLost),
        (Refused(190, "password changed", subcode=460, status=401), PermissionLost),
        (Refused(10, "(#10) not granted", status=403), PermissionLost),
        (Refused(200, "(#200) Requires permission", status=403), PermissionLost),
        (Refused(4, "Application request limit reached", status=403), BudgetSpent),
        (Refused(32, "Page request limit reached"), BudgetSpent),
        (Refused(80001, "There have been too many calls"), BudgetSpent),
        (Refused(2, "Service temporarily unavailable", status=200), PlatformUnreachable),
        (Refused(190, "with 200", status=200), PermissionLost),
    ],
)
def test_each_refusal_is_told_for_what_it_is(server, open_page, refused, kind):
    server.refuse = lambda _path, _query: refused

    with pytest.raises(kind) as raised:
        visited(open_page())

    assert SECRET not in str(raised.value)
    assert "fields=" not in str(raised.value)


def test_a_token_that_dies_half_way_ends_the_visit_and_removes_nothing(server, open_page):
    for number in range(1, 4):
        a_post(server, number)
        a_comment(server, number, id=f"{1000 + number}_1", post=f"{PAGE}_{1000 + number}")
    dead = Refused(190, "expired", subcode=463)
    server.refuse = lambda path, _query: dead if path == f"{PAGE}_1002/comments" else None

    seen = visited(open_page())

    (gap,) = of(Gap, seen)
    assert gap.why is GapReason.PERMISSION_LOST
    assert "expired" in gap.detail
    assert of(Cursor, seen) == of(Listed, seen) == of(Sighting, seen) == []
    assert server.asked[-1].endswith("1002/comments")


def test_a_spent_budget_is_not_asked_on(server, open_page, clock):
    for number in range(1, 4):
        a_post(server, number)
    usage = '{"123": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 90}]}'
    server.headers["x-business-use-case-usage"] = usage

    seen = visited(open_page())

    (gap,) = of(Gap, seen)
    assert "asks us to wait 5400 seconds" in gap.detail
    assert of(Cursor, seen) == []
    assert len(server.asked) == 1
    assert clock.slept == []


def test_a_usage_that_is_regained_soon_is_waited_for(server, open_page, clock):
    a_post(server)
    usage = '{"123": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 2}]}'
    server.headers["x-business-use-case-usage"] = usage

    seen = visited(open_page(), since=NOON, cursor="x", young=NOON)

    assert FIRST in shown(seen)
    assert set(clock.slept) == {120.0}


def test_a_usage_below_its_limit_slows_nothing(server, open_page, clock):
    a_post(server)
    server.headers["x-app-usage"] = '{"call_count": 99, "total_time": 20, "total_cputime": 3}'

    visited(open_page())

    assert clock.slept == []


def test_a_field_that_facebook_no_longer_has_stops_nothing(server, open_page):
    a_post(server)
    a_comment(server, 1)
    server.withdrawn = frozenset({"admin_creator", "message_tags", "mission"})

    seen = visited(open_page())

    assert of(Gap, seen) == []
    assert shown(seen).keys() == {PAGE, FIRST, "1001_5001"}


@pytest.mark.parametrize("withdrawn", [True, False])
def test_where_it_is_not_told_what_is_hidden_nothing_is_taken_for_present(
    server, open_page, withdrawn
):
    a_post(server, more={} if withdrawn else {"is_hidden": None})
    a_post(server, 25, id="770025", reel=True)
    for number in range(1, 4):
        a_comment(server, number, hidden=number == 1)
    server.withdrawn = frozenset({"is_hidden"} if withdrawn else ())
    page = open_page()

    seen = visited(page)
    again = list(page.recheck([known("1001_5001", kind="comment", post=FIRST)]))

    states = {name: one.state for name, one in shown(seen).items()}
    comments = {states.pop(f"1001_500{number}") for number in (1, 2, 3)}
    assert states == {
        PAGE: PlatformState.PRESENT, "770025": PlatformState.PRESENT, FIRST: PlatformState.UNKNOWN,
    }  # fmt: skip
    assert (PlatformState.UNKNOWN in comments) is withdrawn
    assert [(gap.what, gap.why) for gap in of(Gap, seen)] == [
        ("which items are hidden: the field is_hidden", GapReason.OUT_OF_REACH)
    ]
    assert f"for {4 if withdrawn else 1} of them" in of(Gap, seen)[0].detail
    assert isinstance(seen[-1], Cursor)
    assert of(Gap, again) == []


def test_where_it_is_not_told_what_is_published_a_post_or_reel_may_be_a_draft(server, open_page):
    a_post(server, 1)
    a_post(server, 2, hidden=True)
    a_post(server, 25, id="770025", reel=True)
    server.withdrawn = frozenset({"is_published", "published"})

    seen = visited(open_page())

    states = {name: one.state for name, one in shown(seen).items() if name != PAGE}
    assert states == {
        FIRST: PlatformState.UNKNOWN, f"{PAGE}_1002": PlatformState.HIDDEN,
        "770025": PlatformState.UNKNOWN,
    }  # fmt: skip
    assert [gap.what for gap in of(Gap, seen)] == [
        "which items are drafts: the field is_published",
        "which items are drafts: the field published",
    ]


def test_what_may_be_a_draft_is_kept_restricted_unless_a_list_holds_what_is_published_alone(
    server, open_page
):
    a_post(server, 1)
    a_post(server, 2, published=False)
    a_post(server, 3, author="555")
    a_post(server, 25, id="770025", reel=True, published=False)
    server.withdrawn = frozenset({"is_published", "published"})
    page = open_page()

    seen = shown(visited(page))
    held = [replace(known(name), state=seen[name].state) for name in (FIRST, "770025")]
    again = shown(list(page.recheck([*held, known(f"{PAGE}_1002")])))

    restricted = {name: one.restricted for name, one in seen.items() if name != PAGE}
    assert restricted == {
        FIRST: False, f"{PAGE}_1002": True, f"{PAGE}_1003": False, "770025": True,
    }  # fmt: skip
    assert {one.state for name, one in seen.items() if name != PAGE} == {PlatformState.UNKNOWN}
    assert {name: one.restricted for name, one in again.items()} == {
        FIRST: False, "770025": False, f"{PAGE}_1002": True,
    }  # fmt: skip


def test_where_it_is_not_told_what_is_private_no_comment_is_taken_for_a_public_one(
    server, open_page
):
    a_post(server)
    a_comment(server, 1)
    a_comment(server, 2, hidden=True)
    a_comment(server, 3, private=True)
    server.withdrawn = frozenset({"is_private"})

    seen = visited(open_page())

    found = shown(seen)
    assert [found[f"1001_500{number}"].state for number in (1, 2, 3)] == [
        PlatformState.UNKNOWN, PlatformState.HIDDEN, PlatformState.UNKNOWN,
    ]  # fmt: skip
    (gap,) = of(Gap, seen)
    assert gap.what == "which items are private: the field is_private"


def test_a_second_look_alone_tells_what_it_was_not_told(server, open_page):
    a_post(server)
    a_comment(server, 1, hidden=True)
    a_comment(server, 2)
    server.withdrawn = frozenset({"is_hidden"})
    wanted = [known(f"1001_500{number}", kind="comment", post=FIRST) for number in (1, 2)]

    seen = list(open_page().recheck(wanted))

    assert {one.state for one in of(Observation, seen)} == {PlatformState.UNKNOWN}
    (gap,) = of(Gap, seen)
    assert gap.what == "which items are hidden: the field is_hidden"


def test_a_field_the_record_needs_is_missed_loudly(server, open_page):
    a_post(server)
    server.withdrawn = frozenset({"id"})

    with pytest.raises(ConnectorError):
        visited(open_page())


# --- what is gone, and what cannot be told -----------------------------------------------------


def test_more_comments_counted_than_shown_is_no_gap_but_none_shown_is(server, open_page):
    a_post(server, 1, shown_to_authors_alone=3)
    a_comment(server, 1)
    a_post(server, 2, shown_to_authors_alone=2)

    seen = visited(open_page())

    (gap,) = of(Gap, seen)
    assert of(ThreadListed, seen) == [ThreadListed(native_id=FIRST, counted=4, shown=1)]
    assert gap.what == f"comments on {PAGE}_1002"
    assert gap.why is GapReason.OUT_OF_REACH
    assert [one.whole for one in of(Listed, seen) if "comment" in one.kinds] == [False]


def test_a_comment_is_not_gone_because_the_right_to_see_comments_is(server, open_page):
    a_post(server)
    a_comment(server, 1)
    server.refuse = lambda path, _query: missing(path) if path == "1001_5001" else None
    server.forbidden = frozenset({"comments"})

    seen = list(open_page().recheck([known("1001_5001", kind="comment", post=FIRST)]))

    assert of(Sighting, seen) == []
    assert [gap.why for gap in of(Gap, seen)] == [GapReason.PERMISSION_LOST]


def test_a_comment_is_not_gone_where_a_list_that_counts_comments_shows_none(server, open_page):
    a_post(server, 1, shown_to_authors_alone=1)

    seen = list(open_page().recheck([known("1001_5001", kind="comment", post=FIRST)]))

    assert of(Sighting, seen) == []
    assert [gap.why for gap in of(Gap, seen)] == [GapReason.PERMISSION_LOST]


def test_what_went_with_its_post_is_not_visible_either(server, open_page):
    a_post(server, 2)

    asked = [known(FIRST), known("1001_5001", kind="comment", post=FIRST)]
    seen = list(open_page().recheck(asked))

    assert {one.native_id for one in of(Sighting, seen)} == {FIRST, "1001_5001"}
    assert {one.source for one in of(Sighting, seen)} == {"graph 100 33"}


def test_a_year_as_full_as_facebook_lists_years_is_not_called_whole(server, open_page):
    server.slice = 100
    for number in range(600):
        a_post(server, number, at=NOON + timedelta(minutes=number))

    full = [one.whole for one in of(Listed, visited(open_page())) if "post" in one.kinds]
    del server.posts[f"{PAGE}_1001"]
    fewer = [one.whole for one in of(Listed, visited(open_page())) if "post" in one.kinds]

    assert (full, fewer) == ([False], [True])


def test_an_old_post_among_ranked_ones_hides_no_newer(server, open_page):
    server.slice = 2
    for number in range(1, 12):
        a_post(server, number, likes=100 - number, at=NOON + timedelta(days=number))

    seen = visited(open_page(), since=NOON + timedelta(days=9), cursor="2026-01-01T00:00:00Z")

    assert shown(seen).keys() - {PAGE} == {f"{PAGE}_{1000 + n}" for n in (9, 10, 11)}


# --- opening and checking -----------------------------------------------------------------------


def page(**told: object) -> PageSettings:
    usual = {"url": "https://www.facebook.com/ExamplePD", "secret": SECRET}
    return PageSettings(
        **{"name": "fb", "connector": "facebook", "platform": "facebook"} | usual | told
    )


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({"secret": None}, "access token"),
        ({"url": "ExamplePD"}, "address"),
        ({"options": {"api_version": "26"}}, "v26.0"),
        ({"options": {"graph_url": "http://graph.facebook.com"}}, "https only"),
    ],
)
def test_a_page_that_cannot_be_opened_says_why(tmp_path, told, word):
    with pytest.raises(ConfigInvalid, match=word):
        CONNECTOR.open(page(**told), fetching(tmp_path))


def test_a_check_tells_which_right_is_wanting(server, open_page):
    a_post(server)
    source = open_page()

    good = check_access(source, now=NOON)
    server.forbidden = frozenset({"feed", "comments"})
    wanting = check_access(source, now=NOON)
    server.person = True
    (dead,) = check_access(source, now=NOON)

    assert isinstance(source, AccessChecker)
    assert all(check.granted for check in good)
    assert any("v26.0" in check.detail for check in good)
    refused = [check.what for check in wanting if not check.granted]
    assert len(refused) == 2
    assert all("pages_read_user_content" in what for what in refused)
    assert not dead.granted
    assert "page's own access token" in dead.detail


def test_a_file_comes_without_the_token(server, open_page):
    picture = "https://scontent.example/v/1_n.jpg"
    a_post(server, attachments=[{"type": "photo", "media": {"image": {"src": picture}}}])
    source = open_page()
    (attachment,) = shown(visited(source))[FIRST].content.attachments

    kept = source.download(attachment)

    assert Path(kept.path).read_bytes() == b"file"
    assert server.files == [(picture, "")]


# --- the token --------------------------------------------------------------------------------

NOON_OF_JULY, NOON_OF_MAY = 1782907200, 1777636800


@pytest.mark.parametrize(
    ("told", "dies"),
    [
        ({"expires_at": 0, "data_access_expires_at": 0}, None),
        ({"expires_at": 0}, None),
        ({"expires_at": NOON_OF_JULY}, NOON_OF_JULY),
        ({"expires_at": 0, "data_access_expires_at": NOON_OF_MAY}, NOON_OF_MAY),
        ({"expires_at": NOON_OF_JULY, "data_access_expires_at": NOON_OF_MAY}, NOON_OF_MAY),
    ],
)
def test_a_token_dies_when_it_or_the_right_to_the_data_ends(server, open_page, told, dies):
    server.token_told = told

    term = open_page().token_term()

    assert (term.dies_at and term.dies_at.timestamp()) == dies


@pytest.mark.parametrize("told", [{}, {"expires_at": "soon"}, {"expires_at": 0, "is_valid": False}])
def test_what_facebook_does_not_say_of_a_token_stays_unknown(server, open_page, told):
    server.token_told = told

    assert open_page().token_term() is None


def test_a_refusal_to_tell_of_a_token_names_it_nowhere(server, open_page):
    server.refuse = lambda path, _query: Refused(100, SECRET) if path == "debug_token" else None

    with pytest.raises(AnswerUnreadable) as refusal:
        open_page().token_term()

    assert SECRET not in str(refusal.value)


def test_a_system_users_token_finds_the_pages_own_and_the_pages_own_no_other(server, open_page):
    assert open_page().own_token() is None

    server.own_token = "the-pages-own"

    assert open_page().own_token() == "the-pages-own"
