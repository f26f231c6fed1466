"""The import of an account's own archive from X: every post, every wording, every message once."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.procedures.capture import capture
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
from archiver.records.identity import Part
from archiver.records.items import ItemKind
from connectors.deposits import THREAD_UNKNOWN
from connectors.x.parsing import Beside, read_post
from connectors.x_archive import CONNECTOR, importer
from connectors.x_archive.posts import SEQUENCE
from tests.archive import an_archive
from tests.connectors.exports import write_export
from tests.connectors.importers import LONG, Importing, opened
from tests.connectors.sample import NOON, Sample
from tests.connectors.x_archive_sample import assigned, x_id, x_media, x_post

POSTS = "data/tweets.js"
NOTES = "data/note-tweet.js"
DELETED = "data/deleted-tweets.js"
TALKS = "data/direct-messages.js"
OWNER = {"accountId": "1", "userName": "examplepd", "displayName": "Example PD"}

_IMPORTING = Importing(CONNECTOR)
everything = _IMPORTING.everything
observed = _IMPORTING.observed
contents = _IMPORTING.contents
gaps = _IMPORTING.gaps


def a_sample(files: Mapping[str, object]) -> Sample:
    return Sample(connector=CONNECTOR, files=files, holding=(), texts=())


def posts(*each: dict[str, object]) -> dict[str, object]:
    return {POSTS: assigned("tweets", each)}


def manifest(**more: object) -> dict[str, object]:
    return {"data/manifest.js": f"window.__THAR_CONFIG = {json.dumps({'userInfo': OWNER, **more})}"}


def edited(text: str, number: int, versions: list[int], form: str = "initial") -> dict[str, object]:
    ids = [x_id(version) for version in versions]
    told = {"initial": {"editTweetIds": ids}}
    later = {"edit": {"initialTweetId": ids[0], "editControlInitial": {"editTweetIds": ids}}}
    return x_post(text, number, edit_info=told if form == "initial" else later)


def a_note(text: str, number: int) -> dict[str, object]:
    made = datetime.fromtimestamp(NOON + number, UTC).strftime("%Y-%m-%dT%H:%M:%S.500Z")
    return {"noteTweet": {"noteTweetId": f"n{number}", "createdAt": made, "core": {"text": text}}}


def a_talk(*events: object, thread: str = "1-7") -> dict[str, object]:
    return {"dmConversation": {"conversationId": thread, "messages": list(events)}}


def a_message(text: str, number: int = 31, **more: object) -> dict[str, object]:
    told = {"id": f"{number}", "senderId": "7", "text": text,
            "createdAt": "2023-11-14T22:13:20.123Z"}  # fmt: skip
    return {"messageCreate": {**told, **more}}


# --- posts --------------------------------------------------------------------------------


def test_a_post_is_read_under_the_id_and_address_it_has_on_x(tmp_path: Path) -> None:
    urls = [{"url": "https://t.co/a", "expanded_url": "https://police.example/n"}] * 2
    files = posts(x_post("Lost &lt;dog&gt; &amp; cat 🐕", 1, entities={"urls": urls}))
    (post,) = observed(tmp_path, {**files, **manifest()})

    told = post.content
    assert (told.native_id, told.kind, told.text) == (
        x_id(1),
        ItemKind.POST,
        "Lost <dog> & cat 🐕",
    )
    assert told.permalink == f"https://x.com/examplepd/status/{x_id(1)}"
    assert told.published_at == datetime(2023, 11, 14, 22, 13, 21, tzinfo=UTC)
    assert told.author is not None
    assert (told.author.native_id, told.author.handle, told.author.name) == (
        "1",
        "examplepd",
        "Example PD",
    )
    assert told.links == ("https://police.example/n",)
    assert (told.language, told.marks, told.parent) == ("en", (), None)
    assert post.engagement == {"likes": 2, "reposts": 1}


def test_an_answer_says_what_it_answers_and_that_its_thread_is_unknown(tmp_path: Path) -> None:
    to_post = x_post("@doe yes", 1, in_reply_to_status_id_str="99", in_reply_to_user_id_str="7")
    to_user = x_post("@doe hello", 2, in_reply_to_user_id_str="7")
    one, two = contents(tmp_path, posts(to_post, to_user))

    assert (one.kind, one.parent, one.thread) == (ItemKind.REPLY, "99", "99")
    assert THREAD_UNKNOWN in one.marks
    assert (two.kind, two.parent, two.thread) == (ItemKind.REPLY, None, None)


def test_without_a_word_of_whose_archive_it_is_no_author_is_invented(tmp_path: Path) -> None:
    assert contents(tmp_path, posts(x_post("x", 1)))[0].author is None


def test_the_files_of_a_post_lie_beside_it_under_its_id(tmp_path: Path) -> None:
    film = {"id_str": "8", "type": "video",
            "media_url_https": "https://pbs.twimg.example/ext_tw_video_thumb/8/pu/img/t.jpg",
            "video_info": {"variants": [
                {"url": "https://video.twimg.example/8/small.mp4?tag=1", "bitrate": "256000"},
                {"url": "https://video.twimg.example/8/large.mp4?tag=1", "bitrate": "832000"},
                {"url": "https://video.twimg.example/8/list.m3u8"}]}}  # fmt: skip
    files: dict[str, object] = {
        **posts(
            x_post("film", 1, extended_entities={"media": [film]}),
            x_post("picture", 2, **x_media("road.jpg", 5)),
            x_post("RT @doe: theirs", 3, **x_media("theirs.jpg", 6)),
        ),
        f"data/tweets_media/{x_id(1)}-large.mp4": b"MP4",
        f"data/tweets_media/{x_id(2)}-road.jpg": b"JPEG",
        f"data/tweets_media/{x_id(2)}-unnamed.png": b"PNG",
    }
    one, two, theirs = contents(tmp_path, files)

    assert [(file.key, file.media_type) for file in one.attachments] == [("7_8", "video/mp4")]
    assert [(file.key, file.description) for file in two.attachments] == [
        ("3_5", "A road"),
        (f"tweets_media/{x_id(2)}-unnamed.png", ""),
    ]
    assert (theirs.attachments, theirs.marks) == ((), ("repost",))
    with opened(a_sample(files), tmp_path / "x.zip") as source:
        assert source.download(one.attachments[0]).size == 3
        assert source.download(two.attachments[1]).size == 3


def test_a_post_that_was_captured_too_is_the_same_item_in_the_same_wording(tmp_path: Path) -> None:
    link = {"url": "https://t.co/a", "expanded_url": "https://police.example/n"}
    media = x_media("road.jpg", 5)
    told = x_post("Closed &amp; wet https://t.co/a", 1, entities={"urls": [link]}, **media)
    (imported,) = contents(tmp_path, {**posts(told), **manifest()})

    answered = {
        "id": x_id(1), "text": "Closed &amp; wet https://t.co/a", "author_id": "1",
        "created_at": "2023-11-14T22:13:21.000Z", "edit_history_tweet_ids": [x_id(1)],
        "conversation_id": x_id(1), "entities": {"urls": [link]},
        "attachments": {"media_keys": ["3_5"]},
    }  # fmt: skip
    beside = Beside.read({"media": [{"media_key": "3_5", "url": "x", "alt_text": "A road"}]})
    captured = read_post(answered, b"", beside=beside, owner="1").content

    assert captured.native_id == imported.native_id
    assert captured.fingerprint() == imported.fingerprint()
    assert (captured.kind, captured.published_at) == (imported.kind, imported.published_at)


# --- wordings -----------------------------------------------------------------------------


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
@pytest.mark.parametrize("form", ["initial", "edit"])
def test_every_wording_of_an_edited_post_is_a_version_of_one_item(
    order: tuple[int, ...], form: str, tmp_path: Path
) -> None:
    said = {1: "Road closd", 2: "Road closed", 3: "Road open"}
    seen = observed(
        tmp_path, posts(*(edited(said[n], n, [1, 2, 3], form) for n in order), x_post("x", 9))
    )

    wordings = [each for each in seen if each.content.native_id == x_id(1)]
    assert {each.content.text for each in wordings} == set(said.values())
    (now,) = [each for each in wordings if each.current]
    assert (now.content.text, now.content.published_at) == (
        "Road open",
        datetime.fromtimestamp(NOON + 1, UTC),
    )
    assert now.content.edited_at is not None
    assert len(seen) == 4


def test_the_ids_of_wordings_are_put_in_order(tmp_path: Path) -> None:
    shuffled = [3, 1, 2]
    seen = observed(tmp_path, posts(*(edited(f"wording {n}", n, shuffled) for n in (1, 2, 3))))
    assert {each.content.native_id for each in seen} == {x_id(1)}
    assert [each.content.text for each in seen if each.current] == ["wording 3"]


def test_an_edit_whose_last_wording_is_missing_shows_the_newest_there_is(tmp_path: Path) -> None:
    versions = [edited("first", 1, [1, 2, 3]), edited("second", 2, [1, 2, 3])]
    seen = observed(tmp_path, posts(*versions))
    assert [(each.content.text, each.current) for each in seen] == [
        ("first", False),
        ("second", True),
    ]


def test_every_wording_is_kept_in_the_archive_and_the_last_one_shows(tmp_path: Path) -> None:
    files = posts(*(edited(f"wording {n}", n, [1, 2, 3]) for n in (2, 3, 1)))
    sample = a_sample(files)
    archive = an_archive(tmp_path, page=sample.page(), index="memory:")
    path = write_export(tmp_path / "x.zip", dict(files))
    for _ in range(2):
        with opened(sample, path) as source:
            visitor = archive.office.visitor(archive.person)
            coverage = capture(visitor, CONNECTOR, sample.page(), source)
    assert (coverage.new, coverage.changed) == (0, 0)
    archive.feed()
    assert archive.found("wording 3") == [x_id(1)]
    assert len({ref for ref in archive.objects() if ref.part is Part.CONTENT}) == 3
    archive.office.close()


# --- what was deleted, and what few could see ---------------------------------------------


def test_what_was_deleted_is_kept_and_nobody_is_named_as_having_removed_it(
    tmp_path: Path,
) -> None:
    gone = x_post("Gone", 1, deleted_at="Wed Nov 15 10:00:00 +0000 2023")
    seen = everything(tmp_path, {**posts(), DELETED: assigned("deleted_tweets", [gone])})
    observation, sighting = seen[:2]

    assert isinstance(observation, Observation)
    assert isinstance(sighting, Sighting)
    assert (observation.content.text, observation.content.marks) == ("Gone", ("deleted",))
    assert observation.state is sighting.state is PlatformState.REPORTED_REMOVED
    assert (sighting.native_id, sighting.actor) == (x_id(1), Actor.UNTOLD)


def test_what_a_circle_alone_could_see_is_restricted(tmp_path: Path) -> None:
    circle = {"data/twitter-circle-tweet.js": assigned("circle", [x_post("few", 1)])}
    community = {"data/community-tweet.js": assigned("community_tweet", [x_post("many", 2)])}
    seen = observed(tmp_path, {**posts(x_post("all", 3)), **circle, **community})
    assert {(each.content.text, each.restricted) for each in seen} == {
        ("few", True),
        ("many", False),
        ("all", False),
    }


# --- notes --------------------------------------------------------------------------------


def test_a_long_post_has_the_whole_text_of_its_note_and_the_bytes_of_both(tmp_path: Path) -> None:
    whole = "We ask for witnesses & photos. " * 20
    shown = x_post(whole.replace("&", "&amp;")[:270] + "… https://t.co/abc", 5)
    files = {**posts(shown, x_post("other", 5)), NOTES: assigned("note_tweet", [a_note(whole, 5)])}
    found = contents(tmp_path, files)

    assert [each.text for each in found] == [whole, "other"]
    assert found[0].native_id == x_id(5)
    assert found[0].raw.media_type == SEQUENCE
    told = [json.loads(part) for part in found[0].raw.body.split(b"\x1e")[1:]]
    assert [list(part) for part in told] == [["tweet"], ["noteTweet"]]


def test_a_note_that_no_post_begins_with_is_an_item_of_its_own(tmp_path: Path) -> None:
    notes = [a_note("Nobody shows this", 5), a_note("Nor this", 900)]
    found = contents(
        tmp_path, {**posts(x_post("Something else", 5)), NOTES: assigned("note_tweet", notes)}
    )
    assert [(each.native_id, each.text) for each in found] == [
        (x_id(5), "Something else"),
        ("note-n5", "Nobody shows this"),
        ("note-n900", "Nor this"),
    ]


def test_a_post_of_an_address_alone_is_not_taken_for_the_begin_of_a_note(tmp_path: Path) -> None:
    files = {
        **posts(x_post("https://t.co/abc", 5)),
        NOTES: assigned("note_tweet", [a_note("Long words", 5)]),
    }
    assert [each.text for each in contents(tmp_path, files)] == ["https://t.co/abc", "Long words"]


def test_a_note_that_was_joined_is_not_counted_as_an_item(tmp_path: Path) -> None:
    notes = assigned("note_tweet", [a_note("Long words, and more", 5)])
    files = {**posts(x_post("Long words…", 5)), NOTES: notes, **told_of((POSTS, "1"), (NOTES, "1"))}
    seen = everything(tmp_path, files)
    assert not [each for each in seen if isinstance(each, Gap)]
    assert seen[-1] == Listed(whole=False, platform_count=1)


def test_more_notes_than_may_be_held_are_items_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "_NOTES_HELD", 300)
    notes = assigned("note_tweet", [a_note(f"Long words {n}, and more", n) for n in (5, 6)])
    shown = posts(*(x_post(f"Long words {n}…", n) for n in (5, 6)))
    assert [each.text for each in contents(tmp_path, {**shown, NOTES: notes})] == [
        "Long words 5, and more",
        "Long words 6…",
        "Long words 6, and more",
    ]


def test_a_note_that_cannot_be_read_is_a_gap(tmp_path: Path) -> None:
    files = {**posts(x_post("x", 1)), NOTES: assigned("note_tweet", [{"noteTweet": {}}])}
    assert [gap.what for gap in gaps(tmp_path, files)] == [f"{NOTES}, element 1"]
    assert gaps(tmp_path, {**files, NOTES: "window.YTD.note_tweet.part0 = [{"})[0].what == (
        f"{NOTES}, after element 0"
    )


# --- messages -----------------------------------------------------------------------------


def test_a_message_is_kept_with_its_own_bytes_and_files_and_is_restricted(tmp_path: Path) -> None:
    picture = "https://ton.twitter.example/dm/31/8/p.jpg"
    sent = a_message("Help &amp; hurry", mediaUrls=[picture], urls=[{"expanded": "https://e.org"}])
    ours = a_message("We come", 32, senderId="1")
    files = {**posts(), TALKS: assigned("direct_messages", [a_talk(ours, sent)]), **manifest(),
             "data/direct_messages_media/31-p.jpg": b"JPEG"}  # fmt: skip
    mine, theirs = observed(tmp_path, files)

    assert mine.restricted
    assert theirs.restricted
    told = theirs.content
    assert (told.kind, told.native_id, told.thread) == (
        ItemKind.MESSAGE,
        "message-31",
        "messages-1-7",
    )
    assert (told.text, told.links) == ("Help & hurry", ("https://e.org",))
    assert [file.url for file in told.attachments] == ["direct_messages_media/31-p.jpg"]
    assert json.loads(told.raw.body) == sent
    assert told.author is not None
    assert (told.author.native_id, told.author.handle) == ("7", "")
    assert mine.content.author is not None
    assert mine.content.author.handle == "examplepd"


def test_who_came_and_who_left_is_kept_too(tmp_path: Path) -> None:
    at = "2023-11-14T22:13:20.123Z"
    events = [
        {"participantsJoin": {"initiatingUserId": "1", "userIds": ["7"], "createdAt": at}},
        {"conversationNameUpdate": {"initiatingUserId": "1", "name": "Watch", "createdAt": at}},
    ]
    group = {"data/direct-messages-group.js": assigned("dm", [a_talk(*events, thread="5")])}
    joined, renamed = contents(tmp_path, {**posts(), **group})
    assert (joined.text, joined.marks) == ("", ("participantsJoin",))
    assert (renamed.text, renamed.marks) == ("Watch", ("conversationNameUpdate",))
    assert joined.native_id == f"message-5-participantsJoin-{NOON * 1000 + 123}-1"


def test_a_message_that_cannot_be_read_is_a_gap_and_the_rest_is_kept(tmp_path: Path) -> None:
    odd = [7, {}, {"messageCreate": 1}, {"messageCreate": {"id": "1"}}, a_message("good")]
    files = {**posts(), TALKS: assigned("direct_messages", [a_talk(*odd), {}, a_talk()])}
    assert [each.text for each in contents(tmp_path, files)] == ["good"]
    assert [gap.what for gap in gaps(tmp_path, files)] == [
        *(f"{TALKS}, conversation 1-7, message {n}" for n in range(1, 5)),
        f"{TALKS}, element 2",
    ]


# --- the profile --------------------------------------------------------------------------


def test_the_profile_is_read_as_of_the_account_it_belongs_to(tmp_path: Path) -> None:
    told = {"description": {"bio": "Tips &amp; news", "website": "https://e.org", "location": ""},
            "avatarMediaUrl": "https://pbs.twimg.example/profile_images/1/face.jpg"}  # fmt: skip
    account = [{"account": {"accountId": "1", "createdAt": "2011-06-23T13:04:14.000Z"}}]
    files = {**posts(), **manifest(), "data/account.js": assigned("account", account),
             "data/profile.js": assigned("profile", [{"profile": told}]),
             "data/profile_media/1-face.jpg": b"JPEG"}  # fmt: skip
    (profile,) = contents(tmp_path, files)

    assert (profile.kind, profile.native_id) == (ItemKind.PROFILE, "user-1")
    assert (profile.title, profile.text, profile.links) == (
        "Example PD",
        "Tips & news",
        ("https://e.org",),
    )
    assert [file.url for file in profile.attachments] == ["profile_media/1-face.jpg"]
    del files["data/account.js"]
    assert [gap.what for gap in gaps(tmp_path, files)] == [
        "data/profile.js, element 1",
        "1 file in the export that nobody read: data/profile_media/1-face.jpg",
    ]


def test_of_an_archive_its_own_viewer_is_no_file_that_was_not_read(tmp_path: Path) -> None:
    viewer = {"Your archive.html": "<html>", "assets/js/runtime.1a.js": "x", "assets/x.js": "x"}

    (gap,) = gaps(tmp_path, {**posts(), **viewer, "data/like.js": "x"})

    assert gap.what == "2 files in the export that nobody read: assets/x.js, data/like.js"


# --- what the archive says of itself ------------------------------------------------------


def told_of(*files: tuple[str, object], partial: object = False) -> dict[str, object]:
    listed = [{"fileName": name, "count": count} for name, count in files]
    return manifest(
        dataTypes={"tweets": {"files": listed}}, archiveInfo={"isPartialArchive": partial}
    )


def test_what_the_archive_counts_of_itself_is_held_against_what_was_read(tmp_path: Path) -> None:
    files = {**posts(x_post("a", 1), x_post("b", 2)), **told_of((POSTS, "2"))}
    seen = everything(tmp_path, files)
    assert seen[-1] == Listed(whole=False, platform_count=2)
    assert not [each for each in seen if isinstance(each, Gap)]

    (gap,) = gaps(tmp_path, {**files, **told_of((POSTS, "3"))})
    assert (gap.what, gap.why) == (POSTS, GapReason.MISCOUNTED)


def test_a_file_the_archive_lists_and_lacks_and_a_part_of_an_archive_are_told(
    tmp_path: Path,
) -> None:
    listed = told_of(
        (POSTS, "1"), ("data/tweets-part1.js", "9"), ("data/like.js", "5"), partial=True
    )
    found = gaps(tmp_path, {**posts(x_post("a", 1)), **listed})
    assert [(gap.what, gap.why) for gap in found] == [
        ("data/tweets-part1.js", GapReason.UNREADABLE),
        ("the whole archive", GapReason.OUT_OF_REACH),
    ]


def test_all_parts_of_a_large_archive_are_read_in_order(tmp_path: Path) -> None:
    files: dict[str, object] = {
        f"data/tweets-part{n}.js": assigned("tweets", [x_post(f"part {n}", n)], n)
        for n in (1, 2, 10)
    }
    texts = [each.text for each in contents(tmp_path, {**files, **posts(x_post("part 0", 0))})]
    assert texts == ["part 0", "part 1", "part 2", "part 10"]


# --- what cannot be read ------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "",
        "var tweets = []",
        "window.YTD.tweets.part0 = {}",
        "window.YTD.tweets.part0 = [];;x",
    ],
)
def test_a_file_that_is_no_assignment_of_a_list_is_a_gap(body: str, tmp_path: Path) -> None:
    (gap,) = gaps(tmp_path, {POSTS: body})
    assert gap.what == f"{POSTS}, after element 0"


@pytest.mark.parametrize("end", ["", ";", ";\n", " ;\r\n "])
def test_a_semicolon_at_the_end_is_no_fault(end: str, tmp_path: Path) -> None:
    body = assigned("tweets", [x_post("x ;", 1)]) + end
    assert [each.text for each in contents(tmp_path, {POSTS: body})] == ["x ;"]
    assert gaps(tmp_path, {POSTS: body}) == []


def test_a_post_that_is_not_understood_is_a_gap_and_the_rest_is_read(tmp_path: Path) -> None:
    odd: list[object] = [7, {}, {"tweet": []}, x_post("x", 1, created_at="yesterday"),
                         x_post("x", 1, created_at="Tue Feb 30 10:00:00 +0000 2023"),
                         x_post("x", 1, full_text=5), x_post("x", 1, id_str="", id="")]  # fmt: skip
    files = {POSTS: assigned("tweets", [*odd, x_post("good", 2)])}
    assert [each.text for each in contents(tmp_path, files)] == ["good"]
    assert [gap.what for gap in gaps(tmp_path, files)] == [
        f"{POSTS}, element {n}" for n in range(1, len(odd) + 1)
    ]


def test_what_is_no_archive_of_x_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DepositRefused, match="until 2018") as caught:
        everything(tmp_path, {"data/js/tweets/2014_01.js": "Grailbird.data.tweets_2014_01 = []"})
    assert "again" in caught.value.remedy
    with pytest.raises(DepositRefused, match="neither posts nor messages"):
        everything(tmp_path, {"data/profile.js": "window.YTD.profile.part0 = []"})


FIELDS = (
    "tweet", "id_str", "created_at", "full_text", "entities", "extended_entities", "media",
    "edit_info", "initial", "edit", "editTweetIds", "noteTweet", "noteTweetId", "createdAt", "core",
    "text", "dmConversation", "conversationId", "messages", "messageCreate", "urls", "video_info",
    "variants", "mediaUrls",
)  # fmt: skip


@settings(max_examples=25)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5)
        ),
        max_leaves=14,
    )
)
def test_whatever_stands_in_a_file_is_an_item_or_a_gap(
    tmp_path_factory: pytest.TempPathFactory, value: object
) -> None:
    good = x_post("good", 1)
    tweet = good["tweet"]
    assert isinstance(tweet, dict)
    spoilt = {"tweet": {**tweet, **(value if isinstance(value, dict) else {"entities": value})}}
    files = {POSTS: assigned("tweets", [value, spoilt]), NOTES: assigned("n", [value]),
             TALKS: assigned("direct_messages", [a_talk(value)])}  # fmt: skip
    seen = everything(tmp_path_factory.mktemp("any"), files)
    assert len([each for each in seen if isinstance(each, Observation | Gap)]) >= 4


# --- counted ------------------------------------------------------------------------------


def test_every_one_of_thousands_of_posts_is_read_and_every_wording(tmp_path: Path) -> None:
    plain = [x_post(f"post {n}", n) for n in range(1_500)]
    first = [edited(f"first {n}", n, [n, n + 5_000]) for n in range(2_000, 2_200)]
    second = [edited(f"second {n}", n + 5_000, [n, n + 5_000]) for n in range(2_000, 2_200)]
    talks = [a_talk(*(a_message(f"m {t} {n}", 1_000 * t + n) for n in range(100)), thread=f"{t}")
             for t in range(5)]  # fmt: skip
    gone = [x_post(f"gone {n}", 9_000 + n) for n in range(100)]
    files = {
        **posts(*second, *plain, *first),
        TALKS: assigned("direct_messages", talks),
        DELETED: assigned("deleted_tweets", gone),
        **told_of((POSTS, "1900"), (DELETED, "100")),
    }
    seen = everything(tmp_path, files)

    found = [each for each in seen if isinstance(each, Observation)]
    assert len({each.content.text for each in found}) == len(found) == 1_500 + 400 + 500 + 100
    assert len({each.content.native_id for each in found}) == 1_500 + 200 + 500 + 100
    assert sum(not each.current for each in found) == 200
    assert not [each for each in seen if isinstance(each, Gap)]
    assert seen[-1] == Listed(whole=False, platform_count=2_000)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    files = posts(*(x_post(f"{n} {LONG}", n) for n in range(500)))
    count, peak = _IMPORTING.peak(tmp_path, files)
    assert count == 500
    assert peak < 4 * 1024**2
