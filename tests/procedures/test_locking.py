"""Locking: what the store is told to forbid, as holds, classes and dates come and go."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from archiver.catalogue import items, object_locks, tables
from archiver.catalogue.kept_files import AttachmentRow, add_attachments
from archiver.objects.locking_memory import LockingMemory
from archiver.ports import NewObject
from archiver.procedures import dispose
from archiver.procedures.errands import Receipt
from archiver.procedures.locking import Locked, lock_objects
from archiver.procedures.rebuild import Rebuilder, rebuild
from archiver.procedures.status import Viewpoint, status
from archiver.procedures.store_locks import StoreHolds, demand_unlocked, free, protected
from archiver.procedures.verify import Verdict, verify
from archiver.procedures.verify_locks import check_locks
from archiver.records.classification import Tag
from archiver.records.errors import DestructionUnproven, LockedByStore, ObjectError
from archiver.records.identity import ObjectRef, Part, sha256
from archiver.records.locking import LockChange, LockMode, LockState
from tests.archive import TRANSITORY, Archive, a_comment, an_archive, an_observation
from tests.procedures.test_rebuild import DyingStore, Interrupted

DUE = date(2026, 5, 2)
"""The first day of disposition of what is transitory and was posted when the archive began."""


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = an_archive(tmp_path, index="memory:")
    yield archive
    archive.office.close()


class Vault(LockingMemory):
    """A store that writes once, beside the archive's own; *asked* lists what it was told."""

    def __init__(self, archive: Archive, mode: LockMode) -> None:
        super().__init__(mode=mode, may_destroy=True, clock=lambda: archive.clock().timestamp())
        self.asked: list[LockChange] = []
        self.refuses = False
        self.meanwhile: list[Callable[[], object]] = []

    def change_locks(self, changes) -> None:
        """Change locks; what happens *meanwhile* happens once."""
        if self.refuses:
            raise ObjectError("the store refused")
        while self.meanwhile:
            self.meanwhile.pop()()
        self.asked.extend(changes)
        super().change_locks(changes)


@pytest.fixture(params=[LockMode.GOVERNANCE, LockMode.COMPLIANCE])
def vault(request, archive) -> Vault:
    return Vault(archive, request.param)


def keep(archive: Archive, vault: Vault) -> None:
    """Have *vault* keep what the archive does."""
    store = archive.office.objects
    vault.keep([NewObject(one.ref, store.read(one.ref)) for one in store.listing()])


def lock(archive: Archive, vault: Vault, **bounds: int) -> Locked:
    keep(archive, vault)
    return lock_objects(archive.office.account, vault, archive.office.schedule, **bounds)


def state(archive: Archive, vault: Vault, native_id: str) -> LockState:
    """Give the locks of the one version of an item."""
    states = vault.lock_states([archive.item_id(native_id)])
    [found] = [one for one in states if one.ref.part is Part.CONTENT]
    return found


def first_moment(archive: Archive, day: date) -> datetime:
    return datetime.combine(day, time(), archive.office.config.zone).astimezone(UTC)


def drift(archive: Archive, vault: Vault) -> list[str]:
    office = archive.office
    return [fault.why for fault in check_locks(office.account, vault, office.schedule).drifted]


# --- dates and doubt ------------------------------------------------------------------------


def test_what_has_a_day_is_retained_until_it_begins_where_the_agency_is(archive, vault):
    archive.capture(an_observation("1", TRANSITORY))

    done = lock(archive, vault)

    found = state(archive, vault, "1")
    assert (found.flagged, found.until) == (False, first_moment(archive, DUE))
    assert found.mode is vault.mode
    assert (done.items, done.flagged, done.dated) == (1, 0, 1)


def test_the_status_counts_what_waits_for_its_locks_where_the_store_has_any(archive, vault):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))

    before = waiting_by_status(archive, locks=True)
    lock(archive, vault)

    assert before == 2
    assert waiting_by_status(archive, locks=True) == 0
    assert waiting_by_status(archive, locks=False) is None


def waiting_by_status(archive: Archive, *, locks: bool) -> int | None:
    office = archive.office
    view = Viewpoint(
        account=office.account,
        index=office.index,
        schedule=office.schedule,
        pages=(),
        importing=frozenset(),
        nightly=time(2),
        recipients=0,
        demonstration=True,
        carry_out=False,
        free_bytes=None,
        locks=locks,
    )
    found = status(view)
    told = f"{found.standing.locks_waiting} items wait for locks in the object store"
    assert (told in found.notes) is bool(found.standing.locks_waiting)
    return found.standing.locks_waiting


