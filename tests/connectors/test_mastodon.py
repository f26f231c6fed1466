"""Case notes on Mastodon: what is read of a status, and how an account is walked."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    ConfigInvalid,
    PermissionLost,
    PlatformUnreachable,
)
from archiver.records.items import Attachment, Author, ItemKind
from archiver.records.pages import FetchSettings, PageSettings
from connectors.cutting import json_list
from connectors.fetching import Fetcher, Pace
from connectors.mastodon import CONNECTOR
from connectors.mastodon.parsing import edit_to_content, placed, read_status, referring
from connectors.mastodon.visiting import AccountSource
from tests.connectors.mastodon_platform import NOON, MastodonServer
from tests.connectors.served import Wire

RECORDED = Path(__file__).parent / "recorded" / "mastodon"
PHOTO = {"id": "22345792", "type": "image", "url": "https://files.example/a/57859.jpeg",
         "description": "A lost dog"}  # fmt: skip
DAY = timedelta(days=1)


@pytest.fixture
def server():
    return MastodonServer()


@pytest.fixture
def settings(tmp_path):
    return FetchSettings(user_agent="archiver/1", spool=PurePath(tmp_path / "spool"))


def opened(server, settings, *, token=""):
    still = Pace(clock=lambda: 0.0, sleep=lambda _seconds: None)
    return AccountSource(
        Fetcher(settings, transport=Wire(server), pace=still),
        server=f"https://{server.host}",
        name="police",
        token=token,
    )


def visited(server, settings, *, token="", **window):
    return list(opened(server, settings, token=token).visit(Window(**window)))


def observed(seen):
    """Give what was published; the profile stands apart."""
    return [s for s in seen if isinstance(s, Observation) if s.content.kind != ItemKind.PROFILE]


def profiles(seen):
    return [s for s in seen if isinstance(s, Observation) if s.content.kind == ItemKind.PROFILE]


def slices_of(server):
    """Give the questions for the account's statuses; those it has pinned are asked for apart."""
    asked = [params for path, params in server.asked if path.endswith("/accounts/1/statuses")]
    return [params for params in asked if "pinned" not in params]


def ids(seen):
    return [s.content.native_id for s in observed(seen)]


def of(kind, seen):
    return [s for s in seen if isinstance(s, kind)]


def known(native_id, kind="comment", parent=None, thread=None):
    return Known(native_id=native_id, kind=kind, parent=parent, thread=thread, permalink="")


def recorded(name):
    return json_list((RECORDED / name).read_bytes())


# --- what is read of a status -------------------------------------------------------------------


def test_a_post_is_read_as_the_documentation_shows_it():
    ((value, raw),) = recorded("documented-status.json")

    status = read_status(value, raw, owner="1")

    content = status.content
    link = "https://www.theguardian.com/money/2019/dec/07/i-lost-my-193000-inheritance-with-one-wrong-digit-on-my-sort-code"
    assert content.native_id == "103270115826048975"
    assert content.kind is ItemKind.POST
    assert content.text == f'"I lost my inheritance with one wrong digit on my sort code"\n{link}'
    assert content.links == (link,)
    assert content.published_at == datetime(2019, 12, 8, 3, 48, 33, 901000, tzinfo=UTC)
    assert content.edited_at is None
    assert content.author == Author("1", "Eugen", "Gargron", "https://mastodon.social/@Gargron")
    assert content.permalink == "https://mastodon.social/@Gargron/103270115826048975"
    assert content.language == "en"
    assert (content.parent, content.thread) == (None, None)
    assert content.raw.body == raw
    assert status.engagement == {"favourites": 11, "reblogs": 6, "replies": 5, "quotes": 2}
    assert not status.restricted
    assert not status.boost


