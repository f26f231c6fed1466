"""Reading what the chat service says of a message: pure.

Field names are those of the lexicon `chat.bsky.convo.defs`. A message is said, or was deleted and
shows no text, or is the service's own notice of what happened to a group.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from archiver.records.captures import Observation, PlatformState, Sighting
from archiver.records.errors import AnswerUnreadable
from archiver.records.exchanges import cut_from
from archiver.records.items import Author, Content, ItemKind, RawFragment
from connectors.bluesky.named import SITE, embedded, facets
from connectors.bluesky.parsing import JSON, without_quoted
from connectors.cutting import json_members, moment_of, object_of, optional_id, text_of

_LEXICON = "chat.bsky.convo.defs#"
_SAID, _DELETED, _NOTICE = "messageView", "deletedMessageView", "systemMessageView"
_EVENT = "systemMessageData"
_DOERS = ("addedBy", "removedBy", "lockedBy", "unlockedBy", "member")
_FOR_ITSELF = "shown as deleted to this account; an account deletes for itself alone"


def read_members(value: object) -> dict[str, Author]:
    """Give the accounts of a list of profiles, by their lasting names, as far as it is one."""
    found = {}
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict) and (did := text_of(each, "did", absent="")):
            handle, name = (
                text_of(each, "handle", absent=""),
                text_of(each, "displayName", absent=""),
            )
            found[did] = Author(did, name, handle, f"{SITE}/{did}")
    return found


def read_message(
    value: object, raw: bytes, *, conversation: str, members: Mapping[str, Author]
) -> tuple[datetime, Observation | Sighting]:
    """Read one message of a *conversation* between *members*: when it was sent, what is seen of it.

    Raises:
        AnswerUnreadable: it is no message as documented.
    """
    message = object_of(value, "a message")
    at = moment_of(message.get("sentAt"))
    kind = text_of(message, "$type", absent="").removeprefix(_LEXICON)
    name = name_of(conversation, text_of(message, "id"))
    if kind == _DELETED:
        state, source = PlatformState.REPORTED_REMOVED, "bluesky deleted message"
        return at, Sighting(native_id=name, state=state, source=source, remark=_FOR_ITSELF)
    marks: tuple[str, ...] = ()
    if kind == _SAID:
        text, by = text_of(message, "text"), _did(message.get("sender"))
    elif kind == _NOTICE:
        text, by, marks = _notice(message.get("data"))
    else:
        raise AnswerUnreadable("a message is of no kind that is documented")
    above = message.get("replyTo")
    answered = optional_id(above.get("id")) if isinstance(above, dict) else None
    files, links = embedded(message.get("embed"), by)
    content = Content(
        native_id=name,
        kind=ItemKind.MESSAGE,
        text=text,
        published_at=at,
        author=members.get(by, Author(by, url=f"{SITE}/{by}")) if by else None,
        parent=name_of(conversation, answered) if answered else None,
        thread=f"chat:{conversation}",
        attachments=tuple(files),
        links=tuple(dict.fromkeys((*facets(message.get("facets")), *links))),
        marks=marks,
        raw=RawFragment(JSON, _without_answered(without_quoted(raw))),
    )
    reactions = message.get("reactions")
    counts = {"reactions": len(reactions)} if isinstance(reactions, list) else {}
    return at, Observation(content=content, engagement=counts, restricted=True)


def name_of(conversation: str, message: str) -> str:
    """Give the id by which a message is kept: a service's ids are its conversation's own."""
    return f"chat:{conversation}/{message}"


def _notice(value: object) -> tuple[str, str, tuple[str, ...]]:
    """Give what the service's own notice says: a group's new name, who did it, what was done."""
    data = object_of(value, "what a notice tells")
    what = text_of(data, "$type").removeprefix(_LEXICON).removeprefix(_EVENT)
    by = next((did for doer in _DOERS if (did := _did(data.get(doer)))), "")
    return text_of(data, "newName", absent=""), by, (what,)


def _did(value: object) -> str:
    return text_of(value, "did", absent="") if isinstance(value, dict) else ""


def _without_answered(raw: bytes) -> bytes:
    """Give the fragment *raw* with the message it answers, an item of its own, as a reference."""
    text = raw.decode()
    for key, begin, end in json_members(text):
        if key == "replyTo" and text[begin] == "{":
            named = {"id": json.loads(text[begin:end]).get("id")}
            left = text[:begin] + json.dumps({"reference": named}) + text[end:]
            return cut_from(raw, left.encode())
    return raw
