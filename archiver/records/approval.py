"""Approval: which steps a plan needs, who may take which, and until when it stands.

A schedule's chain names the steps; what each asks of its taker stands in one table here. A step
the table does not know asks for the most: a document, and somebody who did not propose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from archiver.records.ceiling import Ceiling
from archiver.records.clocks import FARTHEST_DAYS
from archiver.records.errors import NotApproved, NotFound, NotPermitted
from archiver.records.people import Person, Role
from archiver.records.sampling import DEFAULT, Sampling

_OFFICE = (Role.RECORDS_OFFICER, Role.CLERK)
_HEADS = (Role.DEPARTMENT_HEAD, Role.CHIEF)
_ANYBODY = (*_OFFICE, *_HEADS, Role.COUNSEL)


class When(StrEnum):
    """Where in a plan's way a step stands."""

    BY_ITSELF = "by itself"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step of a chain asks.

    *roles* may take it; who has several acts in the first of them. *proposer_may*: who proposed
    the plan may take it too. *apart*: whoever takes it has taken no other step that is apart.
    *document*: the paper that says so is needed.
    *recipient*: to whom something is sent with it.
    """

    roles: tuple[Role, ...] = _ANYBODY
    proposer_may: bool = False
    apart: bool = True
    document: bool = False
    when: When = When.BEFORE
    recipient: str = ""


_ENTERED = Step(roles=_OFFICE, proposer_may=True, apart=False, document=True)
"""What somebody outside decided; a person of the office enters the document that says so."""

_CUSTODIAN = Step(roles=_OFFICE, proposer_may=True)
_ITSELF = Step(when=When.BY_ITSELF)
_UNKNOWN = Step(document=True)

SECOND_PERSON = "second_person"
"""The step that is added where a chain could be walked by the proposer alone."""

OFFERS, DECLINES, ACCEPTS = "offer_to_archives", "archives_decline", "archives_accept"
"""An offer, and the two answers to it: the step of a chain to destroy, and what takes its place."""

_STATE_ARCHIVES = "State Archives"

STEPS: Mapping[str, Step] = {
    "adopted_schedule": _ITSELF,
    "destroy": _ITSELF,
    "disposition_record": _ITSELF,
    "permanent_disposition_record": _ITSELF,
    "disposition_log": _ITSELF,
    "records_custodian": _CUSTODIAN,
    "records_officer": _CUSTODIAN,
    "records_management_officer": _CUSTODIAN,
    "value_test": Step(roles=(*_OFFICE, *_HEADS)),
    "hold_check": Step(roles=(*_OFFICE, Role.COUNSEL), proposer_may=True, apart=False),
    "department_head": Step(roles=_HEADS),
    "city_clerk": Step(roles=(Role.CLERK, Role.RECORDS_OFFICER)),
    "city_attorney_written_consent": Step(roles=(Role.COUNSEL,), document=True),
    "council_resolution": _ENTERED,
    OFFERS: replace(_ENTERED, recipient=_STATE_ARCHIVES),
    DECLINES: _ENTERED,
    ACCEPTS: Step(roles=_OFFICE, document=True),
    "state_archivist_approval": _ENTERED,
    "notice_to_state_library": replace(_ENTERED, recipient="State Library"),
    "certificate_to_archives": Step(
        roles=_OFFICE,
        proposer_may=True,
        apart=False,
        document=True,
        when=When.AFTER,
        recipient=_STATE_ARCHIVES,
    ),
    SECOND_PERSON: Step(),
}
"""Who may take which step, and whether the proposer may: the one table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the agency has set: how long an approval stands and must rest, and how much may go.

    A *demonstration* with fewer than two approvers lets one person walk the whole chain. Without
    an entry of the ledger for *clock_days* the clock is doubted; 0 doubts none that is ahead.
    """

    demonstration: bool = False
    approval_days: int = 180
    grace_days: int = 7
    ceiling: Ceiling = field(default_factory=Ceiling)
    sampling: Sampling = DEFAULT
    clock_days: int = FARTHEST_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One step that was taken: by whom (their id), in which role, on which day."""

    step: str
    by: str
    role: Role
    on: date
    entered_on: date
    document: str = ""


class Standing(StrEnum):
    """How the approval of a plan stands on a day; the last five ask for no step before the deed."""

    WAITING = "waiting for approval"
    EXPIRED = "approval expired"
    RESTING = "approved, in its grace period"
    READY = "approved"
    CARRIED_OUT = "carried out"
    DECLINED = "declined"
    VOID = "void"
    EMPTY = "empty"
    MAKING = "being made"