@pytest.mark.parametrize(
    ("author", "parent", "answered", "kind"),
    [
        ("1", None, None, ItemKind.POST),
        ("1", "5", "1", ItemKind.REPLY),
        ("1", "5", "7", ItemKind.REPLY),
        ("1", None, "7", ItemKind.REPLY),
        ("7", "5", "1", ItemKind.COMMENT),
        ("7", None, "1", ItemKind.COMMENT),
        ("7", "5", "8", ItemKind.REPLY),
        ("7", "5", "7", ItemKind.REPLY),
    ],
)
def test_who_answers_whom_says_what_a_status_is(author, parent, answered, kind):
    status = a_status(
        account={"id": author}, in_reply_to_id=parent, in_reply_to_account_id=answered
    )

    assert read(status).content.kind is kind


@pytest.mark.parametrize(
    ("visibility", "restricted"),
    [("public", False), ("unlisted", False), ("private", True), ("direct", True), (None, True)],
)
def test_what_was_never_public_is_marked(visibility, restricted):
    assert read(a_status(visibility=visibility)).restricted is restricted


def test_an_attachment_keeps_its_id_and_its_description():
    (attachment,) = read(a_status(media_attachments=[PHOTO])).content.attachments

    assert attachment == Attachment(
        "22345792", "https://files.example/a/57859.jpeg", "", "57859.jpeg", "A lost dog"
    )


def test_a_file_the_server_has_not_fetched_is_asked_for_where_it_came_from():
    media = PHOTO | {"url": None, "remote_url": "https://far.example/b.png"}

    (attachment,) = read(a_status(media_attachments=[media])).content.attachments

    assert attachment.url == "https://far.example/b.png"


def test_a_boost_refers_to_what_it_passes_on_and_holds_no_copy():
    theirs = a_status(id="9", content="<p>their words</p>", url="https://far.example/@a/9")
    raw = json.dumps(a_status(content="", reblog=theirs), indent=1).encode()

    status = read_status(json.loads(raw), raw, owner="1")

    kept = json.loads(status.content.raw.body)
    assert status.boost
    assert status.content.kind is ItemKind.POST
    assert status.content.marks == ("boost",)
    assert status.content.links == ("https://far.example/@a/9",)
    assert b"their words" not in status.content.raw.body
    assert kept["reblog"] == {
        "reference": {"id": "9", "uri": theirs["uri"], "url": "https://far.example/@a/9"}
    }


def test_a_quoted_status_is_referred_to_while_our_words_about_it_stay():
    theirs = a_status(id="9", content="<p>their words</p>", url="https://far.example/@a/9")
    ours = a_status(content="<p>We say</p>", quote={"state": "accepted", "quoted_status": theirs})
    raw = json.dumps(ours).encode()

    content = read_status(ours, raw, owner="1").content

    assert content.text == "We say"
    assert content.marks == ("quote",)
    assert content.links == ("https://far.example/@a/9",)
    assert b"their words" not in content.raw.body
    assert b"We say" in content.raw.body


def test_outside_the_reference_every_byte_of_a_boost_is_the_servers():
    raw = (
        '{ "id":"1","note":"caf\\u00e9 é","n":1.50e3, "reblog" : {"id":"9","content":"x"} ,"z":[ ]}'
    )

    kept = referring(raw.encode()).decode()

    assert kept == raw.replace('{"id":"9","content":"x"}', '{"reference": {"id": "9"}}')


def test_mentions_and_hashtags_are_no_links():
    words = (
        '<p><a href="https://s.example/@a" class="u-url mention">@a</a>'
        ' <a class="mention hashtag" href="https://s.example/tags/b">#b</a>'
        ' <a href="https://city.example/?a=1&amp;b=2" rel="nofollow">here</a></p>'
    )

    assert read(a_status(content=words)).content.links == ("https://city.example/?a=1&b=2",)


def test_a_content_warning_is_the_title():
    assert read(a_status(spoiler_text="Graphic")).content.title == "Graphic"


def test_an_id_beyond_the_largest_exact_number_keeps_every_digit():
    raw = json.dumps(a_status()).replace('"id": "5"', '"id": 109999999999999999999').encode()

    status = read_status(json.loads(raw), raw, owner="1")

    assert status.native_id == "109999999999999999999"


