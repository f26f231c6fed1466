"""Restrictions: why an item is shown only to who has the right, each reason for itself.

The reasons stand in an item's row as words with a space between them, none where it is open to
who may read. Each comes and goes by itself: what one deed takes back, another may still demand.
"""

from __future__ import annotations

from enum import StrEnum


class Restriction(StrEnum):
    """Who demands that an item is restricted.

    *Platform*: it was not shown to everybody there. *Schedule*: a rule that found it, or the series
    it was placed in, says so. *Person*: somebody said so. *Order*: a court closed it.
    """

    PLATFORM = "platform"
    SCHEDULE = "schedule"
    PERSON = "person"
    ORDER = "order"


PEOPLES = (Restriction.SCHEDULE, Restriction.PERSON)
"""What a person may take back; the platform's mark stays, and an order is lifted by a later one."""


def restricted_by(words: str, *more: Restriction) -> str:
    """Give *words* with *more* reasons among them.

    >>> restricted_by("schedule", Restriction.PLATFORM, Restriction.SCHEDULE)
    'platform schedule'
    """
    return " ".join(sorted({*words.split(), *more}))


def unrestricted_by(words: str, *these: Restriction) -> str:
    """Give *words* without *these* reasons; empty where none is left.

    >>> unrestricted_by("order schedule", Restriction.ORDER)
    'schedule'
    """
    return " ".join(sorted({*words.split()} - {*these}))


def unordered(words: str) -> str:
    """Give *words* without a court's order: entries of orders tell of that one.

    >>> unordered("order person")
    'person'
    """
    return unrestricted_by(words, Restriction.ORDER)
