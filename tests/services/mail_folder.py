"""A folder of the real mailbox, into which a test puts mail as a mail server does."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from imapclient import IMAPClient

USER = "ARCHIVER_TEST_IMAP_USER"
PASSWORD = "ARCHIVER_TEST_IMAP_PASSWORD"


class MailFolder:
    """One folder that no other test uses; gone when it is closed."""

    def __init__(self) -> None:
        host, port = os.environ["ARCHIVER_TEST_IMAP_SERVER"].split(":")
        context = ssl.create_default_context(cafile=self.ca_file)
        self.name = f"Avisos ñ {os.urandom(4).hex()}"
        self._client = IMAPClient(host, int(port), ssl_context=context, timeout=20)
        self._client.login(os.environ[USER], os.environ[PASSWORD])
        self._client.create_folder(self.name)

    @property
    def ca_file(self) -> Path:
        return Path(os.environ["ARCHIVER_TEST_IMAP_CA"])

    def deliver(self, *mails: bytes) -> None:
        for raw in mails:
            self._client.append(self.name, raw)

    def make_anew(self) -> None:
        """Remove the folder and make one of the same name: its numbers begin anew."""
        self._client.delete_folder(self.name)
        self._client.create_folder(self.name)

    def remove_first(self) -> None:
        self._client.select_folder(self.name)
        self._client.delete_messages([min(self._client.search())])
        self._client.expunge()
        self._client.unselect_folder()

    def state(self) -> dict[bytes, int]:
        """Give how many messages there are, and how many nobody has read."""
        return dict(self._client.folder_status(self.name, ["MESSAGES", "UNSEEN", "UIDNEXT"]))

    def close(self) -> None:
        self._client.delete_folder(self.name)
        self._client.logout()
