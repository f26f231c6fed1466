"""Conversations with a page or an account, as the documents of the Conversations API say.

A list of conversations for one platform; in each every message is named, the newest first, and
only the twenty newest are told; an older one asked for by its id is said not to exist.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tests.connectors.graph_platform import Entity, GraphServer, Query, Refused, Wanted, stamped

TOLD = 20


@dataclass(kw_only=True)
class Message:
    """A message in a conversation."""

    id: str
    text: str
    at: datetime
    author: str = "8001"
    files: list[Entity] = field(default_factory=list)
    share: str = ""
    sticker: str = ""
    on: str = ""
    unsupported: bool = False


@dataclass(kw_only=True)
class Conversations(GraphServer):
    """The inbox of one account; *silent* says that the token has no right to messages."""

    inbox: dict[str, list[Message]] = field(default_factory=dict)
    silent: bool = False

    def conversed(
        self, path: str, query: Query, fields: tuple[Wanted, ...], *, owner: str, platform: str
    ) -> Entity | None:
        """Answer for conversations and their messages; None where *path* is something else."""
        node, _, edge = path.partition("/")
        if edge == "conversations" and node in {"me", owner}:
            if self.silent or query.get("platform", platform) != platform:
                raise Refused(
                    200, "(#200) Requires pages_messaging permission to manage the object"
                )
            rows: list[Entity] = [self._conversation(name) for name in self.inbox]
            return self._slice(path, query, rows, fields, node="Conversation")
        if edge == "messages" and node in self.inbox:
            told = self._newest_first(node)
            rows = [self._message(one, whole=n < TOLD) for n, one in enumerate(told)]
            return self._slice(path, query, rows, fields, node="Message")
        return None

    def told_message(self, name: str, fields: tuple[Wanted, ...]) -> Entity | None:
        """Answer for one message by its id; None where there is none, or it is too old."""
        for conversation in self.inbox:
            for one in self._newest_first(conversation)[:TOLD]:
                if one.id == name:
                    return self.project(self._message(one, whole=True), fields, node="Message")
        return None

    def _newest_first(self, conversation: str) -> list[Message]:
        return sorted(self.inbox[conversation], key=lambda one: one.at, reverse=True)

    def _slice(
        self, path: str, query: Query, rows: list[Entity], fields: tuple[Wanted, ...], *, node: str
    ) -> Entity:
        piece, paging = self.paged(path, query, rows, lambda row: str(row["id"]))
        data = [self.project(row, fields, node=node) if len(row) > 1 else row for row in piece]
        return {"data": data} | ({"paging": paging} if paging else {})

    def _conversation(self, name: str) -> Entity:
        newest = max(one.at for one in self.inbox[name])
        return {"id": name, "updated_time": stamped(newest), "link": f"/inbox/{name}"}

    @staticmethod
    def _message(message: Message, *, whole: bool) -> Entity:
        if not whole:
            return {"id": message.id}
        return {
            "id": message.id, "created_time": stamped(message.at), "message": message.text,
            "from": {"id": message.author, "name": f"Name of {message.author}"},
            "to": {"data": [{"id": "1", "name": "Example Police"}]},
            "sticker": message.sticker or None,
            "reply_to": {"mid": message.on} if message.on else None,
            "is_unsupported": message.unsupported or None,
            "attachments": {"data": message.files} if message.files else None,
            "shares": {"data": [{"link": message.share}]} if message.share else None,
        }  # fmt: skip
