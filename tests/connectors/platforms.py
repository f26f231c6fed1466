"""A platform on a loopback socket, scripted by a test: what it shows, and how it fails.

A `Platform` keeps posts and comments in memory and answers real HTTP on 127.0.0.1. A subclass
says how its kind of platform shows them (`respond`), and which page a connector is to be given
(`page`). The base counts the requests, plays the scripted faults, and serves pictures.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from archiver.ports import Connector
from archiver.records.pages import FetchSettings, PageSettings
from connectors.fetching import Pace, paced_by

SECRET = "opensesame-1f3a9c77"
FIRST_MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One post, or one comment on it (*on* is the number of what it answers)."""

    number: int
    text: str
    at: datetime
    edited_at: datetime | None = None
    on: int | None = None
    picture: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as a platform sees it; header names in lower case.

    *pairs* is the query with every name as often as it was given, *body* what was sent with it.
    """

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    pairs: Sequence[tuple[str, str]] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer as a platform gives it."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: object, *, status: int = 200, **headers: str) -> Reply:
        """Give *value* as JSON; underscores in the names of *headers* stand for hyphens."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(status, json.dumps(value).encode(), {"content-type": "application/json"} | named)


class Fault:
    """A way to fail; `RESET` and `TRUNCATED` break the exchange, the others answer."""

    def __init__(self, name: str, reply: Reply | None = None) -> None:
        self.name = name
        self.reply = reply

    def __repr__(self) -> str:
        return self.name


_LOGIN = b"<!DOCTYPE html>\n<html><head><title>Log in</title></head><body>Log in</body></html>"

RATE_LIMITED = Fault("429 with Retry-After", Reply(429, b"slow down", {"retry-after": "7"}))
SERVER_ERROR = Fault("500", Reply(500, b"oops"))
UNAVAILABLE = Fault("503", Reply(503, b"later"))
RESET = Fault("connection reset")
TRUNCATED = Fault("truncated body")
LOGIN_PAGE = Fault("HTML login page with 200", Reply(200, _LOGIN, {"content-type": "text/html"}))
UNAUTHORIZED = Fault("401", Reply(401, b'{"error":"no"}', {"content-type": "application/json"}))
FORBIDDEN = Fault("403", Reply(403, b"no"))

FAILED_WITHIN = Fault(
    "200 with a failure inside",
    Reply(200, b'{"error":{"code":500,"message":"no"}}', {"content-type": "application/json"}),
)

PASSING = (RATE_LIMITED, SERVER_ERROR, UNAVAILABLE, RESET, TRUNCATED)
"""Faults that pass when asked again."""


