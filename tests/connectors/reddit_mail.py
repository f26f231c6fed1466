"""The mail of a community on Reddit, as answers to moderators' programs were recorded.

A conversation lies in one folder; a list names a folder's conversations, the one last written in
first, and goes on after an id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.connectors.platforms import Reply
from tests.connectors.reddit_platform import JSON, NOON, RedditServer

Entity = dict[str, object]
STATES = {"all": 1, "archived": 2, "appeals": 3, "join_requests": 4, "filtered": 5, "mod": 1}


def _stamped(when: datetime) -> str:
    return when.isoformat()


@dataclass(kw_only=True)
class Conversation:
    """One conversation, and the *folder* it lies in, or several by their names."""

    id: str
    subject: str
    folder: str = "all"
    participant: Entity = field(default_factory=lambda: {"name": "neighbor", "id": 56922862})
    messages: list[Entity] = field(default_factory=list)
    deeds: list[Entity] = field(default_factory=list)
    untold: int = 0
    updated: str = ""


@dataclass
class MailServer(RedditServer):
    """The community `r/indio`, its moderators' mail, and who may read it."""

    mail: dict[str, Conversation] = field(default_factory=dict)
    reads_mail: bool = True
    refused: frozenset[str] = frozenset()

    # --- what people do -------------------------------------------------------------------------

    def write(
        self, conversation: str, text: str, *, by: str = "neighbor", at: datetime | None = None,
        **more: object,
    ) -> str:  # fmt: skip
        held = self.mail.setdefault(conversation, Conversation(id=conversation, subject="A tip"))
        name = f"{conversation}{len(held.messages):x}"
        when = at or NOON + timedelta(minutes=len(held.messages))
        author = {
            "name": by,
            "id": 56922862,
            "isMod": by != "neighbor",
            "isHidden": False,
            "isDeleted": False,
        } | more.pop("author", {})  # type: ignore[operator] # a test's
        held.messages.append({
            "id": name, "body": f"<p>{text}</p>", "bodyMarkdown": text, "author": author,
            "isInternal": False, "date": _stamped(when), **more,
        })  # fmt: skip
        return name

    def do(self, conversation: str, number: int, *, by: str = "sgt") -> str:
        held = self.mail[conversation]
        name = f"{conversation}d{len(held.deeds)}"
        author = {"name": by, "id": 56923181, "isMod": True, "isDeleted": False}
        held.deeds.append({
            "id": name, "date": _stamped(NOON + timedelta(hours=1)), "actionTypeId": number,
            "author": author,
        })  # fmt: skip
        return name

    # --- what the API answers -------------------------------------------------------------------

    def _moderation(self, path: str, params: Mapping[str, str]) -> Reply | None:
        start, _, name = path.partition("api/mod/conversations")
        if start:
            return super()._moderation(path, params)
        if not self.reads_mail:
            return Reply(403, b'{"message": "Forbidden", "error": 403}', JSON)
        if name:
            held = self.mail.get(name.strip("/"))
            missing = Reply(404, b'{"message": "Not Found", "error": 404}', JSON)
            return missing if held is None else self._json(self._told(held))
        return self._listed(params)

    def _listed(self, params: Mapping[str, str]) -> Reply:
        if params["entity"] != "indio" or params["state"] in self.refused:
            return Reply(422, b'{"message": "Unprocessable Entity", "error": 422}', JSON)
        rows = [each for each in self.mail.values() if params["state"] in each.folder.split()]
        rows.sort(key=lambda each: str(self._about(each)["lastUpdated"]), reverse=True)
        names = [each.id for each in rows]
        start = names.index(params["after"]) + 1 if "after" in params else 0
        given = rows[start : start + min(int(params["limit"]), self.slice)]
        return self._json({
            "conversationIds": [each.id for each in given], "viewerId": "t2_abc12",
            "conversations": {each.id: self._about(each) for each in given}, "messages": {},
        })  # fmt: skip

    def _told(self, held: Conversation) -> Entity:
        return {
            "conversation": self._about(held),
            "messages": {str(each["id"]): each for each in held.messages},
            "modActions": {str(each["id"]): each for each in held.deeds},
            "user": {"name": "neighbor", "recentComments": {"t1_1": {"comment": "Elsewhere"}}},
        }

    def _about(self, held: Conversation) -> Entity:
        newest = held.updated or max(str(each["date"]) for each in held.messages)
        return {
            "id": held.id, "subject": held.subject, "participant": held.participant,
            "lastUpdated": newest, "state": STATES.get(held.folder, 0), "isInternal": False,
            "numMessages": len(held.messages) + held.untold, "isAuto": False,
        }  # fmt: skip
