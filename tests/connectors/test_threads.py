"""Case notes on Threads: flat conversations, hidden answers, one answer for gone and forbidden."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

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
from archiver.records.errors import AnswerUnreadable, BudgetSpent, ConfigInvalid, PermissionLost
from archiver.records.items import ItemKind
from archiver.records.pages import PageSettings
from connectors.graph import Graph
from connectors.threads import CONNECTOR
from connectors.threads.parsing import answers_counted
from connectors.threads.visiting import AccountSource
from tests.connectors.graph_platform import Refused
from tests.connectors.platforms import SECRET, fetching
from tests.connectors.seeing import known, of, visited
from tests.connectors.served import ServedTransport
from tests.connectors.threads_platform import Post, ThreadsServer

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
URL = "https://www.threads.com/@examplepd"


@pytest.fixture
def server():
    return ThreadsServer(token=SECRET, version="v1.0")


@pytest.fixture
def account(server, asking):
    def open_it(token=SECRET, *, counts=False):
        fetcher = asking(ServedTransport(server))
        graph = Graph(fetcher, base=f"{server.host}/v1.0", token=token)
        return AccountSource(fetcher, graph, url=URL, counts=counts)

    return open_it


def say(server, text, *, on=None, by="person1", at=None, **more):
    number = 1000 + len(server.posts)
    when = at or NOON + timedelta(minutes=len(server.posts))
    author = "examplepd" if on is None else by
    above = server.posts.get(on)
    root = None if on is None else (above.root or on if above else on)
    server.posts[str(number)] = Post(
        id=str(number), text=text, at=when, by=author, on=on, root=root, **more
    )
    return str(number)


def items(seen):
    found = [o for o in of(Observation, seen) if o.content.kind is not ItemKind.PROFILE]
    return {o.content.native_id: o for o in found}


def test_what_is_captured_is_what_exists_state_by_state(server, account):
    chance = random.Random(2)
    posts = [say(server, f"Notice {number}") for number in range(60)]
    said = []
    for number in range(1_200):
        on = chance.choice(said[-30:]) if said and chance.random() < 0.5 else chance.choice(posts)
        by = "examplepd" if chance.random() < 0.1 else f"person{number % 7}"
        status = "HIDDEN" if chance.random() < 0.05 else "NOT_HUSHED"
        said.append(say(server, f"Remark {number}", on=on, by=by, status=status))
    first = items(visited(account()))
    gone = chance.sample(said, 50)
    for name in gone:
        server.posts[name].withheld = True

    night = visited(account())
    again = of(Sighting, account().recheck([known(first[name].content) for name in gone]))

    hidden = {name for name in said if server.posts[name].status == "HIDDEN"}
    assert set(first) == {*posts, *said}
    assert {n for n, o in first.items() if o.state is PlatformState.HIDDEN} == hidden
    assert set(items(night)) == {*posts, *said} - set(gone)
    assert {s.native_id for s in again} == set(gone)
    assert {s.state for s in again} == {PlatformState.NOT_VISIBLE}
    assert of(Gap, night) == []
    assert all(listed.whole for listed in of(Listed, night))


def test_every_kind_of_item_stands_in_its_place(server, account):
    post = say(server, "Road closed")
    asked = say(server, "Why", on=post)
    told = say(server, "A burst pipe", on=asked, by="examplepd")
    ours = say(server, "And a detour", on=post, by="examplepd")

    seen = {name: o.content for name, o in items(visited(account())).items()}

    assert [seen[name].kind for name in (post, asked, told, ours)] == [
        ItemKind.POST, ItemKind.COMMENT, ItemKind.REPLY, ItemKind.REPLY,
    ]  # fmt: skip
    assert [seen[name].parent for name in (post, asked, told, ours)] == [None, post, asked, post]
    assert {seen[name].thread for name in (asked, told, ours)} == {post}
    assert seen[asked].author.handle == "person1"


def test_an_answer_of_the_department_in_anothers_thread_is_archived(server, account):
    name = say(server, "At the front desk", on="9", by="examplepd")

    seen = items(visited(account()))

    assert (seen[name].content.parent, seen[name].content.thread) == ("9", "9")


@pytest.mark.parametrize("status", ["HIDDEN", "COVERED", "BLOCKED", "SOMETHING_NEW"])
def test_a_hidden_answer_is_kept_with_its_words_and_how_it_is_hidden(server, account, status):
    post = say(server, "Road closed")
    rude = say(server, "A rude word", on=post, status=status)
    freed = say(server, "Freed again", on=post, status="UNHUSHED")

    seen = items(visited(account()))
    (again,) = account().recheck([known(seen[rude].content)])

    for one in (seen[rude], again):
        assert (one.state, one.content.text) == (PlatformState.HIDDEN, "A rude word")
        assert one.content.marks == (f"hide-status:{status.lower()}",)
    assert seen[freed].state is PlatformState.PRESENT


def test_where_it_is_not_told_what_is_hidden_nothing_is_taken_for_present(server, account):
    post = say(server, "Road closed")
    rude = say(server, "A rude word", on=post, status="HIDDEN")
    ours = say(server, "And a detour", on=post, by="examplepd")
    elsewhere = say(server, "At the front desk", on="9", by="examplepd")
    server.withdrawn = frozenset({"hide_status"})
    source = account()

    seen = visited(source)
    found = items(seen)
    again = list(source.recheck([known(found[rude].content)]))

    assert found[rude].state is PlatformState.UNKNOWN
    assert found[rude].content.marks == ()
    assert {found[name].state for name in (post, ours, elsewhere)} == {PlatformState.PRESENT}
    (gap,) = of(Gap, seen)
    assert (gap.what, gap.why) == (
        "which items are hidden: the field hide_status", GapReason.OUT_OF_REACH,
    )  # fmt: skip
    assert [one.state for one in again] == [PlatformState.UNKNOWN]


def test_threads_own_count_is_held_against_what_it_shows_where_that_is_asked_for(server, account):
    post, quiet = say(server, "Road closed"), say(server, "Nobody answers")
    say(server, "For long?", on=say(server, "Why?", on=post))
    other = say(server, "Road open")
    say(server, "At last", on=other)
    server.uncounted = 2  # answers of accounts that are not shown to us

    told = visited(account(counts=True))

    assert of(ThreadListed, told) == [
        ThreadListed(native_id=other, counted=3, shown=1),
        ThreadListed(native_id=post, counted=4, shown=2),
    ]
    assert of(Gap, told) == []
    assert of(ThreadListed, visited(account())) == []
    assert not any(quiet in path and "insights" in path for path in server.asked)


def test_a_token_without_the_right_to_counts_says_so_once_and_the_rest_is_whole(server, account):
    for number in range(3):
        say(server, "Why?", on=say(server, f"Notice {number}"))
    server.forbidden = frozenset({"insights"})

    seen = visited(account(counts=True))
    *_, checked = account(counts=True).check()

    (gap,) = of(Gap, seen)
    assert (gap.what, gap.why) == (
        "the rest of Threads' counts of answers", GapReason.PERMISSION_LOST,
    )  # fmt: skip
    assert "threads_manage_insights, or counts = false" in gap.detail
    assert [one.whole for one in of(Listed, seen)] == [True, True]
    assert sum("insights" in path for path in server.asked) == 1 + 1
    assert (checked.what, checked.granted) == (
        "its count of answers (threads_manage_insights)", False,
    )  # fmt: skip


@pytest.mark.parametrize("told", [[], [{}], [{"name": "replies", "values": []}], ["replies"]])
def test_insights_without_a_count_are_a_gap_and_no_count_of_none(told):
    with pytest.raises(AnswerUnreadable, match="no count of its answers"):
        answers_counted(told)


def test_an_answer_of_our_own_whose_list_does_not_say_what_is_hidden_is_present(server, account):
    name = say(server, "At the front desk", on="9", by="examplepd", status=None)

    seen = visited(account())

    assert items(seen)[name].state is PlatformState.PRESENT
    assert of(Gap, seen) == []


def test_a_file_that_is_not_handed_out_says_so(server, account):
    still = {"media_type": "VIDEO", "thumbnail_url": "https://s.example/1_n.jpg"}
    parts = [{"id": "77", "media_type": "IMAGE", "media_url": None}]
    say(server, "Film", media=still)
    say(server, "Album", media={"media_type": "CAROUSEL_ALBUM", "children": {"data": parts}})
    say(server, "Words")

    film, album, words = (o.content for o in reversed(items(visited(account())).values()))

    assert (film.marks, len(film.attachments)) == (("file_not_offered",), 1)
    assert (album.marks, album.attachments) == (("file_not_offered",), ())
    assert words.marks == ()


def test_files_cards_quotations_and_reposts_are_told(server, account):
    part = {"id": "77", "media_type": "IMAGE", "media_url": "https://s.example/1_n.jpg?oe=1"}
    carousel = {
        "media_type": "CAROUSEL_ALBUM",
        "children": {"data": [part | {"alt_text": "A map"}]},
    }
    quoted = {"id": "9", "permalink": "https://www.threads.com/@other/post/T9"}
    say(server, "Album", media=carousel)
    say(server, "Quote", media={"is_quote_post": True, "quoted_post": quoted})
    say(server, "", media={"media_type": "REPOST_FACADE", "reposted_post": {"id": "8"}})
    say(server, "Card", media={"link_attachment_url": "https://example.gov/a"})
    say(server, "Moving", media={"gif_url": "https://gif.example/a/b.gif"})

    album, quote, repost, card, moving = (
        o.content for o in reversed(items(visited(account())).values())
    )

    assert [(a.key, a.description) for a in album.attachments] == [("77", "A map")]
    assert (quote.links, quote.marks) == ((quoted["permalink"],), ("quote",))
    assert (repost.links, repost.marks) == (("8",), ("boost",))
    assert card.links == ("https://example.gov/a",)
    assert [a.key for a in moving.attachments] == ["b.gif"]


def test_the_profile_is_an_item_and_a_new_biography_a_version(server, account):
    (one,) = [o for o in of(Observation, visited(account())) if o.content.kind is ItemKind.PROFILE]
    server.biography = "Call 911."
    (two,) = account().recheck([known(one.content)])

    assert (one.content.title, one.content.text) == ("Example Police", "The police of Example.")
    assert one.content.fingerprint() != two.content.fingerprint()
    assert [a.key for a in one.content.attachments] == ["77_n.jpg"]


def test_answers_that_are_said_to_be_there_and_are_not_shown_leave_a_gap(server, account):
    post = say(server, "Road closed")
    say(server, "By a private account", on=post, withheld=True)

    seen = visited(account())

    (gap,) = of(Gap, seen)
    assert (gap.why, gap.what) == (GapReason.OUT_OF_REACH, f"answers to {post}")
    assert not any(listed.whole for listed in of(Listed, seen) if "comment" in listed.kinds)


def test_a_token_of_another_account_or_a_dead_one_concludes_nothing(server, account):
    say(server, "Road closed")

    with pytest.raises(PermissionLost):
        visited(account("another"))
    server.username = "somebody"
    with pytest.raises(PermissionLost, match="not for the account"):
        visited(account())


def test_a_budget_that_is_spent_half_way_leaves_a_gap_and_keeps_the_place(server, account):
    post = say(server, "Road closed")
    say(server, "Why", on=post)
    server.refuse = lambda path, _query: (
        Refused(4, "(#4) Application request limit reached") if "conversation" in path else None
    )

    seen = visited(account())

    assert [gap.why for gap in of(Gap, seen)] == [GapReason(BudgetSpent.gap)]
    assert of(Cursor, seen) == of(Listed, seen) == []


def test_a_conversation_that_cannot_be_read_hides_no_other(server, account):
    broken, fine = say(server, "Broken"), say(server, "Fine")
    say(server, "Unread", on=broken)
    answer = say(server, "Read", on=fine)
    server.refuse = lambda path, _query: (
        Refused(100, "(#100) odd") if path == f"{broken}/conversation" else None
    )

    seen = visited(account())

    assert set(items(seen)) == {broken, fine, answer}
    assert [gap.native_id for gap in of(Gap, seen)] == [broken]


def test_the_token_is_in_no_raw_fragment_and_goes_to_no_other_server(server, account):
    image = {"media_type": "IMAGE", "media_url": "https://scontent.example/1_n.jpg"}
    say(server, "Picture", media=image)
    server.slice = 1

    seen = items(visited(account()))
    (content,) = [o.content for o in seen.values()]
    account().download(content.attachments[0])

    assert SECRET.encode() not in content.raw.body
    assert server.files == [("https://scontent.example/1_n.jpg", "")]


def test_a_visit_by_day_goes_back_no_further_than_it_must(server, account):
    old = say(server, "Old", at=NOON - 90 * DAY)
    say(server, "An old answer", on=old, at=NOON - 89 * DAY)
    young = say(server, "Young", at=NOON - 3 * DAY)
    say(server, "New", on=young, at=NOON)

    seen = items(visited(account(), since=NOON - DAY, young=NOON - 14 * DAY, cursor="x"))

    assert {o.content.text for o in seen.values()} == {"Young", "New"}
    assert not any("profile" in path for path in server.asked)


def test_checking_tries_each_right_that_a_visit_needs(server, account):
    post = say(server, "Road closed")
    say(server, "Why", on=post)
    server.forbidden = frozenset({"conversation"})

    checks = list(account().check())

    assert [check.granted for check in checks] == [True, True, False]


def test_a_page_is_refused_without_a_token_or_an_account(tmp_path):
    page = PageSettings(name="t", connector="threads", platform="threads", url=URL, secret="x")
    for wrong, why in (
        (replace(page, secret=None), "access token"),
        (replace(page, url="https://www.threads.com/"), "address"),
        (replace(page, options={"api_version": "1"}), "v1.0"),
        (replace(page, options={"graph_url": "http://graph.example"}), "https only"),
    ):
        with pytest.raises(ConfigInvalid, match=why):
            CONNECTOR.open(wrong, fetching(tmp_path))
    CONNECTOR.open(page, fetching(tmp_path)).close()
