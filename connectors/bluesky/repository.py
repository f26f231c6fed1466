"""A repository as its server sends it (a CAR file): every block proven, its signature checked.

A repository is a tree of hashes: the account's key signs the root (the commit), the root names the
nodes, the nodes name the records. What is read here is proven up to that signature, that a record
is there, and that it is not. The framing (CAR 1) and the tree (a Merkle search tree) are read here;
DAG-CBOR by a library, and the curves are those of `cryptography`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import libipld
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from archiver.records.errors import AnswerUnreadable
from archiver.records.exchanges import Exchange, Told
from connectors.cutting import object_of, text_of

CAR = "application/vnd.ipld.car"

_CID_BYTES = 36
_CID_STARTS = (b"\x01\x71\x12\x20", b"\x01\x55\x12\x20")
_CURVES: dict[bytes, tuple[ec.EllipticCurve, int]] = {
    b"\xe7\x01": (
        ec.SECP256K1(),
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
    ),
    b"\x80\x24": (
        ec.SECP256R1(),
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    ),
}
_OLDER = {
    "EcdsaSecp256k1VerificationKey2019": b"\xe7\x01",
    "EcdsaSecp256r1VerificationKey2019": b"\x80\x24",
}
_SIGNATURE_BYTES = 64
_SIGNED = b"\x63sig\x58\x40"
_COMMIT_KEYS = 6
_DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Repository:
    """What a CAR file holds of one repository, its commit proven to be signed by *did*.

    *rev* orders the states of a repository. *blocks* are proven against their names; *exchange*
    is what brought them.
    """

    did: str
    rev: str
    root: bytes
    tree: bytes
    blocks: Mapping[bytes, bytes]
    exchange: Exchange | None = None

    def records(self) -> Iterator[tuple[str, bytes]]:
        """Give the path and the name (CID) of every record, in order of path.

        Raises:
            AnswerUnreadable: a node is missing, or the paths are not in order.
        """
        before = ""
        for path, name in self._below(self.tree, 0):
            if path <= before:
                raise AnswerUnreadable("the paths of a repository are not in order")
            before = path
            yield path, name

    def find(self, path: str) -> bytes | None:
        """Give the name of the record at *path*; None is proof that there is none.

        Raises:
            AnswerUnreadable: a node on the way to it is missing.
        """
        return self._way(path)[1]

    def record(self, name: bytes) -> Mapping[str, object]:
        """Give the record called *name*.

        Raises:
            AnswerUnreadable: it was not sent, or is no record.
        """
        return object_of(_decoded(self._block(name)), "a record")

    def proof(self, path: str) -> bytes:
        """Give the signed commit, the nodes on the way to *path* and its record, as a CAR file.

        It proves the record, or that there is none, to whoever has the account's public key.

        Raises:
            AnswerUnreadable: something on the way is missing.
        """
        nodes, name = self._way(path)
        wanted = [self.root, *nodes, *([name] if name else [])]
        car = b"".join(
            (_framed(_header(self.root)), *(_framed(each + self._block(each)) for each in wanted))
        )
        return car if self.exchange is None else Told(car, self.exchange)

    def _way(self, path: str) -> tuple[list[bytes], bytes | None]:
        nodes: list[bytes] = []
        at: bytes | None = self.tree
        while at is not None:
            if len(nodes) > _DEEPEST:
                raise AnswerUnreadable("the tree of a repository is too deep")
            nodes.append(at)
            left, entries = self._node(at)
            at = left
            for key, name, right in entries:
                if key == path:
                    return nodes, name
                if key > path:
                    break
                at = right
        return nodes, None

    def _below(self, at: bytes | None, depth: int) -> Iterator[tuple[str, bytes]]:
        if at is None:
            return
        if depth > _DEEPEST:
            raise AnswerUnreadable("the tree of a repository is too deep")
        left, entries = self._node(at)
        yield from self._below(left, depth + 1)
        for key, name, right in entries:
            yield key, name
            yield from self._below(right, depth + 1)

    def _node(self, name: bytes) -> tuple[bytes | None, list[tuple[str, bytes, bytes | None]]]:
        """Give what lies left of a node's first key; and each key, its record, what lies after."""
        node = object_of(_decoded(self._block(name)), "a node")
        told = node.get("e")
        if not isinstance(told, list):
            raise AnswerUnreadable("a node has no entries")
        entries, before = [], b""
        for each in told:
            entry = object_of(each, "an entry")
            shared, rest = entry.get("p"), entry.get("k")
            if not isinstance(shared, int) or not isinstance(rest, bytes) or shared < 0:
                raise AnswerUnreadable("an entry of a node has no key")
            before = before[:shared] + rest
            right = entry.get("t")
            entries.append(
                (
                    before.decode("ascii", "replace"),
                    link_of(entry.get("v")),
                    None if right is None else link_of(right),
                )
            )
        left = node.get("l")
        return None if left is None else link_of(left), entries

    def _block(self, name: bytes) -> bytes:
        if name not in self.blocks:
            raise AnswerUnreadable("a block of the repository was not sent")
        return self.blocks[name]


def read_repository(body: bytes, *, did: str, key: str) -> Repository:
    """Read the CAR file *body*, which must hold a commit of *did* signed by *key* (a Multikey).

    Raises:
        AnswerUnreadable: it is no such file, a block is not what its name says, or the commit is
            another account's or signed by another key.
    """
    root, blocks = _unframed(body)
    if root not in blocks:
        raise AnswerUnreadable("the commit of the repository was not sent")
    commit = object_of(_decoded(blocks[root]), "a commit")
    if text_of(commit, "did", absent="") != did:
        raise AnswerUnreadable("the repository is another account's")
    _prove(blocks[root], commit, key)
    return Repository(
        did=did,
        rev=text_of(commit, "rev"),
        root=root,
        tree=link_of(commit.get("data")),
        blocks=blocks,
        exchange=body.exchange if isinstance(body, Told) else None,
    )


