"""The visit to an account on X: its profile, its posts with every wording, the public's answers.

The account's own posts are listed by the API, the newest 3,200 of them. Answers are searched for:
by the conversations of recent posts, a dozen in a question, and by whom they are addressed to, so
that a late answer to an old post is seen. The ordinary search reaches back seven days (`reach`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

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
from archiver.records.errors import AnswerUnreadable, ConnectorError
from archiver.records.items import Content, ItemKind
from archiver.records.moments import written
from archiver.records.pages import AccessCheck
from connectors.cutting import count_of, id_of, object_of
from connectors.fetching import Fetcher, Visited
from connectors.moderating import as_far_as_shown, as_tried
from connectors.x.api import OWNED_READ, Api, Slice, Wanted, refused
from connectors.x.messages import messages as direct_messages
from connectors.x.moderation import moderation
from connectors.x.parsing import Beside, Post, dated, earlier, read_post, read_profile
from connectors.x.reach import Place, too_late

REACH = 3_200
"""How many of an account's newest posts X lists."""

_AT_ONCE = 100
_CONVERSATIONS = 12
_OF_THE_ACCOUNT = (
    "created_at,description,entities,location,name,profile_banner_url,profile_image_url,protected,"
    "public_metrics,url,username,verified"
)
_PROFILE: Wanted = {
    "tweet": {"user.fields": f"{_OF_THE_ACCOUNT},pinned_tweet_id"},
    "post": {"user.fields": _OF_THE_ACCOUNT, "expansions": "pinned_post_id"},
}
_APART = frozenset({ItemKind.PROFILE, ItemKind.MESSAGE})


