"""The walk over one account: its statuses, the replies to them, and their earlier wordings.

Statuses come newest first, by id, so that what is posted meanwhile cannot shift the rest. A
visit goes back to the look-back (a light one: to the oldest post that is still young) and to the
status that the cursor names, whichever is older;
without either of them it goes back to the first status, because no visit has been whole yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urljoin

from archiver.records.captures import (
    Cursor,
    Gap,
    GapReason,
    Known,
    Listed,
    Observation,
    PlatformState,
    Seen,
    Sighting,
    Window,
)
from archiver.records.errors import AnswerUnreadable, ConnectorError, PermissionLost
from archiver.records.items import Attachment, Content, ItemKind
from archiver.records.pages import AccessCheck
from connectors.cutting import json_one
from connectors.fetching import Answer, Fetcher, Visited, as_far_as_told, unread
from connectors.mastodon.asking import FOUND, GONE, NOT_FOUND, Server, onward
from connectors.mastodon.messages import NEEDS, Conversations
from connectors.mastodon.moderation import Moderation
from connectors.mastodon.parsing import (
    Status,
    edit_to_content,
    name_of,
    placed,
    read_status,
    says_the_same,
)
from connectors.mastodon.profile import profile_of
from connectors.mastodon.threads import Threads, elements_of, read_elements
from connectors.moderating import as_far_as_shown, as_tried

_SLICE = "40"
_UNTOLD = "a server tells a message that was deleted from no other that it does not show"


@dataclass(frozen=True, slots=True)
class _Owner:
    """The account whose page this is, how many statuses its server counts, and its answer."""

    native_id: str
    statuses: int | None
    answer: Answer


@dataclass(slots=True)
class _Walk:
    """How far the walk over the account's statuses came, and how much of it could not be had."""

    newest: str
    faults: int = 0
    incomplete: int = 0
    whole: bool = True


