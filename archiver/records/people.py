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
    ADMINISTRATOR = "administrator"
    SERVICE = "service"


class Right(StrEnum):
    """What a deed asks of its actor."""

    CAPTURE = "capture"
    DECIDE = "decide"
    HOLD = "hold"
    LIFT = "lift"
    DISPOSE = "dispose"
    MAINTAIN = "maintain"
    KEEP_ROSTER = "keep_roster"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.CLERK: frozenset({Right.CAPTURE, Right.DECIDE, Right.HOLD}),
    Role.RECORDS_OFFICER: frozenset({Right.CAPTURE, Right.DECIDE, Right.HOLD, Right.DISPOSE}),
    Role.COUNSEL: frozenset({Right.DECIDE, Right.HOLD, Right.LIFT}),
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
