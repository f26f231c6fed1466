"""Comparing what the catalogue says of an item with the object that holds it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import cast

from archiver.catalogue.bylines import byline_seal
from archiver.catalogue.contents import ILLEGIBLE, from_body, version_seal
from archiver.catalogue.inspection import Expected, KeptVersion
from archiver.catalogue.kept_files import file_seal
from archiver.records.canonical import Json, mended, read_object
from archiver.records.identity import ArchiveKey
from archiver.records.moments import from_text, micros

_SAME_NAME = ("native_id", "kind", "title", "text", "parent", "thread", "permalink")
_AUTHOR = ("native_id", "name", "handle", "url")
_ATTACHMENT = ("key", "url", "media_type", "name", "description")

_Object = Mapping[str, Json]


def differences(key: ArchiveKey, row: Expected, objects: Mapping[str, bytes]) -> Iterator[str]:
    """Say what of *row* does not follow from its objects; *objects* are those read, by digest."""
    told: list[tuple[_Object, _Object]] = []
    for version in row.versions:
        data = objects.get(version.digest)
        if data is None:
            continue
        value = read_object(data)
        if version.body is None:
            yield f"the text of version {version.number} is gone from the catalogue"
            continue
        body = _read(version.body)
        if body is None:
            yield f"the text of version {version.number} cannot be read"
            continue
        told.append((value, body))
        wrong = list(_of_version(key, row, version, value, body))
        yield from wrong
        if not wrong and _true_seal(key, row, version, value, body) != version.seal:
            yield f"the row of version {version.number} is not as it was sealed"
    if len(told) == len(row.versions):
        yield from _of_row(key, row, told)
    yield from _broken_seals(key, row)


def _broken_seals(key: ArchiveKey, row: Expected) -> Iterator[str]:
    """Say which rows of its bylines and files are not as they were sealed."""
    for number, byline in row.bylines.items():
        if byline_seal(key, row.row.item, number, byline) != byline.seal:
            yield "one of its bylines is not as it was sealed"
    for file, seal in row.files:
        if file_seal(key, file) != seal:
            yield f"the row of its file {file[1]} is not as it was sealed"


def _read(text: str) -> _Object | None:
    """Give the body *text* as it is compared; None where it is none, or not even text."""
    if not isinstance(text, str):
        return None
    try:
        from_body(text)
    except ILLEGIBLE:
        return None
    return cast("_Object", json.loads(text))


def _true_seal(
    key: ArchiveKey, row: Expected, version: KeptVersion, value: _Object, body: _Object
) -> str:
    columns = (version.number, version.fingerprint, version.digest, version.size)
    shows = (value["kind"], body["published"], _author(key, value, body))
    told = (row.row.item, *columns, version.captured_at, *shows)
    return version_seal(key, told, version.body or "")


def _of_version(
    key: ArchiveKey, row: Expected, version: KeptVersion, value: _Object, body: _Object
) -> Iterator[str]:
    """The salt follows from item and fingerprint: it proves both without cutting text again."""
    if value["salt"] != key.salt(row.row.item, version.fingerprint):
        yield f"the fingerprint of version {version.number} is not that of its object"
    if version.number == row.row.version and version.fingerprint != row.row.fingerprint:
        yield "its fingerprint is not that of the version that shows"
    wrong = list(_body_differs(body, value))
    if wrong:
        yield f"the catalogue's {', '.join(wrong)} of version {version.number} differ"


def _body_differs(body: _Object, value: _Object) -> Iterator[str]:
    for name in _SAME_NAME:
        if not _same(body[name], value[name]):
            yield name
    if body["published"] != _micros(value["published_at"]):
        yield "published_at"
    if body["edited"] != _micros(value["edited_at"]):
        yield "edited_at"
    if not _same_all(body["author"], _in_order(value["author"], _AUTHOR)):
        yield "author"
    if not _same_all(body["links"], value["links"]):
        yield "links"
    kept = cast("list[Json]", value["attachments"])
    if not _same_all(body["attachments"], [_in_order(a, _ATTACHMENT) for a in kept]):
        yield "attachments"


def _same(ours: Json, theirs: Json) -> bool:
    """Compare texts; the object has unpaired surrogates replaced, the catalogue has them."""
    return ours == theirs or (isinstance(ours, str) and mended(ours)[0] == theirs)


def _same_all(ours: Json, theirs: Json) -> bool:
    if ours == theirs:
        return True
    if not isinstance(ours, list) or not isinstance(theirs, list) or len(ours) != len(theirs):
        return _same(ours, theirs)
    return all(_same_all(mine, other) for mine, other in zip(ours, theirs, strict=True))


def _in_order(value: Json, names: tuple[str, ...]) -> list[Json]:
    return [value[name] for name in names] if isinstance(value, dict) else []


def _micros(text: Json) -> int | None:
    return micros(from_text(str(text))) if text else None


def _of_row(key: ArchiveKey, row: Expected, told: list[tuple[_Object, _Object]]) -> Iterator[str]:
    """The row's own columns are those of some version: the one that showed when it was entered."""
    if row.row.kind not in [value["kind"] for value, _ in told]:
        yield "its kind is that of no version"
    if row.row.published_at not in [body["published"] for _, body in told]:
        yield "its moment of publication is that of no version"
    if row.row.author not in [_author(key, value, body) for value, body in told]:
        yield "its author is that of no version"
    mine = (row.row.published_at, row.row.author)
    shows = {
        version.number: (body["published"], _author(key, value, body))
        for version, (value, body) in zip(row.versions, told, strict=True)
    }
    bylines = {n: (one.published, one.author) for n, one in row.bylines.items() if not one.paper}
    if bylines != {number: told for number, told in shows.items() if told != mine}:
        yield "its bylines are not those of its versions"


def _author(key: ArchiveKey, value: _Object, body: _Object) -> str:
    author = body["author"]
    if not isinstance(author, list) or not author:
        return ""
    native_id, name, handle, _ = author
    known_as = str(native_id or handle or name)
    return _author_id(key, str(value["platform"]), known_as) if known_as else ""


@lru_cache(maxsize=4096)
def _author_id(key: ArchiveKey, platform: str, known_as: str) -> str:
    """Give the opaque id of an author; a page has far fewer authors than items."""
    return key.author(platform, known_as)
