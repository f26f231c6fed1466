"""Disposition: nothing goes without authority, and what goes is gone everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from archiver.catalogue import Catalogue, Desk, facts, items
from archiver.catalogue.items import ItemRow
from archiver.catalogue.tables import threads
from archiver.procedures import dispose, planning, purging, staying
from archiver.procedures.papers import paper_of
from archiver.procedures.plan_sheets import plan_sheet, stayed_of
from archiver.procedures.planning import Plan
from archiver.records.adoption import Adoption, StillOnPlatform
from archiver.records.approval import Terms
from archiver.records.captures import Gap, GapReason
from archiver.records.classification import Tag
from archiver.records.errors import (
    ArchiveBusy,
    ClockDoubted,
    NotAdopted,
    NotPermitted,
    RestoreUnconfirmed,
)
from archiver.records.people import Person, Role
from archiver.records.periods import Period
from archiver.records.schedules import Schedule
from tests.archive import (
    SUBSTANTIVE,
    TRANSITORY,
    Archive,
    a_colleague,
    a_comment,
    an_observation,
)
from tests.proofs import invariants
from tests.proofs.invariants import rows, told

LATER = "Happy Friday to all of you!"


def decided(archive: Archive, native_id: str, *, by: Person | None = None) -> ItemRow:
    """Have a person say that an item is transitory."""
    return archive.decide(native_id, "DEMO-100", tag=Tag.TRANSITORY, reason="a greeting", by=by)


def under(archive: Archive, **changes: object) -> Schedule:
    """Give the demonstration schedule with its adoption changed."""
    schedule = archive.office.schedule
    assert schedule.adoption is not None
    return replace(schedule, adoption=replace(schedule.adoption, **changes))


def settling(archive: Archive, period: Period) -> Schedule:
    """Give the demonstration schedule with a settling time for its transitory series."""
    schedule = archive.office.schedule
    series = replace(schedule.series["DEMO-100"], settle=period)
    return replace(schedule, series={**schedule.series, "DEMO-100": series})


def purge_under(archive: Archive, schedule: Schedule | None, *, by: Person | None = None) -> int:
    """Plan and carry out under *schedule*."""
    account, person = archive.office.account, by or archive.person
    with archive.office.catalogue.writing() as desk:
        items.look_at_all(desk.connection, account.today().toordinal())
    plan = planning.plan(account, person, schedule, on=account.today())
    return carried_out(archive, plan, schedule, by=by)


def carried_out(
    archive: Archive, plan: Plan, schedule: Schedule | None, *, by: Person | None = None
) -> int:
    account = archive.office.account
    with archive.office.disposer() as disposer:
        return dispose.carry_out(
            disposer, by or archive.person, plan, schedule, on=account.today()
        ).destroyed


def refusals(archive: Archive) -> list[str]:
    return [leaf["k"] for leaf in told(archive) if leaf["k"].endswith("refused")]


# --- when it is due -------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "destroyed"), [(60, 0), (61, 1), (62, 1)])
def test_a_transitory_item_goes_on_the_first_day_after_its_period(archive, days, destroyed):
    archive.capture(an_observation("1", TRANSITORY, attachments=()), an_observation("2"))
    archive.let_pass(days=days)

    assert archive.purge().destroyed == destroyed
    assert archive.item("2").life == "live"


@pytest.mark.parametrize(("days", "destroyed"), [(89, 0), (90, 0), (91, 2)])
def test_a_thread_goes_whole_on_the_longest_period_of_its_members(archive, days, destroyed):
    founded = archive.clock.now
    archive.capture(an_observation("1", TRANSITORY))
    archive.clock.forward(days=30)
    archive.capture(a_comment("2", TRANSITORY, on="1", at=archive.clock.now))
    decided(archive, "2")
    archive.clock.now = founded + timedelta(days=days)
    archive.capture()

    assert archive.purge().destroyed == destroyed


def test_one_substantive_comment_keeps_its_whole_thread(archive):
    archive.capture(an_observation("1", TRANSITORY), a_comment("2", SUBSTANTIVE, on="1"))
    archive.let_pass(days=700)

    assert archive.purge().destroyed == 0


@pytest.mark.parametrize(("days", "destroyed"), [(99, 0), (100, 0), (101, 1)])
def test_an_old_export_rests_before_anything_of_it_goes(archive, days, destroyed):
    long_ago = archive.clock.now - timedelta(days=3_000)
    archive.capture(an_observation("1", TRANSITORY, at=long_ago))
    archive.let_pass(days=days)

    assert purge_under(archive, settling(archive, Period(days=100))) == destroyed


def test_what_the_page_still_shows_is_kept_where_the_adoption_does_not_say_otherwise(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.let_pass(days=100)

    assert purge_under(archive, under(archive, still_on_platform=StillOnPlatform.KEEP)) == 0
    assert purge_under(archive, archive.office.schedule) == 1


def test_without_a_complete_capture_since_nothing_that_activity_could_wake_goes(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.clock.forward(days=100)
    archive.capture(Gap(what="slice 2", why=GapReason.UNREADABLE))
    assert list(archive.plan().stayed) == [
        (archive.item_id("1"), ("no_capture_since DEMO-100",)),
    ]

    archive.capture()

    assert archive.purge().destroyed == 1, "the same night, once the page was looked at"


def test_a_restricted_item_never_goes_unattended(archive):
    archive.capture(an_observation("1", TRANSITORY, restricted=True))
    decided(archive, "1")
    archive.let_pass(days=5_000)

    assert archive.purge().destroyed == 0


# --- by whose word --------------------------------------------------------------------------------


def test_what_only_a_rule_suggests_stays_until_an_adoption_lets_rules_count(archive):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", LATER))
    decided(archive, "2")
    archive.let_pass(days=100)

    assert purge_under(archive, under(archive, automatic=frozenset())) == 1
    assert [archive.item(n).life for n in "12"] == ["live", "destroyed"]


@pytest.mark.parametrize("adoption", ["none", "attended"])
def test_without_authority_for_unattended_destruction_nothing_is_even_due(archive, adoption):
    archive.capture(an_observation("1", TRANSITORY))
    archive.let_pass(days=100)
    schedule = (
        replace(archive.office.schedule, adoption=None)
        if adoption == "none"
        else under(archive, unattended_purge=False)
    )
    due = archive.plan()
    assert due.due == 1

    with archive.office.disposer() as disposer:
        purged = purging.purge(disposer, archive.person, schedule, carry_out_too=True)
    assert (purged.due, purged.destroyed) == (0, 0)

    with pytest.raises(NotAdopted):
        carried_out(archive, due, schedule)
    assert refusals(archive) == ["disposition.refused"]


def test_an_adoption_of_tomorrow_authorises_nothing_today(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.let_pass(days=100)
    tomorrow = archive.office.account.today() + timedelta(days=1)

    assert purge_under(archive, under(archive, date=tomorrow)) == 0
    assert purge_under(archive, under(archive, date=tomorrow - timedelta(days=1))) == 1


def test_where_the_configuration_says_propose_a_plan_waits(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.let_pass(days=100)

    with archive.office.disposer() as disposer:
        purged = purging.purge(
            disposer, archive.person, archive.office.schedule, carry_out_too=False
        )

    assert (purged.due, purged.destroyed) == (1, 0)
    assert [plan.status for plan in planning.listed(archive.office.account, limit=5)] == [
        "proposed"
    ]


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.CLERK, False),
        (Role.COUNSEL, False),
        (Role.ADMINISTRATOR, False),
        (Role.RECORDS_OFFICER, True),
    ],
)
def test_who_may_not_dispose_can_neither_plan_nor_carry_out(archive, role, may):
    archive.capture(an_observation("1", TRANSITORY))
    archive.let_pass(days=100)
    person, plan = a_colleague(archive, role), archive.plan()
    account, schedule = archive.office.account, archive.office.schedule

    for deed in (
        lambda: planning.plan(account, person, schedule, on=account.today()),
        lambda: carried_out(archive, plan, schedule, by=person),
    ):
        if may:
            deed()
        else:
            with pytest.raises(NotPermitted):
                deed()

    assert archive.item("1").life == ("destroyed" if may else "live")
    assert refusals(archive) == ([] if may else ["attempt.refused"] * 2)


def test_the_scheduler_carries_out_what_an_adoption_authorises(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.let_pass(days=100)

    assert purge_under(archive, archive.office.schedule, by=archive.office.service) == 1


# --- what changed since the plan ------------------------------------------------------------------


def touched_by_an_edit(archive: Archive) -> None:
    archive.capture(an_observation("1", LATER))


def touched_by_an_older_version(archive: Archive) -> None:
    archive.capture(an_observation("1", LATER, current=False), an_observation("1", TRANSITORY))


def touched_by_a_late_comment(archive: Archive) -> None:
    long_ago = archive.clock.now - timedelta(days=300)
    archive.capture(a_comment("3", TRANSITORY, on="1", at=long_ago))
    decided(archive, "3")


def touched_by_a_persons_word(archive: Archive) -> None:
    decided(archive, "1")


def touched_by_a_hold_that_came_and_went(archive: Archive) -> None:
    archive.issue_hold("1")
    archive.lift_hold("H-0001", cool_down_days=0)


def touched_by_a_hold(archive: Archive) -> None:
    archive.issue_hold("1")


@pytest.mark.parametrize(
    "touch",
    [
        touched_by_an_edit,
        touched_by_an_older_version,
        touched_by_a_late_comment,
        touched_by_a_persons_word,
        touched_by_a_hold_that_came_and_went,
        touched_by_a_hold,
    ],
)
def test_an_item_touched_since_the_plan_stays(archive, touch: Callable[[Archive], None]):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    archive.let_pass(days=100)
    plan = archive.plan()
    assert plan.due == 2

    touch(archive)
    receipt = archive.carry_out(plan)

    assert receipt.destroyed == 1
    assert archive.item("1").life == "live"
    assert archive.item_id("1") in {item for item, reasons in receipt.stayed if reasons}
    assert "disposition.stayed" in {leaf["k"] for leaf in told(archive)}


def test_a_hold_that_comes_between_the_last_question_and_the_deed_wins(archive):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    archive.let_pass(days=100)
    plan, store = archive.plan(), archive.office.objects
    place = store.place

    def placed(files: Mapping[str, bytes]) -> None:
        place(files)
        if any(name.startswith("papers/batch/") for name in files) and not archive.held_by("1"):
            archive.issue_hold("1")

    store.place = placed
    receipt = archive.carry_out(plan)

    assert receipt.destroyed == 1
    assert list(receipt.stayed) == [(archive.item_id("1"), ("held by H-0001",))]


def test_of_very_much_that_stays_a_part_is_held_and_the_ledger_names_the_paper_that_lists_it(
    archive, monkeypatch
):
    monkeypatch.setattr(staying, "PART", 2)
    monkeypatch.setattr(dispose, "BATCH", 1)
    archive.capture(*(an_observation(n, TRANSITORY) for n in "123456"))
    archive.let_pass(days=100)
    plan = archive.plan()
    archive.issue_hold(*"12346", matter="Roe v. City")

    receipt = archive.carry_out(plan)

    stays = [(archive.item_id(n), ("held by H-0001",)) for n in "12346"]
    assert (receipt.destroyed, len(receipt.stayed), list(receipt.stayed)) == (1, 5, stays)
    account = archive.office.account
    (ended,) = [leaf for leaf in told(archive) if leaf["k"] == "disposition.ended"]
    parts = paper_of(account, "stayed", ended["p"])["staying"]
    assert [len(list(staying.stayed_in(account, [part]))) for part in parts] == [2, 2, 1]
    assert list(staying.stayed_in(account, parts)) == stays


@pytest.mark.parametrize(("kept", "status"), [("12", "void"), ("1", "carried_out")])
def test_why_items_stayed_is_told_of_a_plan_ever_after(archive, kept, status):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    archive.let_pass(days=100)
    plan = archive.plan()
    archive.issue_hold(*kept)
    archive.carry_out(plan)
    account = archive.office.account

    row = planning.named(account, plan.name)
    stays = [(archive.item_id(n), ("held by H-0001",)) for n in kept]
    sheet = plan_sheet(account, plan.name, Terms(), archive.office.schedule)

    assert (row.status, list(stayed_of(account, row))) == (status, stays)
    grid = sheet.tables[-1]
    assert grid.title == "On this plan, and kept when it was carried out"
    assert list(grid.rows) == [(item, "; ".join(why)) for item, why in stays]


def a_persons_word(archive: Archive) -> None:
    decided(archive, "word")


def a_lift_on_the_day_of_another(archive: Archive) -> None:
    archive.lift_hold("H-0002")


class Interrupted:
    """A catalogue in which something happens before what a plan decided is written."""

    def __init__(self, catalogue: Catalogue, deed: Callable[[], None]) -> None:
        self.reading = catalogue.reading
        self._catalogue, self._deeds = catalogue, [lambda: None, deed]

    def writing(self) -> AbstractContextManager[Desk]:
        if self._deeds:
            self._deeds.pop(0)()
        return self._catalogue.writing()


@pytest.mark.parametrize("deed", [a_persons_word, a_lift_on_the_day_of_another])
def test_what_changes_between_a_plans_reading_and_its_writing_is_decided_on_by_the_next(
    archive, deed: Callable[[Archive], None]
):
    archive.capture(an_observation("word"), an_observation("held", TRANSITORY))
    for matter in ("Doe v. City", "Roe v. City"):
        archive.issue_hold("held", matter=matter)
    archive.lift_hold("H-0001")  # its thread is worth a look today, before the deed and after it
    office, account = archive.office, archive.office.account
    catalogue = Interrupted(office.catalogue, lambda: deed(archive))

    planning.plan(
        replace(account, catalogue=catalogue), archive.person, office.schedule, on=account.today()
    )

    archive.let_pass(days=100)
    assert archive.purge().destroyed == 1


def test_a_plan_under_another_schedule_than_the_one_in_force_puts_no_look_off(archive):
    archive.capture(an_observation("1", TRANSITORY))
    account, older = archive.office.account, under(archive, unattended_purge=False)

    planning.plan(account, archive.person, replace(older, digest="0" * 64), on=account.today())

    archive.let_pass(days=100)
    assert archive.purge().destroyed == 1


def test_a_plan_made_under_another_version_of_the_schedule_is_void(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.let_pass(days=100)
    plan = archive.plan()

    with pytest.raises(NotAdopted, match="another version"):
        carried_out(archive, plan, replace(archive.office.schedule, digest="0" * 64))

    assert archive.item("1").life == "live"
    assert refusals(archive) == ["disposition.refused"]
    assert archive.carry_out(plan).destroyed == 1


def test_a_row_edited_behind_us_is_not_destroyed(archive):
    archive.capture(an_observation("1", SUBSTANTIVE), an_observation("2", TRANSITORY))
    row = archive.item("1")
    with archive.office.catalogue.writing() as desk:
        forged = replace(row, tag="transitory", series="DEMO-100", basis="person")
        items.change(desk.connection, [forged])
    archive.let_pass(days=100)

    assert archive.purge().destroyed == 1
    assert archive.item("1").life == "live"
    with archive.office.catalogue.writing() as desk:
        items.change(desk.connection, [row])


def test_a_thread_whose_activity_was_put_back_behind_us_is_not_destroyed(archive):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    archive.let_pass(days=50)
    archive.capture(a_comment("3", TRANSITORY, on="1", at=archive.clock.now))
    with archive.office.catalogue.writing_raw() as connection:
        connection.execute(
            update(threads)
            .where(threads.c.n == archive.item("1").thread_n)
            .values(last_activity=archive.item("1").published_at)
        )
    archive.let_pass(days=100)

    archive.purge()

    assert [archive.item(n).life for n in "123"] == ["live", "destroyed", "live"]


# --- what must be in order ------------------------------------------------------------------------


def test_a_clock_that_was_put_back_destroys_nothing(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.let_pass(days=100)
    archive.clock.forward(days=-1)

    with pytest.raises(ClockDoubted, match="clock"):
        archive.purge()

    archive.clock.forward(days=1)
    assert archive.purge().destroyed == 1


def test_a_restored_archive_destroys_nothing_before_it_is_reconciled(archive):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    archive.let_pass(days=100)
    plan = archive.plan()
    begin_only(archive, plan)
    with archive.office.catalogue.writing() as desk:
        facts.put(desk.connection, facts.UNRECONCILED, "yes")

    for deed in (lambda: archive.carry_out(plan), lambda: _resume(archive)):
        with pytest.raises(RestoreUnconfirmed):
            deed()
    assert len(archive.objects()) == 2

    with archive.office.catalogue.writing() as desk:
        facts.put(desk.connection, facts.UNRECONCILED, "")
    assert _resume(archive) == 2


def begin_only(archive: Archive, plan: Plan) -> None:
    """Carry *plan* out until the first byte would go."""

    class Unplugged(Exception):
        pass

    def unplug(_owners: object) -> int:
        raise Unplugged

    with archive.office.disposer() as disposer:
        disposer.objects.destroy = unplug
        with pytest.raises(Unplugged):
            dispose.carry_out(
                disposer,
                archive.person,
                plan,
                archive.office.schedule,
                on=archive.office.account.today(),
            )


def _resume(archive: Archive) -> int:
    with archive.office.disposer() as disposer:
        return dispose.finish_begun(disposer, archive.person).destroyed


def test_what_was_begun_is_finished_by_the_next_run(archive):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    archive.let_pass(days=100)
    begin_only(archive, archive.plan())
    assert {archive.item(n).life for n in "12"} == {"begun"}
    assert archive.found("friday") == ["1", "2"]

    assert _resume(archive) == 2

    assert {archive.item(n).life for n in "12"} == {"destroyed"}
    assert archive.found("friday") == []
    assert _resume(archive) == 0


def test_two_cannot_dispose_at_a_time(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.let_pass(days=100)
    plan = archive.plan()

    with archive.office.catalogue.exclusive("disposition"), pytest.raises(ArchiveBusy):
        archive.carry_out(plan)

    assert archive.item("1").life == "live"


# --- what is left ---------------------------------------------------------------------------------


def test_a_tombstone_says_that_it_was_and_nothing_of_what_it_said(archive):
    archive.capture(an_observation("1", TRANSITORY, author="ann", attachments=("picture",)))
    decided(archive, "1")
    archive.let_pass(days=100)
    before = archive.item("1")
    assert len(archive.objects("1")) == 3

    assert archive.purge().destroyed == 1

    stone = archive.item("1")
    assert (stone.item, stone.series, stone.published_at) == (
        before.item,
        "DEMO-100",
        before.published_at,
    )
    assert (stone.author, stone.fingerprint, stone.actor, stone.queued) == ("", "", "", False)
    assert archive.objects("1") == []


def test_a_certificate_names_what_was_destroyed_and_what_lies_outside_it(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.let_pass(days=100)
    archive.purge()

    (done,) = [leaf for leaf in told(archive) if leaf["k"] == "disposition.done"]
    paper = archive.office.objects.fetch(f"papers/certificate/{done['p']}.json")

    assert archive.item_id("1").encode() in paper
    assert b"copies the platform still shows or keeps" in paper
    assert TRANSITORY.encode() not in paper
    assert invariants.t1_the_copy_is_up_to_date(archive) == []


def test_a_large_purge_goes_in_batches_that_cut_no_thread(archive, monkeypatch):
    monkeypatch.setattr(dispose, "BATCH", 3)
    monkeypatch.setattr(dispose, "GROUP", 2)
    for n in range(0, 20, 2):
        archive.capture(
            an_observation(str(n), TRANSITORY), a_comment(str(n + 1), TRANSITORY, on=str(n))
        )
        decided(archive, str(n + 1))
    archive.let_pass(days=100)

    receipt = archive.purge()

    assert receipt.destroyed == 20
    assert len(receipt.batches) == 10
    assert {row["items"] for row in rows(archive, "SELECT items FROM batches")} == {2}


def test_what_is_held_does_not_fall_due(archive):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    archive.issue_hold("1")
    archive.let_pass(days=50)

    look = purging.look(archive.office.account, archive.office.schedule, days=30)
    assert (look.due, [item for item, *_ in look.upcoming]) == (0, [archive.item_id("2")])

    archive.let_pass(days=12)

    look = purging.look(archive.office.account, archive.office.schedule, days=30)
    assert (look.due, look.upcoming) == (2, [])
    assert list(look.stayed) == [(archive.item_id("1"), ("held H-0001",))]


def test_looking_touches_nothing_and_says_what_falls_due(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.let_pass(days=50)
    account, before = archive.office.account, len(told(archive))

    now = purging.look(account, archive.office.schedule)
    soon = purging.look(account, archive.office.schedule, days=30)

    assert (now.due, now.upcoming) == (0, [])
    assert soon.upcoming == [(archive.item_id("1"), account.today() + timedelta(days=11), True)]
    assert len(told(archive)) == before


def test_the_adoption_of_the_demonstration_is_what_these_tests_rest_on(archive):
    assert archive.office.schedule.adoption == replace(
        archive.office.schedule.adoption or _NONE,
        unattended_purge=True,
        automatic=frozenset({"rules"}),
        still_on_platform=StillOnPlatform.DESTROY,
    )


_NONE = Adoption(instrument="", number="", date=date(2020, 1, 1), signed_by=())


def test_a_plan_on_which_nothing_is_due_asks_for_no_authority_and_leaves_no_entry(archive):
    archive.clock.forward(days=100)
    plan = archive.plan()
    before = len(told(archive))

    receipt = archive.carry_out(plan)

    assert (plan.due, receipt.destroyed, list(receipt.stayed)) == (0, 0, [])
    assert len(told(archive)) == before
    assert rows(archive, "SELECT status FROM plans") == [{"status": "empty"}]
