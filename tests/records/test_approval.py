"""Approval: the chain's order, who may take which step, and until when it stands."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.approval import (
    SECOND_PERSON,
    STEPS,
    Approval,
    Standing,
    Terms,
    When,
    chain_of,
    demand_step,
    next_step,
    standing,
    step_of,
)
from archiver.records.errors import NotApproved, NotFound, NotPermitted
from archiver.records.people import Person, Role

DAY = timedelta(days=1)
TODAY = date(2026, 3, 2)
CALIFORNIA = (
    "records_custodian",
    "department_head",
    "city_clerk",
    "city_attorney_written_consent",
    "council_resolution",
)


def a_person(name: str, *roles: Role) -> Person:
    return Person(id=f"p-{name}", name=name, account=name, roles=frozenset(roles))


OFFICER = a_person("officer", Role.RECORDS_OFFICER)
CLERK = a_person("clerk", Role.CLERK)
CHIEF = a_person("chief", Role.CHIEF)
COUNSEL = a_person("counsel", Role.COUNSEL)


def took(step: str, person: Person, *, on: date = TODAY, entered: date | None = None) -> Approval:
    role = next(iter(person.roles))
    return Approval(step=step, by=person.id, role=role, on=on, entered_on=entered or on)


def walked(*steps: tuple[str, Person]) -> list[Approval]:
    return [took(step, person) for step, person in steps]


# --- the chain ------------------------------------------------------------------------------------


def test_the_chain_of_a_plan_has_every_step_of_its_series_in_the_longest_ones_order():
    found = chain_of([("adopted_schedule",), CALIFORNIA, ("records_custodian", "value_test")])

    assert found == (*CALIFORNIA, "value_test", "adopted_schedule")


@pytest.mark.parametrize(
    ("chain", "asked"),
    [
        ((), (SECOND_PERSON,)),
        (("adopted_schedule",), (SECOND_PERSON, "adopted_schedule")),
        (("records_custodian",), ("records_custodian", SECOND_PERSON)),
        (
            ("records_officer", "destroy", "certificate_to_archives"),
            ("records_officer", SECOND_PERSON, "destroy", "certificate_to_archives"),
        ),
        (("records_custodian", "department_head"), ("records_custodian", "department_head")),
    ],
)
def test_no_chain_can_be_walked_by_the_proposer_alone(chain, asked):
    assert chain_of([chain]) == asked


@given(chains=st.lists(st.lists(st.sampled_from(sorted(STEPS)), unique=True), max_size=3))
def test_every_chain_of_known_steps_asks_for_somebody_who_did_not_propose(chains):
    chain = chain_of(chains)

    before = [step for step in chain if step_of(step).when is When.BEFORE]
    assert any(not step_of(step).proposer_may for step in before)
    assert len(set(chain)) == len(chain)
    assert {step for each in chains for step in each} <= set(chain)


# --- who may take which step ----------------------------------------------------------------------


def test_the_steps_are_taken_in_the_chains_own_order():
    assert next_step(CALIFORNIA, []) == "records_custodian"
    with pytest.raises(NotApproved, match="records_custodian comes before department_head"):
        demand_step(CALIFORNIA, [], "department_head", CHIEF, proposer=OFFICER.id)
    taken = walked(("records_custodian", OFFICER))

    assert next_step(CALIFORNIA, taken) == "department_head"
    assert (
        demand_step(CALIFORNIA, taken, "department_head", CHIEF, proposer=OFFICER.id) is Role.CHIEF
    )
    with pytest.raises(NotApproved, match="taken already"):
        demand_step(CALIFORNIA, taken, "records_custodian", CLERK, proposer=OFFICER.id)
    with pytest.raises(NotFound, match="no step coroner"):
        demand_step(CALIFORNIA, taken, "coroner", CHIEF, proposer=OFFICER.id)


@pytest.mark.parametrize(
    ("step", "may", "may_not"),
    [
        ("department_head", CHIEF, COUNSEL),
        ("city_attorney_written_consent", COUNSEL, CHIEF),
        ("city_clerk", CLERK, COUNSEL),
        ("records_custodian", OFFICER, CHIEF),
        ("council_resolution", CLERK, CHIEF),
        (SECOND_PERSON, COUNSEL, a_person("auditor", Role.AUDITOR)),
        (SECOND_PERSON, CHIEF, a_person("scheduler", Role.SERVICE)),
        ("a step nobody described", CHIEF, a_person("admin", Role.ADMINISTRATOR)),
    ],
)
def test_each_step_takes_its_own_roles(step, may, may_not):
    assert demand_step((step,), [], step, may, proposer="p-x") in may.roles
    with pytest.raises(NotPermitted, match="may not take the step"):
        demand_step((step,), [], step, may_not, proposer="p-x")


@pytest.mark.parametrize(
    ("step", "role"),
    [
        ("records_custodian", Role.RECORDS_OFFICER),
        ("city_clerk", Role.CLERK),
        ("council_resolution", Role.RECORDS_OFFICER),
        ("department_head", Role.DEPARTMENT_HEAD),
        ("city_attorney_written_consent", Role.COUNSEL),
        ("hold_check", Role.RECORDS_OFFICER),
    ],
)
def test_who_has_several_roles_acts_in_the_one_that_the_step_is_for(step, role):
    everything = a_person("everything", *Role)

    assert demand_step((step,), [], step, everything, proposer="p-x") is role


def test_who_proposed_takes_no_step_that_asks_for_another():
    both = a_person("both", Role.RECORDS_OFFICER, Role.CHIEF)

    assert demand_step(CALIFORNIA, [], "records_custodian", both, proposer=both.id)
    with pytest.raises(NotPermitted, match="proposed the plan"):
        demand_step(("department_head",), [], "department_head", both, proposer=both.id)


def test_nobody_takes_two_steps_that_are_apart():
    both = a_person("both", Role.RECORDS_OFFICER, Role.CHIEF)
    taken = walked(("records_custodian", both))

    with pytest.raises(NotPermitted, match="another person"):
        demand_step(CALIFORNIA, taken, "department_head", both, proposer="p-x")
    assert demand_step(CALIFORNIA, taken, "department_head", both, proposer="p-x", alone=True), (
        "a demonstration of one person"
    )


def test_a_step_after_destruction_waits_for_those_before():
    chain = ("records_officer", SECOND_PERSON, "destroy", "certificate_to_archives")
    taken = walked(("records_officer", OFFICER))

    with pytest.raises(NotApproved):
        demand_step(chain, taken, "certificate_to_archives", CLERK, proposer=OFFICER.id)
    with pytest.raises(NotFound):
        demand_step(chain, taken, "destroy", CHIEF, proposer=OFFICER.id)


# --- until when -----------------------------------------------------------------------------------


TERMS = Terms(approval_days=180, grace_days=7)
CHAIN = ("records_custodian", "department_head")


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (0, Standing.RESTING),
        (6, Standing.RESTING),
        (7, Standing.READY),
        (8, Standing.READY),
        (179, Standing.READY),
        (180, Standing.READY),
        (181, Standing.EXPIRED),
    ],
)
def test_an_approval_rests_then_stands_then_expires(after, expected):
    taken = walked(("records_custodian", OFFICER), ("department_head", CHIEF))

    assert standing(CHAIN, taken, TERMS, on=TODAY + after * DAY) is expected


def test_it_expires_by_its_oldest_step_and_rests_by_its_newest():
    taken = [
        took("records_custodian", OFFICER, on=TODAY - 100 * DAY, entered=TODAY),
        took("department_head", CHIEF),
    ]

    assert standing(CHAIN, taken, TERMS, on=TODAY + 6 * DAY) is Standing.RESTING
    assert standing(CHAIN, taken, TERMS, on=TODAY + 80 * DAY) is Standing.READY
    assert standing(CHAIN, taken, TERMS, on=TODAY + 81 * DAY) is Standing.EXPIRED


def test_a_step_that_is_missing_leaves_everything_waiting():
    assert standing(CHAIN, [], TERMS, on=TODAY) is Standing.WAITING
    taken = walked(("records_custodian", OFFICER))
    assert standing(CHAIN, taken, TERMS, on=TODAY) is Standing.WAITING
    assert standing(("adopted_schedule",), [], TERMS, on=TODAY) is Standing.WAITING
