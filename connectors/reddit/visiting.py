"""The visit to an account or a community on Reddit: its profile, its submissions, their comments.

Submissions are listed newest first, at most a thousand of them. A tree of comments comes with stubs
for what was left out: those are asked for until nothing is left out any more.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

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
    ThreadListed,
    Window,
)
from archiver.records.errors import AnswerUnreadable, ConnectorError, PermissionLost, TooLarge
from archiver.records.items import ItemKind
from archiver.records.pages import AccessCheck
from connectors.cutting import json_list
from connectors.fetching import Answer, Fetcher, Untold, Visited, as_far_as_told
from connectors.moderating import as_far_as_shown, as_tried
from connectors.reddit.moderation import Moderation
from connectors.reddit.modmail import NEEDS, Modmail
from connectors.reddit.parsing import (
    Entry,
    Stub,
    Tree,
    after,
    left_out,
    listing,
    name_of,
    read_comment,
    read_profile,
    read_submission,
    read_tree,
)
from connectors.reddit.standing import WANTS

REACH = 1_000
"""How many things Reddit lists, however many there are."""

_AT_ONCE = 100
_CAPPED = REACH - _AT_ONCE
"""From how many on the list may have ended at its limit: it counts what it then leaves out, too."""

_NOT_FOUND = 404
_APART = frozenset({ItemKind.PROFILE, ItemKind.MESSAGE})
_DOUBTED = frozenset({PlatformState.HIDDEN, PlatformState.UNKNOWN})


class PageSource(Visited):
    """One account or community, opened for one visit. The token goes to the API alone."""

    def __init__(
        self,
        fetcher: Fetcher,
        *,
        base: str,
        place: str,
        token: str,
        moderation: bool = False,
        messages: bool = False,
    ) -> None:
        super().__init__(fetcher)
        self._base = base.rstrip("/")
        self._place = place
        self._list = f"{place}/submitted" if place.startswith("user/") else f"{place}/new"
        self._headers = {"authorization": f"Bearer {token}"}
        self._moderation = Moderation(self._ask, place) if moderation else None
        self._mail = Modmail(self._ask, place.removeprefix("r/")) if messages else None
        self._given: set[str] = set()
        self._faults = self._walked = self._counted = 0
        self._newest, self._ran_out = "", False
        self._untold, self._moderates = Untold(WANTS), False

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield the profile, the submissions of *window* newest first, each with its comments."""
        profile = self._profile()
        full = window.full or window.cursor is None or window.since is None
        slices = self._slices()
        upcoming = next(slices, [])
        yield profile
        edge = None if full else window.comments_since
        if self._moderation is not None and not window.light:
            yield from as_far_as_shown(self._moderation.looks(edge))
        if self._mail is not None:
            told = self._mail.since(None if full else window.since)
            yield from as_far_as_told(told, "the moderators' mail", needs=NEEDS)
        try:
            while upcoming:
                entries = [entry for entry in upcoming if isinstance(entry, Entry)]
                self._notice(entries)
                recent = [e for e in entries if edge is None or e.content.published_at >= edge]
                yield from (gap for gap in upcoming if isinstance(gap, Gap))
                for entry in recent:
                    yield from self._told(entry)
                    yield from self._comments(entry)
                if entries and not recent:
                    break
                upcoming = next(slices, [])
        except ConnectorError as error:
            yield from self._untold.gaps()
            yield _gap("the rest of the visit", error)
            return
        yield from self._untold.gaps()
        yield from self._ended(window, full=full)

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Ask for a hundred things at once; what is left out of the answer is *not visible*.

        Mail is not asked for again: nothing is concluded of what it no longer tells.
        """
        things = [item for item in known if item.kind not in _APART]
        for start in range(0, len(things), _AT_ONCE):
            some = {item.native_id: item for item in things[start : start + _AT_ONCE]}
            try:
                yield from self._again(some)
            except ConnectorError as error:
                yield from (_gap(f"thing {name}", error, name) for name in some)
        yield from self._untold.gaps()
        for item in known:
            if item.kind == ItemKind.PROFILE:
                try:
                    yield self._profile()
                except ConnectorError as error:
                    yield _gap("the profile", error, item.native_id)

    def check_moderation(self) -> Iterator[AccessCheck]:
        """Try each list of how the page is moderated, and its log, where they are asked for."""
        if self._moderation is not None:
            yield from as_tried(self._moderation.looks(None))

    # --- the page and its submissions -----------------------------------------------------------

    def _profile(self) -> Observation:
        answer = self._ask(f"{self._place}/about", accept=(200, _NOT_FOUND))
        if answer.status == _NOT_FOUND:
            raise AnswerUnreadable(
                f"{answer.url} answered {_NOT_FOUND}: Reddit shows no such page",
                remedy="Check the page's url; it may be banned. Nothing was marked removed.",
            )
        value = answer.json()
        data = value.get("data") if isinstance(value, dict) else None
        if isinstance(data, dict) and data.get("is_suspended") is True:
            raise PermissionLost(
                f"{answer.url}: the account is suspended, Reddit shows nothing of it",
                remedy="Ask Reddit's administrators; nothing was marked removed.",
            )
        return Observation(content=read_profile(value, answer.body))

    def _slices(self) -> Iterator[list[Entry | Gap]]:
        """Yield the submissions, slice by slice, until one brings nothing new.

        A list goes on after a thing: where that was deleted meanwhile, after the one before it.
        """
        walked, before = set[str](), ""
        place = dict[str, str]()
        while True:
            answer = self._ask(self._list, {"limit": str(_AT_ONCE)} | place)
            value = answer.json()
            things = listing(answer.body)
            fresh = [(each, raw) for each, raw in things if name_of(each) not in walked]
            names = [name_of(each) for each, _ in fresh]
            walked.update(names)
            if fresh:
                yield [self._read(each, raw) for each, raw in fresh]
                onward, before = after(value), names[-2] if len(names) > 1 else ""
            else:
                onward, before = before, ""
            if not onward:
                break
            place = {"after": onward}
        self._ran_out = self._walked >= _CAPPED

    def _read(self, value: object, raw: bytes) -> Entry | Gap:
        self._walked += 1
        try:
            entry = read_submission(value, raw)
        except AnswerUnreadable as error:
            self._faults += 1
            name = name_of(value)
            return _gap(f"submission {name}" if name else "a submission", error, name or None)
        self._newest = self._newest or entry.name
        return entry

    def _ended(self, window: Window, *, full: bool) -> Iterator[Seen]:
        """Say what was walked to its end, and how many comments Reddit counts."""
        if self._ran_out:
            detail = f"Reddit lists the newest {REACH} alone, and {self._walked} were walked"
            yield Gap(what="older submissions", why=GapReason.OUT_OF_REACH, detail=detail)
        since = None if full else window.comments_since
        whole = not self._faults and not self._ran_out
        counted = self._counted if full else None
        kinds = ("comment", "reply")
        yield Listed(whole=whole, since=since, kinds=kinds, by_thread=True, platform_count=counted)
        yield Listed(whole=whole, since=since, kinds=("post",))
        if self._newest and not self._faults:
            yield Cursor(self._newest)

    # --- comments -------------------------------------------------------------------------------

    def _comments(self, submission: Entry) -> Iterator[Seen]:
        """Yield every comment on *submission*, asking for what each answer left out."""
        counted = submission.engagement.get("comments")
        self._counted += counted or 0
        before, faults = len(self._given), self._faults
        name = submission.name
        path = f"comments/{name.removeprefix('t3_')}"
        asked: set[Stub] = set()
        try:
            waiting = yield from self._branch(path)
            while waiting:
                stub = waiting.pop()
                if stub in asked:
                    continue
                asked.add(stub)
                waiting += yield from self._behind(stub, name, path)
        except (AnswerUnreadable, TooLarge) as error:
            self._faults += 1
            yield _gap(f"comments on {name}", error, name)
        if counted is not None and self._faults == faults:
            shown = len(self._given) - before
            yield ThreadListed(native_id=name, counted=counted, shown=shown)

    def _behind(self, stub: Stub, name: str, path: str) -> Generator[Seen, None, list[Stub]]:
        """Yield what *stub* stands for, of the submission *name* at *path*; give further stubs."""
        if stub.children:
            return (yield from self._left_out(name, stub.children))
        below = f"{path}/_/{stub.parent.removeprefix('t1_')}"
        further = yield from self._branch(below)
        if stub in further:
            raise AnswerUnreadable(f"{below} leads back to itself")
        return further

    def _branch(self, path: str) -> Generator[Seen, None, list[Stub]]:
        """Yield the tree of comments at *path*, and give the stubs in it."""
        answer = self._ask(path, {"limit": "500", "sort": "new"})
        answer.json()
        parts = json_list(answer.body)
        if len(parts) < 2:  # noqa: PLR2004 - the submission and the tree below it
            raise AnswerUnreadable(f"{answer.url} answered with no tree of comments")
        return (yield from self._shown(read_tree(listing(parts[1][1]))))

    def _left_out(self, name: str, children: Sequence[str]) -> Generator[Seen, None, list[Stub]]:
        """Yield the comments *children* of the submission *name*, and give the stubs among them."""
        stubs: list[Stub] = []
        for start in range(0, len(children), _AT_ONCE):
            some = ",".join(children[start : start + _AT_ONCE])
            asked = {"api_type": "json", "link_id": name, "children": some, "sort": "new"}
            answer = self._ask("api/morechildren", asked)
            answer.json()
            things = left_out(answer.body)
            stubs += yield from self._shown(read_tree(things))
        return stubs

    def _shown(self, tree: Tree) -> Generator[Seen, None, list[Stub]]:
        self._notice(tree.entries)
        for entry in tree.entries:
            yield from self._told(entry)
        for name, fault in tree.faults:
            self._faults += 1
            yield _gap(f"comment {name}" if name else "a comment", fault, name or None)
        return tree.stubs

    def _told(self, entry: Entry) -> Iterator[Seen]:
        if entry.name not in self._given:
            self._given.add(entry.name)
            yield self._judged(entry).seen()

    def _notice(self, entries: Sequence[Entry]) -> None:
        """Notice whether the token is shown things as a moderator is."""
        self._moderates = self._moderates or any(entry.moderated for entry in entries)

    def _judged(self, entry: Entry, before: PlatformState | None = None) -> Entry:
        """Give *entry*, unknown where the field is missing that would say that it was removed.

        Of a submission Reddit tells it to everybody; of a comment to moderators alone, and shows
        others no words of what was removed: to them it is *present*, unless it was not *before*.
        """
        asked = entry.content.kind is ItemKind.POST or self._moderates or before in _DOUBTED
        if not entry.untold or not asked:
            return entry
        return self._untold.noted(replace(entry, state=PlatformState.UNKNOWN))

    # --- looking again --------------------------------------------------------------------------

    def _again(self, waiting: dict[str, Known]) -> Iterator[Seen]:
        answer = self._ask("api/info", {"id": ",".join(waiting)})
        answer.json()
        missing = dict(waiting)

        def asked(thing: tuple[object, bytes]) -> Known | None:
            return missing.pop(name_of(thing[0]), None)

        found = listing(answer.body)
        again = [(known, _read_again(known, *one)) for one in found if (known := asked(one))]
        self._notice([read for _, read in again if isinstance(read, Entry)])
        for known, read in again:
            if isinstance(read, Gap):
                yield read
                continue
            entry = self._judged(read, known.state)
            yield entry.seen()
            if entry.state is PlatformState.UNKNOWN:
                source = f"reddit {entry.untold[0]} untold"
                yield Sighting(native_id=entry.name, state=entry.state, source=source)
        for name in missing:
            yield Sighting(native_id=name, state=PlatformState.NOT_VISIBLE)

    def _ask(
        self, path: str, params: dict[str, str] | None = None, *, accept: tuple[int, ...] = (200,)
    ) -> Answer:
        asked = {"raw_json": "1"} | (params or {})
        url = f"{self._base}/{path}"
        return self._fetcher.get(url, params=asked, headers=self._headers, accept=accept)


def _read_again(known: Known, value: object, raw: bytes) -> Entry | Gap:
    try:
        post = known.kind == ItemKind.POST
        return read_submission(value, raw) if post else read_comment(value, raw)
    except AnswerUnreadable as error:
        return _gap(f"thing {known.native_id}", error, known.native_id)


def _gap(what: str, error: ConnectorError, native_id: str | None = None) -> Gap:
    return Gap(what=what, why=GapReason(error.gap), detail=str(error), native_id=native_id)
