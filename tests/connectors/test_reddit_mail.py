"""Case notes on the mail of a community on Reddit: what a moderator's token is shown of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archiver.records.captures import Cursor, Gap, GapReason, Listed, Observation, Sighting
from archiver.records.errors import ConfigInvalid
from archiver.records.items import ItemKind
from archiver.records.pages import PageSettings
from connectors.reddit import API, CONNECTOR
from connectors.reddit.modmail import FOLDERS
from connectors.reddit.visiting import PageSource
from tests.connectors.platforms import SECRET, Reply, fetching
from tests.connectors.reddit_mail import MailServer
from tests.connectors.reddit_platform import JSON, NOON
from tests.connectors.seeing import known, of, visited
from tests.connectors.served import ServedTransport

DAY = timedelta(days=1)
LIST = "/api/mod/conversations"


@pytest.fixture
def server():
    return MailServer()


@pytest.fixture
def page(server, asking):
    def opened(*, messages=True):
        return PageSource(
            asking(ServedTransport(server)), base=API, place="r/indio", token=SECRET,
            messages=messages,
        )  # fmt: skip

    return opened


def messages(seen):
    found = [one for one in of(Observation, seen) if one.content.kind is ItemKind.MESSAGE]
    return {one.content.native_id: one for one in found}


def lists(server, folder="all"):
    return [query for path, query in server.asked if path == LIST and query["state"] == folder]


def conversations(server):
    return [path.rpartition("/")[2] for path, _ in server.asked if path.startswith(f"{LIST}/")]


def test_every_message_of_every_conversation_is_kept_and_all_are_restricted(server, page):
    server.slice = 4
    for n in range(7):
        for words in ("A tip", "Thank you", "More"):
            server.write(f"c{n}", words, at=NOON + n * DAY)

    seen = visited(page())

    found = messages(seen)
    assert found.keys() == {f"modmail:c{n}{m}" for n in range(7) for m in range(3)}
    assert all(one.restricted for one in found.values())
    assert {one.content.thread for one in found.values()} == {
        f"modmail:conversation c{n}" for n in range(7)
    }
    assert of(Gap, seen) == []
    assert len(lists(server)) == 3


@pytest.mark.parametrize("folder", FOLDERS)
def test_mail_is_kept_in_whichever_folder_it_lies(server, page, folder):
    name = server.write("c", "A tip")
    server.mail["c"].folder = folder

    assert list(messages(visited(page()))) == [f"modmail:{name}"]


def test_what_a_message_says_is_kept_with_who_wrote_it_and_to_whom(server, page):
    server.write("c", "Who took *my* bike?")
    server.write("c", "We do", by="sgt", author={"isHidden": True})
    server.write("c", "Do we?", by="sgt", isInternal=True)

    asked, answered, aside = (one.content for one in messages(visited(page())).values())

    assert (asked.text, asked.title) == ("Who took *my* bike?", "A tip (with u/neighbor)")
    assert (asked.author.native_id, asked.author.handle) == ("t2_xw1ym", "neighbor")
    assert asked.permalink == "https://mod.reddit.com/mail/perma/c"
    assert b'"bodyMarkdown": "Who took *my* bike?"' in asked.raw.body
    assert [one.marks for one in (asked, answered, aside)] == [
        (), ("as-the-community",), ("internal",),
    ]  # fmt: skip


def test_a_conversation_with_nobody_and_by_nobody_is_kept_all_the_same(server, page):
    server.write("c", "Automatic", author={"name": "", "id": None})
    server.mail["c"].participant = {}

    [told] = messages(visited(page())).values()

    assert (told.content.title, told.content.author) == ("A tip", None)


@pytest.mark.parametrize(
    ("number", "done"),
    [(2, "archived"), (5, "its writer muted"), (12, "taken out of the filter"), (13, "deed 13")],
)
def test_what_moderators_did_stands_in_the_log_with_who_did_it(server, page, number, done):
    server.write("c", "A tip")
    server.do("c", number)

    seen = visited(page())

    [entry] = [one for one in of(Observation, seen) if one.content.kind is ItemKind.LOG]
    assert entry.content.text == f"modmail conversation c: {done}"
    assert (entry.content.author.handle, entry.restricted) == ("sgt", True)
    assert "Elsewhere" not in str([one.content.raw for one in of(Observation, seen)])


def test_mail_that_was_not_asked_for_is_not_asked_of_reddit(server, page):
    server.write("c", "A tip")

    assert messages(visited(page(messages=False))) == {}
    assert not [path for path, _ in server.asked if "conversations" in path]


def test_reading_marks_nothing_as_read(server, page):
    server.write("c", "A tip")

    visited(page())

    assert not [query for _, query in server.asked if "markRead" in query]


def test_a_late_answer_brings_its_conversation_whole_and_no_other(server, page):
    server.slice = 1
    for n in range(5):
        server.write(f"old{n}", "A tip", at=NOON - (90 + n) * DAY)
    server.write("c", "Long ago", at=NOON - 90 * DAY)
    server.write("c", "I remember now", at=NOON)

    seen = visited(page(), cursor="t3_0", since=NOON - DAY)

    assert list(messages(seen)) == ["modmail:c0", "modmail:c1"]
    assert conversations(server) == ["c"]
    assert len(lists(server)) == 2


def test_a_conversation_that_tells_no_time_is_read(server, page):
    server.write("c", "A tip", at=NOON - 90 * DAY)
    server.mail["c"].updated = "then"

    assert list(messages(visited(page(), cursor="t3_0", since=NOON))) == ["modmail:c0"]


def test_a_conversation_in_two_folders_is_asked_for_once(server, page):
    server.write("c", "A tip")
    server.mail["c"].folder = "all notifications"

    visited(page())

    assert conversations(server) == ["c"]


def test_a_light_visit_reads_what_was_written_since_the_last(server, page):
    server.write("c", "Yesterday", at=NOON - DAY)
    server.write("d", "Today", at=NOON)

    seen = visited(page(), cursor="t3_0", since=NOON, young=NOON - 30 * DAY)

    assert list(messages(seen)) == ["modmail:d0"]


def test_nothing_is_concluded_of_mail_that_is_no_longer_told(server, page):
    server.write("c", "A tip")
    source = page()
    [told] = messages(visited(source)).values()
    server.mail.clear()

    assert of(Sighting, visited(page())) == []
    assert list(source.recheck([known(told.content)])) == []


def test_a_right_that_is_wanting_costs_the_mail_alone_and_is_named(server, page):
    server.reads_mail = False
    server.submit("Road closed", name="t3_1")

    seen = visited(page())

    [gap] = of(Gap, seen)
    assert (gap.what, gap.why) == ("the rest of the moderators' mail", GapReason.PERMISSION_LOST)
    assert "the scope modmail, by an account that moderates the community" in gap.detail
    assert all(listed.whole for listed in of(Listed, seen))
    assert of(Cursor, seen)


def test_a_folder_that_reddit_refuses_costs_no_other(server, page):
    server.refused = frozenset({"filtered"})
    server.write("c", "A tip")
    server.mail["c"].folder = "mod"

    seen = visited(page())

    assert list(messages(seen)) == ["modmail:c0"]
    assert [gap.what for gap in of(Gap, seen)] == ["the mail in the folder filtered"]


def test_one_conversation_that_is_refused_costs_no_other(server, page):
    server.write("c", "One", at=NOON)
    server.write("d", "Two", at=NOON - DAY)
    server.fail = lambda path, _query: Reply(404, b"{}", JSON) if path == f"{LIST}/c" else None

    seen = visited(page())

    assert list(messages(seen)) == ["modmail:d0"]
    assert [gap.what for gap in of(Gap, seen)] == ["modmail conversation c"]


def test_one_message_that_cannot_be_read_costs_no_other(server, page):
    server.write("c", "One")
    server.write("c", "Two", date="then")
    server.write("c", "Three")

    seen = visited(page())

    assert list(messages(seen)) == ["modmail:c0", "modmail:c2"]
    assert [gap.what for gap in of(Gap, seen)] == ["a part of modmail conversation c"]


def test_messages_that_are_counted_and_not_told_are_a_gap(server, page):
    server.write("c", "One")
    server.mail["c"].untold = 3

    [gap] = of(Gap, visited(page()))

    assert gap.what == "messages of modmail conversation c"
    assert gap.detail == "Reddit counts 4 messages and tells 1"


def test_the_messages_of_an_account_are_a_fault_of_the_configuration(tmp_path):
    page = PageSettings(
        name="reddit", connector="reddit", platform="reddit", secret=SECRET,
        url="https://www.reddit.com/user/police", options={"messages": True},
    )  # fmt: skip

    with pytest.raises(ConfigInvalid, match="set it for /r/NAME alone"):
        CONNECTOR.open(page, fetching(tmp_path))
