"""The import of Mastodon's archive of an account: every activity once, under its own address."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.records.captures import Gap, GapReason, Listed, Observation
from archiver.records.errors import AnswerUnreadable, DepositRefused
from archiver.records.items import ItemKind
from connectors.deposits import THREAD_UNKNOWN
from connectors.mastodon_archive import CONNECTOR
from connectors.mastodon_archive.contents import Walk
from connectors.mastodon_archive.layout import Archive
from tests.connectors.importers import LONG, Importing
from tests.connectors.mastodon_archive_sample import (
    ACTOR,
    FOLLOWERS,
    MEDIA,
    PUBLIC,
    US,
    a_file,
    boosted,
    created,
    outbox,
)

THEIRS = "https://elsewhere.example/users/doe/statuses/9"


_IMPORTING = Importing(CONNECTOR)
everything = _IMPORTING.everything


def observed(tmp_path: Path, *activities: object, actor: object = None) -> list[Observation]:
    told = {} if actor is None else {"actor.json": actor}
    seen = everything(tmp_path, {"outbox.json": outbox(*activities), **told})
    assert not [each for each in seen if isinstance(each, Gap)]
    return [each for each in seen if isinstance(each, Observation)]


def gaps(tmp_path: Path, files: Mapping[str, object]) -> list[tuple[str, GapReason]]:
    seen = everything(tmp_path, files)
    return [(each.what, each.why) for each in seen if isinstance(each, Gap)]


# --- what was said ------------------------------------------------------------------------


def test_a_post_is_read_under_the_address_by_which_every_server_knows_it(tmp_path: Path) -> None:
    said = 'Closed <a href="https://pd.example/1?a&amp;b">here</a> \
<a href="https://social.example/@doe" class="u-url mention">@doe</a>'
    told = {
        "summary": "Traffic",
        "updated": "2023-11-15T08:00:00Z",
        "likes": {"type": "Collection", "totalItems": 7},
        "shares": {"type": "Collection", "totalItems": 2},
    }
    _, post = observed(tmp_path, created(1, said, **told), actor=ACTOR)

    content = post.content
    assert (content.native_id, content.kind) == (f"{US}/statuses/1", ItemKind.POST)
    assert (content.title, content.text) == ("Traffic", "Closed here @doe")
    assert content.published_at == datetime(2023, 11, 14, 22, 0, 1, tzinfo=UTC)
    assert content.edited_at == datetime(2023, 11, 15, 8, tzinfo=UTC)
    assert content.permalink == "https://social.example/@police/1"
    assert content.links == ("https://pd.example/1?a&b",)
    assert (content.language, content.marks) == ("en", ())
    assert post.engagement == {"favourites": 7, "reblogs": 2}
    assert content.author is not None
    assert (content.author.native_id, content.author.handle) == (US, "police")
    assert content.author.name == "Example PD"


def test_without_a_profile_the_author_is_who_the_post_says_and_no_more(tmp_path: Path) -> None:
    (post,) = observed(tmp_path, created(1, "x"))
    assert post.content.author is not None
    assert (post.content.author.native_id, post.content.author.name) == (US, "")

    _, theirs = observed(tmp_path, created(1, "x", attributedTo=THEIRS), actor=ACTOR)
    assert theirs.content.author is not None
    assert (theirs.content.author.native_id, theirs.content.author.name) == (THEIRS, "")


def test_what_was_not_for_everyone_is_restricted(tmp_path: Path) -> None:
    doe = "https://elsewhere.example/users/doe"
    told = [([PUBLIC], []), ([FOLLOWERS], [PUBLIC]), ("as:Public", None), ([FOLLOWERS], []),
            ([doe], []), ([], []), (None, None), ([{"id": PUBLIC}], 7)]  # fmt: skip
    seen = observed(tmp_path, *(created(n, "x", to=to, cc=cc) for n, (to, cc) in enumerate(told)))

    assert [each.restricted for each in seen] == [False] * 3 + [True] * 5


def test_a_boost_is_kept_with_the_address_of_what_was_passed_on(tmp_path: Path) -> None:
    own = created(1, "To our followers")["object"]
    for passed_on, address in ((THEIRS, THEIRS), (own, f"{US}/statuses/1")):
        (boost,) = observed(tmp_path, boosted(2, passed_on))
        assert boost.content.native_id == f"{US}/statuses/2/activity"
        assert (boost.content.text, boost.content.marks) == ("", ("boost",))
        assert boost.content.links == (address,)
        assert not boost.restricted


def test_what_is_quoted_or_shown_as_a_card_is_kept_as_a_link(tmp_path: Path) -> None:
    card = {"type": "Link", "href": "https://pd.example/news"}
    post, _ = observed(
        tmp_path, created(1, "x", quote=THEIRS, quoteUri=THEIRS, attachment=[card]), created(2, "y")
    )
    assert post.content.links == ("https://pd.example/news", THEIRS)
    assert (post.content.marks, post.content.attachments) == (("quote",), ())


def test_what_a_poll_lets_its_readers_choose_is_part_of_its_words(tmp_path: Path) -> None:
    options = [{"type": "Note", "name": told} for told in ("Monday", "Friday")]
    (poll,) = observed(tmp_path, created(1, "When?", type="Question", oneOf=options))
    assert poll.content.text == "When?\nMonday\nFriday"


def test_the_profile_is_an_item_with_its_words_fields_and_pictures(tmp_path: Path) -> None:
    (profile,) = observed(tmp_path, actor=ACTOR)

    assert (profile.content.native_id, profile.content.kind) == (US, ItemKind.PROFILE)
    assert profile.content.title == "Example PD"
    assert profile.content.text == "Not monitored. pd.example\nEmergency: 911"
    assert profile.content.links == ("https://pd.example",)
    assert profile.content.published_at == datetime(2019, 4, 1, tzinfo=UTC)
    assert [file.url for file in profile.content.attachments] == ["avatar.png"]


# --- threads ------------------------------------------------------------------------------


def test_a_reply_stands_in_the_thread_that_a_post_of_the_account_began(tmp_path: Path) -> None:
    began = {"conversation": "https://social.example/contexts/1-1"}
    first, own, answer, other, alone = observed(
        tmp_path,
        created(1, "begins", **began),
        created(2, "goes on", inReplyTo=f"{US}/statuses/1", **began),
        created(3, "answers the public", inReplyTo=THEIRS, **began),
        created(4, "elsewhere", inReplyTo=THEIRS, conversation="tag:elsewhere"),
        created(5, "of old", inReplyTo=THEIRS, conversation=None),
    )

    root = f"{US}/statuses/1"
    assert (first.content.thread, first.content.parent) == (None, None)
    assert (own.content.thread, own.content.parent, own.content.marks) == (root, root, ())
    assert (answer.content.thread, answer.content.parent) == (root, THEIRS)
    for unknown in (other, alone):
        assert (unknown.content.thread, unknown.content.parent) == (None, THEIRS)
        assert unknown.content.marks == (THREAD_UNKNOWN,)
    kinds = [each.content.kind for each in (first, own, answer, other, alone)]
    assert kinds == [ItemKind.POST, *[ItemKind.REPLY] * 4]


# --- files --------------------------------------------------------------------------------


def test_a_file_is_known_by_one_name_wherever_the_server_keeps_its_media(tmp_path: Path) -> None:
    seen = observed(
        tmp_path,
        *(created(n, "x", attachment=[a_file(before + MEDIA, "A closed road")])
          for n, before in enumerate(("", "/", "/bucket/", "/system/"))),
    )  # fmt: skip
    files = [file for each in seen for file in each.content.attachments]
    assert {file.key for file in files} == {MEDIA}
    assert {(file.media_type, file.description) for file in files} == {
        ("image/jpeg", "A closed road")
    }


def test_a_file_without_an_address_is_told_and_not_left_out(tmp_path: Path) -> None:
    unnamed = [{"type": "Document", "url": None}, {"type": "Document"}]
    (post,) = observed(tmp_path, created(1, "x", attachment=unnamed))
    assert [file.key for file in post.content.attachments] == ["attachment 1", "attachment 2"]


# --- what cannot be read ------------------------------------------------------------------


def test_what_the_outbox_counts_is_held_against_what_was_read(tmp_path: Path) -> None:
    told = {"outbox.json": outbox(created(1, "x"), created(2, "y"), count=3)}
    assert gaps(tmp_path, told) == [("outbox.json", GapReason.MISCOUNTED)]
    assert everything(tmp_path, told)[-1] == Listed(whole=False, platform_count=3)
    untold = {"outbox.json": {"orderedItems": [created(1, "x")], "totalItems": 3}}
    assert gaps(tmp_path, untold) == []


@pytest.mark.parametrize(
    "spoilt",
    [
        7,
        {},
        {"type": "Delete"},
        {**created(1, "x"), "object": THEIRS},
        created(1, "x", id=""),
        created(1, "x", id="a b"),
        created(1, "x", published="yesterday"),
        created(1, "x", updated="2023-02-30T00:00:00Z"),
        created(1, "x", content=None),
        created(1, "x", inReplyTo=[THEIRS]),
        boosted(1, None),
        {**boosted(1, THEIRS), "published": None},
    ],
)
def test_an_activity_not_understood_is_a_gap_and_the_rest_is_read(
    spoilt: object, tmp_path: Path
) -> None:
    files = {"outbox.json": outbox(spoilt, created(2, "good"))}
    seen = everything(tmp_path, files)
    assert [each.content.text for each in seen if isinstance(each, Observation)] == ["good"]
    assert gaps(tmp_path, files) == [("outbox.json, activity 1", GapReason.UNREADABLE)]


@pytest.mark.parametrize("actor", ["", "[", "{} {}", "{},{}", "7", {"name": "x"}, {"id": US}])
def test_a_profile_not_understood_is_a_gap_and_the_posts_are_read(
    actor: object, tmp_path: Path
) -> None:
    seen = everything(tmp_path, {"outbox.json": outbox(created(1, "x")), "actor.json": actor})
    (gap,) = [each for each in seen if isinstance(each, Gap)]
    assert gap.what.startswith("actor.json, ")
    assert [each.content.text for each in seen if isinstance(each, Observation)] == ["x"]


def test_an_archive_without_an_outbox_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DepositRefused, match=r"no outbox\.json") as caught:
        everything(tmp_path, {"actor.json": ACTOR})
    assert "unpack" in caught.value.remedy


FIELDS = (
    *("id", "type", "object", "inReplyTo", "published", "updated", "to", "cc", "attachment"),
    *("url", "href", "name", "content", "contentMap", "conversation", "quote", "oneOf", "likes"),
    "totalItems",
)


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
def test_whatever_stands_in_an_outbox_is_an_item_or_not_understood(value: object) -> None:
    more = value if isinstance(value, dict) else {"attachment": value}
    archive = Archive(outbox="outbox.json", actor="", author=None, count=None, media={})
    for activity in (value, created(1, "x", **{**more, "id": "one"})):
        try:
            (seen,) = Walk(archive).activity(activity, b"x")
        except AnswerUnreadable:
            continue
        assert seen.content.native_id == "one"


# --- counted ------------------------------------------------------------------------------


def test_every_one_of_thousands_of_activities_is_read(tmp_path: Path) -> None:
    posts = [created(n, f"post {n}") for n in range(1_500)]
    private = [created(n, f"private {n}", to=[FOLLOWERS], cc=[]) for n in range(1_500, 1_700)]
    replies = [created(n, f"reply {n}", inReplyTo=THEIRS) for n in range(1_700, 2_000)]
    boosts = [boosted(n, THEIRS) for n in range(2_000, 2_500)]
    seen = observed(tmp_path, *posts, *private, *replies, *boosts)

    assert len({each.content.native_id for each in seen}) == len(seen) == 2_500
    assert len({each.content.text for each in seen}) == 2_001
    assert sum(each.restricted for each in seen) == 200
    assert sum(each.content.kind is ItemKind.REPLY for each in seen) == 300
    assert sum("boost" in each.content.marks for each in seen) == 500


def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    long = {"en": LONG}
    files = {"outbox.json": outbox(*(created(n, f"{n}", contentMap=long) for n in range(400)))}
    count, peak = _IMPORTING.peak(tmp_path, files)
    assert count == 400
    assert peak < 4 * 1024**2
