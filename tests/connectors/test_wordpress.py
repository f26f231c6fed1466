"""Case notes on WordPress: what is read of a post, how lists are walked, what "gone" means."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path, PurePath
from zoneinfo import ZoneInfo

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
    Window,
)
from archiver.records.errors import AnswerUnreadable, ConfigInvalid, PermissionLost
from archiver.records.items import Attachment, Author, ItemKind
from archiver.records.pages import FetchSettings, PageSettings
from connectors.cutting import json_list
from connectors.fetching import Fetcher, Pace, authorization
from connectors.wordpress import CONNECTOR
from connectors.wordpress.parsing import (
    comment_to_entry,
    media_to_attachment,
    post_to_entry,
    read_zone,
    revision_to_content,
    user_to_author,
    with_inline,
)
from connectors.wordpress.site import Site, gone
from connectors.wordpress.visiting import SiteSource
from tests.connectors.served import SERVED, Wire
from tests.connectors.wordpress_platform import EDITOR, NOON, WordpressSite

RECORDED = Path(__file__).parent / "recorded" / "wordpress"
DAY = timedelta(days=1)
PACIFIC = ZoneInfo("America/Los_Angeles")
MARKS = json.dumps(dict.fromkeys(("posts", "pages", "comments"), "2026-03-02T00:00:00Z"))


@pytest.fixture
def site():
    return WordpressSite()


@pytest.fixture
def settings(tmp_path):
    return FetchSettings(user_agent="archiver/1", spool=PurePath(tmp_path / "spool"))


def opened(site, settings, *, secret="", types=("posts", "pages")):
    still = Pace(clock=lambda: 0.0, sleep=lambda _seconds: None)
    fetcher = Fetcher(settings, transport=Wire(site), pace=still)
    url = f"https://{site.host}"
    return SiteSource(fetcher, Site(fetcher, url, authorization(secret)), url, types)


def visited(site, settings, *, secret="", **window):
    """Visit, and give what was published; what the site says of itself stands apart."""
    seen = list(opened(site, settings, secret=secret).visit(Window(**window)))
    return [one for one in seen if one not in profiles(seen)]


def profiles(seen):
    return [one for one in of(Observation, seen) if one.content.kind is ItemKind.PROFILE]


def rechecked(site, settings, *native_ids, secret=""):
    items = [
        Known(native_id=n, kind="post", parent=None, thread=None, permalink="") for n in native_ids
    ]
    return list(opened(site, settings, secret=secret).recheck(items))


def of(kind, seen):
    return [s for s in seen if isinstance(s, kind)]


def ids(seen):
    return [s.content.native_id for s in of(Observation, seen)]


def by_id(seen):
    return {s.content.native_id: s for s in of(Observation, seen) if s.current}


def recorded(name):
    return json_list((RECORDED / name).read_bytes())


def a_post(**fields):
    return {
        "id": 5, "date": "2026-03-02T04:00:00", "date_gmt": "2026-03-02T12:00:00",
        "modified": "2026-03-02T04:00:00", "modified_gmt": "2026-03-02T12:00:00",
        "status": "publish", "link": "https://city.example/?p=5", "title": {"rendered": "Roads"},
        "content": {"rendered": "<p>Open.</p>", "protected": False}, "author": 2,
        "featured_media": 0,
    } | fields  # fmt: skip


def read(post, zone=UTC):
    return post_to_entry(post, json.dumps(post).encode(), kind=ItemKind.POST, zone=zone)


def a_comment(**fields):
    return {
        "id": 7, "post": 5, "parent": 0, "author": 0, "author_name": "A. Neighbor",
        "author_url": "", "date": "2026-03-02T05:00:00", "date_gmt": "2026-03-02T13:00:00",
        "content": {"rendered": "<p>Thanks</p>"}, "link": "https://city.example/?p=5#comment-7",
        "status": "approved",
    } | fields  # fmt: skip


def heard(comment):
    return comment_to_entry(comment, json.dumps(comment).encode(), zone=UTC)


# --- what is read -------------------------------------------------------------------------------


def test_a_post_is_read_as_wordpress_shows_it():
    ((value, raw),) = recorded("post.json")

    entry = post_to_entry(value, raw, kind=ItemKind.POST, zone=UTC)

    content = entry.content
    assert content.native_id == "post-412"
    assert content.title == "Road closure \u2013 Main & 4th"
    assert content.text == (
        "Main Street is closed at 4th until 5 p.m.\nDetails: closures page\nCrew at work"
    )
    assert content.links == ("https://city.example/closures?a=1&b=2",)
    assert content.published_at == datetime(2026, 3, 2, 17, 5, 9, tzinfo=UTC)
    assert content.edited_at == datetime(2026, 3, 2, 21, 30, tzinfo=UTC)
    assert content.permalink == "https://city.example/2026/03/road-closure/"
    assert (content.parent, content.thread) == (None, None)
    assert content.raw.body == raw
    assert entry.media == {398, 401}
    assert (entry.author, entry.history, entry.state) == (2, 3, PlatformState.PRESENT)
    assert not entry.restricted


def test_a_reply_is_read_as_wordpress_shows_it():
    ((value, raw),) = recorded("comment.json")

    content = comment_to_entry(value, raw, zone=UTC).content

    assert content.native_id == "comment-88"
    assert content.kind is ItemKind.REPLY
    assert (content.parent, content.thread) == ("comment-87", "post-412")
    assert content.text == "It\u2019s open again.\nSee you & yours"
    assert content.author == Author("", "A. Neighbor", "", "https://neighbor.example/")
    assert content.published_at == datetime(2026, 3, 3, 1, 2, 3, tzinfo=UTC)
    assert content.raw.body == raw


def test_a_comment_answers_the_post_where_it_answers_no_comment():
    content = heard(a_comment()).content

    assert content.kind is ItemKind.COMMENT
    assert (content.parent, content.thread) == ("post-5", "post-5")


def test_a_comment_by_a_user_of_the_site_names_the_user():
    assert heard(a_comment(author=3)).content.author == Author("3", "A. Neighbor")


@pytest.mark.parametrize(
    ("status", "state", "restricted"),
    [
        ("publish", PlatformState.PRESENT, False),
        ("draft", PlatformState.HIDDEN, True),
        ("pending", PlatformState.HIDDEN, True),
        ("future", PlatformState.HIDDEN, True),
        ("private", PlatformState.HIDDEN, True),
        ("trash", PlatformState.REPORTED_REMOVED, False),
        ("a-plugin-invented-this", PlatformState.HIDDEN, False),
    ],
)
def test_the_status_of_a_post_says_who_sees_it(status, state, restricted):
    entry = read(a_post(status=status))

    assert (entry.state, entry.restricted) == (state, restricted)


@pytest.mark.parametrize(
    ("status", "state", "restricted"),
    [
        ("approved", PlatformState.PRESENT, False),
        ("hold", PlatformState.HIDDEN, True),
        ("spam", PlatformState.HIDDEN, False),
        ("trash", PlatformState.REPORTED_REMOVED, False),
        ("post-trashed", PlatformState.REPORTED_REMOVED, False),
    ],
)
def test_the_status_of_a_comment_says_who_sees_it(status, state, restricted):
    entry = heard(a_comment(status=status))

    assert (entry.state, entry.restricted) == (state, restricted)


@pytest.mark.parametrize(
    ("gmt", "zone", "moment"),
    [
        ("2026-03-02T12:00:00", PACIFIC, datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("0000-00-00T00:00:00", PACIFIC, datetime(2026, 3, 2, 12, tzinfo=UTC)),
        (None, PACIFIC, datetime(2026, 3, 2, 12, tzinfo=UTC)),
        (None, timezone(timedelta(hours=2)), datetime(2026, 3, 2, 2, tzinfo=UTC)),
        ("2026-03-02T12:00:00+02:00", UTC, datetime(2026, 3, 2, 10, tzinfo=UTC)),
    ],
)
def test_a_time_without_gmt_is_read_by_the_clocks_of_the_site(gmt, zone, moment):
    assert read(a_post(date_gmt=gmt), zone).content.published_at == moment


@pytest.mark.parametrize(
    ("index", "hours"),
    [
        ({"timezone_string": "America/Los_Angeles", "gmt_offset": -8}, -8),
        ({"timezone_string": "", "gmt_offset": "5.5"}, 5.5),
        ({"timezone_string": "", "gmt_offset": -3.5}, -3.5),
        ({"timezone_string": "Nowhere/Such", "gmt_offset": 2}, 2),
        ({"timezone_string": "../etc/passwd", "gmt_offset": 1}, 1),
        ({"gmt_offset": "nan"}, 0),
        ({"gmt_offset": 99}, 0),
        ({"gmt_offset": None}, 0),
        ({}, 0),
    ],
)
def test_the_site_says_how_its_clocks_are_set(index, hours):
    winter = datetime(2026, 1, 15, tzinfo=UTC)

    assert winter.astimezone(read_zone(index)).utcoffset() == timedelta(hours=hours)


def test_a_post_without_a_picture_names_no_file():
    assert read(a_post(featured_media=0)).media == frozenset()
    assert read(a_post(featured_media=9)).media == {9}


def test_a_post_that_was_never_edited_has_no_time_of_edit():
    assert read(a_post()).content.edited_at is None
    assert read(a_post(modified_gmt="2026-03-01T12:00:00")).content.edited_at is None
    assert read(a_post(modified_gmt="2026-03-02T12:00:01")).content.edited_at is not None


def test_a_password_keeps_a_text_from_us_and_is_no_empty_post():
    entry = read(a_post(content={"rendered": "", "protected": True}))

    assert entry.closed
    assert entry.restricted
    assert not read(a_post(content={"rendered": "", "protected": False})).closed
    assert not read(a_post(content={"rendered": "x", "protected": True})).closed


def test_a_file_of_the_library_keeps_its_number_and_its_description():
    media = {"id": 9, "post": 5, "source_url": "https://c.example/wp-content/uploads/a%20b.jpg",
             "mime_type": "image/jpeg", "alt_text": "",
             "caption": {"rendered": "<p>A dog</p>"}}  # fmt: skip

    assert media_to_attachment(media) == (
        9, 5, Attachment("9", media["source_url"], "image/jpeg", "a b.jpg", "A dog"),
    )  # fmt: skip
    assert media_to_attachment(media | {"alt_text": "Dog"})[2].description == "Dog"
    assert media_to_attachment(media | {"post": None})[1] == 0


@pytest.mark.parametrize(
    ("body", "added"),
    [
        ('<img src="https://c.example/wp-content/uploads/2026/dog-300x200.jpg" alt="">', []),
        ('<a href="https://c.example/wp-content/uploads/2026/dog.jpg">big</a>', []),
        ('<a href="/wp-content/uploads/plan.pdf?v=2">x</a>', ["/wp-content/uploads/plan.pdf"]),
        ('<video src="/wp-content/uploads/v.mp4"></video>', ["/wp-content/uploads/v.mp4"]),
        ('<img data-src="/wp-content/uploads/lazy.jpg">', []),
        ('<a href="https://c.example/about">x</a>', []),
        ('<a href="http://[/wp-content/uploads/x">x</a>', []),
    ],
)
def test_uploads_that_a_text_shows_are_files_of_the_post_once(body, added):
    dog = Attachment("9", "https://c.example/wp-content/uploads/2026/dog-scaled.jpg")

    files = with_inline([dog], body)

    assert files[0] is dog
    assert [file.key for file in files[1:]] == added


def test_two_files_without_an_address_stay_two():
    assert len(with_inline([Attachment("1", ""), Attachment("2", "")], "")) == 2


@pytest.mark.parametrize(
    "damage",
    [
        {"id": None}, {"id": 0}, {"id": "5"}, {"id": True}, {"id": -1},
        {"content": None}, {"content": {}}, {"content": {"rendered": None}},
        {"title": "Roads"}, {"link": None}, {"status": 4}, {"author": "x"},
        {"date_gmt": None, "date": None}, {"date_gmt": "soon"},
        {"date_gmt": "0001-01-01T00:00:00+14:00"},
        {"featured_media": []}, {"modified": "x", "modified_gmt": "x"},
    ],
)  # fmt: skip
def test_a_post_that_is_not_as_documented_is_refused(damage):
    with pytest.raises(AnswerUnreadable):
        read(a_post(**damage))


FIELDS = [*a_post(), *a_comment(), "rendered", "protected", "_links", "version-history", "count",
          "source_url", "alt_text", "caption", "mime_type", "name", "slug", "modified"]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6)
        | st.fixed_dictionaries({"rendered": inner})
    ),
    max_leaves=20,
)


@given(damage=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3), whole=JSON)
def test_no_answer_makes_a_parser_fail_in_another_way(damage, whole):
    now = read(a_post()).content
    for value in (a_post() | damage, a_comment() | damage, whole):
        for parse in (
            read,
            heard,
            media_to_attachment,
            user_to_author,
            read_zone,
            lambda v: revision_to_content(v, b"{}", now=now, files=(), zone=UTC),
        ):
            with suppress(AnswerUnreadable):
                parse(value)


@given(st.text(alphabet="<>aimg srcdfe=\"'/wp-content/uploads.&#;[]:0x"))
def test_no_text_makes_the_search_for_its_files_fail(body):
    with_inline([], body)
    read(a_post(content={"rendered": f'<a href="{body}">', "protected": False}))


# --- the walk -----------------------------------------------------------------------------------


def test_every_post_page_and_comment_is_seen_once(site, settings):
    posts = [site.post(f"<p>{n}</p>") for n in range(230)]
    page = site.post("<p>About</p>", type="pages")
    comments = [site.comment(posts[0], f"<p>{n}</p>") for n in range(150)]

    seen = visited(site, settings)

    wanted = [f"post-{n}" for n in (*posts, page)] + [f"comment-{n}" for n in comments]
    assert sorted(ids(seen)) == sorted(wanted)
    assert by_id(seen)[f"post-{page}"].content.kind is ItemKind.PAGE
    assert of(Gap, seen) == []
    assert of(Listed, seen) == [
        Listed(whole=True, platform_count=230, kinds=("post",)),
        Listed(whole=True, platform_count=1, kinds=("page",)),
        Listed(whole=True, platform_count=150, kinds=("comment", "reply")),
    ]


@pytest.mark.parametrize(
    ("slice_size", "count"),
    [(1, 0), (1, 1), (1, 2), (1, 9), (2, 9), (3, 10), (7, 7), (7, 8), (7, 50),
     (100, 1), (100, 99), (100, 100), (100, 101), (100, 199), (100, 200)],
)  # fmt: skip
def test_a_list_of_any_length_is_walked_to_its_end(site, settings, slice_size, count):
    site.slice = slice_size
    posts = [f"post-{site.post(f'<p>{n}</p>')}" for n in range(count)]

    assert sorted(ids(visited(site, settings))) == sorted(posts)


@pytest.mark.parametrize(
    ("slice_size", "count", "removed"),
    [
        (100, 250, [0]),
        (100, 250, [0, 1, 2]),
        (100, 250, range(60)),
        (100, 250, range(98)),
        (100, 250, range(99)),
        (100, 250, range(120)),
        (100, 150, range(60)),
        (10, 90, range(35)),
        (10, 60, range(25, 60)),
    ],
)
def test_what_is_removed_during_the_walk_takes_nothing_else_with_it(
    site, settings, slice_size, count, removed
):
    site.slice = slice_size
    posts = [site.post(f"<p>{n}</p>") for n in range(count)]
    left = {f"post-{n}" for place, n in enumerate(posts) if place not in removed}
    calls = []

    def remove_when_half_way(_path, params):
        if int(params.get("offset", "0")) * 2 > count - slice_size and not calls:
            calls.append(params)
            for place in removed:
                del site.posts[posts[place]]

    site.fail = remove_when_half_way

    seen = visited(site, settings)

    assert calls
    assert left <= set(ids(seen))
    assert len(ids(seen)) == len(set(ids(seen)))


def test_an_element_that_two_slices_hold_is_given_once(site, settings):
    posts = [site.post(f"<p>{n}</p>") for n in range(250)]
    source = opened(site, settings)

    pieces = list(vars(source)["_site"].walk("posts", {}))

    assert [value["id"] for piece in pieces for value, _raw in piece.elements] == posts
    assert [params.get("offset") for _path, params in site.asked[-3:]] == [None, "99", "198"]
    assert len(pieces) == 3


def test_what_is_added_during_the_walk_hides_nothing(site, settings):
    posts = [f"post-{site.post(f'<p>{n}</p>')}" for n in range(250)]
    site.fail = lambda _path, params: (
        site.post("<p>new</p>") and None if params.get("offset") else None
    )

    assert set(posts) <= set(ids(visited(site, settings)))


def test_comments_we_may_not_read_do_not_end_the_list(site, settings):
    secret, public = site.post("<p>x</p>", password="pw"), site.post("<p>y</p>")
    hidden = [site.comment(secret, f"<p>{n}</p>") for n in range(230)]
    shown = [site.comment(public, f"<p>{n}</p>") for n in range(5)]

    seen = ids(visited(site, settings))

    assert [n for n in seen if n.startswith("comment")] == [f"comment-{n}" for n in shown]
    assert hidden


def test_a_site_without_pretty_addresses_is_asked_through_its_index(site, settings):
    site.pretty = False
    post = site.post("<p>Hi</p>")

    assert ids(visited(site, settings)) == [f"post-{post}"]
    assert site.asked[-1][0] == "/index.php"


def test_a_proxy_that_drops_the_counts_ends_no_list_early(site, settings):
    posts = [f"post-{site.post(f'<p>{n}</p>')}" for n in range(150)]
    counted = site._json
    site._json = lambda value, _headers=None: counted(value)

    seen = visited(site, settings)

    assert sorted(ids(seen)) == sorted(posts)
    assert {listed.platform_count for listed in of(Listed, seen)} == {None}


# --- files and authors --------------------------------------------------------------------------


def test_a_post_has_its_files_and_its_author(site, settings):
    featured = site.upload("badge.jpg", alt="A badge")
    shown = site.upload("dog.jpg")
    site.upload("unrelated.jpg")
    body = (
        f'<p>Found <img class="wp-image-{shown}" src="/wp-content/uploads/2026/03/dog-9x9.jpg"></p>'
    )
    post = site.post(body, featured=featured)
    attached = site.upload("plan.pdf", parent=post)

    content = by_id(visited(site, settings))[f"post-{post}"].content

    assert [file.key for file in content.attachments] == [
        str(n) for n in (featured, shown, attached)
    ]
    assert content.attachments[0].description == "A badge"
    assert content.author == Author("2", "Sgt. Diaz", "diaz", "https://city.example/a")


def test_a_closed_library_is_a_gap_and_the_posts_are_kept(site, settings):
    post = site.post('<p><img src="/wp-content/uploads/dog.jpg">Dog</p>')
    site.fail = lambda path, _: (403, {}, b"{}") if path.endswith("/media") else None

    seen = visited(site, settings)

    (gap,) = of(Gap, seen)
    assert gap.why is GapReason.PERMISSION_LOST
    (file,) = by_id(seen)[f"post-{post}"].content.attachments
    assert file.key == "/wp-content/uploads/dog.jpg"


def test_a_site_that_names_no_users_leaves_the_number_of_the_author(site, settings):
    post = site.post("<p>Hi</p>")
    site.fail = lambda path, _: (401, {}, b"{}") if path.endswith("/users") else None

    seen = visited(site, settings)

    assert by_id(seen)[f"post-{post}"].content.author == Author("2")
    assert of(Gap, seen) == []


def test_a_list_that_a_site_does_not_have_is_a_gap_of_its_own(site, settings):
    post = site.post("<p>Hi</p>")
    site.closed = {"comments"}

    seen = visited(site, settings)

    (gap,) = of(Gap, seen)
    assert (gap.what, gap.why) == ("the comments", GapReason.OUT_OF_REACH)
    assert ids(seen) == [f"post-{post}"]
    assert [listed.whole for listed in of(Listed, seen)] == [True, True, False]
    assert len(of(Cursor, seen)) == 1


# --- what an editor sees ------------------------------------------------------------------------


def test_an_editor_sees_what_is_held_hidden_and_trashed_in_its_state(site, settings):
    post = site.post("<p>Hi</p>")
    draft = site.post("<p>Draft</p>", status="draft")
    trashed = site.post("<p>Gone</p>", status="trash")
    held = site.comment(post, "<p>Held</p>", status="hold")
    spam = site.comment(post, "<p>Spam</p>", status="spam")
    binned = site.comment(post, "<p>Binned</p>", status="trash")

    seen = visited(site, settings, secret=EDITOR)

    assert {name: (o.state, o.restricted) for name, o in by_id(seen).items()} == {
        f"post-{post}": (PlatformState.PRESENT, False),
        f"post-{draft}": (PlatformState.HIDDEN, True),
        f"post-{trashed}": (PlatformState.REPORTED_REMOVED, False),
        f"comment-{held}": (PlatformState.HIDDEN, True),
        f"comment-{spam}": (PlatformState.HIDDEN, False),
        f"comment-{binned}": (PlatformState.REPORTED_REMOVED, False),
    }
    lists = [params for path, params in site.asked if path.endswith(("/posts", "/comments"))]
    lists = [params for params in lists if "sticky" not in params]
    assert {params["context"] for params in lists} == {"edit"}
    assert [(s.native_id, s.actor, s.source) for s in of(Sighting, seen)] == [
        (f"post-{trashed}", "", "wordpress status trash"),
        (f"comment-{binned}", "", "wordpress status trash"),
    ]


def test_a_visitor_sees_none_of_it(site, settings):
    post = site.post("<p>Hi</p>")
    site.post("<p>Draft</p>", status="draft")
    site.comment(post, "<p>Held</p>", status="hold")

    assert ids(visited(site, settings)) == [f"post-{post}"]


def test_revisions_come_oldest_first_and_before_the_post_as_it_is(site, settings):
    post = site.post("<p>One</p>", at=NOON)
    site.edit(post, "<p>Two</p>", at=NOON + DAY)
    site.edit(post, "<p>Three</p>", at=NOON + 2 * DAY)
    file = site.upload("plan.pdf", parent=post)

    seen = of(Observation, visited(site, settings, secret=EDITOR))

    assert [(o.content.text, o.current) for o in seen] == [
        ("One", False), ("Two", False), ("Three", True),
    ]  # fmt: skip
    assert {o.content.native_id for o in seen} == {f"post-{post}"}
    assert [o.content.edited_at for o in seen] == [NOON, NOON + DAY, NOON + 2 * DAY]
    assert {tuple(a.key for a in o.content.attachments) for o in seen} == {(str(file),)}
    assert seen[0].content.marks == ("files-of-today",)


def test_an_autosave_and_a_draft_before_publication_were_never_public(site, settings):
    autosave = ("<p>typing</p>", NOON, "10-autosave-v1")
    draft = ("<p>Draft</p>", NOON - DAY, "10-revision-v1")
    site.post("<p>Final</p>", at=NOON, revisions=(draft, autosave))

    seen = of(Observation, visited(site, settings, secret=EDITOR))

    assert [(o.content.text, o.restricted) for o in seen] == [("Draft", True), ("Final", False)]


def test_revisions_that_cannot_be_had_are_a_gap_of_that_post(site, settings):
    post = site.post("<p>One</p>")
    site.edit(post, "<p>Two</p>", at=NOON + DAY)
    site.fail = lambda path, _: (403, {}, b"{}") if path.endswith("/revisions") else None

    seen = visited(site, settings, secret=EDITOR)

    (gap,) = of(Gap, seen)
    assert (gap.why, gap.native_id) == (GapReason.PERMISSION_LOST, f"post-{post}")
    assert ids(seen) == [f"post-{post}"]


def test_a_post_behind_a_password_is_hidden_and_a_gap_but_no_edit(site, settings):
    post = site.post("<p>Plans</p>", password="pw")

    seen = visited(site, settings)

    assert of(Observation, seen) == []
    assert [s.state for s in of(Sighting, seen)] == [PlatformState.HIDDEN]
    assert [(g.why, g.native_id) for g in of(Gap, seen)] == [
        (GapReason.OUT_OF_REACH, f"post-{post}")
    ]


def test_an_editor_reads_what_is_behind_a_password(site, settings):
    site.post("<p>Plans</p>", password="pw")

    (seen,) = of(Observation, visited(site, settings, secret=EDITOR))

    assert seen.content.text == "Plans"
    assert seen.restricted


# --- what the site says of itself ---------------------------------------------------------------


def test_what_the_site_says_of_itself_is_an_item_in_its_own_bytes(site, settings):
    logo = site.upload("seal.png", alt="The seal")
    icon = site.upload("icon.png")
    site.index |= {
        "site_logo": logo, "site_icon": icon, "site_icon_url": "https://cdn.example/icon-512.png",
    }  # fmt: skip
    site.post("<p>Road closed</p>")
    pinned = site.post("<p>House rules</p>", sticky=True)

    seen = list(opened(site, settings).visit(Window()))

    (profile,) = [one.content for one in profiles(seen)]
    assert seen[0].content is profile
    assert (profile.native_id, profile.title) == ("profile", "Indio Police & You")
    assert profile.text == "News, and no 911"
    assert [(file.key, file.name, file.url) for file in profile.attachments] == [
        (f"icon-{icon}", "icon", "https://cdn.example/icon-512.png"),
        (f"logo-{logo}", "logo", "https://city.example/wp-content/uploads/2026/03/seal.png"),
    ]  # fmt: skip
    assert profile.links == ("https://city.example", f"https://city.example/?p={pinned}")
    assert (profile.published_at, profile.marks) == (SERVED, ("date-from-answer",))
    assert json.loads(profile.raw.body) == site.index
    asked = [params["_fields"] for path, params in site.asked if path.endswith("/wp-json/")]
    assert [fields.split(",")[-1] for fields in asked] == ["_links"]
    assert of(Gap, seen) == []


def test_a_profile_changes_with_its_words_pictures_and_pins_and_with_nothing_else(site, settings):
    def told():
        (profile,) = profiles(opened(site, settings).visit(Window()))
        return profile.content.fingerprint()

    post = site.post("<p>House rules</p>")
    logo = site.upload("seal.png")
    first = told()
    site.post("<p>More</p>")
    site.index |= {"namespaces": ["wp/v2", "a-plug-in/v1"], "gmt_offset": 1}
    same = told()
    versions = []
    for change in (
        {"name": "Indio PD"}, {"description": "Call 911"}, {"home": "https://pd.example"},
        {"site_logo": logo}, {"site_icon_url": "https://city.example/i.png"},
    ):  # fmt: skip
        site.index |= change
        versions.append(told())
    site.alter(post, sticky=True)

    assert first == same
    assert len({first, *versions, told()}) == 7


def test_a_logo_that_the_site_withholds_stays_a_file_and_makes_no_version(site, settings):
    site.index |= {"site_logo": site.upload("seal.png", alt="The seal")}
    (open_,) = profiles(opened(site, settings).visit(Window()))
    site.closed = {"media"}

    seen = list(opened(site, settings).visit(Window()))

    (closed,) = profiles(seen)
    assert [file.url for file in closed.content.attachments] == [""]
    assert closed.content.fingerprint() == open_.content.fingerprint()
    assert [gap.what for gap in of(Gap, seen)] == ["the media library"]


@pytest.mark.parametrize(
    "failing",
    [
        lambda _path, params: (500, {}, b"") if "sticky" in params else None,
        lambda path, _: (200, {}, b'{"namespaces":["wp/v2"]}') if path == "/" else None,
        lambda path, _: (
            (200, {"date": "soon"}, b'{"namespaces":["wp/v2"],"name":"x"}') if path == "/" else None
        ),
    ],
    ids=["its pins are not had", "it has no name", "nothing dates it"],
)
def test_a_profile_that_cannot_be_read_is_a_gap_and_costs_no_post(site, settings, failing):
    post = site.post("<p>Road closed</p>")
    site.fail = failing

    seen = list(opened(site, settings).visit(Window()))

    assert [(gap.what, gap.native_id) for gap in of(Gap, seen)] == [
        ("the site's profile", "profile")
    ]
    assert ids(seen) == [f"post-{post}"]


def test_a_profile_is_looked_at_again_as_a_profile_and_a_light_visit_asks_for_none(site, settings):
    (first,) = profiles(opened(site, settings).visit(Window()))
    site.asked.clear()
    light = {"since": NOON, "cursor": MARKS, "young": NOON}

    assert rechecked(site, settings, "profile") == [first]
    assert profiles(opened(site, settings).visit(Window(**light))) == []
    assert len([params for _, params in site.asked if "sticky" in params]) == 1


# --- coming back --------------------------------------------------------------------------------


def test_a_later_visit_asks_for_what_was_published_or_changed(site, settings):
    old = [site.post(f"<p>{n}</p>", at=NOON - 90 * DAY) for n in range(3)]
    site.edit(old[1], "<p>changed</p>", at=NOON)
    new = site.post("<p>new</p>", at=NOON)
    stale = site.comment(old[0], "<p>old</p>", at=NOON - 90 * DAY)
    late = site.comment(old[0], "<p>late</p>", at=NOON)

    seen = visited(site, settings, since=NOON, cursor=MARKS)

    assert set(ids(seen)) == {f"post-{old[1]}", f"post-{new}", f"comment-{late}"}
    assert stale
    assert {listed.since for listed in of(Listed, seen)} == {datetime(2026, 3, 1, tzinfo=UTC)}
    assert of(Listed, seen)[0].platform_count == 1


def test_a_scheduled_post_is_seen_when_it_comes_out_though_nobody_changed_it(site, settings):
    post = site.post("<p>Grand opening</p>", at=NOON, modified=NOON - 60 * DAY)

    assert ids(visited(site, settings, since=NOON, cursor=MARKS)) == [f"post-{post}"]


def test_after_long_silence_a_visit_begins_where_the_last_one_ended(site, settings):
    post = site.post("<p>Missed</p>", at=NOON)

    seen = visited(site, settings, since=NOON + 30 * DAY, cursor=MARKS)

    assert ids(seen) == [f"post-{post}"]


@pytest.mark.parametrize(
    "window",
    [
        {},
        {"since": NOON, "cursor": MARKS, "full": True},
        {"since": NOON},
        {"cursor": MARKS},
        {"cursor": "x", "since": NOON},
    ],
)
def test_without_a_cursor_or_when_asked_the_whole_site_is_walked(site, settings, window):
    post = site.post("<p>Old</p>", at=NOON - 900 * DAY)
    comment = site.comment(post, "<p>Old</p>", at=NOON - 900 * DAY)

    seen = visited(site, settings, **window)

    assert ids(seen) == [f"post-{post}", f"comment-{comment}"]
    assert {listed.since for listed in of(Listed, seen)} == {None}


def test_the_cursor_remembers_each_list_and_never_runs_ahead_of_the_sites_clock(site, settings):
    post = site.post("<p>Hi</p>", at=NOON)
    site.comment(post, "<p>From the future</p>", at=NOON + 9999 * DAY)

    (cursor,) = of(Cursor, visited(site, settings))

    assert json.loads(cursor.value) == {
        "posts": "2026-03-02T12:00:00Z",
        "comments": f"{SERVED:%Y-%m-%dT%H:%M:%SZ}",
    }


def test_a_list_that_brought_nothing_keeps_its_mark(site, settings):
    (cursor,) = of(Cursor, visited(site, settings, since=NOON, cursor=MARKS))

    assert json.loads(cursor.value) == json.loads(MARKS)


# --- when the site fails ------------------------------------------------------------------------


def test_a_list_that_breaks_off_is_a_gap_and_no_cursor(site, settings):
    for n in range(150):
        site.post(f"<p>{n}</p>")
    site.fail = lambda _path, params: (503, {}, b"") if "offset" in params else None

    seen = visited(site, settings)

    assert len(ids(seen)) == 100
    assert [gap.why for gap in of(Gap, seen)] == [GapReason.UNREACHABLE]
    assert of(Cursor, seen) == of(Listed, seen) == []


def test_one_post_that_cannot_be_read_stops_nothing_but_is_a_gap(site, settings):
    good, bad = site.post("<p>Good</p>"), site.post("<p>Bad</p>")
    site.alter(bad, title=None)

    seen = visited(site, settings)

    assert ids(seen) == [f"post-{good}"]
    assert [(g.why, g.native_id) for g in of(Gap, seen)] == [(GapReason.UNREADABLE, f"post-{bad}")]
    assert of(Listed, seen)[0].whole is False


ERROR = b'{"code":"rest_forbidden","message":"Sorry","data":{"status":401}}'
LOGIN = b"<!DOCTYPE html><title>Log in</title>"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((200, {"content-type": "text/html"}, LOGIN), AnswerUnreadable),
        ((200, {}, ERROR), AnswerUnreadable),
        ((200, {}, b'[{"id":1'), AnswerUnreadable),
        ((404, {"content-type": "text/html"}, LOGIN), AnswerUnreadable),
        ((401, {}, ERROR), PermissionLost),
        ((403, {}, LOGIN), PermissionLost),
    ],
)
@pytest.mark.parametrize("door", ["/", "/wp/v2/posts"])
def test_a_visit_that_cannot_begin_says_why_and_sees_nothing(site, settings, door, answer, error):
    site.post("<p>Hi</p>")
    site.fail = lambda path, _: answer if path in {door, ""} else None

    with pytest.raises(error):
        visited(site, settings)


@pytest.mark.parametrize("secret", ["editor:wrong", "nobody:abcd"])
def test_credentials_that_are_refused_mark_nothing_removed(site, settings, secret):
    site.post("<p>Hi</p>")

    with pytest.raises(PermissionLost):
        visited(site, settings, secret=secret)
    (gap,) = rechecked(site, settings, "post-10", secret=secret)
    assert (gap.why, gap.native_id) == (GapReason.PERMISSION_LOST, "post-10")


def test_an_account_that_may_not_see_every_state_is_told_to_be_an_editor(site, settings):
    refused = json.dumps({"code": "rest_invalid_param", "data": {"status": 400}}).encode()
    site.fail = lambda _path, params: (400, {}, refused) if "status" in params else None

    with pytest.raises(PermissionLost) as lost:
        visited(site, settings, secret=EDITOR)

    assert "editor" in lost.value.remedy


# --- gone ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "comment", "state"),
    [
        (401, "rest_forbidden", False, PlatformState.NOT_VISIBLE),
        (403, "rest_forbidden", False, PlatformState.NOT_VISIBLE),
        (401, "rest_cannot_read", True, PlatformState.NOT_VISIBLE),
        (404, "rest_post_invalid_id", False, PlatformState.REPORTED_REMOVED),
        (404, "rest_comment_invalid_id", True, PlatformState.REPORTED_REMOVED),
        (404, "rest_post_invalid_id", True, PlatformState.NOT_VISIBLE),
    ],
)
def test_each_way_to_be_gone_has_its_own_meaning(status, code, comment, state):
    assert gone(status, code, comment=comment) is state


@pytest.mark.parametrize("code", ["", "rest_no_route", "rest_comment_invalid_id"])
def test_a_404_that_is_not_about_the_post_says_nothing_of_it(code):
    with pytest.raises(AnswerUnreadable):
        gone(404, code, comment=False)


def test_to_a_visitor_a_trashed_post_is_not_visible_and_nobody_is_blamed(site, settings):
    post = site.post("<p>Hi</p>", status="trash")

    (seen,) = rechecked(site, settings, f"post-{post}")

    assert seen == Sighting(
        native_id=f"post-{post}",
        state=PlatformState.NOT_VISIBLE,
        source="wordpress 401 rest_forbidden",
    )


def test_to_an_editor_a_trashed_post_lies_in_the_trash_with_its_text(site, settings):
    post = site.post("<p>Hi</p>", status="trash")

    observed, sighted = rechecked(site, settings, f"post-{post}", secret=EDITOR)

    assert (observed.content.text, observed.state) == ("Hi", PlatformState.REPORTED_REMOVED)
    assert sighted.source == "wordpress status trash"


def test_a_post_deleted_for_good_is_reported_removed_once_no_type_knows_it(site, settings):
    (seen,) = rechecked(site, settings, "post-10")

    assert seen.state is PlatformState.REPORTED_REMOVED
    assert (seen.actor, seen.source) == ("", "wordpress 404 rest_post_invalid_id")
    asked = [path for path, _ in site.asked]
    assert asked[-2:] == ["/wp-json/wp/v2/posts/10", "/wp-json/wp/v2/pages/10"]


def test_a_page_in_the_trash_is_not_taken_for_deleted_because_it_is_no_post(site, settings):
    page = site.post("<p>About</p>", type="pages", status="trash")

    (seen,) = rechecked(site, settings, f"post-{page}")

    assert seen.state is PlatformState.NOT_VISIBLE


def test_comments_that_are_held_deleted_or_lost_with_their_post_are_told_apart(site, settings):
    post, other = site.post("<p>Hi</p>"), site.post("<p>Other</p>")
    shown = site.comment(post, "<p>Shown</p>")
    held = site.comment(post, "<p>Held</p>", status="hold")
    orphan = site.comment(other, "<p>Orphan</p>", status="hold")
    del site.posts[other]

    seen = rechecked(site, settings, *(f"comment-{n}" for n in (shown, held, orphan, 99)))

    assert ids(seen) == [f"comment-{shown}"]
    assert {s.native_id: (s.state, s.source) for s in of(Sighting, seen)} == {
        f"comment-{held}": (PlatformState.NOT_VISIBLE, "wordpress 401 rest_cannot_read"),
        f"comment-{orphan}": (PlatformState.NOT_VISIBLE, "wordpress 404 rest_post_invalid_id"),
        "comment-99": (PlatformState.REPORTED_REMOVED, "wordpress 404 rest_comment_invalid_id"),
    }


def test_many_known_items_are_asked_for_together(site, settings):
    posts = [f"post-{site.post(f'<p>{n}</p>')}" for n in range(150)]

    seen = rechecked(site, settings, *posts)

    assert sorted(ids(seen)) == sorted(posts)
    assert len([path for path, _ in site.asked if path.endswith("/posts")]) <= 4


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((401, {}, b'{"code":"rest_cannot_access"}'), GapReason.PERMISSION_LOST),
        ((401, {}, LOGIN), GapReason.PERMISSION_LOST),
        ((404, {}, b'{"code":"rest_no_route"}'), GapReason.UNREADABLE),
        ((404, {}, LOGIN), GapReason.UNREADABLE),
        ((404, {}, b'{"message":"No such page."}'), GapReason.UNREADABLE),
        ((404, {}, b'{"code":404}'), GapReason.UNREADABLE),
        ((404, {}, json.dumps(a_post(id=10)).encode()), GapReason.UNREADABLE),
        ((200, {}, LOGIN), GapReason.UNREADABLE),
        ((200, {}, ERROR), GapReason.UNREADABLE),
        ((200, {}, json.dumps(a_post(id=6)).encode()), GapReason.UNREADABLE),
        ((500, {}, b""), GapReason.UNREACHABLE),
    ],
)
def test_an_item_that_could_not_be_looked_at_is_a_gap_and_never_removed(
    site, settings, answer, why
):
    site.fail = lambda path, _: answer if path.endswith("/10") else None

    (seen,) = rechecked(site, settings, "post-10")

    assert (type(seen), seen.why, seen.native_id) == (Gap, why, "post-10")


@pytest.mark.parametrize("body", [LOGIN, b"{}", b"[]"])
def test_a_404_without_a_reason_says_that_it_has_none(site, settings, body):
    site.fail = lambda path, _: (404, {}, body) if path.endswith("/10") else None

    (seen,) = rechecked(site, settings, "post-10")

    assert "answered 404 without WordPress's own reason" in seen.detail


def test_with_credentials_a_401_is_about_us_and_not_about_the_post(site, settings):
    site.fail = lambda path, _: (401, {}, ERROR) if path.endswith("/10") else None

    (seen,) = rechecked(site, settings, "post-10", secret=EDITOR)

    assert (type(seen), seen.why) == (Gap, GapReason.PERMISSION_LOST)


def test_an_id_of_another_connector_is_a_gap(site, settings):
    seen = rechecked(site, settings, "12345", "user-3", "post-x")

    assert [(type(s), s.why) for s in seen] == [(Gap, GapReason.UNREADABLE)] * 3


# --- opening ------------------------------------------------------------------------------------


def a_page(url="https://city.example", **more):
    return PageSettings(name="p", connector="wordpress", platform="wordpress", url=url, **more)


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        (a_page("ftp://city.example"), "no http"),
        (a_page("https://chief:hunter2@city.example"), "address alone"),
        (a_page("https://city.example?token=hunter2"), "address alone"),
        (a_page(secret="hunter2"), "user:application password"),
        (a_page("http://city.example", secret="a:hunter2"), "not sent over http"),
        (a_page(options={"types": ("posts", "../users")}), "no REST name"),
    ],
)
def test_a_page_that_is_no_site_or_exposes_a_secret_is_refused(page, fault, settings):
    with pytest.raises(ConfigInvalid, match=fault) as refused:
        CONNECTOR.open(page, settings)

    assert "hunter2" not in str(refused.value)


def test_a_site_opens_with_the_types_it_names(settings):
    CONNECTOR.open(a_page(options={"types": ("news",)}), settings).close()


def test_the_password_goes_to_the_site_and_into_nothing_we_keep(site, settings):
    post = site.post("<p>Hi</p>")
    site.comment(post, "<p>Hi</p>")
    site.fail = lambda path, _: (401, {}, ERROR) if path.endswith("/comments") else None
    source = opened(site, settings, secret=EDITOR)

    seen = list(source.visit(Window()))

    told = repr(seen) + repr(source) + repr(vars(source))
    assert of(Gap, seen)
    assert set(site.credentials) == set(authorization(EDITOR).values())
    assert "abcd" not in told
    assert authorization(EDITOR)["authorization"].removeprefix("Basic ") not in told


def test_a_file_is_fetched_without_the_password(site, settings):
    site.fail = lambda _path, _params: (200, {"content-type": "image/jpeg"}, b"JPEG")
    source = opened(site, settings, secret=EDITOR)

    fetched = source.download(Attachment("1", "/wp-content/uploads/a.jpg"))

    assert (fetched.size, fetched.final_url) == (4, "https://city.example/wp-content/uploads/a.jpg")
    assert site.credentials == [""]
    source.close()


def test_a_file_without_an_address_is_not_silently_complete(site, settings):
    with pytest.raises(AnswerUnreadable):
        opened(site, settings).download(Attachment("1", ""))