def test_what_nobody_can_date_is_flagged_and_dated_once_a_person_says_what_it_is(archive, vault):
    archive.capture(an_observation("1"))
    lock(archive, vault)
    first = state(archive, vault, "1")

    archive.decide("1", "DEMO-100", tag=Tag.TRANSITORY, reason="a greeting")
    lock(archive, vault)

    assert (first.flagged, first.until) == (True, None)
    then = state(archive, vault, "1")
    assert (then.flagged, then.until) == (False, first_moment(archive, DUE))


def test_every_version_and_file_is_locked_also_those_that_come_later(archive, vault):
    archive.capture(an_observation("1", attachments=["photo"]))
    lock(archive, vault)
    archive.clock.forward(days=1)
    archive.capture(an_observation("1", "We sent two patrols.", attachments=["photo", "map"]))
    unlocked = [s for s in _after_keeping(archive, vault) if not s.flagged]

    lock(archive, vault)

    assert len(unlocked) == 2
    assert all(s.flagged for s in vault.lock_states([archive.item_id("1")]))
    assert lock(archive, vault).items == 0


def _after_keeping(archive: Archive, vault: Vault) -> list[LockState]:
    keep(archive, vault)
    return vault.lock_states([archive.item_id("1")])


def test_nothing_is_asked_of_the_store_twice(archive, vault):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2"))
    lock(archive, vault)
    vault.asked.clear()

    assert lock(archive, vault) == Locked()
    assert vault.asked == []


def test_a_date_that_moves_on_is_followed_only_once_little_of_the_lock_is_left(archive, vault):
    archive.capture(an_observation("1", TRANSITORY, attachments=()))
    lock(archive, vault)
    first = state(archive, vault, "1").until
    archive.lift_hold(archive.issue_hold("1").hold, cool_down_days=300)
    lock(archive, vault)
    soon = state(archive, vault, "1").until

    archive.clock.forward(days=10)
    lock(archive, vault)

    later = state(archive, vault, "1").until
    assert first == first_moment(archive, DUE)
    assert soon is not None
    assert later is not None
    assert soon >= first
    assert later == first_moment(archive, date(2026, 12, 27))


def test_a_lock_that_reaches_far_enough_for_now_is_looked_at_again_in_time(archive, vault):
    archive.capture(an_observation("1", TRANSITORY))
    keep(archive, vault)
    archive.clock.forward(days=-30)  # ninety days before it is due
    lock(archive, vault)
    archive.clock.forward(days=1)
    archive.lift_hold(archive.issue_hold("1").hold, cool_down_days=300)
    lock(archive, vault)
    held_back = state(archive, vault, "1").until

    archive.clock.forward(days=30)
    lock(archive, vault)

    assert held_back == first_moment(archive, DUE)
    assert state(archive, vault, "1").until == first_moment(archive, date(2026, 11, 28))


def test_what_is_due_is_locked_no_more_and_goes(archive, vault):
    archive.capture(an_observation("1", TRANSITORY))
    lock(archive, vault)
    archive.clock.now = first_moment(archive, DUE)
    owner = archive.item_id("1")

    lock(archive, vault)

    assert protected(archive.office.account, vault, [owner]) == {}
    assert vault.destroy([owner]) == 1


def test_no_lock_is_ever_made_shorter_also_when_the_item_is_due_earlier_now(archive, vault):
    archive.capture(an_observation("1", TRANSITORY))
    keep(archive, vault)
    far = first_moment(archive, date(2031, 1, 1))
    ref = state(archive, vault, "1").ref
    vault.change_locks([LockChange(ref=ref, version=None, until=far)])

    lock(archive, vault)

    assert state(archive, vault, "1").until == far


def test_a_run_may_stop_after_any_batch_and_the_next_goes_on(archive, vault):
    archive.capture(*(an_observation(str(n)) for n in range(3)))

    first = lock(archive, vault, most=1)
    second = lock(archive, vault)

    assert first.items + second.items == 3
    assert all(state(archive, vault, str(n)).flagged for n in range(3))


def test_what_a_store_refuses_waits_for_the_next_run(archive, vault):
    archive.capture(an_observation("1"))
    vault.refuses = True
    with pytest.raises(ObjectError):
        lock(archive, vault)
    vault.refuses = False

    assert lock(archive, vault).flagged == 1


