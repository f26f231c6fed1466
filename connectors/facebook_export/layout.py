"""Which files of an export hold what, in every layout Facebook has used.

    posts/your_posts_1.json                                                          until 2023
    your_facebook_activity/posts/your_posts__check_ins__photos_and_videos_1.json     from 2024
    this_profile's_activity_across_facebook/posts/profile_posts_1.json               pages, 2025

Folders change, and people pack an export again inside a folder of their own: a file is known by
its name alone. Addresses of media count from the folder that holds `posts` or what stands above.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import IntEnum

from archiver.records.errors import DepositRefused
from connectors.deposits import Deposit


class Shelf(IntEnum):
    """What a file holds; in the order in which they are read."""

    POSTS = 0
    COMMENTS = 1
    MEDIA = 2


_FILES = {
    Shelf.POSTS: re.compile(
        r"(?:your_posts|your_posts__check_ins__photos_and_videos|profile_posts)(?:_(\d+))?\.json"
    ),
    Shelf.COMMENTS: re.compile(r"(?:your_)?comments(?:_(\d+))?\.json"),
    Shelf.MEDIA: re.compile(
        r"(?:your_)?(?:videos|uncategorized_photos|unanchored)(?:_(\d+))?\.json"
    ),
}
_MEMBERS = {
    Shelf.POSTS: ("posts_v2", "posts", "status_updates"),
    Shelf.COMMENTS: ("comments_v2", "comments"),
    Shelf.MEDIA: ("videos_v2", "videos", "other_photos_v2", "photos"),
}
_ALBUM = re.compile(r"(?:.*/)?album/(\d+)\.json")
_UNREAD = re.compile(
    r"(?:archive|trash|(?:your_)?reels|archived_stories|stories|"
    r"posts_on_other_pages_and_profiles|group_posts_and_comments|"
    r"your_posts_in_groups|your_comments_in_groups)(?:_\d+)?\.json"
)
_PAGE = re.compile(r"/posts?/|/posts?_|^posts?/|start_here\.html$|index\.html$")
_ONE_ITEM = re.compile(rb'\s*\{\s*"(?:timestamp|data|attachments|title)"\s*:')
_ARRAY = re.compile(rb"\s*\[")


@dataclass(frozen=True, slots=True, order=True)
class Volume:
    """One file of an export that is read; they are read in this order, whatever the parts'."""

    shelf: Shelf
    number: int
    name: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of one export: what is read, what holds more but is not, where media may lie."""

    volumes: tuple[Volume, ...]
    unread: tuple[str, ...]
    profile: str
    roots: tuple[str, ...]


def layout_of(deposit: Deposit) -> Layout:
    """Find out what of *deposit* is to be read.

    Raises:
        DepositRefused: it holds no posts or comments as JSON, or more than one export.
    """
    names = deposit.names()
    volumes = sorted(volume for name in names if (volume := _volume(name)) is not None)
    if not any(volume.shelf is not Shelf.MEDIA for volume in volumes):
        raise _nothing_in(names, deposit.name)
    _one_export(volumes, deposit)
    return Layout(
        volumes=tuple(volumes),
        unread=tuple(name for name in names if _UNREAD.fullmatch(_base(name))),
        profile=next((n for n in names if _base(n) == "profile_information.json"), ""),
        roots=_roots(names, volumes),
    )


def member(shelf: Shelf, head: bytes) -> str | None:
    """Give under which key a file that begins with *head* holds its items; None for an array."""
    if _ARRAY.match(head.removeprefix(b"\xef\xbb\xbf")):
        return None
    places = {head.find(b'"%s"' % name.encode()): name for name in _MEMBERS[shelf]}
    found = [place for place in places if place >= 0]
    return places[min(found)] if found else _MEMBERS[shelf][0]


def is_one_item(head: bytes) -> bool:
    """Say whether a file that begins with *head* is one item alone, without an array around it."""
    return _ONE_ITEM.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def _volume(name: str) -> Volume | None:
    if album := _ALBUM.fullmatch(name):
        return Volume(Shelf.MEDIA, int(album[1]), name)
    for shelf, pattern in _FILES.items():
        if found := pattern.fullmatch(_base(name)):
            return Volume(shelf, int(found[1] or 0), name)
    return None


def _one_export(volumes: list[Volume], deposit: Deposit) -> None:
    """Refuse what is more than one export: its items would be counted twice, under other ids."""
    counted = Counter(_base(v.name) for v in volumes if not _ALBUM.fullmatch(v.name))
    twice = sorted(name for name, times in counted.items() if times > 1)
    clashing = sorted(volume.name for volume in volumes if volume.name in deposit.clashing)
    if twice or clashing:
        raise DepositRefused(
            f"{deposit.name} holds more than once: {', '.join([*twice, *clashing])}",
            remedy="Import one export at a time, all parts of it together.",
        )


def _nothing_in(names: list[str], deposit: str) -> DepositRefused:
    if any(name.endswith(".html") and _PAGE.search(name) for name in names):
        return DepositRefused(
            f"{deposit} is an export as HTML, which leaves out what an archive needs",
            remedy="Ask Facebook for the export again, with JSON as its format.",
        )
    return DepositRefused(f"{deposit} holds neither posts nor comments of a Facebook export")


def _roots(names: list[str], volumes: list[Volume]) -> tuple[str, ...]:
    """Give the folders from which the address of a media file may count, the likeliest first."""
    roots = {""}
    for volume in volumes:
        folders = volume.name.split("/")[:-1]
        roots.update("/".join(folders[:depth]) + "/" for depth in range(1, len(folders) + 1))
    roots.update(name.split("/", 1)[0] + "/" for name in names if "/" in name)
    return tuple(sorted(roots, key=lambda root: (root.count("/"), root)))


def _base(name: str) -> str:
    return name.rpartition("/")[2]
