"""Case notes on LinkedIn: two orders of one list, counts beside posts, versions that end."""

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
    AttachmentGone,
    BudgetSpent,
    ConfigInvalid,
    PermissionLost,
)
from archiver.records.items import ItemKind
from archiver.records.pages import PageSettings
from connectors.fetching import Budget
from connectors.linkedin import CONNECTOR
from connectors.linkedin.api import LinkedIn
from connectors.linkedin.visiting import PageSource
from tests.connectors.linkedin_platform import PAGE, LinkedInServer, Refused
from tests.connectors.platforms import SECRET, PatientClock, fetching
from tests.connectors.seeing import known, of, visited
from tests.connectors.served import SERVED, ServedTransport

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
URL = "https://www.linkedin.com/company/ExamplePD/"


@pytest.fixture
def server():
    return LinkedInServer(token=SECRET)


@pytest.fixture
def page(server, asking, tmp_path):
    def open_it(*, url=URL, version="202606", limit=None, clock=None, token=SECRET):
        fetcher = asking(ServedTransport(server), clock=clock)
        budget = Budget(f"{tmp_path} {limit}", limit=limit, unit="calls")
        base = f"{server.host}/rest"
        api = LinkedIn(fetcher, base=base, version=version, token=token, budget=budget)
        return PageSource(fetcher, api, url=url)

    return open_it


def items(seen):
    found = [o for o in of(Observation, seen) if o.content.kind is not ItemKind.PROFILE]
    return {o.content.native_id: o for o in found}


def profile(seen):
    (one,) = [o for o in of(Observation, seen) if o.content.kind is ItemKind.PROFILE]
    return one.content


def a_peopled_page(server, *, posts, comments):
    """Fill *server* with posts, a day apart, and give what stands below them, answers too."""
    chance = random.Random(7)
    made = [server.publish(f"Post {n}", at=NOON - n * DAY) for n in range(posts)]
    below = []
    for number in range(comments):
        post = chance.choice(made)
        first = [c for c in post.comments.values() if not c.above]
        above = chance.choice(first).urn if first and chance.random() < 0.3 else ""
        at = NOON + timedelta(minutes=number)
        below.append((post, server.comment(post, f"Comment {number}", at=at, above=above)))
    return made, below


def test_what_is_captured_is_what_exists_state_by_state(server, page):
    chance = random.Random(4)
    made, below = a_peopled_page(server, posts=130, comments=1_500)
    walk = visited(page())
    first, (cursor,) = items(walk), (c.value for c in of(Cursor, walk))
    leaves = [(p, c) for p, c in below if all(o.above != c.urn for o in p.comments.values())]
    taken = chance.sample(leaves, 20)
    for post, comment in taken:
        del post.comments[comment.urn]
    deleted, old = made[:5], made[100]
    for post in deleted:
        del server.posts[post.urn]
    old.text, old.edited, old.changed = "Other words", True, NOON + DAY

    night = visited(page(), since=NOON - 10 * DAY, cursor=cursor)
    gone = [first[p.urn] for p in deleted] + [first[c.urn] for p, c in taken if p not in deleted]
    stays = [first[p.urn] for p in made[5:10]]
    again = list(page().recheck([known(o.content) for o in gone + stays]))

    assert set(first) == {p.urn for p in made} | {c.urn for _, c in below}
    young = {p.urn for p in made[5:11]} & set(items(night))
    assert young == {p.urn for p in made[5:11]}
    assert items(night)[old.urn].content.text == "Other words"
    assert items(night)[old.urn].content.edited_at == NOON + DAY
    assert {s.native_id for s in of(Sighting, again)} == {o.content.native_id for o in gone}
    assert {(s.state, s.actor, s.source) for s in of(Sighting, again)} == {
        (PlatformState.NOT_VISIBLE, "", "linkedin 404")
    }
    assert set(items(again)) == {o.content.native_id for o in stays}
    assert {o.content.author.name for o in items(again).values()} == {"Example Police"}
    assert of(Gap, night) == of(Gap, again) == []


