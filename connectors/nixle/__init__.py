"""Nixle (Everbridge): the alerts, advisories and community messages an agency put on its wire.

    reading    bytes of an answer → the wire's alerts, an alert's page, the feed's announcements
    profile    what the agency's page says beside the wire
    letters    what Nixle mails of an alert: a message → the alert as it was mailed
    post       the mailbox that the agency's own alerts are mailed to
    saved      the same out of files (.eml)
    source     a visit: the feed of twenty, the wire page by page, each alert's own page

There is no API, and nobody answers on Nixle: an alert has no comments. An alert is known by its
number, which its address and its place on the wire both have.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archiver.ports import Source
from archiver.records.errors import ConfigInvalid
from archiver.records.pages import (
    Access,
    Capabilities,
    FetchSettings,
    PageSettings,
    Setting,
    SettingValue,
)

if TYPE_CHECKING:
    from connectors.fetching.mailbox import Mailbox
    from connectors.nixle.post import Postbox

_SERVER = re.compile(r"([\w.-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?", re.ASCII)
_TLS, _STARTTLS = 993, 143

_ACCESS = Access(
    permissions=(
        "none for the agency's wire, which is public",
        "for alerts by mail: a mailbox's user and password, to read one folder over IMAP",
    ),
    steps=(
        "Open https://local.nixle.com, search for the agency, and copy its page's address.",
        (
            "If `archiver capture` finds no feed, ask Nixle's support for the agency's number and "
            "set `feed` to https://rss.nixle.com/pubs/feeds/latest/NUMBER/."
        ),
        (
            "To have messages to groups as well, let a mailbox of the department's subscribe to "
            "each of them, set `mail_server` and `mail_user`, and put its password into the "
            "variable named in token_env. It is read and never changed. Where the server takes no "
            "passwords from programs, make an app password; or save the alerts as .eml files into "
            "a folder, and name that in `mail_files`."
        ),
    ),
    terms="We know of no terms of Everbridge's on archiving its public wire; read the agency's own "
    "contract with it. An alert that is taken down is noted, and kept as the schedule says.",
)


class NixleConnector:
    """Reads the public wire of one agency, known by the URL of its page."""

    name = "nixle"
    platform = "nixle"
    version = "1"
    imports = False
    settings = (
        Setting(
            "feed",
            "text",
            "Address of the agency's RSS feed (https://rss.nixle.com/pubs/feeds/latest/NUMBER/), "
            "where its page tells none.",
        ),
        Setting(
            "mail_server",
            "text",
            "Server (IMAP) of the mailbox that the agency's own alerts are mailed to, such as "
            "imap.example.gov; :PORT after it where that is not 993.",
        ),
        Setting("mail_user", "text", "User of that mailbox; its password comes by token_env."),
        Setting("mail_folder", "text", "Folder of it that is read.", default="INBOX"),
        Setting(
            "mail_starttls",
            "boolean",
            "Whether the server encrypts only when it is asked to (STARTTLS, port 143).",
            default=False,
        ),
        Setting(
            "mail_files",
            "file",
            "In place of a mailbox: a folder in which its alerts are saved as files (.eml).",
        ),
        Setting(
            "mail_from",
            "list",
            "Agencies whose alerts count, by their names before @emails.nixle.com; without any, "
            "the one in the page's url.",
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=False,
        media=True,
        hidden=False,
        edits="diff",
        removals="recheck",
        backfill="every alert the agency's wire still lists",
        blind_to=(
            (
                "messages to private or closed groups, unless the mailbox is subscribed to them, "
                "and text messages to residents: the public wire has only what was sent to it"
            ),
            (
                "mail that was removed from its folder before a visit, and whether an alert that "
                "was mailed is what its sender sent: signatures are kept, and not checked"
            ),
            (
                "the mail itself of an alert whose page says the same, word by word: the page is "
                "kept"
            ),
            "alerts that were put out and taken down between two visits",
            (
                "earlier wordings of an alert that was edited between two visits: Nixle shows "
                "neither that it was edited nor when"
            ),
            "why an alert is not shown any more, and who took it down",
            (
                "an alert that moved between two pages of the wire while they were read, until the "
                "wire is next walked in full"
            ),
        ),
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the agency's page for one visit.

        Raises:
            ConfigInvalid: the page has no URL, or its settings say what Nixle cannot be.
        """
        from connectors.fetching import Fetcher
        from connectors.nixle.source import AgencySource

        faults, feed = [], str(page.options.get("feed") or "")
        web = ("http://", "https://")
        if not page.url.lower().startswith(web):
            faults.append(f"page {page.name}: Nixle needs the `url` of the agency's page there")
        if feed and not feed.lower().startswith(web):
            faults.append(f"page {page.name}: `feed` is an http or https address")
        if deposit is not None:
            faults.append(f"page {page.name}: Nixle is visited, it imports no file")
        mailed = bool(page.options.get("mail_server"))
        if mailed:
            faults += [f"page {page.name}: {fault}" for fault in _mail_faults(page)]
        if faults:
            raise ConfigInvalid(faults)
        by_mail = mailed or bool(page.options.get("mail_files"))
        postbox = _postbox(page, fetching) if by_mail else None
        return AgencySource(Fetcher(fetching, home=page.url), page.url, feed, postbox)


def _mail_faults(page: PageSettings) -> list[str]:
    """Say what is wrong with the settings of a page's mailbox."""
    faults = []
    if not _SERVER.fullmatch(str(page.options["mail_server"])):
        faults.append("`mail_server` is the name of a server, with :PORT after it if need be")
    if not page.options.get("mail_user"):
        faults.append("`mail_server` needs the `mail_user` whose mailbox it is")
    if not (page.secret or "").strip():
        faults.append("the mailbox needs a password: name its variable in `token_env`")
    if page.options.get("mail_files"):
        faults.append("`mail_server` and `mail_files` are two ways: name one of them")
    return faults


def _postbox(page: PageSettings, fetching: FetchSettings) -> Postbox:
    """Make the mailbox that the settings of *page* name; nothing is asked of it yet."""
    from connectors.mail import LARGEST_MESSAGE
    from connectors.nixle.post import Postbox
    from connectors.nixle.saved import SavedMail

    own = urlsplit(page.url).path.strip("/").rpartition("/")[2]
    agencies = frozenset(name.lower() for name in _texts(page.options.get("mail_from")) or (own,))
    if files := page.options.get("mail_files"):
        return Postbox(SavedMail(Path(str(files)), largest=LARGEST_MESSAGE), agencies, fetching)
    return Postbox(_mailbox(page, fetching, largest=LARGEST_MESSAGE), agencies, fetching)


def _mailbox(page: PageSettings, fetching: FetchSettings, *, largest: int) -> Mailbox:
    from connectors.fetching.mailbox import Mailbox, MailboxPlace

    found = _SERVER.fullmatch(str(page.options["mail_server"]))
    host, port = found.groups() if found else ("", None)
    starttls = bool(page.options.get("mail_starttls"))
    place = MailboxPlace(
        host=host.strip("[]"),
        user=str(page.options["mail_user"]),
        folder=str(page.options.get("mail_folder") or "INBOX"),
        port=int(port or (_STARTTLS if starttls else _TLS)),
        starttls=starttls,
    )
    return Mailbox(fetching, place, (page.secret or "").strip(), largest=largest)


def _texts(value: SettingValue | None) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, tuple | list) else ()


CONNECTOR = NixleConnector()
"""What the entry point `nixle` names."""
