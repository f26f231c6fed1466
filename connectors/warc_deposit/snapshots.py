"""One record of a WARC file → the answer that it holds, as `website` reads it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime

from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord, ArcWarcRecordLoader

from archiver.records.errors import AnswerUnreadable, TooLarge
from archiver.records.items import Content, RawFragment
from connectors.cutting import LARGEST_ELEMENT
from connectors.fetching import Answer
from connectors.website.listing import Listed
from connectors.website.reading import page_to_content

_PIECE = 256 * 1024
_UNDONE = frozenset({"", "identity", "gzip", "deflate"})
_BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Taken:
    """What is known of a snapshot before it is read: its address, and when it was taken."""

    url: str
    when: datetime


def page_content(raw: bytes, taken: Taken) -> Content:
    """Give the page of which *raw* is the record.

    Raises:
        AnswerUnreadable: it cannot be read, is not what its digest says, or asks to sign in.
        TooLarge: the page is larger than any that is read.
    """
    record = _record(io.BytesIO(raw))
    headers = _headers(record)
    body = b"".join(payload(record, LARGEST_ELEMENT))
    headers.setdefault("date", format_datetime(taken.when))
    answer = Answer(url=taken.url, status=200, headers=headers, body=body)
    return page_to_content(answer, Listed(taken.url, None), raw)


def file_content(raw: bytes, taken: Taken) -> Content:
    """Give the file of which *raw* is how its record begins; the file itself is attached.

    Raises:
        AnswerUnreadable: it cannot be read.
    """
    record = _record(io.BytesIO(raw))
    headers = {"date": format_datetime(taken.when), "content-type": "application/octet-stream"}
    answer = Answer(url=taken.url, status=200, headers=headers, body=b"")
    content = page_to_content(answer, Listed(taken.url, None), raw)
    length = len(raw) - len(record.raw_stream.read())
    return replace(content, raw=RawFragment(content.raw.media_type, raw[:length]))


def file_in(pieces: Iterator[bytes], max_bytes: int) -> tuple[Iterator[bytes], str]:
    """Give the file in the record that arrives in *pieces*, and which type it was said to be.

    Its pieces raise where it is larger than *max_bytes*, or not what its digest says.

    Raises:
        AnswerUnreadable: it cannot be read.
    """
    record = _record(io.BufferedReader(_Arriving(pieces), _PIECE))
    kind = _headers(record).get("content-type", "")
    return payload(record, max_bytes), kind.partition(";")[0].strip().lower()


def payload(record: ArcWarcRecord, max_bytes: int) -> Iterator[bytes]:
    """Give what was sent in *record*, its encodings undone, and hold it against its digest.

    Raises:
        TooLarge: it is larger than *max_bytes*.
        AnswerUnreadable: it is encoded in a way that cannot be undone, or not what its digest says.
    """
    encoding = _headers(record).get("content-encoding", "").strip().lower()
    if encoding not in _UNDONE:
        raise AnswerUnreadable("it is compressed in a way that cannot be undone here")
    stream, size = record.content_stream(), 0
    while piece := stream.read(_PIECE):
        size += len(piece)
        if size > max_bytes:
            raise TooLarge(f"it has more than the {max_bytes} bytes that are allowed")
        yield piece
    while record.raw_stream.read(_PIECE):
        pass
    told = record.rec_headers.get_header("WARC-Block-Digest")
    faults = [str(problem) for problem in record.digest_checker.problems]
    if any(not told or fault.startswith(_BLOCK) for fault in faults):
        raise AnswerUnreadable("the record is not the one whose digest it tells")


def _headers(record: ArcWarcRecord) -> dict[str, str]:
    """Give the headers of the answer, their names in small letters."""
    if record.http_headers is None:
        return {"content-type": record.content_type or ""}
    return {str(name).lower(): str(value) for name, value in record.http_headers.headers}


def _record(stream: io.BufferedIOBase) -> ArcWarcRecord:
    loader = ArcWarcRecordLoader(verify_http=False, arc2warc=False)
    try:
        return loader.parse_record_stream(stream, known_format="warc", check_digests=True)
    except (ArchiveLoadFailed, ValueError, EOFError):
        raise AnswerUnreadable("the record cannot be read") from None


class _Arriving(io.RawIOBase):
    """Bytes that arrive in pieces, as a file that is read once."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        """Say that it is read."""
        return True

    def readinto(self, into: bytearray | memoryview) -> int:  # type: ignore[override] # any buffer
        """Put the next bytes into *into*, and say how many."""
        self._rest = self._rest or next(self._pieces, b"")
        told = self._rest[: len(into)]
        into[: len(told)] = told
        self._rest = self._rest[len(told) :]
        return len(told)
