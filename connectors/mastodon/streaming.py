"""What a Mastodon server sends by itself: its streaming API, over a websocket.

From "streaming API methods" of the documentation: the stream `user` is the account's home timeline
and its notifications; each message is JSON with an *event* and a *payload* that is JSON within a
text. A deletion names a number and nothing else, whoever wrote it and whoever deleted it: it counts
only where the archive has that status. What others write is kept only where it answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from archiver.records.captures import Gap, GapReason, Known, PlatformState, Sighting
from archiver.records.deliveries import STREAMED, Announcement, Delivery, Frame
from archiver.records.errors import AnswerUnreadable, ConfigInvalid, PermissionLost
from archiver.records.items import ItemKind
from archiver.records.pages import FetchSettings
from connectors.cutting import id_of, json_parts, object_of, optional_id, text_of
from connectors.fetching import Fetcher, Socket
from connectors.mastodon.parsing import name_of, read_status

SOURCE = "mastodon streaming"

_FOUND, _NOT_FOUND = 200, 404
_REFUSED = (401, 403)
_SOCKETS = {"http": "ws", "https": "wss"}
_NEW, _EDITED, _GONE, _TOLD = "update", "status.update", "delete", "notification"
_MENTION, _DIRECT = "mention", "direct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an account is, and the token with which its server knows it."""

    page: str
    server: str
    name: str
    account: str
    token: str


class UserStream:
    """The stream of one account. The token goes to its server, and where that has its streams."""

    def __init__(self, account: str, line: Socket) -> None:
        self._account = account
        self._line = line

    @classmethod
    def opened(cls, place: Place, fetching: FetchSettings) -> UserStream:
        """Ask whose the token is and where the server has its streams, and open the account's.

        Raises:
            ConfigInvalid: the token is another account's, or would travel unencrypted.
            ConnectorError: the server could not be asked, or refuses.
        """
        headers = {"authorization": f"Bearer {place.token}"}
        with closing(Fetcher(fetching, headers=headers, home=place.server)) as fetcher:
            account = _whose(fetcher, place)
            base = _base(fetcher, place, fetching)
        url = f"{base}/api/v1/streaming?stream=user"
        return cls(account, Socket.opened(url, fetching, headers=headers))

    def frames(self, patience: float) -> Iterator[Frame | None]:
        """Yield what may be of the account's page, and what cannot be read.

        Raises:
            PermissionLost: the server says that the token may not have this stream.
            PlatformUnreachable: the stream broke off.
        """
        for body in self._line.frames(patience):
            if body is None:
                yield None
            elif _may_concern(body, self._account):
                yield Frame(account=self._account, body=body)

    def close(self) -> None:
        """Let go of the connection."""
        self._line.close()


def announced(delivery: Delivery) -> Iterator[Announcement | Gap]:
    """Give what a frame says of the page of the account whose stream it came over.

    Raises:
        AnswerUnreadable: it is not as documented.
    """
    owner = delivery.headers.get(STREAMED, "")
    event, told, raw = _read(delivery.body)
    if event == _GONE:
        yield _deleted(optional_id(told) or "")
        return
    try:
        yield _shown(told, raw, owner, fresh=event != _EDITED)
    except AnswerUnreadable as error:
        name = name_of(told)
        what = f"streamed status {name}".rstrip()
        yield Gap(what=what, why=GapReason.UNREADABLE, detail=str(error), native_id=name or None)


def _may_concern(body: bytes, owner: str) -> bool:
    """Say whether a frame is to be kept: what is of somebody else's page never is.

    Raises:
        PermissionLost: it says that the token may not have this stream.
    """
    try:
        event, told, _ = _read(body)
    except AnswerUnreadable:
        return True  # a gap is made of it
    if event == _GONE:
        return True
    if event not in {_NEW, _EDITED, _TOLD} or not isinstance(told, dict):
        return False
    if told.get("visibility") == _DIRECT:
        return False  # it is read in its conversation, where the page's settings ask for that
    account = told.get("account")
    own = isinstance(account, dict) and optional_id(account.get("id")) == owner
    answered = optional_id(told.get("in_reply_to_account_id")) == owner
    mentioned = event == _TOLD and optional_id(told.get("in_reply_to_id")) is not None
    return own or answered or mentioned


