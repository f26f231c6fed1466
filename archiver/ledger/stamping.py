"""Time-stamps of RFC 3161: an authority's word that a checkpoint existed at a moment.

Request, answer and checkpoint are kept as they were sent, so that `openssl ts -verify` can check
them without us. RFC 3161 (the protocol over HTTP is its section 3.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from archiver.records.errors import StampRefused
from archiver.records.identity import sha256

_QUERY = "application/timestamp-query"
_REPLY = "application/timestamp-reply"
_LARGEST = 1_000_000
_ID_DIGITS = 12

_TO_CERTIFICATES = (0, 1, 1, 0, 3)
"""The way to them: TimeStampResp, its token, what that holds, its SignedData (RFC 5652, 5.1)."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time-stamp as it was asked for and given; *at* is the authority's moment (UTC)."""

    request: bytes
    answer: bytes
    at: datetime


class Authority:
    """A time-stamp authority: its address, and the root its certificate must lead to."""

    def __init__(self, url: str, certificate: Path, *, timeout_seconds: float = 30.0) -> None:
        """Ask at *url*; the roots stand in the file *certificate* (PEM), read when needed."""
        self.url = url
        self._certificate = certificate
        self._timeout = timeout_seconds

    @property
    def id(self) -> str:
        """Give a short name of the authority for files and entries."""
        return sha256(self.url.encode())[:_ID_DIGITS]

    def stamp(self, data: bytes) -> Stamp:
        """Have *data* time-stamped, and check the answer.

        Raises:
            StampRefused: the authority did not answer, its answer does not hold, or its root
                cannot be read.
        """
        roots = self._roots()
        request = (
            TimestampRequestBuilder()
            .data(data)
            .hash_algorithm(HashAlgorithm.SHA256)
            .nonce(nonce=True)
            .cert_request(cert_request=True)
            .build()
        )
        answer = self._ask(request.as_bytes())
        try:
            response = decode_timestamp_response(_in_order(answer))
            builder = VerifierBuilder.from_request(request)
            for root in roots:
                builder = builder.add_root_certificate(root)
            builder.build().verify_message(response, data)
        except (VerificationError, ValueError) as error:
            raise StampRefused(f"{self.url}: its time-stamp does not hold: {error}") from error
        return Stamp(request.as_bytes(), answer, response.tst_info.gen_time)

    def _ask(self, request: bytes) -> bytes:
        headers = {"Content-Type": _QUERY, "Accept": _REPLY}
        try:
            answer = httpx.post(
                self.url, content=request, headers=headers, timeout=self._timeout
            ).raise_for_status()
        except httpx.HTTPError as error:
            words = str(error).partition("\n")[0] or type(error).__name__
            raise StampRefused(f"{self.url}: {words}") from error
        if len(answer.content) > _LARGEST:
            raise StampRefused(f"{self.url}: answered with {len(answer.content)} bytes")
        return answer.content

    def _roots(self) -> list[Certificate]:
        try:
            return load_pem_x509_certificates(self._certificate.read_bytes())
        except OSError as error:
            raise StampRefused(f"{self.url}: {self._certificate}: {error.strerror}") from error
        except ValueError as error:
            raise StampRefused(f"{self.url}: {self._certificate} is no PEM certificate") from error


def _in_order(answer: bytes) -> bytes:
    """Give *answer* with the certificates it brings in the order that DER asks for.

    OpenSSL's own authority brings a chain in the order it was told, which rfc3161-client refuses
    to read. No signature covers that order. What is not of this form is given as it came.
    """
    start, end = 0, len(answer)
    try:
        for place in _TO_CERTIFICATES:
            _, start, end = _elements(answer, start, end)[place]
        certificates = sorted(answer[at:to] for at, _, to in _elements(answer, start, end))
    except IndexError:
        return answer
    return answer[:start] + b"".join(certificates) + answer[end:]


def _elements(data: bytes, start: int, end: int) -> list[tuple[int, int, int]]:
    """Give where each element of DER in a part of *data* begins, what it holds begins, and it ends.

    Raises:
        IndexError: one does not end within that part.
    """
    found = []
    while start < end:
        length, content = data[start + 1], start + 2
        if length & 0x80:
            content += length & 0x7F
            length = int.from_bytes(data[start + 2 : content], "big")
        if content + length > end:
            raise IndexError(start)
        found.append((start, content, content + length))
        start = content + length
    return found
