"""Counting: a number with the word for what it counts, as people say it."""

from __future__ import annotations


def count_of(n: int, one: str, many: str = "") -> str:
    """Give *n* and what it counts: `1 item`, `2 items`; *many* where *one* takes more than an s."""
    return f"{n} {one if n == 1 else many or one + 's'}"
