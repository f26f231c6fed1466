"""The tables of the catalogue, and nothing else.

Moments are whole microseconds since 1970 UTC; days are ordinals (date.toordinal) in the
agency's own zone. Opaque ids are 64 hexadecimal digits. Text, names and matched words live only
in `contents` and `matches`: insert-only rowid tables without an index on them, so that striking
a row leaves nothing of it (with `secure_delete` and a truncating checkpoint; measured, see
docs/decisions/text-lives-in-insert-only-tables.md). Rows are numbered by `n` under the one
writer lock, so that a batch knows its numbers before it is inserted.
"""

from archiver.catalogue.tables.accounts import enablings, spendings, token_terms
from archiver.catalogue.tables.bags import bag_items, bags
from archiver.catalogue.tables.base import METADATA
from archiver.catalogue.tables.deeds import (
    CHANGES,
    OF_CHANGES,
    OF_ITEMS,
    OF_REGISTERS,
    alerts,
    approvals,
    backups,
    batches,
    coverage,
    heartbeats,
    holds,
    job_runs,
    ledger_entries,
    ledger_head,
    plan_items,
    plans,
)
from archiver.catalogue.tables.law import adoptions, promises
from archiver.catalogue.tables.matters import departures, growths, matters, narrowings
from archiver.catalogue.tables.notices import notices
from archiver.catalogue.tables.object_locks import object_locks
from archiver.catalogue.tables.orders import order_items, orders
from archiver.catalogue.tables.requests import requests
from archiver.catalogue.tables.roster import credentials, invitations, people
from archiver.catalogue.tables.samples import judgements, samples
from archiver.catalogue.tables.things import (
    OF_RESTRICTED,
    attachments,
    bylines,
    captures,
    contents,
    cursors,
    decisions,
    engagement,
    facts,
    gaps,
    items,
    matches,
    outbox,
    pages,
    sightings,
    threads,
    versions,
)

__all__ = [
    "CHANGES",
    "METADATA",
    "OF_CHANGES",
    "OF_ITEMS",
    "OF_REGISTERS",
    "OF_RESTRICTED",
    "adoptions",
    "alerts",
    "approvals",
    "attachments",
    "backups",
    "bag_items",
    "bags",
    "batches",
    "bylines",
    "captures",
    "contents",
    "coverage",
    "credentials",
    "cursors",
    "decisions",
    "departures",
    "enablings",
    "engagement",
    "facts",
    "gaps",
    "growths",
    "heartbeats",
    "holds",
    "invitations",
    "items",
    "job_runs",
    "judgements",
    "ledger_entries",
    "ledger_head",
    "matches",
    "matters",
    "narrowings",
    "notices",
    "object_locks",
    "order_items",
    "orders",
    "outbox",
    "pages",
    "people",
    "plan_items",
    "plans",
    "promises",
    "requests",
    "samples",
    "sightings",
    "spendings",
    "threads",
    "token_terms",
    "versions",
]
