"""Case notes on Flickr: what counts as changed, comments in one answer, failures under 200."""

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
from archiver.records.errors import (
    AnswerUnreadable,
    ConfigInvalid,
    PermissionLost,
    PlatformUnreachable,
)
from archiver.records.items import ItemKind
from archiver.records.pages import PageSettings
from connectors.flickr import CONNECTOR
from connectors.flickr.api import Flickr
from connectors.flickr.visiting import AccountSource
from tests.connectors.flickr_platform import NSID, FlickrServer, failure
from tests.connectors.platforms import SECRET, PatientClock, Reply, fetching
from tests.connectors.seeing import known, of, visited
from tests.connectors.served import ServedTransport

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
URL = "https://www.flickr.com/photos/ExamplePD/"
SIGNED = f"{SECRET}:key-secret:token:token-secret"


@pytest.fixture
def server():
    return FlickrServer(key=SECRET)


@pytest.fixture
def account(server, asking):
    def open_it(secret=SECRET, *, url=URL, clock=None):
        fetcher = asking(ServedTransport(server), clock=clock)
        flickr = Flickr(fetcher, base=f"{server.host}/services/rest/", secret=secret)
        return AccountSource(flickr, url=url)

    return open_it


def items(seen):
    found = [o for o in of(Observation, seen) if o.content.kind is not ItemKind.PROFILE]
    return {o.content.native_id: o for o in found}


def test_what_is_captured_is_what_exists_state_by_state(server, account):
    chance = random.Random(4)
    server.largest = 70
    photos = [server.publish(f"Photo {n}", at=NOON - n * DAY) for n in range(200)]
    for number in range(1_800):
        server.comment(chance.choice(photos), f"Remark {number}", at=NOON)
    first = items(visited(account()))
    (cursor,) = (c.value for c in of(Cursor, visited(account())))
    gone = chance.sample(photos, 15)
    for photo in gone:
        photo.gone = True
    kept = [photo for photo in photos if not photo.gone]
    taken = [(p, name) for p in chance.sample(kept, 20) for name in list(p.comments)[:1]]
    for photo, name in taken:
        del photo.comments[name]
    edited = chance.choice(kept)
    edited.text, edited.changed = "Other words", NOON + DAY

    night = visited(account(), since=NOON + timedelta(hours=1), cursor=cursor)
    asked = [first[photo.id] for photo in gone] + [first[name] for _, name in taken]
    again = list(account().recheck([known(one.content) for one in asked]))

    comments = {name for photo in photos for name in photo.comments} | {n for _, n in taken}
    assert set(first) == {photo.id for photo in photos} | comments
    assert {n for n, o in items(night).items() if o.content.kind is ItemKind.POST} == {edited.id}
    assert {s.native_id for s in of(Sighting, again)} == {o.content.native_id for o in asked}
    assert {s.state for s in of(Sighting, again)} == {PlatformState.NOT_VISIBLE}
    assert of(Gap, night) == of(Gap, again) == []


def test_a_photo_and_its_comments_stand_in_their_places(server, account):
    text = "The <b>new</b> car &amp; crew"
    photo = server.publish(text, title="Unit 7", at=NOON, id="77")
    name = server.comment(photo, "Nice <i>car</i>", at=NOON + DAY, author_is_deleted=1)

    seen = items(visited(account()))

    post, comment = seen["77"].content, seen[name].content
    assert (post.title, post.text) == ("Unit 7", "The new car & crew")
    assert (post.kind, post.author.native_id) == (ItemKind.POST, NSID)
    assert post.permalink == "https://www.flickr.com/photos/examplepd/77/"
    assert (comment.kind, comment.parent, comment.thread) == (ItemKind.COMMENT, "77", "77")
    assert (comment.text, comment.author.name) == ("Nice car", "Pat Public")
    assert comment.marks == ("author-deleted",)
    assert seen["77"].engagement == {"comments": 1, "views": 12}


