"""`[disposition]`: how long approvals stand and rest."""

from __future__ import annotations

from archiver.config.reading import MOST_DAYS, Reader
from archiver.records.approval import Terms

_GRACE_DAYS = 7


def read_terms(reader: Reader, *, demonstration: bool) -> Terms:
    """Read the terms of disposition; in a demonstration nothing waits where nobody says so."""
    return Terms(
        demonstration=demonstration,
        approval_days=reader.integer("approval_days", 180, least=1, most=MOST_DAYS),
        grace_days=reader.integer(
            "grace_days", 0 if demonstration else _GRACE_DAYS, most=MOST_DAYS
        ),
    )
