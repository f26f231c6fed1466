"""Direct messages: the conversations of the account, in the order of their newest messages.

A conversation tells its newest message alone; the others stand above and below it, as in any
thread. A message is a status that is shown to those alone whom it names; what else stands in the
same thread is public, and no part of this walk. Which conversations there are, and where their
list goes on, a server shows to the account's own token.
https://docs.joinmastodon.org/methods/conversations/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from archiver.records.captures import Gap, GapReason
from archiver.records.errors import AnswerUnreadable, ConnectorError, PermissionLost
from archiver.records.items import ItemKind
from connectors.cutting import json_one, json_parts
from connectors.fetching import unread
from connectors.mastodon.asking import Server, onward
from connectors.mastodon.parsing import Status, placed
from connectors.mastodon.threads import Threads, elements_of, read_elements

NEEDS = (
    "read:accounts and read:statuses: under Preferences, Development, make a token of this account "
    "with both, or set messages = false"
)
"""The rights without which no message is shown, and how they are given."""

_PATH = "v1/conversations"
_SLICE = "40"


class Conversations:
    """The conversations of the account *owner*, with its own token."""

    def __init__(self, server: Server, threads: Threads, owner: str) -> None:
        self._server = server
        self._threads = threads
        self._owner = owner

    def since(self, since: datetime | None) -> Iterator[Status | Gap]:
        """Yield every message of each conversation in which one was sent since then, or of all.

        Each stands in its thread. What cannot be had is a gap.

        Raises:
            PermissionLost: the token is another account's, or may not see them.
            ConnectorError: as for `Server.ask`.
        """
        self._server.belongs_to(self._owner, "messages")
        params, been = {"limit": _SLICE}, set[str]()
        while True:
            answer = self._server.shows(_PATH, params)
            if answer is None:
                why, detail = GapReason.OUT_OF_REACH, "the server offers no conversations"
                yield Gap(what="direct messages", why=why, detail=detail)
                return
            newest, gaps = self._newest(elements_of(answer))
            yield from gaps
            within = [s for s in newest if since is None or s.content.published_at >= since]
            for status in within:
                yield from self._conversation(status)
            older = onward(answer)
            if not older or (newest and not within):
                return
            if older in been:
                raise AnswerUnreadable(f"{answer.url}: the slices go in a circle")
            been.add(older)
            params = {"limit": _SLICE, "max_id": older}

    def _newest(self, told: list[tuple[object, bytes]]) -> tuple[list[Status], list[Gap]]:
        """Read the newest message of each conversation; of some a server names none."""
        last = [json_parts(raw).get("last_status", b"null") for _, raw in told]
        named = [each for each in last if each != b"null"]
        newest, gaps = read_elements([json_one(each) for each in named], self._owner)
        if nameless := len(last) - len(named):
            why, detail = GapReason.OUT_OF_REACH, "the server does not show their newest message"
            gaps.append(Gap(what=f"{nameless} conversations", why=why, detail=detail))
        return newest, gaps

    def _conversation(self, newest: Status) -> Iterator[Status | Gap]:
        """Yield every message of the thread that *newest* stands in."""
        name = newest.native_id
        try:
            thread = self._threads.context(name)
            root = self._threads.root(newest, thread, whole=True)
        except PermissionLost:
            raise
        except ConnectorError as error:
            yield _in(newest, newest.content.parent)
            yield unread(f"the conversation of message {name}", error, name)
            return
        members = {one.native_id: one for one in (*thread.above, newest, *thread.below.values())}
        for one in members.values():
            if one.content.kind is ItemKind.MESSAGE:
                yield _in(one, root)
        yield from thread.gaps
        if thread.gone:
            why, detail = GapReason.OUT_OF_REACH, "its newest message went while it was read"
            yield Gap(what=f"the conversation of message {name}", why=why, detail=detail)


def _in(message: Status, thread: str | None) -> Status:
    return replace(message, content=placed(message.content, thread=thread))
