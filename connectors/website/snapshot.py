"""A page as it was sent, kept as WARC 1.1 (ISO 28500): the request, and the answer to it.

One snapshot is one WARC, uncompressed, its digests SHA-256. It follows from the exchange alone:
its date is the server's own, and its records' ids are made from what they hold.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.utils import Digester
from warcio.warcwriter import WARCWriter

from archiver.records.identity import sha256
from connectors.fetching import Answer

MEDIA_TYPE = "application/warc"
"""What a snapshot is, among raw fragments."""

_UNDONE = frozenset({"content-encoding", "transfer-encoding"})
_SECRET = frozenset({"set-cookie", "set-cookie2", "authorization"})


class _Writer(WARCWriter):  # type: ignore[misc] # warcio has no types
    @classmethod
    def _create_digester(cls) -> Digester:
        return Digester("sha256")


def snapshot(answer: Answer, when: datetime, sent: Mapping[str, str]) -> bytes:
    """Give the WARC of *answer*, had at *when* by a request with the headers *sent*.

    Cookies are left out. What the transfer's encoding was is told under `x-archive-orig-`, as
    replay tools expect, for the body is kept as it was before it was encoded.
    """
    file = io.BytesIO()
    writer = _Writer(file, gzip=False, warc_version="1.1")
    parts = urlsplit(answer.url)
    asked = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    lines = [("Host", parts.netloc), *sent.items()]
    request = StatusAndHeaders(f"GET {asked} HTTP/1.1", lines, is_http_request=True)
    named = _named(answer, when)
    response_id, request_id = (_record_id(kind, named, answer) for kind in ("response", "request"))
    response = writer.create_warc_record(
        answer.url,
        "response",
        payload=io.BytesIO(answer.body),
        length=len(answer.body),
        warc_headers_dict=named | {"WARC-Record-ID": response_id},
        http_headers=StatusAndHeaders(_status(answer.status), _headers(answer), "HTTP/1.1"),
    )
    concurrent = {"WARC-Record-ID": request_id, "WARC-Concurrent-To": response_id}
    writer.write_record(response)
    writer.write_record(
        writer.create_warc_record(
            answer.url,
            "request",
            payload=io.BytesIO(),
            length=0,
            warc_headers_dict=named | concurrent,
            http_headers=request,
        )
    )
    return file.getvalue()


def _named(answer: Answer, when: datetime) -> dict[str, str]:
    stamp = when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"WARC-Date": stamp, "WARC-Target-URI": answer.url}


def _record_id(kind: str, named: Mapping[str, str], answer: Answer) -> str:
    told = "\n".join([kind, *named.values(), sha256(answer.body)])
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, told)}>"


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} "


def _headers(answer: Answer) -> list[tuple[str, str]]:
    undone = not _UNDONE.isdisjoint(answer.headers)
    made = []
    for name, value in answer.headers.items():
        hidden = name in _UNDONE or (undone and name == "content-length")
        if name not in _SECRET:
            made.append((f"x-archive-orig-{name}" if hidden else name, value))
    return made
