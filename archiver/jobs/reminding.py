"""Reminding: notices that nobody acknowledged are mailed again by the job of the day."""

from __future__ import annotations

from dataclasses import replace

from archiver.jobs.mail import Mailer
from archiver.office import Office
from archiver.procedures.alerting import Letter
from archiver.procedures.notices import letter, reminded, waiting
from archiver.procedures.telling import Sent
from archiver.records.people import Person


def send_to(office: Office, mail: str, written: Letter) -> Sent:
    """Send a letter to one address alone."""
    return Mailer(replace(office.config.alerts, mail_to=(mail,))).send(written)


def remind(office: Office, person: Person) -> int:
    """Mail every notice that is due again; give how many the server took.

    What it did not take is tried again tomorrow. Notices without an address are printed by
    `holds reminders`.
    """
    taken = 0
    for notice in waiting(office.account):
        if not notice.mail:
            continue
        written = letter(office.account, office.config.agency, notice)
        if send_to(office, notice.mail, written).reached:
            reminded(office.account, person.id, notice)
            taken += 1
    return taken
