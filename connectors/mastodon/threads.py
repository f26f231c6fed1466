"""The threads of an account's statuses: what its server gives above and below one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from archiver.records.captures import Gap, ThreadListed
from archiver.records.errors import AnswerUnreadable
from connectors.cutting import json_list, json_member
from connectors.fetching import Answer, unread
from connectors.mastodon.asking import FOUND, NOT_FOUND, Server
from connectors.mastodon.parsing import Status, name_of, read_status


@dataclass(slots=True, kw_only=True)
class Thread:
    """What the server gives of a thread, above and below the status that was asked for.

    *gone* says that the status itself is not visible any more.
    """

    gone: bool = False
    above: list[Status] = field(default_factory=list)
    below: dict[str, Status] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)

    def short(self, status: Status) -> list[Status]:
        """Give *status* and those below it that have more replies than were given."""
        answered = Counter(member.content.parent for member in self.below.values())
        members = {status.native_id: status} | self.below
        return [s for s in members.values() if s.replies > answered[s.native_id]]

    def listed(self, status: Status) -> Iterator[ThreadListed]:
        """Say how many direct replies to *status* the server counts, if it tells, and gave."""
        name, counted = status.native_id, status.engagement.get("replies")
        if counted is not None:
            given = sum(member.content.parent == name for member in self.below.values())
            yield ThreadListed(native_id=name, counted=counted, shown=given)


class Threads:
    """Asks for the threads around statuses of the account *owner*."""

    def __init__(self, server: Server, owner: str) -> None:
        self._server = server
        self._owner = owner

    def context(self, native_id: str) -> Thread:
        """Ask what stands above and below a status; nothing does where it is gone by now."""
        path = f"v1/statuses/{quote(native_id, safe='')}/context"
        answer = self._server.ask(path, accept=(FOUND, NOT_FOUND))
        if answer.status == NOT_FOUND:
            return Thread(gone=True)
        answer.json()
        above, gaps = read_elements(json_member(answer.body, "ancestors"), self._owner)
        below, more = read_elements(json_member(answer.body, "descendants"), self._owner)
        return Thread(above=above, below={s.native_id: s for s in below}, gaps=gaps + more)

    def root(self, status: Status, thread: Thread, *, whole: bool = False) -> str:
        """Give the id of the root of *thread*; where it is ours, take in all that is below it.

        With *whole* that is done whoever wrote it, and the root itself is among them. A server
        shows strangers a limited number of statuses above one, hence the climb.
        """
        top, above, climbed = status, thread.above, set[str]()
        while above and above[0].content.parent is not None and above[0].native_id not in climbed:
            top = above[0]
            climbed.add(top.native_id)
            above = self.context(top.native_id).above
        top = above[0] if above else top
        if top is not status and (whole or self._is_our_root(top)):
            all_of_it = self.context(top.native_id)
            found = {top.native_id: top} if whole else {}
            found |= all_of_it.below
            thread.below |= {key: s for key, s in found.items() if key not in thread.below}
            thread.gaps += all_of_it.gaps
        return top.content.parent or top.native_id

    def _is_our_root(self, top: Status) -> bool:
        author = top.content.author
        return top.content.parent is None and author is not None and author.native_id == self._owner

    def deepen(self, status: Status, thread: Thread) -> None:
        """Ask below each status that has more replies than were given, each once."""
        asked = {status.native_id}
        while waiting := [s for s in thread.short(status) if s.native_id not in asked]:
            for member in waiting:
                asked.add(member.native_id)
                for key, found in self.context(member.native_id).below.items():
                    thread.below.setdefault(key, found)


def elements_of(answer: Answer) -> list[tuple[object, bytes]]:
    """Give the elements of the list that *answer* holds, a login page being told by its name."""
    answer.json()
    return json_list(answer.body)


def read_elements(
    elements: list[tuple[object, bytes]], owner: str
) -> tuple[list[Status], list[Gap]]:
    """Read every status, and give a gap for each that is not as documented."""
    statuses, gaps = [], []
    for value, raw in elements:
        try:
            statuses.append(read_status(value, raw, owner=owner))
        except AnswerUnreadable as error:
            name = name_of(value)
            gaps.append(unread(f"status {name}" if name else "a status", error, name or None))
    return statuses, gaps
