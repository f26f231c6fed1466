"""What Nixle mails of an agency's alerts: one message → an alert as it was mailed.

The words are those of the message without its frame (`connectors.mail.alerts`); its raw fragment
is the message itself, byte by byte. Links lead where they are meant to, and not to who counts
the clicks on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.fetching.mailbox import Letter
from connectors.mail import (
    Parts,
    agency_of,
    alert_number,
    author_of,
    headline,
    parsed,
    parts_of,
    priority,
    sent_at,
    subject,
    unframed,
)

AS_MAILED = "as-mailed"
"""Marks a wording that was mailed: what the alert's own page says may be another."""

SENDERS = "@emails.nixle.com"
"""What the address of each sender of Nixle's ends with."""

_COUNTED = re.compile(r"(?:[\w-]+\.)*awstrack\.me", re.IGNORECASE)
_PLACE = re.compile(r"mail:(\d+):(\d+)#(\d+)")
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file of a message is: under which validity, in which message, which file of it."""

    validity: int
    number: int
    file: int

    @classmethod
    def of(cls, attachment: Attachment) -> Place | None:
        """Read the place of *attachment*; None where it is no file of a message."""
        found = _PLACE.fullmatch(attachment.url)
        return cls(*map(int, found.groups())) if found else None


def read_letter(letter: Letter, *, validity: int, agencies: frozenset[str]) -> Content | None:
    """Read the alert that *letter* brings; None where another agency sent it.

    Raises:
        AnswerUnreadable: one of *agencies* sent it, and it names no alert, or nothing dates it.
    """
    try:
        message = parsed(letter.raw)
        parts = parts_of(message)
        marks = parts.marks
        author = author_of(message, marks)
        if agency_of(author) not in agencies:
            return None
        text, title = "\n\n".join(filter(str.strip, parts.texts)), subject(message, marks)
        number = alert_number(author, text) or alert_number(author, " ".join(_links(parts)))
        if number is None:
            raise AnswerUnreadable("a message of the agency's names no alert")
        return Content(
            native_id=number,
            kind=ItemKind.POST,
            title=headline(title),
            text=unframed(text),
            published_at=sent_at(message, marks),
            raw=RawFragment("message/rfc822", letter.raw),
            author=_agency(author),
            attachments=tuple(_files(parts, f"mail:{validity}:{letter.number}")),
            links=tuple(link for link in _links(parts) if not _own(link, number)),
            marks=(AS_MAILED, *filter(None, [priority(title)]), *sorted(marks)),
        )
    except ValueError as error:
        raise AnswerUnreadable(f"a message cannot be read: {error}") from None


def file_of(letter: Letter, number: int) -> bytes | None:
    """Give file *number* of *letter*, from 1; None where it has no such file."""
    try:
        files = parts_of(parsed(letter.raw)).files
    except ValueError:
        return None
    return files[number - 1].read() if 0 < number <= len(files) else None


def same_words(one: Content, other: Content) -> bool:
    """Say whether both say the same, word by word, title and text; a mailed file is one more."""
    alike = _words(one.title) == _words(other.title) and _words(one.text) == _words(other.text)
    return alike and not one.attachments


def _words(text: str) -> list[str]:
    return _WORDS.findall(text.casefold())


def _agency(author: Author | None) -> Author | None:
    """Give the sender under the name that the agency has on Nixle's own pages."""
    name = agency_of(author)
    url = f"https://local.nixle.com/{name}/"
    return Author(name, author.name, "", url) if author else None


def _links(parts: Parts) -> Iterator[str]:
    for link in parts.links:
        place = urlsplit(link)
        kind, _, rest = place.path.lstrip("/").partition("/")
        if kind == "L0" and _COUNTED.fullmatch(place.hostname or ""):
            yield unquote(rest.partition("/")[0])
        else:
            yield link


def _own(link: str, number: str) -> bool:
    return urlsplit(link).path == f"/alert/{number}/"


def _files(parts: Parts, where: str) -> Iterator[Attachment]:
    for number, part in enumerate(parts.files, start=1):
        key = f"{number}/{part.name}"
        yield Attachment(key, f"{where}#{number}", part.media_type, part.name)