def test_the_original_is_kept_before_all_and_a_film_before_its_pictures(server, account):
    def size(label, width, source, media="photo"):
        return {
            "label": label, "width": width, "height": 10, "media": media,
            "source": f"https://live.example/{source}",
        }  # fmt: skip

    server.publish("A", sizes=[size("Large", 900, "a_b.jpg"), size("Medium", 500, "a.jpg")])
    server.publish("B", sizes=[size("Original", "400", "b_o.png"), size("Large", 900, "b_b.jpg")])
    server.publish(
        "C", sizes=[size("Original", 900, "c_o.jpg"), size("Site MP4", 640, "c.mp4", "video")]
    )
    server.publish("D")

    seen = {o.content.text: o.content for o in items(visited(account())).values()}

    assert {t: [a.key for a in c.attachments] for t, c in seen.items()} == {
        "A": ["/a_b.jpg"], "B": ["/b_o.png"], "C": ["/c.mp4"], "D": [],
    }  # fmt: skip


def test_the_profile_is_an_item_and_a_new_description_a_version(server, account):
    (one,) = [o for o in of(Observation, visited(account())) if o.content.kind is ItemKind.PROFILE]
    server.description = "Call 911."
    (two,) = account().recheck([known(one.content)])

    assert (one.content.title, one.content.text) == ("Example Police", "The police of Example.")
    assert one.content.fingerprint() != two.content.fingerprint()


def test_a_comment_on_the_oldest_photo_is_found_because_the_photo_counts_as_changed(
    server, account
):
    old = server.publish("Old", at=NOON - 900 * DAY)
    server.publish("Older", at=NOON - 901 * DAY)
    visited(account())
    server.comment(old, "Only seeing this now", at=NOON)

    seen = items(visited(account(), since=NOON - DAY, cursor="1"))

    assert {o.content.text for o in seen.values()} == {"Old", "Only seeing this now"}


def test_a_signed_visit_by_day_asks_for_what_was_lately_updated(server, account):
    for number in range(60):
        server.publish(f"Old {number}", at=NOON - 90 * DAY)
    server.publish("New", at=NOON)
    server.largest = 20
    server.asked.clear()

    by_key = items(visited(account(), since=NOON - DAY, young=NOON, cursor="1"))
    asked_by_key = len(server.asked)
    server.asked.clear()
    signed = items(visited(account(SIGNED), since=NOON - DAY, young=NOON, cursor="1"))

    assert {o.content.text for o in by_key.values()} == {"New"}
    assert {o.content.text for o in signed.values()} == {"New"}
    assert asked_by_key == 7
    assert [query["method"] for query in server.asked] == [
        "flickr.urls.lookupUser", "flickr.photos.recentlyUpdated", "flickr.photos.getInfo",
        "flickr.photos.getSizes",
    ]  # fmt: skip


def test_what_is_private_is_seen_by_the_account_alone_and_restricted(server, account):
    server.publish("For everybody")
    private = server.publish("For us", public=False)

    by_key, signed = items(visited(account())), items(visited(account(SIGNED)))

    assert private.id not in by_key
    assert {o.content.text: o.restricted for o in signed.values()} == {
        "For everybody": False, "For us": True,
    }  # fmt: skip
    assert not any("api_key" in query for query in server.asked[-6:])


def test_a_signature_that_was_used_already_is_made_anew(server, account):
    server.publish("Signed")
    server.strict = True
    failed = []

    def once(query):
        if query["method"].endswith("getInfo") and not failed:
            failed.append(query)
            return Reply(401, b"oauth_problem=nonce_used")
        return None

    server.refuse = once

    assert len(items(visited(account(SIGNED)))) == 1
    assert len(failed) == 1


def test_more_comments_counted_than_shown_are_told_beside_those_that_are(server, account):
    photo = server.publish("Counted", held_back=2)
    server.comment(photo, "Here", at=NOON)

    seen = visited(account())

    assert of(Gap, seen) == []
    assert of(ThreadListed, seen) == [ThreadListed(native_id=photo.id, counted=3, shown=1)]


