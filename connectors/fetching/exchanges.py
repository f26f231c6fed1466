"""One exchange with a server: where it may go, what its headers may hold, what its status means."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

import httpx

from archiver.records.errors import (
    AddressRefused,
    AnswerUnreadable,
    ConfigInvalid,
    PermissionLost,
)
from connectors.fetching import pace as pacing
from connectors.fetching.answers import spoken

_MOVED = frozenset({301, 302, 303, 307, 308})
_AGAIN = frozenset({408, 425, 429})
_SERVER_FAULT = 500
_CROSSES_ORIGINS = frozenset({"accept", "accept-encoding", "accept-language", "user-agent"})
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
