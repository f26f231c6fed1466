"""Papers that were written before, read again: proven against the digest that names them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from archiver.procedures.account import Account
from archiver.procedures.amended_papers import amended
from archiver.records.canonical import Json
from archiver.records.errors import ConfigInvalid, LedgerDamaged
from archiver.records.identity import sha256

LARGEST_DOCUMENT = 50 * 1024**2
"""How many bytes a document may have: a signed resolution is no film."""


def paper_of(account: Account, kind: str, digest: str) -> dict[str, Json]:
    """Give the paper of *kind* with *digest*, or what a court order left of it.

    Raises:
        LedgerDamaged: it is missing, or not what was written.
    """
    data = account.shelf.fetch(f"papers/{kind}/{digest}.json")
    if data is None and (left := amended(account, kind, digest)) is not None:
        return left
    if data is None or sha256(data) != digest:
        raise LedgerDamaged(
            f"the paper papers/{kind}/{digest}.json is missing or damaged",
            remedy="Restore the papers from a backup, then do the same again.",
        )
    return cast("dict[str, Json]", json.loads(data))


def keep_document(account: Account, file: Path) -> tuple[str, str]:
    """Keep *file* whole as a paper; give the paper's digest and the SHA-256 of the file.

    Raises:
        ConfigInvalid: the file is empty, or too large for a document.
        OSError: it cannot be read.
    """
    size = file.stat().st_size
    if not 0 < size <= LARGEST_DOCUMENT:
        raise ConfigInvalid(f"{file}: a document has at least one byte and at most 50 MB")
    data = file.read_bytes()
    told: dict[str, Json] = {
        "name": file.name,
        "sha256": sha256(data),
        "base64": base64.b64encode(data).decode("ascii"),
    }
    return account.paper("document", told), sha256(data)


def document_of(account: Account, digest: str) -> tuple[str, bytes]:
    """Give the name and the bytes of a document that was kept.

    Raises:
        LedgerDamaged: it is missing, or not what was written.
    """
    told: Mapping[str, Json] = paper_of(account, "document", digest)
    return str(told["name"]), base64.b64decode(str(told["base64"]))
