"""Facebook delivers what happened on a page: taken in, worked off, and gone from the door."""

from __future__ import annotations

from datetime import timedelta

from archiver.catalogue import captures, contents, pages, sightings
from archiver.records.captures import Actor, CaptureStatus, GapReason, PlatformState
from archiver.records.items import ItemKind
from tests.connectors.facebook_platform import PAGE
from tests.connectors.meta_deliveries import a_comment, a_delivery, a_post
from tests.connectors.platforms import FIRST_MOMENT, UNAUTHORIZED

NOON = FIRST_MOMENT + timedelta(hours=3)


def post_id(number: int) -> str:
    return f"{PAGE}_{1000 + number}"


def comment_id(number: int, *, on: int) -> str:
    return f"{1000 + on}_{5000 + number}"


def captured(desk) -> None:
    """Visit the page as the night does."""
    office = desk.archive.office
    (coverage,) = office.capture([desk.archive.page], by=desk.archive.person)
    assert all(gap.what.startswith("attachment ") for gap in coverage.gaps)  # its cover, no more
    desk.archive.feed()


def versions(desk, native_id: str) -> list[str]:
    """Give every wording of an item, oldest first."""
    row = desk.archive.item(native_id)
    with desk.archive.office.catalogue.reading() as connection:
        bodies = [
            contents.content_of_version(connection, version.n)
            for version in contents.versions_of(connection, row.n)
        ]
    return [content.text for content in bodies]


def seen(desk, native_id: str) -> list[tuple[str, str, str]]:
    row = desk.archive.item(native_id)
    with desk.archive.office.catalogue.reading() as connection:
        return [(s.state, s.actor, s.source) for s in sightings.sightings_of(connection, row.n)]


def test_a_comment_that_is_delivered_is_archived_as_a_visit_would_have_seen_it(desk):
    post = desk.platform.publish("The road is closed.")
    captured(desk)
    number = desk.platform.comment(post, "For how long?")
    name = comment_id(number, on=post)
    told = a_comment("add", name, "For how long?", post=post_id(post), at=NOON)

    assert desk.send(a_delivery(told, at=NOON)) == 200
    (heard,) = desk.hear()
    captured(desk)

    assert (heard.status, heard.new, heard.light) == (CaptureStatus.COMPLETE, 1, True)
    assert versions(desk, name) == ["For how long?"]
    assert desk.archive.item(name).kind == ItemKind.COMMENT
    assert desk.waiting == 0


def test_what_was_removed_before_anybody_looked_is_kept_in_the_words_it_was_delivered_with(desk):
    post = desk.platform.publish("The road is closed.")
    captured(desk)
    name = comment_id(2, on=post)
    told = a_comment("add", name, "You are all crooks.", post=post_id(post), at=NOON)

    desk.send(a_delivery(told, at=NOON))
    desk.hear()

    assert versions(desk, name) == ["You are all crooks."]
    assert desk.archive.item(name).state == PlatformState.NOT_VISIBLE
    assert desk.archive.found("crooks") == [name]


def test_a_removal_that_is_delivered_is_a_sighting_and_names_nobody(desk):
    post = desk.platform.publish("The road is closed.")
    number = desk.platform.comment(post, "For how long?")
    captured(desk)
    name = comment_id(number, on=post)
    desk.platform.remove(number)

    desk.send(a_delivery(a_comment("remove", name, post=post_id(post), at=NOON), at=NOON))
    (heard,) = desk.hear()

    assert heard.removed == 1
    assert seen(desk, name)[-1] == (
        PlatformState.REPORTED_REMOVED.value,
        Actor.UNTOLD.value,
        "facebook webhook",
    )
    assert versions(desk, name) == ["For how long?"]


def test_a_removal_is_believed_though_the_page_shows_the_comment_a_moment_longer(desk):
    post = desk.platform.publish("The road is closed.")
    number = desk.platform.comment(post, "For how long?")
    captured(desk)
    name = comment_id(number, on=post)
    desk.platform.script()

    desk.send(a_delivery(a_comment("remove", name, post=post_id(post), at=NOON), at=NOON))
    desk.hear()

    assert desk.archive.item(name).state == PlatformState.REPORTED_REMOVED
    assert desk.platform.asked() == 0


def test_what_the_page_hid_is_seen_hidden_and_seen_again_once_it_is_not(desk):
    post = desk.platform.publish("The road is closed.")
    number = desk.platform.comment(post, "For how long?")
    captured(desk)
    name = comment_id(number, on=post)
    told = {"post": post_id(post), "at": NOON}

    desk.platform.script(lasting=(0, UNAUTHORIZED))
    desk.send(a_delivery(a_comment("hide", name, "For how long?", **told), at=NOON))
    desk.hear()
    hidden = desk.archive.item(name).state
    desk.platform.script()
    desk.send(a_delivery(a_comment("unhide", name, "For how long?", **told), at=NOON))
    desk.hear()

    assert hidden == PlatformState.HIDDEN
    assert desk.archive.item(name).state == PlatformState.PRESENT
    assert versions(desk, name) == ["For how long?"]


def test_added_edited_and_removed_between_two_looks_leaves_both_wordings_and_the_removal(desk):
    post = desk.platform.publish("The road is closed.")
    captured(desk)
    name = comment_id(9, on=post)
    where = {"post": post_id(post), "at": NOON}

    for change in (
        a_comment("add", name, "You are all crooks.", **where),
        a_comment("edited", name, "You are all heroes.", **where),
        a_comment("remove", name, **where),
    ):
        desk.send(a_delivery(change, at=NOON))
    desk.hear()

    assert versions(desk, name) == ["You are all crooks.", "You are all heroes."]
    assert desk.archive.item(name).state == PlatformState.REPORTED_REMOVED


