"""Direct messages: the account's conversations, asked of its chat service through its own server.

They are no part of the repository, and nobody signs them. The account's server passes a question on
to the service that a header names, for an app password that was given access to messages. A
conversation tells its newest message first; one that was deleted keeps its place without its text.
https://github.com/bluesky-social/atproto/tree/main/lexicons/chat/bsky
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from archiver.records.captures import Seen
from archiver.records.errors import AnswerUnreadable, BudgetSpent, ConnectorError, PermissionLost
from archiver.records.items import Author
from archiver.records.pages import AccessCheck
from connectors.bluesky.messages import name_of, read_members, read_message
from connectors.bluesky.named import tid_moment
from connectors.bluesky.network import Home, error_of
from connectors.cutting import json_member, moment_of, object_of, optional_id, text_of
from connectors.fetching import Answer, Fetcher, unread

SERVICE = "did:web:api.bsky.chat#bsky_chat"
"""The chat service, as the network names it."""

NEEDS = (
    "an app password of this account with access to direct messages: under Settings, Privacy and "
    "security, App passwords make one and allow access to direct messages, or set messages = false"
)
"""The right without which no message is shown, and how it is given."""

_LIST = "chat.bsky.convo.listConvos"
_SLICE = "100"
_OK, _REFUSED = 200, 400
_CHOICES: tuple[dict[str, str], ...] = ({}, {"status": "request"})
_NO_RIGHT = frozenset({"InvalidToken", "ExpiredToken", "AuthMissing", "AuthenticationRequired"})


@dataclass(frozen=True, slots=True)
class _Session:
    """The account's server, and the headers with which it is asked for messages."""

    fetcher: Fetcher
    server: str
    headers: Mapping[str, str]

    def slices(self, method: str, asked: Mapping[str, str]) -> Iterator[Answer]:
        """Yield a list slice by slice, until the service names no further one.

        Raises:
            PermissionLost: the password has no right to messages.
            AnswerUnreadable: another refusal, or the slices go in a circle.
        """
        place, been = "", set[str]()
        while place not in been:
            been.add(place)
            onward = {"cursor": place} if place else {}
            answer = self._ask(method, {"limit": _SLICE, **asked, **onward})
            place = text_of(object_of(answer.json(), "a list"), "cursor", absent="")
            yield answer
            if not place:
                return
        raise AnswerUnreadable(f"the slices of {method} go in a circle")

    def _ask(self, method: str, asked: Mapping[str, str]) -> Answer:
        url, accept = f"{self.server}/xrpc/{method}", (_OK, _REFUSED)
        answer = self.fetcher.get(url, params=asked, headers=self.headers, accept=accept)
        if (error := error_of(answer)) in _NO_RIGHT:
            raise PermissionLost(f"{answer.url} answered {error}")
        if error:
            raise AnswerUnreadable(f"{answer.url} answered {_REFUSED} {error}")
        return answer


class Chat:
    """The direct messages of one account, asked for with its app *password*.

    It travels over https alone, but to the hosts *unencrypted*.
    """

    def __init__(self, fetcher: Fetcher, password: str, *, unencrypted: Collection[str]) -> None:
        self._fetcher = fetcher
        self._password = password
        self._unencrypted = unencrypted

    def since(self, home: Home, since: datetime | None) -> Iterator[Seen]:
        """Yield what was said since then, or ever, in every conversation of the account *home*.

        What strangers write waits as a request. The documents do not say that the list without a
        choice tells of these, so that they are asked for as well.

        Raises:
            PermissionLost: the password is another account's, or has no right to messages.
            ConnectorError: as for `Fetcher.get`.
        """
        session, been = self._signed_in(home), set[str]()
        for choice in _CHOICES:
            for answer in session.slices(_LIST, choice):
                for value, _ in json_member(answer.body, "convos"):
                    yield from _conversation(session, value, since, been)

    def check(self, home: Home) -> AccessCheck:
        """Try whether the password may see the messages of the account *home*."""
        what = "its direct messages"
        try:
            next(self._signed_in(home).slices(_LIST, {"limit": "1"}))
        except PermissionLost as error:
            return AccessCheck(what, granted=False, detail=f"{error}; it needs {NEEDS}")
        except ConnectorError as error:
            return AccessCheck(what, granted=False, detail=str(error))
        return AccessCheck(what, granted=True)

    def _signed_in(self, home: Home) -> _Session:
        server, method = urlsplit(home.server), "com.atproto.server.createSession"
        if server.scheme != "https" and server.hostname not in self._unencrypted:
            raise AnswerUnreadable("a password is not sent over http, and the account's server is")
        asked = {"identifier": home.did, "password": self._password}
        answer = self._fetcher.ask(f"{home.server}/xrpc/{method}", asked, accept=(_OK, _REFUSED))
        if error := error_of(answer):
            raise PermissionLost(f"{answer.url} answered {error}")
        told = object_of(answer.json(), "a session")
        if text_of(told, "did") != home.did:
            raise PermissionLost(
                "the app password is another account's, whose messages are its own"
            )
        bearer = f"Bearer {text_of(told, 'accessJwt')}"
        headers = {"authorization": bearer, "atproto-proxy": SERVICE}
        return _Session(self._fetcher, home.server, headers)


def _conversation(
    session: _Session, value: object, since: datetime | None, been: set[str]
) -> Iterator[Seen]:
    """Yield what was said in the conversation *value*, once, where it is not in *been*."""
    what = "a conversation"
    try:
        told = object_of(value, what)
        name = text_of(told, "id")
        what = f"conversation {name}"
        if name not in been and (since is None or _is_new(told, since)):
            yield from _messages(session, name, read_members(told.get("members")), since)
        been.add(name)
    except (BudgetSpent, PermissionLost):
        raise
    except ConnectorError as error:
        yield unread(what, error)


def _messages(
    session: _Session, name: str, members: Mapping[str, Author], since: datetime | None
) -> Iterator[Seen]:
    for answer in session.slices("chat.bsky.convo.getMessages", {"convoId": name}):
        also = read_members(object_of(answer.json(), "a list").get("relatedProfiles"))
        known, ended = {**members, **also}, False
        for value, raw in json_member(answer.body, "messages"):
            try:
                at, seen = read_message(value, raw, conversation=name, members=known)
            except AnswerUnreadable as error:
                told = optional_id(value.get("id")) if isinstance(value, dict) else None
                yield unread("a message", error, name_of(name, told) if told else None)
                continue
            ended = since is not None and at < since
            if not ended:
                yield seen
        if ended:
            return


def _is_new(told: Mapping[str, object], since: datetime) -> bool:
    """Say whether something may have happened in a conversation since then.

    Its state is named by the moment of the last change, a deletion too; where that or the moment
    of its last message cannot be read, it may have.
    """
    last = told.get("lastMessage")
    try:
        sent = moment_of(last.get("sentAt")) if isinstance(last, dict) else since
    except AnswerUnreadable:
        return True
    changed = tid_moment(text_of(told, "rev", absent=""))
    return changed is None or max(changed, sent) >= since
