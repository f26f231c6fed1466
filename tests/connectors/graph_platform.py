"""What is common to servers that speak Meta's Graph API, as its documents describe it.

Answers hold the fields that were asked for and no others; an unknown one is refused. Slices are
walked by cursors that point at an item and end with it; `paging.next` is a whole address, token
included. Errors stand in an `error` object, under whatever status. From the documents: "Using the
Graph API", "Paging", "Handling errors", "Rate limits", and the reference of each node.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

from tests.connectors.platforms import Reply

Entity = dict[str, object]
Query = Mapping[str, str]


def stamped(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


@dataclass(frozen=True)
class Wanted:
    """One field of `fields=`: its name, its modifiers, and what is asked of what is below it."""

    name: str
    modifiers: Mapping[str, str]
    below: tuple[Wanted, ...]


def wanted(text: str) -> tuple[Wanted, ...]:
    """Read `a,b.limit(0).summary(true){c,d{e}}` as the Graph API does."""
    pieces, depth, start = [], 0, 0
    for at, mark in enumerate(text):
        depth += (mark in "{(") - (mark in "})")
        if mark == "," and depth == 0:
            pieces.append(text[start:at])
            start = at + 1
    pieces.append(text[start:])
    return tuple(_one(piece) for piece in pieces if piece)


def _one(piece: str) -> Wanted:
    head, brace, rest = piece.partition("{")
    name, *modifiers = re.split(r"\.(?=\w+\()", head)
    told = dict(re.fullmatch(r"(\w+)\((.*)\)", each).groups() for each in modifiers)  # type: ignore[union-attr] # a test's own text
    return Wanted(name, told, wanted(rest.removesuffix("}")) if brace else ())


def picked(value: object, below: tuple[Wanted, ...]) -> object:
    """Give of *value* what was asked for; a list stands under `data`, and so does a picture."""
    if not below or not isinstance(value, dict):
        return value
    if "data" in value:
        data = value["data"]
        told = [picked(one, below) for one in data] if isinstance(data, list) else data
        return value | {"data": told}
    return {one.name: picked(value[one.name], one.below) for one in below if one.name in value}


class Refused(Exception):
    """An answer that is an `error` object."""

    def __init__(
        self, code: int, message: str, *, subcode: int | None = None, status: int = 400
    ) -> None:
        super().__init__(message)
        error: Entity = {"message": message, "type": "OAuthException", "code": code}
        if subcode is not None:
            error["error_subcode"] = subcode
        self.reply = Reply.json({"error": error | {"fbtrace_id": "AbC"}}, status=status)


MISSING = (
    "Unsupported get request. Object with ID '{}' does not exist, cannot be loaded due to missing "
    "permissions, or does not support this operation."
)


def missing(native_id: str) -> Refused:
    return Refused(100, MISSING.format(native_id), subcode=33)


@dataclass(kw_only=True)
class GraphServer:
    """A Graph API with one token; a subclass knows its nodes and edges.

    *token_told* is what `debug_token` says of it, *exchanged* the next one, where there is one;
    *refuse* plays an error where a test wants it to; *slice* is the most it gives at once;
    *withdrawn* names fields that this version no longer has.
    """

    token: str
    host: str = "http://graph.example"
    version: str = "v26.0"
    slice: int = 100
    largest: int = 100
    withdrawn: frozenset[str] = frozenset()
    headers: dict[str, str] = field(default_factory=dict)
    refuse: Callable[[str, Query], Refused | None] = lambda _path, _query: None
    token_told: Entity = field(default_factory=dict)
    exchanged: str = ""
    asked: list[str] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)

    def respond(self, path: str, query: Query, headers: Mapping[str, str]) -> Reply:
        """Answer one request."""
        self.asked.append(path)
        try:
            self._admit(query, headers)
            rest = path.lstrip("/").partition("/")[2]
            fault = self.refuse(rest, query)
            reply = fault.reply if fault else Reply.json(self._told(path, rest, query))
        except Refused as refused:
            reply = refused.reply
        told = {"facebook-api-version": self.version} | self.headers
        return Reply(reply.status, reply.body, {**reply.headers, **told})

    def answer(self, path: str, query: Query) -> Entity:
        raise NotImplementedError

    def _told(self, path: str, rest: str, query: Query) -> Entity:
        """Answer for the token itself, or let the subclass answer for what it shows.

        From the documents: "Debugging access tokens", and "Refresh access token" of Instagram,
        which has no version in its path, and exchanges tokens that are a day old.
        """
        if rest == "debug_token":
            return {"data": {"is_valid": query.get("input_token") == self.token, **self.token_told}}
        if path == "/refresh_access_token":
            if query.get("grant_type") != "ig_refresh_token" or not self.exchanged:
                raise Refused(10, "The access token is too new to be refreshed")
            self.token = self.exchanged
            return {"access_token": self.token, "token_type": "bearer", "expires_in": 5183944}
        return self.answer(rest, query)

    def _admit(self, query: Query, headers: Mapping[str, str]) -> None:
        given = query.get("access_token") or headers.get("authorization", "").partition(" ")[2]
        if given != self.token:
            raise Refused(190, "Invalid OAuth access token - Cannot parse access token")

    def project(self, entity: Entity, fields: tuple[Wanted, ...], *, node: str) -> Entity:
        """Give of *entity* what was asked for; a value may be a function of the modifiers."""
        told: Entity = {}
        for one in fields or (Wanted("id", {}, ()),):
            if one.name not in entity or one.name in self.withdrawn:
                known = (
                    f"(#100) Tried accessing nonexisting field ({one.name}) on node type ({node})"
                )
                raise Refused(100, known)
            value = entity[one.name]
            if callable(value):
                value = value(one)
            if value is not None:
                told[one.name] = picked(value, one.below)
        return {"id": entity["id"]} | told if "id" in entity else told

    def paged(
        self, path: str, query: Query, rows: list[Entity], key: Callable[[Entity], str]
    ) -> tuple[list[Entity], Entity]:
        """Give the slice of *rows* that *query* asks for, and its `paging`."""
        limit = int(query.get("limit", "25"))
        if limit > self.largest:
            raise Refused(100, f"(#100) The limit may not be more than {self.largest}")
        ids = [key(row) for row in rows]
        start = 0
        if after := query.get("after"):
            named = base64.urlsafe_b64decode(after).decode()
            if named not in ids:
                raise Refused(100, "(#100) Invalid cursors values")
            start = ids.index(named) + 1
        end = start + min(limit, self.slice)
        piece = rows[start:end]
        if not piece:
            return [], {}
        ends = {
            name: base64.urlsafe_b64encode(key(row).encode()).decode()
            for name, row in (("before", piece[0]), ("after", piece[-1]))
        }
        paging: Entity = {"cursors": ends}
        if end < len(rows):
            asked = {"access_token": self.token, "pretty": "0"} | dict(query)
            following = urlencode(asked | {"after": ends["after"]})
            paging["next"] = f"{self.host}/{self.version}/{path}?{following}"
        return piece, paging


def since(query: Query, rows: list[Entity], when: Callable[[Entity], datetime]) -> list[Entity]:
    """Give the rows that lie at or after `since`, a Unix time."""
    told = query.get("since")
    if not told:
        return rows
    return [row for row in rows if when(row) >= datetime.fromtimestamp(int(told), UTC)]
