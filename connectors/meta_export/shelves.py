"""Which files of a Meta export hold what, and how each is cut into elements.

Folders change from year to year, and people pack an export again inside a folder of their own: a
file is known by the end of its path alone. Addresses of media count from some folder above the
files that name them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from archiver.records.errors import AnswerUnreadable, DepositRefused
from connectors.cutting import json_stream
from connectors.deposits import Deposit, Element, Volume, refuse_several, volumes_in

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ARRAY = re.compile(rb"\s*\[")
_ONE_ITEM = re.compile(rb'\s*\{\s*"(?:timestamp|data|attachments|title)"\s*:')
ITEMLESS = re.compile(
    r"(?:.*/)?(?:your_)?(?:likes_and_reactions|liked_\w+|comment_active_days|story_sticker_\w+|"
    r"personal_information|profile_information|reactions?)(?:_\d+)?\.json"
)
"""Files in which nobody says anything."""

_PAGE = re.compile(r"(?:.*/)?(?:posts?/|posts?_|start_here|index).*\.html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One sort of file. *files* matches its whole path; its first group is the file's number.

    *members* are the keys under one of which it may hold its items, where it is no array, and
    *beside* those of lists that hold none.
    *essential* says that an export with such a file is one of this platform; *alike* that several
    folders of one export hold files of this sort under one name.
    """

    name: str
    files: re.Pattern[str]
    members: tuple[str, ...] = ()
    beside: frozenset[str] = frozenset()
    essential: bool = True
    alike: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The files of one export: what is read, what likely holds more, where media may lie."""

    shelves: tuple[Shelf, ...]
    volumes: tuple[Volume, ...]
    unread: tuple[str, ...]
    roots: tuple[str, ...]

    def elements(self, deposit: Deposit, volume: Volume) -> Iterator[Element]:
        """Give every element of *volume*, with its bytes.

        Raises:
            AnswerUnreadable: it is no such file; or, after its elements, it has other lists.
        """
        pieces = deposit.open(volume.name)
        head = next(pieces, b"")
        bare = head.removeprefix(_BYTE_ORDER_MARK)
        if _ONE_ITEM.match(bare):
            yield from json_stream(chain([b"[", bare], pieces, [b"]"]))
            return
        shelf, passed = self.shelves[volume.place], list[str]()
        member = _member(shelf.members, bare)
        yield from json_stream(chain([head], pieces), member=member, passed=passed)
        if wanting := [name for name in passed if name not in shelf.beside]:
            raise AnswerUnreadable(f"it also has lists that are not read: {', '.join(wanting)}")

    def places(self, address: str) -> Iterator[str]:
        """Give the names under which the file at *address* may lie in the export."""
        spelled = (address, address.encode("utf-8", "surrogatepass").decode("latin-1"))
        return (root + name for name in spelled for root in self.roots)


def layout_of(
    deposit: Deposit, shelves: tuple[Shelf, ...], *, unread: re.Pattern[str], refusal: str
) -> Layout:
    """Find out what of *deposit* is to be read. *unread* matches the names of what else there is.

    Meta renames its files from year to year: any other JSON beside those that make it an export is
    taken to hold more, unless it is one of those in which nobody says anything. Whatever else is
    not read is told of too, after these.

    Raises:
        DepositRefused: it holds none of what makes it an export (*refusal* says what that is), or
            more than one export.
    """
    names = deposit.names()
    volumes = volumes_in(names, {f"{n}": shelf.files for n, shelf in enumerate(shelves)})
    if not any(shelves[volume.place].essential for volume in volumes):
        raise _nothing_in(deposit, refusal)
    for alike in (False, True):
        some = [v.name for v in volumes if shelves[v.place].alike is alike]
        refuse_several(deposit, some, alike=alike)
    return Layout(
        shelves=shelves,
        volumes=tuple(volumes),
        unread=tuple(_unread(names, shelves, volumes, unread)),
        roots=_roots(names, volumes),
    )


def _unread(
    names: list[str],
    shelves: tuple[Shelf, ...],
    volumes: list[Volume],
    known: re.Pattern[str],
) -> Iterator[str]:
    """Give the files that likely hold more and are not read: those *known*, any beside what is."""
    read = {volume.name for volume in volumes}
    folders = {v.name.rpartition("/")[0] for v in volumes if shelves[v.place].essential}
    for name in names:
        folder, _, base = name.rpartition("/")
        beside = folder in folders and base.endswith(".json") and not ITEMLESS.fullmatch(base)
        if name not in read and (beside or known.fullmatch(base)):
            yield name


def _member(members: tuple[str, ...], head: bytes) -> str | None:
    """Give under which key a file that begins with *head* holds its items; None for an array."""
    if _ARRAY.match(head) or not members:
        return None
    places = {head.find(b'"%s"' % name.encode()): name for name in members}
    found = [place for place in places if place >= 0]
    return places[min(found)] if found else members[0]


def _nothing_in(deposit: Deposit, refusal: str) -> DepositRefused:
    if any(_PAGE.fullmatch(name) for name in deposit.names()):
        return DepositRefused(
            f"{deposit.name} is an export as HTML, which leaves out what an archive needs",
            remedy="Ask for the export again, with JSON as its format.",
        )
    return DepositRefused(
        f"{deposit.name} holds {refusal}",
        remedy="Download the export again, as JSON, and import the file as Meta made it.",
    )


def _roots(names: list[str], volumes: list[Volume]) -> tuple[str, ...]:
    """Give the folders from which the address of a media file may count, the likeliest first."""
    roots = {""}
    for volume in volumes:
        folders = volume.name.split("/")[:-1]
        roots.update("/".join(folders[:depth]) + "/" for depth in range(1, len(folders) + 1))
    roots.update(name.split("/", 1)[0] + "/" for name in names if "/" in name)
    return tuple(sorted(roots, key=lambda root: (root.count("/"), root)))
