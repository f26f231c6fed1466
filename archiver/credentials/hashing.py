"""Passphrases, hashed with Argon2id under a key of the archive (argon2-cffi, RFC 9106).

The key goes in first (an HMAC), so that a stolen catalogue without the archive's keys gives
nobody a hash to try passphrases against.
"""

from __future__ import annotations

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from archiver.records.identity import ArchiveKey
from archiver.records.passphrases import normal

COST: argon2.Parameters = argon2.profiles.RFC_9106_LOW_MEMORY
"""What trying one passphrase costs: RFC 9106's second recommendation (64 MiB, 3 passes, 4 lanes).

A hash says what it cost, and is compared at that cost.
"""


def hashed(key: ArchiveKey, person: str, passphrase: str) -> str:
    """Give the hash of *passphrase* that is kept for *person*."""
    return argon2.PasswordHasher.from_parameters(COST).hash(_keyed(key, person, passphrase))


def matches(key: ArchiveKey, person: str, passphrase: str, kept: str) -> bool:
    """Say whether *passphrase* is the one whose hash is *kept*; takes its time either way."""
    try:
        return argon2.PasswordHasher().verify(kept, _keyed(key, person, passphrase))
    except (VerificationError, InvalidHashError):
        return False


def _keyed(key: ArchiveKey, person: str, passphrase: str) -> str:
    return key.name("passphrase", person, normal(passphrase))
