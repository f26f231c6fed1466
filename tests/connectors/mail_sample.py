"""Samples of mail, as mail programs write it."""

from __future__ import annotations

import email.policy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from connectors.mail_export import CONNECTOR as MAIL
from tests.connectors.sample import Sample

AT = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
ENVELOPE = b"From doe@example.org Tue Mar  3 09:00:00 2026\n"


def a_mail(
    number: int,
    text: str,
    *,
    answers: tuple[int, ...] = (),
    picture: bytes = b"",
    html: str = "",
    sender: str = "J. Doe <doe@example.org>",
    subject: str = "Your report",
) -> EmailMessage:
    """Make mail *number*; it *answers* others by their numbers, the thread's first one first."""
    mail = EmailMessage(email.policy.default)
    mail["From"] = sender
    mail["To"] = "Records <records@pd.example>"
    mail["Subject"] = subject
    mail["Date"] = format_datetime(AT + timedelta(minutes=number))
    mail["Message-ID"] = f"<{number}@example.org>"
    if answers:
        mail["In-Reply-To"] = f"<{answers[-1]}@example.org>"
        mail["References"] = " ".join(f"<{each}@example.org>" for each in answers)
    mail.set_content(text)
    mail.add_alternative(html or f"<p>{text}</p>", subtype="html")
    if picture:
        mail.add_attachment(picture, maintype="image", subtype="jpeg", filename="porch.jpg")
    mail.set_boundary(f"part-{number}")
    if picture:
        mail.get_payload(0).set_boundary(f"way-{number}")
    return mail


def mailbox_of(*mails: EmailMessage) -> bytes:
    """Give a mailbox (mboxrd) of *mails*."""
    return b"".join(
        ENVELOPE + mail.as_bytes().replace(b"\nFrom ", b"\n>From ") + b"\n" for mail in mails
    )


def mail(form: str) -> Callable[[], Sample]:
    """Give the maker of mail in *form*: messages, a mailbox, or a maildir."""

    def sample() -> Sample:
        told = (
            a_mail(1, "Somebody took the parcel from my porch.", picture=b"JPEG"),
            a_mail(2, "We sent a patrol. Was there a camera?", answers=(1,)),
            a_mail(3, "There was.", answers=(1, 2)),
        )
        files = {
            "messages": {f"{n}.eml": each.as_bytes() for n, each in enumerate(told, start=1)},
            "mailbox": {"records.mbox": mailbox_of(*told)},
            "maildir": {f"cur/{n}.host:2,S": each.as_bytes() for n, each in enumerate(told)},
        }[form]
        above = "To: Records <records@pd.example>\n\n"
        texts = tuple(above + each.get_body(("plain",)).get_content().strip() for each in told)
        return Sample(
            connector=MAIL,
            files=files,
            holding=tuple(files),
            texts=texts,
            private=frozenset(texts),
            picture=b"JPEG",
        )

    return sample
