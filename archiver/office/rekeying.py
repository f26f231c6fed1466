"""Changing the key that signs the ledger: the files, and who must stand still meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from archiver.ledger import keyring
from archiver.ledger.keyring import Keyring
from archiver.ledger.notes import Signer
from archiver.ledger.tiles import LedgerCopy
from archiver.ledger.trust import PastKey
from archiver.office import Office
from archiver.procedures.rekeying import announce
from archiver.procedures.timetable import NIGHTLY, SCHEDULER


@dataclass(frozen=True, slots=True)
class Changed:
    """The public keys before and after, and how many entries the old one signed."""

    old: str
    new: str
    entries: int


def change_signing_key(office: Office) -> Changed:
    """Have a new key sign the ledger from now on; what was cut short is finished by a repetition.

    Raises:
        NotPermitted: the person may not maintain.
        ArchiveBusy: the scheduler runs, or a night's work does; they would go on with the old key.
    """
    folder = office.config.folder / "keys"
    catalogue = office.catalogue
    signed_in = office.sign_in()
    with (
        catalogue.exclusive(SCHEDULER, wait=False),
        catalogue.exclusive(NIGHTLY, wait=False),
    ):
        old = Signer(office.origin, office.keys.ledger).verifier_key
        following = Signer(office.origin, keyring.next_signing_key(folder))
        announce(office.account, signed_in, old=str(old), new=str(following.verifier_key))
        with catalogue.exclusive("ledger-copy"):
            entries = office.account.copy.size()
            keyring.follow(folder, PastKey(old, entries))
            past = Keyring.read(folder).past
            LedgerCopy(office.objects, following, office.origin, past).sign_anew()
    return Changed(str(old), str(following.verifier_key), entries)
