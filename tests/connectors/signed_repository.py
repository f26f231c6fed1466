"""Repositories as the specifications say (AT Protocol "Repository", DAG-CBOR, CAR 1), made by hand.

Written from the documents and without the libraries that the connector reads them with, but for
the curve itself.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVES = {
    "p256": (ec.SECP256R1(), b"\x80\x24"),
    "k256": (ec.SECP256K1(), b"\xe7\x01"),
}
ORDERS = {
    "p256": int("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16),
    "k256": int("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16),
}
SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@dataclass(frozen=True)
class Cid:
    """A name of bytes: by their SHA-256, and whether they are DAG-CBOR (0x71) or raw (0x55)."""

    digest: bytes
    codec: int = 0x71

    def __bytes__(self) -> bytes:
        return bytes((1, self.codec, 0x12, 0x20)) + self.digest

    def __str__(self) -> str:
        return "b" + base64.b32encode(bytes(self)).decode().lower().rstrip("=")


def named(data: bytes, codec: int = 0x71) -> Cid:
    return Cid(hashlib.sha256(data).digest(), codec)


def tid(when: datetime, clock: int = 7) -> str:
    number = (int(when.timestamp()) * 1_000_000 + when.microsecond) << 10 | clock
    return "".join(SORTABLE[number >> shift & 31] for shift in range(60, -1, -5))


def _head(major: int, size: int) -> bytes:
    if size < 24:
        return bytes((major << 5 | size,))
    for code, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if size < 1 << 8 * width:
            return bytes((major << 5 | code,)) + size.to_bytes(width)
    raise ValueError(size)


def encoded(value: object) -> bytes:
    """Give *value* in DAG-CBOR."""
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, Cid):
        return b"\xd8\x2a" + encoded(b"\x00" + bytes(value))
    if isinstance(value, bytes | str):
        data = value.encode() if isinstance(value, str) else value
        return _head(3 if isinstance(value, str) else 2, len(data)) + data
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(encoded, value))
    assert isinstance(value, Mapping)
    pairs = sorted(value.items(), key=lambda pair: (len(pair[0]), pair[0].encode()))
    return _head(5, len(pairs)) + b"".join(encoded(k) + encoded(v) for k, v in pairs)


@cache
def layer_of(key: str) -> int:
    """Give the layer of a key: half the number of zero bits its digest begins with."""
    digest = int.from_bytes(hashlib.sha256(key.encode()).digest())
    return (256 - digest.bit_length()) // 2


@dataclass
class Tree:
    """A Merkle search tree over *records*, built anew; *ways* are the nodes above each key."""

    records: Mapping[str, Cid]
    blocks: dict[Cid, bytes] = field(default_factory=dict)
    made: dict[tuple[int | str, ...], Cid] = field(default_factory=dict)

    def root(self) -> Cid:
        keys = sorted(self.records)
        return self._node(keys, max(map(layer_of, keys), default=0))

    def way(self, key: str) -> list[Cid]:
        """Give the nodes that prove *key*, or that it is not there."""
        keys = sorted(self.records)
        top = max(map(layer_of, keys), default=0)
        found = []
        for layer in range(top, -1, -1):
            if not keys and found:
                break
            found.append(self._node(keys, layer))
            if key in keys and layer_of(key) == layer:
                break
            marks = [k for k in keys if layer_of(k) == layer]
            low = max((k for k in marks if k < key), default="")
            high = min((k for k in marks if k > key), default="~")
            keys = [k for k in keys if low < k < high]
        return found

    def _node(self, keys: list[str], layer: int) -> Cid:
        place = (layer, *keys[:1], *keys[-1:])
        if place not in self.made:
            self.made[place] = self._make(keys, layer)
        return self.made[place]

    def _make(self, keys: list[str], layer: int) -> Cid:
        entries: list[dict[str, object]] = []
        groups: list[list[str]] = [[]]
        for key in keys:
            if layer_of(key) == layer:
                before = str(entries[-1]["key"]) if entries else ""
                shared = next(
                    (n for n, (a, b) in enumerate(zip(before, key, strict=False)) if a != b),
                    min(len(before), len(key)),
                )
                told = {"p": shared, "k": key[shared:].encode(), "v": self.records[key]}
                entries.append({"key": key, **told})
                groups.append([])
            else:
                groups[-1].append(key)
        below = [self._node(group, layer - 1) if group else None for group in groups]
        rows = [
            {"p": e["p"], "k": e["k"], "v": e["v"], "t": t}
            for e, t in zip(entries, below[1:], strict=True)
        ]
        block = encoded({"l": below[0], "e": rows})
        self.blocks[named(block)] = block
        return named(block)


@dataclass
class Signer:
    """The key of an account, made of a number."""

    secret: int = 4711
    curve: str = "p256"

    @property
    def key(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(self.secret, CURVES[self.curve][0])

    def multikey(self) -> str:
        """Give the public key as a document of an account tells it."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        return self._spelled(CURVES[self.curve][1] + point)

    def older_key(self) -> str:
        """Give the public key as documents told it before there were Multikeys."""
        form = PublicFormat.UncompressedPoint
        return self._spelled(self.key.public_key().public_bytes(Encoding.X962, form))

    @staticmethod
    def _spelled(data: bytes) -> str:
        number = int.from_bytes(data)
        letters = ""
        while number:
            number, digit = divmod(number, 58)
            letters = BASE58[digit] + letters
        return "z" + letters

    def sign(self, data: bytes, *, high: bool = False) -> bytes:
        """Sign *data* in 64 bytes; with *high* in the form that is not allowed."""
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(SHA256())))
        order = ORDERS[self.curve]
        s = min(s, order - s)
        return r.to_bytes(32) + (order - s if high else s).to_bytes(32)


def framed(section: bytes) -> bytes:
    size, length = len(section), bytearray()
    while size > 127:
        length.append(size & 127 | 128)
        size >>= 7
    return bytes((*length, size)) + section


def car(root: Cid, blocks: Mapping[Cid, bytes]) -> bytes:
    header = encoded({"roots": [root], "version": 1})
    return framed(header) + b"".join(framed(bytes(cid) + block) for cid, block in blocks.items())


@dataclass
class SignedRepository:
    """The repository of *did* in one state of it. *records* are given as encoded."""

    did: str
    records: Mapping[str, bytes]
    rev: str
    signer: Signer

    def __post_init__(self) -> None:
        self.tree = Tree({path: named(block) for path, block in self.records.items()})
        unsigned = {"did": self.did, "version": 3, "data": self.tree.root(), "rev": self.rev}
        unsigned["prev"] = None
        self.commit = encoded(unsigned | {"sig": self.signer.sign(encoded(unsigned))})

    def car(self, only: str | None = None) -> bytes:
        """Give it as a CAR file; with *only*, what proves that one path."""
        sent = {named(self.commit): self.commit}
        if only is None:
            sent |= self.tree.blocks
            sent |= {self.tree.records[path]: block for path, block in self.records.items()}
        else:
            sent |= {cid: self.tree.blocks[cid] for cid in self.tree.way(only)}
            sent |= {self.tree.records[p]: self.records[p] for p in {only} & self.records.keys()}
        return car(named(self.commit), sent)


def exported(
    did: str, records: Mapping[str, object], *, rev: str, signer: Signer, only: str | None = None
) -> bytes:
    blocks = {path: encoded(record) for path, record in records.items()}
    return SignedRepository(did, blocks, rev, signer).car(only)