def test_a_whole_walk_tells_how_many_comments_linkedin_itself_counts(server, page):
    server.tells_totals = True
    made, below = a_peopled_page(server, posts=7, comments=30)
    server.largest = 3

    listed = of(Listed, visited(page()))

    assert {one.kinds: one.platform_count for one in listed} == {
        ("comment", "reply"): len(below), ("post",): len(made),
    }  # fmt: skip
    assert all(one.whole for one in listed)


def test_a_night_asks_for_comments_on_what_it_looks_back_to_and_for_edits_of_the_rest(server, page):
    made, _ = a_peopled_page(server, posts=250, comments=0)
    late = server.publish("Written in January, published today", at=NOON, made=NOON - 150 * DAY)
    server.comment(late, "At last", at=NOON)
    made[200].changed, made[200].text = NOON, "Mended"
    server.comment(made[30], "Too late for tonight", at=NOON)
    server.asked.clear()

    seen = visited(page(), since=NOON - 3 * DAY, cursor="2026")

    assert {o.content.text for o in items(seen).values()} >= {"Mended", late.text, "At last"}
    assert not any(made[30].urn in path for path in server.asked)
    assert len(server.asked) < 12


def test_a_post_is_read_as_its_readers_see_it(server, page):
    text = (
        r"Thanks \@ all, @[Example \(PD\)](urn:li:organization:5) and {hashtag|\#|Coffee\_Cops}"
        r" \(9\-10 am\) \\o/"
    )
    post = server.publish(text, at=NOON, reactions={"LIKE": 4, "PRAISE": 1}, closed=True)

    seen = items(visited(page()))[post.urn]

    assert seen.content.text == r"Thanks @ all, Example (PD) and #Coffee_Cops (9\-10 am) \o/"
    assert seen.content.author.native_id == PAGE
    assert (seen.content.author.name, seen.content.author.handle) == ("Example Police", "examplepd")
    assert seen.content.permalink == f"https://www.linkedin.com/feed/update/{post.urn}/"
    assert seen.content.marks == ("comments-closed",)
    assert seen.engagement == {"comments": 0, "reaction:like": 4, "reaction:praise": 1}
    assert seen.content.edited_at is None
    assert not seen.restricted


def test_what_a_post_carries_is_kept_with_it(server, page):
    article = {"source": "https://news.example/a", "title": "Open house", "description": "Come."}
    server.publish("Read this", more={"content": {"article": article}})
    options = [{"text": "Yes"}, {"text": "No"}]
    server.publish("Asked", more={"content": {"poll": {"question": "Safe?", "options": options}}})
    two = [{"id": "urn:li:image:A", "altText": "A car"}, {"id": "urn:li:image:B"}]
    server.publish("Seen", more={"content": {"multiImage": {"images": two}}})
    server.publish("Passed on", more={"reshareContext": {"parent": "urn:li:share:9"}})
    server.publish("Draft", more={"lifecycleState": "DRAFT", "visibility": "LOGGED_IN"})

    seen = {o.content.text.partition("\n")[0]: o for o in items(visited(page())).values()}

    assert seen["Read this"].content.title == "Open house"
    assert seen["Read this"].content.text == "Read this\nCome."
    assert seen["Read this"].content.links == ("https://news.example/a",)
    assert (seen["Asked"].content.title, seen["Asked"].content.text) == ("Safe?", "Asked\nYes\nNo")
    assert [(a.key, a.description) for a in seen["Seen"].content.attachments] == [
        ("urn:li:image:A", "A car"), ("urn:li:image:B", ""),
    ]  # fmt: skip
    assert seen["Passed on"].content.links == (
        "https://www.linkedin.com/feed/update/urn:li:share:9/",
    )
    assert seen["Passed on"].content.marks == ("reshare",)
    assert seen["Draft"].restricted
    assert seen["Draft"].content.marks == ("visibility:logged_in",)


