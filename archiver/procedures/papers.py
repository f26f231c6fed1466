"""Papers that were written before, read again: proven against the digest that names them."""

from __future__ import annotations

from archiver.procedures.account import Account
from archiver.procedures.amended_papers import PAPERS, amended
from archiver.records.canonical import Json, read_object
from archiver.records.errors import LedgerDamaged
from archiver.records.identity import sha256


def paper_of(account: Account, kind: str, digest: str) -> dict[str, Json]:
    """Give the paper of *kind* with *digest*, or what a court order left of it.

    Raises:
        LedgerDamaged: it is missing, or not what was written.
    """
    return paper_in(account, kind, digest, account.shelf.fetch(place_of(kind, digest)))


def place_of(kind: str, digest: str) -> str:
    """Give the name of the paper of *kind* with *digest* on the shelf."""
    return f"{PAPERS}{kind}/{digest}.json"


def paper_in(account: Account, kind: str, digest: str, data: bytes | None) -> dict[str, Json]:
    """Give what `paper_of` gives, where *data* was fetched from the paper's place.

    Raises:
        LedgerDamaged: it is missing, or not what was written.
    """
    if data is None and (left := amended(account, kind, digest)) is not None:
        return left
    if data is None or sha256(data) != digest:
        raise LedgerDamaged(
            f"the paper {place_of(kind, digest)} is missing or damaged",
            remedy="Restore the papers from a backup, then do the same again.",
        )
    return read_object(data)
