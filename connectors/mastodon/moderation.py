"""How the account is moderated: whom it blocks and mutes, which servers, and what it filters.

The server shows these lists to the account itself, so that a token of another account would show
another's: whose it is, is asked first. A server that does not offer a list answers that there is
no such place.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from archiver.records.captures import Seen
from archiver.records.errors import AnswerUnreadable
from archiver.records.standing_lists import Entry
from connectors.cutting import id_of, json_list, object_of, text_of
from connectors.mastodon.asking import Server, onward
from connectors.moderating import Look, answered_at, standing_list

_SLICE = "80"
_ACCOUNTS = {
    "blocks": ("Blocked accounts", "read:blocks"),
    "mutes": ("Muted accounts", "read:mutes"),
}


class Moderation:
    """The lists of one account, on its own server and with its own token."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._ours = False

    def looks(self, owner: str) -> Iterator[Look]:
        """Yield a look at every list that the server offers to the account *owner*."""
        mine = partial(self._is_of, owner)
        yield Look("whose the token is", mine, needs="a token of this account", name="blocks")
        if not self._ours:
            return
        for path, (title, scope) in _ACCOUNTS.items():
            brings = partial(self._accounts, path, title)
            yield Look(title.lower(), brings, needs=scope, name=path)
        yield Look("blocked servers", self._servers, needs="read:blocks", name="domain_blocks")
        yield Look("filters", self._filters, needs="read:filters", name="filters")

    def _is_of(self, owner: str) -> Iterator[Seen]:
        self._server.belongs_to(owner, "lists")
        self._ours = True
        yield from ()

    def _accounts(self, path: str, title: str) -> Iterator[Seen]:
        found = self._whole(f"v1/{path}")
        if found is not None:
            at, elements = found
            rows = [(_account(value), raw) for value, raw in elements]
            yield standing_list(path, title, rows, at=at)

    def _servers(self) -> Iterator[Seen]:
        found = self._whole("v1/domain_blocks")
        if found is not None:
            at, elements = found
            rows = [(Entry(id_of(value, "a server")), raw) for value, raw in elements]
            yield standing_list("domain_blocks", "Blocked servers", rows, at=at)

    def _filters(self) -> Iterator[Seen]:
        answer = self._server.shows("v2/filters", {})
        if answer is not None:
            answer.json()
            rows = [(_filter(value), raw) for value, raw in json_list(answer.body)]
            yield standing_list("filters", "Filters", rows, at=answered_at(answer.headers))

    def _whole(self, path: str) -> tuple[datetime, list[tuple[object, bytes]]] | None:
        """Give a list, walked to its end by the server's own links; None where it has none."""
        params, elements, been = {"limit": _SLICE}, list[tuple[object, bytes]](), set[str]()
        while True:
            answer = self._server.shows(path, params)
            if answer is None:
                return None
            answer.json()
            elements += json_list(answer.body)
            older = onward(answer)
            if not older:
                return answered_at(answer.headers), elements
            if older in been:
                raise AnswerUnreadable(f"{answer.url}: the slices go in a circle")
            been.add(older)
            params = {"limit": _SLICE, "max_id": older}


def _account(value: object) -> Entry:
    account = object_of(value, "an account")
    until = account.get("mute_expires_at")
    words = f"@{text_of(account, 'acct', absent='')}" + (f" until {until}" if until else "")
    return Entry(f"account {id_of(account.get('id'), 'an account')}", words)


def _filter(value: object) -> Entry:
    told = object_of(value, "a filter")
    keywords = told.get("keywords")
    words = [
        text_of(each, "keyword") + ("" if each.get("whole_word") is True else "*")
        for each in (keywords if isinstance(keywords, list) else [])
        if isinstance(each, dict)
    ]
    statuses = told.get("statuses")
    count = len(statuses) if isinstance(statuses, list) else 0
    contexts = told.get("context")
    where = ", ".join(sorted(map(str, contexts))) if isinstance(contexts, list) else ""
    until = told.get("expires_at")
    parts = [
        text_of(told, "title", absent=""),
        f"words: {', '.join(sorted(words))}" if words else "",
        f"single posts: {count}" if count else "",
        f"in: {where}" if where else "",
        f"does: {text_of(told, 'filter_action', absent='')}",
        f"until {until}" if until else "",
    ]
    said = "; ".join(part for part in parts if part)
    return Entry(f"filter {id_of(told.get('id'), 'a filter')}", said)
