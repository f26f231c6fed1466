"""What the scheduler's service person is refused, procedure by procedure, and what is entered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from archiver.procedures import (
    adopting,
    amending,
    approving,
    carrying,
    enrolling,
    expunging,
    hold,
    lifting,
    matters,
    notices,
    ordering,
    planning,
    promising,
    requests,
    review,
    roster,
    triggering,
)
from archiver.procedures.account import Account
from archiver.procedures.approving import Document
from archiver.procedures.notices import Recipient
from archiver.records.adoption import Adoption
from archiver.records.approval import Terms
from archiver.records.classification import Tag
from archiver.records.errors import NotPermitted
from archiver.records.holds import Scope
from archiver.records.matters import MatterKind, NewMatter
from archiver.records.orders import CourtOrder, Effect
from archiver.records.people import Means, Role, SignedIn
from archiver.records.requests import RequestKind
from archiver.records.roster import Span
from archiver.records.series import Trigger
from archiver.records.wordings import ScheduleText
from tests.archive import LETTER, Archive, an_archive, an_observation
from tests.proofs.invariants import told

TODAY = date(2026, 3, 2)
SCOPE = Scope(query=None, pages=frozenset({"p"}))
ORDER = CourtOrder(court="District", number="1", dated=TODAY, effect=Effect.RESTRICT)
RECORD = Adoption(instrument="i", number="1", date=TODAY, signed_by=("A",))
REQUEST = requests.NewRequest(number="1", kind=RequestKind.CPRA, received_on=TODAY, about="x")
WHY = {"reason": "because"}

Deed = Callable[[Archive, Account, SignedIn], object]


def _carried_out(archive: Archive, _account: Account, signed: SignedIn) -> None:
    with archive.office.disposer() as disposer:
        schedule = archive.office.schedule
        carrying.carry_out_approved(disposer, signed, "P-000001", schedule, terms=Terms(), on=TODAY)


def _order_carried_out(archive: Archive, _account: Account, signed: SignedIn) -> None:
    with archive.office.disposer() as disposer:
        expunging.carry_out_order(disposer, signed, "O-0001")


DEEDS: dict[str, Deed] = {
    "hold": lambda _, a, s: hold.issue(a, s.person, matter="M-0001", scope=SCOPE, **WHY),
    "widen": lambda _, a, s: hold.widen(a, s.person, "H-0001", scope=SCOPE, **WHY),
    "review a hold": lambda _, a, s: hold.review(a, s.person, "H-0001", days=9, **WHY),
    "lift": lambda _, a, s: lifting.lift(a, s, "H-0001", authority=LETTER, cool_down_days=0, **WHY),
    "narrow": lambda _, a, s: lifting.narrow(
        a, s, "H-0001", authority=LETTER, scope=SCOPE, cool_down_days=0, **WHY
    ),
    "give notice": lambda _, a, s: notices.give(a, s.person, "H-0001", Recipient(name="J. Doe")),
    "acknowledge on paper": lambda _, a, s: notices.acknowledge_on_paper(
        a, s.person, "N-0001", LETTER
    ),
    "open a matter": lambda _, a, s: matters.open_matter(
        a, s.person, NewMatter(name="Doe", kind=MatterKind.AUDIT)
    ),
    "close a matter": lambda _, a, s: matters.close_matter(a, s.person, "M-0001", **WHY),
    "open a request": lambda _, a, s: requests.open_request(
        a, s.person, REQUEST, SCOPE, review_days=9
    ),
    "narrow a request": lambda _, a, s: requests.narrow_request(
        a, s, "R-0001", scope=SCOPE, cool_down_days=0, **WHY
    ),
    "close a request": lambda _, a, s: requests.close_request(
        a, s.person, "R-0001", outcome="answered", on=TODAY
    ),
    "decide on an item": lambda archive, a, s: review.decide(
        a,
        archive.office.objects,
        s.person,
        archive.office.schedule,
        archive.item_id("1"),
        tag=Tag.TRANSITORY,
        series="DEMO-100",
        **WHY,
    ),
    "declare an item": lambda archive, a, s: review.declare(
        a, archive.office.objects, s, archive.item_id("1"), **WHY
    ),
    "enter a trigger": lambda archive, a, s: triggering.enter_trigger(
        a, archive.office.objects, s, [archive.item_id("1")], Trigger.CASE_CLOSED, TODAY, **WHY
    ),
    "plan": lambda archive, a, s: planning.plan(
        a, s.person, archive.office.schedule, on=TODAY, wanted=planning.Wanted()
    ),
    "approve": lambda archive, a, s: approving.approve(
        a,
        s,
        "P-000001",
        "records_custodian",
        schedule=archive.office.schedule,
        terms=Terms(demonstration=True),
        document=Document(),
    ),
    "decline": lambda _, a, s: amending.decline(a, s, "P-000001", **WHY),
    "extend": lambda _, a, s: amending.extend(a, s, "P-000001", days=9, **WHY),
    "carry out": _carried_out,
    "adopt": lambda archive, a, s: adopting.propose(
        a, s, archive.office.config.schedule, ScheduleText(toml=b""), RECORD, (LETTER,)
    ),
    "confirm an adoption": lambda _, a, s: adopting.confirm(a, s, "A-0001"),
    "withdraw an adoption": lambda _, a, s: adopting.withdraw(
        a, s, "A-0001", instrument=LETTER, **WHY
    ),
    "accept a shorter series": lambda archive, a, s: promising.accept_shorter(
        a, s, archive.office.schedule, "DEMO-100", **WHY
    ),
    "enter an order": lambda _, a, s: ordering.enter(
        a, s, ORDER, SCOPE, Path("order.pdf"), state="TX"
    ),
    "confirm an order": lambda _, a, s: ordering.confirm(a, s, "O-0001"),
    "lift an order": lambda _, a, s: ordering.lift(a, s, "O-0001", Path("order.pdf")),
    "carry out an order": _order_carried_out,
    "enter a person": lambda _, a, s: roster.add(
        a, s, name="J. Doe", os_account="jdoe", roles=frozenset({Role.CLERK})
    ),
    "give a role": lambda _, a, s: roster.give(a, s, "the scheduler", Role.COUNSEL, Span(TODAY)),
    "take a role": lambda _, a, s: roster.take(a, s, "the scheduler", Role.CLERK, Span(TODAY)),
    "invite": lambda _, a, s: enrolling.invite(a, s, "the scheduler"),
    "reset credentials": lambda _, a, s: enrolling.reset(a, s, "the scheduler"),
}
"""Every deed that decides, as a procedure."""


@pytest.fixture
def archive(tmp_path) -> Archive:
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(an_observation("1"))
    return archive


def test_the_scheduler_is_refused_every_deed_that_decides_and_each_attempt_is_entered(archive):
    account = archive.office.account
    signed = SignedIn(person=archive.office.service, means=Means.OS_ACCOUNT)
    refused, before = [], len(told(archive))

    for name, deed in DEEDS.items():
        try:
            deed(archive, account, signed)
        except NotPermitted:
            refused.append(name)

    assert refused == list(DEEDS)
    kinds = [leaf["k"] for leaf in told(archive)[before:]]
    assert kinds == ["attempt.refused"] * len(DEEDS)


def test_the_scheduler_is_given_no_other_role(archive):
    signed = SignedIn(person=archive.person, means=Means.OS_ACCOUNT)

    with pytest.raises(NotPermitted, match="belongs to the scheduler alone"):
        roster.give(archive.office.account, signed, "the scheduler", Role.COUNSEL, Span(TODAY))
    assert archive.office.service.roles == {Role.SERVICE}
