"""Signed notes and checkpoints, as C2SP writes them (c2sp.org/signed-note, tlog-checkpoint).

A note is text, an empty line, and signature lines. A checkpoint is a note whose text names the
log, its size and its root. Both can be checked without this program.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from archiver.ledger.keys import load
from archiver.records.errors import LedgerDamaged
from archiver.records.merkle import HASH_SIZE

_ED25519 = b"\x01"
_KEY_SIZE = 32
_KEY_ID_SIZE = 4
_DASH = "\u2014"
_LARGEST_NOTE = 1_000_000
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_DECIMAL = re.compile(r"0|[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key and the name it signs under: all that is needed to check a note."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        """Refuse a name that a signature line cannot carry, and a key of another length."""
        if not self.name or "+" in self.name or re.search(r"\s|[\x00-\x1f]", self.name):
            raise ValueError(f"{self.name!r}: a key's name has no spaces, no + and is not empty")
        if len(self.public) != _KEY_SIZE:
            raise ValueError(f"{self.name}: an Ed25519 public key has {_KEY_SIZE} bytes")

    def __str__(self) -> str:
        """Give the key as C2SP writes it: name, key id and key, joined by +."""
        encoded = base64.b64encode(_ED25519 + self.public).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @property
    def key_id(self) -> bytes:
        """Give the four bytes by which a signature line says which key it is from."""
        named = self.name.encode("utf-8") + b"\n" + _ED25519 + self.public
        return hashlib.sha256(named).digest()[:_KEY_ID_SIZE]

    @classmethod
    def from_text(cls, text: str) -> VerifierKey:
        """Read a key as C2SP writes it.

        Raises:
            ValueError: not such a text, of another algorithm, or its key id is another one's.
        """
        name, _, rest = text.partition("+")
        key_id, _, encoded = rest.partition("+")
        decoded = _decoded(encoded)
        if decoded[:1] != _ED25519:
            raise ValueError(f"{name}: not an Ed25519 key")
        key = cls(name, decoded[1:])
        if key.key_id.hex() != key_id:
            raise ValueError(f"{name}: key id {key_id} does not follow from the key")
        return key


class Signer:
    """Signs notes under *name* with a private key, given as `keys.generate` made it.

    Raises:
        LedgerDamaged: the key cannot be read.
        ValueError: *name* cannot be the name of a key.
    """

    def __init__(self, name: str, private_key: bytes) -> None:
        self._private = load(private_key)
        self.verifier_key = VerifierKey(name, self._private.public_key().public_bytes_raw())

    def sign(self, text: str) -> bytes:
        """Give *text* as a note with our signature; it must end with a newline.

        Raises:
            ValueError: *text* has no newline at its end, or holds control characters.
        """
        if not text.endswith("\n") or _CONTROL.search(text):
            raise ValueError("a note's text ends with a newline and has no control characters")
        signature = self._private.sign(text.encode("utf-8"))
        encoded = base64.b64encode(self.verifier_key.key_id + signature).decode("ascii")
        return f"{text}\n{_DASH} {self.verifier_key.name} {encoded}\n".encode()


def open_note(note: bytes, key: VerifierKey) -> str:
    """Give the text of *note*, which *key* signed; signatures of other keys are passed over.

    Raises:
        LedgerDamaged: not a note, not signed by *key*, or the signature does not verify.
    """
    text, signatures = _parted(note)
    ours = [
        encoded[_KEY_ID_SIZE:]
        for name, encoded in signatures
        if name == key.name and encoded[:_KEY_ID_SIZE] == key.key_id
    ]
    if not ours:
        raise LedgerDamaged(f"the note carries no signature of {key.name}")
    public = Ed25519PublicKey.from_public_bytes(key.public)
    for signature in ours:
        try:
            public.verify(signature, text.encode("utf-8"))
        except InvalidSignature as error:
            raise LedgerDamaged(f"the signature of {key.name} does not fit the note") from error
    return text


def _parted(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """Part a note into its text and its signatures (key name, key id and signature)."""
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LedgerDamaged("the note is not UTF-8") from error
    text, gap, lines = whole.rpartition("\n\n")
    if not gap or not whole.endswith("\n") or _CONTROL.search(whole) or len(note) > _LARGEST_NOTE:
        raise LedgerDamaged("the note is not a text, an empty line and signatures")
    return text + "\n", [_signature(line) for line in lines[:-1].split("\n")]


def _signature(line: str) -> tuple[str, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != _DASH or not parts[1]:  # noqa: PLR2004 - dash, name, base64
        raise LedgerDamaged("a line of the note's signatures is malformed")
    try:
        return parts[1], _decoded(parts[2])
    except ValueError as error:
        raise LedgerDamaged("a signature of the note is not base64") from error


def _decoded(text: str) -> bytes:
    """Give the bytes that *text* is the base64 of; of every value there is one text only."""
    decoded = base64.b64decode(text, validate=True)
    if base64.b64encode(decoded).decode("ascii") != text:
        raise ValueError("a text in base64 ends in bits that mean nothing")
    return decoded


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log commits to: its *origin*, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Give the body that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"

    @classmethod
    def from_text(cls, text: str) -> Checkpoint:
        """Read a checkpoint's body; extension lines after it are passed over.

        Raises:
            LedgerDamaged: not a checkpoint.
        """
        lines = text.split("\n")
        if len(lines) < 4 or "" in lines[:-1] or lines[-1]:  # noqa: PLR2004 - three lines, each ended
            raise LedgerDamaged("the note is not a checkpoint: it needs origin, size and root")
        origin, size, encoded = lines[:3]
        try:
            root = _decoded(encoded)
        except ValueError as error:
            raise LedgerDamaged("the checkpoint's root is not base64") from error
        if not _DECIMAL.fullmatch(size) or len(root) != HASH_SIZE:
            raise LedgerDamaged("the checkpoint's size or root is malformed")
        return cls(origin, int(size), root)
