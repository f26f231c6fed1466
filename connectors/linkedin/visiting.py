"""The walk over an organization's page on LinkedIn: its posts, what answers them, its profile.

LinkedIn lists the page's posts by when they were made, or by when they were last changed: a visit
walks the one list as far back as it looks, and the other for edits of what is older.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote, unquote, urlsplit

from archiver.ports import Downloaded
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
from archiver.records.errors import (
    AnswerUnreadable,
    AttachmentGone,
    BudgetSpent,
    ConnectorError,
    PermissionLost,
)
from archiver.records.items import Attachment, Author, ItemKind
from archiver.records.moments import written
from archiver.records.pages import AccessCheck
from connectors.cutting import json_member, json_one, object_of, text_of
from connectors.fetching import Answer, Fetcher, Visited, each_again, read_all, unread
from connectors.linkedin.api import LinkedIn, Slice
from connectors.linkedin.parsing import (
    answers_below,
    file_place,
    page_author,
    read_comment,
    read_page,
    read_post,
    told_at,
)

_BELOW = ("comment", "reply")
_SOURCE = "linkedin 404"


class PageSource(Visited):
    """One organization's page, opened for one visit with the token of who administers it."""

    def __init__(self, fetcher: Fetcher, api: LinkedIn, *, url: str) -> None:
        super().__init__(fetcher)
        self._api = api
        self._name = unquote(urlsplit(url).path.strip("/").partition("/")[2])
        self._author = Author("")
        self._given: set[str] = set()
        self._posts_whole = self._comments_whole = True
        self._counted = 0
        self._total: int | None = None
        self._newest = ""

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield the profile, the posts of *window* with what answers each, and edits of others."""
        profile = self._profile()
        if not window.light:
            yield profile
        full = window.full or window.cursor is None or window.since is None
        since = None if full else window.comments_since
        try:
            yield from self._made(since)
            if not full and window.since is not None:
                yield from self._edited(window.since, since)
        except ConnectorError as error:
            yield unread("the rest of the visit", error)
            return
        below = self._posts_whole and self._comments_whole
        count = self._counted if full else None
        yield Listed(whole=below, since=since, kinds=_BELOW, by_thread=True, platform_count=count)
        count = self._total if full else None
        yield Listed(whole=self._posts_whole, since=since, kinds=("post",), platform_count=count)
        self._newest = max(self._newest, window.cursor or "")
        if self._newest and self._posts_whole:
            yield Cursor(self._newest)

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Ask for each post, and each comment, by its own address.

        LinkedIn answers alike (404) where one was deleted and where nobody may see it: it is *not
        visible*, and nobody is named. That our rights are gone it tells apart (403).
        """
        return each_again(known, self._again)

    def check(self) -> Iterator[AccessCheck]:
        """Try the token, and each right that a visit needs."""
        profile = self._profile()
        yield AccessCheck(f"the page {profile.content.title}", granted=True)
        try:
            piece = next(self._posts("CREATED"))
            yield AccessCheck("its posts", granted=True)
            named = [value.get("id") for value, _ in piece.elements if isinstance(value, dict)]
            for urn in named[:1]:
                next(self._api.slices(f"socialActions/{quote(str(urn), safe='')}/comments"))
                yield AccessCheck("the comments on them, and counts of reactions", granted=True)
        except ConnectorError as error:
            what = "its posts and their comments (r_organization_social)"
            yield AccessCheck(what, granted=False, detail=str(error))

    def download(self, attachment: Attachment) -> Downloaded:
        """Bring the file of *attachment* into the spool, by the address that is asked for now.

        Raises:
            AttachmentGone: LinkedIn has no such file any more.
            ConnectorError: it could not be had.
        """
        place = file_place(attachment.key)
        answer = self._api.one(place) if place else None
        if answer is None:
            raise AttachmentGone(f"LinkedIn has no file {attachment.key}")
        told = object_of(answer.json(), "a file")
        return self._fetcher.download(text_of(told, "downloadUrl"))

    def close(self) -> None:
        """Write down what was spent, and let go of connections and spool files."""
        self._api.close()
        super().close()

    # --- the page ---------------------------------------------------------------------------------

    def _profile(self) -> Observation:
        """Give what the page says of itself; its posts name it as their author by number."""
        if self._name.isdecimal():
            answer = self._api.one(f"organizations/{self._name}")
            found = [] if answer is None else [_one(answer)]
        else:
            named = quote(self._name, safe="")
            answer = self._api.one(f"organizations?q=vanityName&vanityName={named}")
            found = [] if answer is None else json_member(answer.body, "elements")
        if answer is None or not found:
            raise PermissionLost(
                "LinkedIn knows no page at the configured url, or shows us nothing of it",
                remedy="Check the page's url, and that whoever gave the token administers it.",
            )
        value, raw = found[0]
        self._author = page_author(object_of(value, "a page"))
        return read_page(value, raw, moment=answer.headers.get("date", ""))

    # --- posts ------------------------------------------------------------------------------------

    def _posts(self, order: str) -> Iterator[Slice]:
        return self._api.slices("posts", q="author", author=self._author.native_id, sortBy=order)

    def _made(self, since: datetime | None) -> Iterator[Seen]:
        """Yield every post made since *since* (or ever), newest first, with what answers it."""
        for piece in self._posts("CREATED"):
            self._total = piece.total
            for seen in self._read(piece):
                yield seen
                if isinstance(seen, Observation) and _lately(seen, since):
                    yield from self._below(seen)
            if since is not None and _reaches(piece, "createdAt", since):
                return

    def _edited(self, since: datetime, published: datetime | None) -> Iterator[Seen]:
        """Yield older posts that were changed since *since*, with what answers lately published."""
        for piece in self._posts("LAST_MODIFIED"):
            for seen in self._read(piece):
                yield seen
                if isinstance(seen, Observation) and _lately(seen, published):
                    yield from self._below(seen)
            if _reaches(piece, "lastModifiedAt", since):
                return

    def _read(self, piece: Slice) -> Iterator[Observation | Gap]:
        """Give each post of *piece* that was not given yet, with what is counted below it."""
        fresh = [each for each in piece.elements if self._new(each[0])]
        social = self._api.social([name for value, _ in fresh if (name := _urn(value))])

        def read(value: object, raw: bytes) -> Observation:
            return read_post(value, raw, page=self._author, social=social.get(_urn(value)))

        posts, gaps = read_all(fresh, read, "post")
        self._posts_whole = self._posts_whole and not gaps
        self._newest = max((self._newest, *(written(o.content.published_at) for o in posts)))
        yield from gaps
        yield from posts

    def _new(self, entity: object) -> bool:
        """Say whether *entity* was not given yet in this visit; one without a name always is."""
        name = _urn(entity)
        if name and name in self._given:
            return False
        self._given.add(name)
        return True

    # --- what answers them ------------------------------------------------------------------------

    def _below(self, post: Observation) -> Iterator[Seen]:
        """Yield the comments on *post*, and what answers each of them."""
        name, counted = post.content.native_id, post.engagement.get("comments")
        self._counted += counted or 0
        if counted == 0:
            return
        shown = 0
        try:
            for seen in self._comments(name, name):
                shown += 1
                yield seen
        except (BudgetSpent, PermissionLost):
            self._comments_whole = False
            raise
        except ConnectorError as error:
            self._comments_whole = False
            yield unread(f"comments on {name}", error, name)
            return
        if shown and counted:
            yield ThreadListed(native_id=name, counted=counted, shown=shown)
        elif counted:
            self._comments_whole = False
            what, why = f"comments on {name}", GapReason.OUT_OF_REACH
            detail = f"LinkedIn counts {counted} and shows none"
            yield Gap(what=what, why=why, detail=detail, native_id=name)

    def _comments(self, post: str, above: str) -> Iterator[Observation | Gap]:
        """Yield what stands directly below *above*, and what answers each of that."""

        def read(value: object, raw: bytes) -> tuple[Observation, int | None]:
            return read_comment(value, raw, post=post, page=self._author), answers_below(value)

        for piece in self._api.slices(f"socialActions/{quote(above, safe='')}/comments"):
            found, gaps = read_all(piece.elements, read, "comment", named="commentUrn")
            self._comments_whole = self._comments_whole and not gaps
            yield from gaps
            for comment, answers in found:
                if self._new({"id": comment.content.native_id}):
                    yield comment
                    if answers != 0 and comment.content.kind is ItemKind.COMMENT:
                        yield from self._comments(post, comment.content.native_id)

    # --- looking again ----------------------------------------------------------------------------

    def _again(self, item: Known) -> Iterator[Seen]:
        if item.kind == ItemKind.PROFILE:
            yield self._profile()
            return
        if not self._author.native_id:
            self._profile()
        named = quote(item.parent or item.thread or "", safe="")
        number = item.native_id.rpartition(",")[2].rstrip(")")
        post = item.kind == ItemKind.POST
        answer = self._api.one(
            f"posts/{quote(item.native_id, safe='')}"
            if post
            else f"socialActions/{named}/comments/{quote(number, safe='')}"
        )
        if answer is None:
            state = PlatformState.NOT_VISIBLE
            yield Sighting(native_id=item.native_id, state=state, source=_SOURCE)
            return
        yield self._found(item, answer)

    def _found(self, item: Known, answer: Answer) -> Observation:
        """Read the item that was asked for, in the place where the archive has it."""
        value, raw = _one(answer)
        if item.kind == ItemKind.POST:
            social = self._api.social([item.native_id]).get(item.native_id)
            seen = read_post(value, raw, page=self._author, social=social)
        else:
            seen = read_comment(value, raw, post=item.thread or "", page=self._author)
        told, number = seen.content.native_id, item.native_id.rpartition(",")[2]
        if told.rpartition(",")[2] != number:
            raise AnswerUnreadable(f"item {item.native_id}: it was answered with another")
        content = replace(
            seen.content, native_id=item.native_id, parent=item.parent, thread=item.thread
        )
        return replace(seen, content=content)


def _urn(entity: object) -> str:
    name = entity.get("id") if isinstance(entity, dict) else None
    return name if isinstance(name, str) else ""


def _lately(post: Observation, since: datetime | None) -> bool:
    """Say whether *post* is one whose comments a visit since *since* (or ever) is to ask for."""
    return since is None or post.content.published_at >= since


def _reaches(piece: Slice, name: str, since: datetime) -> bool:
    """Say whether *piece* of a list that is ordered by the time *name* goes back beyond *since*."""
    times = [when for value, _ in piece.elements if (when := told_at(value, name))]
    return bool(times) and min(times) < since


def _one(answer: Answer) -> tuple[object, bytes]:
    answer.json()
    return json_one(answer.body)
