"""One exchange with a server: where it may go, what its headers may hold, what its status means."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote_plus, urlsplit, urlunsplit

import httpx

from archiver.records.errors import (
    AddressRefused,
    AnswerUnreadable,
    ConfigInvalid,
    PermissionLost,
)
from archiver.records.exchanges import Exchange
from connectors.fetching import pace as pacing
from connectors.fetching.answers import is_secret, spoken

_MOVED = frozenset({301, 302, 303, 307, 308})
_AGAIN = frozenset({408, 425, 429})
_SERVER_FAULT = 500
_CROSSES_ORIGINS = frozenset({"accept", "accept-encoding", "accept-language", "user-agent"})
_NOT_KEPT = frozenset({"set-cookie", "set-cookie2"})
_LINKED = re.compile(r"<([^<>]*)>")
_PLACE = re.compile(
    r"after|before|(?:min|max|since|until)_?id|until|.*cursor|.*continue|.*page_?token"
    r"|.*pagination_token|next_token|__paging_token",
    re.IGNORECASE,
)
_HEADER_VALUE = re.compile(r"[\x20-\x7e]*")


class TryAgain(Exception):
    """An exchange came to nothing that may come to something; never leaves this package."""

    def __init__(self, why: str, pause: float | None = None) -> None:
        super().__init__(why)
        self.pause = pause


def judged(at: httpx.URL, response: httpx.Response, accept: frozenset[int]) -> httpx.URL | None:
    """Say what the status of *response* means: nothing where it is accepted, or where to go on.

    Raises:
        TryAgain: asking again may help.
        PermissionLost: 401 or 403.
        AnswerUnreadable: another status.
    """
    status, headers = response.status_code, response.headers
    if status in accept:
        return None
    if status in _MOVED and "location" in headers:
        return _moved(at, headers["location"])
    throttled = status == httpx.codes.FORBIDDEN and pacing.retry_after(headers) is not None
    if status in _AGAIN or status >= _SERVER_FAULT or throttled:
        raise TryAgain(f"it answered {status}", pacing.retry_after(headers))
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise PermissionLost(f"{spoken(str(at))} answered {status}")
    raise AnswerUnreadable(f"{spoken(str(at))} answered {status}")


def _moved(at: httpx.URL, location: str) -> httpx.URL:
    try:
        target = at.join(location)
    except (httpx.InvalidURL, ValueError):
        raise AnswerUnreadable(f"{spoken(str(at))} redirects to no readable address") from None
    return address(str(target))


def address(url: str) -> httpx.URL:
    """Read *url* as an address that may be asked.

    Raises:
        AddressRefused: it is none.
    """
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise AddressRefused(f"{spoken(url)} cannot be read as an address") from None
    if address.scheme not in {"http", "https"} or not address.host:
        raise AddressRefused(f"{spoken(url)} is not an http or https address")
    return address


def origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Give scheme, host and port: what a secret is meant for."""
    return url.scheme, url.host, url.port


def without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    """Give those of *headers* that another server may be shown."""
    return {name: value for name, value in headers.items() if name in _CROSSES_ORIGINS}


def netloc(url: httpx.URL) -> str:
    """Give host and port, as the pace of a host is kept by."""
    return url.netloc.decode("ascii").lower()


def plain(headers: httpx.Headers) -> dict[str, str]:
    """Give *headers* with their names in lower case."""
    return {name.lower(): value for name, value in headers.items()}


def told_of(
    at: httpx.URL, response: httpx.Response, *, asked: bytes | None, secret: str
) -> Exchange:
    """Give what is kept of one exchange beside what it brought.

    Left out are secrets, *secret* wherever it stands, and what names the place in a list: a
    platform counts its lists by the ids of other items.
    """
    told = {
        name: _LINKED.sub(lambda found: f"<{_without_place(found[1])}>", value)
        for name, value in plain(response.headers).items()
        if not (is_secret(name.replace("-", "_")) or name in _NOT_KEPT)
    }
    headers = {name: value for name, value in told.items() if not (secret and secret in value)}
    address, _, query = _without_place(str(at)).partition("?")
    return Exchange(
        method="GET" if asked is None else "POST",
        url=address,
        params=tuple(parse_qsl(query, keep_blank_values=True)),
        asked=(asked or b"").decode(),
        status=response.status_code,
        headers=headers,
    )


def _without_place(url: str) -> str:
    """Give *url* without secrets, and without what names the place in a list."""
    parts = urlsplit(spoken(url))
    kept = [
        piece
        for piece in parts.query.split("&")
        if not _PLACE.fullmatch(unquote_plus(piece.partition("=")[0]))
    ]
    return urlunsplit(parts._replace(query="&".join(kept)))


def sound(headers: Mapping[str, str]) -> dict[str, str]:
    """Give *headers*, names in lower case, if they may be sent.

    Raises:
        ConfigInvalid: one holds what may not stand in a header.
    """
    faults = [name for name, value in headers.items() if not _HEADER_VALUE.fullmatch(value)]
    if faults:
        names = ", ".join(sorted(faults))
        raise ConfigInvalid(f"{names}: holds characters that may not stand in a request header")
    return {name.lower(): value for name, value in headers.items()}


def authorization(secret: str | None) -> dict[str, str]:
    """Give the header a page's *secret* makes: Basic for `user:password`, Bearer for a token."""
    if not secret:
        return {}
    if ":" in secret:
        return {"authorization": f"Basic {base64.b64encode(secret.encode()).decode('ascii')}"}
    return {"authorization": f"Bearer {secret}"}
