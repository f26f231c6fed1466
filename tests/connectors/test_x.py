"""Case notes on X: one item for all its wordings, what a search brings, and what it costs."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import PurePath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archiver.records.captures import (
    Cursor,
    Gap,
    GapReason,
    Listed,
    Observation,
    PlatformState,
    Sighting,
    ThreadListed,
)
from archiver.records.errors import (
    AnswerUnreadable,
    BudgetSpent,
    ConfigInvalid,
    PermissionLost,
)
from archiver.records.items import Attachment, ItemKind
from archiver.records.moments import written
from archiver.records.pages import FetchSettings, PageSettings
from connectors.x import CONNECTOR
from connectors.x.api import Api
from connectors.x.parsing import Beside, read_post
from connectors.x.visiting import AccountSource
from tests.connectors.platforms import SECRET
from tests.connectors.seeing import known, visited
from tests.connectors.served import Wire
from tests.connectors.x_platform import NOON, OWNER, XServer

DAY = timedelta(days=1)


@pytest.fixture(params=["tweet", "post"])
def server(request):
    return XServer(dialect=request.param)


@pytest.fixture
def account(server, asking, tmp_path):
    """Open the account as a test wishes: with a token, a budget, a search."""
    times = count()

    def open_it(token=SECRET, *, limit=None, everything=False, name="police", messages=False):
        fetcher = asking(Wire(server))
        base = f"https://api.example/{tmp_path.name}/{next(times)}/2"
        api = Api(fetcher, base, token, limit=limit)
        return AccountSource(fetcher, api, name=name, everything=everything, messages=messages)

    return open_it


def of(kind, seen):
    return [s for s in seen if isinstance(s, kind)]


def items(seen):
    """Give each item as it reads now, without the profile."""
    found = [s.content for s in of(Observation, seen) if s.current]
    return {c.native_id: c for c in found if c.kind is not ItemKind.PROFILE}


def a_busy_account(server, *, posts=60, answers=1_500, seed=5):
    """Fill an account by chance: posts, answers to answers, edits of some."""
    chance = random.Random(seed)
    for number in range(posts):
        server.post(f"Notice {number}")
    everything = list(server.kept)
    for number in range(answers):
        on = chance.choice(everything[-200:])
        author = OWNER if chance.random() < 0.05 else str(chance.randrange(7, 60))
        when = NOON + timedelta(minutes=60, seconds=number)
        everything.append(server.answer(on, f"Remark {number}", author=author, at=when))
    for name in chance.sample(list(server.kept)[:posts], posts // 5):
        for step in range(chance.randrange(1, 6)):
            at = server.kept[name].times[0] + timedelta(minutes=5 + step)
            server.edit(name, f"{server.kept[name].texts[0]}, wording {step}", at=at)
    return server


# --- wordings ---------------------------------------------------------------------------------


def test_a_post_and_its_edits_are_one_item_with_every_wording_oldest_first(server, account):
    first = server.post("Road clsed", at=NOON)
    server.edit(first, "Road closed", at=NOON + timedelta(minutes=4))
    server.edit(first, "Road closed until 5", at=NOON + timedelta(minutes=9))

    seen = [s for s in of(Observation, visited(account())) if s.content.kind is ItemKind.POST]

    assert [(s.content.text, s.current) for s in seen] == [
        ("Road clsed", False), ("Road closed", False), ("Road closed until 5", True),
    ]  # fmt: skip
    assert {s.content.native_id for s in seen} == {first}
    assert {s.content.published_at for s in seen} == {NOON}
    assert [s.content.edited_at for s in seen] == [
        None, NOON + timedelta(minutes=4), NOON + timedelta(minutes=9),
    ]  # fmt: skip
    assert [json.loads(s.content.raw.body)["id"] for s in seen] == server.kept[first].ids


def test_an_answer_to_a_later_wording_answers_the_same_item(server, account):
    first = server.post("Road clsed", at=NOON)
    server.edit(first, "Road closed", at=NOON + timedelta(minutes=4))
    said = server.answer(server.kept[first].ids[-1], "Until when?")

    found = items(visited(account()))

    assert (found[said].parent, found[said].thread) == (first, first)
    assert found[said].kind is ItemKind.COMMENT


def test_an_edited_post_is_looked_at_again_in_its_present_wording(server, account):
    first = server.post("Road clsed", at=NOON)
    before = items(visited(account()))[first]
    server.edit(first, "Road closed", at=NOON + timedelta(minutes=4))

    seen = list(account().recheck([known(before)]))

    assert [(s.content.text, s.current) for s in seen] == [
        ("Road clsed", False), ("Road closed", True),
    ]  # fmt: skip
    assert {s.content.native_id for s in seen} == {first}


def test_a_long_post_is_kept_whole(server, account):
    name = server.post(
        "A long story that is cut …", note="A long story that is cut no more & whole"
    )

    assert items(visited(account()))[name].text == "A long story that is cut no more & whole"


def test_words_are_kept_as_they_were_written_and_files_with_their_description(server, account):
    name = server.post("Speed < 25 & sober", media="https://pbs.example/media/car.jpg")

    post = items(visited(account()))[name]

    assert post.text == "Speed < 25 & sober"
    assert post.permalink == f"https://x.com/police/status/{name}"
    assert post.author.handle == "police"
    assert post.attachments == (
        Attachment(f"3_{name}", "https://pbs.example/media/car.jpg", description="A car"),
    )


def test_a_quoted_post_is_a_link_and_a_mark(server, account):
    name = server.post("As they say", quotes="1800000000000000001")

    post = items(visited(account()))[name]

    assert post.links == ("https://x.com/i/status/1800000000000000001",)
    assert post.marks == ("quote",)


def test_what_x_shows_beside_a_post_is_no_item_and_is_paid_for_as_any_post(server, account):
    theirs = server.post("Their words", author="7")
    ours = [server.post(f"As they say, {number}", quotes=theirs) for number in range(20)]
    source = account()

    found = items(visited(source))

    asked_for = 10 + 20 * 1 + 20 * 5  # the profile; the timeline; two searches by conversation
    asked_for += 10 * server.users_shown
    refused, beside = {"tweet": (0, 0), "post": (1, 3 * 5)}[server.dialect]  # in three answers
    assert found.keys() == set(ours)
    assert source._api.spent == f"{(asked_for + refused + beside) / 1000:.3f} dollars"


def test_the_pinned_post_is_a_link_of_the_profile(server, account):
    server.pinned = "1800000000000000001"

    (profile,) = [s.content for s in of(Observation, visited(account()))]

    assert profile.links == ("https://example.gov", "https://x.com/i/status/1800000000000000001")


def test_an_answer_to_a_question_said_the_old_way_does_not_settle_how_the_next_is_said(
    server, account
):
    name, whole = server.post("Notice"), server.respond

    def lenient(path, params, headers):
        users = {"user.fields": "name,username"} if "/users/by/" in path else params
        return whole(path, users, headers)

    server.respond = lenient

    assert set(items(visited(account()))) == {name}


def test_the_profile_is_an_item_whose_new_words_make_a_new_version(server, account):
    (before,) = [s.content for s in of(Observation, visited(account()))]
    server.bio = "Call 911 in emergencies."

    (after,) = [s.content for s in of(Observation, visited(account()))]

    assert (before.kind, before.title) == (ItemKind.PROFILE, "Police")
    assert before.text == "We keep the peace.\nIndio"
    assert before.fingerprint() != after.fingerprint()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "text", "created_at", "note_tweet", "attachments", "entities",
                             "media_keys", "urls", "public_metrics", "referenced_tweets",
                             "edit_history_tweet_ids", "author_id", "expanded_url"]),
            inner, max_size=5),
        max_leaves=12,
    )
)  # fmt: skip
@example({"edit_history_tweet_ids": [""]})
@example({"edit_history_tweet_ids": [None]})
def test_no_answer_makes_the_reading_fail_in_another_way(value):
    whole = {"id": "1", "text": "x", "created_at": "2026-03-02T12:00:00.000Z"}
    for told in (value, whole | value if isinstance(value, dict) else whole):
        with suppress(AnswerUnreadable):
            read_post(told, b"{}", beside=Beside({}, {}), owner="1")


# --- everything, counted ------------------------------------------------------------------------


def test_every_post_every_answer_and_every_wording_is_kept(server, account):
    a_busy_account(server)

    seen = visited(account())

    assert of(Gap, seen) == []
    assert set(items(seen)) == set(server.kept)
    wordings = {(s.content.native_id, s.content.text) for s in of(Observation, seen)
                if s.content.kind is not ItemKind.PROFILE}  # fmt: skip
    assert wordings == {(name, text) for name, kept in server.kept.items() for text in kept.texts}
    kinds = {name: content.kind for name, content in items(seen).items()}
    assert {n for n, k in kinds.items() if k is ItemKind.POST} == {
        n for n, kept in server.kept.items() if kept.author == OWNER and not kept.answers
    }


def test_what_was_removed_is_told_by_the_look_up_of_each_and_nothing_else_is(server, account):
    a_busy_account(server, posts=30, answers=400)
    before = items(visited(account()))
    chance = random.Random(3)
    gone = set(chance.sample(sorted(before), 60))
    closed = set(chance.sample(sorted(set(before) - gone), 20))
    for name in gone:
        server.remove(name)
    for name in closed:
        server.kept[name].protected = True

    seen = list(account().recheck([known(content) for content in before.values()]))

    told = {s.native_id: (s.state, s.source) for s in of(Sighting, seen)}
    hidden = PlatformState.NOT_VISIBLE
    assert told == dict.fromkeys(gone, (hidden, "x resource-not-found")) | dict.fromkeys(
        closed, (hidden, "x not-authorized")
    )
    assert set(items(seen)) == set(before) - gone - closed
    assert {s.actor for s in of(Sighting, seen)} == {""}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{}", AnswerUnreadable),
        (b'{"error": "over capacity"}', AnswerUnreadable),
        (b'{"errors": [{"title": "Internal"}]}', AnswerUnreadable),
        (
            b'{"errors": [{"type": "https://api.twitter.com/2/problems/not-authorized-for-resource"}]}',
            PermissionLost,
        ),
    ],
)
def test_an_answer_that_is_no_list_is_no_empty_timeline(server, account, body, error):
    server.fail = lambda path, _: (200, {}, body) if path.endswith("/tweets") else None

    with pytest.raises(error):
        visited(account())


def test_what_x_neither_shows_nor_refuses_is_unknown(server, account):
    name = server.post("Notice")
    before = items(visited(account()))[name]
    nothing = (200, {"content-type": "application/json"}, b'{"meta": {"result_count": 0}}')
    server.fail = lambda path, _params: nothing if path.endswith("/tweets") else None

    (sighting,) = account().recheck([known(before)])

    assert sighting == Sighting(native_id=name, state=PlatformState.UNKNOWN)


# --- what a visit asks for ----------------------------------------------------------------------


def test_a_late_answer_to_an_old_post_is_seen_the_same_night(server, account):
    old = server.post("Notice", at=NOON - 100 * DAY)
    server.post("News", at=NOON)
    late = server.answer(old, "Only reading this now", at=NOON + timedelta(hours=1))

    found = items(visited(account(), since=NOON - 14 * DAY, cursor="1"))

    assert late in found
    assert old not in found


def test_answers_older_than_the_search_reaches_need_the_whole_archive(server, account):
    name = server.post("Notice", at=NOON - 90 * DAY)
    said = server.answer(name, "Said long ago", at=NOON - 89 * DAY)

    recent, everything = items(visited(account())), items(visited(account(everything=True)))

    assert said not in recent
    assert said in everything


def too_late(seen):
    return [gap.what for gap in of(Gap, seen) if gap.why is GapReason.TOO_LATE]


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (timedelta(days=7, seconds=-1), []), (timedelta(days=7), []),
        (timedelta(days=7, seconds=1), ["answers of 2026-02-23 to 2026-02-23"]),
        (timedelta(days=9), ["answers of 2026-02-21 to 2026-02-23"]),
    ],
)  # fmt: skip
def test_a_search_that_reaches_the_last_one_was_not_too_late(account, before, told):
    cursor = f"1 {written(NOON - before)}"

    seen = visited(account(), since=NOON - 30 * DAY, began=NOON, last=NOON, cursor=cursor)

    assert too_late(seen) == told


@pytest.mark.parametrize("cursor", [None, "17", "17 ", "17 once", "17 2026-02-28"])
def test_where_no_cursor_tells_it_the_last_search_was_at_the_last_visit(account, cursor):
    seen = visited(account(), began=NOON, last=NOON - 9 * DAY, cursor=cursor)

    assert too_late(seen) == ["answers of 2026-02-21 to 2026-02-23"]
    assert too_late(visited(account(), cursor=cursor)) == []


def test_an_account_without_posts_that_was_searched_is_not_told_of_again(account):
    first = visited(account(), began=NOON)
    (cursor,) = of(Cursor, first)

    again = visited(account(), began=NOON + DAY, cursor=cursor.value)

    assert too_late(first) == ["answers of 2011-05-01 to 2026-02-23"]
    assert too_late(again) == []


@pytest.mark.parametrize("where", ["post", "messages"])
def test_what_else_a_visit_lacks_makes_its_search_no_less_of_one(server, account, where):
    server.post("Notice")
    whole = server.respond

    def respond(path, params, headers):
        if where == "messages" and path.endswith("dm_events"):
            return server._problem(402, "credits-depleted")
        status, head, body = whole(path, params, headers)
        bad = b'"text": 7' if where == "post" else b'"text": "Notice"'
        return status, head, body.replace(b'"text": "Notice"', bad)

    server.respond = respond
    first = visited(account(messages=True), began=NOON)
    (cursor,) = of(Cursor, first)

    again = visited(account(messages=True), began=NOON + DAY, cursor=cursor.value)

    assert len(too_late(first)) == 1
    assert {gap.why for gap in of(Gap, again)} == {
        GapReason.UNREADABLE if where == "post" else GapReason.BUDGET
    }


def test_a_search_that_was_broken_off_was_none(server, account):
    server.post("Notice")
    server.fail = lambda path, _: server._problem(402, "paid") if "/tweets/search" in path else None
    visit = {"since": NOON - 30 * DAY, "began": NOON, "last": NOON - 9 * DAY}

    broken = visited(account(), cursor="17", **visit)
    server.fail = lambda _path, _params: None
    after = visited(account(), cursor="17", **visit)

    assert (too_late(broken), of(Cursor, broken)) == ([], [])
    assert too_late(after) == ["answers of 2026-02-21 to 2026-02-23"]


def test_a_search_is_never_taken_for_whole(server, account):
    a_busy_account(server, posts=5, answers=20)

    seen = visited(account())

    assert [listed.kinds for listed in of(Listed, seen)] == [("post",)]


def test_a_conversation_of_others_is_not_searched_because_the_department_joined_it(server, account):
    theirs = server.post("My road is closed", author="7")
    server.answer(theirs, "Mine too", author="8")
    ours = server.answer(theirs, "It opens at noon", author=OWNER)
    thanks = server.answer(ours, "Thank you")

    found = items(visited(account()))

    assert set(found) == {ours, thanks}
    assert (found[ours].kind, found[ours].parent) == (ItemKind.REPLY, theirs)
    assert found[ours].thread == theirs


def test_direct_answers_that_x_counts_and_shows_are_told_where_all_of_them_are_searched(
    server, account
):
    post = server.post("Notice")
    first = server.answer(post, "Thanks")
    server.answer(first, "Thanks for what?", author="8")
    server.answer(post, "Not for all", author="9", protected=True)

    seen = visited(account(everything=True))

    assert of(Gap, seen) == []
    assert of(ThreadListed, seen) == [ThreadListed(native_id=post, counted=2, shown=1)]
    assert of(ThreadListed, visited(account())) == []
    assert of(ThreadListed, visited(account(everything=True), since=NOON, cursor=post)) == []


def test_conversations_are_asked_for_by_the_dozen(server, account):
    for number in range(30):
        server.post(f"Notice {number}")

    visited(account())

    queries = [params["query"] for path, params in server.asked if "/search/" in path]
    assert [query.count("conversation_id:") for query in queries] == [12, 12, 6, 0]
    assert max(map(len, queries)) <= 512


def test_x_lists_no_more_than_the_newest_3200_and_a_gap_says_so(server, account):
    server.now = NOON + 40 * DAY
    for number in range(3_205):
        server.post(f"Notice {number}", at=NOON - 40 * DAY + timedelta(minutes=number))

    seen = visited(account())

    assert len(items(seen)) == 3_200
    assert [gap.why for gap in of(Gap, seen)] == [GapReason.OUT_OF_REACH]
    (listed,) = of(Listed, seen)
    assert not listed.whole
    assert listed.platform_count == 3_205


def test_who_wrote_what_is_shown_is_paid_for_as_any_user_and_a_file_is_not(server, account):
    root = server.post("Notice", media="https://pbs.example/media/car.jpg")
    ours = known(items(visited(account()))[root])
    theirs = [server.post(f"Words of {author}", author=author) for author in ("7", "8", "8")]
    source = account()

    list(source.recheck([ours, *(replace(ours, native_id=name) for name in theirs)]))

    refused = {"tweet": 0, "post": 1}[server.dialect]
    assert source._api.spent == f"{(4 * 5 + 3 * 10 + refused) / 1000:.3f} dollars"


# --- cost and refusals --------------------------------------------------------------------------


def test_a_visit_stops_at_the_days_budget_and_says_what_was_spent(server, account):
    a_busy_account(server, posts=40, answers=600)

    seen = visited(account(limit=1_000), since=NOON - DAY, cursor="1")

    (gap,) = of(Gap, seen)
    assert gap.why is GapReason.BUDGET
    assert gap.detail.endswith("dollars spent today")
    assert of(Cursor, seen) + of(Listed, seen) == []


def test_credit_that_is_spent_at_x_stops_a_visit(server, account):
    server.credit = 0

    with pytest.raises(BudgetSpent, match="credit at X is spent"):
        visited(account())


def test_a_dead_token_is_permission_lost_and_is_never_said_aloud(account):
    with pytest.raises(PermissionLost) as raised:
        visited(account("a-dead-token"))

    assert "a-dead-token" not in str(raised.value)


def test_a_token_without_a_right_to_the_whole_archive_leaves_a_gap(server, account):
    server.entitled = False
    name = server.post("Notice")

    seen = visited(account(everything=True))

    assert set(items(seen)) == {name}
    assert [gap.why for gap in of(Gap, seen)] == [GapReason.PERMISSION_LOST]
    assert of(Cursor, seen) == []


def test_an_account_that_is_not_there_says_so_and_nothing_is_removed(account):
    with pytest.raises(AnswerUnreadable, match="no account @nobody"):
        visited(account(name="nobody"))


def test_one_unreadable_post_is_a_gap_and_hides_no_other(server, account):
    names = {server.post("Notice"), server.post("Another")}
    bad = server.post("Broken")
    whole = server.respond

    def respond(path, params, headers):
        status, head, body = whole(path, params, headers)
        return status, head, body.replace(b'"text": "Broken"', b'"text": 7')

    server.respond = respond
    seen = visited(account())

    assert set(items(seen)) == names
    assert {(gap.why, gap.native_id) for gap in of(Gap, seen)} == {(GapReason.UNREADABLE, bad)}
    assert not any(listed.whole for listed in of(Listed, seen))
    assert of(Cursor, seen) == []


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"url": "https://x.com/police/status/1"}, "https://x.com/NAME"),
        ({"url": "https://elsewhere.example/police"}, "https://x.com/NAME"),
        ({"secret": None}, "set token_env"),
        ({"options": {"api": "http://gateway.example/2"}}, "https"),
    ],
)
def test_a_page_that_names_no_account_or_no_token_is_refused(tmp_path, options, fault):
    fetching = FetchSettings(user_agent="archiver/1", spool=PurePath(tmp_path))
    told = {"url": "https://twitter.com/police", "secret": SECRET} | options
    page = PageSettings(name="posts", connector="x", platform="x", **told)

    with pytest.raises(ConfigInvalid, match=fault):
        CONNECTOR.open(page, fetching)