@pytest.mark.parametrize(
    "damage",
    [
        {"id": None}, {"id": ""}, {"id": True}, {"id": ["5"]},
        {"created_at": None}, {"created_at": "yesterday"}, {"created_at": "2026-03-02T12:00:00"},
        {"created_at": "0001-01-01T00:00:00+14:00"}, {"edited_at": "soon"}, {"edited_at": 3},
        {"content": None}, {"content": 3}, {"account": None}, {"account": {}},
        {"media_attachments": None}, {"media_attachments": ["x"]}, {"media_attachments": [{}]},
        {"reblog": "9"}, {"quote": 4}, {"quote": {"quoted_status": 4}}, {"spoiler_text": 5},
        {"in_reply_to_id": {}}, {"visibility": []}, {"language": 5},
    ],
)  # fmt: skip
def test_a_status_that_is_not_as_documented_is_refused(damage):
    with pytest.raises(AnswerUnreadable):
        read(a_status(**damage))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["id", "content", "account", "reblog", "quote", "quoted_status", "url",
                         "created_at", "media_attachments", "in_reply_to_id", "edited_at"]),
        inner, max_size=8,
    ),
    max_leaves=25,
)  # fmt: skip


@given(
    damage=st.dictionaries(
        st.sampled_from(["id", "content", "account", "reblog", "quote", "media_attachments",
                         "created_at", "edited_at", "spoiler_text", "replies_count", "language",
                         "in_reply_to_id", "in_reply_to_account_id", "visibility", "url"]),
        JSON, max_size=3,
    ),
    whole=JSON,
)  # fmt: skip
def test_no_answer_makes_the_parser_fail_in_another_way(damage, whole):
    now = read(a_status()).content
    for value in (a_status() | damage, whole):
        raw = json.dumps(value).encode()
        with suppress(AnswerUnreadable):
            read_status(json.loads(raw), raw, owner="1")
        with suppress(AnswerUnreadable):
            edit_to_content(json.loads(raw), raw, now=now, first=False)


def a_status(**fields):
    return {
        "id": "5", "created_at": "2026-03-02T12:00:00.000Z", "in_reply_to_id": None,
        "in_reply_to_account_id": None, "spoiler_text": "", "visibility": "public",
        "language": "en", "uri": "https://s.example/users/police/statuses/5",
        "url": "https://s.example/@police/5", "content": "<p>Roads are open.</p>", "reblog": None,
        "account": {"id": "1", "acct": "police"}, "media_attachments": [], "edited_at": None,
    } | fields  # fmt: skip


def read(status, owner="1"):
    return read_status(status, json.dumps(status).encode(), owner=owner)


# --- the walk -----------------------------------------------------------------------------------


def test_every_status_of_a_long_account_is_seen_once(server, settings):
    posted = [server.post(f"<p>Notice {n}</p>") for n in range(95)]

    seen = visited(server, settings)

    assert sorted(ids(seen)) == posted
    assert of(Gap, seen) == []
    assert of(Listed, seen)[-1] == Listed(whole=True, platform_count=95, kinds=("post",))
    assert seen[-1] == Cursor(posted[-1])


def test_direct_replies_that_the_server_counts_and_shows_are_told_for_each_status(server, settings):
    post = server.post("<p>Notice</p>")
    first = server.answer(post, "<p>Thanks</p>")
    server.answer(first, "<p>For what?</p>", author="8")
    server.counts_hidden[post] = 2

    seen = visited(server, settings)

    assert of(ThreadListed, seen) == [ThreadListed(native_id=post, counted=3, shown=1)]


def test_a_slice_that_the_server_left_short_is_not_taken_for_the_end(server, settings):
    server.slice = 25
    posted = [server.post(f"<p>Notice {n}</p>") for n in range(60)]

    assert sorted(ids(visited(server, settings))) == posted
    assert len(slices_of(server)) == 4


def test_statuses_of_one_instant_at_the_edge_of_a_slice_are_all_seen(server, settings):
    posted = [server.post(f"<p>Notice {n}</p>", at=NOON) for n in range(81)]

    assert sorted(ids(visited(server, settings))) == posted


