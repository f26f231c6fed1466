"""The walk over an account's videos on TikTok, newest first; and looking again, twenty at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urlsplit

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
from archiver.records.items import Author, ItemKind
from archiver.records.moments import written
from archiver.records.pages import AccessCheck
from connectors.fetching import Fetcher, Visited, read_all, unread
from connectors.tiktok.api import AT_ONCE, TikTok
from connectors.tiktok.parsing import account_author, made_at, read_account, read_video

_SOURCE = "tiktok not shown"


class AccountSource(Visited):
    """One account, opened for one visit with its own token."""

    def __init__(self, fetcher: Fetcher, api: TikTok, *, url: str) -> None:
        super().__init__(fetcher)
        self._api = api
        self._handle = urlsplit(url).path.strip("/@").lower()
        self._author = Author("")
        self._given: set[str] = set()
        self._whole = True
        self._newest = ""

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield the profile, and the videos of *window* newest first."""
        profile = self._profile()
        counted = profile.engagement.get("videos")
        if not window.light:
            yield profile
        full = window.full or window.cursor is None or window.since is None
        since = None if full else window.since
        try:
            yield from self._videos(since)
        except ConnectorError as error:
            yield unread("the rest of the account's videos", error)
            return
        if counted and not self._given:
            self._whole = False
            detail = f"TikTok counts {counted} videos and shows none"
            yield Gap(what="the account's videos", why=GapReason.OUT_OF_REACH, detail=detail)
        count = counted if full else None
        yield Listed(whole=self._whole, since=since, kinds=("post",), platform_count=count)
        self._newest = max(self._newest, window.cursor or "")
        if self._newest and self._whole:
            yield Cursor(self._newest)

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Ask for the videos by their ids, twenty at once.

        TikTok leaves out alike what was deleted, by whomever, and what is not public any more: it
        is *not visible*, where others of the account's are shown.
        """
        videos = [item for item in known if item.kind != ItemKind.PROFILE]
        for begin in range(0, len(videos), AT_ONCE):
            some = videos[begin : begin + AT_ONCE]
            try:
                yield from list(self._again([item.native_id for item in some]))
            except ConnectorError as error:
                for item in some:
                    yield unread(f"video {item.native_id}", error, item.native_id)
        for item in known:
            if item.kind == ItemKind.PROFILE:
                try:
                    yield self._profile()
                except ConnectorError as error:
                    yield unread("the account's profile", error, item.native_id)

    def check(self) -> Iterator[AccessCheck]:
        """Try the token, and each right that a visit needs."""
        self._profile()
        yield AccessCheck("the token is the account's own (user.info.*)", granted=True)
        what = "its videos (video.list)"
        try:
            next(self._api.slices())
            yield AccessCheck(what, granted=True)
        except ConnectorError as error:
            yield AccessCheck(what, granted=False, detail=str(error))

    def _profile(self) -> Observation:
        """Give what the account says of itself; a token for another one is refused."""
        account = self._api.account()
        self._author = account_author(account.value)
        if self._author.handle.lower() != self._handle:
            raise PermissionLost(
                "the token is not for the account at the configured url",
                remedy="Sign in as this account: say `archiver connect PAGE`.",
            )
        return read_account(account.value, account.raw, moment=account.moment)

    def _videos(self, since: datetime | None) -> Iterator[Seen]:
        """Yield each video since *since* that was not given yet in this visit."""
        for piece in self._api.slices():
            videos, gaps = read_all(piece, self._read, "video")
            self._whole = self._whole and not gaps
            yield from gaps
            for video in videos:
                name, when = video.content.native_id, video.content.published_at
                if name not in self._given:
                    self._given.add(name)
                    self._newest = max(self._newest, written(when))
                    yield video
            self._given |= {gap.native_id or "" for gap in gaps}
            if since is not None and _reaches(piece, since):
                return

    def _read(self, value: object, raw: bytes) -> Observation:
        return read_video(value, raw, author=self._author)

    def _again(self, names: Sequence[str]) -> Iterator[Seen]:
        if not self._author.native_id:
            self._profile()
        shown, gaps = read_all(self._api.some(names), self._read, "video")
        yield from gaps
        yield from shown
        told = {one.content.native_id for one in shown} | {gap.native_id for gap in gaps}
        missing = [name for name in names if name not in told]
        if missing and not told:
            self._believe_none()
        for name in missing:
            yield Sighting(native_id=name, state=PlatformState.NOT_VISIBLE, source=_SOURCE)

    def _believe_none(self) -> None:
        """See that an answer without a video is no failure: others are shown, or there are none.

        Raises:
            PermissionLost: TikTok counts some, and shows none at all.
        """
        counted = self._profile().engagement.get("videos")
        if counted != 0 and not any(self._api.slices()):
            raise PermissionLost("TikTok shows none of the account's videos to this token")


def _reaches(piece: Sequence[tuple[object, bytes]], since: datetime) -> bool:
    """Say whether *piece* of the list goes back beyond *since*."""
    for value, _ in piece:
        try:
            if made_at(value) < since:
                return True
        except AnswerUnreadable:
            continue
    return False