class AccountSource(Visited):
    """One account, opened for one visit. The token goes to its own server and nowhere else."""

    def __init__(
        self,
        fetcher: Fetcher,
        *,
        server: str,
        name: str,
        account: str = "",
        token: str = "",
        moderation: bool = False,
        messages: bool = False,
    ) -> None:
        super().__init__(fetcher)
        self._address = server
        self._name = name
        self._account = account
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self._server = Server(fetcher, server, headers)
        self._threads = Threads(self._server, "")
        self._given: set[str] = set()
        self._moderation = Moderation(self._server) if moderation and token else None
        self._messages = messages

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield the profile, and the statuses of *window*, newest first, each with its thread."""
        owner = self._owner()
        self._threads = Threads(self._server, owner.native_id)
        slices = self._slices(owner)
        upcoming = next(slices, [])
        full = window.full or window.cursor is None or window.since is None
        if not window.light:
            yield from profile_of(owner.answer, self._server)
            if self._moderation is not None:
                yield from as_far_as_shown(self._moderation.looks(owner.native_id))
        walk = _Walk(window.cursor or "")
        within = None if full else window
        yield from self._walked(walk, upcoming, slices, owner, within)
        if self._messages:
            yield from self._told(owner, within)
        if walk.whole:
            yield from _listed(owner, within, posts=not walk.faults, replies=not walk.incomplete)
            if walk.newest:
                yield Cursor(walk.newest)

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Ask for each status by its id.

        The server answers 404 for what was deleted, hidden or never ours to see, so that such a
        status is *not visible*, and nothing more is concluded; of a message not even that.
        """
        for item in known:
            try:
                yield from self._again(item)
            except ConnectorError as error:
                yield unread(f"status {item.native_id}", error, item.native_id)

    def check_moderation(self) -> Iterator[AccessCheck]:
        """Try each list of how the account is moderated, where it is asked for."""
        if self._moderation is not None:
            yield from as_tried(self._moderation.looks(self._owner().native_id))

    def _address_of(self, attachment: Attachment) -> str:
        return urljoin(self._address, attachment.url)

    # --- the account and its list -----------------------------------------------------------

    def _owner(self) -> _Owner:
        if self._account:
            path, params = f"v1/accounts/{quote(self._account, safe='')}", {}
        else:
            path, params = "v1/accounts/lookup", {"acct": self._name}
        answer = self._server.ask(path, params, accept=(FOUND, NOT_FOUND, GONE))
        if answer.status != FOUND:
            raise AnswerUnreadable(
                f"{answer.url} answered {answer.status}: the server knows no such account",
                remedy="Check the page's url; nothing was marked removed.",
            )
        account = answer.json()
        if not isinstance(account, dict) or not isinstance(account.get("id"), str | int):
            raise AnswerUnreadable(f"{answer.url} answered with no account")
        if account.get("suspended") is True:
            raise PermissionLost(
                f"{answer.url}: the account is suspended, its server shows nothing of it",
                remedy="Ask the server's moderators; nothing was marked removed.",
            )
        count = account.get("statuses_count")
        return _Owner(str(account["id"]), count if isinstance(count, int) else None, answer)

    def _slices(self, owner: _Owner) -> Iterator[list[tuple[object, bytes]]]:
        """Yield the account's statuses, slice by slice, until one brings nothing new.

        A slice without a link to the next is no proof of the end: a server leaves the link out
        where it filtered something from the slice.
        """
        path = f"v1/accounts/{quote(owner.native_id, safe='')}/statuses"
        params = {"limit": _SLICE}
        given: set[str] = set()
        while True:
            answer = self._server.ask(path, params)
            elements = elements_of(answer)
            fresh = {name_of(value) for value, _ in elements} - given
            if not fresh:
                return
            given |= fresh
            yield elements
            params = {"limit": _SLICE, "max_id": onward(answer) or min(fresh, key=_age)}

    def _walked(
        self,
        walk: _Walk,
        upcoming: list[tuple[object, bytes]],
        slices: Iterator[list[tuple[object, bytes]]],
        owner: _Owner,
        window: Window | None,
    ) -> Iterator[Seen]:
        """Yield the statuses of *slices*, all or those of *window*, each with its thread."""
        while upcoming:
            statuses, gaps = read_elements(upcoming, owner.native_id)
            yield from gaps
            walk.faults += len(gaps)
            within = [s for s in statuses if window is None or not _before(s, window)]
            for status in within:
                walk.newest = max(walk.newest, status.native_id, key=_age)
                for seen in self._with_thread(status):
                    lost = isinstance(seen, Gap) and seen.why is not GapReason.OUT_OF_REACH
                    walk.incomplete += lost
                    yield seen
            if statuses and not within:
                return
            try:
                upcoming = next(slices, [])
            except ConnectorError as error:
                walk.whole = False
                yield unread("the older statuses of the account", error)
                return

    # --- threads ----------------------------------------------------------------------------

    def _told(self, owner: _Owner, window: Window | None) -> Iterator[Seen]:
        """Yield the direct messages that the walk has not given: all, or those of *window*."""
        since = window.since if window is not None else None
        told = Conversations(self._server, self._threads, owner.native_id).since(since)
        yield from as_far_as_told(self._not_yet(told), "the direct messages", needs=NEEDS)

    def _not_yet(self, told: Iterator[Status | Gap]) -> Iterator[Seen]:
        for each in told:
            if isinstance(each, Gap):
                yield each
            elif each.native_id not in self._given:
                yield from self._shown(each, each.content)

    def _with_thread(self, status: Status) -> Iterator[Seen]:
        """Yield *status* and all that its thread has below it, each once in a visit."""
        if status.native_id in self._given:
            return
        if status.boost:
            yield from self._shown(status, status.content)
            return
        try:
            thread = self._threads.context(status.native_id)
            root = self._threads.root(status, thread)
            self._threads.deepen(status, thread)
        except ConnectorError as error:
            yield from self._shown(status, placed(status.content, thread=status.content.parent))
            yield unread(f"replies to status {status.native_id}", error, status.native_id)
            return
        for member in (status, *thread.below.values()):
            if member.native_id not in self._given:
                yield from self._shown(member, placed(member.content, thread=root))
        yield from thread.gaps
        if thread.gone:
            yield Sighting(native_id=status.native_id, state=PlatformState.NOT_VISIBLE)
            return
        if not thread.gaps:
            yield from thread.listed(status)
        if short := thread.short(status):
            detail = f"{len(short)} statuses of the thread have more replies than were shown"
            yield Gap(
                what=f"replies to status {status.native_id}",
                why=GapReason.OUT_OF_REACH,
                detail=detail if self._server.headers else f"{detail}; a token shows more",
                native_id=status.native_id,
            )

    # --- one status -------------------------------------------------------------------------

    def _shown(self, status: Status, content: Content) -> Iterator[Seen]:
        """Yield the earlier wordings of *status*, oldest first, and then the present one."""
        self._given.add(status.native_id)
        if content.edited_at is not None:
            try:
                yield from self._earlier(status, content)
            except ConnectorError as error:
                yield unread(f"edits of status {status.native_id}", error, status.native_id)
        yield status.seen(content)

    def _earlier(self, status: Status, now: Content) -> Iterator[Seen]:
        answer = self._server.ask(f"v1/statuses/{quote(now.native_id, safe='')}/history")
        for number, (value, raw) in enumerate(elements_of(answer)):
            before = edit_to_content(value, raw, now=now, first=number == 0)
            if not says_the_same(before, now):
                yield Observation(content=before, current=False, restricted=status.restricted)

    def _again(self, known: Known) -> Iterator[Seen]:
        if known.kind == ItemKind.PROFILE:
            yield from profile_of(self._owner().answer, self._server)
            return
        path = f"v1/statuses/{quote(known.native_id, safe='')}"
        answer = self._server.ask(path, accept=(FOUND, NOT_FOUND, GONE))
        if answer.status == GONE:
            state = PlatformState.REPORTED_REMOVED
            yield Sighting(native_id=known.native_id, state=state, source="mastodon 410")
            return
        if answer.status == NOT_FOUND and known.kind == ItemKind.MESSAGE:
            state, source = PlatformState.UNKNOWN, "mastodon 404"
            yield Sighting(native_id=known.native_id, state=state, source=source, remark=_UNTOLD)
            return
        if answer.status == NOT_FOUND:
            yield Sighting(native_id=known.native_id, state=PlatformState.NOT_VISIBLE)
            return
        answer.json()
        value, raw = json_one(answer.body)
        status = read_status(value, raw, owner="")
        if status.native_id != known.native_id:
            raise AnswerUnreadable(f"{answer.url} answered with another status")
        content = replace(status.content, kind=ItemKind(known.kind), parent=known.parent)
        thread = known.thread or (self._thread_of(status) if known.parent else None)
        yield from self._shown(status, placed(content, thread=thread))

    def _thread_of(self, status: Status) -> str:
        """Give the id of the root above *status*, of which nobody knew yet where it belongs."""
        threads = Threads(self._server, self._owner().native_id)
        return threads.root(status, threads.context(status.native_id))


def _listed(owner: _Owner, window: Window | None, *, posts: bool, replies: bool) -> Iterator[Seen]:
    """Say what was walked to its end: all of it, or (given a *window*) all since its look-back."""
    since, count = (window.comments_since, None) if window else (None, owner.statuses)
    yield Listed(whole=replies and posts, since=since, kinds=("comment", "reply"), by_thread=True)
    yield Listed(whole=posts, since=since, platform_count=count, kinds=("post",))


def _before(status: Status, window: Window) -> bool:
    """Say whether the last visit has been here, and nothing so old is looked at again."""
    reached = window.cursor is None or _age(status.native_id) <= _age(window.cursor)
    edge = window.comments_since
    return reached and (edge is None or status.content.published_at < edge)


def _age(native_id: str) -> tuple[int, str]:
    """Give what orders ids: numbers by value, and identifiers of one length by their letters."""
    return len(native_id), native_id
