"""Time-based one-time codes (RFC 6238, pyotp), and the sealing of their secrets.

A secret is sealed with AES-256-GCM under a key derived (HKDF-SHA256) from the archive's own, and
bound to its person: moved to another's row it cannot be opened.
"""

from __future__ import annotations

import os
from datetime import datetime

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from archiver.records.errors import CatalogueUnavailable
from archiver.records.identity import ArchiveKey

STEP = 30
"""How many seconds one code stands for (RFC 6238, section 5.2)."""

SKEW = 1
"""How many steps a clock may be ahead or behind."""

_NONCE = 12


def new_secret() -> str:
    """Make a secret, as an authenticator app takes it (base32, 160 bits)."""
    return pyotp.random_base32()


def address(secret: str, *, person: str, agency: str) -> str:
    """Give the otpauth:// address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=person, issuer_name=agency)


def step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """Give the step whose code *code* is, within the skew of *now*; None if it is of none."""
    totp = pyotp.TOTP(secret, interval=STEP)
    here = int(now.timestamp()) // STEP
    said = "".join(code.split())
    found = None
    for step in range(here - SKEW, here + SKEW + 1):
        if pyotp.utils.strings_equal(said, totp.generate_otp(step)):
            found = step
    return found


def sealed(key: ArchiveKey, person: str, secret: str) -> bytes:
    """Seal *secret* for *person*."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_derived(key)).encrypt(nonce, secret.encode(), person.encode())


def opened(key: ArchiveKey, person: str, data: bytes) -> str:
    """Open what `sealed` gave.

    Raises:
        CatalogueUnavailable: it was sealed under another archive's key, or for someone else.
    """
    try:
        plain = AESGCM(_derived(key)).decrypt(data[:_NONCE], data[_NONCE:], person.encode())
    except InvalidTag as error:
        raise CatalogueUnavailable(
            "the credentials in the catalogue were not made with this archive's keys",
            remedy="Restore the keys from a backup, or have an administrator run "
            "`archiver people reset`.",
        ) from error
    return plain.decode()


def _derived(key: ArchiveKey) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"archiver credentials v1")
    return kdf.derive(key.secret)