class AccountSource(Visited):
    """One account, opened for one visit. The token goes to the API and nowhere else."""

    _founded: datetime

    def __init__(
        self,
        fetcher: Fetcher,
        api: Api,
        *,
        name: str,
        everything: bool,
        messages: bool = False,
        moderated: bool = False,
    ) -> None:
        super().__init__(fetcher)
        self._moderated = moderated
        self._api = api
        self._name = name
        self._search = "tweets/search/all" if everything else "tweets/search/recent"
        self._everything = everything
        self._messages = messages
        self._given: set[str] = set()
        self._first: dict[str, str] = {}
        self._roots: dict[str, int | None] = {}
        self._answered = Counter[str]()
        self._versions: dict[str, Post] = {}
        self._faults = self._walked = 0
        self._newest = self._owner = self._place = ""

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield the profile, the posts of *window* newest first, and what answers them."""
        profile, count = self._profile()
        full = window.full or window.cursor is None or window.since is None
        params = {"max_results": str(_AT_ONCE)}
        if not full and window.comments_since is not None:
            params["start_time"] = written(window.comments_since.replace(microsecond=0))
        path = f"users/{self._owner}/tweets"
        timeline = self._api.slices(path, params, cost=OWNED_READ, onward="pagination_token")
        upcoming = next(timeline, None)
        yield profile
        try:
            yield from self._walk(window, upcoming, timeline)
            yield from self._searched(window, beginning=profile.content.published_at)
            if self._moderated and not window.light:
                yield from as_far_as_shown(moderation(self._api, self._owner))
            if self._messages:
                since = window.since if window.light else window.comments_since
                yield from direct_messages(self._api, None if full else since)
            yield from self._listed(None if full else window.comments_since, count=count)
        except ConnectorError as error:
            gap = _gap("the rest of the visit", error)
            yield replace(gap, detail=f"{gap.detail}; {self._api.spent} spent today")
        if self._place:
            yield Cursor(self._place)

    def check_moderation(self) -> Iterator[AccessCheck]:
        """Try each list of how the account is moderated, where it is asked for."""
        if self._moderated:
            self._profile()
            yield from as_tried(moderation(self._api, self._owner))

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Ask for a hundred posts at once; X says of each that is missing what it would not show.

        *Not found* and *not authorized* are both told as not visible, with that code: the author
        may have deleted, protected or lost the account, or have blocked ours. Messages are not
        asked for again: X tells of none that was deleted.
        """
        profiles = [item for item in known if item.kind == ItemKind.PROFILE]
        posts = {item.native_id: item for item in known if item.kind not in _APART}
        names = list(posts)
        for start in range(0, len(names), _AT_ONCE):
            some = {name: posts[name] for name in names[start : start + _AT_ONCE]}
            try:
                yield from self._again(some)
            except ConnectorError as error:
                yield from (_gap(f"post {name}", error, name) for name in some)
        for item in profiles:
            try:
                yield self._profile()[0]
            except ConnectorError as error:
                yield _gap("the profile", error, item.native_id)

    def close(self) -> None:
        """Let go of connections and spool files."""
        super().close()
        self._api.close()

    # --- the account and its posts --------------------------------------------------------------

    def _profile(self) -> tuple[Observation, int | None]:
        """Give the account's profile, and how many posts X says it has."""
        found = self._api.user(f"users/by/username/{self._name}", _PROFILE)
        if found is None:
            raise AnswerUnreadable(
                f"X shows no account @{self._name}",
                remedy="Check the page's url, and whether the account is suspended; nothing was "
                "marked removed.",
            )
        user, raw = found
        content = read_profile(user, raw)
        self._founded = content.published_at
        self._owner = id_of(user.get("id"), "a user")
        metrics = object_of(user.get("public_metrics") or {}, "the metrics of a user")
        told = {
            "followers": count_of(metrics.get("followers_count")),
            "posts": count_of(metrics.get("tweet_count", metrics.get("post_count"))),
        }
        counts = {name: count for name, count in told.items() if count is not None}
        return Observation(content=content, engagement=counts), counts.get("posts")

    def _walk(
        self,
        window: Window,
        upcoming: Slice | None,
        timeline: Iterator[Slice],
    ) -> Iterator[Seen]:
        while upcoming is not None:
            for post in self._read(upcoming):
                if isinstance(post, Gap):
                    yield post
                    continue
                self._walked += 1
                self._newest = max(self._newest, post.native_id, key=_age)
                if post.content.kind is ItemKind.POST:
                    self._roots.setdefault(post.content.native_id, post.engagement.get("replies"))
                yield from self._told(post)
            upcoming = next(timeline, None)
        yield from self._answers(window)

    def _listed(self, since: datetime | None, *, count: int | None) -> Iterator[Seen]:
        """Say what was walked to its end: of answers nothing, as a search promises nothing."""
        capped = self._walked >= REACH
        if capped:
            detail = f"X lists the newest {REACH} posts alone; import the account's own archive"
            yield Gap(what="older posts", why=GapReason.OUT_OF_REACH, detail=detail)
        yield Listed(
            whole=not self._faults and not capped,
            since=since,
            platform_count=count if since is None else None,
            kinds=("post",),
        )

    def _read(self, piece: Slice) -> list[Post | Gap]:
        """Read every post of *piece* and its earlier wordings, and give a gap for each fault."""
        beside = Beside.read(piece.includes)
        read = [self._post(value, raw, beside) for value, raw in piece.versions]
        versions = {each.native_id: each for each in read if isinstance(each, Post)}
        found: list[Post | Gap] = []
        for value, raw in piece.posts:
            post = self._post(value, raw, beside)
            if isinstance(post, Post):
                versions[post.native_id] = post
                self._first.update(dict.fromkeys(post.versions, post.versions[0]))
            found.append(post)
        self._versions = versions
        return found

    def _post(self, value: object, raw: bytes, beside: Beside) -> Post | Gap:
        try:
            return read_post(value, raw, beside=beside, owner=self._owner)
        except AnswerUnreadable as error:
            self._faults += 1
            named = value.get("id") if isinstance(value, dict) else None
            name = named if isinstance(named, str) else None
            return _gap(f"post {name}" if name else "a post", error, name)

    def _told(self, post: Post) -> Iterator[Seen]:
        """Yield the earlier wordings of *post*, oldest first, and then the present one."""
        if post.versions[0] in self._given:
            return
        self._given.add(post.versions[0])
        before = [self._versions.get(name) for name in post.versions if name != post.native_id]
        first = before[0] if before else None
        now = dated(post, first.content.published_at) if first else post
        if None in before:
            yield Gap(
                what=f"earlier wordings of post {post.versions[0]}",
                why=GapReason.OUT_OF_REACH,
                detail="X did not include every version",
                native_id=post.versions[0],
            )
        for version in before:
            if version is not None:
                wording = earlier(version, now)
                yield version.seen(self._placed(wording), current=False)
        placed = self._placed(now.content)
        self._answered[placed.parent or ""] += 1
        yield now.seen(placed)

    def _placed(self, content: Content) -> Content:
        """Give *content* with the post it answers, and its thread, by the ids they are kept by."""
        parent, thread = content.parent, content.thread
        return replace(
            content,
            parent=self._first.get(parent, parent) if parent else None,
            thread=self._first.get(thread, thread) if thread else None,
        )

    # --- answers --------------------------------------------------------------------------------

    def _answers(self, window: Window) -> Iterator[Seen]:
        """Yield what the public answered, as far back as the search reaches.

        Where it reaches back to the account's beginning, all answers were listed to the end.
        """
        reach = None if window.full else window.since
        since = reach or self._founded
        roots = list(self._roots)
        questions = [
            " OR ".join(f"conversation_id:{root}" for root in roots[start : start + _CONVERSATIONS])
            for start in range(0, len(roots), _CONVERSATIONS)
        ]
        questions.append(f"to:{self._name} is:reply")
        for question in questions:
            params = {"query": question, "max_results": str(_AT_ONCE)}
            if self._everything:  # which goes back 30 days alone where no beginning is named
                params["start_time"] = written(since.replace(microsecond=0))
            for piece in self._api.slices(self._search, params, onward="next_token"):
                for post in self._read(piece):
                    yield from (post,) if isinstance(post, Gap) else self._told(post)
        if self._everything and reach is None and not self._faults:
            for root, counted in self._roots.items():
                if counted is not None:
                    shown = self._answered[root]
                    yield ThreadListed(native_id=root, counted=counted, shown=shown)

    def _searched(self, window: Window, *, beginning: datetime) -> Iterator[Gap]:
        """Note that answers were searched for to the end, and name the days it was too late for.

        Of an account that nobody searched for before these begin with the account itself.
        """
        if window.began is None:
            self._place = "" if self._faults else self._newest
            return
        before = Place.read(window.cursor)
        newest = before.newest if self._faults else self._newest or before.newest
        self._place = Place(newest, window.began).written()
        searched = before.searched or window.last or beginning
        missed = None if self._everything else too_late(searched, window.began)
        yield from (missed,) if missed else ()

    # --- looking again --------------------------------------------------------------------------

    def _again(self, waiting: Mapping[str, Known]) -> Iterator[Seen]:
        """Look again at *waiting*: by its first id a post is shown in its first wording."""
        missing, newer = dict(waiting), dict[str, str]()
        self._given -= waiting.keys()
        pieces = list(self._api.slices("tweets", {"ids": ",".join(waiting)}))
        found = [post for piece in pieces for post in self._read(piece)]
        for post in found:
            if isinstance(post, Gap):
                missing.pop(post.native_id or "", None)
                yield post
            elif post.native_id != post.versions[-1]:
                newer[post.versions[-1]] = post.versions[0]
            elif known := missing.pop(post.versions[0], None):
                yield post.seen(_as_known(post.content, known))
        if newer:
            for piece in self._api.slices("tweets", {"ids": ",".join(newer)}):
                for post in self._read(piece):
                    if isinstance(post, Post) and (known := missing.pop(post.versions[0], None)):
                        told = list(self._told(post))
                        yield from (_replaced(seen, known) for seen in told)
        codes = {name: code for piece in pieces for name, code in refused(piece)}
        for name in missing:
            state = PlatformState.NOT_VISIBLE if name in codes else PlatformState.UNKNOWN
            yield Sighting(native_id=name, state=state, source=codes.get(name, ""))


def _as_known(content: Content, known: Known) -> Content:
    """Give *content* in the place where the archive has it."""
    return replace(content, kind=ItemKind(known.kind), parent=known.parent, thread=known.thread)


def _replaced(seen: Seen, known: Known) -> Seen:
    if isinstance(seen, Observation):
        return replace(seen, content=_as_known(seen.content, known))
    return seen


def _age(native_id: str) -> tuple[int, str]:
    """Give what orders ids, which are numbers that grow."""
    return len(native_id), native_id


def _gap(what: str, error: ConnectorError, native_id: str | None = None) -> Gap:
    return Gap(what=what, why=GapReason(error.gap), detail=str(error), native_id=native_id)
