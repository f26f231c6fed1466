"""Reading what YouTube tells of a live chat: pure.

Field names are those of the resource liveChatMessage. Most of what comes is said by somebody; some
of it tells what a moderator did. Who took down a message or barred somebody is the author of that
event, as far as YouTube names one. What the chat shows of a message is its `displayMessage`.
"""

from __future__ import annotations

from collections.abc import Mapping

from archiver.records.captures import Actor, Observation, PlatformState, Seen, Sighting
from archiver.records.items import Author, Content, ItemKind, RawFragment
from connectors.cutting import count_of, id_of, moment_of, object_of, text_of
from connectors.moderating import log_entry
from connectors.youtube.parsing import JSON, watch

MARK = "live-chat"
SAID = "textMessageEvent"
_ENDED, _TOMBSTONE = "chatEndedEvent", "tombstone"
_DELETED, _BANNED = "messageDeletedEvent", "userBannedEvent"
_MODES = {
    "sponsorOnlyModeStartedEvent": "members alone may write",
    "sponsorOnlyModeEndedEvent": "everybody may write again",
}


def read_line(value: object, raw: bytes, *, video: str) -> Seen | None:
    """Read one resource of the live chat of *video*; None where it only says that the chat ended.

    Raises:
        AnswerUnreadable: it is no liveChatMessage as documented.
    """
    line = object_of(value, "a line of a live chat")
    snippet = object_of(line.get("snippet"), "the snippet of a line")
    kind, name = text_of(snippet, "type"), id_of(line.get("id"), "a line")
    by = _part(line, "authorDetails")
    if kind == _ENDED:
        return None
    if kind == _TOMBSTONE:
        return _gone(name, Actor.UNTOLD, kind)
    if kind == _DELETED:
        gone = text_of(_part(snippet, "messageDeletedDetails"), "deletedMessageId")
        return _gone(gone, _actor(by), kind, text_of(by, "displayName", absent=""))
    if kind == _BANNED or kind in _MODES:
        words = _MODES.get(kind) or _ban(_part(snippet, "userBannedDetails"))
        at = moment_of(snippet.get("publishedAt"))
        return log_entry(line_name(name), words, raw, at=at, by=_author(by), url=watch(video))
    said = _part(snippet, "textMessageDetails") if kind == SAID else snippet
    text = text_of(said, "messageText" if kind == SAID else "displayMessage", absent="")
    content = Content(
        native_id=line_name(name),
        kind=ItemKind.MESSAGE,
        text=text,
        published_at=moment_of(snippet.get("publishedAt")),
        author=_author(by),
        parent=video,
        thread=video,
        permalink=watch(video),
        marks=(MARK,) if kind == SAID else (MARK, kind),
        raw=RawFragment(JSON, raw),
    )
    return Observation(content=content, restricted=True)


def line_name(native_id: str) -> str:
    """Give the id by which a line of a chat is kept: it is none of a comment."""
    return f"{MARK}:{native_id}"


def _gone(native_id: str, actor: Actor, kind: str, by: str = "") -> Sighting:
    return Sighting(
        native_id=line_name(native_id),
        state=PlatformState.REPORTED_REMOVED,
        actor=actor,
        source=f"youtube {kind.lower()}",
        remark=by,
    )


def _actor(by: Mapping[str, object]) -> Actor:
    """Say who took a message down, as far as YouTube says what they are to the chat."""
    if by.get("isChatOwner") is True:
        return Actor.PAGE
    if by.get("isChatModerator") is True:
        return Actor.MODERATOR
    return Actor.UNKNOWN if by else Actor.UNTOLD


def _ban(details: Mapping[str, object]) -> str:
    who = _part(details, "bannedUserDetails")
    seconds = count_of(details.get("banDurationSeconds"))
    told = text_of(details, "banDurationSeconds", absent="") if seconds is None else str(seconds)
    how_long = f"for {told} seconds" if told else text_of(details, "banType", absent="")
    named = f"{text_of(who, 'displayName', absent='')} ({text_of(who, 'channelId', absent='')})"
    return f"banned from the chat: {named}, {how_long or 'how long is not told'}"


def _author(by: Mapping[str, object]) -> Author | None:
    name, channel = text_of(by, "displayName", absent=""), text_of(by, "channelId", absent="")
    handle = name if name.startswith("@") else ""
    url = text_of(by, "channelUrl", absent="")
    return Author(channel, name, handle, url) if name or channel else None


def _part(entity: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = entity.get(name)
    return {} if value is None else object_of(value, name)
