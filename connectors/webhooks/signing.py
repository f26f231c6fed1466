"""Signatures over what was delivered: an HMAC over the raw body, compared in constant time."""

from __future__ import annotations

import base64
import hashlib
import hmac

from archiver.records.pages import PageSettings

_WORD = b"the address of an archive"


def signed_with(page: PageSettings, body: bytes, given: str, *, method: str = "sha256") -> bool:
    """Say whether *given* (in hexadecimal) is the signature of *body* by the secret of *page*.

    Without a secret nothing is signed.
    """
    return _same(page, given.lower(), _mac(page, body, method).hex())


def signed_in_base64(page: PageSettings, body: bytes, given: str) -> bool:
    """Say the same of a signature by SHA-256 that is written in base64."""
    return _same(page, given, mac_in_base64(page, body))


def mac_in_base64(page: PageSettings, data: bytes) -> str:
    """Give the HMAC (SHA-256) of *data* by the secret of *page*, in base64."""
    return base64.b64encode(_mac(page, data, "sha256")).decode("ascii")


def word_for(page: PageSettings) -> str:
    """Give the word by which the platform shows that a person entered the address of *page*.

    It follows from the secret, and tells nothing of it.
    """
    return hmac.new(_secret(page), _WORD, hashlib.sha256).hexdigest()[:32]


def _same(page: PageSettings, given: str, made: str) -> bool:
    return hmac.compare_digest(given.encode(), made.encode()) and bool(page.signing_secret)


def _mac(page: PageSettings, data: bytes, method: str) -> bytes:
    return hmac.new(_secret(page), data, method).digest()


def _secret(page: PageSettings) -> bytes:
    return (page.signing_secret or "").encode()