def test_what_is_posted_during_the_walk_shifts_nothing(server, settings):
    posted = [server.post(f"<p>Notice {n}</p>") for n in range(85)]
    walk = opened(server, settings).visit(Window())

    first = [next(walk) for _ in range(10)]
    server.post("<p>Breaking</p>")
    rest = list(walk)

    assert sorted(ids([*first, *rest])) == posted


def test_the_publics_answers_come_with_the_post_they_belong_to(server, settings):
    post = server.post("<p>Road closed</p>")
    comment = server.answer(post, "<p>Which one?</p>")
    ours = server.answer(comment, "<p>Main Street</p>", author="1")
    theirs = server.answer(ours, "<p>Thanks</p>", author="8")

    seen = {s.content.native_id: s.content for s in observed(visited(server, settings))}

    assert {i: (c.kind, c.parent, c.thread) for i, c in seen.items()} == {
        post: (ItemKind.POST, None, None),
        comment: (ItemKind.COMMENT, post, post),
        ours: (ItemKind.REPLY, comment, post),
        theirs: (ItemKind.COMMENT, ours, post),
    }


def test_our_answer_to_a_stranger_belongs_to_the_strangers_thread(server, settings):
    question = server.post("<p>Is the park open?</p>", author="7")
    answer = server.answer(question, "<p>Yes</p>", author="1")
    thanks = server.answer(answer, "<p>Great</p>")

    seen = {s.content.native_id: s.content for s in observed(visited(server, settings))}

    assert seen.keys() == {answer, thanks}
    assert {c.thread for c in seen.values()} == {question}


def test_the_root_of_a_deep_thread_is_found_however_few_levels_are_shown(server, settings):
    root = at = server.post("<p>Thread</p>")
    for n in range(90):
        at = server.answer(at, f"<p>{n}</p>", author="1")

    seen = visited(server, settings)

    assert len(ids(seen)) == len(set(ids(seen))) == 91
    assert {s.content.thread for s in observed(seen)} == {None, root}
    assert of(Gap, seen) == []
    assert len([path for path, _ in server.asked if path.endswith("/context")]) < 20


def test_where_the_root_is_hidden_the_thread_is_still_called_by_it(server, settings):
    hidden = server.post("<p>Friends only</p>", author="7", visibility="private")
    shown = server.answer(hidden, "<p>Public again</p>", author="8")
    server.answer(shown, "<p>We are here</p>", author="1")

    (seen,) = observed(visited(server, settings))

    assert (seen.content.parent, seen.content.thread) == (shown, hidden)


def test_replies_below_the_depth_a_stranger_is_shown_are_asked_for_again(server, settings):
    post = at = server.post("<p>Ask us anything</p>")
    for n in range(50):
        at = server.answer(at, f"<p>{n}</p>", author=str(10 + n))

    seen = visited(server, settings)

    assert len(ids(seen)) == 51
    assert {s.content.thread for s in observed(seen)} == {None, post}
    assert of(Gap, seen) == []


def test_replies_out_of_reach_without_a_token_are_a_gap(server, settings):
    post = server.post("<p>Ask us anything</p>")
    for n in range(61):
        server.answer(post, f"<p>{n}</p>")

    seen = visited(server, settings)

    (gap,) = of(Gap, seen)
    assert (gap.why, gap.native_id) == (GapReason.OUT_OF_REACH, post)
    assert "a token shows more" in gap.detail
    assert len(ids(seen)) == 61
    assert all(listed.whole for listed in of(Listed, seen))


def test_sixty_replies_are_all_a_stranger_needs(server, settings):
    post = server.post("<p>Ask us anything</p>")
    for n in range(60):
        server.answer(post, f"<p>{n}</p>")

    assert of(Gap, visited(server, settings)) == []


def test_with_a_token_all_replies_and_private_ones_are_seen(server, settings):
    server.token = "s3cret"
    post = server.post("<p>Ask us anything</p>")
    for n in range(61):
        server.answer(post, f"<p>{n}</p>")
    whispered = server.answer(post, "<p>Only for you</p>", visibility="direct")

    seen = visited(server, settings, token="s3cret")

    restricted = [s.content.native_id for s in observed(seen) if s.restricted]
    assert len(ids(seen)) == 63
    assert restricted == [whispered]
    assert of(Gap, seen) == []