def step_of(name: str) -> Step:
    """Give what the step called *name* asks."""
    return STEPS.get(name, _UNKNOWN)


def chain_of(chains: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Give the one chain that has every step of *chains*, in the order of the longest.

    Where the proposer could walk it alone, a second person is asked for at the end of the steps
    before destruction.
    """
    ordered = sorted(chains, key=lambda chain: (-len(chain), tuple(chain)))
    steps = list(dict.fromkeys(step for chain in ordered for step in chain))
    before = [s for s in steps if step_of(s).when is When.BEFORE]
    if not any(not step_of(s).proposer_may for s in before):
        place = steps.index(before[-1]) + 1 if before else 0
        steps.insert(place, SECOND_PERSON)
    return tuple(steps)


def steps_of(chain: Sequence[str], when: When) -> list[str]:
    """Give the steps of *chain* that stand at *when*, in order."""
    return [step for step in chain if step_of(step).when is when]


def next_step(chain: Sequence[str], taken: Sequence[Approval]) -> str | None:
    """Give the first step before destruction that nobody has taken; None if there is none."""
    done = {approval.step for approval in taken}
    return next((s for s in steps_of(chain, When.BEFORE) if s not in done), None)


def demand_step(
    chain: Sequence[str],
    taken: Sequence[Approval],
    step: str,
    person: Person,
    *,
    proposer: str,
    alone: bool = False,
) -> Role:
    """Pass if *person* may now take *step*, and give the role in which; the order is the chain's.

    Where a demonstration is one person's *alone*, the same person may take every step.

    Raises:
        NotFound: the chain has no such step.
        NotApproved: an earlier step was not taken, or this one was.
        NotPermitted: no role of the person takes it, or it must be another person.
    """
    if step not in chain or step_of(step).when is When.BY_ITSELF:
        steps = ", ".join(s for s in chain if step_of(s).when is not When.BY_ITSELF) or "none"
        raise NotFound(f"the plan's chain has no step {step}; it has {steps}")
    if any(approval.step == step for approval in taken):
        raise NotApproved(f"the step {step} was taken already")
    waiting = next_step(chain, taken)
    if waiting not in {step, None}:
        raise NotApproved(f"the step {waiting} comes before {step}, and nobody has taken it")
    asked = step_of(step)
    if asked.when is When.AFTER and waiting is not None:
        raise NotApproved(f"the step {step} comes after destruction")
    return _demand_person(asked, step, taken, person, proposer=proposer, alone=alone)


def _demand_person(
    asked: Step,
    step: str,
    taken: Sequence[Approval],
    person: Person,
    *,
    proposer: str,
    alone: bool,
) -> Role:
    roles = [role for role in asked.roles if role in person.roles]
    if not roles:
        may = ", ".join(sorted(asked.roles))
        raise NotPermitted(f"{person.name} may not take the step {step}: it takes {may}")
    if alone:
        return roles[0]
    if person.id == proposer and not asked.proposer_may:
        raise NotPermitted(f"{person.name} proposed the plan and may not take the step {step}")
    if asked.apart and any(a.by == person.id and step_of(a.step).apart for a in taken):
        raise NotPermitted(f"{person.name} has taken another step; {step} takes another person")
    return roles[0]


def demand_recent(on: date, terms: Terms, *, today: date) -> None:
    """Pass if a document of the day *on* can still carry a step *today*.

    Raises:
        NotApproved: it is older than an approval may be, and the whole chain would have expired.
    """
    if today > on + timedelta(days=terms.approval_days):
        raise NotApproved(
            f"--on {on}: the document is older than the {terms.approval_days} days that an "
            "approval stands",
            remedy="Have it signed anew, and give the day it then bears with --on.",
        )


def standing(
    chain: Sequence[str], taken: Sequence[Approval], terms: Terms, *, on: date
) -> Standing:
    """Say how a plan's approval stands on the day *on*.

    It stands from its last step until *approval_days* after its oldest one, and may be carried
    out once *grace_days* have passed since the last was entered.
    """
    before = set(steps_of(chain, When.BEFORE))
    counted = [approval for approval in taken if approval.step in before]
    if next_step(chain, taken) is not None or not counted:
        return Standing.WAITING
    oldest = min(min(a.on, a.entered_on) for a in counted)
    if on > oldest + timedelta(days=terms.approval_days):
        return Standing.EXPIRED
    newest = max(a.entered_on for a in counted)
    if on < newest + timedelta(days=terms.grace_days):
        return Standing.RESTING
    return Standing.READY