def test_comments_that_are_counted_and_not_shown_leave_a_gap_and_remove_nothing(server, account):
    photo = server.publish("Counted")
    name = server.comment(photo, "Here", at=NOON)
    (told,) = [o.content for o in items(visited(account())).values() if o.content.parent]
    photo.comments.clear()
    photo.held_back = 1

    seen = visited(account())
    again = list(account().recheck([known(told)]))

    (gap,) = of(Gap, seen)
    assert (gap.why, gap.native_id) == (GapReason.OUT_OF_REACH, photo.id)
    assert not any(listed.whole for listed in of(Listed, seen) if "comment" in listed.kinds)
    assert of(Sighting, again) == []
    assert [g.native_id for g in of(Gap, again)] == [name]


@pytest.mark.parametrize("xml", [False, True])
def test_a_service_that_says_it_is_not_available_is_asked_again(server, account, xml):
    server.publish("There")
    busy = [failure(201, "not currently available", xml=xml), failure(105, "later", xml=xml)]
    server.refuse = lambda _query: busy.pop(0) if busy else None
    clock = PatientClock()

    assert len(items(visited(account(clock=clock)))) == 1
    assert sum(clock.slept) == pytest.approx(10.0)


@pytest.mark.parametrize("xml", [False, True])
@pytest.mark.parametrize(
    ("code", "error"),
    [(100, PermissionLost), (98, PermissionLost), (112, AnswerUnreadable),
     (201, PlatformUnreachable), (5, PermissionLost)],
)  # fmt: skip
def test_a_failure_under_200_is_told_apart_in_either_format(server, account, xml, code, error):
    server.publish("There")
    server.refuse = lambda _query: failure(code, "in words", xml=xml)

    with pytest.raises(error):
        visited(account())


def test_an_account_that_is_not_known_or_was_deleted_removes_nothing(server, account):
    server.publish("There")

    with pytest.raises(PermissionLost, match="no account"):
        visited(account(url="https://www.flickr.com/photos/nobody/"))
    server.deleted = True
    with pytest.raises(PermissionLost):
        visited(account())


def test_a_photo_that_cannot_be_read_leaves_a_gap_and_hides_no_other(server, account):
    broken, fine = server.publish("Broken"), server.publish("Fine")
    server.refuse = lambda query: (
        Reply.json({"stat": "ok", "photo": {"id": broken.id}})
        if query["method"].endswith("getInfo") and query.get("photo_id") == broken.id
        else None
    )

    seen = visited(account())

    assert set(items(seen)) == {fine.id}
    assert [gap.native_id for gap in of(Gap, seen)] == [broken.id]
    assert of(Cursor, seen) == []
    assert not any(listed.whole for listed in of(Listed, seen))


def test_a_comment_that_cannot_be_read_hides_no_other(server, account):
    photo = server.publish("There")
    odd = server.comment(photo, "Odd", at=NOON, datecreate="yesterday")
    even = server.comment(photo, "Even", at=NOON)

    seen = visited(account())

    assert set(items(seen)) == {photo.id, even}
    assert [gap.native_id for gap in of(Gap, seen)] == [odd]


def test_a_page_is_refused_without_a_key_or_an_account(tmp_path):
    page = PageSettings(name="f", connector="flickr", platform="flickr", url=URL, secret="key")
    for wrong, why in (
        (replace(page, secret=None), "needs a key"),
        (replace(page, secret="key:secret"), "needs a key"),
        (replace(page, url="https://www.flickr.com/"), "address"),
        (replace(page, options={"api": "http://gateway.example/"}), "https only"),
    ):
        with pytest.raises(ConfigInvalid, match=why):
            CONNECTOR.open(wrong, fetching(tmp_path))
    CONNECTOR.open(page, fetching(tmp_path)).close()
