"""Which files of an export hold what, and which file is of which message or memory.

    mydata~1700000000000.zip, mydata~1700000000000-2.zip, ...

    json/chat_history.json, json/snap_history.json, json/memories_history.json, json/account.json
    chat_media/2023-11-14_b~EiQSFWFY.jpg           an id of a message, after its day
    memories/2023-11-14_6B4A0BA8-main.jpg          a memory, by its day; -overlay.png what was drawn
    shared_story/6b4a0ba8.mp4                      a story, of which nothing else is told

Days are those of UTC. The first part holds all JSON, the others files alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from archiver.records.captures import Gap, GapReason
from archiver.records.errors import ConnectorError, DepositRefused
from connectors.cutting import Keys, json_walk
from connectors.deposits import (
    Deposit,
    Element,
    Volume,
    ending,
    listing,
    refuse_several,
    volumes_in,
)

CHATS, SNAPS, MEMORIES = "chats", "snaps", "memories"

_FILES = {
    sort: re.compile(rf"(?:.*/)?{name}(?:_(\d+))?\.json")
    for sort, name in (
        (CHATS, "chat_history"), (SNAPS, "snap_history"), (MEMORIES, "memories_history"),
    )
}  # fmt: skip
_ONLY_HTML = re.compile(r"(?:.*/)?(?:chat_history|memories_history|snap_history)\.html")
_CHAT_FILE = re.compile(r"(?:.*/)?(chat_media/\d{4}-\d\d-\d\d_(b~[^/]+?)\.\w+)")
_MEMORY = re.compile(
    r"(?:.*/)?(memories/(\d{4}-\d\d-\d\d)_([0-9A-Za-z-]+?)-(main|overlay)\.(\w+))", re.IGNORECASE
)
_LOOSE = re.compile(r"(?:.*/)?(chat_media/\d{4}-\d\d-\d\d_media~|shared_story/)[^/]+\.\w+")
VIEWER = re.compile(
    r"(?:.*/)?(?:index|html/(?:account|chat_history|memories_history|snap_history))\.html"
)
"""The pages that show in a browser what the JSON that is read says."""

_FILMS = frozenset({"mp4", "mov", "m4v", "webm"})
_BASIC = "Basic Information"


@dataclass(frozen=True, slots=True)
class Saved:
    """The files of one memory: the picture or film itself, and what was drawn over it."""

    main: str
    overlay: str = ""


class Memories:
    """The memories whose files lie in an export, by their ids, and by day and sort."""

    def __init__(self, names: Sequence[str]) -> None:
        self._by_id: dict[str, Saved] = {}
        self._by_day: dict[tuple[str, bool], list[str]] = defaultdict(list)
        overlays: dict[str, str] = {}
        for name in names:
            if not (found := _MEMORY.fullmatch(name)):
                continue
            address, day, named, part, end = found.groups()
            if part.lower() == "overlay":
                overlays[named.lower()] = address
            else:
                self._by_id[named.lower()] = Saved(address)
                self._by_day[day, end.lower() in _FILMS].append(named.lower())
        for named, overlay in overlays.items():
            if named in self._by_id:
                self._by_id[named] = Saved(self._by_id[named].main, overlay)
        self.count = len(self._by_id)

    def files(self, named: str, day: str, *, film: bool, alone: bool) -> Saved | None:
        """Give the files of the memory *named*; or of the only one of its *day* and sort.

        *alone* says that the export tells of one memory of that day and sort.
        """
        if named.lower() in self._by_id:
            return self._by_id[named.lower()]
        that_day = self._by_day.get((day, film), [])
        return self._by_id[that_day[0]] if alone and len(that_day) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """The files of one export. *chat_files* gives the file of a message, by the file's id.

    *consulted* are those that tell of the others, and those that *lacking* names.
    """

    volumes: tuple[Volume, ...]
    account: str
    chat_files: Mapping[str, str]
    memories: Memories
    entries: Mapping[str, str]
    lacking: tuple[Gap, ...]
    consulted: tuple[str, ...]

    def places(self, address: str) -> Iterator[str]:
        """Give where the file at *address* lies in the export, if it holds it."""
        if entry := self.entries.get(address):
            yield entry


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of an export, and under which name it is listed."""

    value: object
    within: str


def export_in(deposit: Deposit) -> Export:
    """Find out what of *deposit* is to be read.

    Raises:
        DepositRefused: it is no export of an account on Snapchat with JSON, or more than one.
    """
    names = deposit.names()
    volumes = volumes_in(names, _FILES)
    if not volumes:
        pages = any(_ONLY_HTML.fullmatch(name) for name in names)
        raise DepositRefused(
            f"{deposit.name} holds neither chats nor memories of Snapchat as JSON",
            remedy="Ask Snapchat for the data once more, with `Export JSON files` switched on."
            if pages
            else "Put all mydata~ zip files of one export into a folder, and import the folder.",
        )
    refuse_several(deposit, [volume.name for volume in volumes])
    chats = {name: match for name in names if (match := _CHAT_FILE.fullmatch(name))}
    memories = {name: match for name in names if (match := _MEMORY.fullmatch(name))}
    account, loose = ending(names, "account.json"), [n for n in names if _LOOSE.fullmatch(n)]
    return Export(
        volumes=tuple(volumes),
        account=_account(deposit, account),
        chat_files={match[2]: match[1] for match in chats.values()},
        memories=Memories(names),
        entries={match[1]: name for name, match in (chats | memories).items()},
        lacking=tuple(_unnamed(loose)),
        consulted=(account, *loose),
    )


def entries_in(deposit: Deposit, name: str) -> Iterator[Element]:
    """Give every entry of the file called *name*.

    Raises:
        AnswerUnreadable: it is no JSON, or breaks off.
    """
    for keys, value, raw in json_walk(deposit.open(name), lambda _: False):
        yield Listed(value, keys[-1] if keys else ""), raw


def _unnamed(names: Sequence[str]) -> Iterator[Gap]:
    """Give a gap for each folder of files of which the export does not tell what they are."""
    lying: dict[str, list[str]] = defaultdict(list)
    for name in names:
        if found := _LOOSE.fullmatch(name):
            lying[found[1].partition("/")[0]].append(name)
    for folder, files in lying.items():
        detail = "the export does not tell to what they belong"
        what = listing(files, f"in {folder}")
        yield Gap(what=what, why=GapReason.OUT_OF_REACH, detail=detail)


def _account(deposit: Deposit, name: str) -> str:
    """Give the account's name, where the export tells it."""
    if not name:
        return ""
    try:
        for keys, value, _ in json_walk(deposit.open(name), _is_basic):
            if _is_basic(keys) and isinstance(value, dict):
                told = value.get("Username")
                return told if isinstance(told, str) else ""
    except ConnectorError:
        pass
    return ""


def _is_basic(keys: Keys) -> bool:
    return keys == (_BASIC,)
