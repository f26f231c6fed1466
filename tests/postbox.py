"""A mail server on this machine: a real one, which takes letters and refuses some."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtpd.controller import Controller


class Postbox:
    """A mail server's hand: takes letters, but none for who is called nobody."""

    def __init__(self):
        self.taken = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's own name
        del server, session, options
        if address.startswith("nobody@"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's own names
        del server, session
        self.taken.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 OK"


@contextmanager
def a_mail_server() -> Iterator[Postbox]:
    """A mail server on this machine, at a port of its own."""
    handler = Postbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        handler.port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=handler.port)
    server.start()
    try:
        yield handler
    finally:
        server.stop()
