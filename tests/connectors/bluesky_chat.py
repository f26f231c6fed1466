"""The chat of Bluesky behind an account's own server, by its lexicons `chat.bsky.convo`.

The server lets in by an app password, passes on what a header names the chat service for, and
refuses both to a password that has no right to messages. What a member deletes is gone for that
member alone, which then sees its place without its text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from tests.connectors.bluesky_platform import POLICE, BlueskyServer, Entity, person, stamped
from tests.connectors.platforms import FIRST_MOMENT, SECRET, Reply
from tests.connectors.signed_repository import tid

SERVICE = "did:web:api.bsky.chat#bsky_chat"
_VIEWS = "chat.bsky.convo.defs#"


@dataclass(kw_only=True)
class Conversation:
    """One conversation as the account sees it."""

    id: str
    status: str = "accepted"
    members: list[str] = field(default_factory=lambda: [POLICE, person(7)])
    told: list[Entity] = field(default_factory=list)
    rev: str = ""


@dataclass
class ChatServer(BlueskyServer):
    """The network of a test, with the account's inbox; *whose* is who the password lets in."""

    inbox: dict[str, Conversation] = field(default_factory=dict)
    privileged: bool = True
    whose: str = POLICE
    unfiltered_holds_requests: bool = True
    headers: list[tuple[str, str, str]] = field(default_factory=list)

    # --- what people do -------------------------------------------------------------------------

    def say(
        self, conversation: str, text: str, *, by: str = "", at: datetime | None = None,
        **more: object,
    ) -> str:  # fmt: skip
        """Have somebody say *text*; the first who writes opens the conversation."""
        return self._enter(
            conversation, at,
            {"$type": f"{_VIEWS}messageView", "text": text,
             "sender": {"did": by or person(7)}, **more},
        )  # fmt: skip

    def notice(self, conversation: str, what: str, **data: object) -> str:
        """Have the service tell what happened to a group."""
        told = {"$type": f"{_VIEWS}systemMessageData{what}", **data}
        view = {"$type": f"{_VIEWS}systemMessageView", "data": told}
        return self._enter(conversation, None, view)

    def delete_for_self(self, conversation: str, name: str) -> None:
        """Have the account delete a message: its place stays, and the state is a new one."""
        held = self.inbox[conversation]
        for place, view in enumerate(held.told):
            if view["id"] == name:
                kept = {key: view[key] for key in ("id", "rev", "sender", "sentAt")}
                held.told[place] = {"$type": f"{_VIEWS}deletedMessageView", **kept}
        held.rev = self._state()

    def _enter(self, conversation: str, at: datetime | None, view: Entity) -> str:
        rev = self._state()
        when = at or FIRST_MOMENT + timedelta(seconds=self.seconds)
        held = self.inbox.setdefault(conversation, Conversation(id=conversation))
        name = f"m{self.seconds}"
        held.told.append({**view, "id": name, "rev": rev, "sentAt": stamped(when)})
        held.rev = tid(when)
        return name

    def _state(self) -> str:
        self.seconds += 1
        return tid(FIRST_MOMENT + timedelta(seconds=self.seconds))

    # --- what the servers answer ----------------------------------------------------------------

    def answer(self, request: httpx.Request) -> Reply:
        """Answer one request; the chat's are told by their method."""
        method = request.url.path.rpartition("/")[2]
        proxied = request.headers.get("atproto-proxy", "")
        self.headers.append((method, request.headers.get("authorization", ""), proxied))
        if method == "com.atproto.server.createSession":
            self.asked.append((method, {}))
            return self._session(json.loads(request.read()))
        if not method.startswith("chat."):
            return self.respond(request.url.path, request.url.params.multi_items())
        query = dict(request.url.params.multi_items())
        self.asked.append((method, query))
        if (refused := self.refuse(method, query) or self._barred(request)) is not None:
            return refused
        return self._listed(query) if method.endswith("listConvos") else self._messages(query)

    def _barred(self, request: httpx.Request) -> Reply | None:
        if request.headers.get("authorization") != "Bearer let-in":
            return Reply.json({"error": "AuthMissing"}, status=401)
        if request.headers.get("atproto-proxy") != SERVICE:
            return Reply.json({"error": "MethodNotImplemented"}, status=501)
        if not self.privileged:
            return Reply.json({"error": "InvalidToken", "message": "Bad token method"}, status=400)
        return None

    def _session(self, asked: Mapping[str, str]) -> Reply:
        if asked["password"] != SECRET:
            return Reply.json({"error": "AuthenticationRequired"}, status=401)
        return Reply.json({
            "did": self.whose, "handle": "police.example.gov", "accessJwt": "let-in",
            "refreshJwt": "again",
        })  # fmt: skip

    def _listed(self, query: Mapping[str, str]) -> Reply:
        wanted = query.get("status")
        found = [
            each
            for each in self.inbox.values()
            if each.status == wanted
            or (not wanted and (self.unfiltered_holds_requests or each.status == "accepted"))
        ]
        found.sort(key=lambda each: each.rev, reverse=True)
        return self._slice("convos", query, [self._convo(each) for each in found])

    def _messages(self, query: Mapping[str, str]) -> Reply:
        held = self.inbox.get(query["convoId"])
        if held is None:
            return Reply.json({"error": "InvalidConvo"}, status=400)
        senders = [each["sender"] for each in held.told if "sender" in each]
        named = [str(each["did"]) for each in senders if isinstance(each, dict)]
        profiles = [self._author(did) for did in dict.fromkeys(named)]
        return self._slice("messages", query, held.told[::-1], relatedProfiles=profiles)

    def _slice(
        self, name: str, query: Mapping[str, str], rows: list[Entity], **beside: object
    ) -> Reply:
        start = int(query.get("cursor", "0"))
        end = start + min(int(query.get("limit", "50")), self.slice)
        onward = {"cursor": str(end)} if end < len(rows) else {}
        return Reply.json({name: rows[start:end], **onward, **beside})

    def _convo(self, held: Conversation) -> Entity:
        members = [self._author(did) for did in held.members]
        last = {"lastMessage": held.told[-1]} if held.told else {}
        return {
            "id": held.id, "rev": held.rev, "members": members, "muted": False,
            "status": held.status, "unreadCount": 0, **last,
        }  # fmt: skip


class ChatTransport(httpx.BaseTransport):
    """Asks a network with a chat without a socket."""

    def __init__(self, server: ChatServer) -> None:
        self._server = server

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        reply = self._server.answer(request)
        stream = httpx.ByteStream(reply.body)
        return httpx.Response(reply.status, headers=dict(reply.headers), stream=stream)