def test_whatever_stirs_a_thread_has_the_store_told_anew(archive, vault):
    archive.capture(an_observation("1"), an_observation("2"))
    lock(archive, vault)
    with archive.office.catalogue.writing() as desk:
        items.look_again(desk.connection, [archive.item("1").n], 0)

    assert lock(archive, vault).items == 1


def a_late_file(archive: Archive) -> None:
    """Have a file of the item come after it, as one does that could not be had at first."""
    ref = ObjectRef(archive.item_id("1"), Part.ATTACHMENT, sha256(b"photo"), "aa")
    archive.office.objects.keep([NewObject(ref, b"photo")])
    row = AttachmentRow(
        item_n=archive.item("1").n,
        slot=ref.slot,
        digest=ref.digest,
        size=5,
        store_version=None,
        media_type="image/png",
    )
    with archive.office.catalogue.writing() as desk:
        add_attachments(desk.connection, [row], archive.office.keys.archive)


def test_a_file_that_could_be_had_only_later_is_locked_too(archive, vault):
    archive.capture(an_observation("1"))
    lock(archive, vault)
    a_late_file(archive)

    lock(archive, vault)

    states = vault.lock_states([archive.item_id("1")])
    assert [s.flagged for s in states] == [True, True]


def test_what_comes_while_the_store_is_told_is_locked_by_the_next_run(archive, vault):
    archive.capture(an_observation("1"))
    vault.meanwhile.append(lambda: a_late_file(archive))
    lock(archive, vault)

    again = lock(archive, vault)

    states = vault.lock_states([archive.item_id("1")])
    assert again.items == 1
    assert [s.flagged for s in states] == [True, True]


def test_what_begins_to_be_destroyed_meanwhile_is_left_without_a_flag(archive, vault):
    archive.capture(an_observation("1"))
    row, key = archive.item("1"), archive.office.account.key

    def begin() -> None:
        with archive.office.catalogue.writing() as desk:
            items.change(desk.connection, [replace(row, life=items.BEGUN).sealed(key)])

    vault.meanwhile.append(begin)
    lock(archive, vault)

    assert [change.flag for change in vault.asked] == [True, False]
    assert not state(archive, vault, "1").flagged


# --- holds ----------------------------------------------------------------------------------


def test_a_held_item_is_flagged_whatever_its_date_and_freed_when_the_hold_is_lifted(archive, vault):
    archive.capture(an_observation("1", TRANSITORY))
    lock(archive, vault)
    issued = archive.issue_hold("1")
    holds = StoreHolds(archive.office.account, vault)
    holds.hold([archive.item_id("1")])
    held = state(archive, vault, "1")
    lock(archive, vault)
    still = state(archive, vault, "1")

    archive.lift_hold(issued.hold)
    holds.release([archive.item_id("1")])
    lock(archive, vault)

    assert (held.flagged, still.flagged) == (True, True)
    assert not state(archive, vault, "1").flagged
    assert drift(archive, vault) == []


def test_a_flag_set_for_a_hold_is_known_for_ours_also_if_no_run_came_between(archive, vault):
    archive.capture(an_observation("1", TRANSITORY))
    lock(archive, vault)
    issued = archive.issue_hold("1")
    holds = StoreHolds(archive.office.account, vault)
    holds.hold([archive.item_id("1")])
    archive.lift_hold(issued.hold)
    holds.release([archive.item_id("1")])

    lock(archive, vault)

    assert not state(archive, vault, "1").flagged


def test_a_flag_that_another_reason_keeps_stays_when_a_hold_is_lifted(archive, vault):
    archive.capture(an_observation("1"))
    lock(archive, vault)
    issued = archive.issue_hold("1")
    holds = StoreHolds(archive.office.account, vault)
    holds.hold([archive.item_id("1")])
    archive.lift_hold(issued.hold)
    holds.release([archive.item_id("1")])

    lock(archive, vault)

    assert state(archive, vault, "1").flagged


def test_what_is_captured_under_a_hold_is_flagged_after_the_capture(archive, vault):
    archive.capture(an_observation("1", TRANSITORY))
    archive.issue_hold(query="friday")
    archive.capture(an_observation("2", TRANSITORY))

    lock(archive, vault)

    assert state(archive, vault, "2").flagged


def test_an_item_held_before_the_store_ever_heard_of_it_keeps_its_flag(archive, vault):
    archive.capture(an_observation("1", TRANSITORY))
    keep(archive, vault)
    archive.issue_hold("1")
    StoreHolds(archive.office.account, vault).hold([archive.item_id("1")])

    lock(archive, vault)

    found = state(archive, vault, "1")
    assert (found.flagged, found.until) == (True, first_moment(archive, DUE))


