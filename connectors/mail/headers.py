"""A message's headers: its subject, people, ids, and when it was sent.

What is odd about them is added to *marks*; nothing here fails on hostile mail.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.message import EmailMessage

from archiver.records.items import Author
from connectors.cutting import mail_date
from connectors.mail.parts import header, read_header, safely

DATE_FROM_RECEIPT = "date-from-receipt"
"""Marks a message whose own date cannot be read: the day a server took it in counts."""

_ID = re.compile(r"<([^<>\s]{1,900})>")


def subject(message: EmailMessage, marks: set[str]) -> str:
    """Give the subject as a reader sees it."""
    text = header(message, "subject", marks)
    return safely(lambda: str(read_header("subject", text)), text, marks)


def ids(message: EmailMessage, name: str, marks: set[str]) -> list[str]:
    """Give the message ids that stand under *name*."""
    return _ID.findall(header(message, name, marks))


def addresses(message: EmailMessage, name: str, marks: set[str]) -> list[tuple[str, str]]:
    """Give display name and address of each mailbox that stands under *name*."""
    text = header(message, name, marks)
    if not text:
        return []

    def read() -> list[tuple[str, str]]:
        found = getattr(read_header(name, text), "addresses", ())
        return [(each.display_name or "", each.addr_spec) for each in found]

    return safely(read, [(text[:300], "")], marks)


def author_of(message: EmailMessage, marks: set[str]) -> Author | None:
    """Give whom the message says it is from."""
    for name, address in addresses(message, "from", marks):
        if name or address.strip("<>"):
            return Author(native_id=address.lower(), name=name)
    return None


def sent_at(message: EmailMessage, marks: set[str], *, envelope: str = "") -> datetime:
    """Give when it was sent; where that cannot be read, when a server took it in.

    *envelope* is the date of the line before it in a mailbox that is a file.

    Raises:
        ValueError: nothing dates it.
    """
    if (when := _utc(header(message, "date", marks))) is not None:
        return when
    received = header(message, "received", marks).rpartition(";")[2]
    for told in (received, envelope):
        if (when := _utc(told)) is not None:
            marks.add(DATE_FROM_RECEIPT)
            return when
    raise ValueError("nothing dates it")


def _utc(text: str) -> datetime | None:
    """Read a date of mail; one that names no zone is in UTC, as RFC 5322 has it."""
    try:
        when = mail_date(text[:200])
        return when.astimezone(UTC) if when else None
    except (ArithmeticError, ValueError, LookupError):
        return None
