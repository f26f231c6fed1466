"""A websocket (RFC 6455) that stays open: to a checked address, and capped as answers are.

It is the way in which platforms send what happens while it happens. Nothing is retried here: who
follows a stream decides when it is opened anew.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from typing import Self
from urllib.parse import SplitResult, urlsplit

import httpx
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from archiver.records.errors import (
    AddressRefused,
    AnswerUnreadable,
    CertificateRefused,
    PermissionLost,
    PlatformUnreachable,
)
from archiver.records.pages import FetchSettings
from connectors.fetching.addresses import FAILURES, Resolve, checked, distrust, resolved, trusted
from connectors.fetching.answers import spoken
from connectors.fetching.exchanges import sound

FRAME_BYTES = 1024**2
"""How large one frame may be; who sends a larger one is hung up on."""

_PORTS = {"ws": 80, "wss": 443}
_PING_SECONDS = 20.0
_CLOSE_SECONDS = 2.0
_REFUSED = frozenset({401, 403})
_LATER = frozenset({408, 425, 429})
_SERVER_FAULT = 500


class Socket:
    """One open websocket. The other side is asked for a sign of life every 20 seconds."""

    def __init__(self, url: str, connection: ClientConnection) -> None:
        self._url = spoken(url)
        self._connection = connection

    @classmethod
    def opened(
        cls,
        url: str,
        settings: FetchSettings,
        *,
        headers: Mapping[str, str] | None = None,
        resolve: Resolve = resolved,
    ) -> Self:
        """Open *url* (ws or wss) with *headers*; redirects are not followed.

        Raises:
            PermissionLost: 401 or 403.
            AnswerUnreadable: another status, or what answers speaks no websocket.
            PlatformUnreachable: no answer, or one that asks us to come later.
            AddressRefused: the host is not for us to visit, or *url* is no such address.
            CertificateRefused: the host cannot prove that it is the one that was asked.
            ConfigInvalid: a header holds what may not stand there.
        """
        at, sent = _address(url), sound(headers or {})
        try:
            line = _connected(at, settings, resolve)
            return cls(url, _shaken(at, line, settings, sent))
        except InvalidStatus as error:
            raise _refusal(url, error.response.status_code) from None
        except (*FAILURES, OSError, EOFError) as error:
            if why := distrust(error):
                raise CertificateRefused(f"{spoken(url)}: {why}") from None
            why = f"the connection failed ({type(error).__name__})"
            raise PlatformUnreachable(f"{spoken(url)}: {why}") from None
        except (WebSocketException, ValueError) as error:  # of a redirect, for one
            why = f"no websocket answers ({type(error).__name__})"
            raise AnswerUnreadable(f"{spoken(url)}: {why}") from None

    def frames(self, patience: float) -> Iterator[bytes | None]:
        """Yield every frame that comes; None whenever none came for *patience* seconds.

        Raises:
            PlatformUnreachable: the connection ended, as it sooner or later does.
        """
        while True:
            try:
                yield self._connection.recv(timeout=patience, decode=False)
            except TimeoutError:
                yield None
            except ConnectionClosed as error:
                told = error.rcvd or error.sent
                code = "without a word" if told is None else f"with {int(told.code)}"
                raise PlatformUnreachable(f"{self._url}: the stream broke off {code}") from None

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


def _address(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        if parts.scheme in _PORTS and parts.hostname and parts.port != 0:
            return parts
    except ValueError:
        pass  # it is refused below
    raise AddressRefused(f"{spoken(url)} is not a ws or wss address")


def _connected(at: SplitResult, settings: FetchSettings, resolve: Resolve) -> socket.socket:
    """Connect to the host of *at*, at an address of its that was checked."""
    host, port = str(at.hostname), at.port or _PORTS[at.scheme]
    failed: Exception = httpx.ConnectError("the name has no address")
    allowed = settings.allow_private_hosts
    for address in checked(host, port, allowed=allowed, resolve=resolve):
        try:
            line = socket.create_connection((address, port), settings.timeout_seconds)
        except OSError as error:
            failed = error
        else:
            line.settimeout(None)  # from here on waits are bounded by who speaks over it
            return line
    raise failed


def _shaken(
    at: SplitResult, line: socket.socket, settings: FetchSettings, headers: Mapping[str, str]
) -> ClientConnection:
    """Make a websocket of *line*; the name, not the address, is in the handshakes."""
    secured = at.scheme == "wss"
    return connect(
        at.geturl(),
        sock=line,
        ssl=trusted(settings.ca_file) if secured else None,
        server_hostname=at.hostname if secured else None,
        compression=None,
        additional_headers=headers,
        user_agent_header=settings.user_agent,
        proxy=None,
        open_timeout=settings.timeout_seconds,
        ping_interval=_PING_SECONDS,
        ping_timeout=settings.timeout_seconds,
        close_timeout=_CLOSE_SECONDS,
        max_size=min(settings.max_bytes, FRAME_BYTES),
        legacy=True,
    )


def _refusal(url: str, status: int) -> Exception:
    told = f"{spoken(url)} answered {status}"
    if status in _REFUSED:
        return PermissionLost(told)
    if status in _LATER or status >= _SERVER_FAULT:
        return PlatformUnreachable(told)
    return AnswerUnreadable(told)
