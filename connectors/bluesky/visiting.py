"""The visit to an account: its profile, its posts and reposts, and what the public answered.

By night the whole repository is asked for, so that nothing the account keeps can be missed, and
what the AppView shows below each post. By day, what is new in the account's feed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from archiver.ports import Downloaded
from archiver.records.captures import (
    Actor,
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
from archiver.records.errors import AnswerUnreadable, ConnectorError, TooLarge
from archiver.records.items import Attachment, Content, ItemKind, RawFragment
from archiver.records.pages import AccessCheck
from connectors.bluesky.answers import Fault, Thread, name_of, read_feed, read_thread
from connectors.bluesky.chat import NEEDS, Chat
from connectors.bluesky.moderation import moderation
from connectors.bluesky.named import POSTS, parts_of, tid_moment
from connectors.bluesky.network import AT_ONCE, SIGNED_ABSENT, SIGNED_PRESENT, Home, Network
from connectors.bluesky.own import kept, signed
from connectors.bluesky.parsing import (
    BOOST,
    GATES,
    PROFILE,
    Post,
    hidden_by,
    read_post,
    read_profile,
)
from connectors.bluesky.repository import CAR, Repository
from connectors.cutting import object_of, text_of
from connectors.fetching import as_far_as_told
from connectors.moderating import as_far_as_shown

_BY_THE_HOST = frozenset({"repotakendown", "reposuspended"})


class AccountSource:
    """One account, opened for one visit. What is secret goes to its own server, for its *chat*."""

    def __init__(
        self, network: Network, *, actor: str, moderated: bool = False, chat: Chat | None = None
    ) -> None:
        self._network = network
        self._moderated = moderated
        self._chat = chat
        self._actor = actor
        self._whole: Repository | None = None
        self._hidden: set[str] = set()
        self._given: set[str] = set()
        self._unread = self._broken = 0

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield the account's profile, and its posts of *window*, each with its thread."""
        home = self._network.home(self._actor)
        walk = self._by_day(home, window) if window.light else self._by_night(home, window)
        begun = False
        try:
            for seen in walk:
                begun = True
                yield seen
        except ConnectorError as error:
            if not begun:
                raise
            yield _gap("the rest of the visit", error)

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Ask the AppView for the posts, and for those it does not show their authors' servers.

        That a record is not in its author's repository is signed by the author's own key: it was
        removed there. Where it is still there the AppView does not show it, and says not why.
        Messages are not asked for again: no one of them can be asked for by its name.
        """
        posts = [item for item in known if f"/{POSTS}/" in item.native_id]
        for start in range(0, len(posts), AT_ONCE):
            some = posts[start : start + AT_ONCE]
            try:
                home = self._network.home(self._actor)
                shown = {
                    name_of(value): (value, raw)
                    for value, raw in self._network.posts([item.native_id for item in some])
                }
            except ConnectorError as error:
                yield from (_gap("a post", error, item.native_id) for item in some)
                continue
            for item in some:
                try:
                    yield from self._again(item, home, shown.get(item.native_id))
                except ConnectorError as error:
                    yield _gap("a post", error, item.native_id)
        for item in known:
            if item not in posts and item.kind != ItemKind.MESSAGE:
                yield from self._other(item)

    def check(self) -> Iterator[AccessCheck]:
        """Try whether the account is found, and its repository is its own."""
        home = self._network.home(self._actor)
        yield AccessCheck("the account is found", granted=True, detail=home.did)
        self._network.profile(home)
        yield AccessCheck("the AppView shows it", granted=True)
        repository = self._network.repository(home)
        detail = f"as of {repository.rev}"
        yield AccessCheck("its repository is signed by its own key", granted=True, detail=detail)
        if self._chat is not None:
            yield self._chat.check(home)

    def download(self, attachment: Attachment) -> Downloaded:
        """Bring a file from its author's own server, proven by the name it was posted under."""
        return self._network.download(attachment)

    @property
    def fetched(self) -> int:
        """Give how many answers this visit has read so far."""
        return self._network.fetched

    def close(self) -> None:
        """Let go of connections and spool files."""
        self._network.close()

    # --- the account's posts ----------------------------------------------------------------------

    def _by_night(self, home: Home, window: Window) -> Iterator[Seen]:
        self._whole = whole = self._network.repository(home)
        profile = self._profile(home, whole)
        records = dict(whole.records())
        yield profile
        if self._moderated:
            yield from as_far_as_shown(moderation(whole, records))
        gates = [name for path, name in records.items() if path.startswith(f"{GATES}/")]
        self._hidden |= {uri for name in gates for uri in hidden_by(whole.record(name))}
        full = window.full or window.cursor is None or window.since is None
        since = None if full else window.comments_since
        for content in kept(whole, records):
            if isinstance(content, Gap):
                self._unread += 1
                yield content
                continue
            new = window.cursor is None or _key(content.native_id) > window.cursor
            if new or since is None or content.published_at >= since:
                yield from self._with_thread(content, home)
        counted = profile.engagement.get("posts") if full else None
        yield from self._ended(since, counted)
        yield from self._messages(home, since)
        if not self._broken:
            yield Cursor(whole.rev)

    def _by_day(self, home: Home, window: Window) -> Iterator[Seen]:
        since, place, been = window.comments_since, "", set[str]()
        while place not in been:
            been.add(place)
            answer = self._network.feed(home, place)
            told = object_of(answer.json(), "a feed")
            posts, faults = read_feed(answer.body, owner=home.did)
            yield from self._faulty(faults)
            recent = [p for p in posts if since is None or p.content.published_at >= since]
            for post in recent:
                yield from self._with_thread(post.content, home)
            place = text_of(told, "cursor", absent="")
            if not place or (posts and not recent):
                yield from self._ended(since, None)
                yield from self._messages(home, window.since)
                return
        raise AnswerUnreadable("the slices of the feed go in a circle")

    def _ended(self, since: datetime | None, counted: int | None) -> Iterator[Seen]:
        """Say what was walked to its end."""
        whole = not self._unread and not self._broken
        yield Listed(whole=whole, since=since, kinds=("comment", "reply"), by_thread=True)
        yield Listed(whole=whole, since=since, kinds=("post",), platform_count=counted)

    def _messages(self, home: Home, since: datetime | None) -> Iterator[Seen]:
        """Yield the direct messages since then, or all, where they are asked for."""
        if self._chat is not None:
            told = self._chat.since(home, since)
            yield from as_far_as_told(told, "the direct messages", needs=NEEDS)

    def _profile(self, home: Home, repository: Repository) -> Observation:
        answer = self._network.profile(home)
        found = repository.find(f"{PROFILE}/self")
        record = repository.record(found) if found else {}
        at = tid_moment(repository.rev)
        if at is None:
            raise AnswerUnreadable("the state of a repository has no time")
        return read_profile(answer.json(), answer.body, record, at=at)

    # --- threads ----------------------------------------------------------------------------------

    def _with_thread(self, own: Content, home: Home) -> Iterator[Seen]:
        """Yield the account's *own* post and what is below it, each once in a visit."""
        uri = own.native_id
        if uri in self._given:
            return
        if BOOST in own.marks:
            yield Observation(content=self._signed(own))
            return
        try:
            thread = self._thread(uri, home)
        except (AnswerUnreadable, TooLarge) as error:
            self._broken += 1
            yield Observation(content=self._signed(own))
            yield _gap(f"answers to {uri}", error, uri)
            return
        if uri not in thread.posts:
            self._given.add(uri)
            yield Observation(content=self._signed(own))
            state = PlatformState.NOT_VISIBLE
            yield Sighting(native_id=uri, state=state, source="bluesky appview")
            return
        self._hidden |= thread.hidden
        for post in thread.posts.values():
            if post.uri not in self._given:
                self._given.add(post.uri)
                yield from self._told(post, home)
        yield from self._faulty(thread.faults)
        counted = thread.posts[uri].engagement.get("replies")
        if counted is not None and not thread.faults:
            yield ThreadListed(native_id=uri, counted=counted, shown=thread.given()[uri])
        if short := thread.short():
            detail = f"Bluesky counts {sum(short.values())} answers more than it shows"
            why = GapReason.OUT_OF_REACH
            yield Gap(what=f"answers to {uri}", why=why, detail=detail, native_id=uri)

    def _thread(self, uri: str, home: Home) -> Thread:
        """Ask below the post at *uri*, and below each that has answers of which none was given."""
        thread, asked = Thread(), set[str]()
        waiting = [uri]
        while waiting:
            for each in waiting:
                asked.add(each)
                answer = self._network.thread(each)
                if answer is not None:
                    answer.json()
                    thread.add(read_thread(answer.body, owner=home.did))
            given = thread.given()
            waiting = [each for each in thread.short() if not given[each] and each not in asked]
        return thread

    def _told(self, post: Post, home: Home) -> Iterator[Seen]:
        if parts_of(post.uri)[0] == home.did:
            yield from self._own(
                post, self._whole or self._network.proven(home.did, _path(post.uri))
            )
        else:
            yield from post.seen(by_the_page=post.uri in self._hidden)

    def _own(self, post: Post, repository: Repository) -> Iterator[Seen]:
        """Yield the account's own *post* as its *repository* has it, and what else is shown."""
        path = _path(post.uri)
        name = repository.find(path)
        if name is None and _key(post.uri) > repository.rev:
            yield from post.seen()  # it was posted since the repository was asked for
        elif name is None:
            state = PlatformState.REPORTED_REMOVED
            yield Observation(content=post.content, engagement=post.engagement, state=state)
            yield Sighting(native_id=post.uri, state=state, source=f"bluesky {SIGNED_ABSENT}")
        else:
            own = signed(repository, path)
            if own.fingerprint() != post.content.fingerprint():
                yield Observation(content=post.content, current=False)
            now = replace(own, author=post.content.author, marks=post.content.marks)
            yield from replace(post, content=now).seen()

    def _signed(self, own: Content) -> Content:
        """Give *own* with the proof of its record, where its repository is at hand."""
        if self._whole is None:
            return own
        raw = RawFragment(CAR, self._whole.proof(_path(own.native_id)))
        return replace(own, raw=raw)

    def _faulty(self, faults: Sequence[Fault]) -> Iterator[Gap]:
        self._unread += len(faults)
        for uri, fault in faults:
            yield _gap(f"post {uri}" if uri else "a post", fault, uri or None)

    # --- looking again ----------------------------------------------------------------------------

    def _again(self, item: Known, home: Home, shown: tuple[object, bytes] | None) -> Iterator[Seen]:
        did, collection, key = parts_of(item.native_id)
        path = f"{collection}/{key}"
        if shown is None:
            standing = self._network.standing(did, path)
            fresh = self._network.too_new(did, path) if did == home.did else None
            if standing == SIGNED_PRESENT and fresh is not None:
                yield Observation(content=signed(fresh, path))
                return
            yield _sighted(item.native_id, standing)
            return
        post = read_post(*shown, owner=home.did)
        if did == home.did:
            yield from self._own(post, self._network.proven(did, path))
            return
        root = post.content.thread or ""
        ours = root.startswith(f"at://{home.did}/")
        hidden = ours and post.uri in self._network.hidden(home.did, _key(root))
        yield from post.seen(by_the_page=hidden)

    def _other(self, item: Known) -> Iterator[Seen]:
        """Look again at what is no post: the profile, or a repost."""
        try:
            did, collection, key = parts_of(item.native_id)
            path = f"{collection}/{key}"
            if item.kind == ItemKind.PROFILE:
                yield self._profile(self._network.home(did), self._network.proven(did, path))
            elif (standing := self._network.standing(did, path)) == SIGNED_PRESENT:
                yield Sighting(native_id=item.native_id, state=PlatformState.PRESENT)
            else:
                yield _sighted(item.native_id, standing)
        except ConnectorError as error:
            yield _gap("a record", error, item.native_id)


def _sighted(uri: str, standing: str) -> Sighting:
    """Give what the *standing* of a record that the AppView does not show is a sign of."""
    return Sighting(
        native_id=uri,
        state=PlatformState.REPORTED_REMOVED
        if standing == SIGNED_ABSENT
        else PlatformState.NOT_VISIBLE,
        actor=Actor.PLATFORM if standing in _BY_THE_HOST else Actor.UNTOLD,
        source=f"bluesky {standing}",
    )


def _path(uri: str) -> str:
    return uri.split("/", 3)[3]


def _key(uri: str) -> str:
    return uri.rpartition("/")[2]


def _gap(what: str, error: ConnectorError, native_id: str | None = None) -> Gap:
    return Gap(what=what, why=GapReason(error.gap), detail=str(error), native_id=native_id)
