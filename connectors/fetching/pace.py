"""When the next request to a host may start: as the server's own headers say, else at once.

The server's clock is the one its headers are read against (`Date`), so that a clock of ours
that is wrong neither hurries nor delays. Epoch, ISO and delta forms of a reset are understood.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from archiver.records.errors import PlatformUnreachable
from connectors.fetching.usage import usage_pause

IN_FLIGHT = 4
"""At most this many requests to one host at a time, over all threads of the process."""

_PREFIXES = ("x-ratelimit-", "ratelimit-", "x-rate-limit-")
_EPOCH_FROM = 1_000_000_000
_MILLISECONDS_FROM = 100_000_000_000
_UNTOLD_RESET = 60.0
_SANE = 1e15
_LISTED = re.compile(r"\b(r|t|remaining|reset)\s*=\s*(\d+)", re.IGNORECASE)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Give the seconds that Retry-After (or the limit's reset) asks us to wait, if it does."""
    told = headers.get("retry-after", "").strip()
    if told:
        return _seconds_until(told, headers)
    return pause_before_next(headers)


def pause_before_next(headers: Mapping[str, str]) -> float | None:
    """Give the seconds until the rate limit resets, where the headers say nothing is left."""
    remaining, reset = _limits(headers)
    if remaining is None or remaining > 0:
        return usage_pause(headers)
    seconds = _seconds_until(reset, headers) if reset else None
    return _UNTOLD_RESET if seconds is None else seconds


def _limits(headers: Mapping[str, str]) -> tuple[float | None, str]:
    for prefix in _PREFIXES:
        if (left := headers.get(f"{prefix}remaining")) is not None:
            return _number(left.partition(",")[0]), headers.get(f"{prefix}reset", "").strip()
    listed = {
        name.lower()[0:3]: value for name, value in _LISTED.findall(headers.get("ratelimit", ""))
    }
    left = listed.get("r", listed.get("rem"))
    return (_number(left) if left else None), listed.get("t", listed.get("res", ""))


def _seconds_until(told: str, headers: Mapping[str, str]) -> float | None:
    value = _number(told)
    if value is not None and value < _EPOCH_FROM:
        return max(0.0, value)
    moment = _moment(told) if value is None else _from_epoch(value)
    here = _moment(headers.get("date", ""))
    if moment is None:
        return None
    return max(0.0, (moment - here).total_seconds()) if here else _UNTOLD_RESET


def _from_epoch(value: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(
            value / 1000 if value >= _MILLISECONDS_FROM else value, tz=UTC
        )
    except (ValueError, OverflowError, OSError):
        return None


def _moment(text: str) -> datetime | None:
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            when = read(text.strip())
        except (ValueError, TypeError, IndexError):
            continue
        return when if when.tzinfo else when.replace(tzinfo=UTC)
    return None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < _SANE else None


class _Host:
    def __init__(self) -> None:
        self.slots = threading.BoundedSemaphore(IN_FLIGHT)
        self.lock = threading.Lock()
        self.resume_at = 0.0
        self.next_start = 0.0


class Pace:
    """Lets requests start when their host allows it; one of these serves the whole process."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.clock = clock
        self.sleep = sleep
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}

    @contextmanager
    def turn(self, host: str, *, per_second: float | None, deadline: float) -> Iterator[None]:
        """Wait for one of the four places at *host* and for its pace; hold the place meanwhile.

        Raises:
            PlatformUnreachable: the host asks for a wait beyond *deadline*.
        """
        place = self._host(host)
        with place.slots:
            self._wait(host, place, per_second, deadline)
            yield

    def note(self, host: str, seconds: float) -> None:
        """Let no request to *host* start within the next *seconds*."""
        place = self._host(host)
        with place.lock:
            place.resume_at = max(place.resume_at, self.clock() + seconds)

    def _host(self, host: str) -> _Host:
        with self._lock:
            return self._hosts.setdefault(host, _Host())

    def _wait(self, host: str, place: _Host, per_second: float | None, deadline: float) -> None:
        with place.lock:
            start = max(self.clock(), place.resume_at, place.next_start)
            if start <= deadline and per_second:
                place.next_start = start + 1 / per_second
        while (pause := max(start, place.resume_at) - self.clock()) > 0:
            if self.clock() + pause > deadline:
                raise PlatformUnreachable(
                    f"{host} asks us to wait {pause:.0f} seconds, longer than a request may take"
                )
            self.sleep(pause)


_CURRENT: ContextVar[Pace] = ContextVar("pace", default=Pace())  # noqa: B039 - shared on purpose


def process_pace() -> Pace:
    """Give the pace of this process, shared by every fetcher that is not given another."""
    return _CURRENT.get()


@contextmanager
def paced_by(pace: Pace) -> Iterator[Pace]:
    """Let the fetchers that are made meanwhile, in this context, keep *pace* instead."""
    token = _CURRENT.set(pace)
    try:
        yield pace
    finally:
        _CURRENT.reset(token)
