"""Reading `[listen]`: where platforms deliver to, and how much is taken of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from archiver.config.reading import Reader

_ADDRESS = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(?P<port>\d{1,5})")
_PORTS = 65_535
_MIB = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where `listen` waits: *host* and *port*; *public_url* is what platforms are told.

    *max_bytes* bounds one delivery, *max_waiting_bytes* all that wait to be worked off.
    """

    host: str = "127.0.0.1"
    port: int = 8790
    public_url: str = ""
    max_bytes: int = 2 * _MIB
    max_waiting_bytes: int = 256 * _MIB


def read_listening(reader: Reader) -> Listening:
    """Read the table; what is wrong stands among the reader's faults afterwards."""
    given = reader.text("address", "127.0.0.1:8790")
    found = _ADDRESS.fullmatch(given)
    if found is None or not 0 <= int(found["port"]) <= _PORTS:
        reader.fault("address", f"must be a host and a port such as 127.0.0.1:8790, not {given!r}")
        found = None
    public = (reader.address("public_url", "") or "").rstrip("/")
    if public and not public.startswith("https://"):
        reader.fault("public_url", "must be an https:// address: platforms deliver to no other")
    return Listening(
        host=found["host"].strip("[]") if found else "",
        port=int(found["port"]) if found else 0,
        public_url=public,
        max_bytes=reader.integer("max_bytes", 2 * _MIB, least=1),
        max_waiting_bytes=reader.integer("max_waiting_bytes", 256 * _MIB, least=1),
    )
