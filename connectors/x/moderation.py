"""How the account is moderated: whom it blocks and mutes.

X shows both to the account itself: it refuses the Bearer token of an app, and that of another
account. It charges for each user that it shows, each time: a page asks for this by its setting.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from archiver.records.captures import Seen
from archiver.records.errors import AnswerUnreadable
from archiver.records.standing_lists import Entry
from connectors.cutting import id_of, object_of, text_of
from connectors.moderating import Look, answered_at, standing_list
from connectors.x.api import Api

_LISTS = {
    "blocking": ("Blocked accounts", "block.read"),
    "muting": ("Muted accounts", "mute.read"),
}


def moderation(api: Api, owner: str) -> Iterator[Look]:
    """Yield a look at whom the account *owner* blocks, and at whom it mutes."""
    for where, (title, scope) in _LISTS.items():
        needs = f"the account's own consent with the scope {scope}"
        brings = partial(_listed, api, f"users/{owner}/{where}", where, title)
        yield Look(title.lower(), brings, needs=needs, name=where)


def _listed(api: Api, path: str, name: str, title: str) -> Iterator[Seen]:
    rows: list[tuple[Entry, bytes]] = []
    at: datetime | None = None
    for headers, users in api.users(path):
        at = at or answered_at(headers)
        rows += [(_user(value), raw) for value, raw in users]
    if at is None:
        raise AnswerUnreadable(f"{path}: X answered with no list")
    yield standing_list(name, title, rows, at=at)


def _user(value: object) -> Entry:
    user = object_of(value, "a user")
    return Entry(f"user {id_of(user.get('id'), 'a user')}", f"@{text_of(user, 'username')}")
