"""Certifying: the account of a finished destruction, complete and without content.

It is drawn up from the paper that listed the batch before anything went, so that it can be
written however often the way there was interrupted. What can only be known later (which
time-stamp covers it, to whom it was sent) is looked up whenever it is shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from archiver import __version__
from archiver.catalogue import backups, disposals, plans
from archiver.catalogue.disposals import BatchRow
from archiver.catalogue.rows import sliced
from archiver.procedures.account import Account
from archiver.procedures.ledger_places import places
from archiver.procedures.manners import reached
from archiver.procedures.papers import paper_of
from archiver.procedures.stamps_covering import Named, Stamps
from archiver.procedures.tombstones import DUE, FILED, ITEM, KEPT_AS, TRIGGERED
from archiver.procedures.warrants import approvals, sent
from archiver.records.canonical import Json
from archiver.records.errors import NotFound
from archiver.records.moments import moment, written
from archiver.records.people import Person

OUTSIDE = (
    "copies the platform still shows or keeps",
    "log archives of a database server",
    "copies made of productions and exports",
)
"""What no destruction here reaches."""

_COMMITMENTS = (
    "the ledger's entries on each item, by its id: salted by the archive key when a version or a "
    "file was kept. No SHA-256 of a text stands here, for it would give a short one away"
)
_NOT_ASKED = "not asked"
_LISTED = (
    *("plan", "attended", "authority", "schedule", "series", "formats", "proposed_by"),
    *("approvals", "offer", "eligibility", "holds_asked", "requests_asked", "orders_asked"),
    *("exclusions", "begun_by"),
)
"""What a certificate repeats of the paper that lists the batch."""


def certificate(
    account: Account,
    person: Person,
    batch: BatchRow,
    listing: Mapping[str, Json],
    manner: Sequence[Json],
) -> dict[str, Json]:
    """Give the particulars of a batch's certificate, which is about to be done.

    *listing* is the paper that lists the batch; *manner* says, place by place, how it was
    destroyed and how that was proven.
    """
    lines = cast("list[list[Json]]", listing["items"])
    with account.catalogue.reading() as connection:
        kept = backups.holding(connection, account.now_micros())
    return {
        "certificate": batch.batch,
        **{name: listing[name] for name in _LISTED},
        "count": batch.items,
        "items": [
            [line[ITEM], line[FILED], line[DUE], line[TRIGGERED], line[KEPT_AS]] for line in lines
        ],
        "commitments": _COMMITMENTS,
        "exceptions": listing["stayed"],
        "begun": written(moment(batch.begun_at)),
        "completed": written(account.now()),
        "by": person.id,
        "name": person.name,
        "manner": list[Json](manner),
        "destroyed_in": reached(manner),
        "backups": kept,
        "outside": list[Json](OUTSIDE),
        "audited": _NOT_ASKED,
        "software": f"archiver {__version__}",
    }


def certificates(
    account: Account, name: str, authorities: Iterable[Named] = ()
) -> Iterator[dict[str, Json]]:
    """Give the certificates of the plan or batch called *name*, oldest first, each with its place.

    Each says which time-stamps of *authorities* cover it by now, and to whom it was sent. They
    are read one by one, so that those of a large plan are never held together.

    Raises:
        NotFound: there is no such plan or batch, or nothing of it is destroyed yet.
        LedgerDamaged: a certificate is missing, or not what was written; also half-way.
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
    return _shown(account, done, list(authorities))


def _shown(
    account: Account, done: Sequence[BatchRow], authorities: Sequence[Named]
) -> Iterator[dict[str, Json]]:
    """Read the certificates of *done*, which are of one plan, one after the other."""
    stamps: Stamps | None = None
    with account.catalogue.reading() as connection:
        row = plans.numbered(connection, done[0].plan_n)
        gone_to = sent(approvals(account, connection, row.n), json.loads(row.chain))
    for some in sliced(done):
        where = places(account, [one.batch for one in some])
        for one in some:
            place = where[one.batch]
            last = max(
                int(str(e["index"])) for e in cast("list[dict[str, Json]]", place["entries"])
            )
            stamps = stamps or Stamps(account, authorities, after=last)
            yield paper_of(account, "certificate", one.paper) | {
                "paper": one.paper,
                "ledger": place,
                "time_stamps": stamps.covering(last),
                "sent": list[Json](gone_to),
            }
