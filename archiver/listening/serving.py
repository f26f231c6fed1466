"""Serving: the door on a socket; beside it one thread that works off what waits.

For each stream that is followed there is one thread more.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING

import uvicorn

from archiver.listening.door import door_of
from archiver.listening.following import Follower, Say
from archiver.procedures.listening import LISTENER
from archiver.records.captures import CaptureStatus
from archiver.records.errors import ArchiverError

if TYPE_CHECKING:
    from archiver.office.listening import Ear

AT_ONCE = 32
"""How many deliveries may be coming in at a time; the next is told to come again."""

GATHER_SECONDS = 1.0
"""How long more is waited for once something came: what comes together is entered together."""

BEAT_SECONDS = 60.0
"""How often a sign of life is left."""

PATIENCE_SECONDS = (5.0, 300.0)
"""How long is waited after what waits could not be worked off: at first, and at most."""

RENEW_SECONDS = 86_400.0
"""How often subscriptions are renewed: they last for days."""


class Worker:
    """Works off what waits, until it is told to stop."""

    def __init__(self, ear: Ear, say: Say) -> None:
        self._ear = ear
        self._say = say
        self._came = Event()
        self._stopping = Event()
        self._patience = PATIENCE_SECONDS[0]

    def wake(self) -> None:
        """Say that something came."""
        self._came.set()

    def stop(self) -> None:
        """Have the worker end after the batch it is at."""
        self._stopping.set()
        self._came.set()

    def run(self) -> None:
        """Work off what waits from before, then whatever comes."""
        wait, renewed = 0.0, None
        while not self._stopping.is_set():
            if renewed is None or monotonic() - renewed > RENEW_SECONDS:
                renewed = monotonic()
                for refused in self._ear.subscribe():
                    self._say(f"not subscribed: {refused}")
            self._came.wait(wait)
            self._stopping.wait(GATHER_SECONDS if self._came.is_set() else 0)
            self._came.clear()
            self._ear.beat()
            wait = BEAT_SECONDS if self.work_off() else self._longer()
        self._ear.beat(stopped=True)

    def work_off(self) -> bool:
        """Work off what waits; give whether all of it could be."""
        try:
            came = self._ear.work_off()
        except ArchiverError as error:
            self._say(f"what was delivered waits: {error}")
            return False
        for coverage in came:
            told = f"{coverage.new} new, {coverage.changed} changed, {coverage.removed} removed"
            self._say(f"{coverage.page}: {coverage.status.value}, {told}")
            for gap in coverage.gaps:
                self._say(
                    f"{coverage.page}: gap: {gap.what}: {gap.why.value} {gap.detail}".rstrip()
                )
        if any(coverage.status is CaptureStatus.FAILED for coverage in came):
            return False
        self._patience = PATIENCE_SECONDS[0]
        return True

    def _longer(self) -> float:
        wait, self._patience = self._patience, min(2 * self._patience, PATIENCE_SECONDS[1])
        return wait


def serve(ear: Ear, say: Say) -> None:
    """Listen until the process is told to stop (SIGTERM, SIGINT).

    Raises:
        ArchiveBusy: another process of this archive listens.
        OSError: the address cannot be had.
    """
    where, followed = ear.office.config.listening, ear.streams.pages
    with (
        ear.office.catalogue.exclusive(LISTENER, wait=False),
        socket.create_server((where.host, where.port), family=_family(where.host)) as door,
        ThreadPoolExecutor(1 + len(followed), thread_name_prefix="listen") as hands,
        _signals_pass(),
    ):
        ear.deliveries.sweep()
        worker = Worker(ear, say)
        followers = [Follower(ear.streams, page, worker.wake, say) for page in followed]
        server = _server(ear, worker)

        def ended(_work: Future[None]) -> None:
            server.should_exit = True  # without one of them something would not be taken in

        host, port = door.getsockname()[:2]
        say(f"listening on http://{host}:{port}")
        tasks: tuple[Worker | Follower, ...] = (*followers, worker)
        work = [hands.submit(task.run) for task in tasks]
        for one in work:
            one.add_done_callback(ended)
        try:
            server.run(sockets=[door])
        finally:
            for task in tasks:
                task.stop()
        for one in work:
            one.result()


def _server(ear: Ear, worker: Worker) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            door_of(ear, worker.wake),
            access_log=False,
            lifespan="off",
            limit_concurrency=AT_ONCE,
            log_level="error",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=10,
            ws="none",
        )
    )


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


@contextmanager
def _signals_pass() -> Iterator[None]:
    """Let a signal that uvicorn took, and raises again once it has ended, do nothing more."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [(number, signal.signal(number, lambda *_: None)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
