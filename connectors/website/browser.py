"""A browser without a window, told what to do over a pipe (the Chrome DevTools Protocol).

It has no network: whatever a page asks for is held, and given by us or refused. What is not held
(a socket, a call between browsers) finds a proxy that nobody is, and no name resolves. It sees
nothing of our environment, and runs in its own sandbox: where we are root, as `nobody`.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import select
import shutil
import signal
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from time import monotonic
from typing import TypeAlias

Told: TypeAlias = Mapping[str, object]
"""What a message of the protocol tells: names and values."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
"""Under which names a browser is looked for, in this order."""

_OPTIONS = (
    "--headless=new", "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check",
    "--disable-gpu", "--mute-audio", "--hide-scrollbars", "--disable-extensions", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-domain-reliability",
    "--disable-breakpad", "--metrics-recording-only", "--no-pings", "--dns-prefetch-disable",
    "--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)  # fmt: skip
_FAR = 10
"""File descriptors from here on are in nobody's way; the browser reads 3 and writes 4."""

_PIECE = 1024 * 1024
_STARTING = 30.0
_LARGEST = 256 * 1024 * 1024
_NOBODY = "nobody"
_AS_ANOTHER = "/usr/bin/setpriv"


class BrowserFailed(Exception):
    """The browser could not be started, broke off, or did not answer in time."""


def found_browser(named: str) -> str:
    """Give the path of the browser *named*, or of any that is here; nothing where there is none."""
    names = (named,) if named else BROWSERS
    return next(filter(None, map(shutil.which, names)), "")


class Browser:
    """One browser, used by one thread, with a profile of its own that goes when it is closed."""

    def __init__(self, program: str) -> None:
        """Start *program*, and hear that it is there.

        Raises:
            BrowserFailed: it cannot be started, or ends at once.
        """
        self._numbers = 0
        self._told = bytearray()
        self._profile = tempfile.mkdtemp(prefix="browser-")
        theirs_in, self._out = _pipe()
        self._in, theirs_out = _pipe()
        try:
            self._process = self._started(program, theirs_in, theirs_out)
        except (OSError, KeyError) as error:
            for descriptor in (self._in, self._out):
                os.close(descriptor)
            shutil.rmtree(self._profile, ignore_errors=True)
            raise BrowserFailed(f"{program} cannot be started: {error}") from None
        finally:
            for descriptor in (theirs_in, theirs_out):
                os.close(descriptor)
        try:
            self.ask("Browser.getVersion", until=monotonic() + _STARTING, event=lambda _: None)
        except BrowserFailed:
            self.close()
            raise BrowserFailed(
                f"{program} ends at once; as a rule its sandbox is not allowed here (it needs user "
                "namespaces, and another user than root to be)"
            ) from None

    def _started(self, program: str, reads: int, writes: int) -> int:
        """Start *program* in a session of its own, and give the number of its process."""
        arguments = [program, *_OPTIONS, f"--user-data-dir={self._profile}"]
        if os.geteuid() == 0:
            account = pwd.getpwnam(_NOBODY)
            os.chown(self._profile, account.pw_uid, account.pw_gid)
            who = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
            arguments = [_AS_ANOTHER, *who, "--", *arguments]
        nothing = [(os.POSIX_SPAWN_OPEN, end, os.devnull, os.O_RDWR, 0) for end in range(3)]
        lines = [(os.POSIX_SPAWN_DUP2, reads, 3), (os.POSIX_SPAWN_DUP2, writes, 4)]
        return os.posix_spawn(
            arguments[0],
            arguments,
            {"HOME": self._profile, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            file_actions=[*nothing, *lines],
            setsid=True,
        )

    def say(self, method: str, told: Told | None = None, *, session: str = "") -> int:
        """Ask for *method* without waiting; give the number of the question.

        Raises:
            BrowserFailed: the browser is gone.
        """
        self._numbers += 1
        message = {"id": self._numbers, "method": method, "params": dict(told or {})}
        if session:
            message["sessionId"] = session
        left = memoryview(json.dumps(message).encode() + b"\0")
        try:
            while left:
                left = left[os.write(self._out, left) :]
        except OSError:
            raise BrowserFailed("the browser is gone") from None
        return self._numbers

    def ask(
        self,
        method: str,
        told: Told | None = None,
        *,
        session: str = "",
        until: float,
        event: Callable[[Told], object],
    ) -> dict[str, object]:
        """Ask for *method*, hand what happens meanwhile to *event*, and give the answer.

        Raises:
            BrowserFailed: the browser refuses, is gone, or does not answer until *until*.
        """
        number = self.say(method, told, session=session)
        while True:
            message = self.next(until)
            if message is None:
                raise BrowserFailed(f"the browser does not answer {method} in time")
            if message.get("id") != number:
                event(message)
                continue
            result = message.get("result")
            if not isinstance(result, dict):
                raise BrowserFailed(f"the browser refuses {method}")
            return result

    def next(self, until: float) -> dict[str, object] | None:
        """Give the next message; None where none comes until *until*.

        Raises:
            BrowserFailed: the browser is gone, or says what nobody could read.
        """
        while (end := self._told.find(b"\0")) < 0:
            ready, _, _ = select.select([self._in], [], [], max(0.0, until - monotonic()))
            if not ready:
                return None
            piece = os.read(self._in, _PIECE)
            self._told += piece
            if not piece or len(self._told) > _LARGEST:
                raise BrowserFailed("the browser broke off")
        raw = bytes(self._told[:end])
        del self._told[: end + 1]
        message = json.loads(raw)
        if not isinstance(message, dict):
            raise BrowserFailed("the browser said what is no message")
        return message

    def close(self) -> None:
        """End the browser and all it started, and remove its profile."""
        for descriptor in (self._in, self._out):
            os.close(descriptor)
        with suppress(ProcessLookupError):
            os.killpg(self._process, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self._process, 0)
        shutil.rmtree(self._profile, ignore_errors=True)


def _pipe() -> tuple[int, int]:
    """Make a pipe, out of the way of the descriptors that the browser uses."""
    near = os.pipe()
    far = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _FAR) for end in near]
    for end in near:
        os.close(end)
    return far[0], far[1]
