"""Records requests: opening one freezes, closing it thaws nothing, and nothing thaws in silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from archiver.jobs.work import look_around
from archiver.procedures import hold, nightly, requests
from archiver.procedures.alerting import daily_line
from archiver.procedures.authority import demand_another_let_go
from archiver.procedures.nightly import Night
from archiver.procedures.rebuild import rebuild
from archiver.procedures.requests import NewRequest
from archiver.procedures.verify import verify
from archiver.records.errors import (
    ConfigInvalid,
    NotFound,
    NotPermitted,
    RegisterUnreadable,
    UnderHold,
)
from archiver.records.matters import MatterKind
from archiver.records.people import Role
from archiver.records.periods import Period
from archiver.records.promises import Promise
from archiver.records.requests import RequestKind
from archiver.records.series import Term, Trigger
from tests.archive import (
    TRANSITORY,
    Archive,
    a_colleague,
    an_archive,
    an_observation,
)
from tests.procedures.test_rebuild import (
    check_the_same,
    dumped,
    lose_the_catalogue,
    rebuilder_of,
)
from tests.proofs import invariants
from tests.proofs.invariants import told

KEPT = 730
"""More days than the file of a request is kept under the demonstration schedule."""


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = an_archive(tmp_path)
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", "a zebra"))
    yield archive
    archive.office.close()


def opened(archive: Archive, *, by=None, kind=RequestKind.CPRA, **criteria) -> str:
    account = archive.office.account
    new = NewRequest(number="26-0412", kind=kind, received_on=account.today(), about="Fridays")
    criteria = criteria or {"pages": [page_of(archive)]}
    found = requests.open_request(
        account, by or archive.person, new, archive.scope(**criteria), review_days=180
    )
    return found.request


def page_of(archive: Archive) -> str:
    return archive.office.keys.archive.page("scripted", archive.page.identity)


def close(archive: Archive, name: str = "R-0001", *, on: date | None = None) -> None:
    account = archive.office.account
    on = on or account.today()
    requests.close_request(account, archive.person, name, outcome="produced", on=on)


def known(archive: Archive) -> requests.Known:
    return requests.every(archive.office.account, archive.office.schedule)[0]


def days_on(archive: Archive, days: int) -> None:
    archive.clock.forward(days=days)
    archive.capture()


def thaw(archive: Archive, by=None) -> list[requests.Thawed]:
    office = archive.office
    return requests.thaw(office.account, by or office.service, office.schedule, cool_down_days=90)


def test_an_open_request_freezes_what_it_is_about_and_what_is_captured_later(archive):
    opened(archive)
    archive.capture(an_observation("3", TRANSITORY))
    days_on(archive, 120)

    assert archive.purge().destroyed == 0
    assert [archive.held_by(n) for n in "123"] == [["H-0001"]] * 3
    assert hold.named(archive.office.account, "H-0001").kind is MatterKind.RECORDS_REQUEST
    assert invariants.t2_the_ledger_tells_no_text(archive, "26-0412", "Fridays") == []
    assert invariants.faults_of(archive) == []


def test_what_a_search_finds_is_frozen_only_by_narrowing(archive):
    with pytest.raises(ConfigInvalid, match="until a person narrows it"):
        opened(archive, query="zebra")
    assert requests.every(archive.office.account, archive.office.schedule) == []


def test_a_person_narrows_an_open_request_and_what_thaws_cools_down(archive):
    opened(archive)
    days_on(archive, 120)
    account, signed = archive.office.account, archive.office.sign_in()
    deed = {"reason": "agreed", "scope": archive.scope(query="zebra"), "cool_down_days": 90}

    narrowed = requests.narrow_request(account, signed, "R-0001", **deed)

    assert (narrowed.left, narrowed.covered) == (1, 1)
    assert archive.purge().destroyed == 0
    days_on(archive, 89)
    assert archive.purge().destroyed == 0
    days_on(archive, 1)
    assert archive.purge().destroyed == 1


def test_closing_a_request_does_not_thaw(archive):
    opened(archive)
    close(archive)
    days_on(archive, 300)

    assert archive.purge().destroyed == 0
    assert thaw(archive) == []
    assert known(archive).ends > archive.office.account.today()


def test_a_closed_request_is_narrowed_by_counsel_alone(archive):
    opened(archive)
    close(archive)

    with pytest.raises(UnderHold, match="stays frozen"):
        requests.narrow_request(
            archive.office.account,
            archive.office.sign_in(),
            "R-0001",
            reason="r",
            scope=archive.scope(query="zebra"),
            cool_down_days=0,
        )
    assert archive.narrow_hold("H-0001", query="zebra").left == 1


@pytest.mark.parametrize(("early", "thawed"), [(1, 0), (0, 1), (-1, 1)])
def test_the_freeze_ends_on_the_first_day_after_the_requests_own_file(archive, early, thawed):
    opened(archive)
    close(archive)
    ends = known(archive).ends
    archive.clock.forward(days=(ends - archive.office.account.today()).days - early)

    assert len(thaw(archive)) == thawed
    assert len(thaw(archive)) == 0
    entries = [leaf for leaf in told(archive) if leaf["k"] == "hold.expired"]
    assert len(entries) == thawed
    assert all(leaf["by"] == archive.office.service.id for leaf in entries)
    assert invariants.faults_of(archive) == []


@pytest.mark.parametrize(
    ("trigger", "ends"), [(Trigger.REQUEST_CLOSED, False), (Trigger.COMPLAINT_CLOSED, True)]
)
def test_a_series_of_such_files_that_was_promised_and_dropped_ends_no_freeze(
    archive, trigger, ends
):
    opened(archive)
    close(archive)
    term = Term(trigger=trigger, period=Period(days=1))
    dropped = replace(archive.office.schedule, promised={"OLD": (Promise(terms=(term,)),)})

    (found,) = requests.every(archive.office.account, dropped)

    assert (found.ends is not None) == ends


def test_a_request_that_is_closed_backwards_freezes_as_long_as_one_closed_today(archive):
    account = archive.office.account
    received = account.today() - timedelta(days=5 * KEPT)
    new = NewRequest(number="1", kind=RequestKind.CPRA, received_on=received)
    scope = archive.scope(pages=[page_of(archive)])
    requests.open_request(account, archive.person, new, scope, review_days=180)
    opened(archive)

    close(archive, "R-0001", on=received)
    close(archive, "R-0002")

    backwards, today = requests.every(account, archive.office.schedule)
    assert backwards.row.request.closed_on == received
    assert backwards.ends == today.ends > account.today()
    assert thaw(archive) == []
    archive.clock.forward(days=(today.ends - account.today()).days)
    assert [one.request for one in thaw(archive)] == ["R-0001", "R-0002"]


@pytest.mark.parametrize("rebuilt", [False, True])
def test_whoever_enters_the_end_of_a_freeze_has_let_nothing_go(archive, rebuilt):
    opened(archive)
    close(archive)
    days_on(archive, 2 * KEPT)
    assert [one.cooling for one in thaw(archive, by=archive.person)] == [2]
    if rebuilt:
        lose_the_catalogue(archive)
        rebuild(rebuilder_of(archive))
        archive.reopen()
    days_on(archive, 90)
    plan = archive.plan()

    demand_another_let_go(archive.office.account, archive.person, plan.name, plan.n)

    assert plan.due == 1
    assert verify(archive.office.account, archive.office.objects, archive.office.index).whole


def test_whoever_lifts_a_freeze_carries_out_no_plan_of_its_items(archive):
    opened(archive)
    archive.lift_hold("H-0001")
    days_on(archive, 2 * KEPT)
    plan = archive.plan()

    with pytest.raises(NotPermitted, match="from H-0001"):
        demand_another_let_go(archive.office.account, archive.person, plan.name, plan.n)


@pytest.mark.parametrize(("days", "told"), [(0, 1), (7, 1), (8, 0)])
def test_a_thaw_is_told_for_a_week_in_status_and_in_the_line_of_the_day(archive, days, told):
    opened(archive)
    close(archive)
    archive.clock.forward(days=2 * KEPT)
    ended = archive.office.account.today()
    thaw(archive)
    archive.clock.forward(days=days)

    found = look_around(archive.office)

    said = f"the freeze of R-0001 (H-0001) on 2 items ended on {ended}, with the request's own file"
    assert found.notes.count(said) == told
    assert daily_line("Town", found).body.splitlines().count(f"- {said}") == told


def test_what_counsel_lifts_is_no_thaw(archive):
    opened(archive)
    archive.lift_hold("H-0001")

    assert look_around(archive.office).standing.thawed == ()


def test_what_thaws_at_night_cools_down_before_it_can_be_due(archive):
    opened(archive)
    close(archive)
    days_on(archive, (known(archive).ends - archive.office.account.today()).days)
    office = archive.office
    night = Night(
        account=office.account,
        person=office.service,
        schedule=office.schedule,
        capture=list,
        feed_index=archive.feed,
        disposer=office.disposer,
        carry_out=True,
    )

    report = nightly.work(night)

    assert [one.request for one in report.thawed] == ["R-0001"]
    assert report.purged.destroyed == 0
    days_on(archive, 90)
    assert nightly.work(night).purged.destroyed == 1


def test_counsel_ends_a_freeze_in_writing(archive):
    opened(archive)
    archive.lift_hold("H-0001", cool_down_days=90)

    assert known(archive).row.status.value == "lifted"
    close(archive)
    archive.clock.forward(days=2 * KEPT)
    assert thaw(archive) == []


def test_where_no_schedule_is_adopted_only_counsel_ends_a_freeze(archive):
    opened(archive)
    close(archive)

    (one,) = requests.every(archive.office.account, None)

    assert one.ends is None


def test_a_complaint_is_kept_by_the_file_of_complaints(archive):
    opened(archive, kind=RequestKind.COMPLAINT)
    close(archive)

    assert known(archive).row.request.closes.value == "complaint_closed"


def test_who_may_not_take_requests_opens_none(archive):
    with pytest.raises(NotPermitted):
        opened(archive, by=a_colleague(archive, Role.AUDITOR))


def test_a_request_is_received_and_closed_on_days_that_were(archive):
    account = archive.office.account
    tomorrow = account.today() + timedelta(days=1)
    new = NewRequest(number="1", kind=RequestKind.PIA, received_on=tomorrow)
    with pytest.raises(ConfigInvalid, match=r"--received .* has not come yet") as early:
        requests.open_request(account, archive.person, new, archive.scope("1"), review_days=9)
    assert early.value.remedy == "Give the day on which the request came in."

    opened(archive)
    for on in (account.today() - timedelta(days=1), tomorrow):
        with pytest.raises(ConfigInvalid, match="is not a day between"):
            close(archive, on=on)
    close(archive)
    with pytest.raises(NotFound, match="closed before"):
        close(archive)
    with pytest.raises(NotFound, match="no request R-0009"):
        close(archive, "R-0009")


def test_a_number_is_that_of_one_request_of_its_kind_for_ever(archive):
    first, other = opened(archive), opened(archive, kind=RequestKind.COMPLAINT)
    before = archive.objects()

    with pytest.raises(ConfigInvalid, match=f"26-0412: {first} is the cpra request") as refusal:
        opened(archive)

    assert f"archiver requests show {first}" in refusal.value.remedy
    assert archive.objects() == before, "nothing is written of it"
    close(archive, first)
    with pytest.raises(ConfigInvalid, match=first):
        opened(archive)
    register = requests.every(archive.office.account, archive.office.schedule)
    assert [each.row.request.id for each in register] == [first, other]


@pytest.mark.parametrize(
    ("spoiled", "named"),
    [
        ("DROP TABLE requests", "register of records requests is not there"),
        ("UPDATE requests SET kind = 'rumour'", "register of records requests"),
        ("ALTER TABLE holds RENAME TO held_back", "register of holds is not there"),
        ("UPDATE holds SET scope = 'nothing'", "register of holds"),
        ("UPDATE holds SET status = 'forgotten'", "register of holds"),
    ],
)
def test_where_no_register_can_be_read_nothing_is_destroyed(archive, spoiled, named):
    opened(archive)
    days_on(archive, 120)
    with archive.office.catalogue.writing_raw() as connection:
        connection.exec_driver_sql(spoiled)

    with pytest.raises(RegisterUnreadable, match=named):
        archive.purge()

    assert archive.item("1").life == "live"
    assert archive.objects("1")


@pytest.mark.parametrize("stage", ["open", "narrowed", "closed", "expired"])
def test_a_rebuild_in_the_middle_of_a_request_gives_it_back(archive, stage):
    stages = ["open", "narrowed", "closed", "expired"]
    reached = stages.index(stage)
    opened(archive)
    if reached >= 1:
        requests.narrow_request(
            archive.office.account,
            archive.office.sign_in(),
            "R-0001",
            reason="agreed",
            scope=archive.scope(query="zebra"),
            cool_down_days=90,
        )
    if reached >= 2:
        close(archive)
    if reached >= 3:
        archive.clock.forward(days=2 * KEPT)
        assert len(thaw(archive)) == 1
    before = dumped(archive)
    lose_the_catalogue(archive)

    rebuild(rebuilder_of(archive))
    archive.reopen()

    check_the_same(before, dumped(archive))
    assert known(archive).row.request.number == "26-0412"
