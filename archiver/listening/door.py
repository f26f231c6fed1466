"""The door: an ASGI application that takes one delivery at a time, and answers once it is kept.

Nothing that comes in is believed, read or held in memory before it is small enough and signed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from archiver.office.listening import Taken

if TYPE_CHECKING:
    from archiver.office.listening import Ear

READ_SECONDS = 20.0
"""How long a delivery may take to arrive."""

_OK, _FORBIDDEN, _UNKNOWN, _SLOW, _TOO_LARGE, _FULL, _FAILED = 200, 403, 404, 408, 413, 503, 500
_ANSWERS = {
    Taken.KEPT: (_OK, {}),
    Taken.UNSIGNED: (_FORBIDDEN, {}),
    Taken.UNKNOWN: (_UNKNOWN, {}),
    Taken.FULL: (_FULL, {"retry-after": "60"}),
}


class _TooLarge(Exception):
    """More came than one delivery may have."""


def door_of(ear: Ear, kept: Callable[[], None]) -> Starlette:
    """Give the application that *ear* listens through; *kept* is told of each delivery kept."""
    most = ear.office.config.listening.max_bytes

    async def asked(request: Request) -> Response:
        connector, place = _where(request)
        answer = ear.challenge(connector, place, dict(request.query_params))
        if answer is None:
            return Response(status_code=_UNKNOWN)
        nosniff = {"x-content-type-options": "nosniff"}
        return Response(answer.text, media_type=answer.media_type, headers=nosniff)

    async def delivered(request: Request) -> Response:
        try:
            async with asyncio.timeout(READ_SECONDS):
                body = await _body(request, most)
        except _TooLarge:
            return Response(status_code=_TOO_LARGE)
        except (TimeoutError, ClientDisconnect):
            return Response(status_code=_SLOW)
        connector, place = _where(request)
        try:
            taken = await run_in_threadpool(
                ear.take, connector, place, request.headers.items(), body
            )
        except OSError:  # the disk: whoever delivers tries again
            return Response(status_code=_FAILED)
        if taken is Taken.KEPT:
            kept()
        status, headers = _ANSWERS[taken]
        return Response(status_code=status, headers=headers)

    routes = [
        Route(path, at, methods=[method])
        for path in ("/{connector}", "/{connector}/{place}")
        for at, method in ((asked, "GET"), (delivered, "POST"))
    ]
    return Starlette(routes=routes)


def _where(request: Request) -> tuple[str, str | None]:
    return request.path_params["connector"], request.path_params.get("place")


async def _body(request: Request, most: int) -> bytes:
    """Read the raw body, and leave off where it is larger than *most*."""
    told = request.headers.get("content-length", "0")
    if told.isdecimal() and int(told) > most:
        raise _TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise _TooLarge
    return bytes(body)
