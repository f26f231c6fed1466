"""The importer: every message of every file of mail; memory holds one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from os.path import commonpath

from archiver.ports import Downloaded
from archiver.records.captures import Gap, GapReason, Observation
from archiver.records.errors import AnswerUnreadable, AttachmentGone, DepositRefused, TooLarge
from archiver.records.items import Attachment
from archiver.records.pages import FetchSettings
from connectors.deposits import (
    Deposit,
    DepositSource,
    Element,
    Reading,
    Shown,
    refuse_several,
    spooled,
)
from connectors.mail import LARGEST_MESSAGE
from connectors.mail_export.contents import Read, read_message
from connectors.mail_export.mailboxes import Mailed, messages, one_message

_MAILBOXES = frozenset({"", "mbox", "mbx"})
_FOLDERS = frozenset({"cur", "new"})
_ITEMLESS = re.compile(
    r"(?:.*/)?(?:[^/]*\.msf|\.?dovecot[^/]*|\.?subscriptions|maildirfolder)", re.IGNORECASE
)
"""What mail programs and servers write beside mailboxes to find their way in them."""

_OUTLOOK = (".pst", ".ost", ".msg")
_PLACE = re.compile(r"(.*)#(\d+)\+(\d+)\+([0-9a-f]{16})#(\d+)", re.DOTALL)


class MailSource(DepositSource):
    """Files of mail, opened for one visit."""

    def __init__(self, fetching: FetchSettings, deposit: Deposit, *, alerts: bool) -> None:
        """Find out which files of *deposit* are mail; *alerts* says that all of it is public.

        Raises:
            DepositRefused: none is, or parts of the export hold different files under one name.
        """
        sorts = {name: _sort(deposit, name) for name in deposit.names()}
        self._mail = {name: sort for name, sort in sorts.items() if sort}
        if not self._mail:
            raise DepositRefused(
                f"{deposit.name} holds no mail: no .eml file and no mailbox (mbox)",
                remedy="Save the messages as .eml files, or export the folder as an mbox file.",
            )
        refuse_several(deposit, list(self._mail), alike=True)
        unread = [name for name in sorts if name.lower().endswith(_OUTLOOK)]
        above = commonpath([name.rpartition("/")[0] for name in self._mail])
        self._root = f"{above}/" if above else ""
        self._alerts = alerts
        self._last: tuple[str, Read] | None = None
        super().__init__(
            deposit,
            fetching,
            self._reading,
            unread=unread,
            itemless=_ITEMLESS,
            places=self._spelled,
        )

    def download(self, attachment: Attachment) -> Downloaded:
        """Bring the file of *attachment* out of its message into the spool.

        Raises:
            AttachmentGone: the export does not hold that message, or that file in it.
            TooLarge: it is larger than [fetching] max_bytes.
            DepositRefused: the export is damaged.
        """
        found = _PLACE.fullmatch(attachment.url)
        if found is None:
            return super().download(attachment)
        files = self._again(found).parts.files
        number = int(found[5])
        if not 0 < number <= len(files):
            raise AttachmentGone("the message does not hold this file")
        data = files[number - 1].read()
        if len(data) > self._fetching.max_bytes:
            limit = self._fetching.max_bytes
            raise TooLarge(f"the file has {len(data)} bytes, and {limit} are allowed")
        return self._taken(spooled([data], self._fetching.spool), attachment)

    def _again(self, found: re.Match[str]) -> Read:
        """Read the message at a place again; the last one is still at hand."""
        name = self._entry(found[1])
        if self._last is not None and self._last[0] == found[0].rpartition("#")[0]:
            return self._last[1]
        if name not in self.deposit:
            raise AttachmentGone("the export does not hold the message with this file")
        try:
            raw = self.deposit.cut(name, int(found[2]), min(int(found[3]), LARGEST_MESSAGE))
            envelope = b"From " if self._mail.get(name) == "mailbox" else b""
            mailed = Mailed("", int(found[2]), int(found[3]), raw, envelope)
            read = read_message(mailed, file=found[1], alerts=self._alerts)
        except (DepositRefused, ValueError):
            raise AttachmentGone("the export does not hold the message with this file") from None
        if not any(a.url.startswith(found[0].rpartition("#")[0]) for a in read.content.attachments):
            raise AttachmentGone("another message stands where the one with this file was")
        self._last = (found[0].rpartition("#")[0], read)
        return read

    def _reading(self) -> Iterator[Reading]:
        for name in self._mail:
            elements, shows = partial(self._elements, name), partial(self._shows, name)
            yield Reading(name=name, elements=elements, shows=shows, where=_place_of)

    def _elements(self, name: str) -> Iterator[Element]:
        pieces = self.deposit.open(name)
        cut = messages(pieces) if self._mail[name] == "mailbox" else one_message(pieces)
        for mailed in cut:
            yield mailed, mailed.raw

    def _shows(self, name: str, value: object, _raw: bytes) -> Iterator[Shown]:
        if not isinstance(value, Mailed):
            raise AnswerUnreadable("it is no message")
        what = f"{name}, {value.place}"
        if value.size > LARGEST_MESSAGE:
            told = f"the message has {value.size} bytes, and {LARGEST_MESSAGE} can be read"
            yield Gap(what=what, why=GapReason.TOO_LARGE, detail=told)
            return
        read = read_message(value, file=name.removeprefix(self._root), alerts=self._alerts)
        yield Observation(content=read.content, restricted=not self._alerts)
        if read.broken:
            detail = "the message breaks off; what there is of it was kept"
            yield Gap(what=what, why=GapReason.UNREADABLE, detail=detail)

    def _spelled(self, address: str) -> Iterator[str]:
        yield address
        yield self._root + address


def _sort(deposit: Deposit, name: str) -> str:
    """Say whether the file *name* is a `message`, a `mailbox`, or (empty) neither."""
    base = name.rpartition("/")[2]
    end = base.rpartition(".")[2].lower() if "." in base else ""
    if end == "eml" or name.split("/")[-2:-1] in [[folder] for folder in _FOLDERS]:
        return "message"
    if end in _MAILBOXES and (end or next(deposit.open(name), b"").startswith(b"From ")):
        return "mailbox"
    return ""


def _place_of(value: object) -> str:
    return value.place if isinstance(value, Mailed) else ""
