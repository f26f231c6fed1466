"""Passphrases, hashed with Argon2id under a key of the archive (argon2-cffi, RFC 9106).

The key goes in first (an HMAC), so that a stolen catalogue without the archive's keys gives
nobody a hash to try passphrases against.
"""

from __future__ import annotations

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from archiver.records.identity import ArchiveKey
from archiver.records.passphrases import normal

_HASHER = argon2.PasswordHasher()
"""The library's defaults: RFC 9106's second recommendation (64 MiB, 3 passes, 4 lanes)."""


def hashed(key: ArchiveKey, person: str, passphrase: str) -> str:
    """Give the hash of *passphrase* that is kept for *person*."""
    return _HASHER.hash(_keyed(key, person, passphrase))


def matches(key: ArchiveKey, person: str, passphrase: str, kept: str) -> bool:
    """Say whether *passphrase* is the one whose hash is *kept*; takes its time either way."""
    try:
        return _HASHER.verify(kept, _keyed(key, person, passphrase))
    except (VerificationError, InvalidHashError):
        return False


def _keyed(key: ArchiveKey, person: str, passphrase: str) -> str:
    return key.name("passphrase", person, normal(passphrase))
