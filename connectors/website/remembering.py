"""What a cursor remembers of a site's pages: by what their server tells whether they changed."""

from __future__ import annotations

import json

from archiver.records.identity import sha256
from connectors.fetching import Answer, validators
from connectors.website.listing import identity


def mark_of(url: str) -> str:
    """Give the short name by which the page at *url* is remembered."""
    return sha256(identity(url).encode("utf-8", "replace"))[:12]


def kept_of(answer: Answer) -> str:
    """Give what is remembered of *answer*: its ETag, or else when it was modified."""
    etag, modified = validators(answer.headers)
    return f"e{etag}" if etag else f"m{modified}" if modified else ""


def told_by(kept: str) -> tuple[str, str]:
    """Give the ETag and the moment that were *kept*; one of them is empty."""
    return (kept[1:], "") if kept.startswith("e") else ("", kept[1:])


def remembered(cursor: str | None) -> dict[str, str]:
    """Read the validators out of *cursor*; one that cannot be read remembers nothing."""
    try:
        value = json.loads(cursor or "{}")
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}


def written(kept: dict[str, str], *, most: int) -> str:
    """Write a cursor of what was *kept*, of the first *most* pages."""
    return json.dumps(dict(list(kept.items())[:most]), sort_keys=True)
