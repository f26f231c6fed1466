"""What YouTube delivers through Google's hub: videos that are new, renamed, or gone.

Only a video's id is believed: the delivery's title is half of what a video says, and there is no
text in it. YouTube announces alike what was deleted and what was made private, and names the
channel and nobody in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archiver.records.captures import Gap, GapReason, Known, PlatformState, Sighting
from archiver.records.deliveries import Announcement, Delivery
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import ItemKind
from connectors.cutting import xml_elements
from connectors.youtube.parsing import watch

HUB = "https://pubsubhubbub.appspot.com/subscribe"
SOURCE = "youtube websub"
_TOPIC = "https://www.youtube.com/xml/feeds/videos.xml?channel_id="
_GONE = re.compile(rb"""<[^>]*\sref\s*=\s*["']yt:video:(?P<video>[\w-]{1,64})["']""")
_BY = re.compile(rb"/channel/(?P<channel>UC[\w-]{22})")
_VIDEO = re.compile(r"[\w-]{1,64}", re.ASCII)


def topic_of(channel: str) -> str:
    """Give the address under which the hub knows what is new on *channel*."""
    return f"{_TOPIC}{channel}"


def announced(channel: str, delivery: Delivery) -> Iterator[Announcement | Gap]:
    """Give what *delivery* says of the videos of *channel*.

    Raises:
        AnswerUnreadable: it is no feed.
    """
    for element in xml_elements(delivery.body, {"entry", "deleted-entry"}):
        gone = _is_gone(element)
        try:
            video, of = _tombstone(element) if gone else _entry(element)
        except AnswerUnreadable as error:
            yield Gap(what="delivered video", why=GapReason.UNREADABLE, detail=str(error))
            continue
        if of not in {"", channel}:
            continue
        state = PlatformState.REPORTED_REMOVED
        yield Announcement(
            known=Known(
                native_id=video,
                kind=ItemKind.POST,
                parent=None,
                thread=None,
                permalink=watch(video),
            ),
            sighting=Sighting(native_id=video, state=state, source=SOURCE) if gone else None,
        )


def _is_gone(element: bytes) -> bool:
    name = re.match(rb"<([^\s/>]+)", element)
    return name is not None and name[1].rpartition(b":")[2] == b"deleted-entry"


def _entry(element: bytes) -> tuple[str, str]:
    """Give the video of an entry, and its channel."""
    video = _text(element, "videoId")
    if not _VIDEO.fullmatch(video):
        raise AnswerUnreadable("an entry names no video")
    return video, _text(element, "channelId")


def _tombstone(element: bytes) -> tuple[str, str]:
    """Give the video that a tombstone (RFC 6721) names, and its channel where that is told."""
    found, by = _GONE.match(element), _BY.search(element)
    if found is None:
        raise AnswerUnreadable("a tombstone names no video")
    return found["video"].decode(), by["channel"].decode() if by else ""


def _text(element: bytes, name: str) -> str:
    found = xml_elements(element, {name})
    inner = found[0].partition(b">")[2].rpartition(b"</")[0] if found else b""
    return inner.decode("ascii", "replace").strip()
