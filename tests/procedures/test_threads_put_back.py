"""A thread's row that somebody puts back as it once stood makes nothing in it due any sooner.

Its seal was true once. What is known of the items in it tells that it was active since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import update

from archiver.catalogue import tables
from archiver.procedures.foreseeing import foresee
from archiver.procedures.hold import named
from archiver.records.captures import PlatformState
from archiver.records.locking import LockMode
from archiver.records.periods import Period
from tests.archive import TRANSITORY, Archive, a_comment, an_archive, an_observation, gone
from tests.procedures.test_dispose import decided
from tests.procedures.test_edits_behind_us import behind_us, rows_of
from tests.procedures.test_locking import Vault, lock
from tests.procedures.test_rebuild import lose_the_catalogue, rebuilt
from tests.procedures.test_simulating import simulated
from tests.procedures.test_verify import proved

DUE, OTHER, LATE = "1", "2", "3"


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    """An archive of two posts, which both are transitory; an older wording of one is known."""
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(an_observation(DUE, TRANSITORY), an_observation(OTHER, TRANSITORY))
    archive.capture(an_observation(DUE, "an older wording", current=False))
    decided(archive, DUE)
    yield archive
    archive.office.close()


def _edited(archive: Archive) -> None:
    archive.capture(an_observation(DUE, TRANSITORY + "!"))


def _older(archive: Archive) -> None:
    archive.capture(an_observation(DUE, "an even older wording", current=False))


def _hidden(archive: Archive) -> None:
    archive.capture(gone(DUE, PlatformState.HIDDEN))
    archive.capture(gone(DUE, PlatformState.PRESENT))


def _answered(archive: Archive) -> None:
    archive.capture(a_comment(LATE, TRANSITORY, on=DUE, at=archive.clock.now))


CHANGES: dict[str, Callable[[Archive], None]] = {
    "edited": _edited,
    "of which an even older wording came to light": _older,
    "hidden for a while": _hidden,
    "answered": _answered,
}


def put_back(archive: Archive, row: dict[str, object]) -> None:
    told = {name: row[name] for name in ("last_activity", "seal")}
    behind_us(archive, update(tables.threads).where(tables.threads.c.n == row["n"]).values(told))


def copied(archive: Archive) -> dict[str, object]:
    number = archive.item(DUE).thread_n
    (row,) = [row for row in rows_of(archive, tables.threads) if row["n"] == number]
    return row


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_thread_put_back_to_before_it_was_active_stays_and_is_named(archive, change):
    before = copied(archive)
    archive.let_pass(days=50)
    change(archive)
    decided(archive, DUE)
    after = copied(archive)
    assert proved(archive).ok
    archive.let_pass(days=59)  # its items would be due by the row that is put back alone
    put_back(archive, before)

    assert dict(archive.plan().stayed)[archive.item_id(DUE)] == ("edited_behind_us",)
    archive.purge()

    assert (archive.item(DUE).life, archive.item(OTHER).life) == ("live", "destroyed")
    named = {fault.name for fault in proved(archive).edited if "of its thread" in fault.why}
    assert named == {archive.item_id(DUE)}
    put_back(archive, after)
    assert proved(archive).ok
    archive.let_pass(days=2)
    archive.purge()
    assert archive.item(DUE).life == "destroyed"


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_rebuild_tells_the_same_activity(archive, change):
    archive.let_pass(days=50)
    change(archive)
    before = copied(archive)["last_activity"]

    lose_the_catalogue(archive)
    rebuilt(archive)

    assert copied(archive)["last_activity"] == before
    assert proved(archive).ok


def test_what_was_captured_with_its_history_was_not_active_when_it_was_captured(archive):
    archive.let_pass(days=50)
    seen = [an_observation(LATE, text, current=text == "new") for text in ("old", "older", "new")]

    archive.capture(*seen, a_comment("4", TRANSITORY, on=LATE))

    assert proved(archive).ok
    lose_the_catalogue(archive)
    rebuilt(archive)
    assert proved(archive).ok


# --- what looks ahead -----------------------------------------------------------------------


@pytest.fixture
def answered(archive) -> Archive:
    """The archive with the row of a thread put back to before it was answered."""
    before = copied(archive)
    archive.let_pass(days=50)
    _answered(archive)
    put_back(archive, before)
    return archive


def test_a_simulation_gives_no_day_to_what_was_put_back(answered):
    schedule = answered.office.schedule
    longer = replace(schedule.series["DEMO-100"], period=Period(days=90))
    other = replace(schedule, series={**schedule.series, "DEMO-100": longer}, digest="9" * 64)

    found = simulated(answered, schedule, other)

    assert answered.item_id(OTHER) in found
    assert answered.item_id(DUE) not in found


def test_it_is_foreseen_for_no_day_that_what_was_put_back_falls_due(answered):
    answered.issue_hold(DUE)
    answered.issue_hold(OTHER)
    account, schedule = answered.office.account, answered.office.schedule

    days = [
        foresee(account, schedule, named(account, hold), cool_down_days=30).first_day
        for hold in ("H-0001", "H-0002")
    ]

    assert days[0] is None
    assert days[1] is not None


def test_a_store_that_writes_once_keeps_what_was_put_back_flagged(answered):
    vault = Vault(answered, LockMode.GOVERNANCE)

    lock(answered, vault)

    states = {n: vault.lock_states([answered.item_id(n)]) for n in (DUE, OTHER)}
    assert all(one.flagged for one in states[DUE])
    assert not any(one.flagged for one in states[OTHER])
