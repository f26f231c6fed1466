"""Enrolling: a person chooses a passphrase, and binds an authenticator.

A person enrols from their own OS account (at a shared one only who has none of their own), with
a one-time code that an administrator issued. Only the roster's keeper may begin without one,
while no keeper has enrolled: somebody must be first. Who is enrolled proves it to enrol again.
A rebuild cannot bring credentials back, since only the catalogue has them; a restore does.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from archiver.catalogue import credentials, roster
from archiver.catalogue.credentials import CredentialsRow, InvitationRow
from archiver.credentials import codes, hashing
from archiver.procedures.account import Account
from archiver.procedures.authority import attempt, demand
from archiver.procedures.roster import named
from archiver.procedures.signing_in import Questions, enter_refused, prove
from archiver.records.errors import ConfigInvalid, NotPermitted, SignInRefused
from archiver.records.events import EventKind
from archiver.records.moments import micros
from archiver.records.passphrases import fault
from archiver.records.people import Person, Right, Role, SignedIn
from archiver.records.roster import Member

VALID = timedelta(days=3)
"""How long an invitation is good for."""

MOST_GUESSES = 5
"""How many times a person may mistype an invitation before another must be issued."""

_CODE_BYTES = 10
_GROUP = 4


@dataclass(frozen=True, slots=True)
class Enrolment:
    """How the person at a desk is asked while enrolling.

    *new_passphrase* is given the words that are expected of this person; *show* the address
    (otpauth) that the authenticator reads. What was there before is asked with *before*.
    """

    before: Questions
    invitation: Callable[[], str]
    new_passphrase: Callable[[Sequence[str]], str]
    show: Callable[[str], None]
    code: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Invited:
    """A person's one-time code for enrolling, and until when it is good."""

    person: Person
    code: str
    until: datetime


def is_enrolled(account: Account, member: Member) -> bool:
    """Say whether *member* has credentials."""
    with account.catalogue.reading() as connection:
        return credentials.of(connection, member.id) is not None


def invite(account: Account, signed: SignedIn, name: str) -> Invited:
    """Issue a one-time code with which the person called *name* may enrol.

    Raises:
        NotPermitted: who signed in does not keep the roster, or *name* is no person who decides.
        NotFound: nobody is called that.
    """
    return _invite(account, signed, name, reset=False)


def reset(account: Account, signed: SignedIn, name: str) -> Invited:
    """Take the credentials of the person called *name* away, and have them enrol anew.

    Raises:
        NotPermitted: who signed in does not keep the roster, or *name* is no person who decides.
        NotFound: nobody is called that.
    """
    return _invite(account, signed, name, reset=True)


def _invite(account: Account, signed: SignedIn, name: str, *, reset: bool) -> Invited:
    demand(account, signed.person, Right.KEEP_ROSTER)
    person = named(account, name).on(account.today())
    kind = EventKind.PERSON_RESET if reset else EventKind.PERSON_INVITED
    with attempt(account, signed.person, kind, person.id):
        _demand_a_person(person)
    code = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode()
    until = account.now() + VALID
    row = InvitationRow(
        person=person.id, digest=_digest(account, person, code), expires_at=micros(until)
    )
    with account.catalogue.writing() as desk:
        if reset:
            credentials.strike(desk.connection, person.id)
        credentials.invite(desk.connection, row)
        account.enter(desk, kind, by=signed.person.id, subject=person.id)
    account.acknowledge()
    groups = [code[at : at + _GROUP] for at in range(0, len(code), _GROUP)]
    return Invited(person, "-".join(groups), until)


def _demand_a_person(person: Person) -> None:
    if person.shared or Role.SERVICE in person.roles or not person.active:
        raise NotPermitted(f"{person.name} cannot have credentials: only a person who is here can")


