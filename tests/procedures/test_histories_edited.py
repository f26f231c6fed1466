"""Visits and gaps, what people said, what left a hold: an edit of any row of theirs is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import Table, delete, insert, update
from sqlalchemy.exc import IntegrityError

from archiver.catalogue import expunging, tables
from archiver.procedures import judging, planning, review, verify_visits
from archiver.procedures.capture import capture
from archiver.procedures.verify import verify
from archiver.procedures.verify_registers import registers_edited
from archiver.records.captures import Gap, GapReason, Listed, PlatformState, Seen
from archiver.records.classification import Tag
from archiver.records.people import Means, SignedIn
from archiver.records.sampling import Judgement
from tests.archive import (
    SUBSTANTIVE,
    TRANSITORY,
    Archive,
    a_comment,
    an_archive,
    an_observation,
    gone,
)
from tests.procedures.test_edits_behind_us import TickingClock, behind_us, rows_of, unnamed
from tests.procedures.test_rebuild import dumped, lose_the_catalogue, rebuilt

SPARED = {
    "captures": set(),
    "gaps": {"tries"},  # how often it was asked for: a count for lists, which decides nothing
    "decisions": {"n", "item_n"},  # another item has no such decision, and no such paper
    "judgements": set(),
    "sightings": {"n"},
    "departures": set(),
}
"""Of each table, the columns that decide nothing; of an item's own, what its objects prove."""


class Died(BaseException):
    """A process that died in the middle of a visit."""


def dies(*shown: Seen) -> Iterator[Seen]:
    yield from shown
    raise Died


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    """Visits that ended in every way, gaps made good in every way, and people's words."""
    archive = an_archive(tmp_path, index="memory:", clock=TickingClock())
    archive.platform.absent, archive.platform.down = {"lost", "gone"}, {"late"}
    archive.capture(
        an_observation("1", TRANSITORY),
        an_observation("2", SUBSTANTIVE, attachments=["lost", "late"]),
        a_comment("3", SUBSTANTIVE, on="2"),
        an_observation("4", TRANSITORY, attachments=["gone"]),
        an_observation("5", "The road is closed."),
        Gap(what="comments of post 9", why=GapReason.UNREACHABLE),
        Listed(whole=True, platform_count=5),
    )
    archive.capture(page=replace(archive.page, url=f"{archive.page.url}-two", name="other page"))
    archive.platform.down.clear()
    decide(archive, "4", Tag.TRANSITORY, "DEMO-100")  # what carries a picture, a person must
    archive.clock.forward(days=90)
    archive.capture()
    sampled(archive)
    assert archive.purge().destroyed == 2
    for series in ("DEMO-200", "DEMO-210"):
        decide(archive, "5", Tag.SUBSTANTIVE, series)
    archive.issue_hold("2", "3", "5")
    archive.narrow_hold("H-0001", "2", "3")
    archive.narrow_hold("H-0001", "2")
    broken_off(archive)
    archive.capture(gone("3"), gone("2"))
    archive.clock.forward(days=1)
    archive.capture(gone("2", PlatformState.HIDDEN), an_observation("3", SUBSTANTIVE))
    archive.capture(Gap(what="comments of post 8", why=GapReason.UNREACHABLE), light=True)
    yield archive
    archive.office.close()


def sampled(archive: Archive) -> None:
    """Have a person say something of what was drawn, as of a schedule that is none for show."""
    account, schedule = archive.office.account, archive.office.schedule
    earnest, today = replace(schedule, demonstration=False), account.today()
    made = planning.plan(account, archive.person, earnest, on=today, gathering=True)
    signed, item = SignedIn(person=archive.person, means=Means.OS_ACCOUNT), archive.item_id("1")
    judging.judge(account, signed, made.name, [item], Judgement.TRANSITORY, reason="a greeting")


def decide(archive: Archive, native_id: str, tag: Tag, series: str) -> None:
    office = archive.office
    item, reason = archive.item_id(native_id), "read"
    review.decide(
        office.account,
        office.objects,
        archive.person,
        office.schedule,
        item,
        tag=tag,
        series=series,
        reason=reason,
    )


def broken_off(archive: Archive) -> None:
    """Visit the page in a process that dies half-way, without a word."""
    office = archive.office
    archive.platform.shows = dies(an_observation("7", "Half of a visit"))
    with office.source(archive.page) as source, pytest.raises(Died):
        capture(office.visitor(archive.person), archive.platform, archive.page, source, full=True)


def named(archive: Archive) -> bool:
    return bool(registers_edited(archive.office.account))


