"""The report of moderation: whom a page blocked and unblocked, and what the platform's log says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from archiver.catalogue import pages
from archiver.jobs.work import look_around
from archiver.printing import as_pdf, csv_lines
from archiver.procedures import moderation
from archiver.procedures.moderation import Span
from archiver.procedures.moderation_sheets import COLUMNS, moderation_rows, moderation_sheet
from archiver.records.captures import CaptureStatus, Gap, GapReason, Listed
from archiver.records.items import Author, ItemKind
from archiver.records.moments import micros
from archiver.records.people import Role
from archiver.records.standing_lists import Entry
from connectors.moderating import log_entry, standing_list
from tests.archive import FOUNDED_AT, ScriptedPlatform, a_colleague, an_observation, gone
from tests.procedures.test_rebuild import lose_the_catalogue, rebuilt

EVER = Span(since=0, until=micros(FOUNDED_AT + timedelta(days=1000)))
TROLL, SPAM = Entry("7", "@troll"), Entry("8", "@spam")


def day(number: int) -> int:
    return micros(FOUNDED_AT + timedelta(days=number))


def blocked(*entries, at=FOUNDED_AT):
    return standing_list("blocks", "Blocked accounts", [(e, b"{}") for e in entries], at=at)


def a_day_on(archive, *shown, **how):
    archive.clock.forward(days=1)
    return archive.capture(*shown, **how)


def told(archive, span=EVER, *, person=None):
    office = archive.office
    page, reader = office.id_of(archive.page), person or archive.person
    return moderation.report(office.account, office.objects, reader, page, span)


@pytest.fixture
def watched(archive):
    """A page that blocked one account when it was first visited."""
    archive.capture(an_observation("1"), blocked(TROLL))
    return archive


def test_who_was_blocked_and_who_unblocked_is_told_with_the_two_visits_it_lies_between(watched):
    a_day_on(watched, blocked(TROLL))
    a_day_on(watched, blocked(SPAM, replace(TROLL, words="@bully")))
    a_day_on(watched, blocked(SPAM))

    (each,) = told(watched).lists.lists

    assert (each.title, each.first_seen, each.stands) == ("Blocked accounts", day(0), (SPAM,))
    first, second = each.changes
    assert (first.change.added, first.change.dropped) == ((SPAM,), ())
    assert first.change.altered == ((TROLL, Entry("7", "@bully")),)
    assert (first.stood_at, first.visited_before, first.at) == (day(0), day(1), day(2))
    assert second.change.dropped == (Entry("7", "@bully"),)
    assert (second.unchanged_until, second.at) == (day(2), day(3))


def test_another_order_or_another_moment_is_no_change(watched):
    a_day_on(watched, blocked(TROLL, SPAM))
    a_day_on(watched, blocked(SPAM, TROLL, SPAM, at=FOUNDED_AT + timedelta(days=2)))

    assert len(told(watched).lists.lists[0].changes) == 1


def test_a_list_that_comes_back_empty_is_marked_and_one_that_never_was_full_is_not(watched):
    a_day_on(watched, blocked())
    a_day_on(watched, blocked(TROLL))

    emptied, filled = told(watched).lists.lists[0].changes

    assert (emptied.change.emptied, emptied.change.dropped) == (True, (TROLL,))
    assert (filled.change.emptied, filled.change.added) == (False, (TROLL,))


@pytest.mark.parametrize(
    ("since", "until", "changes", "stands"),
    [(0, 2, 0, 1), (0, 3, 1, 2), (2, 3, 1, 2), (3, 9, 0, 2), (0, 9, 1, 2)],
)
def test_a_change_belongs_to_the_day_on_which_it_was_found(watched, since, until, changes, stands):
    watched.clock.forward(days=1)
    a_day_on(watched, blocked(TROLL, SPAM))

    (each,) = told(watched, Span(since=day(since), until=day(until))).lists.lists

    assert (len(each.changes), len(each.stands)) == (changes, stands)


def test_before_the_first_visit_nothing_is_known_of_a_list(watched):
    assert told(watched, Span(since=0, until=day(0))).lists.lists == ()


def test_a_visit_that_failed_or_was_light_did_not_find_the_list_unchanged(watched):
    a_day_on(watched, Gap(what="moderation: blocks", why=GapReason.OUT_OF_REACH))
    a_day_on(watched, light=True)
    a_day_on(watched, blocked(SPAM))

    (changed,) = told(watched).lists.lists[0].changes

    assert (changed.stood_at, changed.visited_before) == (day(0), None)


def test_a_list_that_a_visit_did_not_show_is_neither_missed_nor_sought(archive):
    archive.platform.capabilities = replace(ScriptedPlatform.capabilities, removals="recheck")
    archive.platform.answers["moderation:blocks"] = gone("moderation:blocks")
    archive.capture(an_observation("1"), blocked(TROLL))

    for _ in range(3):
        coverage = a_day_on(archive, an_observation("1"), Listed(whole=True))

    assert (coverage.removed, coverage.rechecks_waiting) == (0, 0)
    assert archive.item("moderation:blocks").state == "present"
    assert told(archive).items == ()


@pytest.mark.parametrize(("what", "walked"), [("moderation: blocks", 1), ("posts", 0)])
def test_a_list_that_could_not_be_had_leaves_the_rest_of_the_visit_whole(watched, what, walked):
    gap = Gap(what=what, why=GapReason.UNREADABLE)
    coverage = a_day_on(watched, an_observation("1"), gap)

    with watched.office.account.catalogue.reading() as connection:
        row = pages.by_id(connection, watched.office.id_of(watched.page))
    assert coverage.status is CaptureStatus.PARTIAL
    assert row.walked_at == day(walked)


NOT_SHOWN = Gap(
    what="moderation: blocked accounts; needs read:blocks",
    why=GapReason.NOT_GRANTED,
    native_id="moderation:blocks",
)


def standing_of(archive):
    (page,) = look_around(archive.office).standing.pages
    return page


def test_a_right_that_was_never_had_is_told_once_and_the_page_is_complete_without(archive):
    first = archive.capture(an_observation("1"), NOT_SHOWN)
    later = [a_day_on(archive, NOT_SHOWN) for _ in range(2)]

    told_once = [NOT_SHOWN.what]
    assert (first.status, [gap.what for gap in first.gaps]) == (CaptureStatus.PARTIAL, told_once)
    assert [(c.status, c.gaps, c.lasting) for c in later] == [(CaptureStatus.COMPLETE, [], 1)] * 2
    assert (standing_of(archive).gaps, standing_of(archive).not_granted) == (0, (NOT_SHOWN.what,))
    (note,) = [note for note in look_around(archive.office).notes if "read:blocks" in note]
    assert "moderation = false" in note


@pytest.mark.parametrize("shown", [[blocked(TROLL)], [an_observation("1")]])
def test_once_it_is_granted_or_not_asked_for_any_more_nothing_is_wanting(archive, shown):
    archive.capture(an_observation("1"), NOT_SHOWN)

    granted = a_day_on(archive, *shown)

    assert (granted.status, granted.lasting) == (CaptureStatus.COMPLETE, 0)
    assert standing_of(archive).not_granted == ()
    lose_the_catalogue(archive)
    rebuilt(archive)
    assert standing_of(archive).lasting == 0


def test_a_fault_or_a_light_visit_does_not_say_that_a_right_was_granted(archive):
    archive.capture(an_observation("1"), NOT_SHOWN)
    a_day_on(archive, Gap(what="moderation: blocked accounts", why=GapReason.UNREACHABLE))
    a_day_on(archive, an_observation("1"), light=True)

    assert standing_of(archive).not_granted == (NOT_SHOWN.what,)
    assert a_day_on(archive, NOT_SHOWN).status is CaptureStatus.COMPLETE
    lose_the_catalogue(archive)
    rebuilt(archive)
    assert standing_of(archive).not_granted == (NOT_SHOWN.what,)


def test_a_right_that_was_had_and_is_lost_makes_every_visit_partial(watched):
    for _ in range(2):
        lost = a_day_on(watched, an_observation("1"), NOT_SHOWN)

        assert (lost.status, lost.lasting) == (CaptureStatus.PARTIAL, 0)
        assert [gap.why for gap in lost.gaps] == [GapReason.PERMISSION_LOST]
    assert a_day_on(watched, blocked(TROLL)).status is CaptureStatus.COMPLETE
    assert standing_of(watched).gaps == 0


def test_a_log_that_was_shown_once_is_missed(archive):
    log = Gap(what="moderation: log; needs the scope modlog", why=GapReason.NOT_GRANTED)
    archive.capture(log_entry("a1", "banned u/troll", b"{}", at=FOUNDED_AT, by=None))

    lost = a_day_on(archive, log)

    assert [gap.why for gap in lost.gaps] == [GapReason.PERMISSION_LOST]


def test_what_the_platforms_log_says_is_told_with_who_did_it(watched):
    at = FOUNDED_AT + timedelta(days=1)
    a_day_on(watched, log_entry("a1", "banned u/troll: rule 4", b"{}", at=at, by=Author("", "sgt")))

    (entry,) = told(watched).lists.logged

    assert (entry.at, entry.actor, entry.words) == (day(1), "sgt", "banned u/troll: rule 4")
    assert told(watched, Span(since=0, until=day(1))).lists.logged == ()
    assert told(watched, Span(since=day(1) + 1, until=day(9))).lists.logged == ()


def test_of_a_long_log_every_entry_is_told_in_the_order_it_was_made(watched):
    seen = [
        log_entry(f"a{n}", f"removed {n}", b"{}", at=FOUNDED_AT - timedelta(hours=n), by=None)
        for n in range(505)
    ]
    a_day_on(watched, *seen)

    logged = told(watched).lists.logged

    assert [entry.words for entry in logged] == [f"removed {n}" for n in reversed(range(505))]


def test_who_may_not_see_restricted_items_is_told_how_many_lists_there_are(watched):
    watched.capture(log_entry("a1", "banned", b"{}", at=FOUNDED_AT, by=None))

    report = told(watched, person=a_colleague(watched, Role.CLERK))

    assert (report.lists.lists, report.lists.logged, report.not_shown) == ((), (), 2)


def test_lists_and_log_are_never_transitory_and_ask_nobody(watched):
    log = log_entry("a1", "banned u/troll", b"{}", at=FOUNDED_AT, by=None)
    a_day_on(watched, log, blocked(TROLL, SPAM))

    rows = [watched.item("moderation:blocks"), watched.item("log:a1")]

    assert [row.kind for row in rows] == [ItemKind.MODERATION.value, ItemKind.LOG.value]
    assert all(row.restricted for row in rows)
    assert [(row.tag, row.queued) for row in rows] == [("substantive", False)] * 2


def test_a_rebuild_from_the_object_store_tells_of_the_same_changes(watched):
    a_day_on(watched, blocked(SPAM), log_entry("a1", "banned", b"{}", at=FOUNDED_AT, by=None))
    before = told(watched)

    lose_the_catalogue(watched)
    rebuilt(watched)

    after = told(watched)
    assert [each.changes for each in after.lists.lists] == [
        each.changes for each in before.lists.lists
    ]
    assert [entry.words for entry in after.lists.logged] == ["banned"]
    assert after.not_shown == 0


def test_it_is_printed_and_tabled_with_the_time_in_between(watched):
    a_day_on(watched, blocked(TROLL, SPAM))
    a_day_on(watched, blocked())
    watched.capture(log_entry("a1", "banned u/x", b"{}", at=FOUNDED_AT, by=Author("", "sgt")))
    report, zone = told(watched), watched.office.account.zone

    sheet = moderation_sheet("Police", report, zone)
    rows = list(moderation_rows(report, zone))

    assert as_pdf(sheet).startswith(b"%PDF")
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert len(list(csv_lines(COLUMNS, rows))) == 5
    assert rows[0][4:5] + rows[0][-4:] == (
        "@spam [8]", "Blocked accounts", "newly listed",
        "2026-03-02 01:00 PST", "2026-03-03 01:00 PST",
    )  # fmt: skip
    assert rows[1][-3] == "no longer listed, as all others"
    assert rows[3][1:5] == ("log", "sgt", "2026-03-02 01:00 PST", "banned u/x")
    titles = [table.title for table in sheet.tables]
    assert titles[1:4] == [
        "Lists by which the page is moderated", "Changes of these lists",
        "The platform's own log of moderation",
    ]  # fmt: skip
