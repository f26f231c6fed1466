"""What Bluesky's Jetstream sends of one account: what is written into its repository, as JSON.

From "Legacy v1 JSON Payload (`/subscribe`)" of Jetstream's documentation, which is frozen as it is:
each message tells of one account (*did*) at a moment (*time_us*, microseconds); its *kind* is
`commit` (one record created, updated or deleted), `identity` or `account`. It can be asked to go on
from a moment within about 36 hours, and goes on from the oldest that it has where that is older.
Nothing of it is signed: what it names is asked for, with the proof.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from urllib.parse import urlencode

from archiver.records.captures import Gap, GapReason, Known, Observation
from archiver.records.deliveries import STREAMED, Announcement, Delivery, Frame
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import ItemKind, RawFragment
from archiver.records.pages import FetchSettings
from connectors.bluesky.named import POSTS
from connectors.bluesky.network import Network
from connectors.bluesky.parsing import (
    GATES,
    JSON,
    PROFILE,
    hidden_by,
    record_to_content,
)
from connectors.cutting import json_parts, object_of, text_of
from connectors.fetching import FRAME_BYTES, Socket

REWIND = 5_000_000
"""How far before the last frame (µs) it is asked to go on: another of its servers may be behind."""

_WANTED = (POSTS, PROFILE, GATES)
_CREATED, _GONE = "create", "delete"


class RepositoryStream:
    """The stream of one account's repository."""

    def __init__(self, did: str, line: Socket) -> None:
        self._did = did
        self._line = line

    @classmethod
    def opened(
        cls, network: Network, fetching: FetchSettings, *, actor: str, jetstream: str, cursor: str
    ) -> RepositoryStream:
        """Open the stream of *actor* at the address *jetstream*, from *cursor* on.

        Raises:
            ConnectorError: the account could not be found, or the stream not be opened.
        """
        with closing(network):
            did = network.home(actor).did
        asked = [("wantedDids", did), *(("wantedCollections", name) for name in _WANTED)]
        asked.append(("maxMessageSizeBytes", str(FRAME_BYTES)))
        if cursor.isdecimal():
            asked.append(("cursor", str(int(cursor) - REWIND)))
        return cls(did, Socket.opened(f"{jetstream}?{urlencode(asked)}", fetching))

    def frames(self, patience: float) -> Iterator[Frame | None]:
        """Yield what was written into the repository, and what cannot be read.

        Raises:
            PlatformUnreachable: the stream broke off.
        """
        for body in self._line.frames(patience):
            yield None if body is None else self._framed(body)

    def _framed(self, body: bytes) -> Frame:
        try:
            at = _read(body).get("time_us")
        except AnswerUnreadable:
            at = None  # a gap is made of it
        return Frame(account=self._did, body=body, cursor=str(at) if isinstance(at, int) else "")

    def close(self) -> None:
        """Let go of the connection."""
        self._line.close()


def announced(delivery: Delivery) -> Iterator[Announcement | Gap]:
    """Give what a frame says of the account whose stream it came over; of others nothing.

    Raises:
        AnswerUnreadable: it is not as documented.
    """
    did = delivery.headers.get(STREAMED, "")
    frame = _read(delivery.body)
    if text_of(frame, "did") != did:
        return
    kind = text_of(frame, "kind")
    if kind in {"identity", "account"}:
        yield Announcement(known=_known(f"at://{did}/{PROFILE}/self", ItemKind.PROFILE))
    elif kind == "commit":
        raw = json_parts(json_parts(delivery.body).get("commit", b"{}")).get("record", b"")
        yield from _committed(object_of(frame.get("commit"), "a commit"), raw, did)
    else:
        yield Gap(what=f"streamed: {kind}", why=GapReason.OUT_OF_REACH)


def _committed(commit: Mapping[str, object], raw: bytes, did: str) -> Iterator[Announcement | Gap]:
    collection, key = text_of(commit, "collection"), text_of(commit, "rkey")
    uri, operation = f"at://{did}/{collection}/{key}", text_of(commit, "operation")
    if collection == POSTS and operation != _GONE:
        try:
            record = object_of(commit.get("record"), "a record")
            raw_record = RawFragment(JSON, raw)
            content = record_to_content(record, uri=uri, owner=did, raw=raw_record)
        except AnswerUnreadable as error:
            why = GapReason.UNREADABLE
            yield Gap(what="streamed post", why=why, detail=str(error), native_id=uri)
            return
        known = _known(uri, content.kind, parent=content.parent, thread=content.thread)
        wording = Observation(content=content)
        yield Announcement(known=known, wording=wording, fresh=operation == _CREATED)
    elif collection == POSTS:
        yield Announcement(known=_known(uri, ItemKind.POST))
    elif collection == PROFILE:
        yield Announcement(known=_known(uri, ItemKind.PROFILE))
    elif collection == GATES and operation != _GONE:
        hidden = hidden_by(object_of(commit.get("record"), "a record"))
        for answer in sorted(hidden):
            yield Announcement(known=_known(answer, ItemKind.COMMENT), ours=False)


def _known(
    uri: str, kind: ItemKind, *, parent: str | None = None, thread: str | None = None
) -> Known:
    return Known(native_id=uri, kind=kind, parent=parent, thread=thread, permalink="")


def _read(body: bytes) -> Mapping[str, object]:
    try:
        frame: object = json.loads(body)
    except (ValueError, RecursionError):
        raise AnswerUnreadable("a frame of the stream is not JSON") from None
    return object_of(frame, "a frame of the stream")
