"""One message → one item: a message between people, or an alert that was mailed to everybody.

A message is known by its Message-ID, and stands under what it answers (In-Reply-To) in the thread
that its references begin with. Whom it went to stands above its text, as it would on paper.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email.message import EmailMessage

from archiver.records.items import Attachment, Content, ItemKind, RawFragment
from connectors.mail import (
    Parts,
    addresses,
    alert_number,
    author_of,
    ids,
    parsed,
    parts_of,
    priority,
    sent_at,
    subject,
)
from connectors.mail_export.mailboxes import Mailed

NO_ID = "message-id-missing"
"""Marks a message without an id of its own: it is known by its digest."""

_SEPARATED = re.compile(rb"\r?\n\r?\n")
_ENVELOPE_DATE = re.compile(r"^From \S*\s*(.*)$")


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
    line = _ENVELOPE_DATE.match(mailed.envelope.decode("ascii", "replace").strip())
    published = sent_at(message, marks, envelope=line[1] if line else "")
    names = ids(message, "message-id", marks)
    answers = ids(message, "in-reply-to", marks)
    thread = [*ids(message, "references", marks), *answers]
    if not names:
        marks.add(NO_ID)
    text = "\n\n".join(part for part in parts.texts if part.strip())
    author, title = author_of(message, marks), subject(message, marks)
    seen = alert_number(author, text) if alerts else None
    content = Content(
        native_id=names[0] if names else f"sha256-{digest}",
        kind=ItemKind.POST if alerts else ItemKind.MESSAGE,
        title=title,
        text=text if alerts else "\n\n".join(filter(None, (_addressed(message, marks), text))),
        raw=RawFragment("message/rfc822", mailed.raw),
        published_at=published,
        author=author,
        parent=None if alerts else next(iter(answers or thread[-1:]), None),
        thread=seen or (None if alerts else next(iter(thread), None)),
        permalink=f"https://local.nixle.com/alert/{seen}/" if seen else "",
        attachments=tuple(_attachments(mailed, file, digest, parts)),
        links=tuple(parts.links),
        marks=tuple(sorted({*marks, *filter(None, [priority(title) if seen else ""])})),
    )
    return Read(content, parts, broken=parts.broken or mailed.cut_off)


def _addressed(message: EmailMessage, marks: set[str]) -> str:
    """Give whom the message went to, one line for those it is for and one for the others."""
    lines = []
    for name in ("to", "cc"):
        people = addresses(message, name, marks)
        shown = [
            f"{who} <{address}>" if who and address else who or address for who, address in people
        ]
        if shown:
            lines.append(f"{name.title()}: {', '.join(shown)}")
    return "\n".join(lines)


def _attachments(mailed: Mailed, file: str, digest: str, parts: Parts) -> list[Attachment]:
    where = f"{file}#{mailed.begin}+{mailed.size}+{digest[:16]}"
    return [
        Attachment(f"{number}/{part.name}", f"{where}#{number}", part.media_type, part.name)
        for number, part in enumerate(parts.files, start=1)
    ]
