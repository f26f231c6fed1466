"""A mailbox on a server (IMAP4rev1, RFC 3501), on a loopback socket, scripted by a test.

Written from the RFC: a folder numbers its messages (UID) under a validity; EXAMINE opens it for
reading alone; a body that is fetched without PEEK marks its message as seen; a server may break
off, be unavailable, or number its folder anew.
"""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from email import message_from_bytes
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from tests.connectors.authority import HERE, Authority

USER = "archive@pd.example"
_LITERAL = re.compile(rb"\{(\d+)\}\r\n$")
_ARGUMENT = re.compile(rb'"((?:[^"\\]|\\.)*)"|(\([^)]*\))|(\S+)')


@cache
def trusted_authority() -> tuple[Authority, TemporaryDirectory[str]]:
    """Make one authority for the whole run, with the folder that its file lies in."""
    folder = TemporaryDirectory(prefix="authority-")
    return Authority(Path(folder.name)), folder


@cache
def _context() -> ssl.SSLContext:
    return trusted_authority()[0].vouch_for(HERE)


class MailServer:
    """One folder of one user; a context manager that serves while it is entered."""

    def __init__(self, password: str, *, starttls: bool = False) -> None:
        self.password = password
        self.starttls = starttls
        self.letters: dict[int, bytes] = {}
        self.validity = 1_700_000_000
        self.following = 1
        self.folder = "INBOX"
        self.seen: set[int] = set()
        self.commands: list[str] = []
        self.breaks_at: set[int] = set()
        self.unavailable = 0
        self.certificate = _context()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def ca_file(self) -> Path:
        return trusted_authority()[0].file

    def deliver(self, raw: bytes) -> int:
        """Put a message into the folder, and give its number."""
        number, self.following = self.following, self.following + 1
        self.letters[number] = raw
        return number

    def renumber(self) -> None:
        """Number the folder anew, as a server does that restored it."""
        self.validity += 1
        self.letters = dict(enumerate(self.letters.values(), start=1))
        self.following = len(self.letters) + 1

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False  # a line that a failing test left open must not hold up the run

    def __init__(self, mail: MailServer) -> None:
        self.mail = mail
        super().__init__(("127.0.0.1", 0), _Session)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a line that the other side, or a script, broke off."""


class _Session(socketserver.StreamRequestHandler):
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        if not self.server.mail.starttls:
            self.request = self.server.mail.certificate.wrap_socket(self.request, server_side=True)
        super().setup()
        self.read_only = True
        self.known = False

    def handle(self) -> None:
        self._say("* OK IMAP4rev1 ready")
        while line := self._line():
            tag, verb, *rest = line
            self.server.mail.commands.append(" ".join([verb, *rest]))
            if len(self.server.mail.commands) in self.server.mail.breaks_at:
                return
            if not self._obey(tag, verb.upper(), rest):
                return

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def _say(self, text: str, literal: bytes = b"", after: str = "") -> None:
        self.wfile.write(text.encode() + literal + after.encode() + b"\r\n")

    def _line(self) -> list[str]:
        self.wfile.flush()
        line = self.rfile.readline()
        while found := _LITERAL.search(line):
            self._say("+ go on")
            self.wfile.flush()
            told = self.rfile.read(int(found[1])).replace(b'"', b'\\"')
            line = line[: found.start()] + b'"' + told + b'"' + self.rfile.readline()
        parts = (quoted or listed or atom for quoted, listed, atom in _ARGUMENT.findall(line))
        return [part.replace(b"\\", b"").decode() for part in parts]

    def _obey(self, tag: str, verb: str, rest: list[str]) -> bool:
        if verb == "UID":
            verb, rest = f"UID {rest[0].upper()}", rest[1:]
        said = getattr(self, f"_{verb.lower().replace(' ', '_')}")(rest)
        self._say(f"{tag} {said}")
        if verb == "STARTTLS":
            self.wfile.flush()
            self.request = self.server.mail.certificate.wrap_socket(self.request, server_side=True)
            super().setup()
        return verb != "LOGOUT"

    def _capability(self, _: list[str]) -> str:
        self._say(f"* CAPABILITY IMAP4rev1{' STARTTLS' if self.server.mail.starttls else ''}")
        return "OK done"

    def _starttls(self, _: list[str]) -> str:
        return "OK begin"

    def _login(self, rest: list[str]) -> str:
        if self.server.mail.unavailable:
            self.server.mail.unavailable -= 1
            return "NO [UNAVAILABLE] later"
        if not isinstance(self.request, ssl.SSLSocket):
            return "NO [PRIVACYREQUIRED] not in clear"
        self.known = rest == [USER, self.server.mail.password]
        return "OK welcome" if self.known else "NO [AUTHENTICATIONFAILED] no"

    def _examine(self, rest: list[str], *, read_only: bool = True) -> str:
        if not self.known or rest != [self.server.mail.folder]:
            return "NO no such folder"
        self.read_only = read_only
        self._say(f"* {len(self.server.mail.letters)} EXISTS")
        self._say(f"* OK [UIDVALIDITY {self.server.mail.validity}] as ever")
        self._say(f"* OK [UIDNEXT {self.server.mail.following}] next")
        return f"OK [READ-{'ONLY' if read_only else 'WRITE'}] done"

    def _select(self, rest: list[str]) -> str:
        return self._examine(rest, read_only=False)

    def _uid_search(self, rest: list[str]) -> str:
        """Find by `UID a:b FROM text`; a range ends at the last number, whatever it says."""
        found = _numbers(rest[1], self.server.mail.following - 1)
        words = rest[3].lower()
        numbers = [
            number
            for number, raw in self.server.mail.letters.items()
            if number in found and words in str(message_from_bytes(raw)["From"]).lower()
        ]
        self._say(" ".join(["* SEARCH", *map(str, numbers)]))
        return "OK done"

    def _uid_fetch(self, rest: list[str]) -> str:
        asked = _numbers(rest[0], self.server.mail.following - 1)
        for place, (number, raw) in enumerate(list(self.server.mail.letters.items()), start=1):
            if number not in asked:
                continue
            if "SIZE" in rest[1]:
                self._say(f"* {place} FETCH (UID {number} RFC822.SIZE {len(raw)})")
                continue
            if "PEEK" not in rest[1] and not self.read_only:
                self.server.mail.seen.add(number)
            self._say(f"* {place} FETCH (UID {number} BODY[] {{{len(raw)}}}\r\n", raw, ")")
        return "OK done"

    def _logout(self, _: list[str]) -> str:
        self._say("* BYE")
        return "OK bye"


def _numbers(told: str, last: int) -> set[int]:
    return {number for part in told.split(",") for number in _range(part, last)}


def _range(part: str, last: int) -> Iterator[int]:
    begin, _, end = part.replace("*", str(last)).partition(":")
    yield from range(min(int(begin), int(end or begin)), max(int(begin), int(end or begin)) + 1)
