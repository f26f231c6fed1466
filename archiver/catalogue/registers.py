"""Registers that must be readable before anything is destroyed: holds, and records requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError, StatementError

from archiver.records.errors import RegisterUnreadable

_ABSENT = ("no such", "does not exist")


@contextmanager
def readable(what: str) -> Iterator[None]:
    """Have a row that cannot be read, or a table that is not there, refuse everything.

    Raises:
        RegisterUnreadable: *what* cannot be read.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RegisterUnreadable(f"{what} holds a row that cannot be read: {error}") from error
    except (OperationalError, ProgrammingError) as error:
        if not any(word in str(error) for word in _ABSENT):
            raise
        raise RegisterUnreadable(f"{what} is not there") from error
    except StatementError as error:
        if isinstance(error, DBAPIError):
            raise
        raise RegisterUnreadable(f"{what} holds a row that cannot be read: {error.orig}") from error
