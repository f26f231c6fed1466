"""Which addresses may be visited, and the transport that connects to exactly those.

A host is resolved once, when a connection to it is made; every address it resolves to is
checked, and the connection goes to the checked address itself. Nothing is resolved again
between check and connect. The name stays in the Host header and in the TLS handshake.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from math import inf
from pathlib import PurePath
from time import monotonic
from typing import TypeAlias, cast

import httpcore
import httpx

from archiver.records.errors import AddressRefused, ConfigInvalid

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve: TypeAlias = Callable[[str, int], list[str]]

_ALSO_REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments; one cloud keeps its metadata there
        "168.63.129.16/32",  # one cloud's metadata address, in public space
        "64:ff9b:1::/48",  # local NAT64
        "fec0::/10",  # site-local
    )
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

_HEAD_WAITS = 4
"""The head of an answer may take as long as this many single waits."""

FAILURES = (
    httpx.TransportError,
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
)
"""What a transport raises when an exchange fails: all of it may pass when asked again."""


def refusal(address: str) -> str:
    """Say why *address* may not be visited; an empty text where it may.

    An address that carries another one inside (IPv4-mapped, 6to4, Teredo, NAT64) is judged by
    both.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "not an address"
    for candidate in (ip, *_inner(ip)):
        if reason := _kind(candidate):
            return reason
    return ""


def _inner(ip: Address) -> list[Address]:
    if isinstance(ip, ipaddress.IPv4Address):
        return []
    found: list[Address] = [inner for inner in (ip.ipv4_mapped, ip.sixtofour) if inner]
    found += ip.teredo or ()
    if ip in _NAT64:
        found.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return found


def _kind(ip: Address) -> str:
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        return ""  # the IPv4 address inside says it all
    kinds = {
        "unspecified": ip.is_unspecified,
        "loopback": ip.is_loopback,
        "link-local": ip.is_link_local,
        "multicast": ip.is_multicast,
        "private": ip.is_private,
        "reserved": ip.is_reserved or not ip.is_global,
        "set apart": any(ip in network for network in _ALSO_REFUSED),
    }
    return next((name for name, holds in kinds.items() if holds and not _is_nat64(ip)), "")


def _is_nat64(ip: Address) -> bool:
    return ip in _NAT64


def resolved(host: str, port: int) -> list[str]:
    """Give every address *host* has now, in the resolver's order, each once."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise httpx.ConnectError("the name does not resolve") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked(
    host: str, port: int, *, allowed: Collection[str] = (), resolve: Resolve = resolved
) -> list[str]:
    """Give the addresses *host* has now, each of which may be visited.

    Raises:
        AddressRefused: one of them may not be, and *host* is none of *allowed*.
        httpx.ConnectError: the name does not resolve.
    """
    addresses = resolve(host, port)
    if host.lower().strip("[]").rstrip(".") in {name.lower().strip("[]") for name in allowed}:
        return addresses
    for address in addresses:
        if reason := refusal(address):
            raise AddressRefused(f"{host} is at {address}, a {reason} address")
    return addresses


class _Patience:
    """Until when the head of the answer under way may take; a body is timed piece by piece."""

    def __init__(self) -> None:
        self.until = inf

    def left(self, timeout: float | None) -> float:
        remaining = min(inf if timeout is None else timeout, self.until - monotonic())
        if remaining <= 0:
            raise httpcore.ReadTimeout("the head of the answer comes too slowly")
        return remaining


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, patience: _Patience) -> None:
        self._stream = stream
        self._patience = patience

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._patience.left(timeout)
        return self._stream.read(max_bytes, None if left == inf else left)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, timeout)
        return _TimedStream(secured, self._patience)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class _CheckedBackend(httpcore.SyncBackend):
    def __init__(self, allowed: Collection[str], resolve: Resolve, patience: _Patience) -> None:
        self._allowed = frozenset(allowed)
        self._resolve = resolve
        self._patience = patience

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = checked(host, port, allowed=self._allowed, resolve=self._resolve)
        failed: Exception = httpx.ConnectError("the name has no address")
        for address in addresses:
            try:
                stream = super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _TimedStream(stream, self._patience)
        raise failed


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()


@cache
def trusted(ca_file: PurePath | None) -> ssl.SSLContext:
    """Trust the usual authorities, and those in *ca_file*; reading them takes 20 ms."""
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError):
            raise ConfigInvalid(
                f"[fetching] ca_file: {ca_file} holds no certificates that can be read"
            ) from None
    return context


def distrust(error: BaseException) -> str:
    """Say why the certificate of a server was not accepted, if that is what *error* is about."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message
        cause = cause.__cause__ or cause.__context__
    return ""


class CheckedTransport(httpx.BaseTransport):
    """Connects to public addresses, and to the hosts of *allowed* wherever they are.

    Authorities in *ca_file* (PEM) are trusted beside the usual ones. Used by one thread. No proxy
    of the environment is used: it would resolve the name again, unchecked.
    """

    def __init__(
        self,
        *,
        allowed: Collection[str] = (),
        ca_file: PurePath | None = None,
        resolve: Resolve = resolved,
    ) -> None:
        self._patience = _Patience()
        self._pool = httpcore.ConnectionPool(
            ssl_context=trusted(ca_file),
            max_keepalive_connections=8,
            keepalive_expiry=15.0,
            network_backend=_CheckedBackend(allowed, resolve, self._patience),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry out *request* as it stands; redirects and retries are the fetcher's."""
        told = request.extensions.get("timeout", {}).get("read")
        self._patience.until = inf if told is None else monotonic() + _HEAD_WAITS * told
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.read(),
                extensions=request.extensions,
            )
        )
        self._patience.until = inf
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(cast("Iterable[bytes]", answer.stream)),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()
