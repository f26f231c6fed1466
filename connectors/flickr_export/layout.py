"""Which files of an export hold what; whose it is, and which file is of which photo.

72157722185468047_06fe76_part1.zip    photo_51234567890.json, one for each photo; albums.json,
                                      photos_comments_part001.json, account_profile.json, ...
data-download-1.zip, ...              road-closed_51234567890_o.jpg: the files, by the photo's id
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from archiver.records.captures import Gap, GapReason
from archiver.records.errors import ConnectorError, DepositRefused
from archiver.records.items import Author
from connectors.cutting import json_walk, visible_text
from connectors.deposits import (
    Deposit,
    Element,
    Volume,
    ending,
    listing,
    refuse_several,
    volumes_in,
)

SITE = "https://www.flickr.com"
PROFILE, PHOTOS, ALBUMS = "profile", "photos", "albums"
COMMENTS, ALBUM_COMMENTS, DISCUSSIONS = "comments", "album comments", "discussions"
RECEIVED, SENT = "mail received", "mail sent"

_NAMES = {
    PROFILE: "account_profile()",
    PHOTOS: r"photo_(\d{1,18})",
    ALBUMS: "albums()",
    COMMENTS: r"photos_comments_part(\d{1,6})",
    ALBUM_COMMENTS: r"(?:sets|galleries)_comments_part(\d{1,6})",
    DISCUSSIONS: "group_discussions()",
    RECEIVED: r"received_flickrmail_part(\d{1,6})",
    SENT: r"sent_flickrmail_part(\d{1,6})",
}
_FILES = {sort: re.compile(rf"(?:.*/)?{name}\.json") for sort, name in _NAMES.items()}
_MEDIA = re.compile(
    r"(?:.*/)?([^/]+\.(?:jpe?g|png|gif|webp|tiff?|heic|mp4|mov|avi|wmv|3gp|m4v|mpe?g|mts|ogv))",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{5,18}")
_WORDS = ("nsid", "real_name", "screen_name", "profile_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """The files of one export. *media* gives the files of each photo, by the photo's id.

    *consulted* are those that *lacking* names.
    """

    volumes: tuple[Volume, ...]
    author: Author | None
    media: Mapping[str, Sequence[str]]
    entries: Mapping[str, str]
    lacking: tuple[Gap, ...]
    consulted: tuple[str, ...]

    def places(self, address: str) -> Iterator[str]:
        """Give where the file at *address* lies in the export, if it holds it."""
        if entry := self.entries.get(address):
            yield entry


def export_in(deposit: Deposit) -> Export:
    """Find out what of *deposit* is to be read.

    Raises:
        DepositRefused: it is no export of an account on Flickr, or more than one.
    """
    names = deposit.names()
    volumes = volumes_in(names, _FILES)
    if not any(volume.sort in {PHOTOS, ALBUMS, COMMENTS} for volume in volumes):
        raise DepositRefused(
            f"{deposit.name} holds no data of an account on Flickr, such as photo_1234.json",
            remedy="Put the zip file of the account's data (its name ends in part1.zip) and those "
            "of the photos into one folder, and import the folder.",
        )
    refuse_several(deposit, [volume.name for volume in volumes])
    entries = {found[1]: name for name in names if (found := _MEDIA.fullmatch(name))}
    known = {str(volume.number) for volume in volumes if volume.sort == PHOTOS}
    media: dict[str, list[str]] = {}
    unknown: list[str] = []
    for address in sorted(entries):
        if photo := _photo_of(address, known):
            media.setdefault(photo, []).append(address)
        else:
            unknown.append(entries[address])
    return Export(
        volumes=tuple(volumes),
        author=_author(deposit, ending(names, "account_profile.json")),
        media=media,
        entries=entries,
        lacking=tuple(_unnamed(unknown)),
        consulted=tuple(unknown),
    )


def entries_in(deposit: Deposit, name: str) -> Iterator[Element]:
    """Give every entry of the list in the file called *name*, with or without an object around it.

    Raises:
        AnswerUnreadable: it is no JSON, or breaks off.
    """
    for _, value, raw in json_walk(deposit.open(name), lambda _: False):
        yield value, raw


def _unnamed(files: Sequence[str]) -> Iterator[Gap]:
    if files:
        what = listing(files, "of photos and films")
        detail = "their names do not tell of which photo they are"
        yield Gap(what=what, why=GapReason.OUT_OF_REACH, detail=detail)


def _photo_of(address: str, known: set[str]) -> str:
    """Give the id of the photo whose file *address* is: the only one that stands in its name."""
    found = {number for number in _NUMBER.findall(address) if number in known}
    return found.pop() if len(found) == 1 else ""


def _author(deposit: Deposit, name: str) -> Author | None:
    """Give the account, where the export tells whose it is."""
    told = dict.fromkeys(_WORDS, "")
    try:
        for keys, value, _ in json_walk(deposit.open(name), _is_word) if name else ():
            if isinstance(value, str):
                told[keys[0]] = value
    except ConnectorError:
        return None
    shown = visible_text(told["real_name"]) or told["screen_name"]
    known = told["nsid"] or told["screen_name"]
    author = Author(told["nsid"], shown, told["screen_name"], told["profile_url"])
    return author if known else None


def _is_word(keys: Sequence[str]) -> bool:
    return len(keys) == 1 and keys[0] in _WORDS
