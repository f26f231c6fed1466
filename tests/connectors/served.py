"""A server of a test's own, asked without a socket: every request is answered by `respond`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Protocol

import httpx

from tests.connectors.platforms import Reply

SERVED = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)


class Answering(Protocol):
    """What answers with a status, headers and a body."""

    def respond(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]: ...


class Wire(httpx.BaseTransport):
    """Carries every request to a server that stands in this process, and keeps what was sent."""

    def __init__(self, server: Answering) -> None:
        self._server = server
        self.sent: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        query, headers = _asked(request)
        return _answer(*self._server.respond(request.url.path, query, headers))


class Responding(Protocol):
    """What answers; one that is also asked by POST takes the *body*, too."""

    host: str
    files: list[tuple[str, str]]

    def respond(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Reply: ...


class ServedTransport(httpx.BaseTransport):
    """Gives every request for the server's own host to it; any other is a file of four bytes."""

    def __init__(self, server: Responding) -> None:
        self._server = server

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        query, headers = _asked(request)
        if not str(request.url).startswith(self._server.host):
            self._server.files.append((str(request.url), headers.get("authorization", "")))
            return httpx.Response(200, stream=httpx.ByteStream(b"file"))
        more = {"body": request.read()} if request.method == "POST" else {}
        reply = self._server.respond(request.url.path, query, headers, **more)
        return _answer(reply.status, reply.headers, reply.body)


def _asked(request: httpx.Request) -> tuple[dict[str, str], dict[str, str]]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return dict(request.url.params.multi_items()), headers


def _answer(status: int, headers: Mapping[str, str], body: bytes) -> httpx.Response:
    told = {"date": format_datetime(SERVED, usegmt=True)} | dict(headers)
    return httpx.Response(status, headers=told, stream=httpx.ByteStream(body))
