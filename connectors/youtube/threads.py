"""Walking the threads of comments: under one video, over the whole channel, held for review.

To who does not manage the channel a comment's status is not told: a list that was not asked for
what is held holds, by the documentation, what is published. Where it is told of a comment and not
of an answer to it, and where the list is of what is held, what is untold is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from archiver.records.captures import (
    Gap,
    GapReason,
    Known,
    PlatformState,
    Seen,
    Sighting,
    ThreadListed,
)
from archiver.records.errors import AnswerUnreadable, ConnectorError, TooLarge
from connectors.fetching import Untold
from connectors.youtube.api import Api
from connectors.youtube.parsing import Channel, Entry, Thread, named, read_comment, read_thread

_THREADS = {"part": "snippet,replies", "maxResults": "100", "textFormat": "plainText"}
_REPLIES = {"part": "snippet", "maxResults": "100", "textFormat": "plainText"}
_HELD = ("heldForReview", "likelySpam")
_NO_COMMENTS = frozenset({"commentsDisabled", "videoNotFound"})
_NOT_OURS = frozenset({"forbidden", "insufficientPermissions"})


class Threads:
    """The comments that one visit asks for, each of them given once.

    *faults* counts what could not be read, *counted* what YouTube says there is.
    """

    def __init__(self, api: Api, untold: Untold) -> None:
        self._api = api
        self._untold = untold
        self._walked: set[str] = set()
        self._given: set[str] = set()
        self.faults = 0
        self.counted = 0

    def under(self, video: Entry) -> Iterator[Seen]:
        """Yield every comment on *video*; there are none where the channel has turned them off."""
        name = video.native_id
        counted = video.engagement.get("comments")
        self.counted += counted or 0
        before, faults, refused = len(self._given), self.faults, False
        params = {**_THREADS, "videoId": name, "order": "time"}
        try:
            for piece in self._api.slices("commentThreads", params, refusals=_NO_COMMENTS):
                refused = refused or bool(piece.refusal)
                if piece.refusal == "videoNotFound":
                    yield Sighting(native_id=name, state=PlatformState.NOT_VISIBLE)
                yield from self._told(self._threads(piece.elements))
        except (AnswerUnreadable, TooLarge) as error:
            self.faults += 1
            yield gap_of(f"comments on video {name}", error, name)
        if refused or self.faults != faults:
            return
        self._walked.add(name)
        if counted is not None:
            yield ThreadListed(native_id=name, counted=counted, shown=len(self._given) - before)

    def left_out(self, known: Known) -> bool:
        """Say whether the whole thread that *known* stands in was listed, and it was not shown."""
        return known.thread in self._walked and known.native_id not in self._given

    def late(self, channel: Channel, since: datetime) -> Iterator[Seen]:
        """Yield what was said since *since* under any video, newest first."""
        params = self._everywhere(channel)
        for piece in self._api.slices("commentThreads", params):
            threads = list(self._threads(piece.elements))
            yield from self._told(threads)
            read = [thread for thread in threads if isinstance(thread, Thread)]
            if read and all(thread.top.published_at < since for thread in read):
                return

    def held(self, channel: Channel) -> Iterator[Seen]:
        """Yield what waits for moderation, which is shown to who manages the channel."""
        if not self._api.signed_in:
            return
        for status in _HELD:
            what, params = f"comments that are {status}", self._everywhere(channel)
            params["moderationStatus"] = status
            try:
                for piece in self._api.slices("commentThreads", params, refusals=_NOT_OURS):
                    if piece.refusal:
                        detail = "the token's account does not manage the channel"
                        yield Gap(what=what, why=GapReason.OUT_OF_REACH, detail=detail)
                    yield from self._told(self._threads(piece.elements), published=False)
            except (AnswerUnreadable, TooLarge) as error:
                self.faults += 1
                yield gap_of(what, error)

    def _everywhere(self, channel: Channel) -> dict[str, str]:
        whose = channel.content.native_id
        return {**_THREADS, "allThreadsRelatedToChannelId": whose, "order": "time"}

    def _threads(self, elements: list[tuple[object, bytes]]) -> Iterator[Thread | Gap]:
        for value, raw in elements:
            try:
                yield read_thread(value, raw)
            except AnswerUnreadable as error:
                self.faults += 1
                name = named(value)
                yield gap_of(f"thread {name}" if name else "a thread", error, name or None)

    def _told(self, threads: Iterable[Thread | Gap], *, published: bool = True) -> Iterator[Seen]:
        for thread in threads:
            if isinstance(thread, Gap):
                yield thread
            else:
                yield from self._thread(thread, published=published)

    def _thread(self, thread: Thread, *, published: bool) -> Iterator[Seen]:
        """Yield a thread whole: its answer holds at most a few of the replies."""
        top, visitor = thread.top, published and bool(thread.top.untold)
        if top.native_id in self._given and all(r.native_id in self._given for r in thread.replies):
            return
        yield from self._once(top, public=published)
        for reply in thread.replies:
            yield from self._once(reply, public=visitor)
        if thread.replies_told > len(thread.replies):
            yield from self._replies(top, public=visitor)

    def _replies(self, top: Entry, *, public: bool) -> Iterator[Seen]:
        params = {**_REPLIES, "parentId": top.native_id}
        video = top.content.thread or ""
        try:
            for piece in self._api.slices("comments", params):
                for value, raw in piece.elements:
                    reply = read_comment(value, raw, video=video)
                    yield from self._once(reply, public=public)
        except (AnswerUnreadable, TooLarge) as error:
            self.faults += 1
            yield gap_of(f"replies to comment {top.native_id}", error, top.native_id)

    def _once(self, entry: Entry, *, public: bool) -> Iterator[Seen]:
        """Yield *entry* unless it was given; where its status is untold, it may be *public*."""
        if entry.native_id in self._given:
            return
        self._given.add(entry.native_id)
        if entry.untold and public:
            entry = replace(entry, state=PlatformState.PRESENT, untold=())
        yield self._untold.noted(entry).seen()


def gap_of(what: str, error: ConnectorError, native_id: str | None = None) -> Gap:
    """Give the gap that *error* leaves."""
    return Gap(what=what, why=GapReason(error.gap), detail=str(error), native_id=native_id)
