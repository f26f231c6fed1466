"""People who enrol and sign in for real: with a passphrase, and the codes of an authenticator.

    clerk = Someone()
    enrolling.enrol(account, person, clerk.enrolment(clock), agency="Indio")
    signing_in.sign_in(account, person, clerk.questions(clock))

An authenticator shows a code for every thirty seconds, and each is good once. `questions` waits
for the next one by moving a test's own clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pyotp

from archiver.credentials.codes import STEP
from archiver.office import Office
from archiver.procedures import enrolling
from archiver.procedures.enrolling import Enrolment
from archiver.procedures.signing_in import Questions, sign_in
from archiver.records.people import Person, SignedIn
from tests.archive import Archive, SettableClock

PASSPHRASE = "umber kettle voyage thimble"


@dataclass
class Someone:
    """A person with a passphrase in their head and an authenticator in their pocket."""

    passphrase: str = PASSPHRASE
    invitation: str = ""
    secret: str = field(default="", repr=False)
    shown: list[str] = field(default_factory=list)

    def read(self, address: str) -> None:
        """Take the secret out of what was shown for the authenticator."""
        self.shown.append(address)
        self.secret = parse_qs(urlsplit(address).query)["secret"][0]

    def code(self, when: datetime, *, steps: int = 0) -> str:
        """Give what the authenticator shows *steps* steps after *when*."""
        return pyotp.TOTP(self.secret).generate_otp(int(when.timestamp()) // STEP + steps)

    def questions(self, clock: SettableClock, *, steps: int = 0) -> Questions:
        """Answer with the passphrase, and the code of the moment."""
        return Questions(lambda: self.passphrase, lambda: self.code(clock.now, steps=steps))

    def enrolment(self, clock: SettableClock) -> Enrolment:
        """Answer as who enrols."""
        return Enrolment(
            before=self.questions(clock),
            invitation=lambda: self.invitation,
            new_passphrase=self._chosen,
            show=self.read,
            code=lambda: self.code(clock.now),
        )

    def _chosen(self, expected: Sequence[str]) -> str:
        assert expected
        return self.passphrase


def enrolled(
    archive: Archive, person: Person | None = None, *, by: SignedIn | None = None
) -> Someone:
    """Have *person* (the first, if not said) enrol; anybody else is invited by *by* before.

    The clock is moved to the next code, so that the person can sign in at once.
    """
    office: Office = archive.office
    who, someone = person or office.at, Someone()
    if by is not None:
        someone.invitation = enrolling.invite(office.account, by, who.name).code
    enrolling.enrol(office.account, who, someone.enrolment(archive.clock), agency="Rivertown")
    archive.clock.forward(seconds=STEP)
    return someone


def signed_in(archive: Archive, someone: Someone, person: Person | None = None) -> SignedIn:
    """Have *person* sign in for real, and move the clock on to the next code."""
    office = archive.office
    signed = sign_in(office.account, person or office.at, someone.questions(archive.clock))
    archive.clock.forward(seconds=STEP)
    return signed
