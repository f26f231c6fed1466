"""A server of a test's own that keeps websockets open: what it sends, and how it breaks off.

It stands on a loopback socket and speaks the real protocol; what a test puts into `say` each
connection is sent in order. A bytes frame of `HANG_UP` ends the connection without a word, as a
server that dies does.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from queue import Queue
from urllib.parse import parse_qsl, urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

HANG_UP = b"hang up"


@dataclass
class StreamingServer:
    """What is asked of it, and the statuses by which it *refuses* first."""

    refuses: list[int] = field(default_factory=list)
    redirects: str = ""
    asked: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    url: str = ""
    _opened: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _lines: defaultdict[int, Queue[str | bytes]] = field(default_factory=lambda: defaultdict(Queue))
    _begun: int = 0
    _at: int = 0
    _ended: bool = False

    def say(self, *frames: str | bytes) -> None:
        """Send *frames* over the connection that is open, or over the next one.

        What comes after `HANG_UP` goes over the next one.
        """
        with self._lock:
            for frame in frames:
                self._lines[self._at].put(frame)
                self._at += frame == HANG_UP

    def end(self) -> None:
        """Hang up on everybody, and on who is only now let in."""
        with self._lock:
            self._ended = True
            for line in self._lines.values():
                line.put(HANG_UP)

    def await_open(self) -> None:
        """Wait until one connection more was opened."""
        assert self._opened.acquire(timeout=10)

    def judge(self, _connection: ServerConnection, request: Request) -> Response | None:
        parts = urlsplit(request.path)
        self.asked.append((parts.path, parse_qsl(parts.query)))
        self.headers.append({name.lower(): value for name, value in request.headers.raw_items()})
        if not self.refuses:
            return None
        status = HTTPStatus(self.refuses.pop(0))
        headers = Headers([("content-length", "0"), ("connection", "close")])
        if self.redirects:
            headers["location"] = self.redirects
        return Response(status.value, status.phrase, headers, b"")

    def handle(self, connection: ServerConnection) -> None:
        with self._lock:
            number, self._begun = self._begun, self._begun + 1
            if number > self._at:  # who was there before went away by itself
                self._lines[self._at].put(HANG_UP)
                self._at = number
            line = self._lines[number]
            if self._ended:
                line.put(HANG_UP)
        self._opened.release()
        with suppress(ConnectionClosed, OSError):
            while (frame := line.get()) != HANG_UP:
                connection.send(frame)
            connection.socket.shutdown(socket.SHUT_RDWR)


@contextmanager
def a_streaming_server(tls: ssl.SSLContext | None = None) -> Iterator[StreamingServer]:
    """Serve on 127.0.0.1; whatever is open at the end is hung up on."""
    told = StreamingServer()
    with serve(told.handle, "127.0.0.1", 0, ssl=tls, process_request=told.judge) as server:
        told.url = f"{'wss' if tls else 'ws'}://127.0.0.1:{server.socket.getsockname()[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield told
        finally:
            told.end()
            server.shutdown()
            thread.join()
