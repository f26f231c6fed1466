"""The importer: every event of every RSMF file; memory holds one, and the names of its file's."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from functools import partial
from os.path import commonpath
from pathlib import Path

from archiver.ports import Downloaded
from archiver.records.captures import Gap, Observation
from archiver.records.errors import AnswerUnreadable, ConnectorError, DepositRefused
from archiver.records.items import Attachment
from archiver.records.pages import FetchSettings
from connectors.deposits import (
    Deposit,
    DepositSource,
    Element,
    Reading,
    open_deposit,
    refuse_several,
    spooled,
)
from connectors.rsmf.chat import Chat, EventReader
from connectors.rsmf.container import headers_of, zip_within

_PLACE = re.compile(r"(.*?\.rsmf)#(.*)", re.DOTALL | re.IGNORECASE)
_COUNT = re.compile(r"\d{1,9}")
_OPEN = 4
"""How many files are held open for the attachments of their events."""


class RsmfSource(DepositSource):
    """RSMF files, opened for one visit."""

    def __init__(self, fetching: FetchSettings, deposit: Deposit, *, posts: bool) -> None:
        """Find the RSMF files of *deposit*; *posts* says that what is in channels is public.

        Raises:
            DepositRefused: there is none, or parts hold different files under one name.
        """
        names = deposit.names()
        self._files = [name for name in names if name.lower().endswith(".rsmf")]
        if not self._files:
            raise DepositRefused(
                f"{deposit.name} holds no .rsmf file",
                remedy="Import the .rsmf files as they are, or a zip file or folder of them.",
            )
        refuse_several(deposit, self._files, alike=True)
        above = commonpath([name.rpartition("/")[0] for name in self._files])
        self._root = f"{above}/" if above else ""
        self._posts = posts
        self._opened: OrderedDict[str, tuple[Deposit, Path]] = OrderedDict()
        self._inside: list[Gap] = []
        super().__init__(
            deposit, fetching, self._reading, lacking=self._inside, places=self._spelled
        )

    def download(self, attachment: Attachment) -> Downloaded:
        """Bring the file of *attachment* out of its RSMF file into the spool.

        Raises:
            AttachmentGone: the event names it, and its file does not hold it.
            TooLarge: it is larger than [fetching] max_bytes.
            DepositRefused, AnswerUnreadable: its file is damaged.
        """
        found = _PLACE.fullmatch(attachment.url)
        name = self._entry(found[1]) if found else ""
        if found is None or name not in self.deposit:
            return super().download(attachment)
        if name in self._opened:
            self._opened.move_to_end(name)
        else:
            self._opened[name] = self._unwrapped(name)
        if len(self._opened) > _OPEN:
            _let_go(*self._opened.popitem(last=False)[1])
        inner = self._opened[name][0]
        limit = self._fetching.max_bytes
        file = inner.spool(found[2], self._fetching.spool, max_bytes=limit)
        return self._taken(file, attachment)

    def close(self) -> None:
        """Close the files, and remove what is left of them in the spool."""
        while self._opened:
            _let_go(*self._opened.popitem()[1])
        super().close()

    def _reading(self) -> Iterator[Reading]:
        self._inside.clear()
        for name in self._files:
            reader: list[EventReader] = []
            yield Reading(
                name=name,
                elements=partial(self._elements, name, reader),
                shows=partial(_shows, reader),
                unit="event",
                told=self._told(name),
            )

    def _told(self, name: str) -> int | None:
        """Give how many events the file *name* says it has, where it does."""
        try:
            head = headers_of(self.deposit.open(name))
        except ConnectorError:
            return None  # what is wrong with it is told where it is read
        count = str(head.get("x-rsmf-eventcount", "")).strip()
        return int(count) if _COUNT.fullmatch(count) else None

    def _elements(self, name: str, reader: list[EventReader]) -> Iterator[Element]:
        inner, path = self._unwrapped(name)
        try:
            chat = Chat.read(inner)
            short = name.removeprefix(self._root)
            reader[:] = [EventReader(chat, short, posts=self._posts)]
            yield from chat.events()
            self._inside.extend(chat.unread(name))
        finally:
            _let_go(inner, path)

    def _unwrapped(self, name: str) -> tuple[Deposit, Path]:
        """Open the zip file within the RSMF file *name*, judged as any export is."""
        file = spooled(zip_within(self.deposit.open(name)), self._fetching.spool)
        try:
            return open_deposit(file.path), Path(file.path)
        except BaseException:
            Path(file.path).unlink(missing_ok=True)
            raise

    def _spelled(self, address: str) -> Iterator[str]:
        yield address
        yield self._root + address


def _shows(reader: list[EventReader], value: object, raw: bytes) -> Iterator[Observation]:
    if not reader:
        raise AnswerUnreadable("it is no event")
    yield from reader[0].read(value, raw)


def _let_go(inner: Deposit, path: Path) -> None:
    inner.close()
    path.unlink(missing_ok=True)
