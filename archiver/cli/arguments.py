"""What commands accept on their line, beyond what click itself can check."""

from __future__ import annotations

from datetime import date

import click

_FIRST_YEAR, _LAST_YEAR = 1900, 2999


def words(value: str) -> str:
    """Give a text for people: not blank, and nothing in it that cannot be written down.

    Raises:
        BadParameter: it is not; click adds of which option.
    """
    if not value.strip():
        raise click.BadParameter("must not be empty")
    if not all(sign.isprintable() or sign in "\n\t" for sign in value):
        raise click.BadParameter(f"{value!r} holds characters that cannot be written down")
    return value


def day(value: str) -> date:
    """Give a day of the calendar, written as 2026-03-31.

    Raises:
        BadParameter: it is none; click adds of which option.
    """
    try:
        found = date.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no day; write one as 2026-03-31") from error
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise click.BadParameter(f"{value} is not between {_FIRST_YEAR} and {_LAST_YEAR}")
    return found
