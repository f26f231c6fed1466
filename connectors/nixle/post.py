"""The mailbox that an agency's own alerts are mailed to, read for one visit.

How far it was read is a place: the folder's validity, and the number of the last message that was
looked at. Where the folder was numbered anew, it is read from its beginning.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from archiver.ports import Downloaded
from archiver.records.captures import Gap, GapReason
from archiver.records.errors import AnswerUnreadable, AttachmentGone, TooLarge
from archiver.records.items import Content
from archiver.records.pages import FetchSettings
from connectors.deposits import spooled
from connectors.fetching.mailbox import Letter, Mailbox
from connectors.nixle.letters import SENDERS, Place, file_of, read_letter
from connectors.nixle.saved import SavedMail

Post: TypeAlias = Content | Gap | None
"""What a message brings: an alert, a gap where it cannot be read, or nothing of this agency's."""


class Postbox:
    """A folder of mail, and the agencies whose alerts in it are asked for."""

    def __init__(
        self, mailbox: Mailbox | SavedMail, agencies: frozenset[str], settings: FetchSettings
    ) -> None:
        self._mailbox = mailbox
        self._agencies = agencies
        self._settings = settings
        self._spooled: list[Path] = []

    @property
    def fetched(self) -> int:
        """Give how many messages this visit has read so far."""
        return self._mailbox.fetched

    def open(self) -> None:
        """Open the folder, to see whether it can be.

        Raises:
            ConnectorError: as for `Mailbox.state`.
        """
        self._mailbox.state()

    def after(self, place: str) -> Iterator[tuple[str, Post]]:
        """Give what came after *place*, each with its own place; at the end, the folder's.

        Raises:
            ConnectorError: as for `Mailbox.state`; what was given before stands.
        """
        state = self._mailbox.state()
        before, _, read = place.partition(":")
        last = int(read) if before == str(state.validity) and read.isdecimal() else 0
        for letter in self._mailbox.letters(after=last, sender=SENDERS):
            yield f"{state.validity}:{letter.number}", self._read(letter, state.validity)
        yield f"{state.validity}:{max(last, state.following - 1)}", None

    def _read(self, letter: Letter, validity: int) -> Post:
        what = f"message {letter.number} of the mailbox"
        if not letter.raw:
            detail = f"it has {letter.size} bytes"
            return Gap(what=what, why=GapReason.TOO_LARGE, detail=detail)
        try:
            return read_letter(letter, validity=validity, agencies=self._agencies)
        except AnswerUnreadable as error:
            return Gap(what=what, why=GapReason.UNREADABLE, detail=str(error))

    def download(self, place: Place) -> Downloaded:
        """Bring the file at *place* out of its message into the spool.

        Raises:
            AttachmentGone: the folder does not hold that message any more, or that file in it.
            TooLarge: the message is larger than messages, or [fetching] max_bytes, may be.
            ConnectorError: as for `Mailbox.state`.
        """
        same = self._mailbox.state().validity == place.validity
        letter = self._mailbox.letter(place.number) if same else None
        if letter is not None and not letter.raw:
            raise TooLarge(f"the message has {letter.size} bytes, more than are allowed")
        data = file_of(letter, place.file) if letter else None
        if data is None:
            raise AttachmentGone("the mailbox does not hold the message with this file any more")
        brought = spooled([data], self._settings.spool)
        self._spooled.append(Path(brought.path))
        return brought

    def close(self) -> None:
        """Let go of the connection, and of spool files."""
        self._mailbox.close()
        for path in self._spooled:
            path.unlink(missing_ok=True)
        self._spooled.clear()