def test_earlier_wordings_come_before_the_present_one(server, settings):
    post = server.post("<p>Closed until 3</p>", media=[PHOTO])
    server.edit(post, "<p>Closed until 4</p>", at=NOON + DAY)
    server.edit(post, "<p>Closed until 5</p>", at=NOON + 2 * DAY)

    seen = observed(visited(server, settings))

    assert [(s.content.text, s.current) for s in seen] == [
        ("Closed until 3", False),
        ("Closed until 4", False),
        ("Closed until 5", True),
    ]
    assert [s.content.edited_at for s in seen] == [None, NOON + DAY, NOON + 2 * DAY]
    assert {s.content.published_at for s in seen} == {NOON}
    assert {len(s.content.attachments) for s in seen} == {1}


def test_an_edited_comment_of_the_public_keeps_its_first_wording(server, settings):
    post = server.post("<p>Open house</p>")
    comment = server.answer(post, "<p>I will burn it down</p>")
    server.edit(comment, "<p>Nice</p>", at=NOON + DAY)

    seen = [s for s in observed(visited(server, settings)) if s.content.native_id == comment]

    assert [(s.content.text, s.current) for s in seen] == [
        ("I will burn it down", False),
        ("Nice", True),
    ]
    assert {(s.content.thread, s.content.kind) for s in seen} == {(post, ItemKind.COMMENT)}


def test_a_status_whose_history_cannot_be_had_is_kept_as_it_reads_now(server, settings):
    post = server.post("<p>First</p>")
    server.edit(post, "<p>Second</p>", at=NOON + DAY)
    server.fail = lambda path, _: (403, {}, b"{}") if path.endswith("/history") else None

    seen = visited(server, settings)

    (gap,) = of(Gap, seen)
    assert (gap.why, gap.native_id) == (GapReason.PERMISSION_LOST, post)
    assert [s.content.text for s in observed(seen)] == ["Second"]


def test_a_boost_is_one_item_and_nobody_is_asked_for_its_thread(server, settings):
    theirs = server.post("<p>Storm warning</p>", author="9")
    boost = server.post("", boosts=theirs)

    seen = visited(server, settings)

    assert ids(seen) == [boost]
    assert not any(path.endswith("/context") for path, _ in server.asked)


# --- coming back --------------------------------------------------------------------------------


def an_old_and_a_new(server):
    old = [server.post(f"<p>Old {n}</p>", at=NOON - 90 * DAY) for n in range(50)]
    recent = [server.post(f"<p>Recent {n}</p>", at=NOON) for n in range(5)]
    return old, recent


def test_a_later_visit_goes_back_to_the_look_back_and_no_further(server, settings):
    _old, recent = an_old_and_a_new(server)
    late = server.answer(recent[0], "<p>Late comment</p>")

    seen = visited(server, settings, since=NOON, cursor=recent[-1])

    assert set(ids(seen)) == {*recent, late}
    assert len(slices_of(server)) == 2
    assert len([p for p, _ in server.asked if p.endswith("/context")]) == 5
    assert of(Listed, seen)[-1] == Listed(whole=True, since=NOON, kinds=("post",))


def test_a_visit_after_long_silence_goes_back_to_where_the_last_one_ended(server, settings):
    old, recent = an_old_and_a_new(server)

    seen = visited(server, settings, since=NOON, cursor=old[0])

    assert set(ids(seen)) == {*old[1:], *recent}


def test_a_full_visit_goes_back_to_the_first_status_whatever_the_cursor(server, settings):
    old, recent = an_old_and_a_new(server)

    seen = visited(server, settings, since=NOON, cursor=recent[-1], full=True)

    assert set(ids(seen)) == {*old, *recent}
    assert of(Listed, seen)[-1] == Listed(whole=True, platform_count=55, kinds=("post",))


