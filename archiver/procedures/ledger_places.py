"""Places in the ledger: by which entries it tells of a deed, and which checkpoint covers them.

A certificate cannot say the number of the entry that names its own digest. So this is looked up
whenever one is shown; each entry is then proven to others by its number.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence

from archiver.catalogue import ledger
from archiver.procedures.account import Account
from archiver.records.canonical import Json
from archiver.records.events import Leaf
from archiver.records.moments import moment, written


def places(account: Account, subjects: Sequence[str]) -> dict[str, dict[str, Json]]:
    """Give, by subject, the ledger's entries on each of *subjects*, and the signed checkpoint.

    The checkpoint is None where the signed copy does not reach as far yet.

    Raises:
        LedgerDamaged: the checkpoint is not ours, or its signature does not verify.
    """
    with account.catalogue.reading() as connection:
        found = ledger.about_each(connection, subjects)
    signed = account.copy.checkpoint()
    checkpoint: dict[str, Json] = {
        "origin": signed.origin,
        "size": signed.size,
        "root": base64.b64encode(signed.root).decode("ascii"),
    }
    return {
        subject: {
            "entries": [
                {
                    "index": one.seq,
                    "entry": one.kind,
                    "at": written(moment(one.at)),
                    "paper": Leaf.from_json(json.loads(one.leaf)).paper,
                }
                for one in entries
            ],
            "checkpoint": checkpoint if all(one.seq < signed.size for one in entries) else None,
        }
        for subject, entries in found.items()
    }
