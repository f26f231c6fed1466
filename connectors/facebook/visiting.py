"""The walk over a Facebook page: its lists, below each post the comments, and second looks.

The lists are ranked by Facebook: a place in them is no evidence, and none is left before its end.
Comments are asked for where Facebook counts any; its count may be more than it shows, never less.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qs, urlsplit

from archiver.records.captures import (
    Cursor,
    Gap,
    GapReason,
    Known,
    Listed,
    Seen,
    ThreadListed,
    Window,
)
from archiver.records.errors import (
    AnswerUnreadable,
    BudgetSpent,
    ConnectorError,
    PermissionLost,
)
from archiver.records.items import ItemKind
from archiver.records.moments import written
from archiver.records.pages import AccessCheck, TokenTerm
from connectors.cutting import id_of, text_of
from connectors.facebook.looking_again import FEED, OWN, check_rights, manner
from connectors.facebook.moderation import moderation
from connectors.facebook.parsing import (
    COMMENT_FIELDS,
    OWNER_FIELDS,
    POST_FIELDS,
    PROFILE_FIELDS,
    REEL_FIELDS,
    WANTS,
    read_comment,
    read_post,
    read_profile,
    read_reel,
)
from connectors.facebook.passing import Passing, PassingAgain
from connectors.fetching import Fetcher, Visited
from connectors.graph import (
    Graph,
    Inbox,
    Node,
    SecondLook,
    Standing,
    Untold,
    look_again,
    message_again,
    read_all,
    unread,
)
from connectors.moderating import as_far_as_shown, as_tried

_REELS = "video_reels"
_SLICE = "100"
_A_YEAR = 600
"""So many posts of a year Facebook lists; where it listed so many, there may be more."""

_STREAM = {"filter": "stream", "live_filter": "no_filter", "order": "chronological"}
_NUMBER = re.compile(r"\d{5,}")
_DRAFTS = frozenset(field for field, which in WANTS.items() if which == "drafts")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page the configuration names, and whether drafts, messages and lists are wanted."""

    url: str
    page_id: str
    drafts: bool
    messages: bool = False
    moderation: bool = False

    @property
    def name(self) -> str:
        """Give by what the API knows the page: its id, or the last part of its address."""
        path = urlsplit(self.url).path.rstrip("/").rpartition("/")[2]
        return self.page_id or (parse_qs(urlsplit(self.url).query).get("id") or [path])[0]

    def is_page(self, node: Node) -> bool:
        """Say whether *node*, for which the token speaks, is this page."""
        native_id = id_of(node.value.get("id"), "a page")
        username = text_of(node.value, "username", absent="")
        parts = urlsplit(self.url)
        names = [name for name in parts.path.split("/") if name]
        numbers = {self.page_id} if self.page_id else set(parse_qs(parts.query).get("id", ()))
        numbers |= {found for name in names for found in _NUMBER.findall(name)}
        if self.page_id:
            return native_id == self.page_id
        return native_id in numbers or _plain(username) in {_plain(name) for name in names}


def _plain(name: str) -> str:
    return name.replace(".", "").lower()


