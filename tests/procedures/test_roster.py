"""The roster: dated roles, who leaves, and what is handed over; all of it rebuilt."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from archiver.catalogue import adoptions, bags, ledger, plans
from archiver.catalogue.adoptions import PROPOSED, AdoptionRow
from archiver.catalogue.bags import BagRow
from archiver.catalogue.plans import PlanRow
from archiver.procedures import (
    hold,
    leaving,
    matters,
    notices,
    ordering,
    planning,
    requests,
    roster,
)
from archiver.procedures.authority import approvers, demand, demand_quorum
from archiver.procedures.notices import Recipient
from archiver.procedures.requests import NewRequest
from archiver.records.errors import ConfigInvalid, NotFound, NotPermitted, QuorumMissing
from archiver.records.holds import Scope
from archiver.records.matters import MatterKind, NewMatter
from archiver.records.orders import CourtOrder, Effect
from archiver.records.people import Means, Person, Right, Role, SignedIn
from archiver.records.requests import RequestKind
from archiver.records.roster import Span
from archiver.records.transfers import BagStatus
from tests.archive import PAGE, a_colleague, an_archive, an_observation
from tests.authenticators import enrolled
from tests.procedures.test_rebuild import check_the_same, dumped, lose_the_catalogue, rebuilt

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)


@pytest.fixture
def archive(tmp_path):
    return an_archive(tmp_path, index="memory:")


def keeper(archive) -> SignedIn:
    return SignedIn(person=archive.person, means=Means.OS_ACCOUNT)


def as_of(archive, name: str, day: date) -> Person:
    return roster.named(archive.office.account, name).on(day)


def entered(archive, kind: str) -> list[dict]:
    with archive.office.catalogue.reading() as connection:
        size = ledger.head(connection).size
        leaves = [json.loads(data) for data in ledger.raw_entries(connection, 0, size)]
    return [leaf for leaf in leaves if leaf["k"] == kind]


@pytest.mark.parametrize(
    ("day", "may"),
    [
        (-1, False),
        (0, False),
        (9, False),
        (10, True),
        (11, True),
        (19, True),
        (20, True),
        (21, False),
    ],
)
def test_a_role_given_from_a_day_until_a_day_can_be_used_on_those_days_alone(archive, day, may):
    a_colleague(archive, Role.CLERK)
    span = Span(TODAY + 10 * DAY, TODAY + 20 * DAY)

    roster.give(archive.office.account, keeper(archive), "Colleague", Role.COUNSEL, span)

    assert as_of(archive, "Colleague", TODAY + day * DAY).may(Right.LIFT) == may


def test_the_day_a_role_begins_is_the_agencys_own_day(archive):
    a_colleague(archive, Role.CLERK)
    span = Span(TODAY + DAY)
    roster.give(archive.office.account, keeper(archive), "Colleague", Role.COUNSEL, span)

    archive.clock.now = archive.clock.now.replace(hour=7, day=3)  # 23:00 on the 2nd over there
    before = roster.named(archive.office.account, "Colleague").on(archive.office.account.today())
    archive.clock.forward(hours=1)
    after = roster.named(archive.office.account, "Colleague").on(archive.office.account.today())

    assert (before.may(Right.LIFT), after.may(Right.LIFT)) == (False, True)


def test_a_role_is_taken_from_a_day_on(archive):
    a_colleague(archive, Role.COUNSEL)
    account = archive.office.account

    roster.take(account, keeper(archive), "colleague", Role.COUNSEL, Span(TODAY + DAY))

    assert as_of(archive, "colleague", TODAY).may(Right.LIFT)
    assert not as_of(archive, "colleague", TODAY + DAY).may(Right.LIFT)


def test_the_roster_of_a_day_gone_by_is_not_changed(archive):
    a_colleague(archive, Role.CLERK)
    account, yesterday = archive.office.account, TODAY - DAY

    for attempt in (
        lambda: roster.give(account, keeper(archive), "Colleague", Role.CHIEF, Span(yesterday)),
        lambda: roster.take(account, keeper(archive), "Colleague", Role.CLERK, Span(yesterday)),
        lambda: leaving.leave(account, keeper(archive), "Colleague", on=yesterday, pages=()),
    ):
        with pytest.raises(ConfigInvalid, match="gone by"):
            attempt()
    assert as_of(archive, "Colleague", TODAY).roles == {Role.CLERK}


def test_nobody_but_its_keeper_changes_the_roster(archive):
    counsel = a_colleague(archive, Role.COUNSEL)
    signed = SignedIn(person=counsel, means=Means.OS_ACCOUNT)
    account, name = archive.office.account, archive.person.name

    for number, attempt in enumerate(
        (
            lambda: roster.add(account, signed, name="N", os_account="n", roles=[Role.CLERK]),
            lambda: roster.give(account, signed, "Colleague", Role.CHIEF, Span(TODAY)),
            lambda: roster.take(account, signed, name, Role.COUNSEL, Span(TODAY)),
            lambda: leaving.leave(account, signed, name, on=TODAY, pages=()),
        ),
        start=1,
    ):
        with pytest.raises(NotPermitted, match="may not keep roster"):
            attempt()
        assert len(entered(archive, "attempt.refused")) == number


@pytest.mark.parametrize("attempt", ["add", "give", "take"])
def test_nobody_but_the_scheduler_has_the_service_role(archive, attempt):
    account, signed = archive.office.account, keeper(archive)
    attempts = {
        "add": lambda: roster.add(account, signed, name="N", os_account="n", roles=[Role.SERVICE]),
        "give": lambda: roster.give(account, signed, "colleague", Role.SERVICE, Span(TODAY)),
        "take": lambda: roster.take(account, signed, "the scheduler", Role.SERVICE, Span(TODAY)),
    }

    with pytest.raises(NotPermitted, match="scheduler alone"):
        attempts[attempt]()


def test_somebody_keeps_the_roster_on_every_day(archive):
    account, signed = archive.office.account, keeper(archive)
    me = archive.person.name

    with pytest.raises(NotPermitted, match="nobody would be left to keep the roster"):
        roster.take(account, signed, me, Role.ADMINISTRATOR, Span(TODAY))
    with pytest.raises(NotPermitted, match="nobody would be left to keep the roster"):
        leaving.leave(account, signed, me, on=TODAY, pages=())

    a_colleague(archive, Role.ADMINISTRATOR)
    roster.take(account, signed, me, Role.ADMINISTRATOR, Span(TODAY))
    assert not as_of(archive, me, TODAY).may(Right.KEEP_ROSTER)


def test_a_shared_account_keeps_no_roster(archive):
    account, signed = archive.office.account, keeper(archive)
    roster.add(
        account, signed, name="desk", os_account="d", roles=[Role.ADMINISTRATOR], shared=True
    )

    with pytest.raises(NotPermitted, match="nobody would be left"):
        leaving.leave(account, signed, archive.person.name, on=TODAY, pages=())


def test_names_and_accounts_are_given_once(archive):
    account, signed = archive.office.account, keeper(archive)
    a_colleague(archive, Role.CLERK)

    for name, os_account in (("Colleague", "other"), ("Other", "colleague")):
        with pytest.raises(ConfigInvalid, match="already in the roster"):
            roster.add(account, signed, name=name, os_account=os_account, roles=[Role.CLERK])
    roster.add(account, signed, name="No account", os_account="", roles=[Role.CLERK])
    roster.add(account, signed, name="None either", os_account="", roles=[Role.CLERK])
    with pytest.raises(NotFound, match="nobody in the roster"):
        roster.named(account, "")


def test_a_shared_account_must_be_named(archive):
    with pytest.raises(ConfigInvalid, match="needs its OS account"):
        roster.add(
            archive.office.account,
            keeper(archive),
            name="desk",
            os_account="",
            roles=[Role.CLERK],
            shared=True,
        )


def test_every_change_of_the_roster_has_one_entry_without_a_name(archive):
    counsel = a_colleague(archive, Role.CLERK, name="zebedee")
    account, signed = archive.office.account, keeper(archive)
    roster.give(account, signed, "Zebedee", Role.COUNSEL, Span(TODAY, TODAY + DAY))
    roster.take(account, signed, "Zebedee", Role.CLERK, Span(TODAY))
    leaving.leave(account, signed, "Zebedee", on=TODAY + DAY, pages=())

    told = {
        kind: [leaf for leaf in entered(archive, kind) if leaf["s"] == counsel.id]
        for kind in ("person.added", "role.given", "role.taken", "person.left")
    }

    assert {kind: len(leaves) for kind, leaves in told.items()} == dict.fromkeys(told, 1)
    assert "ebedee" not in json.dumps(told)
    assert told["role.given"][0]["d"] == {
        "role": "counsel", "from": "2026-03-02", "until": "2026-03-03",
    }  # fmt: skip


# --- an administrator reads nothing --------------------------------------------------------------


def test_nobody_is_entered_as_administrator_and_auditor(archive):
    account, roles = archive.office.account, [Role.AUDITOR, Role.ADMINISTRATOR]
    entering = partial(roster.add, account, keeper(archive), name="N", os_account="n", roles=roles)

    with pytest.raises(NotPermitted, match="administrator and auditor on 2026-03-02"):
        entering()

    assert "N" not in [member.name for member in roster.everyone(account)]
    assert entering(demonstration=True).roles == set(roles)


def test_an_administrator_may_do_a_records_offices_work(archive):
    both = a_colleague(archive, Role.RECORDS_OFFICER, Role.ADMINISTRATOR)

    assert both.may(Right.MAINTAIN)
    assert both.may(Right.DISPOSE)


@pytest.mark.parametrize(
    ("first", "last", "refused"), [(0, 9, True), (10, 20, True), (21, 30, False)]
)
def test_nobody_is_made_auditor_on_days_as_administrator(archive, first, last, refused):
    a_colleague(archive, Role.ADMINISTRATOR)
    account, signed = archive.office.account, keeper(archive)
    roster.take(account, signed, "Colleague", Role.ADMINISTRATOR, Span(TODAY + 21 * DAY))
    span = Span(TODAY + first * DAY, TODAY + last * DAY)

    def given(**how):
        return roster.give(account, signed, "Colleague", Role.AUDITOR, span, **how)

    if not refused:
        assert given().on(TODAY + 21 * DAY).roles == {Role.AUDITOR}
        return
    with pytest.raises(NotPermitted, match="does not read"):
        given()
    assert as_of(archive, "Colleague", span.since).roles == {Role.ADMINISTRATOR}
    assert Role.AUDITOR in given(demonstration=True).on(span.since).roles


def test_an_auditor_is_not_made_administrator_before_the_other_role_is_taken(archive):
    a_colleague(archive, Role.AUDITOR)
    account, signed = archive.office.account, keeper(archive)

    with pytest.raises(NotPermitted, match="administrator and auditor"):
        roster.give(account, signed, "Colleague", Role.ADMINISTRATOR, Span(TODAY))
    roster.take(account, signed, "Colleague", Role.AUDITOR, Span(TODAY))

    given = roster.give(account, signed, "Colleague", Role.ADMINISTRATOR, Span(TODAY))
    assert given.on(TODAY).roles == {Role.ADMINISTRATOR}


def test_the_first_person_has_every_role_while_alone_and_is_given_none_beside_others(archive):
    account, me = archive.office.account, archive.person.name
    roster.take(account, keeper(archive), me, Role.AUDITOR, Span(TODAY))
    assert roster.is_alone(roster.everyone(account), roster.named(account, me))
    roster.give(account, keeper(archive), me, Role.AUDITOR, Span(TODAY))
    roster.take(account, keeper(archive), me, Role.AUDITOR, Span(TODAY))
    roster.add(account, keeper(archive), name="desk", os_account="d", roles=[], shared=True)
    roster.give(account, keeper(archive), me, Role.AUDITOR, Span(TODAY))
    roster.take(account, keeper(archive), me, Role.AUDITOR, Span(TODAY))
    a_colleague(archive, Role.CLERK)

    with pytest.raises(NotPermitted, match="does not read"):
        roster.give(account, keeper(archive), me, Role.AUDITOR, Span(TODAY))
    roster.give(account, keeper(archive), me, Role.CLERK, Span(TODAY))  # they have it already
    assert Role.CLERK in as_of(archive, me, TODAY).roles


# --- leaving -------------------------------------------------------------------------------------


def test_who_leaves_hands_over_pages_tokens_holds_plans_and_reviews(archive):
    colleague = a_colleague(archive, Role.RECORDS_OFFICER)
    account = archive.office.account
    issued = hold_by(archive, colleague)
    plan = planning.plan(account, colleague, archive.office.schedule, on=account.today())
    pages = (
        replace(PAGE, name="one", owner="Colleague", token_env="ONE_TOKEN"),
        replace(PAGE, name="two", second_administrator="colleague", token_file=Path("two.token")),
        replace(PAGE, name="three", owner="Somebody", token_env="THREE_TOKEN"),
    )

    left = leaving.leave(account, keeper(archive), "Colleague", on=TODAY + DAY, pages=pages)

    assert left.handover.pages == ("one", "two")
    assert left.handover.tokens == ("ONE_TOKEN", "two.token")
    assert left.handover.holds == (issued,)
    assert left.handover.plans == ((plan.name,) if plan.due else ())
    assert left.member.on(TODAY).active
    assert not left.member.on(TODAY + DAY).active


def test_who_leaves_hands_over_matters_notices_orders_and_the_steps_that_wait_for_them(
    archive, tmp_path
):
    account = archive.office.account
    counsel = a_colleague(archive, Role.COUNSEL)
    other = a_colleague(archive, Role.CLERK, name="other")
    archive.capture(an_observation("1"))
    matter = matters.open_matter(account, counsel, NewMatter(name="Roe", kind=MatterKind.CLAIM))
    done = matters.open_matter(account, counsel, NewMatter(name="Poe", kind=MatterKind.CLAIM))
    matters.close_matter(account, counsel, done.matter.id, reason="settled")
    theirs = hold_by(archive, archive.person)
    for person in (counsel, other, counsel):
        notices.give(account, archive.person, theirs, Recipient(name="-", person=person.id))
    notices.acknowledge(account, other, theirs)
    (tmp_path / "order.pdf").write_bytes(b"It is ordered.")
    ordered = CourtOrder(court="District", number="1", dated=TODAY, effect=Effect.RESTRICT)
    signed = SignedIn(person=counsel, means=Means.OS_ACCOUNT)
    file = tmp_path / "order.pdf"
    ordering.enter(account, signed, ordered, archive.scope("1"), file, state="TX")
    waiting = {"city_attorney_written_consent": "P-000001", "records_custodian": "P-000002"}
    with archive.office.catalogue.writing() as desk:
        for step in waiting:
            plans.add_plan(desk.connection, replace(A_PLAN, chain=json.dumps([step])))

    found = leaving.handover(account, roster.named(account, "Colleague"), ())
    of_other = leaving.handover(account, roster.named(account, "Other"), ())

    assert found.matters == (matter.matter.id,)
    assert found.notices == (f"N-0001 of {theirs}", f"N-0003 of {theirs}")
    assert found.orders == ("O-0001",)
    assert found.approvals == ("city_attorney_written_consent of P-000001",)
    assert (of_other.matters, of_other.notices, of_other.orders) == ((), (), ())
    assert of_other.approvals == ("records_custodian of P-000002",)


def test_who_leaves_hands_over_requests_reviews_transfers_and_what_waits_for_a_second_person(
    archive, tmp_path
):
    account, key = archive.office.account, archive.office.keys.archive
    counsel = a_colleague(archive, Role.COUNSEL)
    a_colleague(archive, Role.AUDITOR, name="other")
    archive.capture(an_observation("1"))
    page = Scope(pages=frozenset({"p"}))
    for number in ("26-1", "26-2"):
        new = NewRequest(number=number, kind=RequestKind.CPRA, received_on=TODAY)
        requests.open_request(account, counsel, new, page, review_days=9)
    requests.close_request(account, counsel, "R-0001", on=TODAY, outcome="answered")
    theirs, lifted = hold_by(archive, archive.person), hold_by(archive, archive.person)
    for name in (theirs, lifted):
        hold.review(account, counsel, name, reason="trial", days=9)
    archive.lift_hold(lifted)
    (tmp_path / "order.pdf").write_bytes(b"It is ordered.")
    ordered = CourtOrder(court="District", number="1", dated=TODAY, effect=Effect.RESTRICT)
    file = tmp_path / "order.pdf"
    ordering.enter(account, keeper(archive), ordered, archive.scope("1"), file, state="TX")
    with archive.office.catalogue.writing() as desk:
        for n, by in enumerate((counsel.id, archive.person.id, counsel.id), start=1):
            adoption = replace(AN_ADOPTION, n=n, adoption=f"A-{n:04}", proposed_by=by)
            adoptions.add(desk.connection, adoption, key)
            plan = plans.add_plan(desk.connection, replace(A_PLAN, chain="[]"))
            status = BagStatus.RECEIVED if n == 3 else BagStatus.BAGGED
            bags.add(desk.connection, replace(A_BAG, plan_n=plan.n, by=by, status=status), key)

    found = leaving.handover(account, roster.named(account, "Colleague"), ())
    of_other = leaving.handover(account, roster.named(account, "Other"), ())

    assert (found.requests, found.reviewed_holds) == (("R-0002",), (theirs,))
    assert (found.orders, found.orders_to_confirm) == ((), ("O-0001",))
    assert (found.adoptions_to_confirm, found.transfers) == (("A-0002",), ("B-000001",))
    assert not any(of_other.told().values())
    hold.review(account, archive.person, theirs, reason="trial", days=9)
    assert leaving.handover(account, roster.named(account, "Colleague"), ()).reviewed_holds == ()


A_PLAN = PlanRow(
    n=0,
    plan="",
    made_at=0,
    by="p-somebody",
    on_day=1,
    schedule="",
    status="proposed",
    due=1,
    attended=True,
    action="destroy",
    chain="",
    bound="",
    paper="",
)


AN_ADOPTION = AdoptionRow(
    n=0,
    adoption="",
    schedule="",
    name="",
    particulars="{}",
    from_day=1,
    status=PROPOSED,
    proposed_at=0,
    proposed_by="",
    paper="",
)
A_BAG = BagRow(n=0, bag="", plan_n=0, status="", recipient="", begun_at=0, by="")


def hold_by(archive, person) -> str:
    scope = Scope(pages=frozenset({"p"}))
    return hold.issue(
        archive.office.account, person, matter=NewMatter(name="m"), reason="r", scope=scope
    ).hold


def test_who_has_left_does_no_deed_and_does_not_leave_twice(archive):
    a_colleague(archive, Role.COUNSEL)
    account, signed = archive.office.account, keeper(archive)
    leaving.leave(account, signed, "Colleague", on=TODAY, pages=())
    gone = as_of(archive, "Colleague", TODAY)

    with pytest.raises(NotPermitted, match="no longer active"):
        demand(account, gone, Right.LIFT)
    with pytest.raises(ConfigInvalid, match="left before"):
        leaving.leave(account, signed, "Colleague", on=TODAY + DAY, pages=())
    with pytest.raises(ConfigInvalid, match="has left"):
        roster.give(account, signed, "Colleague", Role.CHIEF, Span(TODAY))


def test_the_scheduler_stays(archive):
    with pytest.raises(NotPermitted, match="stays"):
        leaving.leave(archive.office.account, keeper(archive), "the scheduler", on=TODAY, pages=())


# --- who can approve -----------------------------------------------------------------------------


def test_without_two_people_who_can_approve_nothing_is_destroyed(archive):
    account, me = archive.office.account, archive.person
    counsel = a_colleague(archive, Role.COUNSEL)

    with pytest.raises(QuorumMissing, match="0 of the 2"):
        demand_quorum(account, me, "P-000001")
    enrolled(archive)
    with pytest.raises(QuorumMissing, match="1 of the 2"):
        demand_quorum(account, me, "P-000001")
    enrolled(archive, counsel, by=keeper(archive))

    demand_quorum(account, me, "P-000001")
    refused = entered(archive, "disposition.refused")
    assert [(leaf["s"], leaf["d"]["code"]) for leaf in refused] == [("P-000001", 14)] * 2


def test_a_demonstration_archive_needs_no_two(archive):
    demand_quorum(archive.office.account, archive.person, "P-000001", demonstration=True)


@pytest.mark.parametrize(("day", "able"), [(9, 2), (10, 1), (11, 1)])
def test_who_leaves_can_approve_until_the_day_before(archive, day, able):
    counsel = a_colleague(archive, Role.COUNSEL)
    enrolled(archive)
    enrolled(archive, counsel, by=keeper(archive))

    left = leaving.leave(
        archive.office.account, keeper(archive), "Colleague", on=TODAY + 10 * DAY, pages=()
    )

    with archive.office.catalogue.reading() as connection:
        assert len(approvers(connection, TODAY + day * DAY)) == able
    assert left.approvers == 1


def test_an_account_that_several_use_is_none_who_can_approve(archive):
    account = archive.office.account
    roster.add(
        account, keeper(archive), name="desk", os_account="d", roles=[Role.CHIEF], shared=True
    )

    with account.catalogue.reading() as connection:
        assert approvers(connection, TODAY) == []


# --- rebuilding ----------------------------------------------------------------------------------


def test_the_roster_comes_back_with_every_term_and_without_credentials(archive):
    account, signed = archive.office.account, keeper(archive)
    a_colleague(archive, Role.COUNSEL)
    roster.add(account, signed, name="desk", os_account="d", roles=[Role.CLERK], shared=True)
    roster.add(account, signed, name="R. Roe", os_account="", roles=[Role.CHIEF])
    roster.give(account, signed, "Colleague", Role.CHIEF, Span(TODAY + DAY, TODAY + 9 * DAY))
    roster.take(account, signed, "Colleague", Role.CHIEF, Span(TODAY + 3 * DAY, TODAY + 4 * DAY))
    leaving.leave(account, signed, "R. Roe", on=TODAY + DAY, pages=())
    enrolled(archive)
    before = dumped(archive)

    lose_the_catalogue(archive)
    rebuilt(archive)

    check_the_same(before, dumped(archive))
    spans = roster.named(archive.office.account, "Colleague").tenures[Role.CHIEF]
    assert spans == (
        Span(TODAY + DAY, TODAY + 2 * DAY), Span(TODAY + 5 * DAY, TODAY + 9 * DAY),
    )  # fmt: skip
    with archive.office.catalogue.reading() as connection:
        assert approvers(connection, TODAY) == []
    enrolled(archive)  # the first administrator begins again
