"""Transfers: nothing follows them before the receipt, and nothing sooner because of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from archiver.records.adoption import StillOnPlatform
from archiver.records.captures import PlatformState
from archiver.records.classification import Basis
from archiver.records.disposition import Action, Member, Thread, Why, decide
from archiver.records.periods import Period
from archiver.records.series import Disposition, RetentionRule, Stage, Term, Then, Trigger
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


REVIEWED_BETWEEN = a_schedule(
    a_series(
        stages=(
            Stage(then=Then.REVIEW, after=Period()),
            Stage(then=Then.DESTROY, after=Period(days=30)),
        )
    )
)
"""Reviewed when the period is over, destroyed thirty days later."""

REVIEWED_AT_THE_END = a_schedule(a_series(disposition=Disposition.REVIEW))


def reviewed(on: date, **changes) -> Member:
    """Give a member of which a person said on that day that it need not be kept."""
    known = a_member(**changes)
    return replace(known, triggers={**known.triggers, Trigger.REVIEWED: on})


@pytest.mark.parametrize("schedule", [REVIEWED_BETWEEN, REVIEWED_AT_THE_END])
def test_a_review_comes_on_its_own_day_and_nothing_passes_it_by(schedule):
    for days, action in ((-1, Action.KEEP), (0, Action.REVIEW), (1, Action.REVIEW)):
        assert attended(schedule=schedule, on=DUE + days * DAY).action is action
    late = attended(schedule=schedule, on=LONG_AFTER)
    assert (late.action, late.due, whys(late)) == (Action.REVIEW, DUE, {Why.TO_REVIEW})


@pytest.mark.parametrize("shown", list(PlatformState))
def test_an_item_is_reviewed_although_its_page_still_shows_it(shown):
    keeps = an_adoption(still_on_platform=StillOnPlatform.KEEP)
    schedule = a_schedule(a_series(disposition=Disposition.REVIEW), adoption=keeps)

    assert attended(a_thread(a_member(state=shown)), schedule).action is Action.REVIEW
    gone = attended(a_thread(reviewed(DUE, state=shown)), schedule)
    kept = shown is PlatformState.PRESENT
    assert gone.action is (Action.KEEP if kept else Action.DESTROY)


@pytest.mark.parametrize(("days", "action"), [(-1, Action.REVIEW), (0, Action.DESTROY)])
def test_only_a_word_said_since_the_review_fell_due_answers_it(days, action):
    thread = a_thread(reviewed(DUE + days * DAY))

    verdict = attended(thread, REVIEWED_AT_THE_END, on=LONG_AFTER)

    assert verdict.action is action
    assert whys(verdict) == {Why.REVIEWED if action is Action.DESTROY else Why.TO_REVIEW}


def test_what_was_reviewed_half_way_waits_for_its_last_stage():
    thread = a_thread(reviewed(DUE))

    for days, action in ((29, Action.KEEP), (30, Action.DESTROY), (31, Action.DESTROY)):
        assert attended(thread, REVIEWED_BETWEEN, on=DUE + days * DAY).action is action


@pytest.mark.parametrize("schedule", [REVIEWED_BETWEEN, REVIEWED_AT_THE_END])
@pytest.mark.parametrize("member", [a_member(), reviewed(DUE)])
def test_nothing_of_a_series_that_is_reviewed_ever_goes_unattended(schedule, member):
    assert asked(a_thread(member), schedule, on=LONG_AFTER).action is Action.KEEP


def test_a_comment_that_nobody_reviewed_has_its_thread_reviewed_again():
    thread = a_thread(reviewed(DUE, item="i1"), a_member("i2"))

    assert attended(thread, REVIEWED_AT_THE_END).action is Action.REVIEW


def test_what_nobody_confirmed_is_reviewed_after_the_longest_time():
    longest = Period(days=90)
    schedule = a_schedule(a_series(disposition=Disposition.REVIEW), longest=longest)
    day = longest.first_day(a_member().triggers[Trigger.LAST_ACTIVITY])
    guess = {"basis": Basis.MODEL}

    for days, action in ((-1, Action.KEEP), (0, Action.REVIEW)):
        found = attended(a_thread(a_member(**guess)), schedule, on=day + days * DAY)
        assert found.action is action
    for said, action in ((day - DAY, Action.REVIEW), (day, Action.DESTROY)):
        assert attended(a_thread(reviewed(said, **guess)), schedule, on=day).action is action


@pytest.mark.parametrize(
    ("stages", "received", "looked", "action"),
    [
        ("transfer review destroy", None, None, Action.TRANSFER),
        ("transfer review destroy", DUE, None, Action.REVIEW),
        ("transfer review destroy", DUE, DUE + DAY, Action.DESTROY),
        ("review transfer destroy", None, None, Action.REVIEW),
        ("review transfer destroy", None, DUE, Action.TRANSFER),
        ("review transfer destroy", DUE, DUE, Action.DESTROY),
    ],
)
def test_transfer_and_review_come_in_the_order_of_their_stages(stages, received, looked, action):
    staged = tuple(Stage(then=Then(word), after=Period()) for word in stages.split())
    schedule = a_schedule(a_series(stages=staged))
    member = reviewed(looked) if looked else a_member()
    member = replace(member, transferred=transferred(received) if received else None)

    assert attended(a_thread(member), schedule, on=LONG_AFTER).action is action


def test_what_waits_for_a_word_is_looked_at_once_its_longest_time_is_over():
    series = a_series(
        rule=RetentionRule.WHEN_NO_LONGER_REQUIRED,
        trigger=Trigger.ADMIN_VALUE_ENDED,
        period=None,
        at_most=Period(days=90),
    )
    schedule = a_schedule(series)
    assert attended(schedule=schedule, on=LONG_AFTER).action is Action.KEEP

    posted = a_schedule(replace(series, trigger=Trigger.POSTED, also=(
        Term(trigger=Trigger.CASE_CLOSED, period=Period()),
    )))  # fmt: skip
    day = Period(days=90).first_day(a_member().triggers[Trigger.POSTED])

    for days, action in ((-1, Action.KEEP), (0, Action.REVIEW), (1, Action.REVIEW)):
        assert attended(schedule=posted, on=day + days * DAY).action is action
    assert attended(a_thread(reviewed(day)), posted, on=LONG_AFTER).action is Action.KEEP
    assert asked(schedule=posted, on=LONG_AFTER).action is Action.KEEP


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