class PageSource(Visited):
    """One page, opened for one visit."""

    def __init__(self, fetcher: Fetcher, graph: Graph, asked: Asked) -> None:
        super().__init__(fetcher)
        self._graph = graph
        self._asked = asked
        self._untold = Untold(WANTS)
        self._given: set[str] = set()
        self._years: Counter[int] = Counter()
        self._newest = ""
        self._answers = 0
        self._posts_whole = self._answers_whole = True

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield the page's profile, and the posts of *window*, each with its comments."""
        page = self._page(() if window.light else PROFILE_FIELDS)
        owner = id_of(page.value.get("id"), "a page")
        if not window.light:
            yield from self._profile(page)
            if self._asked.moderation:
                yield from as_far_as_shown(moderation(self._graph, page))
        full = window.full or window.cursor is None or window.since is None
        since = None if full else window.comments_since
        params = {"limit": _SLICE} | ({"since": f"{since.timestamp():.0f}"} if since else {})
        counted: int | None = None
        try:
            for edge in (OWN, FEED, _REELS):
                for post in self._list(owner, edge, params):
                    if isinstance(post, int):
                        counted = post
                    elif isinstance(post, Gap):
                        self._posts_whole = False
                        yield post
                    else:
                        yield post.seen()
                        yield from self._below(post, window)
            yield from self._beside(owner, None if full else window)
        except ConnectorError as error:
            yield from self._untold.gaps()
            yield unread("the rest of the page's posts", error)
            return
        yield from self._untold.gaps()
        yield from self._listed(None if full else window, counted)
        self._newest = max(self._newest, window.cursor or "")
        if self._newest:
            yield Cursor(self._newest)

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Ask for each item by its id; see `SecondLook` for what a missing one is taken for."""

        def opened() -> SecondLook:
            owner = id_of(self._page(()).value.get("id"), "a page")
            return SecondLook(self._graph, f"{owner}/{OWN}", manner(owner), self._untold)

        def profile() -> Iterator[Seen]:
            return self._profile(self._page(PROFILE_FIELDS))

        passing = PassingAgain(self._graph, "me")

        def apart(item: Known) -> Seen | None:
            if item.kind == ItemKind.MESSAGE:
                return message_again(self._graph, item)
            return passing.at(item)

        yield from look_again(known, opened, profile, apart)
        yield from self._untold.gaps()

    def check(self) -> Iterator[AccessCheck]:
        """Try the token, and each right that a visit needs."""
        page = self._page(())
        yield AccessCheck("the token is the page's own", granted=True)
        if page.version:
            yield AccessCheck(
                "the version of the API that answers", granted=True, detail=page.version
            )
        owner = id_of(page.value.get("id"), "a page")
        yield from check_rights(self._graph, owner, messages=self._asked.messages)

    def check_moderation(self) -> Iterator[AccessCheck]:
        """Try each list of how the page is moderated, where it is asked for."""
        if self._asked.moderation:
            yield from as_tried(moderation(self._graph, self._page(())))

    def own_token(self) -> str | None:
        """Give the page's own token, which a system user's or a person's finds; else None."""
        name = self._asked.name
        node = self._graph.node(name, ("id", "access_token")) if name else None
        return text_of(node.value, "access_token", absent="") or None if node else None

    def token_term(self) -> TokenTerm | None:
        """Give until when the token is good, as Meta says."""
        return self._graph.token_term()

    # --- the page -----------------------------------------------------------------------------

    def _page(self, fields: Sequence[str]) -> Node:
        """Give the page that the token speaks for; with a person's token this fails."""
        page = self._graph.node("me", tuple(fields) or OWNER_FIELDS)
        if page is None or not self._asked.is_page(page):
            raise PermissionLost(
                "the token is for another page than the one at the configured url",
                remedy="Put this page's own token where token_env names it, or set page_id.",
            )
        return page

    def _profile(self, page: Node) -> Iterator[Seen]:
        try:
            yield read_profile(page).seen()
        except AnswerUnreadable as error:
            yield unread("the page's profile", error)

    # --- beside its posts -------------------------------------------------------------------------

    def _beside(self, owner: str, window: Window | None) -> Iterator[Seen]:
        """Yield stories, recommendations and messages: all, or those since *window* begins.

        Raises:
            ConnectorError: some could not be had, and no more could the page itself.
        """
        failed = False
        for seen in self._passing(owner, window):
            failed = failed or isinstance(seen, Gap)
            yield seen
        if failed:
            self._page(())

    def _passing(self, owner: str, window: Window | None) -> Iterator[Seen]:
        since = (window.since if window.light else window.comments_since) if window else None
        passing = Passing(self._graph, owner)
        yield from passing.stories(since)
        if window is None or not window.light:
            yield from passing.recommendations()
        if self._asked.messages:
            yield from Inbox(self._graph, owner, platform="messenger").since(since)

    # --- lists ----------------------------------------------------------------------------------

    def _list(
        self, owner: str, edge: str, params: dict[str, str]
    ) -> Iterator[Standing | Gap | int]:
        """Give each post of *edge* that was not given yet; first Facebook's count, if it tells."""
        if edge == _REELS:
            read: Callable[[object, bytes], Standing] = read_reel
        else:
            read = partial(read_post, owner=owner, own=edge == OWN, published=edge == OWN)
        fields = REEL_FIELDS if edge == _REELS else POST_FIELDS
        asked = params | ({"summary": "total_count"} if edge == OWN else {})
        for piece in self._graph.edge(f"{owner}/{edge}", fields, asked):
            if edge == OWN and piece.total is not None:
                yield piece.total
            posts, gaps = read_all(piece.elements, read, "post")
            yield from gaps
            for post in posts:
                draft = post.restricted and not _DRAFTS.intersection(post.untold)
                if post.native_id in self._given or (draft and not self._asked.drafts):
                    continue
                self._given.add(post.native_id)
                self._years[post.content.published_at.year] += edge == OWN
                self._newest = max(self._newest, written(post.content.published_at))
                yield self._untold.noted(post)

    def _listed(self, window: Window | None, counted: int | None) -> Iterator[Seen]:
        """Say what was walked to its end: all, or (given a *window*) all since it begins."""
        since = window.comments_since if window else None
        light = window is not None and window.light
        cut = window is None and max(self._years.values(), default=0) >= _A_YEAR
        answers = self._answers if window is None and counted is not None else None
        yield Listed(
            whole=self._posts_whole and self._answers_whole and not light,
            since=since,
            kinds=("comment", "reply"),
            by_thread=True,
            platform_count=answers,
        )
        yield Listed(
            whole=self._posts_whole and not cut,
            since=since,
            kinds=("post",),
            platform_count=counted if window is None else None,
        )

    # --- comments ---------------------------------------------------------------------------------

    def _below(self, post: Standing, window: Window) -> Iterator[Seen]:
        """Yield what answers *post*, where Facebook counts any or does not say."""
        if post.answers == 0:
            return
        params = {"limit": _SLICE, **_STREAM}
        if window.light and window.since is not None:
            params["since"] = f"{window.since.timestamp():.0f}"
        read, shown = partial(read_comment, post=post.native_id), set[str]()
        what = f"comments on {post.native_id}"
        try:
            for piece in self._graph.edge(f"{post.native_id}/comments", COMMENT_FIELDS, params):
                comments, gaps = read_all(piece.elements, read, "comment")
                shown |= {comment.native_id for comment in comments} | {gap.what for gap in gaps}
                self._answers_whole = self._answers_whole and not gaps
                yield from gaps
                for comment in comments:
                    if comment.native_id not in self._given:
                        self._given.add(comment.native_id)
                        yield self._untold.noted(comment).seen()
        except (BudgetSpent, PermissionLost):
            self._answers_whole = False
            raise
        except ConnectorError as error:
            self._answers_whole = False
            yield unread(what, error, post.native_id)
            return
        self._answers += post.answers or len(shown)
        if not post.answers or "since" in params:
            return
        if shown:
            yield ThreadListed(native_id=post.native_id, counted=post.answers, shown=len(shown))
        else:
            self._answers_whole = False
            detail = f"Facebook counts {post.answers} and shows none"
            yield Gap(what=what, why=GapReason.OUT_OF_REACH, detail=detail)
