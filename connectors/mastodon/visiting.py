"""The walk over one account: its statuses, the replies to them, and their earlier wordings.

Statuses come newest first, by id, so that what is posted meanwhile cannot shift the rest. A
visit goes back to the look-back (a light one: to the oldest post that is still young) and to the
status that the cursor names, whichever is older;
without either of them it goes back to the first status, because no visit has been whole yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, quote, urljoin, urlsplit

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
from connectors.cutting import json_list, json_member
from connectors.fetching import Answer, Fetcher, Visited
from connectors.mastodon.moderation import Moderation
from connectors.mastodon.parsing import (
    Status,
    edit_to_content,
    name_of,
    placed,
    read_status,
    says_the_same,
)

_FOUND, _NOT_FOUND, _GONE = 200, 404, 410
_SLICE = "40"


@dataclass(frozen=True, slots=True)
class _Owner:
    """The account whose page this is, and how many statuses its server counts."""

    native_id: str
    statuses: int | None


@dataclass(slots=True, kw_only=True)
class _Thread:
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
    ) -> None:
        super().__init__(fetcher)
        self._server = server
        self._name = name
        self._account = account
        self._headers = {"authorization": f"Bearer {token}"} if token else {}
        self._given: set[str] = set()
        lists = moderation and bool(token)
        self._moderation = Moderation(fetcher, server, self._headers) if lists else None

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield the statuses of *window*, newest first, each with its thread."""
        owner = self._owner()
        slices = self._slices(owner)
        upcoming = next(slices, [])
        full = window.full or window.cursor is None or window.since is None
        newest, unread, incomplete = window.cursor or "", 0, 0
        if self._moderation is not None and not window.light:
            yield from self._moderation.seen(owner.native_id)
        while upcoming:
            statuses, gaps = _read(upcoming, owner)
            yield from gaps
            unread += len(gaps)
            within = [s for s in statuses if full or not _before(s, window)]
            for status in within:
                newest = max(newest, status.native_id, key=_age)
                for seen in self._with_thread(status, owner):
                    incomplete += isinstance(seen, Gap) and seen.why is not GapReason.OUT_OF_REACH
                    yield seen
            if statuses and not within:
                break
            try:
                upcoming = next(slices, [])
            except ConnectorError as error:
                yield _gap("the older statuses of the account", error)
                return
        yield from _listed(
            owner, None if full else window, posts=not unread, replies=not incomplete
        )
        if newest:
            yield Cursor(newest)

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Ask for each status by its id.

        The server answers 404 for what was deleted, hidden or never ours to see, so that such a
        status is *not visible*, and nothing more is concluded.
        """
        for item in known:
            try:
                yield from self._again(item)
            except ConnectorError as error:
                yield _gap(f"status {item.native_id}", error, item.native_id)

    def _address_of(self, attachment: Attachment) -> str:
        return urljoin(self._server, attachment.url)

    # --- the account and its list -----------------------------------------------------------

    def _owner(self) -> _Owner:
        if self._account:
            path, params = f"accounts/{quote(self._account, safe='')}", {}
        else:
            path, params = "accounts/lookup", {"acct": self._name}
        answer = self._ask(path, params, accept=(_FOUND, _NOT_FOUND, _GONE))
        if answer.status != _FOUND:
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
        return _Owner(str(account["id"]), count if isinstance(count, int) else None)

    def _slices(self, owner: _Owner) -> Iterator[list[tuple[object, bytes]]]:
        """Yield the account's statuses, slice by slice, until one brings nothing new.

        A slice without a link to the next is no proof of the end: a server leaves the link out
        where it filtered something from the slice.
        """
        params = {"limit": _SLICE}
        given: set[str] = set()
        while True:
            answer = self._ask(f"accounts/{quote(owner.native_id, safe='')}/statuses", params)
            elements = _elements(answer)
            fresh = {name_of(value) for value, _ in elements} - given
            if not fresh:
                return
            given |= fresh
            yield elements
            older = parse_qs(urlsplit(answer.link("next") or "").query).get("max_id")
            params = {"limit": _SLICE, "max_id": older[0] if older else min(fresh, key=_age)}

    # --- threads ----------------------------------------------------------------------------

    def _with_thread(self, status: Status, owner: _Owner) -> Iterator[Seen]:
        """Yield *status* and all that its thread has below it, each once in a visit."""
        if status.native_id in self._given:
            return
        if status.boost:
            yield from self._shown(status, status.content)
            return
        try:
            thread = self._context(status.native_id, owner)
            root = self._root(status, thread, owner)
            self._deepen(status, thread, owner)
        except ConnectorError as error:
            yield from self._shown(status, placed(status.content, thread=status.content.parent))
            yield _gap(f"replies to status {status.native_id}", error, status.native_id)
            return
        for member in (status, *thread.below.values()):
            if member.native_id not in self._given:
                yield from self._shown(member, placed(member.content, thread=root))
        yield from thread.gaps
        if thread.gone:
            yield Sighting(native_id=status.native_id, state=PlatformState.NOT_VISIBLE)
        elif short := thread.short(status):
            detail = f"{len(short)} statuses of the thread have more replies than were shown"
            yield Gap(
                what=f"replies to status {status.native_id}",
                why=GapReason.OUT_OF_REACH,
                detail=detail if self._headers else f"{detail}; a token shows more",
                native_id=status.native_id,
            )

    def _context(self, native_id: str, owner: _Owner) -> _Thread:
        """Ask what stands above and below a status; nothing does where it is gone by now."""
        path = f"statuses/{quote(native_id, safe='')}/context"
        answer = self._ask(path, accept=(_FOUND, _NOT_FOUND))
        if answer.status == _NOT_FOUND:
            return _Thread(gone=True)
        answer.json()
        above, gaps = _read(json_member(answer.body, "ancestors"), owner)
        below, more = _read(json_member(answer.body, "descendants"), owner)
        return _Thread(above=above, below={s.native_id: s for s in below}, gaps=gaps + more)

    def _root(self, status: Status, thread: _Thread, owner: _Owner) -> str:
        """Give the id of the root of *thread*; where it is ours, take in all that is below it.

        A server shows strangers a limited number of statuses above one, hence the climb.
        """
        top, above, climbed = status, thread.above, set[str]()
        while above and above[0].content.parent is not None and above[0].native_id not in climbed:
            top = above[0]
            climbed.add(top.native_id)
            above = self._context(top.native_id, owner).above
        top = above[0] if above else top
        if top is not status and top.content.kind is ItemKind.POST:
            whole = self._context(top.native_id, owner)
            thread.below |= {key: s for key, s in whole.below.items() if key not in thread.below}
            thread.gaps += whole.gaps
        return top.content.parent or top.native_id

    def _deepen(self, status: Status, thread: _Thread, owner: _Owner) -> None:
        """Ask below each status that has more replies than were given, each once."""
        asked = {status.native_id}
        while waiting := [s for s in thread.short(status) if s.native_id not in asked]:
            for member in waiting:
                asked.add(member.native_id)
                for key, found in self._context(member.native_id, owner).below.items():
                    thread.below.setdefault(key, found)

    # --- one status -------------------------------------------------------------------------

    def _shown(self, status: Status, content: Content) -> Iterator[Seen]:
        """Yield the earlier wordings of *status*, oldest first, and then the present one."""
        self._given.add(status.native_id)
        if content.edited_at is not None:
            try:
                yield from self._earlier(status, content)
            except ConnectorError as error:
                yield _gap(f"edits of status {status.native_id}", error, status.native_id)
        yield status.seen(content)

    def _earlier(self, status: Status, now: Content) -> Iterator[Seen]:
        answer = self._ask(f"statuses/{quote(now.native_id, safe='')}/history")
        for number, (value, raw) in enumerate(_elements(answer)):
            before = edit_to_content(value, raw, now=now, first=number == 0)
            if not says_the_same(before, now):
                yield Observation(content=before, current=False, restricted=status.restricted)

    def _again(self, known: Known) -> Iterator[Seen]:
        path = f"statuses/{quote(known.native_id, safe='')}"
        answer = self._ask(path, accept=(_FOUND, _NOT_FOUND, _GONE))
        if answer.status == _GONE:
            state = PlatformState.REPORTED_REMOVED
            yield Sighting(native_id=known.native_id, state=state, source="mastodon 410")
            return
        if answer.status == _NOT_FOUND:
            yield Sighting(native_id=known.native_id, state=PlatformState.NOT_VISIBLE)
            return
        answer.json()
        ((value, raw),) = json_list(b"[" + answer.body + b"]")
        status = read_status(value, raw, owner="")
        if status.native_id != known.native_id:
            raise AnswerUnreadable(f"{answer.url} answered with another status")
        content = replace(status.content, kind=ItemKind(known.kind), parent=known.parent)
        yield from self._shown(status, placed(content, thread=known.thread))

    def _ask(
        self, path: str, params: dict[str, str] | None = None, *, accept: tuple[int, ...] = (200,)
    ) -> Answer:
        url = f"{self._server}/api/v1/{path}"
        return self._fetcher.get(url, params=params, headers=self._headers, accept=accept)


def _elements(answer: Answer) -> list[tuple[object, bytes]]:
    """Give the elements of the list that *answer* holds, a login page being told by its name."""
    answer.json()
    return json_list(answer.body)


def _read(elements: list[tuple[object, bytes]], owner: _Owner) -> tuple[list[Status], list[Gap]]:
    """Read every status, and give a gap for each that is not as documented."""
    statuses, gaps = [], []
    for value, raw in elements:
        try:
            statuses.append(read_status(value, raw, owner=owner.native_id))
        except AnswerUnreadable as error:
            name = name_of(value)
            gaps.append(_gap(f"status {name}" if name else "a status", error, name or None))
    return statuses, gaps


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


def _gap(what: str, error: ConnectorError, native_id: str | None = None) -> Gap:
    return Gap(what=what, why=GapReason(error.gap), detail=str(error), native_id=native_id)