@pytest.mark.parametrize("window", [{"cursor": "999999999999999999"}, {"since": NOON}, {}])
def test_while_no_visit_has_been_whole_the_whole_account_is_walked(server, settings, window):
    old, recent = an_old_and_a_new(server)

    seen = visited(server, settings, **window)

    assert set(ids(seen)) == {*old, *recent}
    assert {listed.since for listed in of(Listed, seen)} == {None}


def test_the_cursor_never_goes_back(server, settings):
    posted = server.post("<p>Hello</p>")
    later = str(int(posted) + 5)

    assert of(Cursor, visited(server, settings, since=NOON, cursor=later)) == [Cursor(later)]


def test_an_account_without_statuses_is_a_whole_listing_and_leaves_no_cursor(server, settings):
    seen = visited(server, settings)

    assert [type(s) for s in seen if s not in profiles(seen)] == [Listed, Listed]
    assert all(listed.whole for listed in of(Listed, seen))


# --- when the server fails ----------------------------------------------------------------------


def test_a_walk_that_breaks_off_leaves_a_gap_and_no_cursor(server, settings):
    for n in range(85):
        server.post(f"<p>{n}</p>")
    server.fail = lambda _, params: (503, {}, b"") if "max_id" in params else None

    seen = visited(server, settings)

    assert len(ids(seen)) == 40
    assert [gap.why for gap in of(Gap, seen)] == [GapReason.UNREACHABLE]
    assert of(Cursor, seen) == of(Listed, seen) == []


def test_a_token_that_ends_half_way_is_a_gap_and_nothing_is_marked_removed(server, settings):
    for n in range(45):
        server.post(f"<p>{n}</p>")
    server.fail = lambda _, params: (401, {}, b"{}") if "max_id" in params else None

    seen = visited(server, settings)

    assert [gap.why for gap in of(Gap, seen)] == [GapReason.PERMISSION_LOST]
    assert of(Sighting, seen) == of(Cursor, seen) == []


def test_replies_that_cannot_be_had_are_a_gap_and_the_visit_goes_on(server, settings):
    posts = [server.post(f"<p>{n}</p>") for n in range(3)]
    broken = f"/api/v1/statuses/{posts[1]}/context"
    server.fail = lambda path, _: (500, {}, b"") if path == broken else None

    seen = visited(server, settings)

    (gap,) = of(Gap, seen)
    assert sorted(ids(seen)) == posts
    assert (gap.why, gap.native_id) == (GapReason.UNREACHABLE, posts[1])
    assert [listed.whole for listed in of(Listed, seen)] == [False, True]
    assert of(Cursor, seen) == [Cursor(posts[-1])]


def test_a_status_that_vanishes_during_the_visit_is_kept_and_said_to_be_not_visible(
    server, settings
):
    post = server.post("<p>Oops</p>")
    server.fail = lambda path, _: (404, {}, b"{}") if path.endswith("/context") else None

    seen = visited(server, settings)

    assert ids(seen) == [post]
    assert of(Sighting, seen) == [Sighting(native_id=post, state=PlatformState.NOT_VISIBLE)]


def test_one_status_that_cannot_be_read_stops_nothing_but_is_a_gap(server, settings):
    posts = [server.post(f"<p>{n}</p>") for n in range(3)]
    server.statuses[posts[1]].media = None

    seen = visited(server, settings)

    (gap,) = of(Gap, seen)
    assert (gap.why, gap.native_id) == (GapReason.UNREADABLE, posts[1])
    assert sorted(ids(seen)) == [posts[0], posts[2]]
    assert [listed.whole for listed in of(Listed, seen)] == [False, False]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((200, {"content-type": "text/html"}, b"<!DOCTYPE html><title>Log in"), AnswerUnreadable),
        ((200, {}, b'{"error":"no"}'), AnswerUnreadable),
        ((200, {}, b'[{"id":"1"'), AnswerUnreadable),
        ((401, {}, b"{}"), PermissionLost),
        ((403, {}, b"{}"), PermissionLost),
        ((404, {}, b"{}"), AnswerUnreadable),
        ((410, {}, b""), AnswerUnreadable),
        ((500, {}, b""), PlatformUnreachable),
        ((200, {}, b'{"id":"1","suspended":true}'), PermissionLost),
    ],
)
def test_a_visit_that_cannot_begin_says_why_and_sees_nothing(server, settings, answer, error):
    server.fail = lambda _path, _params: answer

    with pytest.raises(error):
        visited(server, settings)


