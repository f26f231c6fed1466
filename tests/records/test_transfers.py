"""Transfers: nothing follows them before the receipt, and nothing sooner because of one."""

from __future__ import annotations

from datetime import date

import pytest

from archiver.records.adoption import StillOnPlatform
from archiver.records.classification import Basis
from archiver.records.disposition import Action, Member, Thread, Why, decide
from archiver.records.periods import Period
from archiver.records.series import Disposition, Stage, Then
from archiver.records.transfers import Transferred
from tests.records.test_disposition import (
    DAY,
    DUE,
    LONG_AFTER,
    a_member,
    a_schedule,
    a_series,
    a_thread,
    an_adoption,
    asked,
    attended,
    whys,
)


def transferred(received_on: date | None = None) -> Transferred:
    return Transferred(bag="B-000001", received_on=received_on)


STAGES = (
    Stage(then=Then.TRANSFER, after=Period()),
    Stage(then=Then.DESTROY, after=Period(days=30)),
)
"""Transferred when the period is over, destroyed thirty days later."""

STAGED = a_schedule(a_series(stages=STAGES))
UNCONFIRMED = a_schedule(a_series(stages=STAGES), longest=Period(days=90))
ENDS = a_schedule(a_series(disposition=Disposition.TRANSFER))


def looked_at(*members: Member) -> Thread:
    """Give a thread whose page was looked at since anything here happened."""
    return a_thread(*members, captured_whole_on=LONG_AFTER + 90 * DAY)


@pytest.mark.parametrize("schedule", [STAGED, ENDS])
@pytest.mark.parametrize("whole", [True, False])
def test_no_copy_goes_while_the_receipt_is_awaited(schedule, whole):
    member = a_member(transferred=transferred())

    verdict = decide(a_thread(member), schedule, {}, on=LONG_AFTER, attended=whole)

    assert (verdict.action, whys(verdict)) == (Action.KEEP, {Why.RECEIPT_AWAITED})


def test_a_stage_of_transfer_comes_on_its_own_day_and_before_what_destroys():
    for days, action in ((-1, Action.KEEP), (0, Action.TRANSFER), (1, Action.TRANSFER)):
        assert attended(schedule=STAGED, on=DUE + days * DAY).action is action
    assert attended(schedule=STAGED, on=LONG_AFTER).action is Action.TRANSFER


def test_what_was_received_is_destroyed_when_its_stage_has_passed_since_the_receipt():
    thread = looked_at(a_member(transferred=transferred(LONG_AFTER)))

    for days, action in ((30, Action.KEEP), (31, Action.DESTROY), (32, Action.DESTROY)):
        assert attended(thread, STAGED, on=LONG_AFTER + days * DAY).action is action


def test_a_receipt_of_long_ago_does_not_hurry_the_stage_that_follows():
    thread = a_thread(a_member(transferred=transferred(DUE - 90 * DAY)))
    ends = STAGED.first_day(a_member().series, a_member().triggers)

    for days, action in ((-1, Action.KEEP), (0, Action.DESTROY), (1, Action.DESTROY)):
        assert attended(thread, STAGED, on=ends + days * DAY).action is action


def test_what_the_schedule_only_transfers_stays_here_for_good_once_it_was_received():
    thread = a_thread(a_member(transferred=transferred(date(2026, 6, 1))))

    verdict = attended(thread, ENDS, on=LONG_AFTER)

    assert (verdict.action, whys(verdict), verdict.due) == (Action.KEEP, {Why.TRANSFERRED}, None)


def test_a_comment_that_came_after_the_bag_has_its_thread_transferred_again():
    old = a_member("old", transferred=transferred(date(2026, 6, 1)))

    verdict = attended(a_thread(old, a_member("new")), ENDS, on=LONG_AFTER)

    assert verdict.action is Action.TRANSFER


def test_a_thread_of_which_a_part_stays_transferred_is_not_destroyed_in_part():
    schedule = a_schedule(a_series(), a_series("T", disposition=Disposition.TRANSFER))
    kept = a_member("kept", series="T", transferred=transferred(date(2026, 6, 1)))

    assert attended(a_thread(kept, a_member("other")), schedule, on=LONG_AFTER).action is (
        Action.KEEP
    )


@pytest.mark.parametrize("received_on", [None, date(2026, 6, 1)])
def test_nothing_of_a_series_that_is_transferred_ever_goes_unattended(received_on):
    member = a_member(transferred=transferred(received_on) if received_on else None)

    verdict = asked(a_thread(member), STAGED, on=LONG_AFTER)

    assert (verdict.action, whys(verdict)) == (Action.KEEP, {Why.KEPT_BY_SERIES})


def test_what_nobody_confirmed_is_not_destroyed_sooner_for_having_been_received():
    member = a_member(basis=Basis.MODEL, transferred=transferred(LONG_AFTER))

    for days, action in ((30, Action.KEEP), (31, Action.DESTROY)):
        verdict = attended(looked_at(member), UNCONFIRMED, on=LONG_AFTER + days * DAY)
        assert verdict.action is action


def test_a_hold_outranks_a_transfer_and_what_follows_it():
    member = a_member(transferred=transferred(date(2026, 6, 1)))
    for thread in (a_thread(member), a_thread(a_member())):
        verdict = attended(thread, STAGED, holds={member.item: ["H-0001"]}, on=LONG_AFTER)

        assert (verdict.action, whys(verdict)) == (Action.KEEP, {Why.HELD})


def test_what_is_still_shown_there_may_be_transferred_and_not_destroyed():
    adoption = an_adoption(still_on_platform=StillOnPlatform.KEEP)
    shown = a_schedule(a_series(stages=STAGES), adoption=adoption)
    received = a_member(transferred=transferred(date(2026, 6, 1)))

    assert attended(schedule=shown, on=LONG_AFTER).action is Action.TRANSFER
    verdict = attended(a_thread(received), shown, on=LONG_AFTER)
    assert whys(verdict) == {Why.STILL_ON_PLATFORM}
