"""Surroundings: what lies around the items a hold covers, taken in as a further hold.

Their whole threads, and everything else that their authors wrote, by the platform's own ids. The
department's own posts are not followed to their author, who wrote everything there is.
"""

from __future__ import annotations

from archiver.catalogue import holds
from archiver.catalogue.holds import HoldRow
from archiver.ports import LegalHolder
from archiver.procedures.account import Account
from archiver.procedures.hold import Issued, widen
from archiver.records.errors import ConfigInvalid
from archiver.records.holds import Scope
from archiver.records.people import Person

MOST = 5_000
"""How many threads or authors one scope names at most: each visit asks every one of them."""


def around(account: Account, row: HoldRow, *, threads: bool, authors: bool) -> Scope:
    """Give the scope that names the threads and the public authors of what a hold covers.

    Raises:
        ConfigInvalid: there are too many to be named.
    """
    with account.catalogue.reading() as connection:
        found = Scope(
            threads=frozenset(
                holds.threads_of(connection, row.n, limit=MOST + 1) if threads else ()
            ),
            authors=frozenset(
                holds.authors_of(connection, row.n, limit=MOST + 1) if authors else ()
            ),
        )
    if max(len(found.threads), len(found.authors)) > MOST:
        raise ConfigInvalid(
            f"{row.hold.id} covers more than {MOST} threads or authors",
            remedy="Widen the hold by pages and dates instead.",
        )
    return found


def take_in(
    account: Account,
    person: Person,
    row: HoldRow,
    *,
    threads: bool,
    authors: bool,
    review_days: int,
    store: LegalHolder | None = None,
) -> Issued:
    """Widen a hold by the threads and authors of what it covers; what it covers is among it.

    Raises:
        NotPermitted: the person may not hold.
        ConfigInvalid: there are too many to be named, or none.
    """
    scope = around(account, row, threads=threads, authors=authors)
    if scope == Scope():
        raise ConfigInvalid(
            f"{row.hold.id} covers nothing yet, so nothing lies around it",
            remedy="Take in threads and authors once something is covered: `holds widen --with`.",
        )
    kinds = [word for word, asked in (("threads", threads), ("authors", authors)) if asked]
    return widen(
        account,
        person,
        row.hold.id,
        reason=f"{' and '.join(kinds)} of what {row.hold.id} covers",
        scope=scope,
        review_days=review_days,
        store=store,
    )