def test_an_edit_that_the_page_shows_too_is_one_new_version(desk):
    post = desk.platform.publish("The road is closed.")
    captured(desk)
    desk.platform.edit(post, "The road is open.")

    desk.send(a_delivery(a_post("edited", post_id(post), "The road is open.", at=NOON), at=NOON))
    (heard,) = desk.hear()
    captured(desk)

    assert heard.changed == 1
    assert versions(desk, post_id(post)) == ["The road is closed.", "The road is open."]


def test_a_delivery_that_comes_twice_changes_nothing_the_second_time(desk):
    post = desk.platform.publish("The road is closed.")
    captured(desk)
    name = comment_id(desk.platform.comment(post, "For how long?"), on=post)
    body = a_delivery(a_comment("add", name, "For how long?", post=post_id(post), at=NOON), at=NOON)
    desk.send(body)
    desk.hear()

    desk.send(body)
    (again,) = desk.hear()

    assert (again.new, again.changed, again.removed, again.gaps) == (0, 0, 0, [])
    assert versions(desk, name) == ["For how long?"]


def test_an_old_delivery_is_no_edit_of_what_reads_otherwise_by_now(desk):
    post = desk.platform.publish("The road is closed.")
    number = desk.platform.comment(post, "For how long?")
    captured(desk)
    name = comment_id(number, on=post)
    desk.platform.script(lasting=(0, UNAUTHORIZED))

    told = a_comment("add", name, "An older wording", post=post_id(post), at=NOON)
    desk.send(a_delivery(told, at=NOON))
    (heard,) = desk.hear()

    assert versions(desk, name) == ["For how long?"]
    assert heard.changed == 0


def test_a_reply_is_told_from_a_comment_by_what_it_answers(desk):
    post = desk.platform.publish("The road is closed.")
    number = desk.platform.comment(post, "For how long?")
    captured(desk)
    above = comment_id(number, on=post)
    name = comment_id(desk.platform.comment(number, "A week."), on=post)
    told = a_comment("add", name, "A week.", post=post_id(post), parent=above, at=NOON)

    desk.send(a_delivery(told, at=NOON))
    desk.hear()

    row = desk.archive.item(name)
    assert row.kind == ItemKind.REPLY
    assert row.thread_n == desk.archive.item(post_id(post)).thread_n


def test_with_a_token_that_is_refused_the_delivered_words_are_kept_and_the_gap_is_named(desk):
    post = desk.platform.publish("The road is closed.")
    captured(desk)
    name = comment_id(2, on=post)
    desk.platform.script(lasting=(0, UNAUTHORIZED))

    told = a_comment("add", name, "For how long?", post=post_id(post), at=NOON)
    desk.send(a_delivery(told, at=NOON))
    (heard,) = desk.hear()

    assert versions(desk, name) == ["For how long?"]
    assert heard.status is CaptureStatus.PARTIAL
    assert GapReason.PERMISSION_LOST in {gap.why for gap in heard.gaps}
    assert desk.waiting == 0


def test_what_cannot_be_understood_is_a_gap_and_the_rest_is_heard(desk):
    post = desk.platform.publish("The road is closed.")
    captured(desk)
    name = comment_id(2, on=post)
    good = a_comment("add", name, "For how long?", post=post_id(post), at=NOON)
    bad = good | {"comment_id": None}
    counted = {"item": "reaction", "verb": "add", "post_id": post_id(post)}
    blocked = {"item": "video", "verb": "block", "post_id": post_id(post)}

    desk.send(b'{"object": "page", "entry": "nothing"}')
    desk.send(a_delivery(bad, good, counted, blocked, at=NOON))
    desk.send(a_delivery({"thread_id": "t_1"}, at=NOON, field="conversations"))
    (heard,) = desk.hear()

    assert [gap.why for gap in heard.gaps] == [
        GapReason.UNREADABLE,
        GapReason.UNREADABLE,
        GapReason.OUT_OF_REACH,
        GapReason.OUT_OF_REACH,
    ]
    assert versions(desk, name) == ["For how long?"]
    assert desk.waiting == 0


def test_hearing_is_no_visit_of_the_page(desk):
    """What was not looked at is not seen: the next visit looks back as far as without it."""
    post = desk.platform.publish("The road is closed.")
    captured(desk)
    office = desk.archive.office
    with office.catalogue.reading() as connection:
        before = captures.latest(connection)
    desk.archive.clock.forward(hours=5)

    desk.send(a_delivery(a_post("edited", post_id(post), "Closed.", at=NOON), at=NOON))
    desk.hear()

    with office.catalogue.reading() as connection:
        (page,) = pages.every(connection)
        assert captures.latest(connection) == before
    assert page.walked_at == page.looked_at < page.visited_at


def test_what_is_delivered_of_another_page_is_passed_over(desk):
    desk.platform.publish("The road is closed.")
    captured(desk)
    told = a_comment("add", "8_1", "Elsewhere", post="999_8", at=NOON)

    desk.send(a_delivery(told, at=NOON, owner="999"))
    (heard,) = desk.hear()

    assert (heard.seen, heard.gaps) == (0, [])
    assert desk.archive.found("elsewhere") == []


def test_a_first_delivery_before_any_visit_leaves_the_page_unwalked(desk):
    post = desk.platform.publish("The road is closed.")

    desk.send(a_delivery(a_post("add", post_id(post), "The road is closed.", at=NOON), at=NOON))
    (heard,) = desk.hear()

    assert heard.new == 1
    with desk.archive.office.catalogue.reading() as connection:
        (page,) = pages.every(connection)
    assert (page.walked_at, page.whole_at) == (None, None)
