"""The decision itself: a thread goes only when nothing at all speaks for keeping it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.records.adoption import Adoption, StillOnPlatform
from archiver.records.captures import PlatformState
from archiver.records.classification import Basis, Tag
from archiver.records.disposition import Action, Member, Thread, Verdict, Why, decide
from archiver.records.periods import Period
from archiver.records.promises import Promise
from archiver.records.schedules import Schedule
from archiver.records.series import (
    Disposition,
    RetentionRule,
    Series,
    Stage,
    Term,
    Then,
    Trigger,
)
from archiver.records.transfers import Transferred

POSTED = date(2026, 1, 2)
DUE = date(2026, 3, 4)
"""Sixty days after `POSTED`, and the first day after them."""

DAY = timedelta(days=1)
LONG_AFTER = DUE + 1_000 * DAY


def a_series(number="TR", **changes) -> Series:
    return replace(
        Series(
            number=number,
            title="Transitory",
            falls_in="Courtesies",
            category=Tag.TRANSITORY,
            rule=RetentionRule.PERIOD,
            trigger=Trigger.LAST_ACTIVITY,
            disposition=Disposition.DESTROY,
            approval="nightly",
            period=Period(days=60),
            verified=True,
            settle=Period(),
        ),
        **changes,
    )


def an_adoption(**changes) -> Adoption:
    return replace(
        Adoption(
            instrument="Resolution",
            number="1",
            date=date(2020, 1, 1),
            signed_by=("A. Clerk",),
            unattended_purge=True,
            automatic=frozenset({"rules"}),
            still_on_platform=StillOnPlatform.DESTROY,
        ),
        **changes,
    )


def a_schedule(*series: Series, adoption: Adoption | None = None, **changes) -> Schedule:
    every = series or (a_series(),)
    return Schedule(
        name="small",
        title="Small",
        state="",
        agency="Smallville",
        digest="d",
        series={each.number: each for each in every},
        default_series="COR",
        adoption=adoption or an_adoption(),
        **changes,
    )


def a_member(item="i1", **changes) -> Member:
    return replace(
        Member(
            item=item,
            tag=Tag.TRANSITORY,
            series="TR",
            basis=Basis.RULE,
            live=True,
            restricted="",
            state=PlatformState.PRESENT,
            arrived_on=POSTED,
            triggers={
                Trigger.POSTED: POSTED,
                Trigger.CREATED: POSTED,
                Trigger.LAST_ACTIVITY: POSTED,
            },
        ),
        **changes,
    )


def a_thread(*members: Member, **changes) -> Thread:
    return replace(
        Thread(
            id="t1",
            members=members or (a_member(),),
            controlled=True,
            captured_whole_on=LONG_AFTER,
        ),
        **changes,
    )


def asked(thread=None, schedule=None, *, holds=None, on=DUE) -> Verdict:
    return decide(thread or a_thread(), schedule or a_schedule(), holds or {}, on=on)


def whys(verdict: Verdict) -> set[Why]:
    return {reason.why for reason in verdict.reasons}


# --- when everything says yes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "action"),
    [(DUE - DAY, Action.KEEP), (DUE, Action.DESTROY), (DUE + DAY, Action.DESTROY)],
)
def test_a_lapsed_transitory_thread_goes_on_the_first_day_after_its_period(on, action):
    verdict = asked(on=on)

    assert verdict.action is action
    assert verdict.due == DUE
    assert whys(verdict) == {Why.LAPSED if action is Action.DESTROY else Why.PERIOD_RUNS}
    assert verdict.look_on == (None if action is Action.DESTROY else DUE)


@pytest.mark.parametrize("attended", [False, True])
def test_what_a_court_order_keeps_stays_however_long_its_period_is_over(attended):
    thread = a_thread(a_member(orders=("O-0002",)), a_member("i2"))

    verdict = decide(thread, a_schedule(), {"i2": ["H-0001"]}, on=LONG_AFTER, attended=attended)

    assert (verdict.action, verdict.look_on) == (Action.KEEP, None)
    assert [str(reason) for reason in verdict.reasons] == ["held H-0001", "kept_by_order O-0002"]


def test_without_the_order_that_closed_it_a_thread_is_what_the_schedule_says():
    closed = a_thread(a_member(orders=("O-0002",), restricted="order"), a_member("i2"))

    assert closed.unbound() == a_thread(a_member(), a_member("i2"))
    marked = a_thread(a_member(orders=("O-0002",), restricted="order platform"))
    assert marked.unbound() == a_thread(a_member(restricted="platform"))


def test_every_reason_to_go_names_its_item_its_series_and_its_day():
    verdict = asked(a_thread(a_member("i1"), a_member("i2")))

    assert [(r.item, r.of, r.until) for r in verdict.reasons] == [
        ("i1", "TR", DUE),
        ("i2", "TR", DUE),
    ]
    assert str(verdict.reasons[0]) == "lapsed TR until 2026-03-04"


# --- what keeps a thread --------------------------------------------------------------------------


KEPT = [
    (a_member(live=False), {}, Why.NOT_LIVE),
    (a_member(restricted="schedule"), {}, Why.RESTRICTED),
    (a_member(tag=Tag.UNDETERMINED), {}, Why.UNDETERMINED),
    (a_member(tag=Tag.SUBSTANTIVE), {}, Why.NOT_TRANSITORY),
    (a_member(series="unheard of"), {}, Why.NO_SERIES),
    (a_member(series=""), {}, Why.NO_SERIES),
    (a_member(), {"category": Tag.SUBSTANTIVE}, Why.NOT_TRANSITORY),
    (a_member(basis=Basis.NONE), {}, Why.UNCONFIRMED),
    (a_member(basis=Basis.MODEL), {}, Why.UNCONFIRMED),
    (a_member(), {"disposition": Disposition.REVIEW}, Why.KEPT_BY_SERIES),
    (a_member(), {"disposition": Disposition.TRANSFER}, Why.KEPT_BY_SERIES),
    (a_member(), {"rule": RetentionRule.PERMANENT}, Why.KEPT_BY_SERIES),
    (a_member(triggers={}), {}, Why.NO_PERIOD),
]


@pytest.mark.parametrize(("member", "series", "why"), KEPT)
@pytest.mark.parametrize("company", [(), (a_member("other"),)])
def test_one_member_that_must_stay_keeps_its_whole_thread_for_ever(member, series, why, company):
    verdict = asked(a_thread(*company, member), a_schedule(a_series(**series)), on=LONG_AFTER)

    assert verdict.action is Action.KEEP
    assert why in whys(verdict)
    assert (verdict.due, verdict.look_on) == (None, None), "no passing of time changes it"


@pytest.mark.parametrize(
    ("basis", "automatic", "action"),
    [
        (Basis.RULE, set(), Action.KEEP),
        (Basis.RULE, {"model"}, Action.KEEP),
        (Basis.RULE, {"rules"}, Action.DESTROY),
        (Basis.MODEL, {"rules"}, Action.KEEP),
        (Basis.MODEL, {"model"}, Action.DESTROY),
        (Basis.NONE, {"rules", "model"}, Action.KEEP),
        (Basis.PERSON, set(), Action.DESTROY),
        (Basis.COUNSEL, set(), Action.DESTROY),
    ],
)
def test_whose_word_counts_is_what_the_adoption_says(basis, automatic, action):
    schedule = a_schedule(adoption=an_adoption(automatic=frozenset(automatic)))

    assert asked(a_thread(a_member(basis=basis)), schedule).action is action


def test_without_a_schedule_an_adoption_or_its_authority_nothing_goes():
    none = decide(a_thread(), None, {}, on=LONG_AFTER)
    unadopted = decide(a_thread(), replace(a_schedule(), adoption=None), {}, on=LONG_AFTER)
    attended = asked(schedule=a_schedule(adoption=an_adoption(unattended_purge=False)))

    assert [whys(v) for v in (none, unadopted, attended)] == [
        {Why.NOT_ADOPTED},
        {Why.NOT_ADOPTED},
        {Why.NOT_UNATTENDED},
    ]
    assert {v.action for v in (none, unadopted, attended)} == {Action.KEEP}


@pytest.mark.parametrize(
    ("adopted", "action"),
    [(DUE - DAY, Action.DESTROY), (DUE, Action.DESTROY), (DUE + DAY, Action.KEEP)],
)
def test_an_adoption_gives_force_from_its_own_day_on(adopted, action):
    assert asked(schedule=a_schedule(adoption=an_adoption(date=adopted))).action is action


@pytest.mark.parametrize("attended", [False, True])
def test_before_an_adoption_is_in_force_its_own_day_is_worth_a_look(attended):
    schedule = a_schedule(adoption=an_adoption(date=DUE))

    found = [
        decide(a_thread(), schedule, {}, on=DUE + off * DAY, attended=attended) for off in (-1, 0)
    ]
    of_none = decide(a_thread(a_member(live=False)), schedule, {}, on=DUE - DAY, attended=attended)

    assert [(v.action, v.look_on) for v in found] == [(Action.KEEP, DUE), (Action.DESTROY, None)]
    (early,) = found[0].reasons
    assert str(early) == f"adoption_not_in_force {a_member().series} until {DUE}"
    assert of_none.look_on is None, "its day gives nothing that another reason keeps"


def test_a_thread_of_nobody_stays():
    empty = Thread(id="t", members=(), controlled=True, captured_whole_on=LONG_AFTER)

    assert asked(empty).action is Action.KEEP


# --- what time alone brings -----------------------------------------------------------------------


def test_the_longest_period_of_its_members_is_that_of_the_thread():
    slow = a_series("SLOW", period=Period(days=90))
    thread = a_thread(a_member("i1"), a_member("i2", series="SLOW"))
    day = POSTED + 91 * DAY

    verdicts = [asked(thread, a_schedule(a_series(), slow), on=on) for on in (day - DAY, day)]

    assert [v.action for v in verdicts] == [Action.KEEP, Action.DESTROY]
    assert [(r.item, r.why) for r in verdicts[0].reasons] == [("i2", Why.PERIOD_RUNS)]
    assert {v.due for v in verdicts} == {day}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"arrived_on": DUE}, Why.SETTLING),
        ({"cooling_until": DUE + 31 * DAY}, Why.COOLING),
    ],
)
@pytest.mark.parametrize(
    ("off", "action"), [(-1, Action.KEEP), (0, Action.DESTROY), (1, Action.DESTROY)]
)
def test_settling_and_cooling_end_on_their_day(changes, why, off, action):
    schedule = a_schedule(a_series(settle=Period(days=30)))
    day = DUE + 31 * DAY

    verdict = asked(a_thread(a_member(**changes)), schedule, on=day + off * DAY)

    assert verdict.action is action
    assert verdict.due == day
    assert whys(verdict) == ({why} if action is Action.KEEP else {Why.LAPSED})


def test_a_wait_that_is_over_is_no_reason_any_more():
    settled_today = a_schedule(a_series(settle=Period(days=57)))

    verdict = asked(schedule=settled_today, on=POSTED + 58 * DAY)

    assert whys(verdict) == {Why.PERIOD_RUNS}


# --- what only a look at the page can tell --------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "action"),
    [
        (None, Action.KEEP),
        (DUE - DAY, Action.KEEP),
        (DUE, Action.DESTROY),
        (DUE + DAY, Action.DESTROY),
    ],
)
@pytest.mark.parametrize("trigger", [Trigger.LAST_ACTIVITY, Trigger.REMOVED, Trigger.POSTED])
def test_activity_must_have_been_looked_for_since_the_period_ended(seen, action, trigger):
    member = a_member(triggers={trigger: POSTED})
    schedule = a_schedule(a_series(trigger=trigger))

    verdict = asked(a_thread(member, captured_whole_on=seen), schedule, on=LONG_AFTER)

    expected = Action.DESTROY if trigger is Trigger.POSTED else action
    assert verdict.action is expected
    if expected is Action.KEEP:
        assert whys(verdict) == {Why.NO_CAPTURE_SINCE}
        assert verdict.look_on == LONG_AFTER + DAY


@pytest.mark.parametrize(
    ("series", "least"),
    [
        ({"also": (Term(trigger=Trigger.LAST_ACTIVITY, period=Period(days=1)),)}, None),
        ({}, Period(days=1)),
    ],
    ids=["a further trigger", "the least time after activity"],
)
def test_activity_is_looked_for_wherever_a_day_rests_on_it(series, least):
    schedule = a_schedule(a_series(trigger=Trigger.POSTED, **series), minimum_after_activity=least)

    blind = asked(a_thread(captured_whole_on=DUE - DAY), schedule, on=LONG_AFTER)
    seen = asked(a_thread(captured_whole_on=LONG_AFTER), schedule, on=LONG_AFTER)

    assert whys(blind) == {Why.NO_CAPTURE_SINCE}
    assert seen.action is Action.DESTROY


@pytest.mark.parametrize("state", PlatformState)
@pytest.mark.parametrize("controlled", [True, False])
@pytest.mark.parametrize("says", StillOnPlatform)
def test_what_a_page_of_ours_still_shows_stays_unless_the_adoption_says_otherwise(
    state, controlled, says
):
    schedule = a_schedule(adoption=an_adoption(still_on_platform=says))
    thread = a_thread(a_member("gone", state=PlatformState.NOT_VISIBLE), a_member(state=state))

    verdict = asked(replace(thread, controlled=controlled), schedule)

    shown = state is PlatformState.PRESENT and controlled
    kept = shown and says is StillOnPlatform.KEEP
    assert verdict.action is (Action.KEEP if kept else Action.DESTROY)
    assert (Why.STILL_ON_PLATFORM in whys(verdict)) is kept
    assert not kept or verdict.look_on is None, "only a sighting changes it"


# --- holds outrank everything ---------------------------------------------------------------------


def test_a_hold_on_one_member_keeps_the_thread_and_is_named():
    thread = a_thread(a_member("i1"), a_member("i2"))

    verdict = asked(thread, holds={"i2": ["H-0001", "H-0002"]}, on=LONG_AFTER)

    assert verdict.action is Action.KEEP
    assert [(r.item, str(r)) for r in verdict.reasons] == [
        ("i2", "held H-0001"),
        ("i2", "held H-0002"),
    ]


def test_a_hold_on_another_item_keeps_nothing_here():
    assert asked(holds={"elsewhere": ["H-0001"], "i1": []}).action is Action.DESTROY


# --- what people approve --------------------------------------------------------------------------


def attended(thread=None, schedule=None, *, holds=None, on=DUE) -> Verdict:
    return decide(thread or a_thread(), schedule or a_schedule(), holds or {}, on=on, attended=True)


def substantive(**changes) -> Series:
    return a_series(category=Tag.SUBSTANTIVE, **changes)


@pytest.mark.parametrize(
    ("on", "action"),
    [(DUE - DAY, Action.KEEP), (DUE, Action.DESTROY), (DUE + DAY, Action.DESTROY)],
)
def test_a_plan_for_people_lists_what_is_substantive_and_lapsed(on, action):
    thread = a_thread(a_member(tag=Tag.SUBSTANTIVE))
    schedule = a_schedule(substantive(), adoption=an_adoption(unattended_purge=False))

    assert attended(thread, schedule, on=on).action is action
    assert asked(thread, schedule, on=on).action is Action.KEEP


@pytest.mark.parametrize(
    ("disposition", "action", "why"),
    [
        (Disposition.DESTROY, Action.DESTROY, Why.LAPSED),
        (Disposition.TRANSFER, Action.TRANSFER, Why.TO_TRANSFER),
        (Disposition.REVIEW, Action.REVIEW, Why.TO_REVIEW),
    ],
)
def test_each_disposition_gives_its_own_deed_and_reason(disposition, action, why):
    verdict = attended(schedule=a_schedule(a_series(disposition=disposition)))

    assert (verdict.action, whys(verdict)) == (action, {why})


def test_the_most_careful_deed_any_member_asks_for_is_that_of_the_thread():
    schedule = a_schedule(
        a_series(),
        a_series("T", disposition=Disposition.TRANSFER),
        a_series("R", disposition=Disposition.REVIEW),
        a_series("P", rule=RetentionRule.PERMANENT, disposition=Disposition.PERMANENT),
    )
    members = {n: a_member(f"i-{n}", series=n) for n in ("TR", "T", "R", "P")}

    def of(*numbers: str) -> Action:
        return attended(a_thread(*(members[n] for n in numbers)), schedule).action

    assert of("TR", "T") is Action.TRANSFER
    assert of("TR", "T", "R") is Action.REVIEW
    assert of("R", "TR") is Action.REVIEW
    assert of("TR", "P") is Action.KEEP
    assert whys(attended(a_thread(members["P"]), schedule, on=LONG_AFTER)) == {Why.PERMANENT}


@pytest.mark.parametrize(
    "member",
    [
        a_member(tag=Tag.UNDETERMINED, series="", basis=Basis.NONE),
        a_member(tag=Tag.UNDETERMINED, series="TR"),
        a_member(basis=Basis.MODEL),
    ],
)
@pytest.mark.parametrize(
    ("off", "action"), [(-1, Action.KEEP), (0, Action.DESTROY), (1, Action.DESTROY)]
)
def test_what_nobody_confirmed_keeps_the_longest_period_of_all(member, off, action):
    longest = Period(days=300)
    schedule = a_schedule(a_series(), substantive(number="COR", period=longest), longest=longest)

    verdict = attended(a_thread(member), schedule, on=POSTED + (301 + off) * DAY)

    assert verdict.action is action
    assert verdict.due == POSTED + 301 * DAY
    if action is Action.DESTROY:
        assert whys(verdict) == {Why.LAPSED_UNCONFIRMED}


def test_what_was_promised_to_be_reviewed_first_goes_once_a_person_accepts_that_it_is_not():
    reviewed = Promise.of(substantive(disposition=Disposition.REVIEW), None)
    destroyed = Promise.of(substantive(), None)
    thread = a_thread(a_member(tag=Tag.SUBSTANTIVE))

    bound = a_schedule(substantive(), promised={"TR": (reviewed, destroyed)})
    accepted = a_schedule(substantive(), promised={"TR": (destroyed,)})

    assert whys(attended(thread, bound, on=LONG_AFTER)) == {Why.KEPT_BY_SERIES}
    assert attended(thread, accepted, on=LONG_AFTER).action is Action.DESTROY


@pytest.mark.parametrize(("off", "action"), [(-1, Action.KEEP), (0, Action.DESTROY)])
def test_what_was_promised_to_settle_longer_does(off, action):
    longer = Promise.of(a_series(settle=Period(days=90)), None)
    schedule = a_schedule(a_series(), promised={"TR": (longer,)})
    member = a_member(arrived_on=POSTED)

    assert asked(a_thread(member), schedule, on=POSTED + (91 + off) * DAY).action is action


ATTENDED_KEPT = [
    (a_member(live=False), {}, Why.NOT_LIVE),
    (a_member(series="unheard of"), {}, Why.NO_SERIES),
    (a_member(triggers={}), {}, Why.NO_PERIOD),
]


@pytest.mark.parametrize(("member", "series", "why"), ATTENDED_KEPT)
def test_people_too_are_offered_nothing_that_must_stay(member, series, why):
    verdict = attended(a_thread(a_member("other"), member), a_schedule(a_series(**series)))

    assert verdict.action is Action.KEEP
    assert why in whys(verdict)


@pytest.mark.parametrize(
    ("adopted", "action"),
    [(DUE - DAY, Action.DESTROY), (DUE, Action.DESTROY), (DUE + DAY, Action.KEEP)],
)
def test_people_approve_nothing_before_the_adoption_is_in_force(adopted, action):
    assert attended(schedule=a_schedule(adoption=an_adoption(date=adopted))).action is action
    assert attended(schedule=replace(a_schedule(), adoption=None)).action is Action.KEEP


DAYS = st.dates(POSTED, LONG_AFTER)
MEMBERS = st.builds(
    a_member,
    item=st.sampled_from(["i1", "i2", "i3"]),
    tag=st.sampled_from(Tag),
    series=st.sampled_from(["TR", "COR", ""]),
    basis=st.sampled_from(Basis),
    live=st.booleans(),
    restricted=st.sampled_from(["", "order", "schedule", "order platform"]),
    state=st.sampled_from(PlatformState),
    arrived_on=st.dates(POSTED, DUE),
    cooling_until=st.none() | st.dates(POSTED, LONG_AFTER),
    triggers=st.dictionaries(
        st.sampled_from([Trigger.LAST_ACTIVITY, Trigger.POSTED]), st.dates(POSTED, DUE)
    ),
)
THREADS = st.builds(
    Thread,
    id=st.just("t1"),
    members=st.lists(MEMBERS | st.just(a_member()), max_size=3).map(tuple),
    controlled=st.booleans(),
    captured_whole_on=st.none() | st.dates(POSTED, LONG_AFTER),
)
ADOPTIONS = st.builds(
    an_adoption,
    date=st.just(date(2020, 1, 1)) | st.dates(POSTED, LONG_AFTER),
    unattended_purge=st.booleans(),
    automatic=st.frozensets(st.sampled_from(["rules", "model"])),
    still_on_platform=st.sampled_from(StillOnPlatform),
)
SCHEDULES = st.builds(
    lambda adoption, settle: a_schedule(
        a_series(settle=Period(days=settle)),
        a_series("COR", category=Tag.SUBSTANTIVE),
        adoption=adoption,
    ),
    ADOPTIONS,
    st.integers(0, 60),
)


@given(thread=THREADS, schedule=SCHEDULES, on=DAYS, held=st.sampled_from(["i1", "i2", "i3"]))
def test_nothing_at_all_gets_past_a_hold(thread, schedule, on, held):
    verdict = decide(thread, schedule, {held: ["H-0001"]}, on=on)

    if any(member.item == held for member in thread.members):
        assert verdict.action is Action.KEEP
        assert whys(verdict) == {Why.HELD}


@given(thread=THREADS, schedule=SCHEDULES, on=DAYS)
def test_what_goes_is_lapsed_and_transitory_throughout_and_authorised(thread, schedule, on):
    verdict = decide(thread, schedule, {}, on=on)

    assert verdict.reasons
    if verdict.action is Action.DESTROY:
        assert thread.members
        assert schedule.adoption.unattended_purge
        assert verdict.due is not None
        assert verdict.due <= on
        for member in thread.members:
            assert member.live
            assert not member.restricted
            assert (member.tag, member.series) == (Tag.TRANSITORY, "TR")
            assert member.triggers[Trigger.LAST_ACTIVITY] + 61 * DAY <= on
            assert (member.cooling_until or on) <= on


@given(thread=THREADS, schedule=SCHEDULES, on=DAYS, more=MEMBERS)
def test_another_member_never_makes_a_thread_go_that_stayed(thread, schedule, on, more):
    before = decide(thread, schedule, {}, on=on)
    after = decide(replace(thread, members=(*thread.members, more)), schedule, {}, on=on)

    if before.action is Action.KEEP and thread.members:
        assert after.action is Action.KEEP


STAGES = st.builds(
    lambda then, days: Stage(then=then, after=Period(days=days)),
    st.sampled_from(Then),
    st.integers(0, 90),
)
ANY_SERIES = st.builds(
    a_series,
    rule=st.sampled_from(RetentionRule),
    trigger=st.sampled_from([Trigger.LAST_ACTIVITY, Trigger.POSTED, Trigger.CASE_CLOSED]),
    disposition=st.sampled_from([one for one in Disposition if one != Disposition.PERMANENT]),
    at_most=st.none() | st.builds(Period, days=st.integers(61, 300)),
    stages=st.lists(STAGES, max_size=2).map(tuple),
    settle=st.builds(Period, days=st.integers(0, 60)),
)
ANY_SCHEDULES = SCHEDULES | st.builds(
    lambda adoption, first, other, **rest: a_schedule(
        first, replace(other, number="COR", category=Tag.SUBSTANTIVE), adoption=adoption, **rest
    ),
    ADOPTIONS,
    ANY_SERIES,
    ANY_SERIES,
    reference=st.booleans(),
    longest=st.none() | st.just(Period(days=300)),
    minimum_after_activity=st.none() | st.just(Period(days=100)),
)
BAGGED = st.builds(
    Transferred, bag=st.just("B-0001"), received_on=st.none() | st.dates(POSTED, LONG_AFTER)
)
ANY_THREADS = THREADS | st.builds(
    lambda day, bagged, seen: a_thread(
        a_member(
            basis=Basis.PERSON,
            state=PlatformState.NOT_VISIBLE,
            transferred=bagged,
            triggers={Trigger.LAST_ACTIVITY: POSTED, Trigger.CASE_CLOSED: day, **reviewed(day)},
        ),
        captured_whole_on=seen,
    ),
    DAYS,
    st.none() | BAGGED,
    st.just(LONG_AFTER) | st.none() | DAYS,
)


def reviewed(day: date) -> dict[Trigger, date]:
    """Have a review lie on every other *day*."""
    return {Trigger.REVIEWED: day} if day.toordinal() % 2 else {}


@settings(max_examples=500)
@given(
    thread=ANY_THREADS,
    schedule=ANY_SCHEDULES,
    on=DAYS,
    later=st.integers(1, 2_000),
    attended=st.booleans(),
)
def test_what_stays_does_not_go_by_time_alone_before_the_day_its_verdict_names(
    thread, schedule, on, later, attended
):
    verdict = decide(thread, schedule, {}, on=on, attended=attended)

    if verdict.action is Action.KEEP:
        assert verdict.look_on is None or verdict.look_on > on
        eve = (verdict.look_on or on + (later + 1) * DAY) - DAY
        for day in (eve, min(eve, on + later * DAY)):
            again = decide(thread, schedule, {}, on=day, attended=attended)
            assert again.action is Action.KEEP


@given(thread=THREADS, schedule=SCHEDULES, on=DAYS, held=st.sampled_from(["i1", "i2", "i3"]))
def test_nothing_that_people_approve_gets_past_a_hold(thread, schedule, on, held):
    verdict = attended(thread, schedule, holds={held: ["H-0001"]}, on=on)

    if any(member.item == held for member in thread.members):
        assert verdict.action is Action.KEEP


@given(thread=THREADS, schedule=SCHEDULES, on=DAYS)
def test_whatever_may_go_unattended_people_may_let_go_too(thread, schedule, on):
    if decide(thread, schedule, {}, on=on).action is Action.DESTROY:
        assert attended(thread, schedule, on=on).action is Action.DESTROY


@given(thread=THREADS, schedule=SCHEDULES, on=DAYS)
def test_what_people_are_offered_is_lapsed_on_its_own_or_the_longest_period(thread, schedule, on):
    longest = Period(days=300)
    bounded = replace(schedule, longest=longest)

    verdict = attended(thread, bounded, on=on)

    if verdict.action is not Action.KEEP:
        assert verdict.due is not None
        assert verdict.due <= on
        for member in thread.members:
            confirmed = member.tag is not Tag.UNDETERMINED and (
                member.basis in (Basis.PERSON, Basis.COUNSEL)
                or (member.basis is Basis.RULE and "rules" in schedule.adoption.automatic)
                or (member.basis is Basis.MODEL and "model" in schedule.adoption.automatic)
            )
            days = 61 if confirmed else 301
            assert member.triggers[Trigger.LAST_ACTIVITY] + days * DAY <= on