def test_a_legal_hold_that_somebody_else_set_is_left_alone_and_named(archive, vault):
    archive.capture(an_observation("1", TRANSITORY))
    lock(archive, vault)
    ref = state(archive, vault, "1").ref
    vault.change_locks([LockChange(ref=ref, version=None, flag=True)])
    with archive.office.catalogue.writing() as desk:
        object_locks.look_again(desk.connection)

    lock(archive, vault)

    assert state(archive, vault, "1").flagged
    assert drift(archive, vault) == ["the store has a legal hold on it that is not ours"]


# --- what disposition and orders ask --------------------------------------------------------


def test_only_a_flag_or_compliance_stands_in_the_way_of_a_disposition(archive, vault):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2"))
    lock(archive, vault)
    dated, doubtful = archive.item_id("1"), archive.item_id("2")

    found = protected(archive.office.account, vault, [dated, doubtful])

    due = {dated: first_moment(archive, DUE)} if vault.mode is LockMode.COMPLIANCE else {}
    assert found == {doubtful: None, **due}


def test_an_order_to_destroy_under_compliance_is_refused_naming_the_date(archive, vault):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2"))
    lock(archive, vault)
    account, doubtful = archive.office.account, archive.item_id("2")
    both = [archive.item_id("1"), doubtful]

    if vault.mode is LockMode.COMPLIANCE:
        with pytest.raises(LockedByStore, match=r"before 2026-05-02") as caught:
            demand_unlocked(account, vault, both)
        assert archive.item_id("1")[:12] in str(caught.value)
        assert doubtful[:12] not in str(caught.value)
    else:
        demand_unlocked(account, vault, both)


def test_an_order_that_may_be_carried_out_takes_the_flags_away_first(archive, vault):
    archive.capture(an_observation("2"))
    lock(archive, vault)
    owner = archive.item_id("2")
    demand_unlocked(archive.office.account, vault, [owner])
    with pytest.raises(DestructionUnproven):
        vault.destroy([owner])

    free(archive.office.account, vault, [owner])

    assert vault.destroy([owner]) == 1


def test_what_the_store_would_refuse_stays_due_is_named_and_goes_once_it_lets_go(archive, vault):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    lock(archive, vault)
    archive.clock.forward(days=100)
    archive.capture()
    lock(archive, vault)
    ref = state(archive, vault, "1").ref
    vault.change_locks([LockChange(ref=ref, version=None, flag=True)])

    first = purge(archive, vault)
    life = archive.item("1").life
    vault.change_locks([LockChange(ref=ref, version=None, flag=False)])

    assert (first.destroyed, life) == (1, "live")
    assert list(first.stayed) == [(archive.item_id("1"), ("due_blocked_by_store DEMO-100",))]
    assert purge(archive, vault).destroyed == 1


def test_what_compliance_retains_stays_due_until_the_date_that_is_named(archive, vault):
    archive.capture(an_observation("1", TRANSITORY))
    keep(archive, vault)
    archive.clock.forward(days=100)
    archive.capture()
    far = first_moment(archive, archive.office.account.today() + timedelta(days=10))
    ref = state(archive, vault, "1").ref
    vault.change_locks([LockChange(ref=ref, version=None, until=far)])

    receipt = purge(archive, vault)

    if vault.mode is LockMode.GOVERNANCE:
        assert receipt.destroyed == 1
    else:
        [(_, why)] = receipt.stayed
        assert why == ("due_blocked_by_store DEMO-100 until 2026-06-20",)


def purge(archive: Archive, vault: Vault) -> Receipt:
    """Plan and carry out, with the word of *vault* on what it would refuse."""
    office, plan = archive.office, archive.plan()
    with office.disposer() as disposer:
        return dispose.carry_out(
            replace(disposer, locker=vault),
            archive.person,
            plan,
            office.schedule,
            on=office.account.today(),
        )


def test_what_is_destroyed_leaves_no_row_about_its_locks(archive, vault):
    archive.capture(an_observation("1", TRANSITORY))
    lock(archive, vault)
    n = archive.item("1").n
    archive.clock.forward(days=100)
    archive.capture()

    archive.purge()

    with archive.office.catalogue.reading() as connection:
        assert object_locks.of_items(connection, [n]) == {}
    assert lock_objects(archive.office.account, vault, archive.office.schedule).items == 0


# --- verify and rebuild ---------------------------------------------------------------------


