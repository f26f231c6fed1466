"""People: who may do what. The actor of every deed is the OS account; no option sets it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from archiver.records.errors import NotPermitted


class Role(StrEnum):
    """What a person is in the department's records programme."""

    CLERK = "clerk"
    RECORDS_OFFICER = "records_officer"
    COUNSEL = "counsel"
    DEPARTMENT_HEAD = "department_head"
    CHIEF = "chief"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SERVICE = "service"


class Right(StrEnum):
    """What a deed asks of its actor."""

    CAPTURE = "capture"
    READ = "read"
    READ_RESTRICTED = "read_restricted"
    DECIDE = "decide"
    HOLD = "hold"
    LIFT = "lift"
    REQUEST = "request"
    DISPOSE = "dispose"
    APPROVE = "approve"
    ADOPT = "adopt"
    ORDER = "order"
    MAINTAIN = "maintain"
    KEEP_ROSTER = "keep_roster"


_OFFICER = {Right.READ, Right.READ_RESTRICTED, Right.DECIDE, Right.HOLD}

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.CLERK: frozenset(
        {Right.CAPTURE, Right.READ, Right.DECIDE, Right.HOLD, Right.REQUEST, Right.APPROVE}
    ),
    Role.RECORDS_OFFICER: frozenset(
        {*_OFFICER, Right.CAPTURE, Right.REQUEST, Right.DISPOSE, Right.APPROVE, Right.ADOPT}
    ),
    Role.COUNSEL: frozenset(
        {*_OFFICER, Right.LIFT, Right.REQUEST, Right.APPROVE, Right.ADOPT, Right.ORDER}
    ),
    Role.DEPARTMENT_HEAD: frozenset({Right.READ, Right.HOLD, Right.APPROVE, Right.ADOPT}),
    Role.CHIEF: frozenset(
        {Right.READ, Right.READ_RESTRICTED, Right.HOLD, Right.APPROVE, Right.ADOPT, Right.ORDER}
    ),
    Role.AUDITOR: frozenset({Right.READ}),
    Role.ADMINISTRATOR: frozenset({Right.CAPTURE, Right.MAINTAIN, Right.KEEP_ROSTER}),
    Role.SERVICE: frozenset({Right.CAPTURE, Right.MAINTAIN}),
}
"""What each role may do. The service person can never propose, approve, lift or decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person of the roster; *id* is opaque and stands in the ledger instead of the name."""

    id: str
    name: str
    account: str
    roles: frozenset[Role]
    active: bool = True

    def demand(self, right: Right) -> None:
        """Pass if this person has *right*.

        Raises:
            NotPermitted: the person is inactive, or none of the roles carries the right.
        """
        if not self.active:
            raise NotPermitted(f"{self.name} is no longer active")
        if not any(right in RIGHTS[role] for role in self.roles):
            roles = ", ".join(sorted(self.roles)) or "no role"
            raise NotPermitted(f"{self.name} ({roles}) may not {right.value.replace('_', ' ')}")


class Means(StrEnum):
    """By what a person proved to be at the terminal."""

    OS_ACCOUNT = "os_account"
    TWO_FACTORS = "passphrase_and_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person who has just proven to be the one at the terminal, and by what *means*.

    Deeds that decide ask for one: approving, lifting, adopting, entering an order.
    """

    person: Person
    means: Means
