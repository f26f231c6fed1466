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
    try:
        data = account.shelf.fetch(place_of(kind, digest))
    except ValueError as error:  # a row was edited behind us: no digest is written so
        raise _lost(kind, digest) from error
    return paper_in(account, kind, digest, data)


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
        raise _lost(kind, digest)
    return read_object(data)


def _lost(kind: str, digest: str) -> LedgerDamaged:
    return LedgerDamaged(
        f"the paper {place_of(kind, digest)} is missing or damaged",
        remedy="Restore the papers from a backup, then do the same again.",
    )
