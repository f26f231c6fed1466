"""Who may do what: each role has its rights, and no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.errors import NotPermitted
from archiver.records.people import RIGHTS, Person, Right, Role

MAY = {
    Role.CLERK: "capture read decide hold request approve",
    Role.RECORDS_OFFICER: (
        "capture read read_restricted decide hold request dispose approve adopt"
    ),
    Role.COUNSEL: "read read_restricted decide hold lift request approve adopt order",
    Role.DEPARTMENT_HEAD: "read hold approve adopt",
    Role.CHIEF: "read read_restricted hold approve adopt order",
    Role.AUDITOR: "read",
    Role.ADMINISTRATOR: "capture maintain keep_roster",
    Role.SERVICE: "capture maintain",
}


def a_person(*roles: Role, active: bool = True) -> Person:
    return Person(
        id="p-1", name="R. Clerk", account="rclerk", roles=frozenset(roles), active=active
    )


def may(person: Person, right: Right) -> bool:
    try:
        person.demand(right)
    except NotPermitted:
        return False
    return True


@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_what_it_is_for_and_nothing_else(role):
    assert {right.value for right in Right if may(a_person(role), right)} == set(MAY[role].split())


@given(roles=st.sets(st.sampled_from(Role)), right=st.sampled_from(Right))
def test_several_roles_are_what_each_may_and_the_schedulers_counts_alone(roles, right):
    counted = roles & {Role.SERVICE} or roles
    assert may(a_person(*roles), right) == any(right in RIGHTS[role] for role in counted)


@given(roles=st.sets(st.sampled_from(Role)), right=st.sampled_from(Right))
def test_who_left_may_do_nothing(roles, right):
    assert not may(a_person(*roles, active=False), right)


def test_the_scheduler_can_never_propose_approve_lift_or_decide():
    never = set(Right) - {Right.CAPTURE, Right.MAINTAIN}

    assert RIGHTS[Role.SERVICE].isdisjoint(never)


def test_a_refusal_says_who_and_what():
    with pytest.raises(NotPermitted, match=r"R\. Clerk \(clerk\) may not keep roster"):
        a_person(Role.CLERK).demand(Right.KEEP_ROSTER)
    with pytest.raises(NotPermitted, match=r"R\. Clerk \(no role\) may not lift"):
        a_person().demand(Right.LIFT)
    with pytest.raises(NotPermitted, match="no longer active"):
        a_person(Role.COUNSEL, active=False).demand(Right.LIFT)
