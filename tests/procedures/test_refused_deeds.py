"""Refused deeds: what decides, and is refused, leaves exactly one entry, whatever the reason.

That who has not the right is refused and entered, `demand` sees to for every deed alike. Here are
the other reasons: the wrong person, the wrong moment, or an item that they may not see.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from archiver.catalogue import ledger, plans
from archiver.procedures import (
    adopting,
    amending,
    approving,
    enrolling,
    hold,
    leaving,
    lifting,
    matters,
    notices,
    planning,
    requests,
    restricting,
    review,
    roster,
    triggering,
)
from archiver.procedures.approving import Document
from archiver.procedures.notices import Recipient
from archiver.procedures.planning import Wanted
from archiver.procedures.requests import NewRequest
from archiver.records.classification import Tag
from archiver.records.errors import ArchiverError, NotApproved, NotPermitted, UnderHold
from archiver.records.people import Means, Person, Role, SignedIn
from archiver.records.requests import RequestKind
from archiver.records.roster import Span
from archiver.records.series import Trigger
from tests.archive import LETTER, Archive, a_colleague, an_archive, an_observation
from tests.procedures import test_adopting as of_adopting
from tests.procedures.test_approving import TERMS, TWO_YEARS, enrol
from tests.procedures.test_verify import proved

OPEN, CLOSED = "open", "closed"


@pytest.fixture
def archive(tmp_path) -> Archive:
    """An archive with an open and a restricted item, both long lapsed, and a clerk who decides."""
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(
        an_observation(OPEN, "The library opens at nine on Monday."),
        an_observation(CLOSED, "The library closes at nine on Monday.", restricted=True),
    )
    officer = a_colleague(archive, Role.RECORDS_OFFICER, name="officer")
    for native_id in (OPEN, CLOSED):
        archive.decide(native_id, by=officer)
    archive.clock.forward(days=TWO_YEARS)
    archive.capture()
    archive.colleague = a_colleague(archive, Role.CLERK)
    enrol(archive, archive.person, archive.colleague)
    return archive


def signed(person: Person) -> SignedIn:
    return SignedIn(person=person, means=Means.OS_ACCOUNT)


def refusals(archive: Archive) -> list[dict]:
    with archive.office.catalogue.reading() as connection:
        size = ledger.head(connection).size
        leaves = [json.loads(data) for data in ledger.raw_entries(connection, 0, size)]
    return [leaf for leaf in leaves if leaf["k"].endswith(".refused")]


def refused_once(archive: Archive, deed: Callable[[], object], *why: type[ArchiverError]) -> None:
    """Assert that *deed* is refused for a reason of *why*, and entered once, with its code."""
    before = len(refusals(archive))

    with pytest.raises(why or NotPermitted) as refusal:
        deed()

    (entry,) = refusals(archive)[before:]
    assert entry["d"]["code"] == refusal.value.exit_code
    assert entry["by"] in {archive.person.id, archive.colleague.id}


def made_plan(archive: Archive):
    account, schedule = archive.office.account, archive.office.schedule
    return planning.plan(account, archive.person, schedule, on=account.today(), wanted=Wanted())


# --- the wrong person -------------------------------------------------------------------------


def give(archive, role: Role, name: str = "Colleague"):
    span = Span(archive.office.account.today())
    return roster.give(archive.office.account, signed(archive.person), name, role, span)


def take(archive, role: Role):
    keeper, span = archive.person, Span(archive.office.account.today())
    return roster.take(archive.office.account, signed(keeper), keeper.name, role, span)


def leave(archive, name: str):
    account, today = archive.office.account, archive.office.account.today()
    return leaving.leave(account, signed(archive.person), name, on=today, pages=[])


def add(archive, *roles: Role):
    account = archive.office.account
    return roster.add(account, signed(archive.person), name="New", os_account="new", roles=roles)


ROSTER = {
    "to have the scheduler's role": lambda a: add(a, Role.SERVICE),
    "to be administrator and auditor": lambda a: add(a, Role.ADMINISTRATOR, Role.AUDITOR),
    "to be given the scheduler's role": lambda a: give(a, Role.SERVICE),
    "to be given both roles": lambda a: (give(a, Role.AUDITOR), give(a, Role.ADMINISTRATOR)),
    "to lose the last keeper": lambda a: take(a, Role.ADMINISTRATOR),
    "to have the last keeper leave": lambda a: leave(a, a.person.name),
    "to have the scheduler leave": lambda a: leave(a, "scheduler"),
    "to invite the scheduler": lambda a: enrolling.invite(
        a.office.account, signed(a.person), "scheduler"
    ),
    "to reset the scheduler": lambda a: enrolling.reset(
        a.office.account, signed(a.person), "scheduler"
    ),
}


@pytest.mark.parametrize("asked", ROSTER)
def test_what_the_roster_refuses_is_entered(archive, asked):
    refused_once(archive, lambda: ROSTER[asked](archive))

    assert proved(archive).ok


def test_who_entered_an_adoption_and_would_confirm_it_is_entered(tmp_path):
    archive = an_archive(tmp_path, index="memory:")
    of_adopting.use(archive, of_adopting.SCHEDULE)
    archive.colleague = a_colleague(archive, Role.RECORDS_OFFICER)
    name = of_adopting.proposed(archive).row.adoption
    account, person = archive.office.account, signed(archive.person)

    refused_once(archive, lambda: adopting.confirm(account, person, name))

    assert refusals(archive)[-1]["s"] == name
    assert refusals(archive)[-1]["d"]["r"] == "adoption.confirmed"
    assert proved(archive).ok


def test_who_would_decide_what_counsel_decided_is_entered(archive):
    archive.decide(OPEN, reason="counsel says so")  # the first person is counsel, too

    refused_once(archive, lambda: decide(archive, archive.colleague, OPEN))


# --- the wrong moment -------------------------------------------------------------------------


def lifted(archive) -> str:
    archive.issue_hold(OPEN)
    account, why = archive.office.account, {"reason": "settled", "authority": LETTER}
    lifting.lift(account, signed(archive.person), "H-0001", **why, cool_down_days=0)
    return "H-0001"


def widen(archive):
    name = lifted(archive)
    account, scope = archive.office.account, archive.scope(OPEN)
    return hold.widen(account, archive.colleague, name, reason="more", scope=scope)


def notify(archive):
    name, account = lifted(archive), archive.office.account
    to = Recipient(name="C. Custodian")
    return notices.give(account, archive.colleague, name, to)


def close_matter(archive):
    archive.issue_hold(OPEN)
    return matters.close_matter(
        archive.office.account, archive.colleague, "M-0001", reason="settled"
    )


def narrow_closed(archive):
    account, today = archive.office.account, archive.office.account.today()
    new = NewRequest(number="1", kind=RequestKind.CPRA, received_on=today)
    scope = archive.scope(since=account.now() - timedelta(days=9_000))
    opened = requests.open_request(account, archive.person, new, scope, review_days=30)
    requests.close_request(account, archive.person, opened.request, outcome="sent", on=today)
    person, name = signed(archive.colleague), opened.request
    return requests.narrow_request(
        account, person, name, reason="-", scope=archive.scope(OPEN), cool_down_days=1
    )


MOMENTS = {
    "to widen a hold that was lifted": widen,
    "to tell of a hold that was lifted": notify,
    "to close a matter that still binds": close_matter,
    "to narrow a request that is closed": narrow_closed,
}


@pytest.mark.parametrize("asked", MOMENTS)
def test_what_comes_at_the_wrong_moment_is_entered(archive, asked):
    refused_once(archive, lambda: MOMENTS[asked](archive), UnderHold)


@pytest.mark.parametrize("days", [TERMS.approval_days - 1, TERMS.approval_days])
def test_a_document_as_old_as_an_approval_may_be_carries_a_step(archive, days):
    assert [one.step for one in step_resting_on(archive, days).taken] == ["records_custodian"]


def test_a_document_older_than_an_approval_may_be_carries_no_step(archive):
    refused_once(archive, lambda: step_resting_on(archive, TERMS.approval_days + 1), NotApproved)
    refused_once(archive, lambda: step_resting_on(archive, 0, date(1999, 1, 1)), NotApproved)


def step_resting_on(archive: Archive, days: int, on: date | None = None):
    """Take the first step of a plan on a document *days* old, or of the day *on*."""
    account, plan = archive.office.account, made_plan(archive)
    on = on or account.today() - timedelta(days=days)
    return approving.approve(
        account,
        signed(archive.person),
        plan.name,
        "records_custodian",
        schedule=archive.office.schedule,
        terms=TERMS,
        document=Document(file=None, dated=on),
    )


# --- what they may not see --------------------------------------------------------------------


def decide(archive, person: Person, native_id: str):
    office = archive.office
    return review.decide(
        office.account,
        office.objects,
        person,
        office.schedule,
        archive.item_id(native_id),
        tag=Tag.SUBSTANTIVE,
        series="DEMO-200",
        reason="read",
    )


def declare(archive, person: Person, native_id: str):
    office, item = archive.office, archive.item_id(native_id)
    return review.declare(office.account, office.objects, signed(person), item, reason="over")


def trigger(archive, person: Person, native_id: str):
    office, item = archive.office, archive.item_id(native_id)
    account, today = office.account, office.account.today()
    return triggering.enter_trigger(
        account, office.objects, signed(person), [item], Trigger.CASE_CLOSED, today, reason="-"
    )


def restrict(archive, person: Person, native_id: str):
    office, item = archive.office, archive.item_id(native_id)
    return restricting.restrict(office.account, office.objects, person, [item], reason="-")


def unrestrict(archive, person: Person, native_id: str):
    office, item = archive.office, archive.item_id(native_id)
    objects = office.objects
    return restricting.unrestrict(office.account, objects, signed(person), [item], reason="-")


def extend(archive, person: Person, native_id: str):
    account, plan, item = archive.office.account, made_plan(archive), archive.item_id(native_id)
    return amending.extend(account, signed(person), plan.name, days=9, reason="-", only=[item])


def extend_whole(archive, person: Person, native_id: str):
    account, plan = archive.office.account, made_plan(archive)
    assert archive.item(native_id).n in numbers_of(archive, plan.n)
    return amending.extend(account, signed(person), plan.name, days=9, reason="-")


def numbers_of(archive, plan_n: int) -> list[int]:
    with archive.office.catalogue.reading() as connection:
        return [line.item_n for line in plans.lines_of(connection, plan_n)]


def relabel(archive, person: Person, native_id: str):
    office, plan, item = archive.office, made_plan(archive), archive.item_id(native_id)
    return amending.relabel(
        office.account,
        office.objects,
        signed(person),
        plan.name,
        item,
        series="DEMO-100",
        schedule=office.schedule,
        reason="-",
    )


ON_ITEMS = (decide, declare, trigger, restrict, extend, relabel)


@pytest.mark.parametrize("deed", [*ON_ITEMS, extend_whole, unrestrict])
def test_nobody_decides_on_an_item_that_they_may_not_see(archive, deed):
    before = archive.item(CLOSED)

    refused_once(archive, lambda: deed(archive, archive.colleague, CLOSED))

    assert archive.item(CLOSED) == before
    assert "read_restricted" in json.dumps(refusals(archive)[-1])


def test_who_may_not_see_one_item_of_a_plan_keeps_none_of_it_longer(archive, monkeypatch):
    monkeypatch.setattr(amending, "_SLICE", 1)
    before = [archive.item(OPEN), archive.item(CLOSED)]

    with pytest.raises(NotPermitted):
        extend_whole(archive, archive.colleague, OPEN)
    assert [archive.item(OPEN), archive.item(CLOSED)] == before

    assert extend_whole(archive, archive.person, OPEN) == 2
    assert archive.item(OPEN) != before[0]


@pytest.mark.parametrize("deed", [trigger, restrict, extend])
def test_who_may_see_an_item_decides_on_it(archive, deed):
    before = archive.item(OPEN)

    deed(archive, archive.colleague, OPEN)

    assert archive.item(OPEN) != before
    assert refusals(archive) == []
