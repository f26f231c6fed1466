"""Mail as files: single messages (.eml), mailboxes (mbox), folders of either.

mailboxes  a file of mail → its messages, each with its own bytes
contents   a message → an item
importer   the deposit, and the files of its messages
"""

from __future__ import annotations

from functools import partial
from pathlib import PurePath

from archiver.ports import Source
from archiver.records.errors import ConfigInvalid
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting
from connectors.deposits import opened

_MAIL_IS = ("messages", "alerts")

_ACCESS = Access(
    permissions=("the mailbox, or whoever keeps it, for who saves the messages",),
    steps=(
        (
            "Save the messages as .eml files, or export the folder as an mbox file: Thunderbird, "
            "Apple Mail, Google Takeout and most servers can. Outlook's .pst and .msg are not read."
        ),
        "Keep the headers: a forwarded copy is another message, with another date and author.",
        (
            "For alerts of Nixle, subscribe a mailbox of the department to its own alerts, and set "
            '`mail_is = "alerts"` on a page of their own.'
        ),
    ),
    terms="Mail is the department's own copy; no platform's terms speak of it. What a platform "
    "mails about its content may stand under its terms all the same: counsel should look.",
)


class MailExport:
    """Imports mail: what people wrote to the department and it to them, or alerts it sent out."""

    name = "mail-export"
    platform = "mail"
    version = "1"
    imports = True
    settings = (
        Setting(
            "mail_is",
            "text",
            "What the mail is: messages (restricted, as a rule) or alerts (sent to everybody).",
            default="messages",
        ),
        Setting(
            "platform",
            "text",
            "The platform the mail is from, such as nixle; searches know it by this word.",
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=False,
        media=True,
        hidden=False,
        edits="diff",
        removals="none",
        backfill="every message in the files that are handed in",
        blind_to=(
            "messages that were removed from the mailbox before it was saved",
            "whether a message reached anybody, and who read it",
            "who was in blind copy, unless the message itself says so",
            "the words in attached files, and in messages that are attached to others",
            "whether a message is what its sender sent: signatures are kept, and not checked",
            "Outlook's own files (.pst, .msg): a gap names them",
        ),
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the mail at *deposit*.

        Raises:
            ConfigInvalid: `mail_is` says something else than it can.
            DepositRefused: there is none, it holds no mail, or it is not safe to open.
        """
        from connectors.mail_export.importer import MailSource

        mail_is = str(page.options.get("mail_is") or "messages")
        if mail_is not in _MAIL_IS:
            raise ConfigInvalid(f"page {page.name}: `mail_is` is {' or '.join(_MAIL_IS)}")
        make = partial(MailSource, fetching, alerts=mail_is == "alerts")
        return opened(deposit, page, make, loose=(".eml", ".mbox", ".mbx"))


CONNECTOR = MailExport()
"""What the entry point `mail-export` names."""
