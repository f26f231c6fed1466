"""An item's row that somebody puts back as it once stood lets nothing go, whatever its seal says.

Who copies a row, waits until the archive has changed it, and writes the copy back has a seal that
was once true. The ledger tells of the change; the row does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import update

from archiver.catalogue import tables
from archiver.procedures import amending, ordering, review
from archiver.procedures.planning import Wanted, plan
from archiver.procedures.purging import look
from archiver.procedures.triggering import enter_trigger
from archiver.records.captures import PlatformState
from archiver.records.classification import Tag
from archiver.records.orders import Effect
from archiver.records.series import Trigger
from tests.archive import SUBSTANTIVE, TRANSITORY, Archive, an_archive, an_observation, gone
from tests.procedures.court import confirmed
from tests.procedures.test_approving import signed
from tests.procedures.test_edits_behind_us import behind_us, rows_of
from tests.procedures.test_rebuild import lose_the_catalogue, rebuilt
from tests.procedures.test_sampling import archive as sampled  # noqa: F401 - it is a fixture
from tests.procedures.test_sampling import drawn, judge, purged
from tests.procedures.test_verify import proved

DUE, OTHER = "1", "2"


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    """An archive of two posts, which both are transitory."""
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(an_observation(DUE, TRANSITORY), an_observation(OTHER, TRANSITORY))
    yield archive
    archive.office.close()


def _decided(archive: Archive, tag: Tag = Tag.SUBSTANTIVE, series: str = "DEMO-200") -> None:
    office, item = archive.office, archive.item_id(DUE)
    deed = {"tag": tag, "series": series, "reason": "a look at it"}
    review.decide(office.account, office.objects, archive.person, office.schedule, item, **deed)


def _edited(archive: Archive) -> None:
    archive.capture(an_observation(DUE, SUBSTANTIVE))


def _hidden(archive: Archive) -> None:
    archive.capture(gone(DUE, PlatformState.HIDDEN))


def _declared(archive: Archive) -> None:
    office, counsel = archive.office, signed(archive.person)
    item = archive.item_id(DUE)
    review.declare(office.account, office.objects, counsel, item, reason="done with")


def _triggered(archive: Archive) -> None:
    office, counsel = archive.office, signed(archive.person)
    some, day = [archive.item_id(DUE)], office.account.today()
    objects, trigger = office.objects, Trigger.CASE_CLOSED
    enter_trigger(office.account, objects, counsel, some, trigger, day, reason="closed")


def _lifted(archive: Archive) -> None:
    archive.lift_hold(archive.issue_hold(DUE).hold, cool_down_days=200)


def _narrowed(archive: Archive) -> None:
    hold = archive.issue_hold(DUE, OTHER).hold
    archive.narrow_hold(hold, OTHER, cool_down_days=200)
    archive.lift_hold(hold)


def _extended(archive: Archive) -> None:
    archive.let_pass(days=100)
    account, schedule = archive.office.account, archive.office.schedule
    made = plan(account, archive.person, schedule, on=account.today(), wanted=Wanted())
    only = [archive.item_id(DUE)]
    counsel = signed(archive.person)
    amending.extend(account, counsel, made.name, days=200, reason="a claim", only=only)


CHANGES: dict[str, Callable[[Archive], None]] = {
    "kept longer than a plan said": _extended,
    "decided by a person": _decided,
    "edited": _edited,
    "hidden": _hidden,
    "declared to be of no more value": _declared,
    "a day entered": _triggered,
    "let go with a hold that was lifted": _lifted,
    "let go with a hold that was narrowed": _narrowed,
}


def put_back(archive: Archive, row: dict[str, object]) -> None:
    behind_us(archive, update(tables.items).where(tables.items.c.n == row["n"]).values(row))


def copied(archive: Archive, native_id: str = DUE) -> dict[str, object]:
    (row,) = [r for r in rows_of(archive, tables.items) if r["item"] == archive.item_id(native_id)]
    return row


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_item_put_back_as_it_stood_before_the_last_word_stays_and_is_named(archive, change):
    before = copied(archive)
    change(archive)
    assert proved(archive).ok
    archive.let_pass(days=100)
    put_back(archive, before)

    archive.purge()

    assert (archive.item(DUE).life, archive.item(OTHER).life) == ("live", "destroyed")
    told = {fault.name: fault.why for fault in proved(archive).edited}
    assert "a later state" in told[archive.item_id(DUE)]


def test_one_put_back_to_before_it_was_out_of_sight_for_a_while_stays(archive):
    _decided(archive, Tag.TRANSITORY, "DEMO-100")
    before = copied(archive)
    archive.capture(gone(DUE))
    archive.capture(gone(DUE, PlatformState.PRESENT))
    _decided(archive, Tag.TRANSITORY, "DEMO-100")
    archive.let_pass(days=100)
    put_back(archive, before)

    assert archive.purge().destroyed == 1
    assert archive.item(DUE).life == "live"


def test_the_plan_says_why_it_stays_and_asks_again_the_next_day(archive):
    before = copied(archive)
    _edited(archive)
    after = copied(archive)
    archive.let_pass(days=100)
    put_back(archive, before)
    office = archive.office

    for _night in range(2):
        made = archive.plan()
        assert dict(made.stayed)[archive.item_id(DUE)] == ("edited_behind_us",)
        archive.clock.forward(days=1)
    put_back(archive, after)

    assert archive.item_id(DUE) not in dict(look(office.account, office.schedule).stayed)
    assert proved(archive).ok


def test_a_plan_that_people_approve_does_not_list_it_either(archive):
    before = copied(archive)
    _edited(archive)
    put_back(archive, before)
    account, schedule = archive.office.account, archive.office.schedule
    archive.clock.forward(days=9_000)
    archive.capture()

    made = plan(account, archive.person, schedule, on=account.today(), wanted=Wanted())

    assert archive.item_id(DUE) in dict(made.stayed)


def test_one_decided_on_and_put_back_between_plan_and_purge_stays(archive):
    archive.let_pass(days=100)
    planned = archive.plan()
    assert planned.due == 2
    before = copied(archive)
    _decided(archive)
    put_back(archive, before)

    archive.carry_out(planned)

    assert (archive.item(DUE).life, archive.item(OTHER).life) == ("live", "destroyed")


def test_one_put_back_to_before_a_sample_sent_it_to_review_is_planned_by_nobody(
    sampled,  # noqa: F811 - a fixture
):
    at = sampled.clock.now
    sampled.capture(*(an_observation(n, "Thanks!", at=at) for n in (DUE, OTHER)))
    sampled.let_pass(days=100)
    purged(sampled)
    before = copied(sampled)
    judge(sampled, drawn(sampled)[0], record=True)
    after = copied(sampled)
    put_back(sampled, before)

    night = purged(sampled)

    assert (night.sample, night.destroyed) == ("", 0)
    assert (sampled.item_id(DUE), ("edited_behind_us",)) in night.stayed
    told = {fault.name: fault.why for fault in proved(sampled).edited}
    assert "a later state" in told[sampled.item_id(DUE)]
    put_back(sampled, after)


# --- what is no earlier state -----------------------------------------------------------------


def test_what_a_sample_sent_back_to_review_is_as_the_ledger_tells(sampled):  # noqa: F811 - a fixture
    at = sampled.clock.now
    sampled.capture(*(an_observation(n, "Thanks!", at=at) for n in (DUE, OTHER)))
    sampled.capture(gone(DUE, PlatformState.UNKNOWN))
    sampled.let_pass(days=100)
    purged(sampled)

    judge(sampled, drawn(sampled)[0], record=True)

    assert sampled.item(DUE).tag == "undetermined"
    assert proved(sampled).ok


def test_what_an_order_restricted_and_a_later_one_opened_is_as_the_ledger_tells(
    archive, chief, text
):
    name = confirmed(archive, chief, text, Effect.RESTRICT, DUE)
    _edited(archive)
    assert archive.item(DUE).restricted

    ordering.lift(archive.office.account, signed(archive.person), name, text)

    assert not archive.item(DUE).restricted
    assert proved(archive).ok


def test_what_changed_in_every_way_there_is_stands_as_the_ledger_tells_and_so_does_its_rebuild(
    archive,
):
    for change in CHANGES.values():
        change(archive)
        assert proved(archive).ok

    lose_the_catalogue(archive)
    rebuilt(archive)

    assert proved(archive).ok
