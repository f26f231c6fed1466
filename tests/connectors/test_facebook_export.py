"""The import of Facebook's own export: every layout, every item once, the same id every time."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.ports import Connector
from archiver.records.captures import (
    Cursor,
    Gap,
    GapReason,
    Known,
    Listed,
    Observation,
    Seen,
    Window,
)
from archiver.records.errors import (
    AnswerUnreadable,
    AttachmentGone,
    DepositRefused,
    TooLarge,
)
from archiver.records.items import Attachment, Content, ItemKind
from archiver.records.pages import FetchSettings, PageSettings, SettingValue
from connectors.deposits import DepositSource
from connectors.facebook_export import CONNECTOR
from connectors.meta_export import MENDED, UNMENDED, mend
from tests.connectors.exports import (
    LAYOUTS,
    PAGE_NAME,
    as_facebook_writes,
    write_export,
    write_facebook_export,
)
from tests.connectors.importers import LONG, Importing

RECORDED = Path(__file__).parent / "recorded" / "facebook_export"
POSTS = "this_profile's_activity_across_facebook/posts/profile_posts_1.json"
COMMENTS = "this_profile's_activity_across_facebook/comments_and_reactions/comments.json"
ALBUM = "this_profile's_activity_across_facebook/posts/album/0.json"
NOON = 1_700_000_000


@contextmanager
def opened(
    path: Path, *, max_bytes: int = 1000, **options: SettingValue
) -> Iterator[DepositSource]:
    page = PageSettings(
        name="our page",
        connector="facebook-export",
        platform="facebook",
        url="https://facebook.example/police",
        options=options,
    )
    settings = FetchSettings(user_agent="test", spool=path.parent / "spool", max_bytes=max_bytes)
    with closing(CONNECTOR.open(page, settings, deposit=path)) as source:
        yield source


def everything(path: Path, **options: SettingValue) -> list[Seen]:
    with opened(path, **options) as source:
        return list(source.visit(Window()))


def contents(path: Path, **options: SettingValue) -> list[Content]:
    return [seen.content for seen in everything(path, **options) if isinstance(seen, Observation)]


def gaps(path: Path) -> list[Gap]:
    return [seen for seen in everything(path) if isinstance(seen, Gap)]


def a_post(text: str, timestamp: int = NOON, **more: object) -> dict[str, object]:
    return {"timestamp": timestamp, "data": [{"post": as_facebook_writes(text)}], **more}


def a_comment(text: str, timestamp: int = NOON, author: str = "Us") -> dict[str, object]:
    said = {"timestamp": timestamp, "comment": as_facebook_writes(text), "author": author}
    return {"timestamp": timestamp, "data": [{"comment": said}], "title": "Us commented on a post."}


def with_media(uri: str, **more: object) -> list[object]:
    return [{"data": [{"media": {"uri": uri, "creation_timestamp": NOON, **more}}]}]


def test_it_is_a_connector_that_says_what_it_cannot_see() -> None:
    assert isinstance(CONNECTOR, Connector)
    assert (CONNECTOR.name, CONNECTOR.platform, CONNECTOR.imports) == (
        "facebook-export",
        "facebook",
        True,
    )
    assert any("comments by the public" in blind for blind in CONNECTOR.capabilities.blind_to)


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
@pytest.mark.parametrize("wrapper", ["", "facebook-police-2026-01-01-AbCd/"])
def test_every_layout_gives_the_same_items(tmp_path: Path, layout: str, wrapper: str) -> None:
    posts, comments, media = LAYOUTS[layout]
    picture = f"{media}/Patrol_1/1_n.jpg"
    path = write_export(
        tmp_path / "x.zip",
        {
            wrapper + posts.format(1): [a_post("Road closed 🚧", attachments=with_media(picture))],
            wrapper + comments: {"comments_v2": [a_comment("Thank you!")]},
            wrapper + picture: b"JPEG",
        },
    )

    post, comment = contents(path)

    assert (post.kind, post.text, post.native_id) == (
        ItemKind.POST,
        "Road closed 🚧",
        f"post-{NOON}-1",
    )
    assert (comment.kind, comment.text) == (ItemKind.COMMENT, "Thank you!")
    assert [a.key for a in post.attachments] == [picture]
    with opened(path) as source:
        file = source.download(post.attachments[0])
        assert Path(file.path).read_bytes() == b"JPEG"
        assert (file.size, file.media_type) == (4, "image/jpeg")
    assert not Path(file.path).exists()


@pytest.mark.parametrize("recorded", sorted(RECORDED.glob("*.json")), ids=lambda path: path.stem)
def test_a_recorded_file_gives_the_items_beside_it(recorded: Path, tmp_path: Path) -> None:
    told = json.loads(recorded.read_text("utf-8"))
    path = write_export(tmp_path / "x.zip", {told["file"]: told["content"]})

    read = [
        {
            "native_id": content.native_id,
            "kind": content.kind.value,
            "title": content.title,
            "text": content.text,
            "author": content.author.name if content.author else None,
            "published_at": content.published_at.isoformat(),
            "edited_at": content.edited_at.isoformat() if content.edited_at else None,
            "parent": content.parent,
            "thread": content.thread,
            "attachments": [[a.key, a.media_type, a.description] for a in content.attachments],
            "links": list(content.links),
            "marks": list(content.marks),
        }
        for content in contents(path)
    ]

    assert read == told["items"]


def test_each_item_keeps_the_bytes_facebook_wrote(tmp_path: Path) -> None:
    first = b'{"timestamp":1700000000, "data":[{"post":"caf\\u00c3\\u00a9 1.50"}] }'
    second = b'{"timestamp":1700000001,"data":[]}'
    path = write_export(tmp_path / "x.zip", {POSTS: b"[" + first + b" ,\n" + second + b"]\n"})
    assert [content.raw.body for content in contents(path)] == [first, second]
    assert contents(path)[0].text == "café 1.50"


def test_the_author_is_the_page_by_the_name_its_profile_gives(tmp_path: Path) -> None:
    profile = {"profile_v2": {"name": {"full_name": as_facebook_writes("Policía")}}}
    files = {POSTS: [a_post("x")], "profile_information/profile_information.json": profile}
    path = write_export(tmp_path / "x.zip", files)
    assert [c.author.name for c in contents(path) if c.author] == ["Policía"]
    assert [c.author.name for c in contents(path, page_name="PD") if c.author] == ["PD"]


def test_an_export_without_a_profile_invents_no_author(tmp_path: Path) -> None:
    for profile in (b"[[[", b"{}", b"\xff", b'{"profile_v2": 3}', b"[" * 100_000):
        files = {POSTS: [a_post("x")], "profile_information.json": profile}
        assert contents(write_export(tmp_path / "x.zip", files))[0].author is None


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_read_as_it_was_meant(text: str) -> None:
    marks: set[str] = set()
    assert mend(as_facebook_writes(text), marks) == text
    assert marks == (set() if text.isascii() else {MENDED})


@pytest.mark.parametrize(
    ("written", "marks"),
    [
        ("plain", set()),
        ("already right: 🚓 and é", set()),
        ("already right: café", set()),
        ("cut off: caf\xc3\xa9 \xf0\x9f\x9a", {UNMENDED}),
        ("mixed: caf\xc3\xa9 and 🚓", {UNMENDED}),
        ("half a pair: \xed\xa0\xbd", {UNMENDED}),
    ],
)
def test_text_that_cannot_be_mended_is_left_and_marked(written: str, marks: set[str]) -> None:
    found: set[str] = set()
    assert mend(written, found) == written
    assert found == marks


def test_importing_twice_gives_the_same_items(tmp_path: Path) -> None:
    write_facebook_export(tmp_path / "x.zip", posts=300, comments=100, seed=3, layout="page")
    once = everything(tmp_path / "x.zip")
    assert once == everything(tmp_path / "x.zip")
    assert len({seen.content.native_id for seen in once if isinstance(seen, Observation)}) == 400


def test_a_later_export_gives_the_items_of_the_earlier_one_the_same_ids(tmp_path: Path) -> None:
    posts = [
        a_post("c", NOON + 9), a_post("b1", NOON), a_post("b2", NOON), a_post("a", NOON - 5),
    ]  # fmt: skip
    later = [a_post("e", NOON + 99), a_post("d", NOON + 50), *posts]
    early = contents(write_export(tmp_path / "early.zip", {POSTS: posts}))
    split = {POSTS: later[:3], POSTS.replace("_1", "_2"): later[3:]}
    late = {c.native_id: c.text for c in contents(write_export(tmp_path / "late.zip", split))}
    assert len(late) == 6
    assert {c.native_id: c.text for c in early}.items() <= late.items()


def test_parts_in_another_order_give_the_same_ids(tmp_path: Path) -> None:
    files = {POSTS.replace("_1.", f"_{n}."): [a_post(f"part {n}")] for n in (1, 2, 10)}
    for folder, order in (("one", (1, 2, 10)), ("two", (10, 1, 2))):
        (tmp_path / folder).mkdir()
        for place, number in enumerate(order):
            name = POSTS.replace("_1.", f"_{number}.")
            write_export(tmp_path / folder / f"{place}.zip", {name: files[name]})
    texts = {c.native_id: c.text for c in contents(tmp_path / "one")}
    assert texts == {
        f"post-{NOON}-1": "part 1", f"post-{NOON}-2": "part 2", f"post-{NOON}-3": "part 10",
    }  # fmt: skip
    assert texts == {c.native_id: c.text for c in contents(tmp_path / "two")}
    whole = write_export(tmp_path / "whole.zip", dict(reversed(files.items())))
    assert texts == {c.native_id: c.text for c in contents(whole)}


def test_posts_and_comments_of_one_second_are_counted_apart(tmp_path: Path) -> None:
    path = write_export(
        tmp_path / "x.zip",
        {POSTS: [a_post("1"), a_post("2")], COMMENTS: {"comments_v2": [a_comment("3")]}},
    )
    ids = [content.native_id for content in contents(path)]
    assert ids == [f"post-{NOON}-1", f"post-{NOON}-2", f"comment-{NOON}-1"]


def test_photos_and_videos_that_no_post_shows_are_items_of_their_own(tmp_path: Path) -> None:
    photo = {"uri": "m/shown.jpg", "creation_timestamp": NOON}
    loose = {"uri": "m/loose.jpg", "creation_timestamp": NOON, "description": "Lost dog"}
    video = {"uri": "m/v.mp4", "creation_timestamp": NOON + 1, "title": "Parade"}
    path = write_export(
        tmp_path / "x.zip",
        {
            POSTS: [a_post("x", attachments=with_media("m/shown.jpg"))],
            ALBUM: {"name": "Photos", "photos": [photo, loose], "cover_photo": photo},
            "posts/videos.json": {"videos_v2": [video]},
            "posts/unanchored.json": {"photos": [loose]},
        },
    )
    found = [(c.native_id, [a.key for a in c.attachments]) for c in contents(path)[1:]]
    assert sorted(found) == [
        (f"media-loose.jpg-{NOON}-1", ["m/loose.jpg"]),
        (f"media-v.mp4-{NOON + 1}-1", ["m/v.mp4"]),
    ]


@pytest.mark.parametrize("in_album", [False, True])
def test_a_comment_and_its_post_hold_nothing_of_each_others_words(
    tmp_path: Path, *, in_album: bool
) -> None:
    said = [
        {"timestamp": NOON + n, "comment": word, "author": "Doe"} for n, word in enumerate("ab")
    ]
    photo = {"uri": "m/1.jpg", "creation_timestamp": NOON, "comments": said}
    shown = a_post("x", attachments=with_media("m/1.jpg", comments=said))
    files = {POSTS: [], ALBUM: {"photos": [photo]}} if in_album else {POSTS: [shown]}

    post, *below = contents(write_export(tmp_path / "x.zip", files))

    assert [(each.text, each.parent) for each in below] == [
        ("a", post.native_id), ("b", post.native_id),
    ]  # fmt: skip
    assert [each.raw.body.decode() for each in below] == [json.dumps(each) for each in said]
    own = post.raw.body.decode()
    assert not any(json.dumps(each) in own for each in said)
    for each in below:
        reference = json.dumps({"reference": each.native_id})
        own = own.replace(reference, each.raw.body.decode())
    assert own == json.dumps(photo if in_album else shown)


def test_a_comment_without_a_date_is_a_gap_and_takes_nothing_with_it(tmp_path: Path) -> None:
    said = [{"comment": "when"}, {"timestamp": NOON, "comment": "then"}, "odd"]
    post = a_post("x", attachments=with_media("m/1.jpg", comments=said))
    path = write_export(tmp_path / "x.zip", {POSTS: [post, a_post("y", NOON + 1)]})
    first, comment, second = contents(path)
    assert [each.text for each in (first, comment, second)] == ["x", "then", "y"]
    assert b'"when"' in first.raw.body
    assert b'"odd"' in first.raw.body
    assert [gap.what for gap in gaps(path)] == [f"{POSTS}, element 1"]


def test_a_list_that_is_not_read_is_a_gap(tmp_path: Path) -> None:
    album = {
        "name": "Parade",
        "photos": [{"uri": "m/1.jpg", "creation_timestamp": NOON}],
        "comments": [{"timestamp": NOON, "comment": "Which year", "author": "Doe"}],
        "tags": [],
    }
    inbox = "messages/inbox/doe_17/message_1.json"
    talk = {"participants": [{"name": "Doe"}], "messages": [], "magic_words": ["x"]}
    path = write_export(tmp_path / "x.zip", {POSTS: [a_post("x")], ALBUM: album, inbox: talk})
    assert len(contents(path)) == 2
    (gap,) = gaps(path)
    assert (gap.what, gap.why) == (f"{ALBUM}, after element 1", GapReason.UNREADABLE)
    assert gap.detail == "it also has lists that are not read: comments"


def test_one_post_alone_is_written_without_an_array(tmp_path: Path) -> None:
    path = write_export(tmp_path / "x.zip", {POSTS: a_post("alone")})
    assert [content.text for content in contents(path)] == ["alone"]


def test_an_element_that_is_not_understood_is_a_gap_and_the_rest_is_read(tmp_path: Path) -> None:
    odd: list[object] = [
        "text", 7, None, {}, {"data": []}, a_post("x", timestamp=10**18),
        {"timestamp": True}, {"timestamp": "1700000000"},
        {"timestamp": NOON, "data": {"post": 1}, "attachments": [3, {"data": [[]]}, {"data": 1}]},
    ]  # fmt: skip
    path = write_export(tmp_path / "x.zip", {POSTS: [*odd, a_post("good")]})
    assert [content.text for content in contents(path)] == ["", "good"]
    found = gaps(path)
    assert [gap.what for gap in found] == [f"{POSTS}, element {n}" for n in range(1, 9)]
    assert {gap.why for gap in found} == {GapReason.UNREADABLE}


def test_a_file_that_breaks_off_is_a_gap_and_the_others_are_read(tmp_path: Path) -> None:
    path = write_export(
        tmp_path / "x.zip",
        {
            POSTS: json.dumps([a_post("first"), a_post("second")])[:-20],
            COMMENTS: {"comments_v2": [a_comment("third")]},
        },
    )
    assert [content.text for content in contents(path)] == ["first", "third"]
    assert [gap.what for gap in gaps(path)] == [f"{POSTS}, after element 1"]


def test_files_that_are_not_read_are_said_so(tmp_path: Path) -> None:
    path = write_export(tmp_path / "x.zip", {POSTS: [a_post("x")], "posts/trash.json": {}})
    (gap,) = gaps(path)
    assert gap.what == "1 file in the export that nobody read: posts/trash.json"
    assert gap.why is GapReason.OUT_OF_REACH


def test_a_file_of_a_name_nobody_knows_beside_those_that_are_read_is_named_first(
    tmp_path: Path,
) -> None:
    folder = POSTS.rpartition("/")[0]
    said = f"{COMMENTS.rpartition('/')[0]}/likes_and_reactions_1.json"
    files = {POSTS: [a_post("x")], COMMENTS: {"comments_v2": []}, said: [], "ads/x.json": []}
    path = write_export(tmp_path / "x.zip", {**files, f"{folder}/page_bulletins_1.json": []})
    named = f"{folder}/page_bulletins_1.json, ads/x.json"
    assert [gap.what for gap in gaps(path)] == [f"2 files in the export that nobody read: {named}"]


def test_an_import_ends_with_a_cursor_and_claims_no_whole_listing(tmp_path: Path) -> None:
    path = write_export(tmp_path / "x.zip", {POSTS: [a_post("b", NOON + 5), a_post("a", NOON)]})
    assert everything(path)[-2:] == [Cursor(str(NOON + 5)), Listed(whole=False)]


def test_a_window_leaves_nothing_out(tmp_path: Path) -> None:
    path = write_export(tmp_path / "x.zip", {POSTS: [a_post("old", 1)]})
    with opened(path) as source:
        window = Window(since=datetime(2026, 1, 1, tzinfo=UTC), cursor="9999999999")
        assert isinstance(next(source.visit(window)), Observation)


def test_nothing_can_be_looked_at_again(tmp_path: Path) -> None:
    known = Known(native_id="post-1-1", kind="post", parent=None, thread=None, permalink="")
    with opened(write_export(tmp_path / "x.zip", {POSTS: [a_post("x")]})) as source:
        (gap,) = source.recheck([known])
    assert isinstance(gap, Gap)
    assert (gap.native_id, gap.why) == ("post-1-1", GapReason.OUT_OF_REACH)


def test_a_file_the_export_names_and_does_not_hold_is_gone(tmp_path: Path) -> None:
    path = write_export(tmp_path / "x.zip", {POSTS: [a_post("x")], "m/a.jpg": b"12345"})
    with opened(path, max_bytes=4) as source:
        for uri in ("m/b.jpg", "../../etc/passwd", "/etc/passwd", "", "\ud800"):
            with pytest.raises(AttachmentGone) as caught:
                source.download(Attachment(key="k", url=uri))
            assert caught.value.gap == GapReason.GONE
        with pytest.raises(TooLarge):
            source.download(Attachment(key="m/a.jpg", url="m/a.jpg"))


def test_media_with_names_in_other_scripts_are_found(tmp_path: Path) -> None:
    files = {
        POSTS: [a_post("x", attachments=with_media(as_facebook_writes("m/Señal_1/1.jpg")))],
        "m/Señal_1/1.jpg": b"JPEG",
    }
    path = write_export(tmp_path / "x.zip", files)
    (post,) = contents(path)
    with opened(path) as source:
        assert source.download(post.attachments[0]).size == 4


def test_media_lie_in_whatever_part_of_a_split_export(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    uri = "this_profile's_activity_across_facebook/posts/media/A_1/1.jpg"
    write_export(folder / "1.zip", {f"one/{POSTS}": [a_post("x", attachments=with_media(uri))]})
    write_export(folder / "2.zip", {f"two/{uri}": b"JPEG"})
    (post,) = contents(folder)
    with opened(folder) as source:
        assert source.download(post.attachments[0]).size == 4


def test_media_that_two_parts_hold_differently_are_not_guessed(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    write_export(folder / "1.zip", {POSTS: [a_post("x")], "m/1.jpg": b"one"})
    write_export(folder / "2.zip", {"m/1.jpg": b"other"})
    with opened(folder) as source, pytest.raises(AnswerUnreadable):
        source.download(Attachment(key="m/1.jpg", url="m/1.jpg"))


def test_an_export_as_html_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = write_export(
        tmp_path / "x.zip",
        {POSTS.replace(".json", ".html"): b"<html>", "start_here.html": b"<html>"},
    )
    with pytest.raises(DepositRefused, match="as HTML") as caught, opened(path):
        pass
    assert "JSON" in caught.value.remedy


def test_what_is_no_export_of_facebook_is_refused(tmp_path: Path) -> None:
    for files in ({"tweets.js": b"x"}, {"posts/album/0.json": {"photos": []}}):
        path = write_export(tmp_path / "x.zip", files)
        with pytest.raises(DepositRefused, match="neither posts nor comments"), opened(path):
            pass


@pytest.mark.parametrize("same_name", [True, False])
def test_two_exports_at_once_are_refused(tmp_path: Path, same_name: object) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    for number in (1, 2):
        wrapper = "" if same_name else f"facebook-{number}/"
        write_export(folder / f"{number}.zip", {wrapper + POSTS: [a_post(f"export {number}")]})
    with pytest.raises(DepositRefused, match="more than once"), opened(folder):
        pass


def test_without_a_deposit_there_is_nothing_to_open(tmp_path: Path) -> None:
    page = PageSettings(name="p", connector="facebook-export", platform="facebook", url="")
    settings = FetchSettings(user_agent="test", spool=tmp_path)
    with pytest.raises(DepositRefused, match="none was given"):
        CONNECTOR.open(page, settings)


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_the_synthetic_export_is_read_whole(tmp_path: Path, layout: str) -> None:
    path = tmp_path / "x.zip"
    write_facebook_export(path, posts=200, comments=50, seed=1, layout=layout, media_every=20)
    again = tmp_path / "again.zip"
    write_facebook_export(again, posts=200, comments=50, seed=1, layout=layout, media_every=20)
    assert path.read_bytes() == again.read_bytes()

    read = contents(path)

    assert len(read) == 250
    assert {content.author.name for content in read if content.author} == {PAGE_NAME}
    assert all(len(content.text.split()) >= 10 for content in read)
    assert any(MENDED in content.marks for content in read)
    attached = [a for content in read for a in content.attachments]
    assert len(attached) == 10
    with opened(path) as source:
        assert all(source.download(attachment).size > 0 for attachment in attached)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    posts = [a_post(f"{n} {LONG}", NOON + n) for n in range(500)]
    count, peak = Importing(CONNECTOR).peak(tmp_path, {POSTS: posts})
    assert count == 500
    assert peak < 4 * 1024**2
