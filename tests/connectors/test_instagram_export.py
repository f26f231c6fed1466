"""The import of Instagram's own export: every layout and language, every item once."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.records.captures import (
    Actor,
    Gap,
    GapReason,
    Observation,
    PlatformState,
    Sighting,
    Window,
)
from archiver.records.errors import DepositRefused
from archiver.records.items import ItemKind
from connectors.deposits import THREAD_UNKNOWN
from connectors.instagram_export import CONNECTOR
from connectors.instagram_export.contents import LABELS_GUESSED
from connectors.instagram_export.labels import labelled
from connectors.meta_export import MENDED
from tests.connectors.exports import as_facebook_writes, write_export
from tests.connectors.importers import (
    ENGLISH,
    FRENCH,
    LONG,
    NOON,
    Importing,
    instagram,
    instagram_comment,
    opened,
)

HOME = "your_instagram_activity"
POSTS = f"{HOME}/content/posts_1.json"
COMMENTS = f"{HOME}/comments/post_comments_1.json"
INBOX = f"{HOME}/messages/inbox"
PERSONAL = "personal_information/personal_information/personal_information.json"
LANGUAGES = {
    "English": ENGLISH,
    "French": FRENCH,
    "Spanish": ("Comentario", "Propietario del contenido multimedia", "Hora"),
    "German": ("Kommentar", "Medieninhaber", "Zeit"),
    "Dutch": ("Opmerking", "Media-eigenaar", "Tijd"),
    "Polish": ("Komentarz", "Właściciel mediów", "Godzina"),
    "Turkish": ("Yorum", "Medya sahibi", "Saat"),
    "Italian": ("Commento", "Proprietario del contenuto multimediale", "Ora"),
    "Romanian": ("Comentariu", "Proprietarul conținutului media", "Ora"),
    "Russian": ("Комментарий", "Владелец медиафайла", "Время"),
    "Arabic": ("تعليق", "مالك الوسائط", "الوقت"),
    "Albanian": ("Koment", "Pronari i medias", "Ora"),
}


_IMPORTING = Importing(CONNECTOR)
everything = _IMPORTING.everything
contents = _IMPORTING.contents
gaps = _IMPORTING.gaps


def a_picture(title: str = "", timestamp: int = NOON, **more: object) -> dict[str, object]:
    uri = f"media/posts/202311/{timestamp}_n.jpg"
    told = {"uri": uri, "creation_timestamp": timestamp, "title": as_facebook_writes(title)}
    return {**told, **more}


def a_post(title: str, timestamp: int = NOON) -> dict[str, object]:
    return {"media": [a_picture(title, timestamp)]}


# --- posts --------------------------------------------------------------------------------


def test_a_post_of_one_picture_and_one_of_several_say_their_words_in_other_places(
    tmp_path: Path,
) -> None:
    album = {
        "media": [a_picture("left", NOON - 50), a_picture("right", NOON - 40)],
        "title": as_facebook_writes("Señales"),
        "creation_timestamp": NOON,
    }
    single, several = contents(tmp_path, {POSTS: [a_post("Perdido 🐕", NOON + 9), album]})

    assert (single.text, single.native_id) == ("Perdido 🐕", f"post-{NOON + 9}-1")
    assert single.marks == (MENDED,)
    assert [file.description for file in single.attachments] == [""]
    assert (several.text, several.published_at) == ("Señales", datetime.fromtimestamp(NOON, UTC))
    assert [file.description for file in several.attachments] == ["left", "right"]
    assert {file.media_type for file in several.attachments} == {"image/jpeg"}


def test_an_album_without_words_does_not_borrow_those_of_its_first_picture(tmp_path: Path) -> None:
    album = {"media": [a_picture("left", 5), a_picture("right", 6)], "creation_timestamp": NOON}
    (post,) = contents(tmp_path, {POSTS: [album]})
    assert post.text == ""
    assert [file.description for file in post.attachments] == ["left", "right"]


def test_the_subtitles_of_a_film_are_kept_with_it(tmp_path: Path) -> None:
    subtitles = {"uri": "media/reels/202311/2.srt", "creation_timestamp": NOON}
    film = a_picture("Parade", media_metadata={"video_metadata": {"subtitles": subtitles}})
    (reel,) = contents(
        tmp_path, {f"{HOME}/media/reels.json": {"ig_reels_media": [{"media": [film]}]}}
    )

    assert reel.native_id == f"reel-{NOON}-1"
    assert reel.marks == ("reel",)
    assert [file.name for file in reel.attachments] == [f"{NOON}_n.jpg", "2.srt"]


def test_what_the_account_put_away_is_hidden_and_stays_the_same_item(tmp_path: Path) -> None:
    (before,) = contents(tmp_path, {POSTS: [a_post("Road closed")]})
    files: dict[str, object] = {
        POSTS: [a_post("Other", NOON + 1)],
        f"{HOME}/content/archived_posts.json": {"ig_archived_post_media": [a_post("Road closed")]},
    }
    seen = [s for s in everything(tmp_path, files) if isinstance(s, Observation)]

    (later,) = [each for each in seen if each.content.text == "Road closed"]
    assert later.content.native_id == before.native_id
    assert later.content.fingerprint() == before.fingerprint()
    assert later.state is PlatformState.HIDDEN
    assert not later.restricted


def test_what_was_deleted_lately_is_told_as_removed_by_nobody_in_particular(
    tmp_path: Path,
) -> None:
    name = f"{HOME}/content/recently_deleted_content.json"
    files: dict[str, object] = {POSTS: [], name: {"ig_recently_deleted_media": [a_post("Gone")]}}
    observation, sighting = everything(tmp_path, files)[:2]

    assert isinstance(observation, Observation)
    assert isinstance(sighting, Sighting)
    assert observation.content.text == "Gone"
    assert observation.content.native_id == sighting.native_id == f"post-{NOON}-1"
    assert {observation.state, sighting.state} == {PlatformState.REPORTED_REMOVED}
    assert sighting.actor is Actor.UNTOLD
    assert sighting.source == "instagram recently deleted"


def test_other_content_is_restricted_for_nobody_knows_whether_it_was_public(
    tmp_path: Path,
) -> None:
    other = {f"{HOME}/media/other_content.json": {"ig_other_media": [a_post("A draft?")]}}
    seen = everything(tmp_path, {POSTS: [], **other})[0]

    assert isinstance(seen, Observation)
    assert seen.restricted
    assert seen.state is PlatformState.UNKNOWN


def test_reels_one_subscribed_to_are_not_taken_for_the_accounts_own(tmp_path: Path) -> None:
    theirs = {f"{HOME}/subscriptions/reels.json": {"subscriptions_reels": []}}
    own = {f"{HOME}/content/reels.json": {"ig_reels_media": [a_post("Ours")]}}
    assert [content.text for content in contents(tmp_path, {**theirs, **own})] == ["Ours"]


def test_a_later_export_gives_the_items_of_the_earlier_one_the_same_ids(tmp_path: Path) -> None:
    posts = [a_post("c", NOON + 9), a_post("b1"), a_post("b2"), a_post("a", NOON - 5)]
    early = contents(tmp_path, {POSTS: posts})
    later = [a_post("e", NOON + 99), *posts]
    split = {POSTS: later[:3], POSTS.replace("_1", "_2"): later[3:]}
    late = {each.native_id: each.text for each in contents(tmp_path, split)}
    assert len(late) == 5
    assert {each.native_id: each.text for each in early}.items() <= late.items()


def test_the_author_is_the_account_by_the_name_its_profile_gives(tmp_path: Path) -> None:
    labels = as_facebook_writes("Nom d\u2019utilisateur")
    user = {"string_map_data": {"E-mail": {"value": "x"}, labels: {"value": "police_ex"}}}
    files: dict[str, object] = {POSTS: [a_post("x")], PERSONAL: {"profile_user": [user]}}

    (named,) = contents(tmp_path, files)
    (told,) = contents(tmp_path, files, page_name="@other")
    (nameless,) = contents(tmp_path, {POSTS: [a_post("x")], PERSONAL: b"[[["})

    assert named.author is not None
    assert (named.author.handle, named.author.url) == (
        "police_ex",
        "https://www.instagram.com/police_ex/",
    )
    assert told.author is not None
    assert told.author.handle == "other"
    assert nameless.author is None


# --- comments -----------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_comment_is_read_in_whatever_language_the_export_was_asked_for(
    language: str, tmp_path: Path
) -> None:
    said = instagram_comment("¡Gracias! 🙏", NOON, LANGUAGES[language], owner="k_fire")
    (comment,) = contents(tmp_path, {COMMENTS: [said]})

    assert (comment.kind, comment.text, comment.title) == (
        ItemKind.COMMENT,
        "¡Gracias! 🙏",
        "@k_fire",
    )
    assert comment.native_id == f"comment-{NOON}-1"
    assert set(comment.marks) == {MENDED, THREAD_UNKNOWN}


def test_labels_nobody_knows_are_told_by_their_place_and_marked(tmp_path: Path) -> None:
    said = instagram_comment("Kiitos", NOON, ("Kommentti", "Median omistaja", "Aika"))
    (comment,) = contents(tmp_path, {COMMENTS: [said]})
    assert (comment.text, comment.title) == ("Kiitos", "@kfire")
    assert LABELS_GUESSED in comment.marks


@given(st.permutations(ENGLISH), st.booleans())
def test_known_labels_are_read_in_whatever_order(order: Sequence[str], extra: object) -> None:
    values: dict[str, object] = {
        "Comment": {"value": "said"},
        "Media Owner": {"value": "whose"},
        "Time": {"timestamp": 5},
    }
    told = labelled({**{name: values[name] for name in order}, **({"?": 1} if extra else {})})
    assert (told.comment, told.owner, told.time, told.guessed) == ("said", "whose", 5, False)


def test_a_comment_that_is_a_picture_alone_has_no_words(tmp_path: Path) -> None:
    shape = {"Media Owner": {"value": "kfire"}, "Time": {"timestamp": NOON}}
    files = {COMMENTS: [{"media_list_data": [{"uri": "m/1.gif"}], "string_map_data": shape}]}
    (comment,) = contents(tmp_path, files)
    assert (comment.text, comment.title) == ("", "@kfire")
    assert [file.key for file in comment.attachments] == ["m/1.gif"]


def test_comments_on_reels_and_stories_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    files: dict[str, object] = {
        COMMENTS: [instagram_comment("1", NOON)],
        f"{HOME}/comments/reels_comments.json": {
            "comments_reels_comments": [instagram_comment("2", NOON)]
        },
        f"{HOME}/comments/hype.json": {"comments_story_comments": [instagram_comment("3", NOON)]},
    }
    assert [each.native_id for each in contents(tmp_path, files)] == [
        f"comment-{NOON}-1",
        f"reel-comment-{NOON}-1",
        f"story-comment-{NOON}-1",
    ]


def test_one_old_element_may_hold_several_comments(tmp_path: Path) -> None:
    said = [{"value": word, "timestamp": NOON} for word in ("one", "two")]
    old = {"comments_media_comments": [{"title": "kfire", "string_list_data": said}]}
    found = contents(tmp_path, {"comments/post_comments.json": old})
    assert [(each.text, each.title) for each in found] == [("one", "@kfire"), ("two", "@kfire")]
    words = [json.dumps(each) for each in said]
    for each, own, other in zip(found, words, reversed(words), strict=True):
        assert own in each.raw.body.decode()
        assert other not in each.raw.body.decode()
        assert b'"kfire"' in each.raw.body
    for nothing in ([], None, "one", [1]):
        old = {"comments_media_comments": [{"title": "kfire", "string_list_data": nothing}]}
        (gap,) = gaps(tmp_path, {"comments/post_comments.json": old})
        assert gap.what == "comments/post_comments.json, element 1"


# --- messages -----------------------------------------------------------------------------


def test_a_message_is_kept_with_all_it_carries_and_is_restricted(tmp_path: Path) -> None:
    share = {"link": "https://e.org/p", "share_text": "Look", "original_content_owner": "them"}
    message = {
        "sender_name": as_facebook_writes("Zoë"), "timestamp_ms": NOON * 1000 + 7,
        "content": "Here", "photos": [{"uri": "m/1.jpg", "creation_timestamp": NOON}],
        "sticker": {"uri": "m/2.webp"}, "share": share, "is_unsent": True,
    }  # fmt: skip
    files: dict[str, object] = {POSTS: [], f"{INBOX}/zoe_1/message_1.json": {"messages": [message]}}
    seen = everything(tmp_path, files)[0]

    assert isinstance(seen, Observation)
    assert seen.restricted
    told = seen.content
    assert (told.kind, told.text) == (ItemKind.MESSAGE, "Here\nLook\nthem")
    assert told.author is not None
    assert told.author.name == "Zoë"
    assert (told.native_id, told.thread) == (f"message-zoe_1-{NOON * 1000 + 7}-1", "messages-zoe_1")
    assert [file.key for file in told.attachments] == ["m/1.jpg", "m/2.webp"]
    assert told.links == ("https://e.org/p",)
    assert set(told.marks) == {MENDED, "unsent"}


def test_conversations_are_told_apart_though_their_files_have_one_name(tmp_path: Path) -> None:
    message = {"sender_name": "Us", "timestamp_ms": NOON * 1000, "content": "Hello"}
    files: dict[str, object] = {
        f"{INBOX}/{name}/message_1.json": {"messages": [message]} for name in ("a_1", "b_2")
    }
    found = contents(tmp_path, {POSTS: [], **files})
    assert [each.native_id for each in found] == [
        f"message-a_1-{NOON}000-1",
        f"message-b_2-{NOON}000-1",
    ]


# --- what cannot be read ------------------------------------------------------------------


def test_an_element_that_is_not_understood_is_a_gap_and_the_rest_is_read(tmp_path: Path) -> None:
    odd: list[object] = [
        "text", 7, None, {}, {"media": []}, {"media": "x"}, {"media": [{"uri": "a"}]},
        {"media": [{"creation_timestamp": True}]}, a_picture("x", 10**18),
    ]  # fmt: skip
    found = gaps(tmp_path, {POSTS: [*odd, a_post("good")], COMMENTS: [{"string_map_data": []}]})
    named = [f"{POSTS}, element {n}" for n in range(1, 10)] + [f"{COMMENTS}, element 1"]
    assert [gap.what for gap in found] == named
    assert {gap.why for gap in found} == {GapReason.UNREADABLE}
    message = {f"{INBOX}/a/message_1.json": {"messages": [{"timestamp_ms": 10**30}, {}]}}
    assert len(gaps(tmp_path, {POSTS: [], **message})) == 2


def test_files_that_are_not_read_are_said_so(tmp_path: Path) -> None:
    reposts = f"{HOME}/media/reposts.json"
    (gap,) = gaps(tmp_path, {POSTS: [a_post("x")], reposts: []})
    assert gap.what == f"1 file in the export that nobody read: {reposts}"
    assert gap.why is GapReason.OUT_OF_REACH


@pytest.mark.parametrize(
    "files",
    [
        {"your_facebook_activity/posts/your_posts_1.json": "[]"},
        {f"{INBOX}/a/message_1.json": "{}"},
        {"media.json": "{}"},
    ],
)
def test_what_is_no_export_of_instagram_is_refused(
    files: dict[str, object], tmp_path: Path
) -> None:
    with pytest.raises(DepositRefused, match="neither posts, reels, stories nor comments"):
        everything(tmp_path, files)


def test_an_export_as_html_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DepositRefused, match="as HTML") as caught:
        everything(tmp_path, {POSTS.replace(".json", ".html"): "<html>"})
    assert "JSON" in caught.value.remedy


@settings(max_examples=25)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ("media", "uri", "title", "creation_timestamp", "string_map_data", "value",
                 "timestamp", "string_list_data", "media_list_data", "media_metadata")
            ),
            inner, max_size=4,
        ),
        max_leaves=12,
    )
)  # fmt: skip
def test_whatever_stands_in_a_file_is_an_item_or_a_gap(
    tmp_path_factory: pytest.TempPathFactory, value: object
) -> None:
    files: dict[str, object] = {POSTS: [value], COMMENTS: [value]}
    seen = everything(tmp_path_factory.mktemp("any"), files)
    told = [each for each in seen if isinstance(each, Observation | Gap)]
    assert len(told) >= 2


# --- counted ------------------------------------------------------------------------------


def test_every_one_of_thousands_of_items_is_read(tmp_path: Path) -> None:
    posts = [a_post(f"post {n}", NOON - n // 2) for n in range(2_000)]
    said = [instagram_comment(f"comment {n}", NOON - n, FRENCH) for n in range(1_000)]
    told = [{"timestamp_ms": NOON * 1000 - n, "content": f"message {n}"} for n in range(500)]
    files: dict[str, object] = {
        POSTS: posts[:1_200],
        POSTS.replace("_1", "_2"): posts[1_200:],
        COMMENTS: said,
        f"{INBOX}/a/message_1.json": json.dumps({"messages": told}),
    }
    found = contents(tmp_path, files)
    assert len({each.native_id for each in found}) == len(found) == 3_500
    assert len({each.text for each in found}) == 3_500


def test_the_layouts_differ_in_where_files_lie_and_in_nothing_else(tmp_path: Path) -> None:
    found = {}
    for layout in ("2023", "2025"):
        sample = instagram(layout)()
        with opened(sample, write_export(tmp_path / "x.zip", dict(sample.files))) as source:
            seen = [each for each in source.visit(Window()) if isinstance(each, Observation)]
        found[layout] = [(each.content.native_id, each.content.fingerprint()) for each in seen]
    assert found["2023"] == found["2025"]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    files = {POSTS: [a_post(f"{n} {LONG}", NOON + n) for n in range(500)]}
    count, peak = _IMPORTING.peak(tmp_path, files)
    assert count == 500
    assert peak < 4 * 1024**2
