"""Instruments: files that people hand in as written authority, kept whole as papers.

What an adoption rests on, counsel's letters, the documents of approvals, the texts of orders and
what comes back signed are all kept in this one way.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path

from archiver.procedures.account import Account
from archiver.records.canonical import Json
from archiver.records.errors import ConfigInvalid
from archiver.records.identity import sha256

LARGEST = 50 * 1024**2
"""How many bytes an instrument may have: a signed resolution is no film."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """A file as it was handed in: what it was called, and its bytes."""

    name: str
    data: bytes = field(repr=False)

    @property
    def fault(self) -> str:
        """Say why it cannot be kept; empty where it can."""
        if 0 < len(self.data) <= LARGEST:
            return ""
        size = "more" if len(self.data) > LARGEST else "0"
        return f"{self.name}: has {size} bytes; from 1 to {LARGEST} are kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An instrument that was kept: the digest of its *paper*, and what the file is."""

    paper: str
    name: str
    size: int
    sha256: str

    def told(self) -> dict[str, Json]:
        """Give what another paper says of it."""
        return {
            "name": self.name,
            "bytes": self.size,
            "sha256": self.sha256,
            "document": self.paper,
        }


def instrument_at(path: Path) -> Instrument:
    """Read the file at *path*, and no more of it than can be kept.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return Instrument(path.name, file.read(LARGEST + 1))


def keep_instrument(account: Account, instrument: Instrument) -> Kept:
    """Keep *instrument* whole, durable, as a paper of its own.

    Raises:
        ConfigInvalid: it is empty, or larger than an instrument may be.
    """
    if instrument.fault:
        raise ConfigInvalid(
            instrument.fault,
            remedy=f"Hand in the signed document itself, as a file of at most {LARGEST >> 20} MiB.",
        )
    kept, size = sha256(instrument.data), len(instrument.data)
    told: dict[str, Json] = {
        "name": instrument.name,
        "bytes": size,
        "sha256": kept,
        "base64": base64.b64encode(instrument.data).decode("ascii"),
    }
    paper = account.paper("document", told)
    return Kept(paper=paper, name=instrument.name, size=size, sha256=kept)
