"""The key that signs the ledger: Ed25519, kept as PEM (PKCS #8) in a file only we may read."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from archiver.records.errors import LedgerDamaged


def generate() -> bytes:
    """Make a new signing key, and give it as the file's bytes (PEM, PKCS #8, not encrypted)."""
    return Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )


def load(pem: bytes) -> Ed25519PrivateKey:
    """Read a signing key, as `generate` gave it.

    Raises:
        LedgerDamaged: the bytes are no Ed25519 private key.
    """
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _refused() from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _refused()
    return key


def _refused() -> LedgerDamaged:
    return LedgerDamaged(
        "the ledger's signing key cannot be read as an Ed25519 private key in PEM",
        remedy="Restore the key file from a backup; a new key would not continue the old ledger.",
    )