class Platform(ABC):
    """A scripted platform; a context manager that serves while it is entered."""

    connector: Connector
    shows_comments: bool
    slice_size = 3
    looks_up_every = 0.01
    """How many seconds the server lets pass, at most, until it sees that it is to end."""

    announces_removals = False
    """Whether a removal is told in the listing itself (else it is seen by a re-check)."""

    nests_comments = True
    """Whether a comment can answer a comment; else all answer the post."""

    hides_comments = False
    """Whether a comment can be hidden from the public, and the page's owner sees that it is."""

    hides_words = False
    """Whether what is hidden is shown to nobody: it keeps its place, and its words are gone."""

    shows_anything = False
    """Whether whatever is answered with 200 is what is shown there, as on a website."""

    portraits: tuple[str, ...] = ()
    """How the paths begin under which pictures of the page itself lie."""

    takes_a_token = True
    """Whether a page here can have a token; without one, none may be sent."""

    ca_file: Path | None = None
    """The authority that vouches for what is served here over TLS."""

    def __init__(self) -> None:
        self.told: dict[int, Told] = {}
        self.removed: dict[int, datetime] = {}
        self.wordings: dict[int, list[tuple[str, datetime]]] = {}
        self.pictures: dict[str, bytes] = {}
        self.now = FIRST_MOMENT
        self.requests: list[Asked] = []
        self._next = 1
        self._faults: dict[int, Fault] = {}
        self._lasting: tuple[int, Fault] | None = None
        self._events: dict[int, Callable[[], object]] = {}
        self._begun = 0
        self._lock = threading.RLock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._stand)

    # --- what a subclass says ---------------------------------------------------------------

    @abstractmethod
    def respond(self, asked: Asked) -> Reply:
        """Answer a request as this kind of platform does."""

    @abstractmethod
    def page(self) -> PageSettings:
        """Give the page a connector is to visit here, with `SECRET` where it takes one."""

    # --- what a test scripts ----------------------------------------------------------------

    def publish(
        self, text: str, *, at: datetime | None = None, picture: bytes | None = None
    ) -> int:
        """Publish a post, a minute after the last thing unless *at* says otherwise."""
        return self._tell(text, at=at, on=None, picture=picture)

    def comment(self, on: int, text: str, *, at: datetime | None = None) -> int:
        """Let the public comment on the post (or the comment) *on*."""
        return self._tell(text, at=at, on=on, picture=None)

    def edit(self, number: int, text: str) -> None:
        """Change what *number* says."""
        with self._lock:
            self.now += timedelta(minutes=1)
            self.wordings[number] = [*self.said(self.told[number]), (text, self.now)]
            self.told[number] = replace(self.told[number], text=text, edited_at=self.now)

    def hide(self, number: int) -> None:
        """Hide the comment *number* from the public."""
        with self._lock:
            self.now += timedelta(minutes=1)
            self.told[number] = replace(self.told[number], hidden=True)

    def remove(self, number: int) -> None:
        """Take *number* off the platform, and what answers it."""
        with self._lock:
            self.now += timedelta(minutes=1)
            for other in [t.number for t in self.told.values() if t.on == number]:
                self.remove(other)
            del self.told[number]
            self.removed[number] = self.now

    def posts(self) -> list[Told]:
        """Give the posts, newest first; of equal moments the later number first."""
        found = [told for told in self.told.values() if told.on is None]
        return sorted(found, key=lambda told: (told.at, told.number), reverse=True)

    def comments(self, on: int) -> list[Told]:
        """Give what answers *on* directly, oldest first."""
        return [told for told in self.told.values() if told.on == on]

    def said(self, told: Told) -> list[tuple[str, datetime]]:
        """Give every wording of *told* and since when, as a platform that keeps them does."""
        return self.wordings.get(told.number, [(told.text, told.at)])

    def line(self, told: Told) -> list[Told]:
        """Give the post that *told* belongs to, and what leads from there to it, itself last."""
        above = [] if told.on is None else self.line(self.told[told.on])
        return [*above, told]

    def texts(self) -> set[str]:
        """Give every text that a visit ought to see."""
        return {told.text for told in self.told.values() if told.on is None or self.shows_comments}

    def script(
        self,
        *,
        faults: Mapping[int, Fault] | None = None,
        lasting: tuple[int, Fault] | None = None,
        events: Mapping[int, Callable[[], object]] | None = None,
    ) -> None:
        """Count requests from 0 again; fail at those of *faults*, and ever after *lasting*.

        *events* happen on the platform just before the request of that number is answered.
        """
        with self._lock:
            self._begun = len(self.requests)
            self._faults = dict(faults or {})
            self._lasting = lasting
            self._events = dict(events or {})

    def asked(self) -> int:
        """Give how many requests came since the last script."""
        return len(self.requests) - self._begun

    # --- how it serves ----------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _stand(self) -> None:
        self._server.serve_forever(self.looks_up_every)

    def answer(self, asked: Asked) -> Reply | Fault:
        """Give what the script, the pictures or the platform itself answer."""
        with self._lock:
            number = self.asked()
            self.requests.append(asked)
            if event := self._events.pop(number, None):
                event()
            if fault := self._faults.get(number):
                return fault
            if self._lasting and number >= self._lasting[0]:
                return self._lasting[1]
            return self.show(asked)

    def show(self, asked: Asked) -> Reply:
        """Give what the pictures or the platform itself answer."""
        if asked.path.startswith(self.portraits):
            return Reply(200, PICTURE, {"content-type": "image/png"})
        if asked.path.startswith("/media/"):
            picture = self.pictures.get(asked.path)
            return Reply(200, picture, {"content-type": "image/png"}) if picture else Reply(404)
        return self.respond(asked)

    def _tell(
        self, text: str, *, at: datetime | None, on: int | None, picture: bytes | None
    ) -> int:
        with self._lock:
            self.now += timedelta(minutes=1)
            number, self._next = self._next, self._next + 1
            path = f"/media/{number}.png" if picture is not None else ""
            if picture is not None:
                self.pictures[path] = picture
            self.told[number] = Told(
                number=number, text=text, at=at or self.now, on=on, picture=path
            )
            return number


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a connection that the other side gave up; that is what faults do."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _handler(platform: Platform) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            pairs = parse_qsl(parts.query, keep_blank_values=True)
            body = self.rfile.read(int(headers.get("content-length", "0")))
            asked = Asked(unquote(parts.path), dict(pairs), headers, pairs, body)
            outcome = platform.answer(asked)
            if isinstance(outcome, Fault) and outcome.reply is None:
                self._break_off(platform.show(asked) if outcome is TRUNCATED else None)
                return
            self._send(outcome.reply if isinstance(outcome, Fault) else outcome)

        do_POST = do_GET  # noqa: N815 - the name http.server gives it

        def _send(self, reply: Reply, *, missing: int = 0) -> None:
            empty = reply.status in {204, 304}
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if not empty:
                self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            if not empty:
                self.wfile.write(reply.body[: len(reply.body) - missing])

        def _break_off(self, reply: Reply | None) -> None:
            self.close_connection = True
            if reply is not None:
                self._send(reply, missing=max(1, len(reply.body) // 2))
                return
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            os.close(self.connection.detach())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives it
            """Say nothing."""

    return Handler


class PatientClock:
    """A clock that stands still until someone sleeps, and then has slept at once."""

    def __init__(self) -> None:
        self.moment = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += seconds


@contextmanager
def patient_pace() -> Iterator[PatientClock]:
    """Let every fetcher opened meanwhile wait on a `PatientClock` instead of the wall's."""
    clock = PatientClock()
    with paced_by(Pace(clock=clock, sleep=clock.sleep)):
        yield clock


def fetching(spool: Path, **options: object) -> FetchSettings:
    """Give settings under which the loopback platforms may be visited."""
    usual = {"timeout_seconds": 5.0, "allow_private_hosts": frozenset({"127.0.0.1"})}
    return FetchSettings(user_agent="archiver-tests", spool=spool, **usual | options)
