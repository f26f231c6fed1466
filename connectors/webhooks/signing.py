"""Signatures over what was delivered: an HMAC over the raw body, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac

from archiver.records.pages import PageSettings

_WORD = b"the address of an archive"


def signed_with(page: PageSettings, body: bytes, given: str, *, method: str = "sha256") -> bool:
    """Say whether *given* (in hexadecimal) is the signature of *body* by the secret of *page*.

    Without a secret nothing is signed.
    """
    made = hmac.new(_secret(page), body, method).hexdigest()
    return bool(page.signing_secret) and hmac.compare_digest(given.lower().encode(), made.encode())


def word_for(page: PageSettings) -> str:
    """Give the word by which the platform shows that a person entered the address of *page*.

    It follows from the secret, and tells nothing of it.
    """
    return hmac.new(_secret(page), _WORD, hashlib.sha256).hexdigest()[:32]


def _secret(page: PageSettings) -> bytes:
    return (page.signing_secret or "").encode()
