"""Certifying: the account of a finished destruction, complete and without content.

It is drawn up from the paper that listed the batch before anything went, so that it can be
written however often the way there was interrupted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from archiver import __version__
from archiver.catalogue import backups, disposals, plans
from archiver.catalogue.disposals import BatchRow
from archiver.procedures.account import Account
from archiver.procedures.papers import paper_of
from archiver.records.canonical import Json
from archiver.records.errors import NotFound
from archiver.records.moments import moment, written
from archiver.records.people import Person

_PLACES = ("object store", "catalogue", "catalogue log", "full-text index")
_OUTSIDE = (
    "copies the platform still shows or keeps",
    "log archives of a database server",
    "copies made of productions and exports",
)
_MANNER = (
    "every version of every object deleted by its own name; text struck from the catalogue with "
    "secure deletion; index segments rewritten; the catalogue's log truncated"
)
_VERIFIED = "the object store lists nothing of any item; the index has no term of any item"

_FILED, _DUE, _VERSIONS, _FILES, _BYTES = 7, 8, 9, 10, 11
"""The places of a line's particulars in the paper that lists a batch."""


def certificate(account: Account, person: Person, batch: BatchRow) -> dict[str, Json]:
    """Give the particulars of a batch's certificate, which is about to be done."""
    listing = paper_of(account, "batch", batch.listing)
    lines = cast("list[list[Json]]", listing["items"])
    with account.catalogue.reading() as connection:
        kept = backups.holding(connection, account.now_micros())
    return {
        "certificate": batch.batch,
        "plan": listing["plan"],
        "authority": listing["authority"],
        "schedule": listing["schedule"],
        "series": _by_series(account, listing, lines),
        "items": [[line[0], line[_FILED], line[_DUE]] for line in lines],
        "exceptions": listing["stayed"],
        "proposed_by": listing["proposed_by"],
        "approvals": listing["approvals"],
        "holds_asked": listing["holds_asked"],
        "begun": written(moment(batch.begun_at)),
        "completed": written(account.now()),
        "by": person.id,
        "name": person.name,
        "manner": _MANNER,
        "destroyed_in": list(_PLACES),
        "verified": _VERIFIED,
        "backups": kept,
        "outside": list(_OUTSIDE),
        "software": f"archiver {__version__}",
    }


def _by_series(
    account: Account, listing: Mapping[str, Json], lines: Iterable[list[Json]]
) -> list[Json]:
    """Sum up a batch for each series, with the days between which its items lie."""
    described = cast("dict[str, dict[str, Json]]", listing["series"])
    found: dict[str, list[list[Json]]] = {}
    for line in lines:
        found.setdefault(str(line[_FILED]), []).append(line)
    told: list[Json] = []
    for number, some in sorted(found.items()):
        days = sorted(account.day(int(str(line[5]))).isoformat() for line in some)
        due = sorted(str(line[_DUE]) for line in some)
        told.append(
            {
                "number": number,
                **described.get(number, {}),
                "items": len(some),
                "versions": sum(int(str(line[_VERSIONS])) for line in some),
                "attachments": sum(int(str(line[_FILES])) for line in some),
                "bytes": sum(int(str(line[_BYTES])) for line in some),
                "from": days[0],
                "to": days[-1],
                "due_from": due[0],
                "due_to": due[-1],
            }
        )
    return told


def certificates(account: Account, name: str) -> list[dict[str, Json]]:
    """Give the certificates of the plan or batch called *name*, oldest first, each with its entry.

    Raises:
        NotFound: there is no such plan or batch, or nothing of it is destroyed yet.
        LedgerDamaged: a certificate is missing, or not what was written.
    """
    with account.catalogue.reading() as connection:
        plan = plans.plan_called(connection, name)
        batch = disposals.batch_called(connection, name)
        found = disposals.batches_of(connection, plan.n) if plan else [batch] if batch else []
        done = [row for row in found if row.done_at is not None]
    if not done:
        raise NotFound(
            f"nothing that {name} names was destroyed, so there is no certificate",
            remedy="`archiver dispositions list` names plans and how they stand.",
        )
    return [paper_of(account, "certificate", row.paper) | {"paper": row.paper} for row in done]
