"""The import of Google Takeout of a YouTube channel: every row once, under YouTube's own ids."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.records.captures import (
    Gap,
    GapReason,
    Observation,
    PlatformState,
    Sighting,
)
from archiver.records.errors import DepositRefused
from archiver.records.items import ItemKind
from connectors.deposits import THREAD_UNKNOWN
from connectors.youtube_takeout import CONNECTOR
from connectors.youtube_takeout.contents import spoken
from tests.connectors.importers import LONG, Importing
from tests.connectors.youtube_takeout_sample import (
    AT,
    CHAT,
    COMMENT,
    HOME,
    POST,
    VIDEO,
    a_comment,
    a_video,
    said,
    table,
)

VIDEOS = f"{HOME}/video metadata/videos.csv"
COMMENTS = f"{HOME}/comments/comments.csv"
CHATS = f"{HOME}/live chats/live chats.csv"
POSTS = f"{HOME}/posts/posts.csv"
CHANNEL = f"{HOME}/channels/channel.csv"
OUR_CHANNEL = {CHANNEL: table(("Channel ID", "Channel Title (Original)"), ["UCus", "Example PD"])}


_IMPORTING = Importing(CONNECTOR)
everything = _IMPORTING.everything
observed = _IMPORTING.observed
contents = _IMPORTING.contents
gaps = _IMPORTING.gaps


def comments(*rows: list[str]) -> dict[str, bytes]:
    return {COMMENTS: table(COMMENT["2026"], *rows)}


def videos(*rows: list[str]) -> dict[str, bytes]:
    return {VIDEOS: table(VIDEO, *rows)}


# --- videos -------------------------------------------------------------------------------


def test_a_video_is_read_under_the_id_and_address_it_has_on_youtube(tmp_path: Path) -> None:
    files = {**videos(a_video("v1", "Road closed", text="Take the\nexit 🚧")), **OUR_CHANNEL}
    (video,) = contents(tmp_path, files)

    assert (video.native_id, video.kind) == ("v1", ItemKind.POST)
    assert (video.title, video.text) == ("Road closed", "Take the\nexit 🚧")
    assert video.published_at == datetime(2023, 11, 14, 22, 13, 20, 155440, tzinfo=UTC)
    assert video.permalink == "https://www.youtube.com/watch?v=v1"
    assert video.author is not None
    assert (video.author.native_id, video.author.name, video.author.url) == (
        "UCus",
        "Example PD",
        "https://www.youtube.com/channel/UCus",
    )
    assert (video.language, video.marks, video.attachments) == ("en", (), ())


def test_a_video_that_was_never_published_has_the_date_it_was_made(tmp_path: Path) -> None:
    unpublished = [*a_video("v1", "x")[:-1], ""]
    assert contents(tmp_path, videos(unpublished))[0].published_at.year == 2023


def test_private_videos_are_left_out_unless_they_are_chosen_and_restricted_then(
    tmp_path: Path,
) -> None:
    files = videos(
        a_video("v1", "Draft", privacy="Private"), a_video("v2", "x", privacy="Unlisted")
    )
    hidden, unlisted = everything(tmp_path, files)[:2]
    assert isinstance(hidden, Sighting)
    assert isinstance(unlisted, Observation)
    assert (hidden.native_id, hidden.state) == ("v1", PlatformState.HIDDEN)
    assert (unlisted.content.marks, unlisted.restricted) == (("unlisted",), False)

    chosen = observed(tmp_path, files, private=True)[0]
    assert (chosen.content.title, chosen.content.marks) == ("Draft", ("private",))
    assert chosen.restricted
    assert chosen.state is PlatformState.HIDDEN


def test_a_film_is_kept_with_the_video_whose_title_is_its_name(tmp_path: Path) -> None:
    long = "What to do when the river rises again: a guide for everyone who lives by it"
    files = {
        **videos(
            a_video("v1", "Road closed: 5/6?"),
            a_video("v2", long),
            a_video("v3", "Twice"),
            a_video("v4", "Twice"),
        ),
        f"{HOME}/videos/Road closed_ 5_6_.mp4": b"MP4",
        f"{HOME}/videos/{long[:47].replace(':', '_')}.mov": b"MOV",
        f"{HOME}/videos/Twice.mp4": b"1",
        f"{HOME}/videos/Twice(1).mp4": b"2",
        f"{HOME}/videos/Nobody's.mp4": b"3",
    }
    found = {each.native_id: each.attachments for each in contents(tmp_path, files)}

    assert [file.media_type for file in found["v1"]] == ["video/mp4"]
    assert [file.media_type for file in found["v2"]] == ["video/quicktime"]
    assert found["v3"] == found["v4"] == ()
    assert [(gap.what, gap.why) for gap in gaps(tmp_path, files)] == [
        ("videos/Nobody's.mp4", GapReason.OUT_OF_REACH),
        ("videos/Twice(1).mp4", GapReason.OUT_OF_REACH),
        ("videos/Twice.mp4", GapReason.OUT_OF_REACH),
    ]


@pytest.mark.parametrize(
    ("ids", "names"), [(("v1", "v2"), ("Twice.mp4",)), (("v1",), ("Twice.mp4", "Twice(1).mp4"))]
)
def test_a_film_whose_name_leaves_a_choice_is_kept_with_no_video(
    ids: tuple[str, ...], names: tuple[str, ...], tmp_path: Path
) -> None:
    films = {f"{HOME}/videos/{name}": b"MP4" for name in names}
    files = {**videos(*(a_video(each, "Twice") for each in ids)), **films}
    assert not [each for each in contents(tmp_path, files) if each.attachments]
    assert len(gaps(tmp_path, files)) == len(names)


# --- what was said ------------------------------------------------------------------------


def test_a_comment_stands_under_the_video_or_post_it_names(tmp_path: Path) -> None:
    rows = [
        a_comment("Ug1", said("one")),
        a_comment("Ug1.r", said("two"), **{"Parent Comment ID": "Ug1"}),
        a_comment("Ug2", said("three"), **{"Video ID": "", "Post ID": "Ugk9"}),
        a_comment("Ug3", said("four"), **{"Video ID": ""}),
    ]
    one, two, three, four = contents(tmp_path, comments(*rows))

    assert (one.kind, one.parent, one.thread) == (ItemKind.COMMENT, "v1", "v1")
    assert one.permalink == "https://www.youtube.com/watch?v=v1&lc=Ug1"
    assert (two.kind, two.parent, two.thread) == (ItemKind.REPLY, "Ug1", "v1")
    assert (three.parent, three.thread) == ("Ugk9", "Ugk9")
    assert three.permalink == "https://www.youtube.com/post/Ugk9?lc=Ug2"
    assert (four.parent, four.thread, four.marks) == (None, None, (THREAD_UNKNOWN,))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ('{"text":"Thank you"}', "Thank you"),
        (
            '{"text":"@doe","mention":{"channelId":"UCx"}},{"text":" yes\\nindeed"}',
            "@doe yes\nindeed",
        ),
        ('{"takeoutSegments":[{"text":"as "},{"text":"before"}]}', "as before"),
        ("plain words", "plain words"),
        ("123", "123"),
        ('"quoted"', '"quoted"'),
        ("{broken", "{broken"),
        ('{"emoji":"x"}', '{"emoji":"x"}'),
        ("", ""),
    ],
)
def test_words_are_read_in_whatever_form_takeout_writes_them(told: str, words: str) -> None:
    assert spoken(told) == words


@settings(max_examples=40)
@given(st.lists(st.text(max_size=8), min_size=1, max_size=4))
def test_any_words_are_read_as_they_were_said(words: list[str]) -> None:
    assert spoken(said(*words)) == "".join(words)


def test_a_line_of_a_live_chat_is_a_comment_everyone_could_see(tmp_path: Path) -> None:
    rows = [["L1", "UCus", AT, "0", "v1", said("We are live")]]
    (seen,) = observed(tmp_path, {CHATS: table(CHAT, *rows)})
    assert not seen.restricted
    line = seen.content
    assert (line.kind, line.native_id, line.parent, line.thread) == (
        ItemKind.COMMENT,
        "L1",
        "v1",
        "v1",
    )
    assert (line.text, line.marks) == ("We are live", ("live-chat",))


def test_a_community_post_is_read_where_its_columns_are_named_as_those_of_comments(
    tmp_path: Path,
) -> None:
    (post,) = contents(tmp_path, {POSTS: table(POST, ["Ugk1", "UCus", AT, said("Posted")])})
    assert (post.kind, post.native_id, post.text) == (ItemKind.POST, "Ugk1", "Posted")
    assert post.permalink == "https://www.youtube.com/post/Ugk1"
    (gap,) = gaps(tmp_path, {POSTS: table(("Post", "Words"), ["Ugk1", "Posted"])})
    assert gap.what == f"{POSTS}, after row 0"
    assert "post text" in gap.detail


def test_a_live_chat_and_a_comment_of_another_channel_of_the_account_are_left_out(
    tmp_path: Path,
) -> None:
    theirs = {"Channel ID": "UCother"}
    files = {**comments(a_comment("Ug1", said("ours")), a_comment("Ug2", said("theirs"), **theirs)),
             CHATS: table(CHAT, ["L1", "UCother", AT, "0", "v1", said("theirs")]),
             POSTS: table(POST, ["P1", "UCother", AT, said("theirs")])}  # fmt: skip
    assert len(observed(tmp_path, files)) == 4
    (ours,) = observed(tmp_path, files, channel="UCus")
    assert ours.content.text == "ours"


# --- what cannot be read ------------------------------------------------------------------


def test_a_row_that_is_not_understood_is_a_gap_and_the_rest_is_read(tmp_path: Path) -> None:
    undated = {"Comment Create Timestamp": "", "Comment create timestamp": ""}
    files = {
        **comments(a_comment("", said("x")), a_comment("a b", said("x")),
                   a_comment("Ug1", said("x"), **undated), a_comment("Ug2", said("good"))),
        VIDEOS: table(VIDEO, a_video("", "x"), a_video("v1", "x")[:-1]),
    }  # fmt: skip
    assert [each.text for each in contents(tmp_path, files)] == ["good"]
    assert sorted(gap.what for gap in gaps(tmp_path, files)) == [
        *(f"{COMMENTS}, row {n}" for n in (1, 2, 3)),
        *(f"{VIDEOS}, row {n}" for n in (1, 2)),
    ]


def test_an_export_in_another_language_is_refused_with_what_to_do(tmp_path: Path) -> None:
    name = "Takeout/YouTube y YouTube Music/comentarios/comentarios.csv"
    with pytest.raises(DepositRefused, match="in English") as caught:
        everything(tmp_path, {name: "ID del comentario\n"})
    assert "language to English" in caught.value.remedy


def test_what_is_no_takeout_of_youtube_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DepositRefused, match="no Takeout of YouTube"):
        everything(tmp_path, {"Takeout/Mail/All mail.mbox": "x", "comments.csv": "id\n"})


def test_what_was_watched_is_never_read(tmp_path: Path) -> None:
    files = {**comments(a_comment("Ug1", said("x"))),
             f"{HOME}/history/watch-history.json": "[]",
             f"{HOME}/playlists/Roads-videos.csv": "Video ID\nv9\n"}  # fmt: skip
    assert [each.native_id for each in contents(tmp_path, files)] == ["Ug1"]
    (gap,) = gaps(tmp_path, files)
    assert gap.what == (
        "2 files in the export that nobody read: "
        f"{HOME}/history/watch-history.json, {HOME}/playlists/Roads-videos.csv"
    )


@settings(max_examples=25)
@given(st.lists(st.lists(st.text(max_size=4), min_size=1, max_size=9), max_size=3))
def test_whatever_stands_in_a_file_is_an_item_or_a_gap(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    files = comments(*[[*row, *[""] * (9 - len(row))] for row in rows], a_comment("Ug1", "good"))
    seen = everything(tmp_path_factory.mktemp("any"), files)
    read = [each for each in seen if isinstance(each, Observation)]
    assert len(read) == len(rows) + 1 or [each for each in seen if isinstance(each, Gap)]


# --- counted ------------------------------------------------------------------------------


def test_every_one_of_thousands_of_rows_is_read(tmp_path: Path) -> None:
    rows = [a_comment(f"Ug{n}", said(f'comment "{n}",\nand more')) for n in range(2_000)]
    pages = {
        f"{HOME}/comments/comments({n}).csv": table(COMMENT["2026"], *rows[n * 500 :][:500])
        for n in range(4)
    }
    lines = [[f"L{n}", "UCus", AT, "0", "v1", said(f"line {n}")] for n in range(1_000)]
    found = contents(tmp_path, {**pages, CHATS: table(CHAT, *lines)})
    assert len({each.native_id for each in found}) == len(found) == 3_000
    assert len({each.text for each in found}) == 3_000


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    files = comments(*(a_comment(f"Ug{n}", said(f"{n} {LONG}")) for n in range(500)))
    count, peak = _IMPORTING.peak(tmp_path, files)
    assert count == 500
    assert peak < 4 * 1024**2
