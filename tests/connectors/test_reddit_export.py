"""The import of Reddit's copy of an account's data: every row once, under Reddit's own names."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.records.captures import (
    Actor,
    Gap,
    GapReason,
    Listed,
    Observation,
    PlatformState,
    Sighting,
)
from archiver.records.errors import DepositRefused
from archiver.records.items import Content, ItemKind
from connectors.deposits import THREAD_UNKNOWN
from connectors.reddit.parsing import read_comment, read_submission
from connectors.reddit_export import CONNECTOR
from tests.connectors.importers import LONG, Importing
from tests.connectors.reddit_export_sample import (
    CHAT,
    COMMENT,
    DAY,
    MESSAGE,
    POST,
    a_comment,
    a_post,
    headers,
    proofs,
    table,
)

STATISTICS = {"statistics.csv": b"statistic,value\naccount name,examplepd\n"}
DRAFT = ("id", "title", "body", "kind", "created")
SCHEDULED = ("scheduled_post_id", "subreddit", "title", "body", "url", "submission_time")


_IMPORTING = Importing(CONNECTOR)
everything = _IMPORTING.everything
observed = _IMPORTING.observed
contents = _IMPORTING.contents
gaps = _IMPORTING.gaps


def posts(*rows: Mapping[str, str]) -> dict[str, bytes]:
    return {"posts.csv": table(POST, *rows)}


def comments(*rows: Mapping[str, str]) -> dict[str, bytes]:
    return {"comments.csv": table(COMMENT, *rows)}


# --- what was submitted -------------------------------------------------------------------


def test_a_submission_is_read_under_the_name_and_address_it_has_on_reddit(tmp_path: Path) -> None:
    files = {**posts(a_post("p1", "Road\n\n closed 🚧 ")), **STATISTICS}
    (post,) = contents(tmp_path, files)

    assert (post.native_id, post.kind) == ("t3_p1", ItemKind.POST)
    assert (post.title, post.text) == ("Title of p1", "Road\n\n closed 🚧 ")
    assert post.published_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert post.permalink == "https://www.reddit.com/r/ExamplePD/comments/p1/title/"
    assert post.links == ()
    assert post.author is not None
    assert (post.author.handle, post.author.url) == (
        "examplepd",
        "https://www.reddit.com/user/examplepd",
    )
    assert post.raw.media_type == "text/csv"
    assert post.raw.body == posts(a_post("p1", "Road\n\n closed 🚧 "))["posts.csv"]


def test_what_a_submission_links_to_is_kept(tmp_path: Path) -> None:
    link = a_post("p1", "", url="https://i.redd.example/road.jpg")
    assert contents(tmp_path, posts(link))[0].links == ("https://i.redd.example/road.jpg",)


def test_without_a_word_of_whose_export_it_is_no_author_is_invented(tmp_path: Path) -> None:
    assert contents(tmp_path, posts(a_post("p1", "x")))[0].author is None
    (named,) = observed(tmp_path, posts(a_post("p1", "x")), page_name="examplepd")
    assert named.content.author is not None


@pytest.mark.parametrize(
    ("told", "parent", "kind"),
    [
        ("", "t3_p1", ItemKind.COMMENT),
        ("t3_p1", "t3_p1", ItemKind.COMMENT),
        ("p1", "t3_p1", ItemKind.COMMENT),
        ("t1_zz9", "t1_zz9", ItemKind.REPLY),
        ("zz9", "t1_zz9", ItemKind.REPLY),
    ],
)
def test_a_comment_says_what_it_answers_and_in_which_thread(
    told: str, parent: str, kind: ItemKind, tmp_path: Path
) -> None:
    (comment,) = contents(tmp_path, {**posts(), **comments(a_comment("c1", "Yes", parent=told))})
    assert (comment.native_id, comment.kind) == ("t1_c1", kind)
    assert (comment.parent, comment.thread, comment.marks) == (parent, "t3_p1", ())


def test_a_comment_without_an_address_stands_in_no_thread_we_know(tmp_path: Path) -> None:
    row = a_comment("c1", "Yes", permalink="", link="")
    (comment,) = contents(tmp_path, comments(row))
    assert (comment.thread, comment.marks) == (None, (THREAD_UNKNOWN,))


def test_what_was_captured_too_is_the_same_item_in_the_same_wording(tmp_path: Path) -> None:
    own = "/r/ExamplePD/comments/p1/title/"
    thing = {"id": "p1", "name": "t3_p1", "title": "Title of p1", "selftext": "Road closed",
             "url": f"https://www.reddit.com{own}", "permalink": own,
             "created_utc": 1_700_000_000.0, "author": "examplepd"}  # fmt: skip
    said = {"id": "c1", "name": "t1_c1", "body": "Thanks", "parent_id": "t1_zz9",
            "link_id": "t3_p1", "permalink": f"{own}c1/", "author": "doe",
            "created_utc": 1_700_000_060.0}  # fmt: skip
    captured = [
        read_submission({"kind": "t3", "data": thing}, b"").content,
        read_comment({"kind": "t1", "data": said}, b"").content,
    ]
    files = {**posts(a_post("p1", "Road closed")),
             **comments(a_comment("c1", "Thanks", parent="t1_zz9"))}  # fmt: skip

    def named(content: Content) -> tuple[object, ...]:
        return (content.native_id, content.fingerprint(), content.kind, content.parent,
                content.thread, content.permalink, content.published_at)  # fmt: skip

    assert [named(each) for each in contents(tmp_path, files)] == [named(c) for c in captured]


@pytest.mark.parametrize(
    ("words", "actor"),
    [
        ("[deleted]", Actor.AUTHOR),
        ("[removed]", Actor.MODERATOR),
        ("[ Removed by Reddit ]", Actor.PLATFORM),
    ],
)
def test_a_placeholder_is_told_as_a_removal_and_never_kept_as_words(
    words: str, actor: Actor, tmp_path: Path
) -> None:
    sighting, gap = everything(tmp_path, comments(a_comment("c1", words)))[:2]
    assert isinstance(sighting, Sighting)
    assert isinstance(gap, Gap)
    assert (sighting.native_id, sighting.actor) == ("t1_c1", actor)
    assert sighting.state is PlatformState.REPORTED_REMOVED
    assert (gap.what, gap.native_id) == ("comments.csv, t1_c1", "t1_c1")


# --- what was never public ----------------------------------------------------------------


def test_messages_and_chats_are_kept_and_restricted(tmp_path: Path) -> None:
    first = {"id": "m1", "date": f"{DAY} 22:13:20 UTC", "from": "doe", "subject": "Road",
             "body": "Safe?", "permalink": "https://reddit.example/m1"}  # fmt: skip
    answer = {"id": "m2", "date": f"{DAY} 22:15:20 UTC", "from": "examplepd", "body": "Yes",
              "thread_id": "m1"}  # fmt: skip
    line = {"message_id": "k1", "created_at": f"{DAY} 22:13:20 UTC", "username": "doe",
            "updated_at": f"{DAY} 22:18:20 UTC", "message": "Hi", "channel_url": "room",
            "thread_parent_message_id": "k0"}  # fmt: skip
    files = {**posts(), "messages.csv": table(MESSAGE, first, answer),
             "chat_history.csv": table(CHAT, line)}  # fmt: skip
    seen = observed(tmp_path, files)

    assert all(each.restricted for each in seen)
    one, two, three = (each.content for each in seen)
    assert {one.kind, two.kind, three.kind} == {ItemKind.MESSAGE}
    assert (one.native_id, one.thread, one.title, one.text) == ("t4_m1", "t4_m1", "Road", "Safe?")
    assert (two.native_id, two.thread) == ("t4_m2", "t4_m1")
    assert one.author is not None
    assert one.author.handle == "doe"
    assert (three.native_id, three.parent, three.thread) == (
        "chat-k1",
        "chat-k0",
        "chat-channel-room",
    )
    assert three.edited_at == datetime(2023, 11, 14, 22, 18, 20, tzinfo=UTC)


def test_the_messages_of_both_files_are_one_where_they_are_one(tmp_path: Path) -> None:
    row = {"id": "m1", "date": f"{DAY} 22:13:20 UTC", "from": "doe", "body": "Safe?"}
    both = {name: table(MESSAGE, row) for name in ("messages.csv", "messages_archive.csv")}
    found = contents(tmp_path, {**posts(), **both})
    assert len({(each.native_id, each.fingerprint()) for each in found}) == 1


def test_drafts_are_left_out_unless_they_are_chosen_and_restricted_then(tmp_path: Path) -> None:
    draft = {"id": "d1", "title": "Not yet", "body": "Draft", "created": f"{DAY} 22:13:20 UTC"}
    later = {"scheduled_post_id": "s1", "title": "Later", "body": "Soon",
             "submission_time": f"{DAY} 22:13:20 UTC"}  # fmt: skip
    files = {**posts(), "drafts.csv": table(DRAFT, draft),
             "scheduled_posts.csv": table(SCHEDULED, later)}  # fmt: skip

    assert observed(tmp_path, files) == []
    chosen = observed(tmp_path, files, drafts=True)

    assert [each.content.native_id for each in chosen] == ["draft-d1", "scheduled-s1"]
    assert all(each.restricted for each in chosen)
    assert {each.state for each in chosen} == {PlatformState.HIDDEN}


# --- what the export proves of itself -----------------------------------------------------


def test_a_file_that_is_not_the_one_reddit_lists_leaves_a_gap(tmp_path: Path) -> None:
    files = {**posts(a_post("p1", "x")), **comments(a_comment("c1", "y"))}
    assert gaps(tmp_path, {**files, "checkfile.csv": proofs(files)}) == []

    spoilt = {**files, **comments(a_comment("c1", "z"))}
    (gap,) = gaps(tmp_path, {**spoilt, "checkfile.csv": proofs(files)})

    assert (gap.what, gap.why) == ("comments.csv, after row 1", GapReason.UNREADABLE)
    assert len(observed(tmp_path, {**spoilt, "checkfile.csv": proofs(files)})) == 2


def test_as_many_rows_are_read_as_reddit_lists_without_their_words(tmp_path: Path) -> None:
    rows = [a_post(f"p{n}", f"text\n{n}") for n in range(5)]
    whole = {**posts(*rows), "post_headers.csv": headers(*rows)}
    assert everything(tmp_path, whole)[-1] == Listed(whole=False, platform_count=5)
    assert gaps(tmp_path, whole) == []

    (gap,) = gaps(tmp_path, {**posts(*rows[:4]), "post_headers.csv": headers(*rows)})
    assert (gap.what, gap.why) == ("posts.csv", GapReason.MISCOUNTED)


# --- what cannot be read ------------------------------------------------------------------


def test_a_row_that_is_not_understood_is_a_gap_and_the_rest_is_read(tmp_path: Path) -> None:
    odd = [
        a_post("", "x"),
        a_post("not an id", "x"),
        a_post("p1", "x", date=""),
        a_post("p1", "x", date="yesterday"),
        a_post("p1", "x", date=f"{DAY} 25:13:20 UTC"),
    ]
    files = {**posts(*odd, a_post("p2", "good")),
             **comments(a_comment("c1", "x", parent="not an id"))}  # fmt: skip
    assert [each.text for each in contents(tmp_path, files)] == ["good"]
    assert [gap.what for gap in gaps(tmp_path, files)] == [
        *(f"posts.csv, row {n}" for n in range(1, 6)),
        "comments.csv, row 1",
    ]


@pytest.mark.parametrize("column", ["id", "permalink", "date", "title", "url", "body"])
def test_a_file_without_a_column_we_need_is_a_gap(column: str, tmp_path: Path) -> None:
    names = [name for name in POST if name != column]
    row = {name: text for name, text in a_post("p1", "x").items() if name != column}
    (gap,) = gaps(tmp_path, {"posts.csv": table(names, row)})
    assert column in gap.detail


def test_what_is_no_export_of_reddit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DepositRefused, match="neither posts nor comments"):
        everything(tmp_path, {"messages.csv": table(MESSAGE), "export.json": b"{}"})


@settings(max_examples=25)
@given(
    st.lists(st.lists(st.text(max_size=4), min_size=1, max_size=10), max_size=3),
    st.binary(max_size=30),
)
def test_whatever_stands_in_a_file_is_an_item_or_a_gap(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], noise: bytes
) -> None:
    named = [dict(zip(COMMENT, row, strict=False)) for row in rows]
    files = {"comments.csv": table(COMMENT, *named, a_comment("c1", "good")), "posts.csv": noise}
    seen = everything(tmp_path_factory.mktemp("any"), files)
    read = [each for each in seen if isinstance(each, Observation)]
    assert len(read) == len(rows) + 1 or [each for each in seen if isinstance(each, Gap)]


# --- counted ------------------------------------------------------------------------------


def test_every_one_of_thousands_of_rows_is_read(tmp_path: Path) -> None:
    rows = [a_post(f"p{n}", f'post "{n}",\nand more') for n in range(1_000)]
    said = [a_comment(f"c{n}", f"comment {n}") for n in range(2_000)]
    parts = {f"comments_{n}.csv": table(COMMENT, *said[n * 500 : n * 500 + 500]) for n in range(4)}
    found = contents(tmp_path, {**posts(*rows), **parts})
    assert len({each.native_id for each in found}) == len(found) == 3_000
    assert len({each.text for each in found}) == 3_000


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    files = posts(*(a_post(f"p{n}", f"{n} {LONG}") for n in range(500)))
    count, peak = _IMPORTING.peak(tmp_path, files)
    assert count == 500
    assert peak < 4 * 1024**2