def enrol(
    account: Account, at: Person, questions: Enrolment, *, agency: str, name: str = ""
) -> Person:
    """Have the person at the OS account of *at*, or the one called *name*, enrol.

    Raises:
        NotPermitted: it is not for them to enrol here.
        NotFound: nobody is called *name*.
        SignInRefused: the one-time code, or what was there before, does not fit.
        ConfigInvalid: the passphrase is too easily guessed.
    """
    person = named(account, name).on(account.today()) if name else at
    try:
        _demand_here(at, person)
        _demand_bidden(account, person, questions)
        row = _bound(account, person, questions, agency)
    except (NotPermitted, SignInRefused) as refusal:
        enter_refused(account, at, person, refusal, deed="enrol")
        raise
    with account.catalogue.writing() as desk:
        credentials.strike(desk.connection, person.id)
        credentials.put(desk.connection, row)
        account.enter(desk, EventKind.PERSON_ENROLLED, by=person.id, subject=person.id)
    account.acknowledge()
    return person


def _demand_here(at: Person, person: Person) -> None:
    """Pass if *person* may enrol at the OS account of *at*: where they alone can be, if any."""
    if not at.active or not person.active or Role.SERVICE in person.roles:
        raise NotPermitted(f"{person.name} cannot have credentials: only a person who is here can")
    if person.shared:
        raise NotPermitted(
            f"{person.name} is an account that several people use, and has no credentials",
            remedy="Say who you are: `archiver --as NAME people enrol`.",
        )
    if person.id != at.id and (person.account or not at.shared):
        raise NotPermitted(
            f"{person.name} enrols from the OS account {person.account or 'they share'}",
            remedy="Enrol from your own OS account; at a shared one only who has none.",
        )


def _demand_bidden(account: Account, person: Person, questions: Enrolment) -> None:
    """Pass if *person* is the first keeper, proves what was there before, or has been invited."""
    with account.catalogue.reading() as connection:
        before = credentials.of(connection, person.id)
        invited = credentials.invitation(connection, person.id)
        known = credentials.enrolled(connection)
        kept = [m.on(account.today()) for m in roster.everyone(connection) if m.id in known]
    if before is not None:
        prove(account, before, questions.before)
        return
    if person.may(Right.KEEP_ROSTER) and not any(p.may(Right.KEEP_ROSTER) for p in kept):
        return
    if invited is None:
        raise NotPermitted(
            f"{person.name} has not been given a one-time code to enrol with",
            remedy="An administrator issues one with `archiver people enrol NAME`.",
        )
    _demand_invitation(account, person, questions)


def _demand_invitation(account: Account, person: Person, questions: Enrolment) -> None:
    said = questions.invitation()
    with account.catalogue.writing() as desk:
        row = credentials.invitation(desk.connection, person.id)
        credentials.count_guess(desk.connection, person.id)
    good = (
        row is not None
        and row.failures < MOST_GUESSES
        and account.now_micros() < row.expires_at
        and compare_digest(row.digest, _digest(account, person, said))
    )
    if not good:
        raise SignInRefused(
            "the one-time code does not fit, or is no longer good",
            remedy="Have an administrator issue another with `archiver people enrol NAME`.",
        )


def _bound(account: Account, person: Person, questions: Enrolment, agency: str) -> CredentialsRow:
    """Have a passphrase chosen and an authenticator bound, proven by its first code."""
    expected = [person.name, person.account, agency]
    passphrase = questions.new_passphrase(expected)
    if wrong := fault(passphrase, expected=expected):
        raise ConfigInvalid(f"the passphrase: {wrong}", remedy="Take four or five random words.")
    secret = codes.new_secret()
    questions.show(codes.address(secret, person=person.name, agency=agency))
    step = codes.step_of(secret, questions.code(), now=account.now())
    if step is None:
        raise SignInRefused(
            "the code is not the one the authenticator should show",
            remedy="Check the clock of this machine and of the authenticator, then enrol again.",
        )
    return CredentialsRow(
        person=person.id,
        passphrase=hashing.hashed(account.key, person.id, passphrase),
        secret=codes.sealed(account.key, person.id, secret),
        enrolled_at=account.now_micros(),
        last_step=step,
    )


def _digest(account: Account, person: Person, code: str) -> str:
    said = "".join(sign for sign in code.upper() if sign.isalnum())
    return account.key.name("invitation", person.id, said)