def link_of(value: object) -> bytes:
    """Give the name (CID) that *value* is, as bytes.

    Raises:
        AnswerUnreadable: it is none of the kind that repositories use.
    """
    try:
        told = libipld.decode_cid(value) if isinstance(value, str | bytes) else {}
    except ValueError:
        told = {}
    version, codec, digest = told.get("version"), told.get("codec"), told.get("hash")
    if version == 1 and isinstance(codec, int) and isinstance(digest, dict):
        head = bytes((1, codec, digest.get("code", 0), digest.get("size", 0)))
        name = head + bytes(digest["digest"])
        if head in _CID_STARTS and len(name) == _CID_BYTES:
            return name
    raise AnswerUnreadable("a link names nothing that can be found")


def spelled(name: bytes) -> str:
    """Give the name (CID) in letters, as the API writes it."""
    return str(libipld.encode_cid(name))


def digest_of(cid: str) -> str:
    """Give the SHA-256 digest that *cid* names its bytes by.

    Raises:
        AnswerUnreadable: it is no name of that kind.
    """
    return link_of(cid)[4:].hex()


def _prove(block: bytes, commit: Mapping[str, object], key: str) -> None:
    """Check the signature: over the commit's own bytes, the signature's entry taken out."""
    signature = commit.get("sig")
    entry = _SIGNED + signature if isinstance(signature, bytes) else b""
    if len(entry) != len(_SIGNED) + _SIGNATURE_BYTES or block[0] != 0xA0 + _COMMIT_KEYS:
        raise AnswerUnreadable("a commit is not signed as documented")
    before, found, after = block.partition(entry)
    unsigned = bytes((0xA0 + _COMMIT_KEYS - 1,)) + before[1:] + after
    if not found or _decoded(unsigned) != {k: v for k, v in commit.items() if k != "sig"}:
        raise AnswerUnreadable("a commit is not signed as documented")
    public, order = _public_key(key)
    half = _SIGNATURE_BYTES // 2
    r, s = (int.from_bytes(part) for part in (entry[-2 * half : -half], entry[-half:]))
    if s > order // 2:
        raise AnswerUnreadable("a signature is not in its one valid form")
    try:
        public.verify(encode_dss_signature(r, s), unsigned, ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise AnswerUnreadable(
            "the repository is not signed by the account's key",
            remedy="Its bytes were not kept. The key may just have been changed; if this stays, "
            "ask the account's host.",
        ) from None


def _public_key(key: str) -> tuple[ec.EllipticCurvePublicKey, int]:
    try:
        _, told = libipld.decode_multibase(key)
        curve, order = _CURVES[bytes(told[:2])]
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, bytes(told[2:])), order
    except (ValueError, KeyError):
        raise AnswerUnreadable("the account's signing key is of no documented kind") from None


def multikey(kind: str, key: str) -> str:
    """Give *key* as a Multikey; documents of older directories spell the bare point, by *kind*.

    Raises:
        AnswerUnreadable: it is of no documented kind.
    """
    prefix = _OLDER.get(kind)
    if prefix is None:
        return key
    try:
        point = bytes(libipld.decode_multibase(key)[1])
        public = ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[prefix][0], point)
    except ValueError:
        raise AnswerUnreadable("the account's signing key is of no documented kind") from None
    short = public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return str(libipld.encode_multibase("z", prefix + short))


def _unframed(body: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """Give the root that a CAR file names, and its blocks, each proven against its name."""
    sections = _sections(body)
    header = object_of(_decoded(next(sections, b"")), "the header of a CAR file")
    roots = header.get("roots")
    if header.get("version") != 1 or not isinstance(roots, list) or not roots:
        raise AnswerUnreadable("the answer is no CAR file of a repository")
    blocks: dict[bytes, bytes] = {}
    for section in sections:
        name, block = section[:_CID_BYTES], section[_CID_BYTES:]
        if name[:4] not in _CID_STARTS or hashlib.sha256(block).digest() != name[4:]:
            raise AnswerUnreadable("a block of the repository is not what its name says")
        blocks[name] = block
    return link_of(roots[0]), blocks


def _sections(body: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(body):
        size = shift = 0
        while True:
            if at >= len(body) or shift > 56:  # noqa: PLR2004 - a length has at most nine bytes
                raise AnswerUnreadable("the answer is no CAR file, or breaks off")
            byte = body[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:  # noqa: PLR2004 - the last byte of a length
                break
        if at + size > len(body):
            raise AnswerUnreadable("the answer is no CAR file, or breaks off")
        yield body[at : at + size]
        at += size


def _framed(section: bytes) -> bytes:
    size, length = len(section), bytearray()
    while True:
        size, low = size >> 7, size & 0x7F
        length.append(low | 0x80 if size else low)
        if not size:
            return bytes(length) + section


def _header(root: bytes) -> bytes:
    """Write the header of a CAR file: `{"roots": [root], "version": 1}`."""
    return b"\xa2\x65roots\x81\xd8\x2a\x58\x25\x00" + root + b"\x67version\x01"


def _decoded(block: bytes) -> object:
    try:
        value: object = libipld.decode_dag_cbor(block)
    except (ValueError, RecursionError):
        raise AnswerUnreadable("a block of the repository is not DAG-CBOR") from None
    return value