def test_a_server_that_shows_strangers_nothing_asks_for_a_token(server, settings):
    server.walled = True
    server.token = "s3cret"
    server.post("<p>Hi</p>")

    with pytest.raises(PermissionLost):
        visited(server, settings)
    assert len(ids(visited(server, settings, token="s3cret"))) == 1


# --- looking again ------------------------------------------------------------------------------


def rechecked(server, settings, item):
    return list(opened(server, settings).recheck([item]))


def test_a_status_that_is_still_there_is_seen_in_the_place_it_was_known_to_have(server, settings):
    post = server.post("<p>Hi</p>")
    comment = server.answer(post, "<p>Hello</p>")
    server.remove(post)

    (seen,) = rechecked(server, settings, known(comment, "comment", parent=post, thread=post))

    assert (seen.content.parent, seen.content.thread) == (post, post)
    assert seen.content.kind is ItemKind.COMMENT


def test_a_404_tells_nothing_but_that_a_status_is_not_visible(server, settings):
    post = server.post("<p>Hi</p>")
    server.remove(post)

    (seen,) = rechecked(server, settings, known(post, "post"))

    assert seen == Sighting(native_id=post, state=PlatformState.NOT_VISIBLE)
    assert seen.actor == ""


def test_a_410_is_the_servers_word_that_a_status_was_removed(server, settings):
    server.fail = lambda _path, _params: (410, {}, b"")

    (seen,) = rechecked(server, settings, known("5"))

    assert seen.state is PlatformState.REPORTED_REMOVED
    assert (seen.actor, seen.source) == ("", "mastodon 410")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((401, {}, b"{}"), GapReason.PERMISSION_LOST),
        ((403, {}, b"{}"), GapReason.PERMISSION_LOST),
        ((500, {}, b""), GapReason.UNREACHABLE),
        ((200, {}, b"<html><body>Log in"), GapReason.UNREADABLE),
        ((200, {}, b"[]"), GapReason.UNREADABLE),
        ((200, {}, json.dumps(a_status(id="6")).encode()), GapReason.UNREADABLE),
    ],
)
def test_a_status_that_could_not_be_looked_at_is_a_gap_and_never_removed(
    server, settings, answer, why
):
    server.fail = lambda _path, _params: answer

    (seen,) = rechecked(server, settings, known("5"))

    assert (type(seen), seen.why, seen.native_id) == (Gap, why, "5")


# --- opening ------------------------------------------------------------------------------------


def a_page(url="https://social.example/@police", **more):
    return PageSettings(name="p", connector="mastodon", platform="mastodon", url=url, **more)


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        (a_page("https://social.example/about"), "must end in /@name"),
        (a_page("ftp://social.example/@police"), "no http"),
        (a_page("https://chief:pw@social.example/@police"), "holds a user name"),
        (a_page("http://social.example/@police", secret="s3cret"), "not sent over http"),
    ],
)
def test_a_page_that_names_no_account_or_exposes_a_secret_is_refused(page, fault, settings):
    with pytest.raises(ConfigInvalid, match=fault) as refused:
        CONNECTOR.open(page, settings)

    assert "s3cret" not in str(refused.value)
    assert "pw" not in str(refused.value).replace("page", "")


@pytest.mark.parametrize(
    "page",
    [
        a_page(),
        a_page("https://social.example/@police@other.example/"),
        a_page("https://social.example/users/police"),
        a_page("https://social.example", options={"account": "42"}),
    ],
)
def test_a_page_that_names_an_account_opens(page, settings):
    CONNECTOR.open(page, settings).close()


