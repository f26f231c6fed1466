"""Certifying: the account of a finished destruction, complete and without content.

It is drawn up from the paper that listed the batch before anything went, so that it can be
written however often the way there was interrupted.
"""

from __future__ import annotations

from typing import cast

from archiver import __version__
from archiver.catalogue import backups, disposals, plans
from archiver.catalogue.disposals import BatchRow
from archiver.procedures.account import Account
from archiver.procedures.ledger_places import places
from archiver.procedures.papers import paper_of
from archiver.procedures.tombstones import DUE, FILED, ITEM
from archiver.records.canonical import Json
from archiver.records.errors import NotFound
from archiver.records.moments import moment, written
from archiver.records.people import Person

PLACES = ("object store", "catalogue", "catalogue log", "full-text index")
"""Where a destruction leaves nothing."""

OUTSIDE = (
    "copies the platform still shows or keeps",
    "log archives of a database server",
    "copies made of productions and exports",
)
"""What no destruction here reaches."""

_MANNER = (
    "every version of every object deleted by its own name; text struck from the catalogue with "
    "secure deletion; index segments rewritten; the catalogue's log truncated"
)
_VERIFIED = "the object store lists nothing of any item; the index has no term of any item"


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
        "series": listing["series"],
        "items": [[line[ITEM], line[FILED], line[DUE]] for line in lines],
        "exceptions": listing["stayed"],
        "proposed_by": listing["proposed_by"],
        "approvals": listing["approvals"],
        "holds_asked": listing["holds_asked"],
        "begun": written(moment(batch.begun_at)),
        "completed": written(account.now()),
        "by": person.id,
        "name": person.name,
        "manner": _MANNER,
        "destroyed_in": list[Json](PLACES),
        "verified": _VERIFIED,
        "backups": kept,
        "outside": list[Json](OUTSIDE),
        "software": f"archiver {__version__}",
    }


def certificates(account: Account, name: str) -> list[dict[str, Json]]:
    """Give the certificates of the plan or batch called *name*, oldest first, each with its place.

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
    where = places(account, [row.batch for row in done])
    return [
        paper_of(account, "certificate", row.paper)
        | {"paper": row.paper, "ledger": where[row.batch]}
        for row in done
    ]
