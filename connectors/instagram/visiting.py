"""The walk over a professional Instagram account: its media, stories, comments and replies.

Comments cannot be asked for by time, and at most 50 come at once, the newest first: below each
media of the window all of them are walked, and on a light visit as far back as it asks for.
"""

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
from archiver.records.items import ItemKind
from archiver.records.moments import written
from archiver.records.pages import AccessCheck, TokenTerm
from connectors.cutting import count_of, text_of
from connectors.fetching import Fetcher, Visited
from connectors.graph import (
    Graph,
    Inbox,
    Manner,
    Node,
    SecondLook,
    Standing,
    Untold,
    below,
    look_again,
    message_again,
    read_all,
    tried,
    unread,
)
from connectors.instagram.parsing import (
    COMMENT_FIELDS,
    MEDIA_FIELDS,
    OWNER_FIELDS,
    PROFILE_FIELDS,
    REPLY_FIELDS,
    WANTS,
    account_id,
    read_comment,
    read_media,
    read_profile,
)

_SLICE = "100"
_AT_ONCE = "50"
_REACH = 10_000
"""So many media the API lists; where it listed so many, there may be more."""


class AccountSource(Visited):
    """One account, opened for one visit; *node* is its id, or `me` after an Instagram login.

    *exchanges* says that the token is that of an Instagram login; *messages* that what people
    write to the account in private is wanted.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        graph: Graph,
        *,
        url: str,
        node: str,
        exchanges: bool,
        messages: bool = False,
    ) -> None:
        super().__init__(fetcher)
        self._graph = graph
        self._url = url
        self._node = node
        self._exchanges = exchanges
        self._inbox = Inbox(graph, node, platform="instagram") if messages else None
        self._untold = Untold(WANTS)
        self._given: set[str] = set()
        self._media = 0
        self._newest = ""
        self._media_whole = self._answers_whole = True

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield the account's profile, its stories, and the media of *window* with comments."""
        account = self._account(OWNER_FIELDS if window.light else PROFILE_FIELDS)
        if not window.light:
            yield from self._profile(account)
        full = window.full or window.cursor is None or window.since is None
        since = None if full else window.comments_since
        params = {"limit": _SLICE} | ({"since": f"{since.timestamp():.0f}"} if since else {})
        owner = account_id(account)
        try:
            for edge, asked in (("stories", {}), ("media", params)):
                for seen in self._list(owner, edge, asked):
                    yield seen if isinstance(seen, Gap) else seen.seen()
                    if isinstance(seen, Standing):
                        yield from self._below(seen, window)
            yield from self._messages(window.since if window.light else since)
        except ConnectorError as error:
            yield from self._untold.gaps()
            yield unread("the rest of the account's media", error)
            return
        yield from self._untold.gaps()
        light, count = window.light, count_of(account.value.get("media_count"))
        yield Listed(
            whole=self._media_whole and self._answers_whole and not light,
            since=since,
            kinds=("comment", "reply"),
            by_thread=True,
        )
        yield Listed(
            whole=self._media_whole and self._media < _REACH,
            since=since,
            kinds=("post",),
            platform_count=count if full else None,
        )
        self._newest = max(self._newest, window.cursor or "")
        if self._newest:
            yield Cursor(self._newest)

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Ask for each item by its id; see `SecondLook` for what a missing one is taken for."""

        def opened() -> SecondLook:
            owner = account_id(self._account(OWNER_FIELDS))
            return SecondLook(self._graph, f"{owner}/media", _MANNER, self._untold)

        def profile() -> Iterator[Seen]:
            return self._profile(self._account(PROFILE_FIELDS))

        yield from look_again(known, opened, profile, self._apart)
        yield from self._untold.gaps()

    def check(self) -> Iterator[AccessCheck]:
        """Try the token, and each right that a visit needs."""
        owner = account_id(self._account(OWNER_FIELDS))
        yield AccessCheck("the token is the account's own", granted=True)
        check, media = tried(self._graph, "its media (instagram_basic)", f"{owner}/media")
        yield check
        yield tried(self._graph, "its stories (instagram_basic)", f"{owner}/stories")[0]
        if self._inbox:
            what = "its direct messages (instagram_business_manage_messages)"
            yield tried(self._graph, what, f"{owner}/conversations")[0]
        if media:
            what = "comments (instagram_manage_comments)"
            yield tried(self._graph, what, f"{media}/comments")[0]

    def token_term(self) -> TokenTerm | None:
        """Give until when the token is good; of an Instagram login only its exchange tells."""
        return None if self._exchanges else self._graph.token_term()

    def renewed_token(self) -> TokenTerm | None:
        """Give a new token for that of an Instagram login; another login's is not exchanged."""
        return self._graph.renewed_token() if self._exchanges else None

    # --- the account --------------------------------------------------------------------------

    def _account(self, fields: Sequence[str]) -> Node:
        """Give the account at the configured address; a token for another one is refused."""
        account = self._graph.node(self._node, fields)
        names = [name for name in urlsplit(self._url).path.lower().split("/") if name]
        if account is None or text_of(account.value, "username", absent="").lower() not in names:
            raise PermissionLost(
                "the token is not for the account at the configured url",
                remedy="Put this account's own token where token_env names it; see account_id.",
            )
        return account

    def _messages(self, since: datetime | None) -> Iterator[Seen]:
        """Yield the direct messages since then; where some fail the account itself is tried."""
        failed = False
        for seen in self._inbox.since(since) if self._inbox else ():
            failed = failed or isinstance(seen, Gap)
            yield seen
        if failed:
            self._account(OWNER_FIELDS)

    def _apart(self, known: Known) -> Seen | None:
        return message_again(self._graph, known) if known.kind == ItemKind.MESSAGE else None

    def _profile(self, account: Node) -> Iterator[Seen]:
        try:
            yield read_profile(account).seen()
        except AnswerUnreadable as error:
            yield unread("the account's profile", error)

    def _list(self, owner: str, edge: str, asked: dict[str, str]) -> Iterator[Standing | Gap]:
        """Give each media of *edge* that was not given yet."""
        read = partial(read_media, story=edge == "stories")
        for piece in self._graph.edge(f"{owner}/{edge}", MEDIA_FIELDS, asked):
            media, gaps = read_all(piece.elements, read, "media")
            self._media_whole = self._media_whole and not gaps
            yield from gaps
            for one in media:
                if one.native_id not in self._given:
                    self._given.add(one.native_id)
                    self._media += edge == "media"
                    self._newest = max(self._newest, written(one.content.published_at))
                    yield one

    # --- comments -------------------------------------------------------------------------------

    def _below(self, media: Standing, window: Window) -> Iterator[Seen]:
        """Yield what answers *media*, where Instagram counts any or does not say."""
        if media.answers == 0:
            return
        what, name, shown = f"comments on {media.native_id}", media.native_id, 0
        back_to = window.since if window.light else None
        try:
            for comment in self._walk(f"{name}/comments", name, "", back_to):
                shown += 1
                yield comment if isinstance(comment, Gap) else comment.seen()
                if isinstance(comment, Standing) and comment.answers != 0:
                    for reply in self._walk(
                        f"{comment.native_id}/replies", name, comment.native_id
                    ):
                        shown += 1
                        yield reply if isinstance(reply, Gap) else reply.seen()
        except (BudgetSpent, PermissionLost):
            self._answers_whole = False
            raise
        except ConnectorError as error:
            self._answers_whole = False
            yield unread(what, error, name)
            return
        if not media.answers or back_to is not None:
            return
        if shown:
            yield ThreadListed(native_id=name, counted=media.answers, shown=shown)
        else:
            self._answers_whole = False
            detail = f"Instagram counts {media.answers} and shows none"
            yield Gap(what=what, why=GapReason.OUT_OF_REACH, detail=detail)

    def _walk(
        self, path: str, media: str, parent: str, back_to: datetime | None = None
    ) -> Iterator[Standing | Gap]:
        """Give each comment at *path*, the newest first, until a slice lies before *back_to*."""
        read = partial(read_comment, media=media, parent=parent)
        fields = REPLY_FIELDS if parent else COMMENT_FIELDS
        for piece in self._graph.edge(path, fields, {"limit": _AT_ONCE}):
            comments, gaps = read_all(piece.elements, read, "comment")
            self._answers_whole = self._answers_whole and not gaps
            yield from gaps
            for comment in comments:
                if comment.native_id not in self._given:
                    self._given.add(comment.native_id)
                    yield self._untold.noted(comment)
            if back_to and comments and comments[-1].content.published_at < back_to:
                return


def _read(node: Node, known: Known) -> Standing:
    if below(known):
        return read_comment(node.value, node.raw, media=known.thread or "")
    return read_media(node.value, node.raw)


_MANNER = Manner(
    fields=lambda known: REPLY_FIELDS if below(known) else MEDIA_FIELDS,
    read=_read,
    counted="comments_count",
    count=lambda node: count_of(node.value.get("comments_count")),
    remark=lambda known: (
        "a story is shown for 24 hours, and this is one" if "/stories/" in known.permalink else ""
    ),
)
