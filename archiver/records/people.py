"""People: who may do what.

The actor of a deed is the person of the OS account it is done from, or who signed in there with
credentials of their own. An account that several people use can do only what decides nothing.
"""

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

ONLY_READ = frozenset(role for role in Role if RIGHTS[role] == {Right.READ})
"""The roles that read what is archived and do nothing: no administrator has one beside theirs."""

_ASK = {
    Right.READ_RESTRICTED: "Ask a records officer or counsel: they are shown it, and decide on it."
}
"""Whom to ask who has a right, where those who have not often meet it."""

AT_A_SHARED_ACCOUNT = frozenset({Right.CAPTURE, Right.READ, Right.MAINTAIN})
"""What an account that several people use may do by itself; everything else names a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person of the roster, with the *roles* in force on the day that was asked about.

    *id* is opaque and stands in the ledger instead of the name. *account* is empty for who has no
    OS account of their own. A *shared* one is an account that several people use, and no person.
    """

    id: str
    name: str
    account: str
    roles: frozenset[Role]
    active: bool = True
    shared: bool = False

    def may(self, right: Right) -> bool:
        """Say whether this person has *right*."""
        roles = {Role.SERVICE} & self.roles or self.roles  # whatever else it may be called
        granted = any(right in RIGHTS[role] for role in roles)
        return self.active and granted and (not self.shared or right in AT_A_SHARED_ACCOUNT)

    def demand(self, right: Right) -> None:
        """Pass if this person has *right*.

        Raises:
            NotPermitted: the person is inactive, none of the roles carries the right, or several
                people use the account and the deed must name one.
        """
        if not self.active:
            raise NotPermitted(f"{self.name} is no longer active")
        if self.shared and right not in AT_A_SHARED_ACCOUNT:
            raise NotPermitted(
                f"{self.name} is an account that several people use: it cannot "
                f"{right.value.replace('_', ' ')}",
                remedy="Say who you are: `archiver --as NAME …`, with your own credentials.",
            )
        if not self.may(right):
            roles = ", ".join(sorted(self.roles)) or "no role"
            raise NotPermitted(
                f"{self.name} ({roles}) may not {right.value.replace('_', ' ')}",
                remedy=_ASK.get(right),
            )


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
