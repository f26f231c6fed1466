"""Signing in: who decides proves to be the one at the terminal."""

from __future__ import annotations

import pytest

from archiver.procedures.signing_in import sign_in
from archiver.records.errors import NotPermitted
from archiver.records.people import Means, Person, Role


def a_person(role: Role, *, active: bool = True) -> Person:
    return Person(id="p-1", name="C. Ounsel", account="co", roles=frozenset({role}), active=active)


def test_a_person_of_the_roster_signs_in_by_the_account_they_run_as():
    signed_in = sign_in(a_person(Role.COUNSEL))

    assert (signed_in.person.name, signed_in.means) == ("C. Ounsel", Means.OS_ACCOUNT)


@pytest.mark.parametrize(
    "person",
    [a_person(Role.SERVICE), a_person(Role.COUNSEL, active=False)],
    ids=["service", "left"],
)
def test_the_scheduler_and_who_has_left_cannot_sign_in(person):
    with pytest.raises(NotPermitted, match="cannot sign in to decide"):
        sign_in(person)
