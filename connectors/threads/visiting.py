"""The walk over an account on Threads: its posts, the conversation below each, its own answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

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
from archiver.records.moments import written
from archiver.records.pages import AccessCheck
from connectors.cutting import id_of, text_of
from connectors.fetching import Fetcher, Visited, as_far_as_told
from connectors.graph import (
    Graph,
    Manner,
    Node,
    SecondLook,
    Standing,
    Untold,
    below,
    look_again,
    read_all,
    tried,
    unread,
)
from connectors.threads.parsing import (
    ANSWER_FIELDS,
    OWNER_FIELDS,
    POST_FIELDS,
    PROFILE_FIELDS,
    WANTS,
    answers_counted,
    read_answer,
    read_post,
    read_profile,
)

_SLICE = {"limit": "100"}
_COUNTS = "threads_manage_insights, or counts = false"


class AccountSource(Visited):
    """One account, opened for one visit with its own token."""

    def __init__(self, fetcher: Fetcher, graph: Graph, *, url: str, counts: bool = False) -> None:
        super().__init__(fetcher)
        self._counts = counts
        self._graph = graph
        self._url = url
        self._untold = Untold(WANTS)
        self._given: set[str] = set()
        self._newest = ""
        self._posts_whole = self._answers_whole = True

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield the profile, the posts of *window* with what answers each, and its own answers."""
        account = self._account(OWNER_FIELDS if window.light else PROFILE_FIELDS)
        if not window.light:
            yield from self._profile(account)
        owner = id_of(account.value.get("id"), "an account")
        full = window.full or window.cursor is None or window.since is None
        since = None if full else window.comments_since
        try:
            for post in self._posts(owner, since):
                yield post if isinstance(post, Gap) else post.seen()
                if isinstance(post, Standing) and post.answers != 0:
                    back_to = window.since if window.light else None
                    yield from self._below(post.native_id, back_to)
            yield from self._elsewhere(owner, since)
        except ConnectorError as error:
            yield from self._untold.gaps()
            yield unread("the rest of the account's posts", error)
            return
        yield from self._untold.gaps()
        answers = self._posts_whole and self._answers_whole and not window.light
        kinds = ("comment", "reply")
        yield Listed(whole=answers, since=since, kinds=kinds, by_thread=True)
        yield Listed(whole=self._posts_whole, since=since, kinds=("post",))
        self._newest = max(self._newest, window.cursor or "")
        if self._newest:
            yield Cursor(self._newest)

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Ask for each item by its id; see `SecondLook` for what a missing one is taken for."""

        def opened() -> SecondLook:
            owner = id_of(self._account(OWNER_FIELDS).value.get("id"), "an account")
            return SecondLook(self._graph, f"{owner}/threads", _MANNER, self._untold)

        yield from look_again(known, opened, lambda: self._profile(self._account(PROFILE_FIELDS)))
        yield from self._untold.gaps()

    def check(self) -> Iterator[AccessCheck]:
        """Try the token, and each right that a visit needs."""
        owner = id_of(self._account(OWNER_FIELDS).value.get("id"), "an account")
        yield AccessCheck("the token is the account's own", granted=True)
        check, post = tried(self._graph, "its posts (threads_basic)", f"{owner}/threads")
        yield check
        if post:
            what = "what answers them (threads_read_replies)"
            yield tried(self._graph, what, f"{post}/conversation")[0]
        if post and self._counts:
            refused = [one.detail for one in self._counted(post, 0) if isinstance(one, Gap)]
            what = "its count of answers (threads_manage_insights)"
            yield AccessCheck(what, granted=not refused, detail="".join(refused))

    def _account(self, fields: Sequence[str]) -> Node:
        """Give the account at the configured address; a token for another one is refused."""
        account = self._graph.node("me", fields)
        names = [name.lstrip("@") for name in urlsplit(self._url).path.lower().split("/")]
        if account is None or text_of(account.value, "username", absent="").lower() not in names:
            raise PermissionLost(
                "the token is not for the account at the configured url",
                remedy="Put this account's own token where token_env names it.",
            )
        return account

    def _profile(self, account: Node) -> Iterator[Seen]:
        try:
            yield read_profile(account).seen()
        except AnswerUnreadable as error:
            yield unread("the account's profile", error)

    def _posts(self, owner: str, since: datetime | None) -> Iterator[Standing | Gap]:
        """Give each of the account's own posts since *since*."""
        asked = _SLICE | ({"since": f"{since.timestamp():.0f}"} if since else {})
        for piece in self._graph.edge(f"{owner}/threads", POST_FIELDS, asked):
            posts, gaps = read_all(piece.elements, read_post, "post")
            self._posts_whole = self._posts_whole and not gaps
            yield from gaps
            for post in self._fresh(posts):
                self._newest = max(self._newest, written(post.content.published_at))
                yield post

    def _below(self, post: str, back_to: datetime | None) -> Iterator[Seen]:
        """Yield all that answers *post*, however deep, the newest first, back to *back_to*."""
        shown = 0
        read = partial(read_answer, thread=post)
        try:
            for piece in self._graph.edge(f"{post}/conversation", ANSWER_FIELDS, _SLICE):
                answers, gaps = read_all(piece.elements, read, "answer")
                self._answers_whole = self._answers_whole and not gaps
                shown += len(answers) + len(gaps)
                yield from gaps
                yield from (answer.seen() for answer in self._fresh(answers))
                if back_to and answers and answers[-1].content.published_at < back_to:
                    return
        except (BudgetSpent, PermissionLost):
            self._answers_whole = False
            raise
        except ConnectorError as error:
            self._answers_whole = False
            yield unread(f"answers to {post}", error, post)
            return
        if not shown:
            self._answers_whole = False
            detail = "Threads says that there are answers, and shows none"
            yield Gap(what=f"answers to {post}", why=GapReason.OUT_OF_REACH, detail=detail)
        elif self._counts and not back_to:
            yield from self._counted(post, shown)

    def _counted(self, post: str, shown: int) -> Iterator[Seen]:
        """Yield how many answers Threads counts below *post*; a refusal is told once in a visit."""

        def told() -> Iterator[Seen]:
            insights = self._graph.edge(
                f"{post}/insights", ("name", "values"), {"metric": "replies"}
            )
            counted = answers_counted([value for value, _ in next(insights).elements])
            self._counts = True
            yield ThreadListed(native_id=post, counted=counted, shown=shown)

        self._counts = False
        yield from as_far_as_told(told(), "Threads' counts of answers", needs=_COUNTS)

    def _elsewhere(self, owner: str, since: datetime | None) -> Iterator[Seen]:
        """Yield the account's own answers, those below the posts of others among them."""
        asked = _SLICE | ({"since": f"{since.timestamp():.0f}"} if since else {})
        read = partial(read_answer, own=True)
        for piece in self._graph.edge(f"{owner}/replies", ANSWER_FIELDS, asked):
            answers, gaps = read_all(piece.elements, read, "answer")
            self._answers_whole = self._answers_whole and not gaps
            yield from gaps
            yield from (answer.seen() for answer in self._fresh(answers))

    def _fresh(self, standings: Sequence[Standing]) -> Iterator[Standing]:
        """Give each of *standings* that was not given yet in this visit."""
        for one in standings:
            if one.native_id not in self._given:
                self._given.add(one.native_id)
                yield self._untold.noted(one)


def _read(node: Node, known: Known) -> Standing:
    if below(known):
        return read_answer(node.value, node.raw, thread=known.thread or "")
    return read_post(node.value, node.raw)


_MANNER = Manner(
    fields=lambda known: ANSWER_FIELDS if below(known) else POST_FIELDS,
    read=_read,
    counted="has_replies",
    count=lambda node: 0 if node.value.get("has_replies") is False else None,
    answers="conversation",
)