def test_a_comment_and_its_answer_stand_in_their_places(server, page):
    post = server.publish("Road closed", at=NOON)
    first = server.comment(post, "Still?", at=NOON + DAY)
    answer = server.comment(post, "Until noon", at=NOON + DAY, above=first.urn)
    answer.more = {"actor": PAGE}
    first.edited_at = NOON + 2 * DAY
    first.more = {"content": [{"type": "IMAGE", "entity": {"digitalmediaAsset":
                  "urn:li:digitalmediaAsset:X1"}}]}  # fmt: skip

    seen = items(visited(page()))

    comment, reply = seen[first.urn].content, seen[answer.urn].content
    assert (comment.kind, comment.parent, comment.thread) == (
        ItemKind.COMMENT, post.urn, post.urn,
    )  # fmt: skip
    assert (reply.kind, reply.parent, reply.thread) == (ItemKind.REPLY, first.urn, post.urn)
    assert comment.author.native_id == "urn:li:person:Qx7"
    assert reply.author.name == "Example Police"
    assert (comment.edited_at, reply.edited_at) == (NOON + 2 * DAY, None)
    assert "commentUrn=urn%3Ali%3Acomment%3A%28activity%3A" in comment.permalink
    assert comment.attachments[0].url.endswith("/images/urn%3Ali%3Aimage%3AX1")
    assert seen[first.urn].engagement == {"likes": 2}


def test_answers_are_asked_for_where_linkedin_does_not_say_whether_there_are_any(server, page):
    server.tells_answers = False
    post = server.publish("Road closed", at=NOON)
    first = server.comment(post, "Still?", at=NOON)
    answer = server.comment(post, "Until noon", at=NOON, above=first.urn)

    assert {first.urn, answer.urn} <= set(items(visited(page())))


def test_the_file_of_a_post_is_fetched_by_its_address_of_the_day_without_the_token(server, page):
    server.images = {"urn:li:image:A": "https://media.example/a.jpg?e=1"}
    content = {"media": {"id": "urn:li:image:A"}}
    post = server.publish("Seen", more={"content": content})
    gone = server.publish("Gone", more={"content": {"media": {"id": "urn:li:video:B"}}})
    seen, source = items(visited(page())), page()

    source.download(seen[post.urn].content.attachments[0])

    assert server.files == [("https://media.example/a.jpg?e=1", "")]
    with pytest.raises(AttachmentGone):
        source.download(seen[gone.urn].content.attachments[0])


def test_the_profile_is_an_item_and_new_words_a_version(server, page):
    server.page = {"logoV2": {"original": "urn:li:digitalmediaAsset:L"},
                   "localizedWebsite": "https://police.example"}  # fmt: skip
    one = profile(visited(page()))
    server.page = {**server.page, "localizedDescription": "Call 911."}
    two = profile(page().recheck([known(one)]))
    by_number = profile(visited(page(url=f"https://www.linkedin.com/company/{PAGE[20:]}")))

    assert (one.native_id, one.title, one.text) == (PAGE, "Example Police", "We serve.")
    assert (one.published_at, one.links) == (SERVED, ("https://police.example",))
    assert [a.key for a in one.attachments] == ["urn:li:digitalmediaAsset:L"]
    assert one.fingerprint() != two.fingerprint()
    assert by_number.text == "Call 911."


def test_more_comments_counted_than_shown_are_told_beside_those_that_are(server, page):
    post = server.publish("Counted", hidden=3)
    above = server.comment(post, "Here", at=NOON)
    server.comment(post, "And here", at=NOON, above=above.urn)

    seen = visited(page())

    assert of(Gap, seen) == []
    assert of(ThreadListed, seen) == [ThreadListed(native_id=post.urn, counted=5, shown=2)]


def test_comments_that_are_counted_and_not_shown_leave_a_gap(server, page):
    post = server.publish("Counted", hidden=3)

    seen = visited(page())

    (gap,) = of(Gap, seen)
    assert (gap.why, gap.native_id) == (GapReason.OUT_OF_REACH, post.urn)
    assert [one.whole for one in of(Listed, seen)] == [False, True]


def test_a_page_that_is_not_ours_to_read_removes_nothing(server, page):
    post = server.publish("Here")
    (one,) = items(visited(page())).values()
    server.refuse = lambda path, _query: Refused(403, "ACCESS_DENIED") if "posts" in path else None

    seen, again = visited(page()), list(page().recheck([known(one.content)]))

    assert [gap.why for gap in of(Gap, seen)] == [GapReason.PERMISSION_LOST]
    assert [(g.why, g.native_id) for g in of(Gap, again)] == [(GapReason.PERMISSION_LOST, post.urn)]
    assert of(Sighting, again) == of(Cursor, seen) == of(Listed, seen) == []
    with pytest.raises(PermissionLost, match="no page"):
        visited(page(url="https://www.linkedin.com/company/nobody"))
    with pytest.raises(PermissionLost, match="INVALID_ACCESS_TOKEN"):
        visited(page(token="dead"))


