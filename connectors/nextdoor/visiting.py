"""The visit to a profile on Nextdoor: its posts, all in one answer, and the comments within them.

How many posts Nextdoor lists at most it does not say. A list whose length is a multiple of five, or
a hundred and more, may be cut off, and then nothing is concluded from what it leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

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
from archiver.records.errors import AnswerUnreadable, ConnectorError, PermissionLost
from archiver.records.items import Author, ItemKind
from archiver.records.moments import written
from archiver.records.pages import AccessCheck
from connectors.cutting import json_list, json_member, json_one, json_parts
from connectors.fetching import Answer, Fetcher, Visited, read_all, unread
from connectors.nextdoor.parsing import (
    agency_name,
    changed_at,
    comments_of,
    post_id,
    profile_author,
    profile_id,
    read_comment,
    read_post,
    read_profile,
)

_FIVE, _LONG = 5, 100
_LISTS = ("posts", "results", "profiles")
_SOURCE = "nextdoor not listed"


@dataclass(frozen=True, slots=True)
class _Posts:
    """The posts as they are listed, with their bytes."""

    told: list[tuple[object, bytes]]

    @property
    def whole(self) -> bool:
        """Say whether every post that there is must be among them."""
        return len(self.told) < _LONG and len(self.told) % _FIVE != 0


class ProfileSource(Visited):
    """One profile, opened for one visit with the token of who posts as it."""

    def __init__(self, fetcher: Fetcher, *, base: str, token: str, profile: str, url: str) -> None:
        super().__init__(fetcher)
        self._base = base.rstrip("/")
        self._headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
        self._profile_id = profile
        self._url = url
        self._author = Author(profile)
        self._faulty = self._untold = False

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield the profile and every post that is listed, with the comments that are in it.

        A light visit yields what is new, and what stands in posts that are young.
        """
        profile = None if window.light else self._profile()
        posts = self._posts()
        if profile is not None:
            yield profile
        newest = window.cursor or ""
        for seen in self._read(posts, window):
            if isinstance(seen, Observation) and seen.content.kind is ItemKind.POST:
                newest = max(newest, written(seen.content.published_at))
            yield seen
        if self._untold:
            detail = "Nextdoor lists the posts without the comments on them"
            yield Gap(what="comments", why=GapReason.OUT_OF_REACH, detail=detail)
        if not window.light:
            whole = posts.whole and not self._faulty
            below = whole and not self._untold
            yield Listed(whole=below, kinds=("comment", "reply"), by_thread=True)
            yield Listed(whole=whole, kinds=("post",))
        if newest and not self._faulty:
            yield Cursor(newest)

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Look for each item in the list of posts as it is now: of one alone nobody can ask.

        What a whole list leaves out is *not visible*; what a list leaves out that may be cut off
        is *unknown*. Nobody is named.
        """
        try:
            found, posts = self._found()
        except ConnectorError as error:
            for item in known:
                yield unread(f"item {item.native_id}", error, item.native_id)
            return
        for item in known:
            if item.kind == ItemKind.PROFILE:
                yield from self._profile_again(item)
            elif item.native_id in found:
                yield found[item.native_id]
            else:
                yield self._missing(item, found, posts)

    def check(self) -> Iterator[AccessCheck]:
        """Try the token, and each right that a visit needs."""
        self._profile()
        yield AccessCheck("the profile (profile:read)", granted=True)
        try:
            posts = self._posts()
        except ConnectorError as error:
            yield AccessCheck("its posts (post:read)", granted=False, detail=str(error))
            return
        yield AccessCheck("its posts (post:read)", granted=True)
        if posts.told:
            granted = any(comments_of(raw) is not None for _, raw in posts.told)
            detail = "" if granted else "posts are listed without the comments on them"
            yield AccessCheck("the comments on them", granted=granted, detail=detail)

    # --- asking -----------------------------------------------------------------------------------

    def _get(self, path: str, **params: str) -> Answer:
        return self._fetcher.get(f"{self._base}/{path}", params=params, headers=self._headers)

    def _profile(self) -> Observation:
        """Give what the profile says of itself; a token that may not post as it is refused."""
        agency = agency_name(self._get("me/").json())
        answer = self._get("me/profiles/")
        moment = answer.headers.get("date", "")
        for value, raw in _elements(answer):
            if profile_id(value) == self._profile_id and isinstance(value, dict):
                self._author = author = profile_author(value, agency=agency)
                return read_profile(value, raw, author=author, moment=moment, url=self._url)
        raise PermissionLost(
            "the token is not for the profile that is configured",
            remedy="Sign in as who posts for the agency: say `archiver connect PAGE`.",
        )

    def _posts(self) -> _Posts:
        return _Posts(_elements(self._get("post/", secure_profile_id=self._profile_id)))

    # --- posts and comments -----------------------------------------------------------------------

    def _read(self, posts: _Posts, window: Window) -> Iterator[Seen]:
        """Yield each post of *window* with its comments, and a gap for each that is unreadable."""
        light, since, young = window.light, window.since, window.comments_since
        for value, raw in posts.told:
            name = post_id(value)
            try:
                post = read_post(value, raw, author=self._author)
            except AnswerUnreadable as error:
                self._faulty = True
                yield unread(f"post {name}" if name else "a post", error, name)
                continue
            changed = changed_at(value) or post.content.published_at
            if not light or since is None or changed >= since:
                yield post
            if not light or young is None or post.content.published_at >= young:
                yield from self._below(post, raw)

    def _below(self, post: Observation, raw: bytes) -> Iterator[Seen]:
        """Yield the comments that stand in *post*; where none are told, remember it.

        Nextdoor does not say whether its count takes in what answers a comment: either will do.
        """
        name, counted = post.content.native_id, post.engagement.get("comments")
        if comments_of(raw) is None:
            self._untold = self._untold or counted != 0
            return
        first, shown = len(comments_of(raw) or ()), 0
        for seen in self._comments(raw, post=name, above=name):
            shown += 1
            yield seen
        if counted and not shown:
            self._faulty = True
            what, why = f"comments on {name}", GapReason.OUT_OF_REACH
            detail = f"Nextdoor counts {counted} and shows none"
            yield Gap(what=what, why=why, detail=detail, native_id=name)
        elif counted is not None:
            shown = first if counted == first else shown
            yield ThreadListed(native_id=name, counted=counted, shown=shown)

    def _comments(self, raw: bytes, *, post: str, above: str) -> Iterator[Observation | Gap]:
        """Yield the comments in *raw*, and what answers each, however deep."""

        def read(value: object, inner: bytes) -> tuple[Observation, bytes]:
            return read_comment(value, inner, post=post, above=above), inner

        found, gaps = read_all(comments_of(raw) or [], read, "comment")
        self._faulty = self._faulty or bool(gaps)
        yield from gaps
        for comment, inner in found:
            yield comment
            yield from self._comments(inner, post=post, above=comment.content.native_id)

    # --- looking again ----------------------------------------------------------------------------

    def _found(self) -> tuple[Mapping[str, Observation | Gap], _Posts]:
        self._profile()
        posts = self._posts()
        if not posts.told:
            raise AnswerUnreadable("Nextdoor lists no post at all, which says nothing of any one")
        everything = self._read(posts, Window(full=True))
        named: dict[str, Observation | Gap] = {}
        for seen in everything:
            if isinstance(seen, Observation):
                named[seen.content.native_id] = seen
            elif isinstance(seen, Gap) and seen.native_id:
                named[seen.native_id] = seen
        return named, posts

    def _profile_again(self, item: Known) -> Iterator[Seen]:
        try:
            yield self._profile()
        except ConnectorError as error:
            yield unread("the profile", error, item.native_id)

    def _missing(
        self, item: Known, found: Mapping[str, Observation | Gap], posts: _Posts
    ) -> Sighting:
        """Say of an item that is not listed what may be said: of a comment, by its own post."""
        post = None if item.kind == ItemKind.POST else found.get(item.thread or "")
        sure = posts.whole if post is None else isinstance(post, Observation) and not self._untold
        state = PlatformState.NOT_VISIBLE if sure else PlatformState.UNKNOWN
        return Sighting(native_id=item.native_id, state=state, source=_SOURCE)


def _elements(answer: Answer) -> list[tuple[object, bytes]]:
    """Give the elements of a list, which stands alone or under one of its names."""
    told = answer.json()
    _, body = json_one(answer.body)
    if isinstance(told, list):
        return json_list(body)
    parts = json_parts(body)
    for name in _LISTS:
        if parts.get(name, b"").startswith(b"["):
            return json_member(body, name)
    raise AnswerUnreadable(f"{answer.url} answered with {answer.described()}, and not with a list")
