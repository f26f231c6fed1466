"""`[disposition]` and `[purge]`: how long approvals stand and rest, how much may go at once."""

from __future__ import annotations

from archiver.config.reading import MOST_DAYS, Reader
from archiver.records.approval import Terms
from archiver.records.ceiling import Ceiling
from archiver.records.clocks import FARTHEST_DAYS, LEAST_DAYS
from archiver.records.sampling import DEFAULT, Sampling, Share

_GRACE_DAYS = 7


def read_terms(reader: Reader, purge: Reader, *, demonstration: bool) -> Terms:
    """Read the terms of disposition; in a demonstration nothing waits where nobody says so."""
    return Terms(
        demonstration=demonstration,
        approval_days=reader.integer("approval_days", 180, least=1, most=MOST_DAYS),
        grace_days=reader.integer(
            "grace_days", 0 if demonstration else _GRACE_DAYS, most=MOST_DAYS
        ),
        ceiling=Ceiling(
            share=purge.integer("ceiling_share", Ceiling().share, most=100),
            nights=purge.integer("ceiling_nights", Ceiling().nights, least=1, most=1_000_000),
        ),
        clock_days=reader.integer(
            "clock_days", 0 if demonstration else FARTHEST_DAYS, least=LEAST_DAYS, most=MOST_DAYS
        ),
        sampling=Sampling(
            share=Share(purge.choice("sample_share", [*Share], DEFAULT.share)),
            months=purge.integer("sample_months", DEFAULT.months, least=1, most=12),
        ),
    )
