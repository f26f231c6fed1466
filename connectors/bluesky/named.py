"""What a record names: addresses and keys, links, and files on their authors' servers: pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment
from connectors.bluesky.repository import link_of, spelled
from connectors.cutting import text_of

SITE = "https://bsky.app/profile"
POSTS = "app.bsky.feed.post"
BLOBS = "com.atproto.sync.getBlob"

_URI = re.compile(r"at://(did:[a-z]+:[A-Za-z0-9._:%-]+)/([a-zA-Z0-9.-]+)/([A-Za-z0-9._:~-]+)")
_TID = re.compile(r"[2-7a-j][2-7a-z]{12}")
_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"


def parts_of(uri: str) -> tuple[str, str, str]:
    """Give account, collection and key of the record at *uri*.

    Raises:
        AnswerUnreadable: it is no address of a record.
    """
    found = _URI.fullmatch(uri)
    if found is None:
        raise AnswerUnreadable("an address names no record")
    return found[1], found[2], found[3]


def page_of(uri: str) -> str:
    """Give where a reader finds the post at *uri*, and *uri* itself for any other record."""
    found = _URI.fullmatch(uri)
    return f"{SITE}/{found[1]}/post/{found[3]}" if found and found[2] == POSTS else uri


def tid_moment(tid: str) -> datetime | None:
    """Give the moment that a record's key, or the state of a repository, is made of."""
    if not _TID.fullmatch(tid):
        return None
    number = 0
    for letter in tid:
        number = number * 32 + _LETTERS.index(letter)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=number >> 10)


def facets(value: object) -> Iterator[str]:
    """Give the links that are marked in a post's text."""
    for facet in value if isinstance(value, list) else ():
        features = facet.get("features") if isinstance(facet, dict) else None
        for feature in features if isinstance(features, list) else ():
            if isinstance(feature, dict) and (link := text_of(feature, "uri", absent="")):
                yield link


def embedded(value: object, did: str) -> tuple[list[Attachment], list[str]]:
    """Give the files that a post embeds, and what it links to by a card or a quotation."""
    files: list[Attachment] = []
    links: list[str] = []
    embed = value if isinstance(value, dict) else {}
    if isinstance(media := embed.get("media"), dict):
        files, links = embedded(media, did)
    told = embed.get("images") or embed.get("items")
    for image in told if isinstance(told, list) else ():
        if isinstance(image, dict):
            described = text_of(image, "alt", absent="")
            files += _files(image.get("image"), did, "image", described)
    files += _files(embed.get("video"), did, "video", text_of(embed, "alt", absent=""))
    captions = embed.get("captions")
    for caption in captions if isinstance(captions, list) else ():
        if isinstance(caption, dict):
            files += _files(caption.get("file"), did, "captions")
    if isinstance(card := embed.get("external"), dict):
        links.append(text_of(card, "uri", absent=""))
        files += _files(card.get("thumb"), did, "card", text_of(card, "title", absent=""))
    if isinstance(record := embed.get("record"), dict):
        within = record.get("record")
        links.append(
            page_of(text_of(within if isinstance(within, dict) else record, "uri", absent=""))
        )
    return files, [link for link in links if link]


def _files(value: object, did: str, name: str, described: str = "") -> list[Attachment]:
    file = file_of(value, did, name, described)
    return [file] if file is not None else []


def file_of(value: object, did: str, name: str, described: str = "") -> Attachment | None:
    """Give the file that the blob *value* names, to be had from its author's own server."""
    if not isinstance(value, dict):
        return None
    reference = value.get("ref", value.get("cid"))
    told = reference.get("$link") if isinstance(reference, dict) else reference
    try:
        cid = spelled(link_of(told))
    except AnswerUnreadable:
        return None
    return Attachment(
        key=cid,
        url=f"at://{did}/{BLOBS}/{cid}",
        media_type=text_of(value, "mimeType", absent=""),
        name=name,
        description=described,
    )
