"""A folder of a mailbox on a server (IMAP, RFC 9051): read, and never changed.

The folder is opened for reading alone (EXAMINE) and messages are looked at (BODY.PEEK), so that
nothing on the server is marked as read, moved or removed. The line is encrypted (TLS from the
first byte, or STARTTLS before anything is said), and the host is one that may be visited.

A message is known by its number (UID), which holds for as long as the folder's UIDVALIDITY stays
the same; where that has changed, everything is read anew.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar, cast

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from archiver.records.errors import (
    AnswerUnreadable,
    CertificateRefused,
    PermissionLost,
    PlatformUnreachable,
)
from archiver.records.pages import FetchSettings
from connectors.fetching.addresses import FAILURES, Resolve, checked, distrust, resolved, trusted
from connectors.fetching.fetcher import ATTEMPTS
from connectors.fetching.pace import Pace, process_pace

_AT_ONCE = 20_000
"""So many numbers are searched at a time: a server answers in one line, which is capped."""

_SIZED = 100
"""Of so many messages the sizes are asked for at a time."""

_LOST = (*FAILURES, OSError, IMAPClientAbortError)
_UNAVAILABLE = "[UNAVAILABLE]"
_Taken = TypeVar("_Taken")


@dataclass(frozen=True, slots=True)
class MailboxPlace:
    """Where a mailbox is: its server, whose it is, and which folder of it is meant."""

    host: str
    user: str
    folder: str = "INBOX"
    port: int = 993
    starttls: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """One message: its number in the folder, its size, and its bytes unless it is too large."""

    number: int
    size: int
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class FolderState:
    """The folder as it was opened: under which validity its numbers hold, and the next of them."""

    validity: int
    following: int


class _Named:
    """Encrypts a line to an address that was checked, and has the name proven in the handshake."""

    def __init__(self, context: ssl.SSLContext, name: str) -> None:
        self._context = context
        self._name = name

    def wrap_socket(self, sock: socket.socket, **_address: str) -> ssl.SSLSocket:
        """Encrypt *sock*, which leads to an address, for the name alone."""
        return self._context.wrap_socket(sock, server_hostname=self._name)


class Mailbox:
    """One folder, read for one visit by one thread; a line that breaks is made anew."""

    def __init__(
        self,
        settings: FetchSettings,
        place: MailboxPlace,
        password: str,
        *,
        largest: int,
        resolve: Resolve = resolved,
        pace: Pace | None = None,
    ) -> None:
        self._settings = settings
        self._place = place
        self._password = password
        self._largest = min(largest, settings.max_bytes)
        self._resolve = resolve
        self._pace = pace or process_pace()
        self._client: IMAPClient | None = None
        self._opened: FolderState | None = None
        self.fetched = 0

    def state(self) -> FolderState:
        """Open the folder, unless it is open, and give its state.

        Raises:
            PermissionLost: the server refuses the user, or the password.
            AnswerUnreadable: it has no such folder, or answers what no server should.
            PlatformUnreachable: no answer, however often it was asked within bounds.
            AddressRefused, CertificateRefused: as for `Fetcher.get`.
        """
        return self._persist(lambda _: cast("FolderState", self._opened))

    def letters(self, *, after: int, sender: str) -> Iterator[Letter]:
        """Give the messages after number *after* whose sender's address holds *sender*, in order.

        Those that arrive meanwhile are left to the next visit.

        Raises:
            ConnectorError: as for `state`.
        """
        following = self.state().following
        for first in range(after + 1, following, _AT_ONCE):
            last = min(first + _AT_ONCE, following) - 1
            found = self._persist(partial(_found, first=first, last=last, sender=sender))
            for some in range(0, len(found), _SIZED):
                sizes = self._persist(partial(_sizes, numbers=found[some : some + _SIZED]))
                yield from filter(None, map(self._letter, sizes, sizes.values()))

    def letter(self, number: int) -> Letter | None:
        """Give the message of that number; None where the folder has it no more.

        Raises:
            ConnectorError: as for `state`.
        """
        size = self._persist(partial(_sizes, numbers=[number])).get(number)
        return None if size is None else self._letter(number, size)

    def _letter(self, number: int, size: int) -> Letter | None:
        if size > self._largest:
            return Letter(number, size)
        raw = self._persist(partial(_body, number=number))
        self.fetched += raw is not None
        return None if raw is None else Letter(number, size, raw)

    def close(self) -> None:
        """Let go of the connection."""
        if self._client is not None:
            client, self._client = self._client, None
            try:
                client.logout()
            except (OSError, IMAPClientError):
                _shut(client)

    # --- the line ---------------------------------------------------------------------------

    def _persist(self, verb: Callable[[IMAPClient], _Taken]) -> _Taken:
        """Do *verb* over an open folder; where the line breaks, make it anew within bounds."""
        why = ""
        for attempt in range(ATTEMPTS):
            try:
                return verb(self._client or self._examined())
            except _LOST as error:
                self._drop()
                if reason := distrust(error):
                    raise CertificateRefused(f"{self._place.host}: {reason}") from None
                why = type(error).__name__
            except IMAPClientError:
                self._drop()
                raise AnswerUnreadable(
                    f"{self._place.host} refused a question about its folder {self._place.folder}"
                ) from None
            if attempt < ATTEMPTS - 1:
                self._pace.sleep(2**attempt / 2)
        raise PlatformUnreachable(
            f"{self._place.host}: the exchange failed ({why}), {ATTEMPTS} times in a row"
        )

    def _examined(self) -> IMAPClient:
        """Connect, sign in, and open the folder for reading alone."""
        client = self._connected()
        self._client = client
        try:
            client.login(self._place.user, self._password)
        except LoginError as error:
            if isinstance(error.__context__, IMAPClientAbortError) or _UNAVAILABLE in str(error):
                raise IMAPClientAbortError("the server broke off") from None
            raise PermissionLost(f"{self._place.host} refuses {self._place.user}") from None
        told = client.select_folder(self._place.folder, readonly=True)
        validity, following = told.get(b"UIDVALIDITY"), told.get(b"UIDNEXT")
        if not isinstance(validity, int) or not isinstance(following, int):
            raise AnswerUnreadable(f"{self._place.host} does not number the messages of its folder")
        if self._opened is not None and self._opened.validity != validity:
            raise AnswerUnreadable(f"{self._place.host} numbered its folder anew meanwhile")
        self._opened = self._opened or FolderState(validity, following)
        return client

    def _connected(self) -> IMAPClient:
        place, settings = self._place, self._settings
        named = _Named(trusted(settings.ca_file), place.host)
        failed: Exception = ConnectionError("the name has no address")
        for address in checked(
            place.host, place.port, allowed=settings.allow_private_hosts, resolve=self._resolve
        ):
            try:
                client = IMAPClient(
                    address,
                    place.port,
                    ssl=not place.starttls,
                    ssl_context=named,
                    timeout=settings.timeout_seconds,
                )
            except OSError as error:
                failed = error
                continue
            if place.starttls:
                self._client = client
                client.starttls(named)
            return client
        raise failed

    def _drop(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            _shut(client)


def _found(client: IMAPClient, *, first: int, last: int, sender: str) -> list[int]:
    """Give the numbers from *first* to *last* of messages from *sender*; a server may say more."""
    found = client.search(["UID", f"{first}:{last}", "FROM", sender])
    return sorted(number for number in found if first <= number <= last)


def _sizes(client: IMAPClient, *, numbers: Sequence[int]) -> dict[int, int]:
    """Give the size of each message of *numbers* that is still there, in that order."""
    told = client.fetch(list(numbers), ["RFC822.SIZE"])
    sizes = {number: told.get(number, {}).get(b"RFC822.SIZE") for number in numbers}
    return {number: size for number, size in sizes.items() if isinstance(size, int)}


def _body(client: IMAPClient, *, number: int) -> bytes | None:
    told = client.fetch([number], ["BODY.PEEK[]"])
    body = told.get(number, {}).get(b"BODY[]")
    return body if isinstance(body, bytes) else None


def _shut(client: IMAPClient) -> None:
    """Close the connection of *client* without a word; it may be gone already."""
    try:
        client.shutdown()
    except (OSError, IMAPClientError):
        return
