"""An Instagram account: what the Graph API shows, holds back and lets expire."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from archiver.procedures.access_checking import check_access
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
from archiver.records.errors import ConfigInvalid, PermissionLost
from archiver.records.items import ItemKind
from archiver.records.pages import PageSettings
from connectors.fetching import Fetcher, Pace
from connectors.graph import Graph
from connectors.instagram import CONNECTOR
from connectors.instagram.parsing import read_comment
from connectors.instagram.visiting import AccountSource
from tests.connectors.graph_platform import Refused
from tests.connectors.instagram_platform import ACCOUNT, Answer, InstagramServer, Media
from tests.connectors.platforms import SECRET, PatientClock, fetching
from tests.connectors.served import ServedTransport

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
URL = "https://www.instagram.com/examplepd/"


@pytest.fixture
def server() -> InstagramServer:
    return InstagramServer(token=SECRET, now=NOON)


@pytest.fixture
def open_account(server, tmp_path) -> Iterator[object]:
    opened: list[AccountSource] = []

    def opening(url: str = URL) -> AccountSource:
        clock = PatientClock()
        pace = Pace(clock=clock, sleep=clock.sleep)
        fetcher = Fetcher(fetching(tmp_path), transport=ServedTransport(server), pace=pace)
        graph = Graph(fetcher, base=f"{server.host}/v26.0", token=SECRET)
        node = ACCOUNT if server.facebook else "me"
        exchanges = not server.facebook
        opened.append(AccountSource(fetcher, graph, url=url, node=node, exchanges=exchanges))
        return opened[-1]

    yield opening
    for source in opened:
        source.close()


def a_media(server: InstagramServer, number: int = 1, **told: object) -> Media:
    usual = {"text": f"Notice number {number}", "at": NOON - timedelta(hours=number)}
    media = Media(**{"id": f"1800{number}"} | usual | told)
    server.media[media.id] = media
    return media


def an_answer(server: InstagramServer, number: int = 1, **told: object) -> Answer:
    usual = {"media": "18001", "text": f"Comment {number}", "at": NOON + timedelta(minutes=number)}
    answer = Answer(**{"id": f"1700{number}"} | usual | told)
    server.answers[answer.id] = answer
    return answer


def visited(source: AccountSource, **window: object) -> list[object]:
    return list(source.visit(Window(**window)))


def shown(seen: list[object]) -> dict[str, Observation]:
    return {one.content.native_id: one for one in seen if isinstance(one, Observation)}


def of(kind: type, seen: list[object]) -> list[object]:
    return [one for one in seen if isinstance(one, kind)]


def known(seen: dict[str, Observation], names: set[str]) -> list[Known]:
    return [
        Known(
            native_id=name, kind=seen[name].content.kind.value, parent=seen[name].content.parent,
            thread=seen[name].content.thread, permalink=seen[name].content.permalink,
        )
        for name in sorted(names)
    ]  # fmt: skip


def a_large_account(server: InstagramServer, dice: random.Random) -> None:
    server.slice = 40
    for number in range(1, 121):
        a_media(server, number, story=number <= 3)
    for number in range(1, 2001):
        above = dice.choice(list(server.answers)) if number % 4 == 0 else None
        media = server.answers[above].media if above else f"1800{dice.randrange(4, 121)}"
        parent = (server.answers[above].parent or above) if above else None
        an_answer(server, number, media=media, parent=parent, hidden=dice.random() < 0.05)


# --- what the API does not say ----------------------------------------------------------------


def test_where_it_is_not_told_what_is_hidden_nothing_is_taken_for_present(server, open_account):
    a_media(server, 1)
    hidden = an_answer(server, 1, media="18001", hidden=True)
    an_answer(server, 2, media="18001", parent=hidden.id)
    server.withdrawn = frozenset({"hidden"})
    account = open_account()

    seen = visited(account)
    got = shown(seen)
    again = list(account.recheck(known(got, {hidden.id})))

    answers = server.answers.keys()
    assert {got[name].state for name in answers} == {PlatformState.UNKNOWN}
    assert got["18001"].state is PlatformState.PRESENT
    (gap,) = of(Gap, seen)
    assert (gap.what, gap.why) == (
        "which items are hidden: the field hidden", GapReason.OUT_OF_REACH,
    )  # fmt: skip
    assert [one.state for one in again] == [PlatformState.UNKNOWN]


# --- counted ----------------------------------------------------------------------------------


def test_every_media_story_comment_and_reply_is_captured_in_its_state(server, open_account):
    a_large_account(server, random.Random(3))

    seen = visited(open_account())

    got = shown(seen)
    assert of(Gap, seen) == []
    assert got.keys() - {ACCOUNT} == server.media.keys() | server.answers.keys()
    assert len(of(Observation, seen)) == len(got)
    hidden = {name for name, one in got.items() if one.state is PlatformState.HIDDEN}
    assert hidden == {one.id for one in server.answers.values() if one.hidden}
    parents = {name: one.content.parent for name, one in got.items() if one.content.thread}
    assert parents == {one.id: one.parent or one.media for one in server.answers.values()}
    (posts,) = [one for one in of(Listed, seen) if "post" in one.kinds]
    assert posts.platform_count == sum(not media.story for media in server.media.values())
    assert sum(one.shown for one in of(ThreadListed, seen)) == len(server.answers)
    assert all(one.counted == one.shown for one in of(ThreadListed, seen))


def test_after_edits_and_removals_each_is_found_and_nothing_else(server, open_account):
    dice = random.Random(5)
    a_large_account(server, dice)
    before = shown(visited(open_account()))
    edited = set(dice.sample(sorted(server.media), 20))
    for name in edited:
        server.media[name].text += " (edited)"
    replied = {one.parent for one in server.answers.values()}
    gone = set(dice.sample(sorted(server.answers.keys() - replied), 60))
    for name in gone:
        del server.answers[name]

    after = shown(visited(open_account(), full=True))
    again = list(open_account().recheck(known(before, before.keys() - after.keys())))

    changed = {
        name
        for name, one in after.items()
        if one.content.fingerprint() != before[name].content.fingerprint()
    }
    assert changed == edited
    assert {(one.native_id, one.state) for one in of(Sighting, again)} == {
        (name, PlatformState.NOT_VISIBLE) for name in gone
    }
    assert of(Gap, again) == []


# --- one item -----------------------------------------------------------------------------------


def test_an_album_is_kept_with_every_file_of_it(server, open_account):
    parts = [
        {
            "id": "31",
            "media_type": "IMAGE",
            "media_url": "https://s.example/31.jpg",
            "alt_text": "A",
        },
        {"id": "32", "media_type": "VIDEO", "thumbnail_url": "https://s.example/32.jpg"},
    ]
    a_media(server, children=parts)

    media = shown(visited(open_account()))["18001"].content

    assert [(a.key, a.description) for a in media.attachments] == [("31", "A"), ("32", "")]
    assert media.marks == ("file_not_offered",)


def test_a_file_that_instagram_withholds_leaves_its_still_picture_or_none(server, open_account):
    a_media(server, 1, url="", thumbnail="https://s.example/t.jpg", product="REELS")
    a_media(server, 2, url="")

    got = shown(visited(open_account()))

    assert got["18001"].content.marks == ("reel", "file_not_offered")
    assert [a.url for a in got["18001"].content.attachments] == ["https://s.example/t.jpg"]
    assert got["18002"].content.attachments == ()


def test_a_story_is_seen_while_it_lasts_and_then_said_to_have_been_one(server, open_account):
    a_media(server, 1, story=True)
    a_media(server, 2)
    first = shown(visited(open_account(), since=NOON, cursor="2026-03-01T00:00:00Z", young=NOON))
    server.now = NOON + timedelta(days=2)

    (seen,) = open_account().recheck(known(first, {"18001"}))

    assert first["18001"].content.marks == ("story",)
    assert (seen.state, seen.actor) == (PlatformState.NOT_VISIBLE, "")
    assert "24 hours" in seen.remark


def test_who_commented_may_be_untold(server, open_account):
    a_media(server)
    an_answer(server)
    server.nameless = True

    assert shown(visited(open_account()))["17001"].content.author is None


def test_comments_that_are_counted_and_none_shown_are_a_gap(server, open_account):
    a_media(server, comments_held_back=8)

    seen = visited(open_account())

    assert [(gap.what, gap.why) for gap in of(Gap, seen)] == [
        ("comments on 18001", GapReason.OUT_OF_REACH)
    ]
    assert [one.whole for one in of(Listed, seen) if "comment" in one.kinds] == [False]


def test_more_comments_counted_than_shown_are_told_beside_those_that_are(server, open_account):
    a_media(server, comments_held_back=3)
    an_answer(server, 1)
    an_answer(server, 2, parent="17001")

    seen = visited(open_account())

    assert of(Gap, seen) == []
    assert of(ThreadListed, seen) == [ThreadListed(native_id="18001", counted=5, shown=2)]
    assert of(ThreadListed, visited(open_account(), since=NOON, young=NOON)) == []


def test_a_light_visit_reads_comments_only_as_far_back_as_it_must(server, open_account):
    a_media(server)
    for number in range(1, 301):
        an_answer(server, number)
    server.slice = 50
    since = NOON + timedelta(minutes=260)

    seen = visited(open_account(), since=since, cursor="x", young=NOON - timedelta(days=14))

    assert {f"1700{number}" for number in range(260, 301)} <= shown(seen).keys()
    assert sum(path.endswith("/comments") for path in server.asked) == 1
    assert [one.whole for one in of(Listed, seen) if "comment" in one.kinds] == [False]


def test_with_a_facebook_login_the_account_is_asked_for_by_its_id(server, open_account):
    server.facebook = True
    a_media(server)
    an_answer(server)

    got = shown(visited(open_account()))

    assert got.keys() == {ACCOUNT, "18001", "17001"}
    assert got[ACCOUNT].content.text == "The police of Example."
    assert got[ACCOUNT].content.kind is ItemKind.PROFILE
    assert got[ACCOUNT].content.links == ("https://www.example.gov",)


# --- rights ---------------------------------------------------------------------------------------


def test_a_token_of_another_account_captures_nothing(server, open_account):
    a_media(server)

    with pytest.raises(PermissionLost, match="not for the account"):
        visited(open_account("https://www.instagram.com/otherpd/"))


def test_a_right_that_is_lost_removes_no_comment(server, open_account):
    a_media(server)
    an_answer(server)
    first = shown(visited(open_account()))
    del server.answers["17001"]
    server.forbidden = frozenset({"comments"})

    seen = list(open_account().recheck(known(first, {"17001"})))

    assert of(Sighting, seen) == []
    assert [gap.why for gap in of(Gap, seen)] == [GapReason.PERMISSION_LOST]


def test_once_the_token_is_dead_no_further_item_is_asked_for(server, open_account):
    for number in (1, 2, 3):
        a_media(server, number)
    first = shown(visited(open_account()))
    server.refuse = lambda path, _query: Refused(190, "expired") if path != "me" else None
    server.asked.clear()

    seen = list(open_account().recheck(known(first, {"18001", "18002", "18003"})))

    assert [gap.native_id for gap in of(Gap, seen)] == ["18001", "18002", "18003"]
    assert len(server.asked) == 2


def test_a_reply_that_stands_among_comments_is_known_by_what_it_names():
    told = {"id": "2", "timestamp": "2026-03-02T12:00:00+0000", "text": "Yes", "parent_id": "1"}

    reply = read_comment(told, b"{}", media="18001").content

    assert (reply.kind, reply.parent, reply.thread) == (ItemKind.REPLY, "1", "18001")


def test_the_last_comment_that_goes_is_not_visible(server, open_account):
    a_media(server)
    an_answer(server)
    first = shown(visited(open_account()))
    del server.answers["17001"]

    (seen,) = open_account().recheck(known(first, {"17001"}))

    assert seen.state is PlatformState.NOT_VISIBLE


def test_a_token_that_dies_half_way_ends_the_visit(server, open_account):
    for number in (1, 2, 3):
        a_media(server, number)
        an_answer(server, number, media=f"1800{number}")
    dead = Refused(190, "expired", subcode=463)
    server.refuse = lambda path, _query: dead if path == "18002/comments" else None

    seen = visited(open_account())

    assert [gap.why for gap in of(Gap, seen)] == [GapReason.PERMISSION_LOST]
    assert of(Cursor, seen) == of(Listed, seen) == []
    assert server.asked[-1].endswith("18002/comments")


def test_a_check_tells_which_right_is_wanting(server, open_account):
    a_media(server)
    source = open_account()

    good = check_access(source, now=NOON)
    server.forbidden = frozenset({"comments"})
    wanting = check_access(source, now=NOON)

    assert all(check.granted for check in good)
    assert [check.what for check in wanting if not check.granted] == [
        "comments (instagram_manage_comments)"
    ]


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({"secret": None}, "access token"),
        ({"url": "https://www.instagram.com/"}, "address"),
        ({"options": {"login": "myspace"}}, "instagram or facebook"),
        ({"options": {"login": "facebook"}}, "account_id"),
        ({"options": {"api_version": "26"}}, "v26.0"),
        ({"options": {"graph_url": "http://graph.instagram.com"}}, "https only"),
    ],
)
def test_an_account_that_cannot_be_opened_says_why(tmp_path, told, word):
    usual = {"name": "ig", "connector": "instagram", "platform": "instagram"}
    page = PageSettings(**usual | {"url": URL, "secret": SECRET} | told)

    with pytest.raises(ConfigInvalid, match=word):
        CONNECTOR.open(page, fetching(tmp_path))


@pytest.mark.parametrize(
    ("login", "host"),
    [("instagram", "graph.instagram.com/v26.0/me"), ("facebook", "graph.facebook.com/v26.0/178")],
)
def test_each_login_is_asked_at_its_own_host(tmp_path, login, host):
    options = {"login": login, "account_id": "178"} if login == "facebook" else {"login": login}
    page = PageSettings(
        name="ig", connector="instagram", platform="instagram", url=URL, secret=SECRET,
        options=options,
    )  # fmt: skip
    source = CONNECTOR.open(page, fetching(tmp_path))

    asked = f"{source._graph._base}/{source._node}"
    source.close()

    assert asked == f"https://{host}"


# --- the token --------------------------------------------------------------------------------


def test_the_token_of_an_instagram_login_is_exchanged_for_one_that_lives_sixty_days(
    open_account, server
):
    server.exchanged = "the-next-token"

    term = open_account().renewed_token()

    assert (term.token, term.lives) == ("the-next-token", timedelta(seconds=5183944))
    assert "the-next-token" not in repr(term)


def test_a_token_that_is_too_new_is_not_exchanged_and_says_so_without_naming_it(open_account):
    with pytest.raises(PermissionLost) as refusal:
        open_account().renewed_token()

    assert SECRET not in str(refusal.value)


def test_a_facebook_login_is_asked_how_long_its_token_lives_and_keeps_it(open_account, server):
    server.facebook = True
    server.exchanged = "the-next-token"
    server.token_told = {"expires_at": 1772452800, "data_access_expires_at": 0}

    assert open_account().token_term().dies_at == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert open_account().renewed_token() is None


def test_of_an_instagram_login_nobody_says_how_long_its_token_lives(open_account, server):
    server.token_told = {"expires_at": 1772452800}

    assert open_account().token_term() is None