def test_histories_that_nobody_edited_are_as_the_ledger_tells(archive):
    office = archive.office

    assert registers_edited(office.account) == []
    assert verify(office.account, office.objects, office.index).ok
    assert {row["status"] for row in rows_of(archive, tables.captures)} >= {"complete", "partial"}
    closed = [row["closed_at"] for row in rows_of(archive, tables.gaps)]
    assert {None} < set(closed)


@pytest.mark.sqlite("is about which columns are compared, in Python")
def test_whatever_column_of_a_history_is_edited_is_named(archive):
    found = {
        name: unnamed(archive, tables.METADATA.tables[name], spared, lambda: named(archive))
        for name, spared in SPARED.items()
    }

    assert found == {name: [] for name in SPARED}
    assert not named(archive)


@pytest.mark.sqlite("is about what is compared, in Python")
def test_a_row_of_a_history_that_was_put_there_or_taken_is_named(archive):
    for table in (tables.METADATA.tables[name] for name in SPARED):
        for row in rows_of(archive, table):
            mine = [each == row[each.name] for each in table.primary_key]
            with suppress(IntegrityError):  # the database itself refuses
                behind_us(archive, delete(table).where(*mine))
                assert faults(archive) == ["gone"]
                behind_us(archive, insert(table).values(row))
        put = forged(archive, table)
        behind_us(archive, insert(table).values(put))
        assert faults(archive) == ["does not know it"]
        mine = [each == put[each.name] for each in table.primary_key]
        behind_us(archive, delete(table).where(*mine))
    assert not named(archive)


def faults(archive: Archive) -> list[str]:
    """Give what is said of each fault, in the words that matter."""
    said = [fault.why for fault in registers_edited(archive.office.account)]
    return [word for why in said for word in ("gone", "does not know it") if word in why]


def forged(archive: Archive, table: Table) -> dict[str, object]:
    """Give a row that nobody entered, made after one that somebody did."""
    row = rows_of(archive, table)[0]
    if "n" in row:
        row |= {"n": 99}
    else:
        row |= {"item_n": archive.item("2").n}
    return row | ({"capture": "C-000099"} if "capture" in row else {})


@pytest.mark.sqlite("is about which gap is compared when, in Python")
def test_gaps_that_are_compared_in_several_passes_are_compared_all(archive, monkeypatch):
    monkeypatch.setattr(verify_visits, "GAPS", 2)
    last = rows_of(archive, tables.gaps)[-1]["n"]
    assert last > 2
    assert not named(archive)

    behind_us(archive, update(tables.gaps).where(tables.gaps.c.n == last).values(why="gone"))

    (fault,) = registers_edited(archive.office.account)
    assert fault.name.startswith(f"gap {last} of ")


def test_where_an_items_traces_are_struck_what_was_said_of_it_in_a_sample_goes_too(archive):
    n = archive.item("1").n
    assert [row["item_n"] for row in rows_of(archive, tables.judgements)] == [n]

    with archive.office.catalogue.writing_raw() as connection:
        expunging.strike_traces(connection, [n])

    assert rows_of(archive, tables.judgements) == []


def test_a_rebuild_brings_every_history_back_a_visit_that_broke_off_too(archive):
    assert "running" in {row["status"] for row in rows_of(archive, tables.captures)}
    before = dumped(archive)
    lose_the_catalogue(archive)

    rebuilt(archive)

    after = dumped(archive)
    assert {name: after[name] for name in SPARED} == {name: before[name] for name in SPARED}
    assert not named(archive)


@pytest.mark.parametrize("days", [-400, -1, 0])
def test_a_lasting_gap_may_be_asked_for_sooner_than_a_visit_would(archive, days):
    lasting = tables.gaps.c.why == "gone"
    sooner = tables.gaps.c.retry_on + days
    behind_us(archive, update(tables.gaps).where(lasting).values(retry_on=sooner))

    assert registers_edited(archive.office.account) == []


def test_a_gap_that_is_put_off_past_the_next_day_for_it_is_named(archive):
    lasting = tables.gaps.c.retry_on.is_not(None) & tables.gaps.c.closed_at.is_(None)
    behind_us(archive, update(tables.gaps).where(lasting).values(retry_on=2_000_000))

    faults = registers_edited(archive.office.account)

    assert faults
    assert all("retry_on" in fault.why for fault in faults)


def test_a_gap_put_off_while_the_clock_stood_ahead_is_no_edit(archive):
    archive.clock.forward(days=500)
    archive.capture(Listed(whole=True, platform_count=5), full=True)
    archive.clock.forward(days=-500)

    assert registers_edited(archive.office.account) == []
