"""Asking only for what changed: the validators an answer gives, and the conditions they make."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime

NOT_MODIFIED = 304
"""What a server answers when nothing changed since the validators it gave."""

_SETTLED = timedelta(seconds=2)


def validators(headers: Mapping[str, str]) -> tuple[str, str]:
    """Give ETag and Last-Modified, unless the answer changed in the very second it was sent.

    Dates are whole seconds, and many servers make their ETag from one: a change later in that
    second would be answered "not modified" for ever (RFC 9110, 8.8.2.2).
    """
    etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
    try:
        age = parsedate_to_datetime(headers.get("date", "")) - parsedate_to_datetime(modified)
    except (ValueError, TypeError):
        return ("", "") if modified else (etag, "")
    return (etag, modified) if age >= _SETTLED else ("", "")


def conditions(etag: str, modified: str) -> dict[str, str]:
    """Give the request headers that ask for an answer only if these validators are out of date."""
    told = {"if-none-match": etag, "if-modified-since": modified}
    return {name: value for name, value in told.items() if value}
