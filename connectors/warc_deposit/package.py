"""Which files of a deposit are WARC, and what a WACZ says of its own files and pages.

datapackage.json                 every file of the WACZ with its SHA-256
datapackage-digest.json          the digest of datapackage.json itself, maybe signed
archive/data.warc.gz, indexes/…  the WARC files, and indexes that are never read
pages/pages.jsonl                the pages it was made for, one JSON object to a line
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from archiver.records.captures import Gap, GapReason
from archiver.records.errors import AnswerUnreadable, ConnectorError, DepositRefused
from connectors.cutting import LARGEST_ELEMENT, byte_lines, object_of
from connectors.deposits import Deposit, ending, entries, refuse_several

_WARC = re.compile(r".*\.warc(?:\.gz)?", re.IGNORECASE)
_UNREAD = re.compile(r".*\.(?:arc(?:\.gz)?|wacz|mhtml?|maff|webarchive)", re.IGNORECASE)
INDEXES = re.compile(r"(?:.*/)?indexes/[^/]+\.(?:cdxj?|idx)(?:\.gz)?", re.IGNORECASE)
"""Where in the WARC files each address stands: made from them, and never read."""

_PAGES = re.compile(r"(?:.*/)?pages/[^/]+\.jsonl", re.IGNORECASE)
_PACKAGE, _SEAL = "datapackage.json", "datapackage-digest.json"
_DIGEST = re.compile(r"sha-?256:([0-9a-f]{64})", re.IGNORECASE)
_LARGEST_PACKED = 64 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The files of a deposit that are read. *proofs* gives the digest of each that is listed.

    *lists* are those in which a WACZ lists its files.
    """

    warcs: tuple[str, ...]
    pages: tuple[str, ...]
    lists: tuple[str, ...]
    unread: tuple[str, ...]
    proofs: Mapping[str, str]
    lacking: tuple[Gap, ...]


def package_in(deposit: Deposit) -> Package:
    """Find out what of *deposit* is to be read.

    Raises:
        DepositRefused: it holds no WARC file, is more than one WACZ, or is packed so that no
            file in it could be found again.
    """
    names = deposit.names()
    warcs = [name for name in names if _WARC.fullmatch(name)]
    if not warcs:
        raise DepositRefused(
            f"{deposit.name} holds no WARC file (.warc or .warc.gz)",
            remedy="Import a WARC file, a folder or zip file of them, or one WACZ file.",
        )
    pages = [name for name in names if _PAGES.fullmatch(name)]
    packages = [name for name in names if name.rpartition("/")[2] in {_PACKAGE, _SEAL}]
    refuse_several(deposit, packages)
    refuse_several(deposit, [*warcs, *pages], alike=True)
    for name in warcs:
        if deposit.size(name) > _LARGEST_PACKED and not deposit.in_any_order(name):
            raise DepositRefused(
                f"{name} is compressed once more by the zip file around it",
                remedy="Unpack the zip file into a folder, and import the folder.",
            )
    listed = _Listed(deposit, ending(names, _PACKAGE))
    return Package(
        warcs=tuple(warcs),
        pages=tuple(pages),
        lists=tuple(packages),
        unread=tuple(name for name in names if _UNREAD.fullmatch(name)),
        proofs=listed.proofs,
        lacking=tuple(listed.faults),
    )


def pages_in(deposit: Deposit, name: str, proof: str) -> Iterator[str]:
    """Give the address of every page that the list called *name* names.

    Raises:
        AnswerUnreadable: a line is none, or the list is not the one whose digest is *proof*.
        DepositRefused: it is damaged.
    """
    pieces = proven(deposit.open(name), proof)
    for number, line in enumerate(byte_lines(pieces), start=1):
        if line.strip():
            page = object_of(_json(line, f"line {number}"), f"line {number}")
            if isinstance(url := page.get("url"), str):
                yield url


def proven(pieces: Iterator[bytes], proof: str) -> Iterator[bytes]:
    """Give *pieces* on, and hold the whole against the SHA-256 *proof*, where there is one.

    Raises:
        AnswerUnreadable: after the last piece, it is another.
    """
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        yield piece
    if proof and digest.hexdigest() != proof:
        raise AnswerUnreadable("the file is not the one whose digest the WACZ lists")


class _Listed:
    """What a WACZ lists: the digest of each file, by its name in the deposit, and what is wrong."""

    def __init__(self, deposit: Deposit, package: str) -> None:
        self._deposit = deposit
        self.proofs: dict[str, str] = {}
        self.faults: list[Gap] = []
        if not package:
            return
        try:
            self._read(package)
        except ConnectorError as error:
            self.faults.append(_unreadable(package, str(error)))

    def _read(self, package: str) -> None:
        raw = _whole(self._deposit, package)
        root = package.removesuffix(_PACKAGE)
        if root + _SEAL in self._deposit:
            told = object_of(_json(_whole(self._deposit, root + _SEAL), _SEAL), _SEAL)
            found = _DIGEST.fullmatch(str(told.get("hash")))
            if not found or found[1].lower() != hashlib.sha256(raw).hexdigest():
                detail = f"it is not the file whose digest {_SEAL} gives"
                self.faults.append(_unreadable(package, detail))
        for entry in entries(object_of(_json(raw, "the list of files"), _PACKAGE).get("resources")):
            self._take(root, entry)

    def _take(self, root: str, entry: Mapping[str, object]) -> None:
        path = entry.get("path")
        if not isinstance(path, str):
            return
        name = root + path
        found = _DIGEST.fullmatch(str(entry.get("hash")))
        if name not in self._deposit:
            detail = "the WACZ lists this file, and does not hold it"
            self.faults.append(Gap(what=name[:200], why=GapReason.GONE, detail=detail))
        elif found:
            self.proofs[name] = found[1].lower()
        else:
            self.faults.append(_unreadable(name, "the WACZ gives no SHA-256 of it"))


def _whole(deposit: Deposit, name: str) -> bytes:
    if deposit.size(name) > LARGEST_ELEMENT:
        raise AnswerUnreadable("it is larger than any list of files")
    return b"".join(deposit.open(name))


def _json(raw: bytes, what: str) -> object:
    try:
        value: object = json.loads(raw)
    except (ValueError, RecursionError):
        raise AnswerUnreadable(f"{what} is not JSON") from None
    return value


def _unreadable(what: str, detail: str) -> Gap:
    return Gap(what=what, why=GapReason.UNREADABLE, detail=detail)
