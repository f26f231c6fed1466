"""Dates as mail and HTTP headers write them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def mail_date(text: str) -> datetime | None:
    """Read `Tue, 03 Mar 2026 09:00:00 GMT`; nothing where it is none. Without a zone it is UTC."""
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
