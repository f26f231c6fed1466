"""The live chats of a channel's streams, while they are on: YouTube shows none that has ended.

What was said so far comes first, as much of it as YouTube still tells, and then what is said
meanwhile. Once a stream has ended its chat is to be had by no interface, and its replay on the
video's page is not read: a gap says so.
https://developers.google.com/youtube/v3/live/docs/liveChatMessages/list
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from archiver.records.captures import Gap, GapReason, Seen
from archiver.records.errors import AnswerUnreadable
from connectors.fetching import as_far_as_told, unread
from connectors.youtube.api import Api, Slice
from connectors.youtube.chat_parsing import line_name, read_line
from connectors.youtube.parsing import Entry, named

MOST = 20
"""How many slices of one chat a visit reads; what is said later is the next visit's."""

NEEDS = (
    "the scope youtube.force-ssl of an account that manages the channel (archiver connect PAGE "
    "--client-id ID), or set live_chat = false"
)
"""The right that reading a chat asks for, and how it is given."""

_PATH = "liveChat/messages"
_ASKED = {"part": "id,snippet,authorDetails", "maxResults": "2000"}
_OVER = frozenset({"liveChatEnded", "liveChatNotFound"})
_NONE = frozenset({"liveChatDisabled"})


class LiveChats:
    """The live chats of the streams that a visit comes by; *since* is how far it looks back."""

    def __init__(self, api: Api, since: datetime | None) -> None:
        self._api = api
        self._since = since
        self._ended = 0

    def of(self, video: Entry) -> Iterator[Seen]:
        """Yield what is said in the chat of *video*, or that it is over, where it was live.

        Raises:
            BudgetSpent: nothing more may be asked.
        """
        stream = video.stream
        if stream is None or video.closed is not None:
            return
        if stream.chat:
            what = f"the live chat of video {video.native_id}"
            yield from as_far_as_told(self._lines(video, stream.chat, what), what, needs=NEEDS)
        elif stream.ended is not None and self._since is None:
            self._ended += 1
        elif stream.ended is not None and self._since is not None and stream.ended >= self._since:
            yield _over(f"the end of the live chat of video {video.native_id}", video.native_id)

    def ended(self) -> Iterator[Seen]:
        """Yield, where a visit looks back for ever, one gap for the chats of all ended streams."""
        if self._ended:
            yield _over(f"the live chats of {self._ended} streams")

    def _lines(self, video: Entry, chat: str, what: str) -> Iterator[Seen]:
        slices, last = 0, Slice([])
        asked = {**_ASKED, "liveChatId": chat}
        for last in self._api.polled(_PATH, asked, refusals=_OVER | _NONE, most=MOST):
            slices += 1
            if last.refusal in _OVER:
                yield _over(f"the end of {what}", video.native_id)
            yield from _told(last, video.native_id)
        if last.elements and slices == MOST:
            detail = f"it went on after {MOST} slices; the next visit goes on while it lasts"
            yield Gap(what=f"the rest of {what}", why=GapReason.OUT_OF_REACH, detail=detail)


def _told(piece: Slice, video: str) -> Iterator[Seen]:
    for value, raw in piece.elements:
        try:
            line = read_line(value, raw, video=video)
        except AnswerUnreadable as error:
            name = named(value)
            yield unread("a line of a live chat", error, line_name(name) if name else None)
            continue
        if line is not None:
            yield line


def _over(what: str, native_id: str | None = None) -> Gap:
    detail = (
        "the stream has ended: what was said after the last visit during it, YouTube's interface "
        "shows nobody any more"
    )
    return Gap(what=what, why=GapReason.OUT_OF_REACH, detail=detail, native_id=native_id)
