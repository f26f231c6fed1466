"""Reading the fields of an entity of a platform's API: as documented, or not at all.

No message here carries anything the platform said.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from archiver.records.canonical import LARGEST_INTEGER
from archiver.records.errors import AnswerUnreadable
from archiver.records.moments import from_text


def object_of(value: object, what: str) -> Mapping[str, object]:
    """Give *value* as the object it must be; *what* names it in the error.

    Raises:
        AnswerUnreadable: it is no object.
    """
    if not isinstance(value, dict):
        raise AnswerUnreadable(f"{what} is no object")
    return value


def id_of(value: object, what: str) -> str:
    """Give the id *value* of *what* as text.

    Raises:
        AnswerUnreadable: it is missing, or neither text nor number.
    """
    named = optional_id(value)
    if named is None:
        raise AnswerUnreadable(f"{what} has no id")
    return named


def optional_id(value: object) -> str | None:
    """Give the id *value* as text, or None where there is none.

    Raises:
        AnswerUnreadable: it is neither text nor number.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise AnswerUnreadable("an id is neither text nor number")
    return str(value)


def text_of(entity: Mapping[str, object], name: str, *, absent: str | None = None) -> str:
    """Give the text under *name*, or *absent* where the field is missing or null.

    Raises:
        AnswerUnreadable: it is no text, or missing where *absent* is not given.
    """
    value = entity.get(name)
    if value is None:
        value = absent
    if not isinstance(value, str):
        raise AnswerUnreadable(f"{name} is no text")
    return value


def moment_of(value: object) -> datetime:
    """Give the ISO 8601 moment *value* in UTC.

    Raises:
        AnswerUnreadable: it is none, or has no zone.
    """
    if not isinstance(value, str):
        raise AnswerUnreadable("a time is no text")
    try:
        return from_text(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise AnswerUnreadable("a time is not in the documented form") from None


def count_of(value: object) -> int | None:
    """Give the count *value*, or None where it is no number that could be one."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= LARGEST_INTEGER else None
