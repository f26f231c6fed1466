"""How long a token of Meta's lives: what `debug_token` says of it, and a new one for an old one.

A token may be asked about by itself, or by its app; what the API refuses to say stays unknown. That
of a page may outlive the right to the data: whichever ends first counts. An Instagram login's
token lives sixty days and is exchanged, once it is a day old, for one that lives sixty more.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from archiver.records.pages import TokenTerm

_DEATHS = ("expires_at", "data_access_expires_at")
_NEVER = 0


def told_of(value: Mapping[str, object]) -> TokenTerm | None:
    """Read what `debug_token` answered; None where it says nothing that can be relied on."""
    told = value.get("data")
    if not isinstance(told, dict) or told.get("is_valid") is not True:
        return None
    if not isinstance(told.get("expires_at"), int):
        return None
    deaths = [at for name in _DEATHS if isinstance(at := told.get(name), int) and at != _NEVER]
    return TokenTerm(dies_at=datetime.fromtimestamp(min(deaths), UTC) if deaths else None)


def exchanged(value: Mapping[str, object]) -> TokenTerm | None:
    """Read the answer to the exchange of a token; None where it holds none."""
    token, lives = value.get("access_token"), value.get("expires_in")
    if not isinstance(token, str) or not token or not isinstance(lives, int) or lives <= 0:
        return None
    return TokenTerm(lives=timedelta(seconds=lives), token=token)
