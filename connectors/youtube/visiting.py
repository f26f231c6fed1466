"""The visit to a channel: its profile, its videos, and what the public says under them.

A nightly visit walks the whole list of videos, at two units for fifty of them, and so sees every
edit and removal. Comments cost a unit for each video and each long thread: they are asked for
under the videos of the look-back, and newest first over the whole channel, so that a late comment
on an old video is seen. What waits for moderation is asked for where somebody has signed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from archiver.records.captures import (
    Cursor,
    Known,
    Listed,
    Observation,
    PlatformState,
    Seen,
    Sighting,
    Window,
)
from archiver.records.errors import AnswerUnreadable, BudgetSpent, ConnectorError
from archiver.records.items import ItemKind
from archiver.records.moments import written
from connectors.cutting import object_of, text_of
from connectors.fetching import Fetcher, Untold, Visited
from connectors.youtube.api import Api
from connectors.youtube.live_chat import LiveChats
from connectors.youtube.parsing import (
    Channel,
    Entry,
    named,
    read_channel,
    read_comment,
    read_video,
)
from connectors.youtube.standing import UNTOLD_BY_ID, WANTS, by_id
from connectors.youtube.threads import Threads, gap_of

_AT_ONCE = 50
_VIDEO = "snippet,contentDetails,status,statistics,liveStreamingDetails,recordingDetails"
_CHANNEL = "snippet,contentDetails,statistics,brandingSettings,status"
_APART = frozenset({ItemKind.POST, ItemKind.PROFILE, ItemKind.MESSAGE})
_NO_UPLOADS = frozenset({"playlistNotFound"})


class _Resumption:
    """Where a first visit goes on that the quota cut short: after the videos *first* to *last*.

    Both are places in YouTube's own order. Where *last* is not found any more, what was passed
    over is given back.
    """

    def __init__(self, first: str, last: str) -> None:
        self._first = first
        self._last = last
        self._passing = False
        self.used = False
        self.passed: list[Entry] = []

    def passes(self, video: Entry) -> bool:
        """Say whether the comments on *video* were asked for already."""
        if video.native_id == self._first:
            self._passing = self.used = True
        if not self._passing:
            return False
        self.passed.append(video)
        if video.native_id == self._last:
            self._passing = False
            self.passed.clear()
        return True


class ChannelSource(Visited):
    """One channel, opened for one visit. The credential goes to the API and nowhere else."""

    def __init__(
        self,
        fetcher: Fetcher,
        api: Api,
        *,
        asked_by: dict[str, str],
        private: bool,
        chats: bool = False,
    ) -> None:
        super().__init__(fetcher)
        self._api = api
        self._asked_by = asked_by
        self._private = private
        self._chats = chats
        self._untold = Untold(WANTS)
        self._threads = Threads(api, self._untold)
        self._faults = 0
        self._newest = ""
        self._walked: tuple[str, ...] = ()

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield the channel's profile, and what *window* asks of its videos and their comments."""
        channel = self._channel()
        slices = self._videos(channel)
        upcoming = next(slices, [])
        yield Observation(content=channel.content, engagement=channel.engagement)
        try:
            yield from self._walk(window, channel, upcoming, slices)
            yield from self._untold.gaps()
        except ConnectorError as error:
            yield from self._untold.gaps()
            gap = gap_of("the rest of the visit", error)
            yield replace(gap, detail=f"{gap.detail}; {self._api.spent} units spent today")
            first_visit = window.since is None and not window.full
            if first_visit and isinstance(error, BudgetSpent) and self._walked and not self._broken:
                yield Cursor("/".join(self._walked))

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Ask for fifty items at once; what is left out of the answer is *not visible*.

        YouTube leaves out alike what its author, the channel or YouTube itself took away, and
        what is private: nothing more is concluded. What was said in a live chat is not asked for
        again: it is shown while the chat is on alone.
        """
        videos = [item for item in known if item.kind == ItemKind.POST]
        profiles = [item for item in known if item.kind == ItemKind.PROFILE]
        others = [item for item in known if item.kind not in _APART]
        for waiting in (videos, others, profiles):
            for start in range(0, len(waiting), _AT_ONCE):
                some = {item.native_id: item for item in waiting[start : start + _AT_ONCE]}
                try:
                    yield from self._again(some)
                except ConnectorError as error:
                    yield from (gap_of(f"item {name}", error, name) for name in some)
        yield from self._untold.gaps()

    def close(self) -> None:
        """Let go of connections and spool files."""
        super().close()
        self._api.close()

    @property
    def _broken(self) -> bool:
        return bool(self._faults or self._threads.faults)

    # --- the channel and its videos -----------------------------------------------------------

    def _channel(self) -> Channel:
        found = self._api.ask("channels", {"part": _CHANNEL, **self._asked_by})
        if not found:
            raise AnswerUnreadable(
                f"YouTube shows no channel with {', '.join(self._asked_by.values())}",
                remedy="Check the page's url; nothing was marked removed.",
            )
        return read_channel(*found[0])

    def _videos(self, channel: Channel) -> Iterator[list[Entry | Seen]]:
        """Yield the uploads, slice by slice; the newest stand first."""
        params = {
            "part": "contentDetails",
            "playlistId": channel.uploads,
            "maxResults": str(_AT_ONCE),
        }
        given: set[str] = set()
        for piece in self._api.slices("playlistItems", params, refusals=_NO_UPLOADS):
            if piece.refusal and channel.videos != 0:
                raise AnswerUnreadable(
                    "YouTube shows no list of uploads for a channel that it says has videos"
                )
            names = [_uploaded(value) for value, _ in piece.elements]
            fresh = [name for name in dict.fromkeys(names) if name not in given]
            given.update(fresh)
            if fresh:
                yield list(self._shown(fresh))

    def _shown(self, names: Sequence[str]) -> Iterator[Entry | Seen]:
        """Give each video of *names*, or what is told in its place."""
        found = self._api.ask("videos", {"part": _VIDEO, "id": ",".join(names)})
        elements = {named(value): (value, raw) for value, raw in found}
        for name in names:
            if name not in elements:
                yield Sighting(native_id=name, state=PlatformState.NOT_VISIBLE)
                continue
            try:
                yield self._untold.noted(self._video(*elements[name]))
            except AnswerUnreadable as error:
                self._faults += 1
                yield gap_of(f"video {name}", error, name)

    def _video(self, value: object, raw: bytes) -> Entry:
        return read_video(value, raw, private=self._private, managed=self._api.signed_in)

    def _walk(
        self,
        window: Window,
        channel: Channel,
        upcoming: list[Entry | Seen],
        slices: Iterator[list[Entry | Seen]],
    ) -> Iterator[Seen]:
        first, _, last = ("" if window.full else window.cursor or "").partition("/")
        full = window.full or window.cursor is None or window.since is None or bool(last)
        edge = None if full else window.comments_since
        resumption = _Resumption(first, last)
        chats = LiveChats(self._api, None if full else window.since)
        while upcoming:
            videos = [entry for entry in upcoming if isinstance(entry, Entry)]
            recent = [v for v in videos if edge is None or v.published_at >= edge]
            if window.light and videos and not recent:
                break
            for entry in upcoming:
                yield entry.seen() if isinstance(entry, Entry) else entry
            for video in videos if self._chats else ():
                yield from chats.of(video)
            yield from self._discussed(recent, resumption)
            upcoming = next(slices, [])
        yield from chats.ended()
        yield from self._discussed(resumption.passed, _Resumption("", ""))
        if window.since is not None and not full:
            yield from self._threads.late(channel, window.since)
        yield from self._threads.held(channel)
        yield from self._listed(channel, window, edge, full=full, resumed=resumption.used)
        if self._newest and not self._broken:
            yield Cursor(self._newest)

    def _discussed(self, videos: Sequence[Entry], resumption: _Resumption) -> Iterator[Seen]:
        """Yield what is said under each of *videos*, and note how far that came."""
        for video in videos:
            self._newest = self._newest or written(video.published_at)
            if video.closed is None and not resumption.passes(video):
                yield from self._threads.under(video)
            if not resumption.passed:
                self._walked = (*(self._walked or (video.native_id,))[:1], video.native_id)

    def _listed(
        self, channel: Channel, window: Window, edge: datetime | None, *, full: bool, resumed: bool
    ) -> Iterator[Seen]:
        """Say what was walked to its end, and what YouTube itself counts of it."""
        yield Listed(
            whole=not self._broken and not resumed,
            since=edge,
            platform_count=self._threads.counted if full and not resumed else None,
            kinds=("comment", "reply"),
            by_thread=True,
        )
        yield Listed(
            whole=not self._broken,
            since=edge if window.light else None,
            platform_count=None if window.light else channel.videos,
            kinds=("post",),
        )

    # --- looking again --------------------------------------------------------------------------

    def _again(self, waiting: dict[str, Known]) -> Iterator[Seen]:
        first = next(iter(waiting.values()))
        if first.kind == ItemKind.PROFILE:
            channel = self._channel()
            yield Observation(content=channel.content, engagement=channel.engagement)
            return
        names = ",".join(waiting)
        if first.kind == ItemKind.POST:
            found = self._api.ask("videos", {"part": _VIDEO, "id": names})
        else:
            asked = {"part": "snippet", "id": names, "textFormat": "plainText"}
            found = self._api.ask("comments", asked)
        missing = dict(waiting)
        for value, raw in found:
            if known := missing.pop(named(value), None):
                yield from self._seen_again(known, value, raw)
        for name in missing:
            yield Sighting(native_id=name, state=PlatformState.NOT_VISIBLE)

    def _seen_again(self, known: Known, value: object, raw: bytes) -> Iterator[Seen]:
        try:
            if known.kind == ItemKind.POST:
                yield self._untold.noted(self._video(value, raw)).seen()
                return
            entry = read_comment(value, raw)
        except AnswerUnreadable as error:
            yield gap_of(f"item {known.native_id}", error, known.native_id)
            return
        placed = replace(
            entry.content,
            kind=ItemKind(known.kind),
            parent=known.parent,
            thread=known.thread,
            permalink=known.permalink,
        )
        if entry.untold:
            out = self._threads.left_out(known)
            state = by_id(known.state, signed_in=self._api.signed_in, left_out=out)
            entry = replace(entry, state=state)
        yield replace(entry, content=placed).seen()
        if entry.state is PlatformState.UNKNOWN:
            name = known.native_id
            yield Sighting(native_id=name, state=entry.state, source=UNTOLD_BY_ID)


def _uploaded(value: object) -> str:
    """Give the id of the video that an element of the list of uploads names."""
    element = object_of(value, "an upload")
    return text_of(object_of(element.get("contentDetails"), "an upload"), "videoId")
