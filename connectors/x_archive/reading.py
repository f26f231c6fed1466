"""How X writes its archive: JSON assigned to a name, numbers as text, files beside their posts.

    window.YTD.tweets.part0 = [ {"tweet": {"id_str": "17…", "favorite_count": "2", …}}, … ]

A file is cut after the sign of assignment and read as JSON; nothing of it is ever run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain

from archiver.records.errors import AnswerUnreadable, ConnectorError
from archiver.records.items import Attachment
from connectors.cutting import count_of, json_stream, moment_of
from connectors.deposits import Deposit, Element, file_named

_ASSIGNED = re.compile(rb"(?:\xef\xbb\xbf)?\s*window\.[A-Za-z0-9_.]+\s*=")
_END = b"; \t\r\n"
_LONGEST_END = 64
_LARGEST_SMALL_FILE = 4 * 1024**2
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_MOMENT = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{1,2}) (\d\d):(\d\d):(\d\d) \+0000 (\d{4})")
_MEDIA = re.compile(r"(?:.*/)?(\w+_media/(?:(\d+)-)?([^/]+))")
_FIRST_ID_SINCE = 1_288_834_974_657
_NUMBER = re.compile(r"[0-9]{1,16}")
_NUMBER_OF_ID = re.compile(r"[1-9][0-9]{16,18}")


def elements(deposit: Deposit, name: str) -> Iterator[Element]:
    """Give every element of the list that the file called *name* assigns, with its bytes.

    Raises:
        AnswerUnreadable: it assigns nothing, or no list.
    """
    return json_stream(_assigned(deposit.open(name)))


def declared(deposit: Deposit, name: str) -> object:
    """Give what the small file called *name* assigns; nothing where it cannot be read."""
    if not name or deposit.size(name) > _LARGEST_SMALL_FILE:
        return None
    try:
        return json.loads(b"".join(_assigned(deposit.open(name))))
    except (ValueError, RecursionError, ConnectorError):
        return None


def _assigned(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Give what stands after the sign of assignment, without a semicolon at the end."""
    head = next(pieces, b"")
    found = _ASSIGNED.match(head)
    if found is None:
        raise AnswerUnreadable("it does not begin as the files of an archive of X do")
    held = b""
    for piece in chain([head[found.end() :]], pieces):
        whole = held + piece
        body = whole.rstrip(_END)
        if len(whole) - len(body) > _LONGEST_END:
            body = whole
        held = whole[len(body) :]
        yield body


def moment(value: object) -> datetime:
    """Give the moment *value*, as a post is dated (`Wed Oct 10 20:19:24 +0000 2018`), or ISO 8601.

    Raises:
        AnswerUnreadable: it is neither.
    """
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[1] not in _MONTHS:
        return moment_of(value)
    month = _MONTHS.index(found[1]) + 1
    day, hour, minute, second, year = map(int, found.groups()[1:])
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise AnswerUnreadable("its date is none") from None


def moment_of_id(native_id: str) -> datetime | None:
    """Give the second in which an id was given out; ids of 2010 and before say nothing of it."""
    if not _NUMBER_OF_ID.fullmatch(native_id):
        return None
    thousandths = (int(native_id) >> 22) + _FIRST_ID_SINCE
    return datetime.fromtimestamp(thousandths // 1000, tz=UTC)


def number(value: object) -> int | None:
    """Give the count *value*, which X writes as text."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return count_of(int(value))
    return count_of(value)


class Files:
    """The files that an archive holds beside its posts and messages, by the id they belong to.

    Their addresses are folder and name alone (`tweets_media/17…-road.jpg`), wherever it is packed.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._entries: dict[str, str] = {}
        self._of: dict[str, dict[str, str]] = {}
        for name in names:
            if found := _MEDIA.fullmatch(name):
                self._entries[found[1]] = name
                self._of.setdefault(found[2] or "", {})[found[3]] = found[1]

    def places(self, address: str) -> Iterator[str]:
        """Give where the file at *address* lies in the archive, if it holds it."""
        if entry := self._entries.get(address):
            yield entry

    def attached(
        self, native_id: str, told: Sequence[tuple[Attachment, Sequence[str]]], *, others: bool
    ) -> tuple[Attachment, ...]:
        """Give the files of *native_id*: those it is *told* to have, and what else lies there.

        Each file told of comes with the names it may have. *others* says that one of which the
        archive holds nothing is wanted too: it is then known that it is not there.
        """
        here = dict(self._of.get(native_id, {})) if native_id else {}
        found: list[Attachment] = []
        for file, names in told:
            name = next((name for name in names if name in here), None)
            if name is not None:
                address = here.pop(name)
                found.append(file_named(address, key=file.key, description=file.description))
            elif others:
                found.append(file)
        return (*found, *(file_named(address) for _, address in sorted(here.items())))

    def pictures(self) -> Sequence[str]:
        """Give the addresses of the profile's own pictures."""
        return [address for address in self._entries if address.startswith("profile_media/")]
