"""The report of moderation: what went out of sight, when, and of why only what was told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from archiver.printing import as_pdf, csv_lines
from archiver.procedures import moderation
from archiver.procedures.moderation import Span
from archiver.procedures.moderation_sheets import COLUMNS, moderation_rows, moderation_sheet
from archiver.records.captures import Actor, Gap, GapReason, Listed, PlatformState
from archiver.records.errors import NotFound, NotPermitted
from archiver.records.moments import micros
from archiver.records.people import Role
from tests.archive import (
    FOUNDED_AT,
    TRANSITORY,
    SettableClock,
    a_colleague,
    a_comment,
    an_archive,
    an_observation,
    gone,
)

EVER = Span(since=0, until=micros(FOUNDED_AT + timedelta(days=1000)))
HIDDEN, REMOVED = PlatformState.HIDDEN, PlatformState.REPORTED_REMOVED


def told(archive, span=EVER, *, person=None):
    office = archive.office
    page = office.id_of(archive.page)
    reader = person or archive.person
    return moderation.report(office.account, office.objects, reader, page, span)


def day(number: int) -> int:
    """Give the moment of the visit *number* days after the first."""
    return micros(FOUNDED_AT + timedelta(days=number))


def a_day_on(archive, *shown, days: int = 1):
    archive.clock.forward(days=days)
    return archive.capture(*shown)


@pytest.fixture
def shown(archive):
    """A page on which a comment stands that somebody will hide."""
    archive.capture(
        an_observation("1", "The road is closed"),
        a_comment("2", "You are all thieves", on="1", author="bob"),
    )
    return archive


def test_a_removed_comment_is_told_of_with_what_it_said_and_when_it_was_last_seen(shown):
    a_day_on(shown)
    a_day_on(shown)
    a_day_on(shown, replace(gone("2", REMOVED), actor=Actor.PAGE, source="modlog", remark="rule 4"))

    (one,) = told(shown).items

    assert (one.content.text, one.content.author.name) == ("You are all thieves", "Bob")
    assert (one.last_seen, one.visited_before, one.first_missing) == (day(0), day(2), day(3))
    (seen,) = one.told
    assert (seen.state, seen.actor, seen.ground, seen.remark) == (
        "reported_removed", "page", "modlog", "rule 4",
    )  # fmt: skip
    assert one.back_at is None


def test_nobody_is_named_where_the_platform_names_nobody(shown):
    a_day_on(shown, gone("2"))

    (one,) = told(shown).items

    assert [(s.state, s.actor, s.ground, s.remark) for s in one.told] == [
        ("not_visible", "", "", "")
    ]


def test_what_was_filtered_before_anybody_saw_it_was_never_seen(archive):
    archive.capture(an_observation("1", "Buy pills", state=HIDDEN))

    (one,) = told(archive).items

    assert (one.last_seen, one.first_missing) == (None, day(0))
    assert one.content.text == "Buy pills"


def test_an_item_that_comes_back_and_goes_again_is_listed_each_time(shown):
    shown_again = a_comment("2", "You are all thieves", on="1", author="bob")
    a_day_on(shown, gone("2", HIDDEN))
    a_day_on(shown, shown_again)
    a_day_on(shown, gone("2", HIDDEN))
    a_day_on(shown, gone("2", REMOVED))

    first, second = told(shown).items

    assert (first.last_seen, first.first_missing, first.back_at) == (day(0), day(1), day(2))
    assert (second.last_seen, second.first_missing, second.back_at) == (day(2), day(3), None)
    assert [s.state for s in second.told] == ["hidden", "reported_removed"]
    assert told(shown, Span(since=day(1), until=day(3))).items == (first,)


def test_an_item_edited_before_it_went_is_told_of_in_its_last_words(shown):
    a_day_on(shown, a_comment("2", "You are thieves", on="1", author="bob"))
    a_day_on(shown, gone("2"))

    (one,) = told(shown).items

    assert (one.content.text, one.last_seen) == ("You are thieves", day(1))


def test_an_edit_made_while_hidden_is_neither_its_last_words_nor_a_sight_of_it(shown):
    a_day_on(shown, gone("2", HIDDEN))
    hidden = a_comment("2", "You are fine people", on="1", author="bob", state=HIDDEN)
    a_day_on(shown, hidden)

    (one,) = told(shown).items

    assert (one.content.text, one.last_seen) == ("You are all thieves", day(0))


@pytest.mark.parametrize(
    ("since", "until", "listed"),
    [(3, 9, True), (4, 9, False), (0, 4, True), (0, 3, False), (3, 4, True)],
)
def test_only_what_was_seen_between_the_two_days_is_listed(shown, since, until, listed):
    a_day_on(shown, gone("2"), days=3)

    assert bool(told(shown, Span(since=day(since), until=day(until))).items) is listed


def test_a_visit_that_failed_or_asked_for_less_does_not_count_as_having_looked(shown):
    a_day_on(shown, Gap(what="comments of post 1", why=GapReason.UNREACHABLE))
    shown.clock.forward(days=1)
    shown.capture(light=True)
    a_day_on(shown, gone("2"))

    report = told(shown)

    assert report.items[0].visited_before is None
    assert report.visits == {"complete": 3, "partial": 1}


def test_the_visit_that_missed_an_item_is_not_one_that_did_not_miss_it(tmp_path):
    class Running(SettableClock):
        def __call__(self):
            return self.forward(seconds=1)

    archive = an_archive(tmp_path, clock=Running(), index="memory:")
    archive.capture(an_observation("1"))
    a_day_on(archive, gone("1"))

    (one,) = told(archive).items

    assert one.last_seen < one.first_missing
    assert one.visited_before is None
    archive.office.close()


def test_gaps_of_the_time_are_named_and_others_are_not(shown):
    a_day_on(shown, Gap(what="comments of post 1", why=GapReason.UNREACHABLE))
    a_day_on(shown, Listed(whole=True))

    assert [g.what for g in told(shown, Span(since=day(1), until=day(2))).gaps] == [
        "comments of post 1"
    ]
    assert told(shown, Span(since=day(3), until=day(9))).gaps == ()
    assert told(shown, Span(since=0, until=day(1))).gaps == ()


def test_what_was_destroyed_is_counted_for_nothing_can_be_told_of_it(archive):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    a_day_on(archive, gone("1", HIDDEN))
    archive.let_pass(100)
    assert archive.purge().destroyed == 1

    report = told(archive)

    assert [one.found.row.item for one in report.items] == [archive.item_id("1")]
    assert report.tombstones == 1


def test_a_restricted_item_is_counted_and_not_shown_to_who_may_not_see_it(archive):
    tip = a_comment("3", "I saw who broke into the shop", on="2")
    archive.capture(an_observation("1", "a draft", restricted=True), an_observation("2"), tip)
    a_day_on(archive, gone("1"), gone("2"), gone("3"))

    report = told(archive, person=a_colleague(archive, Role.AUDITOR))

    assert [one.found.row.item for one in report.items] == [archive.item_id("2")]
    assert report.not_shown == 2
    assert "broke into" not in "".join(
        csv_lines(COLUMNS, moderation_rows(report, archive.office.config.zone))
    )
    assert len(told(archive).items) == 3


def test_who_may_not_read_is_refused_and_a_page_never_visited_is_not_found(archive):
    keeper = a_colleague(archive, Role.ADMINISTRATOR)

    with pytest.raises(NotPermitted):
        told(archive, person=keeper)
    with pytest.raises(NotFound, match="never visited"):
        told(archive)


def test_of_thousands_every_one_is_listed_and_none_twice(archive):
    archive.capture(*(an_observation(str(n), f"Words {n}") for n in range(1200)))
    a_day_on(archive, *(gone(str(n)) for n in range(0, 1200, 2)))

    items = told(archive).items

    assert {one.content.text for one in items} == {f"Words {n}" for n in range(0, 1200, 2)}
    assert len(items) == 600


def test_it_is_printed_and_tabled_in_the_agencys_own_time(shown):
    a_day_on(shown, replace(gone("2", REMOVED), actor=Actor.AUTHOR, source="event"))
    report, zone = replace(told(shown), blind_to=("the block list",)), shown.office.account.zone

    sheet = moderation_sheet("Police", report, zone)
    _, row = csv_lines(COLUMNS, moderation_rows(report, zone))

    assert as_pdf(sheet).startswith(b"%PDF")
    assert as_pdf(sheet) == as_pdf(moderation_sheet("Police", report, zone))
    (printed,) = sheet.tables[0].rows
    assert printed[1:6] == (
        "Bob", "You are all thieves", "2026-03-02 01:00 PST", "2026-03-03 01:00 PST",
        "2026-03-03 01:00 PST: reported removed by author (event)",
    )  # fmt: skip
    assert any("block list" in line for line in sheet.paragraphs)
    assert "You are all thieves" in row
    assert "2026-03-03 01:00 PST" in row
