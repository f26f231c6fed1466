"""The program in a process of its own, forked from one that has loaded it already.

    running = begin(["items", "list"], folder=folder, env=env, ends=(0, 1, 2))
    assert running.wait() == 0

Loading takes most of a command's time, and whole stories run dozens of them. What is forked is
the program itself, begun as `python -m archiver` begins it: its own process and session, its own
input, output and environment, and the interpreter's own end. That it also starts from nothing is
tested by those that start it so (`command`), the README's snippets among them.
"""

from __future__ import annotations

import atexit
import fcntl
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HOME = Path(__file__).parent.parent.parent
_LOADED = ("archiver.cli", "archiver.office", "archiver.procedures")
_LONGEST = 1 << 20
_PATIENCE = 120
"""How many seconds a program may take before it is ended by SIGALRM."""

_NUMBER = struct.Struct("i")


@dataclass(frozen=True)
class Running:
    """A program that was begun."""

    pid: int
    _ended: int

    def wait(self) -> int:
        """Wait for its end; give its exit code, or the signal that ended it, negative."""
        with os.fdopen(self._ended, "rb") as told:
            (status,) = _NUMBER.unpack(told.read(_NUMBER.size))
        return os.waitstatus_to_exitcode(status)


def begin(
    words: Sequence[str],
    *,
    folder: Path,
    env: Mapping[str, str],
    ends: tuple[int, int, int],
    at_terminal: bool = False,
    prelude: str = "",
) -> Running:
    """Begin the program in *folder*, with *ends* for its input, output and complaints.

    *at_terminal* makes the first of them the terminal of a session of its own; *prelude* is
    Python that runs in the process first.
    """
    asked = [list(words), str(folder), dict(env), at_terminal, prelude]
    reading, writing = os.pipe()
    socket.send_fds(_parent(), [json.dumps(asked).encode()], [*ends, writing])
    os.close(writing)
    (pid,) = _NUMBER.unpack(os.read(reading, _NUMBER.size))
    return Running(pid, reading)


@cache
def _parent() -> socket.socket:
    """Start the process that all others are forked from; it ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LONGEST)
    parent = subprocess.Popen(
        [sys.executable, "-m", __name__, str(theirs.fileno())], cwd=HOME,
        env=os.environ | {"PYTHONPATH": str(HOME)}, pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    theirs.close()

    def end() -> None:
        ours.close()
        parent.wait()

    atexit.register(end)
    return ours


# --- in the process that forks ------------------------------------------------------------------


def _load() -> None:
    for name in _LOADED:
        package = importlib.import_module(name)
        for found in pkgutil.iter_modules(package.__path__, f"{name}."):
            importlib.import_module(found.name)


def _serve(line: socket.socket) -> tuple[list, list[int]] | None:
    """Fork whenever asked to: in what was forked, give what it is to be; at the end, nothing."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody here waits for those that wait
    while True:
        asked, ends, _, _ = socket.recv_fds(line, _LONGEST, 4)
        if not asked:
            return None
        told = ends.pop()
        if os.fork() == 0:
            line.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            pid = os.fork()
            if pid == 0:
                os.close(told)
                return json.loads(asked), ends
            _wait_for(pid, told, ends)
        for end in (*ends, told):
            os.close(end)


def _wait_for(pid: int, told: int, ends: Sequence[int]) -> None:
    for end in ends:
        os.close(end)
    os.write(told, _NUMBER.pack(pid))
    os.write(told, _NUMBER.pack(os.waitpid(pid, 0)[1]))
    os._exit(0)


def _become(asked: list, ends: Sequence[int]) -> None:
    words, folder, env, at_terminal, prelude = asked
    signal.alarm(_PATIENCE)
    if at_terminal:
        os.setsid()
        fcntl.ioctl(ends[0], termios.TIOCSCTTY, 0)
    for number, end in enumerate(ends):
        os.dup2(end, number)
        os.close(end)
    sys.stdin = sys.__stdin__ = open(0, closefd=False)  # noqa: SIM115 - a descriptor
    sys.stdout = sys.__stdout__ = open(1, "w", closefd=False)  # noqa: SIM115 - as above
    sys.stderr = sys.__stderr__ = open(  # noqa: SIM115 - stays open for as long as it runs
        2, "w", buffering=1, errors="backslashreplace", closefd=False
    )
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["archiver", *words]
    exec(prelude, {})  # noqa: S102 - what a test of ours wrote
    runpy.run_module("archiver", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _load()
    with socket.socket(fileno=int(sys.argv[1])) as their_line:
        asked_for = _serve(their_line)
    if asked_for is not None:
        _become(*asked_for)