def test_an_account_may_be_named_by_its_id(server, settings):
    server.post("<p>Hi</p>")
    source = AccountSource(
        Fetcher(settings, transport=Wire(server)),
        server="https://social.example", name="", account="1",
    )  # fmt: skip

    assert len(ids(source.visit(Window()))) == 1


def test_the_token_goes_to_the_server_and_into_nothing_we_keep(server, settings):
    server.token = "s3cret"
    post = server.post("<p>Hi</p>", media=[PHOTO])
    broken = f"/api/v1/statuses/{post}/context"
    server.fail = lambda path, _: (401, {}, b"{}") if path == broken else None
    source = opened(server, settings, token="s3cret")

    seen = list(source.visit(Window()))

    assert set(server.credentials) == {"Bearer s3cret"}
    assert "s3cret" not in repr(seen) + repr(source) + repr(vars(source)["_fetcher"])


def test_a_file_is_fetched_without_the_token(server, settings):
    server.token = "s3cret"
    server.fail = lambda path, _: (
        (200, {"content-type": "image/jpeg"}, b"JPEG") if path == "/a" else None
    )
    source = opened(server, settings, token="s3cret")

    fetched = source.download(Attachment("1", "https://files.example/a"))

    assert (fetched.size, fetched.media_type) == (4, "image/jpeg")
    assert server.credentials == [""]
    source.close()
    assert not Path(fetched.path).exists()


def test_a_file_without_an_address_is_not_silently_complete(server, settings):
    with pytest.raises(AnswerUnreadable):
        opened(server, settings).download(Attachment("1", ""))


def test_a_root_is_in_no_thread_but_its_own():
    content = read(a_status()).content

    assert placed(content, thread="5").thread is None
    assert placed(content, thread="4").thread == "4"


# --- the profile --------------------------------------------------------------------------


def test_what_the_account_says_of_itself_is_an_item_and_a_new_pin_a_version(server, settings):
    server.about = {
        "note": '<p>Not monitored. <a href="https://pd.example/911">Call 911</a></p>',
        "fields": [{"name": "Chief", "value": "A. Doe", "verified_at": None}],
        "avatar": "https://files.example/a.png",
        "header": "https://files.example/h.png",
    }
    pinned = server.post("<p>House rules</p>")
    server.post("<p>Road closed</p>")

    (before,) = profiles(visited(server, settings))
    server.pinned = [pinned]
    (after,) = profiles(visited(server, settings))

    said = before.content
    assert (said.native_id, said.title) == ("account-1", "Indio Police")
    assert said.text == "Not monitored. Call 911\nChief: A. Doe"
    assert [(file.name, file.url) for file in said.attachments] == [
        ("picture", "https://files.example/a.png"), ("banner", "https://files.example/h.png"),
    ]  # fmt: skip
    assert said.links == ("https://pd.example/911",)
    assert json.loads(said.raw.body)["note"] == server.about["note"]
    assert after.content.links == (*said.links, f"https://social.example/@police/{pinned}")
    assert after.content.fingerprint() != said.fingerprint()


def test_a_profile_is_looked_at_again_as_a_profile(server, settings):
    known = Known(native_id="account-1", kind="profile", parent=None, thread=None, permalink="")

    (again,) = opened(server, settings).recheck([known])

    assert again == profiles(visited(server, settings))[0]


def test_pins_that_cannot_be_had_are_a_gap_and_make_no_version(server, settings):
    server.post("<p>Road closed</p>")
    server.fail = lambda _path, params: (404, {}, b"") if "pinned" in params else None

    seen = visited(server, settings)

    assert profiles(seen) == []
    assert [gap.what for gap in of(Gap, seen)] == ["the account's profile"]
    assert len(observed(seen)) == 1


def test_a_light_visit_asks_for_no_profile(server, settings):
    server.post("<p>Road closed</p>")

    seen = visited(server, settings, since=NOON - DAY, cursor="1", young=NOON - DAY)

    assert profiles(seen) == []
    assert not any("pinned" in params for _, params in server.asked)