def test_a_version_that_linkedin_ended_is_named_with_what_to_do(page):
    with pytest.raises(AnswerUnreadable, match="no longer serves version 202501") as raised:
        visited(page(version="202501"))

    assert "api_version" in raised.value.remedy


def test_a_spent_day_is_told_from_a_server_that_asks_for_a_moment(server, page):
    server.publish("Here")
    busy = [Refused(429, "TOO_MANY_REQUESTS", retry_after="9")]
    server.refuse = lambda _path, _query: busy.pop() if busy else None
    clock = PatientClock()

    assert len(items(visited(page(clock=clock)))) == 1
    assert sum(clock.slept) == pytest.approx(9.0)
    server.refuse = lambda _path, _query: Refused(429, "TOO_MANY_REQUESTS")
    with pytest.raises(BudgetSpent, match="midnight UTC"):
        visited(page())


def test_a_budget_of_calls_ends_the_visit_with_a_gap_and_keeps_its_place(server, page):
    a_peopled_page(server, posts=5, comments=20)

    seen = visited(page(limit=4))

    assert [gap.why for gap in of(Gap, seen)] == [GapReason.BUDGET]
    assert of(Cursor, seen) == []
    assert len(server.asked) == 4


def test_what_is_no_answer_of_the_api_is_no_sign_that_an_item_is_gone(server, page):
    post = server.publish("Here")
    (one,) = items(visited(page())).values()

    def proxy(path, _query):
        if path.endswith(post.urn):
            refused = Refused(404, "NOT_FOUND")
            refused.reply = replace(refused.reply, body=b"<html>Not here</html>")
            return refused
        return None

    server.refuse = proxy
    again = list(page().recheck([known(one.content)]))

    assert of(Sighting, again) == []
    assert [gap.why for gap in of(Gap, again)] == [GapReason.UNREADABLE]


def test_an_item_that_cannot_be_read_hides_no_other(server, page):
    broken = server.publish("Broken", more={"createdAt": None, "publishedAt": "today"})
    fine = server.publish("Fine")
    odd = server.comment(fine, "Odd", at=NOON)
    odd.more = {"created": {}}
    even = server.comment(fine, "Even", at=NOON)

    seen = visited(page())

    assert set(items(seen)) == {fine.urn, even.urn}
    assert [gap.native_id for gap in of(Gap, seen)] == [broken.urn, odd.urn]
    assert of(Cursor, seen) == []
    assert not any(listed.whole for listed in of(Listed, seen))


def test_a_post_that_is_answered_with_another_is_not_taken_for_it(server, page):
    post, other = server.publish("One"), server.publish("Other")
    one = items(visited(page()))[post.urn]
    server.posts[post.urn] = other

    (gap,) = page().recheck([known(one.content)])

    assert (gap.why, gap.native_id) == (GapReason.UNREADABLE, post.urn)


def test_the_rights_of_a_token_are_tried_one_by_one(server, page):
    post = server.publish("Here")
    good = list(page().check())
    denied = Refused(403, "ACCESS_DENIED")
    server.refuse = lambda path, _query: denied if post.urn in path else None
    poor = list(page().check())

    assert [one.granted for one in good] == [True, True, True]
    assert [one.granted for one in poor] == [True, True, False]
    assert "403" in poor[-1].detail


def test_a_page_is_refused_without_a_token_a_page_or_a_version(tmp_path):
    page = PageSettings(name="l", connector="linkedin", platform="linkedin", url=URL, secret="t")
    for wrong, why in (
        (replace(page, secret=None), "without a token"),
        (replace(page, url="https://www.linkedin.com/in/somebody"), "address"),
        (replace(page, options={"api_version": "v2"}), "year and a month"),
        (replace(page, options={"api": "http://gateway.example/rest"}), "https only"),
    ):
        with pytest.raises(ConfigInvalid, match=why):
            CONNECTOR.open(wrong, fetching(tmp_path))
    CONNECTOR.open(page, fetching(tmp_path)).close()
