"""A server of a test's own, asked without a socket: every request is answered by `respond`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Protocol

import httpx

from tests.connectors.platforms import Reply

SERVED = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)


class Responding(Protocol):
    """What answers; files of other hosts are asked for by `file`."""

    host: str
    files: list[tuple[str, str]]

    def respond(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Reply: ...


class ServedTransport(httpx.BaseTransport):
    """Gives every request for the server's own host to it; any other is a file of four bytes."""

    def __init__(self, server: Responding) -> None:
        self._server = server

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        if not str(request.url).startswith(self._server.host):
            self._server.files.append((str(request.url), headers.get("authorization", "")))
            return httpx.Response(200, stream=httpx.ByteStream(b"file"))
        query = dict(request.url.params.multi_items())
        reply = self._server.respond(request.url.path, query, headers)
        told = {"date": format_datetime(SERVED, usegmt=True)} | dict(reply.headers)
        return httpx.Response(reply.status, headers=told, stream=httpx.ByteStream(reply.body))
