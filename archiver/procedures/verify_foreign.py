"""What lies in the object store and is none of ours: named, never touched, and no fault.

Somebody may have put it there, by mistake or to have it kept: nothing here destroys it, and
nothing reads it. What is ours has a name that an archive gives; all of them are known.
"""

from __future__ import annotations

import re
from itertools import chain, islice

from archiver.procedures.account import Account
from archiver.procedures.amended_papers import is_paper
from archiver.procedures.founding import MANIFEST
from archiver.procedures.verify_findings import LISTED_AT_MOST, Findings

_OURS = re.compile(
    re.escape(MANIFEST)
    + r"|ledger/checkpoint"
    + r"|ledger/tile/(entries|[0-9]+)/(x[0-9]{3}/)*[0-9]{3}(\.p/[0-9]+)?"
    + r"|ledger/stamps/[0-9]+-[^/]+/(checkpoint|request\.tsq|answer\.tsr)"
)


def foreign_files(account: Account) -> Findings:
    """Name every file of the store, from its root, that is none of the archive's."""
    shelf = account.shelf
    on_it = (name for name in shelf.names("") if not is_paper(name) and not _OURS.fullmatch(name))
    return Findings(foreign=list(islice(chain(shelf.foreign_names(), on_it), LISTED_AT_MOST)))
