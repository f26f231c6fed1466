"""Signing in: who decides proves to be the one at the terminal."""

from __future__ import annotations

from archiver.records.errors import NotPermitted
from archiver.records.people import Means, Person, Role, SignedIn


def sign_in(person: Person) -> SignedIn:
    """Have *person* sign in by the OS account of this process.

    Raises:
        NotPermitted: the service person can never decide, nor can who has left.
    """
    if Role.SERVICE in person.roles or not person.active:
        raise NotPermitted(f"{person.name} cannot sign in to decide")
    return SignedIn(person=person, means=Means.OS_ACCOUNT)
