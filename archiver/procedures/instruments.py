"""Instruments: files that a person hands in as written authority, kept whole beside the papers."""

from __future__ import annotations

from dataclasses import dataclass, field

from archiver.procedures.account import Account
from archiver.records.canonical import Json
from archiver.records.errors import ConfigInvalid
from archiver.records.identity import sha256

LARGEST = 64 * 1024 * 1024
"""The largest file that is kept as an instrument."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """A file as it was handed in: what it was called, and its bytes."""

    name: str
    data: bytes = field(repr=False)


def keep_instrument(account: Account, instrument: Instrument) -> dict[str, Json]:
    """Keep *instrument*, durable, and give what a paper says of it: name, size, SHA-256.

    Raises:
        ConfigInvalid: it is empty, or larger than an instrument may be.
    """
    size = len(instrument.data)
    if not 0 < size <= LARGEST:
        raise ConfigInvalid(
            f"{instrument.name} has {size} bytes",
            remedy="Hand in the signed document itself, as a file of at most 64 MiB.",
        )
    digest = sha256(instrument.data)
    account.shelf.place({f"papers/instrument/{digest}": instrument.data})
    return {"name": instrument.name, "bytes": size, "sha256": digest}
