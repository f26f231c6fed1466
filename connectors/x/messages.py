"""Direct messages to and from an account on X: of the last 30 days, and restricted, all of them.

X shows them to a token of the account itself alone; encrypted chats it shows nobody.
https://docs.x.com/x-api/direct-messages/lookup/integrate
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import datetime

from archiver.records.captures import Observation, Seen
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Content, ItemKind, RawFragment
from connectors.cutting import id_of, moment_of, object_of, optional_id, text_of
from connectors.fetching import as_far_as_told, unread
from connectors.x.api import BESIDE, Api, Slice, Wanted
from connectors.x.parsing import JSON, SITE, Beside, author_of, files_of, links_of, status

MESSAGE_READ = 10
"""What reading one costs, in thousandths of a dollar, by X's price list of August 2026."""

_PATH = "dm_events"
_NEEDS = (
    "the account's own consent with the scope dm.read (archiver connect PAGE), or set messages = "
    "false"
)
_SLICE = {"event_types": "MessageCreate", "max_results": "100"}
_OF_A_MESSAGE = "attachments,created_at,dm_conversation_id,entities,event_type,id,text"
_WANTED: Wanted = {
    "tweet": {
        "dm_event.fields": f"{_OF_A_MESSAGE},referenced_tweets,sender_id",
        "expansions": "attachments.media_keys,sender_id",
    }
    | BESIDE,
    "post": {
        "dm_event.fields": _OF_A_MESSAGE,
        "expansions": "attachments.media_keys,referenced_posts,sender_id",
    }
    | BESIDE,
}


def messages(api: Api, since: datetime | None) -> Iterator[Seen]:
    """Yield each message that was sent since then, or all X shows, the newest first.

    Raises:
        BudgetSpent: nothing more may be asked.
    """
    yield from as_far_as_told(_told(api, since), "the direct messages", needs=_NEEDS)


def _told(api: Api, since: datetime | None) -> Iterator[Seen]:
    for piece in api.slices(
        _PATH, _SLICE, cost=MESSAGE_READ, onward="pagination_token", wanted=_WANTED
    ):
        yield from _read(piece)
        if since is not None and _reaches(piece, since):
            return


def _read(piece: Slice) -> Iterator[Seen]:
    beside = Beside.read(piece.includes)
    for value, raw in piece.posts:
        try:
            yield Observation(content=_message(value, raw, beside), restricted=True)
        except AnswerUnreadable as error:
            yield unread("a direct message", error)


def _reaches(piece: Slice, since: datetime) -> bool:
    """Say whether *piece* ends before *since*: what follows it is older still."""
    last = piece.posts[-1][0] if piece.posts else None
    try:
        return isinstance(last, dict) and moment_of(last.get("created_at")) < since
    except AnswerUnreadable:
        return False


def _message(value: object, raw: bytes, beside: Beside) -> Content:
    """Read a `MessageCreate` event.

    Raises:
        AnswerUnreadable: it is no message as documented.
    """
    event = object_of(value, "a message")
    sender = optional_id(event.get("sender_id")) or ""
    thread = id_of(event.get("dm_conversation_id"), "a conversation")
    related = event.get("referenced_tweets", event.get("referenced_posts"))
    shared = related if isinstance(related, list) else []
    posts = [id_of(object_of(each, "a reference").get("id"), "a post") for each in shared]
    return Content(
        native_id=f"dm-{id_of(event.get('id'), 'a message')}",
        kind=ItemKind.MESSAGE,
        text=html.unescape(text_of(event, "text", absent="")),
        published_at=moment_of(event.get("created_at")),
        author=author_of(sender, beside.users.get(sender, {})),
        thread=f"dm-{thread}",
        permalink=f"{SITE}/messages/{thread}",
        attachments=files_of(event, beside),
        links=(*links_of(event), *map(status, posts)),
        raw=RawFragment(JSON, raw),
    )
