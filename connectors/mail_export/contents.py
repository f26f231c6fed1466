"""One message → one item: a message between people, or an alert that was mailed to everybody.

A message is known by its Message-ID, and stands under what it answers (In-Reply-To) in the thread
that its references begin with. Whom it went to stands above its text, as it would on paper.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage

from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import mail_date
from connectors.mail_export.mailboxes import Mailed
from connectors.mail_export.parts import Parts, header, parsed, parts_of, read_header, safely

NO_ID = "message-id-missing"
"""Marks a message without an id of its own: it is known by its digest."""

DATE_FROM_RECEIPT = "date-from-receipt"
"""Marks a message whose own date cannot be read: the day a server took it in counts."""

_ID = re.compile(r"<([^<>\s]{1,900})>")
_SEPARATED = re.compile(rb"\r?\n\r?\n")
_ENVELOPE_DATE = re.compile(r"^From \S*\s*(.*)$")
_NIXLE = re.compile(r"@emails\.nixle\.com$", re.IGNORECASE)
_ALERT = re.compile(r"https?://local\.nixle\.com/alert/(\d+)/")
_PRIORITY = re.compile(r"(alert|advisory|community)(?: message)?:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Read:
    """A message as it was read: its item and its parts. *broken* says that its end is missing."""

    content: Content
    parts: Parts
    broken: bool


def read_message(mailed: Mailed, *, file: str, alerts: bool) -> Read:
    """Read the message *mailed*, which stands in *file* (by its path within the export).

    Raises:
        ValueError: it has no header that ends, nothing dates it, or no mail is made like that.
    """
    body = mailed.body
    if not _SEPARATED.search(body):
        raise ValueError("its headers do not end")
    message = parsed(body)
    parts = parts_of(message)
    marks = parts.marks
    digest = hashlib.sha256(body).hexdigest()
    published = _published(message, mailed, marks)
    names = _ids(message, "message-id", marks)
    answers = _ids(message, "in-reply-to", marks)
    thread = [*_ids(message, "references", marks), *answers]
    if not names:
        marks.add(NO_ID)
    text = "\n\n".join(part for part in parts.texts if part.strip())
    author = _author(message, marks)
    seen = _alert(author, text) if alerts else None
    content = Content(
        native_id=names[0] if names else f"sha256-{digest}",
        kind=ItemKind.POST if alerts else ItemKind.MESSAGE,
        title=_subject(message, marks),
        text=text if alerts else "\n\n".join(filter(None, (_addressed(message, marks), text))),
        raw=RawFragment("message/rfc822", mailed.raw),
        published_at=published,
        author=author,
        parent=None if alerts else next(iter(answers or thread[-1:]), None),
        thread=seen or (None if alerts else next(iter(thread), None)),
        permalink=f"https://local.nixle.com/alert/{seen}/" if seen else "",
        attachments=tuple(_attachments(mailed, file, digest, parts)),
        links=tuple(parts.links),
        marks=tuple(sorted({*marks, *(_priority(message, marks) if seen else ())})),
    )
    return Read(content, parts, broken=parts.broken or mailed.cut_off)


def _subject(message: EmailMessage, marks: set[str]) -> str:
    text = header(message, "subject", marks)
    return safely(lambda: str(read_header("subject", text)), text, marks)


def _ids(message: EmailMessage, name: str, marks: set[str]) -> list[str]:
    return _ID.findall(header(message, name, marks))


def _addresses(message: EmailMessage, name: str, marks: set[str]) -> list[tuple[str, str]]:
    """Give display name and address of each mailbox that stands under *name*."""
    text = header(message, name, marks)
    if not text:
        return []

    def read() -> list[tuple[str, str]]:
        found = getattr(read_header(name, text), "addresses", ())
        return [(each.display_name or "", each.addr_spec) for each in found]

    return safely(read, [(text[:300], "")], marks)


def _author(message: EmailMessage, marks: set[str]) -> Author | None:
    for name, address in _addresses(message, "from", marks):
        if name or address.strip("<>"):
            return Author(native_id=address.lower(), name=name)
    return None


def _addressed(message: EmailMessage, marks: set[str]) -> str:
    """Give whom the message went to, one line for those it is for and one for the others."""
    lines = []
    for name in ("to", "cc"):
        people = _addresses(message, name, marks)
        shown = [
            f"{who} <{address}>" if who and address else who or address for who, address in people
        ]
        if shown:
            lines.append(f"{name.title()}: {', '.join(shown)}")
    return "\n".join(lines)


def _published(message: EmailMessage, mailed: Mailed, marks: set[str]) -> datetime:
    """Give when it was sent; where that cannot be read, when a server took it in."""
    if (when := _utc(header(message, "date", marks))) is not None:
        return when
    received = header(message, "received", marks).rpartition(";")[2]
    line = mailed.envelope.decode("ascii", "replace").strip()
    envelope = _ENVELOPE_DATE.match(line)
    for told in (received, envelope[1] if envelope else ""):
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


def _attachments(mailed: Mailed, file: str, digest: str, parts: Parts) -> list[Attachment]:
    where = f"{file}#{mailed.begin}+{mailed.size}+{digest[:16]}"
    return [
        Attachment(f"{number}/{part.name}", f"{where}#{number}", part.media_type, part.name)
        for number, part in enumerate(parts.files, start=1)
    ]


# --- alerts -----------------------------------------------------------------------------------


def _alert(author: Author | None, text: str) -> str | None:
    """Give the number of the Nixle alert that the message brings; None where it is none."""
    if author is None or not _NIXLE.search(author.native_id):
        return None
    found = _ALERT.search(text)
    return found[1] if found else None


def _priority(message: EmailMessage, marks: set[str]) -> set[str]:
    found = _PRIORITY.match(_subject(message, marks))
    return {f"nixle-{found[1].lower()}"} if found else set()
