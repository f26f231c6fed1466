"""The usage that Meta's Graph API tells of in its headers: when it is spent, nobody asks on.

`X-App-Usage` and `X-Page-Usage` give per cents of a rolling hour; `X-Business-Use-Case-Usage`, in
which each business stands by its id, the minutes until access is regained. A call over the limit
makes the block longer, so that at a hundred per cent the next one waits.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

_SPENT = 100
_HOUR = 3600.0
_SHARES = ("call_count", "total_time", "total_cputime")


def usage_pause(headers: Mapping[str, str]) -> float | None:
    """Give the seconds until a spent usage is regained; None where nothing is told as spent."""
    pauses = [
        _regained(told)
        for name in ("x-app-usage", "x-page-usage", "x-business-use-case-usage")
        for told in _told(headers.get(name, ""))
        if any(_number(told.get(share)) >= _SPENT for share in _SHARES)
        or _number(told.get("estimated_time_to_regain_access")) > 0
    ]
    return max(pauses, default=None)


def _told(text: str) -> Iterator[dict[str, object]]:
    """Give each usage a header tells of; what cannot be read tells nothing."""
    try:
        value: object = json.loads(text or "null")
    except (ValueError, RecursionError):
        return
    if not isinstance(value, dict):
        return
    yield value
    for below in value.values():
        if isinstance(below, list):
            yield from (one for one in below if isinstance(one, dict))


def _regained(told: dict[str, object]) -> float:
    minutes = _number(told.get("estimated_time_to_regain_access"))
    return 60 * minutes if minutes > 0 else _HOUR


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
