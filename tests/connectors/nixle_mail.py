"""An agency whose alerts are mailed as well; those to groups are mailed alone.

Sender, subject, greeting, frame and address are as mail of August 2026 had them: plain text, and
a web page whose links lead over a counter of clicks.
"""

from __future__ import annotations

import email.policy
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Self
from urllib.parse import quote

from archiver.records.pages import PageSettings
from tests.connectors.mail_server import USER, MailServer
from tests.connectors.nixle_platform import AGENCY, FIRST_NUMBER, NAME, NixlePlatform
from tests.connectors.platforms import SECRET, Told

SENDER = AGENCY.strip("/")
TO_A_GROUP = 7
"""Every seventh alert goes to a group: it stands neither on the wire nor on a page of its own."""


def an_alert_mail(
    number: int,
    text: str,
    *,
    at: datetime,
    sender: str = SENDER,
    subject: str = "Community Message: Headline",
    links: str = "",
    change: Callable[[EmailMessage], object] = lambda _: None,
) -> bytes:
    """Give the mail of alert *number* as Nixle sends it, after *change* of it."""
    counted = "https://k2.r.us-west-2.awstrack.me/L0/{}/1/01a2-000000/x9=414"
    page = f"https://local.nixle.com/alert/{number}/?sub_id=0"
    mail = EmailMessage(email.policy.SMTP)
    mail["From"] = f'"{NAME}" <{sender}@emails.nixle.com>'
    mail["To"] = USER
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<alert-{number}@emails.nixle.com>"
    priority = subject.partition(":")[0]
    told = f"Dear Nixle User,\n\n{priority} has been issued by the {NAME}.\n\n"
    mail.set_content(f"{told}{text}\n\nView this message on the web at {page}.\n")
    leads_to = (counted.format(quote(link, safe="")) for link in (page, *links.split()))
    anchors = "".join(f'<a href="{link}">more</a>' for link in leads_to)
    mail.add_alternative(f"<p>{escape(text)}</p>{anchors}", subtype="html")
    change(mail)
    return mail.as_bytes()


class MailedNixlePlatform(NixlePlatform):
    """An agency on Nixle with a mailbox that gets all of its alerts; its password is `SECRET`."""

    def __init__(self) -> None:
        super().__init__()
        self.mail = MailServer(SECRET)

    @property
    def ca_file(self) -> Path:
        return self.mail.ca_file

    def page(self, **options: object) -> PageSettings:
        mailbox = {"mail_server": self.mail.address, "mail_user": USER}
        page = super().page()
        return PageSettings(
            name=page.name,
            connector=page.connector,
            platform=page.platform,
            url=page.url,
            secret=SECRET,
            options={**page.options, **mailbox, **options},
        )

    def __enter__(self) -> Self:
        self.mail.__enter__()
        return super().__enter__()

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        self.mail.__exit__(*exc)

    def posts(self) -> list[Told]:
        return [post for post in super().posts() if post.number % TO_A_GROUP]

    def _known(self, number: int) -> bool:
        return super()._known(number) and number % TO_A_GROUP > 0

    def _tell(
        self, text: str, *, at: datetime | None, on: int | None, picture: bytes | None
    ) -> int:
        number = super()._tell(text, at=at, on=on, picture=picture)
        if on is None:
            alert = FIRST_NUMBER + number
            self.mail.deliver(an_alert_mail(alert, text, at=self.told[number].at))
        return number
