"""Asking a server: paced, retried within bounds, redirected hop by hop, capped in size and time."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

import httpx

from archiver.ports import Downloaded
from archiver.records.errors import (
    AnswerUnreadable,
    AttachmentGone,
    CertificateRefused,
    FileRefused,
    PlatformUnreachable,
    TooLarge,
)
from archiver.records.exchanges import Told
from archiver.records.pages import FetchSettings
from connectors.fetching import pace as pacing
from connectors.fetching.addresses import FAILURES, CheckedTransport, distrust
from connectors.fetching.answers import Answer, BrokenOff, spoken, unpacked
from connectors.fetching.exchanges import (
    TryAgain,
    address,
    judged,
    netloc,
    origin,
    plain,
    sound,
    told_of,
    without_secrets,
)

ATTEMPTS = 5
"""How often one request is tried before the platform counts as unreachable."""

PATIENCE = 1200.0
"""No attempt begins later than this many seconds after the first one."""

REDIRECTS = 10
"""How many redirects are followed."""

ANSWER_BYTES = 64 * 1024 * 1024
"""An answer that is read into memory may be this large; files are streamed into the spool."""

_SLOWEST = 16 * 1024
_GONE = frozenset({404, 410})
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_JSON = {"content-type": "application/json; charset=UTF-8"}
_FORM = {"content-type": "application/x-www-form-urlencoded"}

_Taken = TypeVar("_Taken")


class Fetcher:
    """Fetches for one visit; used by one thread, while all fetchers share the hosts' pace.

    *headers* are meant for the origin of *home* (without it, of the first `get`): no other
    server is shown them, neither by a download nor by a redirect.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        transport: httpx.BaseTransport | None = None,
        headers: Mapping[str, str] | None = None,
        home: str | None = None,
        pace: pacing.Pace | None = None,
    ) -> None:
        self._settings = settings
        self._pace = pace or pacing.process_pace()
        self._transport = transport or CheckedTransport(
            allowed=settings.allow_private_hosts, ca_file=settings.ca_file
        )
        self._headers = sound({"user-agent": settings.user_agent} | dict(headers or {}))
        self._home = origin(address(home)) if home else None
        self._rate = settings.requests_per_second
        self._spooled: list[Path] = []
        self.fetched = 0

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (200,),
    ) -> Answer:
        """Ask for *url* and give the answer, whole, if its status is one of *accept*.

        Raises:
            PermissionLost: 401 or 403.
            AnswerUnreadable: another status, or a redirect that leads nowhere.
            PlatformUnreachable: no whole answer, however often it was asked within bounds.
            TooLarge: the answer is larger than answers may be.
            AddressRefused: the host, or one it redirects to, is not for us to visit.
            CertificateRefused: the host cannot prove that it is the one that was asked.
        """
        return self._asked(url, params or {}, headers or {}, accept)

    def ask(
        self,
        url: str,
        question: Mapping[str, object],
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (200,),
    ) -> Answer:
        """Put *question* to *url* as JSON, as often as it takes, and give the answer as `get` does.

        It is for what only reads: the question may be put again.

        Raises:
            AnswerUnreadable: also where the question is redirected.
            PermissionLost, PlatformUnreachable, TooLarge, AddressRefused, CertificateRefused.
        """
        body = json.dumps(dict(question)).encode()
        return self._asked(url, params or {}, {**(headers or {}), **_JSON}, accept, body)

    def _asked(
        self,
        url: str,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        accept: Collection[int],
        body: bytes | None = None,
    ) -> Answer:
        cap = min(self._settings.max_bytes, ANSWER_BYTES)
        secret = (self._headers | dict(headers)).get("authorization", "").rpartition(" ")[2]

        def take(at: httpx.URL, response: httpx.Response) -> Answer:
            exchange = told_of(at, response, asked=body, secret=secret)
            told = Told(b"".join(self._pieces(response, cap)), exchange)
            self.fetched += 1
            return Answer(spoken(str(at)), response.status_code, plain(response.headers), told)

        asked = address(url)
        if self._home is None:
            self._home = origin(asked)
        if params:
            asked = asked.copy_merge_params(dict(params))
        return self._follow(asked, sound(headers), frozenset(accept), take, body)

    def post(
        self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Hand *form* in at *url*, once, and give the answer, whatever its status.

        Raises:
            AddressRefused, CertificateRefused, TooLarge, PlatformUnreachable: as for `get`.
        """

        def take(at: httpx.URL, response: httpx.Response) -> Answer:
            body = b"".join(self._pieces(response, ANSWER_BYTES))
            return Answer(spoken(str(at)), response.status_code, plain(response.headers), body)

        at, sent = address(url), self._headers | sound(headers or {}) | _FORM
        deadline, anything = self._pace.clock() + PATIENCE, frozenset(range(100, 600))
        try:
            handed = urlencode(form).encode()
            answer = self._once(at, sent, anything, take, deadline, handed)
        except TryAgain as again:
            raise PlatformUnreachable(f"{spoken(url)}: {again}") from None
        if isinstance(answer, httpx.URL):
            raise AnswerUnreadable(f"{spoken(url)} redirects a form")
        return answer

    def download(self, url: str, *, headers: Mapping[str, str] | None = None) -> Downloaded:
        """Bring the file at *url* into the spool, hashed on the way.

        Raises:
            AttachmentGone: 404 or 410.
            FileRefused: there is no room for it in the spool.
            PermissionLost, AnswerUnreadable, PlatformUnreachable, TooLarge, AddressRefused: as
                for `get`.
        """

        def take(at: httpx.URL, response: httpx.Response) -> Downloaded:
            if response.status_code in _GONE:
                raise AttachmentGone(f"{spoken(str(at))} answered {response.status_code}")
            path, digest, size = self._spool(response)
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            return Downloaded(path, digest, size, kind, spoken(str(at)))

        return self._follow(address(url), sound(headers or {}), _GONE | {200}, take)

    def pause(self, url: str, seconds: float) -> None:
        """Let nobody ask the host of *url* within *seconds*: its answer said so in words."""
        self._pace.note(netloc(address(url)), seconds)

    def keep_to(self, per_second: float) -> None:
        """Ask from now on no more often than *per_second*, or than the settings allow if less."""
        self._rate = min(self._rate or per_second, per_second)

    def close(self) -> None:
        """Close the connections, and remove what is left in the spool of what was brought."""
        self._transport.close()
        for path in self._spooled:
            path.unlink(missing_ok=True)
        self._spooled.clear()

    def _follow(
        self,
        first: httpx.URL,
        headers: Mapping[str, str],
        accept: frozenset[int],
        take: Callable[[httpx.URL, httpx.Response], _Taken],
        body: bytes | None = None,
    ) -> _Taken:
        deadline = self._pace.clock() + PATIENCE
        at, sent = first, self._headers | dict(headers)
        if origin(first) != self._home:
            sent = without_secrets(self._headers) | dict(headers)
        for _ in range(REDIRECTS + 1):
            outcome = self._persist(at, sent, accept, take, deadline, body)
            if not isinstance(outcome, httpx.URL):
                return outcome
            if body is not None:
                raise AnswerUnreadable(f"{spoken(str(first))} redirects a question")
            if origin(outcome) != origin(at):
                sent = without_secrets(sent)
            at = outcome
        raise AnswerUnreadable(f"{spoken(str(first))} redirects more than {REDIRECTS} times")

    def _persist(
        self,
        at: httpx.URL,
        headers: Mapping[str, str],
        accept: frozenset[int],
        take: Callable[[httpx.URL, httpx.Response], _Taken],
        deadline: float,
        body: bytes | None,
    ) -> _Taken | httpx.URL:
        why = ""
        for attempt in range(ATTEMPTS):
            try:
                return self._once(at, headers, accept, take, deadline, body)
            except TryAgain as again:
                why = str(again)
                if again.pause is not None:
                    self._pace.note(netloc(at), again.pause)
                elif attempt < ATTEMPTS - 1:
                    self._pace.sleep(2**attempt / 2)
        raise PlatformUnreachable(f"{spoken(str(at))}: {why}, {ATTEMPTS} times in a row")

    def _once(
        self,
        at: httpx.URL,
        headers: Mapping[str, str],
        accept: frozenset[int],
        take: Callable[[httpx.URL, httpx.Response], _Taken],
        deadline: float,
        body: bytes | None = None,
    ) -> _Taken | httpx.URL:
        request = httpx.Request(
            "GET" if body is None else "POST",
            at,
            content=body,
            headers={"accept": "*/*"} | dict(headers) | {"accept-encoding": "identity"},
            extensions={"timeout": httpx.Timeout(self._settings.timeout_seconds).as_dict()},
        )
        host = netloc(at)
        with self._pace.turn(host, per_second=self._rate, deadline=deadline):
            try:
                with closing(self._transport.handle_request(request)) as response:
                    if pause := pacing.pause_before_next(response.headers):
                        self._pace.note(host, pause)
                    moved = judged(at, response, accept)
                    return moved or take(at, response)
            except FAILURES as error:
                if why := distrust(error):
                    raise CertificateRefused(f"{spoken(str(at))}: {why}") from None
                raise TryAgain(f"the exchange failed ({type(error).__name__})") from None
            except BrokenOff as error:
                raise TryAgain(str(error)) from None

    def _pieces(self, response: httpx.Response, cap: int) -> Iterator[bytes]:
        told = response.headers.get("content-length", "")
        expected = int(told) if told.isdecimal() else None
        if expected is not None and expected > cap:
            raise TooLarge(f"the server announces {expected} bytes, and {cap} are allowed")
        raw = self._timely(response, cap, expected)
        return unpacked(raw, response.headers.get("content-encoding", ""), cap=cap)

    def _timely(self, response: httpx.Response, cap: int, expected: int | None) -> Iterator[bytes]:
        began, received = self._pace.clock(), 0
        for piece in response.iter_raw():
            received += len(piece)
            if received > cap:
                raise TooLarge(f"more than {cap} bytes came, and no more are taken")
            allowed = 10 * self._settings.timeout_seconds + received / _SLOWEST
            if self._pace.clock() - began > allowed:
                raise BrokenOff("the answer comes too slowly to be waited for")
            yield piece
        if expected is not None and received != expected:
            raise BrokenOff(f"{received} bytes came where {expected} were announced")

    def _spool(self, response: httpx.Response) -> tuple[Path, str, int]:
        folder = Path(self._settings.spool)
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=folder, prefix="fetched-")
        path, digest, size = Path(name), hashlib.sha256(), 0
        self._spooled.append(path)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for piece in self._pieces(response, self._settings.max_bytes):
                    file.write(piece)
                    digest.update(piece)
                    size += len(piece)
        except BaseException as error:
            path.unlink(missing_ok=True)
            self._spooled.remove(path)
            if isinstance(error, OSError) and error.errno in _NO_ROOM:
                raise FileRefused(f"the spool has no room for it: {error.strerror}") from error
            raise
        return path, digest.hexdigest(), size