def _read(body: bytes) -> tuple[str, object, bytes]:
    """Give the event of a frame, the status (or the number) it tells of, and that one's own bytes.

    Of a notification this is the status that mentions the account; None where it is about none.

    Raises:
        AnswerUnreadable: it is not as documented.
        PermissionLost: it says that the token may not have this stream.
    """
    frame = object_of(_json(body), "a frame of the stream")
    if "event" not in frame:
        _complain(frame)
    event = text_of(frame, "event")
    if event not in {_NEW, _EDITED, _GONE, _TOLD}:
        return event, None, b""
    payload = frame.get("payload")
    if event == _GONE:
        return event, id_of(payload, "what was deleted"), b""
    raw = text_of(frame, "payload").encode()
    value = object_of(_json(raw), "a payload")
    if event != _TOLD:
        return event, value, raw
    status = value.get("status") if value.get("type") == _MENTION else None
    return event, status, json_parts(raw).get("status", b"")


def _complain(frame: Mapping[str, object]) -> None:
    status, words = frame.get("status"), text_of(frame, "error", absent="")
    told = f"the stream answered {status}" if isinstance(status, int) else "the stream has no event"
    if status in _REFUSED:
        raise PermissionLost(f"{told}: {words}"[:200])
    raise AnswerUnreadable(f"{told}: {words}"[:200])


def _shown(value: object, raw: bytes, owner: str, *, fresh: bool) -> Announcement:
    status = read_status(value, raw, owner=owner)
    content = status.content
    answered = optional_id(object_of(value, "a status").get("in_reply_to_account_id"))
    author = content.author.native_id if content.author is not None else ""
    return Announcement(
        known=Known(
            native_id=content.native_id,
            kind=content.kind,
            parent=content.parent,
            thread=None,
            permalink=content.permalink,
        ),
        wording=status.seen(content),
        fresh=fresh and content.edited_at is None,
        ours=owner in {author, answered},
    )


def _deleted(name: str) -> Announcement:
    """Give that a status was deleted: of which account's, and by whom, is not said."""
    state = PlatformState.REPORTED_REMOVED
    return Announcement(
        known=Known(native_id=name, kind=ItemKind.POST, parent=None, thread=None, permalink=""),
        sighting=Sighting(native_id=name, state=state, source=SOURCE),
        final=True,
        ours=False,
    )


def _json(body: bytes) -> object:
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        raise AnswerUnreadable("a frame of the stream is not JSON") from None
    return value


def _whose(fetcher: Fetcher, place: Place) -> str:
    """Give the id of the account that the token is of, which must be the page's."""
    answer = fetcher.get(f"{place.server}/api/v1/accounts/verify_credentials")
    account = object_of(answer.json(), "an account")
    found, name = id_of(account.get("id"), "an account"), text_of(account, "acct")
    host = urlsplit(place.server).hostname
    names = {name.casefold(), f"{name}@{host}".casefold()}
    same = found == place.account if place.account else place.name.casefold() in names
    if not same:
        raise ConfigInvalid(f"page {place.page}: the token is that of @{name}, who has a stream")
    return found


def _base(fetcher: Fetcher, place: Place, fetching: FetchSettings) -> str:
    """Give where the server says that its streams are; its own address where it does not say.

    Raises:
        ConfigInvalid: the token would travel unencrypted.
    """
    answer = fetcher.get(f"{place.server}/api/v2/instance", accept=(_FOUND, _NOT_FOUND))
    told: object = answer.json() if answer.status == _FOUND else None
    for key in ("configuration", "urls", "streaming"):
        told = told.get(key) if isinstance(told, dict) else None
    scheme, _, rest = place.server.partition("://")
    base = told.rstrip("/") if isinstance(told, str) and told else f"{_SOCKETS[scheme]}://{rest}"
    parts = urlsplit(base)
    if parts.scheme != "wss" and parts.hostname not in fetching.allow_private_hosts:
        raise ConfigInvalid(f"page {place.page}: a token is not sent over {parts.scheme or '?'}")
    return base
