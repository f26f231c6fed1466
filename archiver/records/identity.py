"""Who is who: names that identify an item without saying anything about it.

Item id = HMAC-SHA256(archive key; platform, page, native id): a retry adopts its own stray, and
a tombstone recognises the item without naming it. The archive key is made once, by `init`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

_LENGTH_BYTES = 4
_KEY_BYTES = 32

_BLOCK_BYTES = 64
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))


class _Keyed:
    """HMAC-SHA256 (RFC 2104) under one key, of messages that all begin alike.

    What is hashed first of every message is hashed once; so does the module `hmac`, which takes
    half as long again, and every item that is kept, proven or destroyed bears many seals.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, secret: bytes, begun: bytes = b"") -> None:
        short = secret if len(secret) <= _BLOCK_BYTES else hashlib.sha256(secret).digest()
        block = short.ljust(_BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(block.translate(_INNER) + begun)
        self._outer = hashlib.sha256(block.translate(_OUTER))

    def of(self, rest: bytes | bytearray) -> str:
        """Give the HMAC of the message that ends with *rest*: 64 hexadecimal digits."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(rest)
        outer.update(inner.digest())
        return outer.hexdigest()


@dataclass(frozen=True, slots=True)
class ArchiveKey:
    """The secret of one archive, from which every opaque name in it follows."""

    secret: bytes = field(repr=False)
    _keyed: _Keyed = field(init=False, repr=False, compare=False)
    _sealing: _Keyed = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse a key that is shorter than 256 bits; key the hashes once, for all names."""
        if len(self.secret) < _KEY_BYTES:
            raise ValueError(f"an archive key has at least {_KEY_BYTES} bytes")
        object.__setattr__(self, "_keyed", _Keyed(self.secret))
        object.__setattr__(self, "_sealing", _Keyed(self.secret, _with_length(b"seal")))

    def name(self, purpose: str, *parts: str) -> str:
        """Give the opaque name of *parts* for *purpose*: 64 hexadecimal digits.

        Every part goes in with its length, so that no two lists of parts are the same message.
        """
        message = bytearray()
        for part in (purpose, *parts):
            message += _with_length(part.encode("utf-8", "surrogatepass"))
        return self._keyed.of(message)

    def item(self, platform: str, page: str, native_id: str) -> str:
        """Give the id of the item that *platform* calls *native_id* on *page*."""
        return self.name("item", platform, page, native_id)

    def thread(self, platform: str, page: str, native_id: str) -> str:
        """Give the id of the thread whose root is *native_id*: the id of that item."""
        return self.item(platform, page, native_id)

    def page(self, platform: str, identity: str) -> str:
        """Give the opaque id of a page."""
        return self.name("page", platform, identity)

    def author(self, platform: str, native_id: str) -> str:
        """Give the opaque id of an author on *platform*."""
        return self.name("author", platform, native_id)

    def called(self, name: str) -> str:
        """Give the opaque word for *name*, which people may be called on any platform."""
        return self.name("called", name)

    def slot(self, item: str, attachment: str) -> str:
        """Give the short name under which one attachment of *item* is kept: 16 hex digits."""
        return self.name("slot", item, attachment)[:16]

    def salt(self, item: str, fingerprint: str) -> str:
        """Give the salt of one version, so that its digest cannot be guessed from its text."""
        return self.name("salt", item, fingerprint)[:32]

    def seal(self, columns: str) -> str:
        """Give the seal of a row's columns, written as ASCII; an edit behind us breaks it.

        It is the beginning of the `name` of *columns* for "seal", and quicker to have.
        """
        return self._sealing.of(_with_length(columns.encode("utf-8", "surrogatepass")))[:32]

    def commit(self, purpose: str, digest: str) -> str:
        """Give a commitment to *digest* that only a holder of the key can connect with it."""
        return self.name("commit", purpose, digest)


def _with_length(data: bytes) -> bytes:
    return len(data).to_bytes(_LENGTH_BYTES, "big") + data


class Part(StrEnum):
    """What an object of an item is; the letter stands in the object's name."""

    CONTENT = "c"
    ATTACHMENT = "a"
    PAPER = "p"


class ObjectRef(NamedTuple):
    """One object in the store, owned by one item alone, named by what it must hash to.

    *slot* tells attachments (or papers) of one item apart; it is empty for content.
    """

    owner: str
    part: Part
    digest: str
    slot: str = ""

    def __str__(self) -> str:
        """Give the name as messages show it: owner shortened, no text of the item."""
        return f"{self.owner[:12]}.{self.part}{self.slot}.{self.digest[:12]}"


class ExaminedObject(NamedTuple):
    """An object as an examination found it; *size*, *version* and *shows* are as in a listing.

    *proven* says whether its bytes were read whole and hash to its digest, None if none were read.
    """

    ref: ObjectRef
    size: int
    proven: bool | None
    version: str | None = None
    shows: bool = True


def sha256(data: bytes) -> str:
    """Give the SHA-256 of *data* as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