def proved(archive: Archive, vault: Vault) -> Verdict:
    office = archive.office
    return verify(
        office.account,
        office.objects,
        office.index,
        locks=lambda: check_locks(office.account, vault, office.schedule),
        blocking=lambda items: protected(office.account, vault, items),
    )


def test_an_archive_whose_locks_are_as_they_were_set_is_whole(archive, vault):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2"), a_comment("3", on="2"))
    archive.issue_hold("1")
    lock(archive, vault)

    assert proved(archive, vault).ok
    assert proved(archive, vault).drifted == []


def test_what_was_begun_and_the_store_lets_nobody_destroy_is_named(archive, vault):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    archive.let_pass(days=100)
    lock(archive, vault)
    made, office = archive.plan(), archive.office
    with office.disposer() as true:
        dying, on = replace(true, objects=DyingStore()), office.account.today()
        with pytest.raises(Interrupted):
            dispose.carry_out(dying, archive.person, made, office.schedule, on=on)
    ref = state(archive, vault, "1").ref
    vault.change_locks([LockChange(ref=ref, version=None, flag=True)])

    (begun,) = proved(archive, vault).unfinished

    assert set(begun.items) == {archive.item_id("1"), archive.item_id("2")}
    assert list(begun.blocked) == [archive.item_id("1")]


def test_locks_that_cannot_be_compared_are_said_and_the_rest_is_looked_at(archive, vault):
    archive.capture(an_observation("1", TRANSITORY))
    archive.issue_hold("1")
    lock(archive, vault)
    with archive.office.catalogue.writing_raw() as connection:
        connection.execute(tables.holds.update().values(status="actve"))

    found = proved(archive, vault)

    assert [fault.name for fault in found.drifted] == ["the locks"]
    assert (found.items, found.ledger.ok, found.ok) == (1, True, False)


@pytest.mark.parametrize(
    ("native_id", "changes", "why"),
    [
        ("2", {"flagged": False}, "its legal hold is missing in the store"),
        ("1", {"until": None, "mode": None}, "retains it without a retention, and should until"),
        ("1", {"until": timedelta(days=-1)}, r"retains it until 2026-05-01T07.*should until"),
        ("1", {"until": timedelta(days=1)}, r"until 2026-05-03T07:00:00Z; recorded is until"),
        ("2", {"until": timedelta(days=1)}, r"until 2026-05-03T07:00:00Z; recorded is none"),
        ("1", {"flagged": True}, "legal hold on it that is not ours"),
    ],
)
def test_a_lock_that_is_not_what_it_was_set_to_is_named(archive, vault, native_id, changes, why):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2"))
    lock(archive, vault)
    found = state(archive, vault, native_id)
    until = changes.get("until", found.until)
    if isinstance(until, timedelta):
        until = first_moment(archive, DUE) + until
    told = {"flagged": found.flagged, "mode": found.mode, **changes, "until": until}
    [key] = [k for k in vault._files if found.ref.owner in k and found.ref.digest in k]
    vault._locks[key] = LockState(ref=found.ref, version=None, **told)

    verdict = proved(archive, vault)

    assert not verdict.ok
    [fault] = verdict.drifted
    assert found.ref.owner in fault.name
    assert re.search(why, fault.why)


def test_what_the_store_was_not_told_of_since_it_changed_is_no_drift(archive, vault):
    archive.capture(an_observation("2"))
    lock(archive, vault)
    archive.clock.forward(days=1)
    archive.capture(an_observation("2", "We sent two patrols."), an_observation("3"))
    keep(archive, vault)

    assert drift(archive, vault) == []


def test_after_a_rebuild_the_locks_are_worked_out_again_and_found_as_they_are(archive, vault):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2"))
    issued = archive.issue_hold("1")
    lock(archive, vault)
    before = [state(archive, vault, n) for n in ("1", "2")]
    vault.asked.clear()
    _rebuild(archive)

    done = lock(archive, vault)

    assert archive.held_by("1") == [issued.hold]
    assert done == Locked(items=2)
    assert vault.asked == []
    assert [state(archive, vault, n) for n in ("1", "2")] == before
    assert drift(archive, vault) == []


def _rebuild(archive: Archive) -> None:
    file = archive.office.catalogue.file
    archive.office.close()
    if file is None:
        pytest.skip("what is rebuilt is the same; the file is easier lost")
    for path in file.parent.glob(f"{file.name}*"):
        if path.is_file():
            path.unlink()
    office = archive.reopen(founding=True)
    rebuild(
        Rebuilder(
            account=office.account,
            objects=office.objects,
            classifier=office.classifier,
            index=office.index,
            os_account=archive.os_account,
        )
    )
